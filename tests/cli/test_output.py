"""What a command prints: tables that fit, JSON that parses, nothing that a terminal would obey."""

import json

import pytest

from cli.errors import RefusedError
from cli.output import Output, counted, plain, table_lines, width_of

COLUMNS = [("title", "title"), ("price", "price>"), ("id", "id")]


def test_columns_stand_under_their_headings() -> None:
    """Texts are flush left, columns marked so flush right, and every line has its cells at the same place."""
    rows = [{"title": "Pão", "price": "9,00", "id": "offer:a"}, {"title": "Farinha", "price": "12,50", "id": "offer:b"}]

    assert table_lines(rows, COLUMNS, width=None) == [
        "title    price  id",
        "───────  ─────  ───────",
        "Pão       9,00  offer:a",
        "Farinha  12,50  offer:b",
    ]


def test_a_narrow_terminal_shortens_texts_and_never_ids() -> None:
    """What a person copies stays whole."""
    rows = [{"title": "a very long title of an offer", "price": "1", "id": "offer:" + "a" * 52}]

    heading, _, line = table_lines(rows, COLUMNS, width=80)

    assert "offer:" + "a" * 52 in line
    assert "…" in line
    assert heading.startswith("title")


def test_wide_letters_and_accents_keep_the_columns() -> None:
    """A letter of two columns counts twice, a combining accent not at all."""
    assert width_of("パン") == 4
    assert width_of("pa\u0303o") == 3


def test_control_characters_never_reach_the_terminal() -> None:
    """A title from a peer can't move the cursor, colour the screen or turn the writing round."""
    assert plain("a\x1b[31mred\u202eback\r\nnext") == "a [31mred back  next"


def test_json_is_one_document(capsys: pytest.CaptureFixture[str]) -> None:
    """With --json a table, a result and an error each are one JSON document on standard output."""
    output = Output(json_wanted=True)

    output.table([{"title": "Pão"}], COLUMNS, empty="none")
    assert json.loads(capsys.readouterr().out) == [{"title": "Pão"}]
    output.error(RefusedError("No.", code="no", next_step="Ask.", details={"row": 1}))
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "error": {"code": "no", "message": "No.", "next_step": "Ask.", "details": {"row": 1}}
    }
    assert said.err == ""


def test_errors_for_people_go_to_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    """A pipe only carries results, and the next step stands below the error."""
    Output().error(RefusedError("The limit is 300.", next_step="Pay less."))

    said = capsys.readouterr()
    assert said.out == ""
    assert "The limit is 300." in said.err
    assert "Pay less." in said.err


def test_an_empty_table_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    """No rows make a sentence, not a bare heading."""
    Output().table([], COLUMNS, empty="Nothing yet.")

    assert capsys.readouterr().out == "Nothing yet.\n"


def test_progress_is_silent_where_nobody_watches(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe or with --json no bar is drawn."""
    with Output().progress("Work", 3) as advance:
        advance(3)

    assert capsys.readouterr() == ("", "")


def test_one_is_not_many() -> None:
    """A number stands with the noun that fits it."""
    assert ["1 row", "0 rows", "2 entries"] == [
        counted(1, "row"),
        counted(0, "row"),
        counted(2, "entry", "entries"),
    ]
