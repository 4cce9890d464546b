"""`mutirao export journal`, `hledger` and `beancount`."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.live import Live


@pytest.fixture(scope="module")
def paid(live: Live) -> tuple[str, str]:
    """Two members, of whom one paid the other, with words that mean something to other programs."""
    for short in ("paula", "queila"):
        live.enrol(short, "Sócia; de  nome: igual")
    live.json("pay", live.agents["queila"], "7,25", "--for", "pão; com | tudo", by="paula")
    return live.agents["paula"], live.agents["queila"]


@pytest.mark.parametrize(
    ("program", "file"), [("journal", "journal.csv"), ("hledger", "ledger.journal"), ("beancount", "ledger.beancount")]
)
def test_an_export_holds_the_books_and_its_maps(
    live: Live, paid: tuple[str, str], elsewhere: Path, program: str, file: str
) -> None:
    """The files stand in the folder, and the map names each account of the ledger once, equal names apart."""
    answer = live.json("export", program, "--out", "out", by="network")
    with (elsewhere / "out" / "accounts.csv").open(encoding="utf-8-sig", newline="") as handle:
        accounts = list(csv.DictReader(handle, delimiter=";"))

    assert sorted(["accounts.csv", "trial.csv", "units.csv", file]) == answer["files"]
    assert set(answer["files"]) == {each.name for each in (elsewhere / "out").iterdir()}
    assert set(paid) <= {row["agent"] for row in accounts}
    assert len(accounts) == len({row["name_in_export"] for row in accounts})
    assert "7" in (elsewhere / "out" / file).read_text("utf-8")


def test_a_member_gets_no_export(live: Live, paid: tuple[str, str], elsewhere: Path) -> None:
    """The whole book is for those who keep it, and nothing is written."""
    refused = live.refused("export", "hledger", by="paula")

    assert "not_yours" == refused["code"]
    assert not list(elsewhere.iterdir())


def test_a_folder_that_cannot_be_written_is_said(live: Live, paid: tuple[str, str], elsewhere: Path) -> None:
    """A file in the place of the folder ends with a sentence and the next step."""
    (elsewhere / "taken").write_text("")
    words = ["export", "journal", "--out", "taken/inside"]

    assert live.refused(*words, by="network", exit_code=2)["next_step"]
