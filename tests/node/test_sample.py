"""The sample federation is sound: every row says what the rules allow and names only what is there."""

from __future__ import annotations

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from protocol.kinds import read_body
from protocol.kinds.agents import AgentType
from protocol.market.words import find_category, find_measure
from tests.builders import named

SAMPLE = Path(__file__).parents[2] / "node" / "sample"
NETWORKS = ("vila", "serra", "regiao")
Row = dict[str, str]


def rows(network: str, name: str) -> list[Row]:
    """Read one file, whichever separator and decimal sign it uses."""
    text = (SAMPLE / network / f"{name}.csv").read_text("utf-8")
    separator = ";" if text.splitlines()[0].count(";") > text.splitlines()[0].count(",") else ","
    found = list(csv.DictReader(text.splitlines(keepends=True), delimiter=separator, strict=True))
    for row in found:
        assert None not in row, row
        assert None not in row.values(), row
    return found


def number(text: str) -> Decimal:
    """Read a number with comma or point."""
    return Decimal(text.replace(",", "."))


def everything(network: str) -> dict[str, list[Row]]:
    """Read all files of a network by name."""
    return {path.stem: rows(network, path.stem) for path in sorted((SAMPLE / network).glob("*.csv"))}


def test_the_federation_is_large_enough() -> None:
    """At least 60 agents, 150 needs and offers, 3 seals, and some groups that are mapped but haven't joined."""
    agents = [row for network in NETWORKS for row in rows(network, "agents")]
    listings = [row for network in NETWORKS for name in ("needs", "offers") for row in rows(network, name)]
    seals = [row for network in NETWORKS for row in rows(network, "seals")]

    assert len(agents) >= 60
    assert len(listings) >= 150
    assert len(seals) >= 3
    assert sum(row["joined"] == "mapped" for row in agents) >= 5


def test_prices_are_of_all_three_sorts() -> None:
    """In official money, in credit, and in both; some things are given away."""
    sorts = Counter(
        (bool(row["price_official"]), bool(row["price_credit"]))
        for network in NETWORKS
        for row in rows(network, "offers")
    )

    assert min(sorts[sort] for sort in ((True, False), (False, True), (True, True), (False, False))) >= 5


def test_two_ways_of_writing_numbers_are_shown() -> None:
    """One network's files use `;` and decimal comma, another's `,` and decimal point."""
    assert "-29,76" in (SAMPLE / "vila" / "network.csv").read_text("utf-8")
    assert "-29.16" in (SAMPLE / "regiao" / "network.csv").read_text("utf-8")


@pytest.mark.parametrize("network", NETWORKS)
def test_keys_are_unique_and_references_lead_somewhere(network: str) -> None:
    """A key stands once in its folder, and every name in a cell is a key of the right file."""
    tables = everything(network)
    keys = [row["key"] for table in tables.values() for row in table]
    assert [key for key, count in Counter(keys).items() if count > 1] == []

    where = {row["key"]: name for name, table in tables.items() for row in table}
    joined = {row["key"] for row in tables["agents"] if row["joined"] != "mapped"}
    targets = {"item": "items", "answers": "needs", "place": "places", "seal": "seals", "award": "attestations"}
    for name, table in tables.items():
        for row in table:
            for column, target in targets.items():
                assert not row.get(column) or where[row[column]] == target, row
            for column in ("agent", "payer", "payee", "commission"):
                assert not row.get(column) or row[column] in joined, row
            for visit in filter(None, row.get("visits", "").split("|")):
                assert where[visit] == "attestations", row
            for column in ("subject", "about") if name in {"attestations", "posts"} else ():
                assert not row.get(column) or row[column] in where, row


@pytest.mark.parametrize("network", NETWORKS)
def test_categories_measures_and_types_are_known(network: str) -> None:
    """Every category and measure is in the lists, and every agent is of a type."""
    tables = everything(network)
    for row in (row for table in tables.values() for row in table):
        for category in filter(None, row.get("categories", row.get("category", "")).split("|")):
            assert find_category(category), row
        assert not row.get("measure") or find_measure(row["measure"]), row
    for row in tables["agents"]:
        assert AgentType(row["type"]), row


@pytest.mark.parametrize("network", NETWORKS)
def test_listings_and_posts_are_valid_records(network: str) -> None:
    """Prices, quantities, compositions and texts keep the rules of their kinds."""
    unit = "agent:" + "a" * 52
    for kind, table in (("offer", rows(network, "offers")), ("need", rows(network, "needs"))):
        for row in table:
            price = [
                {"unit": code, "amount": int(number(row[column]) * 100)}
                for column, code in (("price_official", "BRL"), ("price_credit", unit))
                if row[column]
            ]
            body = {
                "title": row["title"],
                "category": row["category"],
                "measure": row["measure"],
                "per": int(number(row["per"] or "1") * 1000),
                "price": price,
            }
            if row["about"]:
                body["about"] = row["about"]
            if row["quantity"]:
                body["quantity"] = int(number(row["quantity"]) * 1000)
            if kind == "offer":
                body["composition"] = [
                    {
                        "part": line.split("=")[0],
                        "amount": int(number(line.split("=")[1].split()[0]) * 100),
                        "unit": unit if line.endswith("credit") else "BRL",
                    }
                    for line in filter(None, row["composition"].split("|"))
                ]
            assert read_body(kind, body) is not None, row
    for row in rows(network, "posts"):
        assert read_body("post", {"type": row["type"], "title": row["title"], "text": row["text"]}) is not None
    for row in rows(network, "seals"):
        body = {"name": row["name"], "about": row["about"], "criteria": row["criteria"].split("|")}
        numbers = {"quorum": int(row["quorum"]), "months": int(row["months"])}
        assert read_body("seal", {**body, **numbers, "commission": named(row["commission"])}) is not None


@pytest.mark.parametrize("network", NETWORKS)
def test_awards_have_their_quorum(network: str) -> None:
    """Each award of the sample names passed visits without conflict by as many different visitors as its seal takes."""
    attestations = {row["key"]: row for row in rows(network, "attestations")}
    seals = {row["key"]: row for row in rows(network, "seals")}
    for award in (row for row in attestations.values() if row["type"] == "award"):
        visits = [attestations[key] for key in award["visits"].split("|")]
        seal = seals[award["seal"]]
        assert award["agent"] == seal["commission"]
        assert len({visit["agent"] for visit in visits}) >= int(seal["quorum"])
        for visit in visits:
            assert (visit["type"], visit["subject"], visit["result"]) == ("visit", award["subject"], "pass")
            assert not visit["conflict"]


@pytest.mark.parametrize("network", NETWORKS)
def test_opening_transfers_keep_the_limits(network: str) -> None:
    """No account goes further below or above zero than it may, and all balances sum to zero."""
    agents = {row["key"]: row for row in rows(network, "agents")}
    balances: Counter[str] = Counter()
    for row in rows(network, "transfers"):
        amount = int(number(row["amount"]) * 100)
        assert amount > 0
        balances[row["payer"]] -= amount
        balances[row["payee"]] += amount
        for side in (row["payer"], row["payee"]):
            low, high = (int(number(agents[side][column]) * 100) for column in ("credit_low", "credit_high"))
            assert low <= balances[side] <= high, row

    assert sum(balances.values()) == 0


def test_one_award_was_revoked() -> None:
    """The sample shows a revocation too."""
    revocations = [row for network in NETWORKS for row in rows(network, "attestations") if row["type"] == "revocation"]

    assert len(revocations) == 1
