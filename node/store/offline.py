"""Opening a data folder's database for reading only, while its node is off.

Nothing of the folder is changed: a database with a write-ahead log is copied and the copy is read, since SQLite would
fold the log into the file; one without is read in place, as immutable.
Source: docs/operating/storage.md; SQLite's "immutable" and WAL pages.
"""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from node.store.schema import head_revision, upgrade

ROWS_MAX = 20
"""Lines of SQLite's own check that are passed on."""

SCHEMA_QUERY = "SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_master ORDER BY type, name"


@contextlib.asynccontextmanager
async def open_offline(path: Path) -> AsyncIterator[AsyncConnection]:
    """Give a connection that sees the database as a start would, and changes nothing.

    Args:
        path: The database file.
    """
    log = path.with_name(path.name + "-wal")
    with contextlib.ExitStack() as stack:
        options = "mode=ro&immutable=1"
        if log.exists() and log.stat().st_size:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=path.parent, prefix=".verify-")))
            for source in (path, log):
                shutil.copyfile(source, folder / source.name)
            path = folder / path.name
            options = "mode=rwc"
        engine = create_async_engine(f"sqlite+aiosqlite:///file:{path}?{options}&uri=true")
        try:
            async with engine.connect() as connection:
                await connection.execute(text("PRAGMA query_only=ON"))
                await connection.execute(text("PRAGMA trusted_schema=OFF"))
                yield connection
        finally:
            await engine.dispose()


async def integrity_faults(connection: AsyncConnection) -> list[str]:
    """Run SQLite's own checks of pages, indexes and references.

    Returns:
        Its words, at most 20 lines; empty where it finds nothing.
    """
    rows = (await connection.execute(text(f"PRAGMA integrity_check({ROWS_MAX})"))).scalars().all()
    faults = [str(row) for row in rows if row != "ok"]
    broken = (await connection.execute(text("PRAGMA foreign_key_check"))).fetchmany(ROWS_MAX)
    return faults + [f"row {row[1]} of {row[0]} names a row of {row[2]} that is not there" for row in broken]


async def schema_faults(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Compare the schema with that of a new database.

    Returns:
        Pairs of a table's or index's name and what is wrong with it.
    """
    expected = {row[:2]: row[2:] for row in _fresh_schema()}
    found = {(row[0], row[1]): (row[2], row[3]) for row in await connection.execute(text(SCHEMA_QUERY))}
    faults = [(name, f"the {kind} is missing") for kind, name in sorted(expected.keys() - found.keys())]
    faults += [(name, f"the {kind} is none of ours") for kind, name in sorted(found.keys() - expected.keys())]
    faults += [
        (key[1], f"the {key[0]} is defined otherwise than by this program")
        for key in sorted(expected.keys() & found.keys())
        if expected[key] != found[key]
    ]
    revision = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalars().all()
    if list(revision) != [head_revision()]:
        faults.append(("alembic_version version_num", f"{revision!r} stands there instead of {head_revision()!r}"))
    return faults


def is_database_error(error: Exception) -> bool:
    """Say whether an error means that the database's bytes can't be read."""
    return isinstance(error, (sqlite3.DatabaseError, DBAPIError))


def _fresh_schema() -> list[tuple[str, str, str, str]]:
    from sqlalchemy import create_engine  # noqa: PLC0415 - a second, synchronous engine for this one question

    engine = create_engine("sqlite://")
    try:
        with engine.begin() as connection:
            upgrade(connection)
            return [(row[0], row[1], row[2], row[3]) for row in connection.execute(text(SCHEMA_QUERY))]
    finally:
        engine.dispose()
