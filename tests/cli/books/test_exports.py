"""hledger and Beancount read the export of a ledger of 10,000 transfers and come to our trial balance."""

from __future__ import annotations

import asyncio
import csv
import importlib
import io
import json
import subprocess
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cli.books import plaintext, tables
from cli.books.journal import Journal
from protocol.identifiers import to_text
from tests.books_ledger import HOSTILE, MEMBERS, MOVEMENTS, make
from tests.ledger_builders import named

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def journal(tmp_path_factory: pytest.TempPathFactory) -> Journal:
    """A ledger of 10,000 transfers and every other kind of movement between members with hostile names."""
    return asyncio.run(make(tmp_path_factory.mktemp("books")))


def balances(journal: Journal) -> dict[int, Decimal]:
    """Give the trial balance as decimals."""
    return {
        each["number"]: Decimal(each["balance"]["amount"]).scaleb(-each["balance"]["exponent"])
        for each in journal.accounts
    }


def test_the_ledger_is_what_the_export_promises(journal: Journal) -> None:
    """Ten thousand transfers and more in two units, every kind of movement, names unique in either program."""
    assert MOVEMENTS == Counter(each["type"] or each["kind"] for each in journal.movements)
    assert 2 == len(journal.units)
    assert len(HOSTILE) + 5 == len(journal.accounts)
    for names in (plaintext.hledger_names(journal), plaintext.beancount_names(journal)):
        assert len(names) == len(set(names.values()))


def test_hledger_comes_to_our_trial_balance(journal: Journal, tmp_path: Path, hledger: str) -> None:
    """Account by account, in strict mode, with every assertion in the file holding."""
    path = tmp_path / "ledger.journal"
    path.write_text(plaintext.to_hledger(journal), "utf-8")
    words = [
        hledger,
        "-f",
        str(path),
        "--strict",
        "balance",
        "--flat",
        "--empty",
        "--no-total",
        "--output-format",
        "csv",
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"})
    assert done.returncode == 0, done.stderr
    rows = list(csv.reader(io.StringIO(done.stdout)))[1:]
    found = {name: Decimal(amount.split(" ")[0]) for name, amount in rows}

    assert {name: balances(journal)[number] for number, name in plaintext.hledger_names(journal).items()} == found


def test_beancount_comes_to_our_trial_balance(journal: Journal, tmp_path: Path) -> None:
    """Account by account, without an error, with every assertion in the file holding."""
    from beancount import loader

    realization: Any = importlib.import_module("beancount.core.realization")
    path = tmp_path / "ledger.beancount"
    path.write_text(plaintext.to_beancount(journal), "utf-8")
    entries, errors, _ = loader.load_file(str(path))
    assert not errors, errors[:3]
    root = realization.realize(entries)
    found = {}
    for name in plaintext.beancount_names(journal).values():
        positions = list(realization.get(root, name).balance)
        assert len(positions) <= 1
        found[name] = positions[0].units.number if positions else Decimal(0)

    assert {name: balances(journal)[number] for number, name in plaintext.beancount_names(journal).items()} == found


def test_a_wrong_balance_is_found_by_both(journal: Journal, tmp_path: Path, hledger: str) -> None:
    """The assertions bite: one changed amount makes each program fail."""
    from beancount import loader

    changed = json.loads(json.dumps(journal.movements))
    changed[77]["amount"]["amount"] += 1
    wrong = Journal(network=journal.network, trial=journal.trial, movements=changed)
    path = tmp_path / "ledger.journal"
    path.write_text(plaintext.to_hledger(wrong), "utf-8")
    done = subprocess.run(
        [hledger, "-f", str(path), "balance"], capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"}
    )
    beans = tmp_path / "ledger.beancount"
    beans.write_text(plaintext.to_beancount(wrong), "utf-8")

    assert done.returncode != 0
    assert 2 == len(loader.load_file(str(beans))[1])


def test_the_csv_folds_to_our_trial_balance(journal: Journal) -> None:
    """Adding up journal.csv account by account gives trial.csv; the map of accounts names each once."""
    codes = journal.codes()
    rows = list(csv.DictReader(io.StringIO(tables.movements_csv(journal.movements, codes)), delimiter=";"))
    folded = dict.fromkeys((each["number"] for each in journal.accounts), Decimal(0))
    for row in rows:
        amount = Decimal(row["amount"].replace(",", "."))
        folded[int(row["payer_account"])] -= amount
        folded[int(row["payee_account"])] += amount
    trial = list(csv.DictReader(io.StringIO(tables.trial_csv(journal)), delimiter=";"))
    names = plaintext.beancount_names(journal)
    accounts = list(csv.DictReader(io.StringIO(tables.accounts_csv(journal, names)), delimiter=";"))
    units = list(csv.DictReader(io.StringIO(tables.units_csv(journal)), delimiter=";"))

    assert balances(journal) == folded
    assert folded == {int(row["account"]): Decimal(row["balance"].replace(",", ".")) for row in trial}
    assert list(names.values()) == [row["name_in_export"] for row in accounts]
    assert [to_text("agent", named(name)) for name in MEMBERS] == [row["agent"] for row in accounts[: len(MEMBERS)]]
    assert sorted(codes.values()) == sorted(row["code_in_export"] for row in units)
    assert ["CE", "CE-2"] == sorted(codes.values())
