"""Many rows in one statement."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.bulk import insert_rows, select_rows, update_rows
from node.store.database import Database
from node.store.driver import run

COLUMNS = ("record_id", "data")


def key_of(number: int) -> bytes:
    """Give 32 bytes that stand for a number."""
    return number.to_bytes(32)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 64, 65, 256, 257, 700])
async def test_every_count_of_rows_is_written_changed_and_found(tmp_path: Path, count: int) -> None:
    """Whatever the length, exactly the given rows are there, and none of the rows that fill the statement up."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'node.sqlite'}")

    async def job(connection: AsyncConnection) -> tuple[list[tuple[bytes, bytes]], int]:
        rows = [(key_of(number), b"first") for number in range(count)]
        changes = [(key, b"second") for key, _ in rows[::2]]
        await run(connection, insert_rows("bundle", COLUMNS, rows))
        await run(connection, update_rows("bundle", "record_id", ("data",), changes))
        wanted = [key_of(number) for number in range(count + 3)]
        parts = await run(connection, select_rows("bundle", COLUMNS, "record_id", wanted))
        found = [row for part in parts for row in part]
        total = (await connection.exec_driver_sql("SELECT count(*) FROM bundle")).scalar_one()
        return sorted((key, data) for key, data in found), total

    try:
        found, total = await database.write(job)
    finally:
        await database.close()

    assert [(key_of(number), b"first" if number % 2 else b"second") for number in range(count)] == found
    assert count == total
