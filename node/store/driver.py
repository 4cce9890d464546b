"""Statements handed to the driver together: the hot path's way to the database.

Each call through SQLAlchemy's asynchronous layer changes to the driver's thread three or four times (cursor, execute,
fetch, close), and each change costs some 0.2 ms: a SELECT of one row took 0.9 ms, a batch of 128 payments 12 ms. The
statements of one step, run in one visit to that thread, cost one change (measured on 2 cores; see docs/figures.md).

Rules kept here:
- transactions stay with `node.store.database`: nothing here begins or commits one;
- values are always bound; SQL is made of our own table and column names;
- a list of rows is bound to one `VALUES` list (see `node.store.bulk`), since `executemany` gives the interpreter lock
  away and waits for it again at every row.
Source: https://docs.python.org/3/library/sqlite3.html; docs/decisions/0007-hot-path-of-the-ledger.md.

Tests: tests/node/store/test_bulk.py
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from typing import Any

from sqlalchemy.engine import Connection as SyncConnection
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.util.concurrency import await_

Statement = tuple[str, tuple[Any, ...]]
"""SQL and the values bound to it."""

Rows = list[tuple[Any, ...]]


async def run(connection: AsyncConnection, statements: Sequence[Statement]) -> list[Rows]:
    """Run statements one after the other in one visit to the driver's thread.

    Args:
        connection: Reading, or the writer's inside a job.
        statements: As many as there are; none costs nothing.

    Returns:
        The rows of each, empty for one that gives none.

    Raises:
        sqlite3.Error: What the first failing statement met; those behind it didn't run.
    """
    if not statements:
        return []
    driver: Any = (connection.sync_connection or await connection.get_raw_connection()).connection.driver_connection
    # The driver has no public call for a function of ours in its thread; its version is capped in pyproject.toml.
    found: list[Rows] = await driver._execute(_run_all, driver._conn, statements)
    return found


def run_sync(connection: SyncConnection, sql: str) -> None:
    """Run one statement without rows in one visit, from inside SQLAlchemy's events."""
    driver: Any = connection.connection.driver_connection
    await_(driver._execute(_run_all, driver._conn, [(sql, ())]))


def _run_all(connection: sqlite3.Connection, statements: Sequence[Statement]) -> list[Rows]:
    return [connection.execute(sql, values).fetchall() for sql, values in statements]
