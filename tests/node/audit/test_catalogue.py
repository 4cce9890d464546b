"""Damage to any column of the catalogue's tables is found and named, and a sound catalogue is passed."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.audit.catalogue import audit_catalogue
from node.store.catalogue import open_catalogue
from node.store.catalogue_tables import CATALOGUE_TABLES
from tests.builders import named, order_body
from tests.store_node import StoreNode

COLUMNS = [(table.name, column.name) for table in CATALOGUE_TABLES for column in table.columns]


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[StoreNode]:
    """A node whose catalogue has a row in every table."""
    async with StoreNode(tmp_path, "vila") as node:
        await open_catalogue(node.database)
        await node.enrol("maria", "ana")
        maria, ana = (node.network.member(name).id for name in ("maria", "ana"))
        here = {"latitude_e6": -29_760_900, "longitude_e6": -51_148_100}
        await node.publish(node.network.by("maria", "profile", {"agent": maria, "name": "Maria", **here}))
        offer = node.offer("maria", "Geleia de uva", until_ms=1_900_000_000_000)
        await node.publish(offer)
        order = node.network.by(
            "ana", "order", order_body(offer.id, offer.id, seller=maria, buyer=ana), to=(node.network.id,)
        )
        await node.publish(order)
        yield node


async def test_a_sound_catalogue_passes(vila: StoreNode) -> None:
    """What the node wrote by itself is what the records make."""
    async with vila.database.read() as connection:
        assert await audit_catalogue(connection) == []
        assert await audit_catalogue(connection) == []


@pytest.mark.parametrize(("table", "column"), COLUMNS)
async def test_damage_is_named(vila: StoreNode, table: str, column: str) -> None:
    """One changed value is found, with its table and column."""
    with sqlite3.connect(vila.database.path) as raw:
        raw.execute("PRAGMA ignore_check_constraints=ON")
        raw.execute(f"UPDATE {table} SET {_damage(table, column)} WHERE {_one(table)}")
    raw.close()

    async with vila.database.read() as connection:
        findings = await audit_catalogue(connection)

    assert (table, column) in {(finding.table, finding.column) for finding in findings}, findings


async def test_missing_and_foreign_rows_are_named(vila: StoreNode) -> None:
    """A row that was lost and one that no record makes are both found."""
    with sqlite3.connect(vila.database.path) as raw:
        raw.execute("DELETE FROM order_state")
        raw.execute("INSERT INTO mention VALUES (?, 'offer.place', 77)", (named("nowhere"),))
    raw.close()

    async with vila.database.read() as connection:
        found = {(finding.table, finding.what) for finding in await audit_catalogue(connection)}

    assert found == {("order_state", "the row is missing"), ("mention", "no record makes this row")}


def _one(table: str) -> str:
    """A condition that holds for exactly one row that is an offer's, or whatever there is."""
    if table == "thing":
        return "(kind = 'offer')"
    if table == "posting":
        return "(term = 'uva')"
    if table == "mention":
        return "(role = 'order.buyer')"
    return "1"


def _damage(table: str, column: str) -> str:
    if column in ("title", "kind", "category", "words", "role", "term", "state"):
        return f"{column} = 'x' || substr({column}, 2)"
    if column in ("id", "network", "author", "target"):
        return f"{column} = x'{'07' * 32}'"
    if column in ("latitude_e6", "longitude_e6"):
        return f"{column} = 5"
    return f"{column} = {column} + 1000" if (table, column) != ("posting", "shelf") else "shelf = 1"
