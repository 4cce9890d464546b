"""Files of another system's movements: read row by row, cut into parts that fit in a record."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.amounts import CreditUnit
from cli.importing.history import Movement, balances, parts, period_of, read_history
from cli.importing.problems import Problems
from protocol import codec
from protocol.limits import POSTING_LINES_MAX, RECORD_BYTES_MAX

CREDIT = CreditUnit(unit="agent:x", name="sabiá", symbol="SB", exponent=2)
NAMES = {"ana": b"a" * 32, "bia": b"b" * 32, "banco": b"c" * 32}
HEADING = "date;from;to;amount;note\n"


def read(tmp_path: Path, text: str) -> tuple[list[Movement], Problems]:
    """Read a file of this text."""
    path = tmp_path / "old.csv"
    path.write_text(text, encoding="utf-8")
    problems = Problems()
    return read_history(path, NAMES, CREDIT, problems), problems


def test_rows_become_movements(tmp_path: Path) -> None:
    """Days and moments, decimal commas, notes on one line; an empty note is none."""
    text = HEADING + '2019-05-04;banco;ana;1.234,50;"abertura\nde conta"\n05/05/2019;ana;bia;0,01;\n'
    found, problems = read(tmp_path, text + "2019-05-06T12:30:00;ana;bia;3;x\n")

    assert not problems.found
    assert [(each.amount, each.at_ms, each.text) for each in found] == [
        (123450, 1556928000000, "abertura de conta"),
        (1, 1557014400000, None),
        (300, 1557145800000, "x"),
    ]
    assert (found[0].payer, found[0].payee) == (NAMES["banco"], NAMES["ana"])


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2019-02-30;ana;bia;1;", "date"),
        ("ontem;ana;bia;1;", "date"),
        ("2019-05-04;ana;ana;1;", "to"),
        ("2019-05-04;zeca;bia;1;", "from"),
        ("2019-05-04;ana;agent:xyz;1;", "to"),
        ("2019-05-04;ana;bia;0;", "amount"),
        ("2019-05-04;ana;bia;-1;", "amount"),
        ("2019-05-04;ana;bia;1,234;", "amount"),
        ("2019-05-04;ana;bia;muito;", "amount"),
        ("2019-05-04;ana;bia;900000000000;", "amount"),
        ("2019-05-04;;bia;1;", "from"),
    ],
)
def test_a_row_that_is_wrong_is_named(tmp_path: Path, row: str, column: str) -> None:
    """With its line and column; the rows around it are read all the same."""
    good = "2019-05-04;ana;bia;1;\n"
    found, problems = read(tmp_path, HEADING + good + row + "\n" + good)

    assert [(each.line, each.column) for each in problems.found] == [(3, column)]
    assert len(found) == 2


@given(st.lists(st.tuples(st.integers(1, 10**9), st.text("abç", max_size=120)), max_size=700))
def test_parts_keep_every_row_in_order_and_fit(rows: list[tuple[int, str]]) -> None:
    """Nothing is lost or moved, no part is empty, each fits in a posting, and the same rows are cut the same."""
    movements = [
        Movement(payer=NAMES["ana"], payee=NAMES["bia"], amount=amount, at_ms=1, text=text or None)
        for amount, text in rows
    ]
    cut = list(parts(movements))

    assert [each for part in cut for each in part] == movements
    assert all(1 <= len(part) <= POSTING_LINES_MAX for part in cut)
    assert all(len(codec.encode([each.line() for each in part])) < RECORD_BYTES_MAX - 900 for part in cut)
    assert cut == list(parts(movements))


def test_balances_are_what_was_received_less_what_was_given() -> None:
    """They come to zero."""
    rows = [("ana", "bia", 5), ("bia", "banco", 7), ("ana", "banco", 1)]
    movements = [
        Movement(payer=NAMES[payer], payee=NAMES[payee], amount=amount, at_ms=1, text=None)
        for payer, payee, amount in rows
    ]

    assert balances(movements) == {NAMES["ana"]: -6, NAMES["bia"]: -2, NAMES["banco"]: 8}
    assert period_of(1) == "part-0001"
