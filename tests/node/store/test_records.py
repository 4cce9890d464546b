"""Rows of records: found by id and thing, waiting and woken, bundles kept."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import records
from node.store.database import Database
from node.store.records import Need, StoredRecord


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a database for one test."""
    opened = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'node.sqlite'}")
    yield opened
    await opened.close()


def row(number: int, *, thing: int | None = None, state: str = records.VALID) -> StoredRecord:
    """Give a row that only its ids matter of."""
    return StoredRecord(
        id=name(number),
        network=b"n" * 32,
        kind="offer",
        author=b"a" * 32,
        thing=name(number if thing is None else thing),
        feed=None,
        leaf_index=None,
        state=state,
        code="stale" if state == records.VOID else None,
        data=b"data",
    )


def name(number: int) -> bytes:
    """Give an id of 32 bytes."""
    return number.to_bytes(32, "big")


async def test_rows_are_found_by_id_and_by_thing(database: Database) -> None:
    """What was inserted is found again, a thing with all its revisions, more ids than one query takes."""
    many = [row(number) for number in range(1200)]
    revision = row(5000, thing=7)
    await database.write(lambda c: records.insert_rows(c, [*many, revision]))

    async with database.read() as connection:
        assert await records.find(connection, (item.id for item in many)) == {item.id: item for item in many}
        assert await records.find_one(connection, name(9999)) is None
        assert await records.revisions(connection, [name(7), name(8)]) == {
            name(7): [many[7], revision],
            name(8): [many[8]],
        }
        assert await records.count_by_state(connection) == {"valid": 1201}


async def test_waiting_records_are_woken_by_what_they_need(database: Database) -> None:
    """A record waits for a thing, or for a trust feed to reach a size; either wakes it, once it is there."""
    rows = [row(number, state=records.WAITING) for number in (1, 2)]

    async def keep(connection: AsyncConnection) -> None:
        await records.insert_rows(connection, rows)
        await records.wait_for(connection, {name(1): [Need(name(77))], name(2): [Need(b"n" * 32, 10)]})

    await database.write(keep)
    async with database.read() as connection:
        assert await records.has_waiters(connection)
        assert await records.waiters(connection, arrived=[name(76)], trust={b"n" * 32: 9}) == []
        assert await records.waiters(connection, arrived=[name(77)], trust={}) == [rows[0]]
        assert await records.waiters(connection, arrived=[b"n" * 32], trust={b"n" * 32: 10}) == [rows[1]]

    async def wake(connection: AsyncConnection) -> None:
        await records.stop_waiting(connection, [name(1), name(2)])
        await records.set_state(connection, name(1), state=records.VOID, code="stale")

    await database.write(wake)
    async with database.read() as connection:
        assert not await records.has_waiters(connection)
        assert await records.find_one(connection, name(1)) == replace(rows[0], state="void", code="stale")


async def test_a_bundle_is_kept_with_its_record(database: Database) -> None:
    """The bytes that proved a delivered record are given again."""
    await database.write(lambda c: records.put_bundle(c, name(1), b"bundle"))

    async with database.read() as connection:
        assert await records.get_bundle(connection, name(1)) == b"bundle"
        assert await records.get_bundle(connection, name(2)) is None
