"""`mutirao history`: ten thousand rows of another system, to the last minor unit."""

from __future__ import annotations

import random
from collections import defaultdict
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.live import Live

ROWS = 10_000
PEOPLE = ("issuer", "h1", "h2", "h3", "h4", "h5")


@pytest.fixture(scope="module")
def moved(live: Live) -> tuple[Live, str, Path]:
    """A network that moves here from another system: an issuing account, five members, a rule, and the file."""
    for short, role in (("htreasurer", "treasurer"), ("hauditor", "auditor")):
        live.enrol(short, short, "--role", "member", "--role", role)
    for short in PEOPLE:
        live.enrol(short, short)
    minutes = live.root / "ata20.txt"
    minutes.write_text("Ata 20: mudamos de programa.")
    words = ["rule", "add", "import", "Mudança", "--minutes", "2027-03-14/20", "--minutes-file", str(minutes)]
    rule = str(live.json(*words, "--until", "2999-12-31", by="htreasurer")["rule"])
    live.json("consent", rule, by="hauditor")
    chance = random.Random(4)
    lines = ["date,from,to,amount,note"]
    for number in range(ROWS):
        # A fifth of the rows issue, so that the issuing account goes far below every limit.
        payer = "issuer" if number % 5 == 0 else chance.choice(PEOPLE[1:])
        payee = chance.choice([short for short in PEOPLE if short != payer])
        amount = f"{chance.randint(0, 900)}.{chance.randint(1, 99):02d}"
        day = f"20{chance.randint(10, 24)}-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}"
        lines.append(f"{day},{live.agents[payer]},{live.agents[payee]},{amount},row {number}")
    path = live.root / "old.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return live, rule, path


def folded(path: Path) -> dict[str, int]:
    """Fold the file by itself: cells by commas, amounts as decimals, nothing of the program."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        _, payer, payee, amount, _ = line.split(",")
        sums[payer] -= Decimal(amount)
        sums[payee] += Decimal(amount)
    return {agent: int(total * 100) for agent, total in sums.items()}


def balances(live: Live) -> dict[str, int]:
    """Give what the node says that everybody in the file stands at."""
    return {
        live.agents[short]: live.json("ledger", "balance", live.agents[short], by="network")["balance"]["amount"]
        for short in PEOPLE
    }


def test_ten_thousand_rows_reproduce_every_balance_and_twice_changes_nothing(moved: tuple[Live, str, Path]) -> None:
    """Every balance is that of the file; the same import again, by another officer too, moves nothing."""
    live, rule, path = moved
    words = ["history", str(path), "--rule", rule]
    dry = live.json(*words, "--dry-run", by="htreasurer")
    assert (dry["rows"], dry["postings"]) == (ROWS, [])
    assert set(balances(live).values()) == {0}

    done = live.json(*words, by="htreasurer")
    expected = folded(path)
    assert min(expected.values()) < -1_000_000
    assert balances(live) == expected == done["balances"]
    assert len(done["postings"]) == done["parts"]
    assert all(one["amount"] == 0 for one in live.json("ledger", "show")["sums"])

    size = live.json("ledger", "show")["size"]
    again = live.json(*words, by="htreasurer")
    by_network = live.json(*words, by="network")
    assert (again["postings"], again["there_before"], by_network["postings"]) == ([], done["parts"], [])
    assert balances(live) == expected
    assert live.json("ledger", "show")["size"] == size


def test_a_file_that_has_changed_is_refused_before_anything_is_sent(moved: tuple[Live, str, Path]) -> None:
    """A part that is there with other rows stops the command; so does a row that can't be read."""
    live, rule, path = moved
    before = balances(live)
    changed = live.root / "changed.csv"
    changed.write_text("\n".join(path.read_text("utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")
    assert live.refused("history", str(changed), "--rule", rule, by="htreasurer")["code"] == "changed"
    changed.write_text(path.read_text("utf-8") + "2020-01-01,nobody,nobody,1.00,x\n", encoding="utf-8")
    assert live.refused("history", str(changed), "--rule", rule, by="htreasurer")["code"] == "rows"
    assert balances(live) == before


def test_an_import_needs_the_assemblys_rule(moved: tuple[Live, str, Path]) -> None:
    """Without one in force nothing is taken."""
    live, _, path = moved
    other = "rule:" + live.agents["h1"].partition(":")[2]
    assert live.refused("history", str(path), "--rule", other, by="htreasurer")["code"] == "unknown_rule"
