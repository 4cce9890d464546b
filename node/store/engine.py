"""Engines and connections: what every connection to the database is told when it opens.

Rules kept here:
- WAL with `synchronous=FULL`: a COMMIT that returned is on the disk;
- no connection makes WAL checkpoints by itself; the writer makes them between transactions
  (two connections that both do it corrupt files in SQLite before 3.51.3);
- the schema is not trusted, foreign keys hold, deleted bytes are overwritten;
- transactions begin where SQLAlchemy says so, not where Python's sqlite3 guesses.

Source: docs/operating/storage.md; https://www.sqlite.org/pragma.html.

Tests: tests/node/store/test_database.py
"""

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import AsyncAdaptedQueuePool

from node.store.driver import run_sync
from node.store.files import FILES, Files
from node.store.limits import READER_CONNECTIONS
from protocol.errors import ConfigError, StorageError

BUSY_TIMEOUT_MS = 10_000

PRAGMAS = (
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
    "PRAGMA secure_delete=ON",
    "PRAGMA wal_autocheckpoint=0",
    "PRAGMA cache_size=-16000",
    "PRAGMA temp_store=MEMORY",
)


class DiskFullError(StorageError):
    """The disk has no room: this write was refused whole, reads go on.

    Free space on the disk that holds the data folder, then send the same again.
    """


class DiskFailedError(StorageError):
    """The disk or the file failed: nobody knows what it holds now, so the node ends.

    Look at the system's log and the disk's health, then start again; `mutirao verify data` says what is sound.
    """


def sqlite_path(url: str) -> str:
    """Give the file that a database URL names.

    Args:
        url: Such as `sqlite+aiosqlite:////var/lib/mutirao/node.sqlite`.

    Raises:
        ConfigError: The URL isn't one of an SQLite file.
    """
    parsed = make_url(url)
    if parsed.drivername != "sqlite+aiosqlite" or not parsed.database or parsed.database == ":memory:":
        raise ConfigError(f"database must be sqlite+aiosqlite:///FILE, not {url}")
    return parsed.database


def open_writer(url: str, files: Files = FILES) -> AsyncEngine:
    """Make the engine of the one connection that writes."""
    return _engine(url, files, connections=1, begin="BEGIN IMMEDIATE", read_only=False)


def open_readers(url: str, files: Files = FILES) -> AsyncEngine:
    """Make the engine of the connections that only read; each transaction sees one state."""
    return _engine(url, files, connections=READER_CONNECTIONS, begin="BEGIN", read_only=True)


def translate(error: Exception) -> Exception:
    """Turn a driver's error into ours where the node must act on it.

    Returns:
        DiskFullError when there was no room, DiskFailedError when the disk failed, else the error itself.
    """
    original = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(original, sqlite3.Error):
        return error
    name = getattr(original, "sqlite_errorname", "") or ""
    # The log's index, which no disk has to keep, could not grow; SQLite calls want of room a failure here.
    if name in {"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"}:
        return DiskFullError("the disk is full: nothing of this was stored; free some space and send it again")
    if name.startswith(("SQLITE_IOERR", "SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_CANTOPEN")):
        return DiskFailedError(f"the database can't be read or written ({name}: {original})")
    return error


def _engine(url: str, files: Files, *, connections: int, begin: str, read_only: bool) -> AsyncEngine:
    engine = create_async_engine(
        url,
        poolclass=AsyncAdaptedQueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=60,
        **files.engine_arguments(Path(sqlite_path(url))),
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(dbapi_connection: Any, _record: Any) -> None:
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in PRAGMAS:
            cursor.execute(pragma)
        if read_only:
            cursor.execute("PRAGMA query_only=ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def start(connection: Connection) -> None:
        run_sync(connection, begin)

    return engine
