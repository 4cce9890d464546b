"""`mutirao ledger transactions`, `statement`, `trial` and `statistics`."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.cli.live import Live


@pytest.fixture(scope="module")
def traded(live: Live) -> tuple[str, str]:
    """Two members, of whom the first paid twice and was paid once."""
    for short in ("dora", "elisa"):
        live.enrol(short, short.capitalize())
    live.json("pay", live.agents["elisa"], "10", "--for", "Açaí; 2 kg", by="dora")
    live.json("pay", live.agents["elisa"], "20", "--for", "feijão", by="dora")
    live.json("pay", live.agents["dora"], "5,50", by="elisa")
    return live.agents["dora"], live.agents["elisa"]


def test_the_treasurer_finds_movements_by_filter(live: Live, traded: tuple[str, str]) -> None:
    """By agent, words without accents, amount and day; newest first."""
    dora, _ = traded
    words = ["ledger", "transactions", "--agent", dora]
    cases = [
        ([], [550, 2000, 1000]),
        (["--text", "acai"], [1000]),
        (["--at-least", "5,51", "--at-most", "10"], [1000]),
        (["--kind", "transfer", "--limit", "1"], [550]),
        (["--to", "2020-01-31"], []),
        (["--from", "01/01/2020"], [550, 2000, 1000]),
    ]

    for options, expected in cases:
        found = live.json(*words, *options, by="network")
        assert expected == [each["amount"]["amount"] for each in found], options
    shown = live.run(*words, by="network").stdout
    assert "Açaí" in shown
    assert "20,00 SB" in shown


def test_a_member_sees_only_their_own(live: Live, traded: tuple[str, str]) -> None:
    """Without a filter: what they took part in; somebody else's: refused."""
    own = live.json("ledger", "transactions", by="elisa")
    refused = live.refused("ledger", "transactions", "--agent", traded[0], by="elisa")

    assert [550, 2000, 1000] == [each["amount"]["amount"] for each in own]
    assert "not_yours" == refused["code"]
    assert live.refused("ledger", "statistics", by="elisa")["code"] == "not_yours"


def test_movements_are_written_as_csv(live: Live, traded: tuple[str, str], elsewhere: Path) -> None:
    """A file for a spreadsheet, with semicolons and decimal comma."""
    live.run("ledger", "transactions", "--agent", traded[0], "--format", "csv", "--out", "m.csv", by="network")
    rows = list(csv.DictReader(io.StringIO((elsewhere / "m.csv").read_text("utf-8-sig")), delimiter=";"))

    assert ["5,50", "20,00", "10,00"] == [row["amount"] for row in rows]
    assert "Açaí; 2 kg" == rows[-1]["text"]


def test_a_statement_leads_from_opening_to_closing(live: Live, traded: tuple[str, str]) -> None:
    """The oldest first, each with the balance behind it; the sums fit; before all of it there is nothing."""
    made = live.json("ledger", "statement", by="dora")
    nothing = live.json("ledger", "statement", "--to", "2020-01-31", by="dora")
    shown = live.run("ledger", "statement", by="dora")

    assert [-1000, -3000, -2450] == [each["balance_after"]["amount"] for each in made["entries"]]
    assert (0, 550, 3000, -2450) == tuple(made[name]["amount"] for name in ("opening", "received", "given", "closing"))
    assert [] == nothing["entries"]
    assert 0 == nothing["closing"]["amount"]
    assert "closing -24,50 SB" in shown.stderr


def test_a_statement_is_written_as_a_page_and_as_csv(live: Live, traded: tuple[str, str], elsewhere: Path) -> None:
    """The page is in the words of its language, the table in those of a spreadsheet."""
    live.run("ledger", "statement", "--format", "html", "--out", "d.html", "--language", "pt-BR", by="dora")
    page = (elsewhere / "d.html").read_text("utf-8")
    table = live.run("ledger", "statement", "--format", "csv", by="dora").stdout

    assert "Você recebeu 24,50 SB a mais do que entregou." in page
    assert "Açaí; 2 kg" in page
    assert ";10,00;;-10,00;" in table


def test_the_trial_balance_of_any_past(live: Live, traded: tuple[str, str]) -> None:
    """At a size, at a day and now; the sum is zero; a size that isn't there is refused."""
    now = live.json("ledger", "trial", "--at", "2999-12-31", by="network")
    empty = live.json("ledger", "trial", "--at", "2020-01-31", by="network")
    before = live.json("ledger", "trial", "--size", str(now["size"] - 1), by="network")
    shown = live.run("ledger", "trial", "--size", str(now["size"]), by="network")

    assert [0] == [each["amount"] for each in now["sums"]] == [each["amount"] for each in before["sums"]]
    assert (0, []) == (empty["size"], empty["accounts"])
    assert traded[0] in {each["account"]["id"] for each in now["accounts"]}
    assert "-24,50 SB" in shown.stdout
    assert f"root {now['root']}" in shown.stderr
    assert live.refused("ledger", "trial", "--size", "1000000", by="network")["code"] == "out_of_range"


def test_the_trial_balance_tells_who_is_beyond_a_soft_limit(live: Live) -> None:
    """Beside the account stands on which side."""
    fabio = live.enrol("fabio", "Fábio")
    live.enrol("gilda", "Gilda")
    words = ["ledger", "account", fabio, "limit", "--low=-300", "--high=900", "--soft-low=-10", "--soft-high=800"]
    live.json(*words, "--reason", "Ata 3", by="network")
    live.json("pay", live.agents["gilda"], "11", by="fabio")
    shown = live.run("ledger", "trial", by="network").stdout

    assert [True] == ["below" in line for line in shown.splitlines() if "Fábio" in line]
    assert [False] == ["below" in line for line in shown.splitlines() if "Gilda" in line]


@pytest.mark.parametrize("name", ["credit.svg", "credit.html"])
def test_statistics_are_shown_and_drawn(live: Live, traded: tuple[str, str], elsewhere: Path, name: str) -> None:
    """Numbers on the terminal, plots in a file that needs nothing beside it."""
    view = live.json("ledger", "statistics", "--plot", name, by="network")
    shown = live.run("ledger", "statistics", by="network")

    assert view["months"][-1]["movements"] >= 3
    assert "changes hands a year" in shown.stdout
    assert "<svg" in (elsewhere / name).read_text("utf-8")


@pytest.mark.parametrize(
    "words",
    [
        ("statistics", "--plot", "credit.png"),
        ("transactions", "--at-least", "much"),
        ("transactions", "--from", "31/02/2026"),
        ("statement", "--format", "html", "--out", "nowhere/x.html"),
    ],
)
def test_what_cannot_be_meant_is_refused(live: Live, elsewhere: Path, words: tuple[str, ...]) -> None:
    """An ending, an amount, a day and a folder that aren't there end with the next step."""
    assert live.refused("ledger", *words, by="ana", exit_code=2)["message"]
