"""What the audit reads: all rows of a table a thousand at a time, leaves beside their records, the schema.

It reads a data folder without changing it, running or stopped, and takes bytes that are no text any more as they are,
so that they can be named.

Source: docs/operating/verify.md.

Tests: tests/node/audit/test_database.py
"""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Table, event, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from node.store.tables import leaf, record
from protocol.feeds import TRADE
from protocol.kinds import KINDS

ROWS_AT_ONCE = 1000
"""Rows that are fetched together."""


class PlacedLeaf(NamedTuple):
    """A leaf row, and the row number of the record that it names, where that is here."""

    leaf_index: int
    record_id: bytes | None
    held: int
    data: bytes
    digest: bytes
    record: int | None


@contextlib.asynccontextmanager
async def open_for_audit(path: Path) -> AsyncIterator[AsyncConnection]:
    """Open a database file for reading only; one state is seen throughout."""
    engine = create_async_engine(f"sqlite+aiosqlite:///file:{path}?mode=ro&uri=true", poolclass=NullPool)

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        dbapi_connection.driver_connection.text_factory = _lenient
        cursor = dbapi_connection.cursor()
        cursor.execute("PRAGMA trusted_schema=OFF")
        cursor.execute("BEGIN")
        cursor.close()

    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def rows(connection: AsyncConnection, table: Table) -> AsyncIterator[dict[str, Any]]:
    """Yield all rows of a table in the order of its primary key."""
    key = list(table.primary_key.columns)
    after: tuple[Any, ...] | None = None
    while True:
        query = select(table).order_by(*key).limit(ROWS_AT_ONCE)
        if after is not None:
            query = query.where(tuple_(*key) > after)
        found = (await connection.execute(query)).mappings().all()
        for row in found:
            yield {str(name): value for name, value in row.items()}
        if len(found) < ROWS_AT_ONCE:
            return
        after = tuple(found[-1][column.name] for column in key)


async def leaves(connection: AsyncConnection, feed: int) -> AsyncIterator[PlacedLeaf]:
    """Yield the leaf rows of a feed by index."""
    after = -(2**63)
    columns = (leaf.c.leaf_index, leaf.c.record_id, leaf.c.held, leaf.c.data, leaf.c.digest, record.c.sequence)
    while True:
        query = select(*columns).select_from(leaf.outerjoin(record, record.c.id == leaf.c.record_id))
        query = query.where(leaf.c.feed == feed, leaf.c.leaf_index > after)
        found = (await connection.execute(query.order_by(leaf.c.leaf_index).limit(ROWS_AT_ONCE))).all()
        for row in found:
            yield PlacedLeaf(*row)
        if len(found) < ROWS_AT_ONCE:
            return
        after = found[-1][0]


async def orphan_leaves(connection: AsyncConnection) -> AsyncIterator[tuple[int, int]]:
    """Yield feed and index of leaf rows whose feed has no row."""
    query = text("SELECT feed, leaf_index FROM leaf WHERE feed NOT IN (SELECT sequence FROM feed) LIMIT 1000")
    for row in await connection.execute(query):
        yield row[0], row[1]


async def placed_records(connection: AsyncConnection, feed: int) -> AsyncIterator[tuple[int, str, bytes]]:
    """Yield index, state and bytes of the records that stand in a feed, in the order of its leaves.

    A leaf that names a record which stands elsewhere, or at an earlier leaf, is a copy, and left out.
    """
    after = -(2**63)
    at_place = (leaf.c.feed == record.c.feed) & (leaf.c.leaf_index == record.c.leaf_index)
    while True:
        query = select(leaf.c.leaf_index, record.c.state, record.c.data)
        query = query.join(record, (record.c.id == leaf.c.record_id) & at_place)
        query = query.where(leaf.c.feed == feed, leaf.c.leaf_index > after)
        found = (await connection.execute(query.order_by(leaf.c.leaf_index).limit(ROWS_AT_ONCE))).all()
        for row in found:
            yield row[0], row[1], row[2]
        if len(found) < ROWS_AT_ONCE:
            return
        after = found[-1][0]


async def addressed_records(connection: AsyncConnection) -> AsyncIterator[bytes]:
    """Yield the bytes of the records of the kinds that stand in trade feeds, which are addressed."""
    kinds = [kind.name for kind in KINDS.values() if kind.feed == TRADE]
    after = -(2**63)
    while True:
        query = select(record.c.sequence, record.c.data).where(record.c.kind.in_(kinds), record.c.sequence > after)
        found = (await connection.execute(query.order_by(record.c.sequence).limit(ROWS_AT_ONCE))).all()
        for row in found:
            yield row[1]
        if len(found) < ROWS_AT_ONCE:
            return
        after = found[-1][0]


async def records(connection: AsyncConnection) -> AsyncIterator[dict[str, Any]]:
    """Yield all rows of `record` by number, with the leaf at their place: what it names, and its data."""
    after = -(2**63)
    at_place = (leaf.c.feed == record.c.feed) & (leaf.c.leaf_index == record.c.leaf_index)
    query = select(record, leaf.c.record_id.label("leaf_names"), leaf.c.data.label("leaf_data"))
    query = query.select_from(record.outerjoin(leaf, at_place)).order_by(record.c.sequence).limit(ROWS_AT_ONCE)
    while True:
        found = (await connection.execute(query.where(record.c.sequence > after))).mappings().all()
        for row in found:
            yield {str(name): value for name, value in row.items()}
        if len(found) < ROWS_AT_ONCE:
            return
        after = found[-1]["sequence"]


async def places_of(connection: AsyncConnection, record_id: bytes) -> list[tuple[int, int]]:
    """Give feed and index of the leaves that name a record; it reads all leaves, so only on suspicion."""
    query = select(leaf.c.feed, leaf.c.leaf_index).where(leaf.c.record_id == record_id)
    return [(row[0], row[1]) for row in await connection.execute(query)]


async def schema(connection: AsyncConnection) -> dict[str, str]:
    """Give the statements of the schema by name."""
    found = await connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    return {row[0]: row[1] for row in found}


async def integrity(connection: AsyncConnection) -> list[str]:
    """Give what SQLite's own check of pages, indexes, CHECKs and references finds; empty for a sound file."""
    found = [row[0] for row in await connection.execute(text("PRAGMA integrity_check(100)"))]
    found += [
        f"table {row[0]}, row {row[1]}: no such row of {row[2]}"
        for row in await connection.execute(text("PRAGMA foreign_key_check"))
    ]
    return [line for line in found if line != "ok"]


async def revisions(connection: AsyncConnection) -> list[str]:
    """Give what stands in `alembic_version`: one row with the schema's revision."""
    return [row[0] for row in await connection.execute(text("SELECT version_num FROM alembic_version"))]


def _lenient(data: bytes) -> str:
    return data.decode("utf-8", errors="surrogateescape")
