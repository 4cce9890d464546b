"""The writer: what is acknowledged is durable, a failing job goes alone, a second process stays out."""

import asyncio
import resource
import sqlite3
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.database import Database
from node.store.engine import DiskFailedError, DiskFullError, translate
from node.store.tables import bundle
from protocol.errors import ConfigError, StorageError


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """Open a database for one test."""
    opened = await Database.open(url_of(tmp_path))
    yield opened
    await opened.close()


def url_of(folder: Path) -> str:
    """Give the URL of a database in a folder."""
    return f"sqlite+aiosqlite:///{folder / 'node.sqlite'}"


def name(number: int) -> bytes:
    """Give an id of 32 bytes."""
    return number.to_bytes(32, "big")


async def put(connection: AsyncConnection, number: int) -> int:
    """Insert one row."""
    await connection.execute(insert(bundle).values(record_id=name(number), data=b"x" * 100))
    return number


async def count(database: Database) -> int:
    """Count the rows that readers see."""
    async with database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(bundle))).scalar_one()


async def test_jobs_that_wait_together_share_a_commit(database: Database) -> None:
    """A hundred jobs at once are a few transactions, and each gets its own result."""
    commits = 0

    async def counted() -> None:
        nonlocal commits
        commits += 1

    database.after_commit.append(counted)

    results = await asyncio.gather(*(database.write(partial(put, number=n)) for n in range(100)))

    assert results == list(range(100))
    assert await count(database) == 100
    assert commits <= 3


async def test_a_failing_job_is_undone_alone(database: Database) -> None:
    """Its neighbours in the same transaction are kept; it hears its own error."""

    async def fail(connection: AsyncConnection) -> None:
        await put(connection, 1000)
        raise ValueError("no")

    outcomes = await asyncio.gather(
        database.write(lambda c: put(c, 1)),
        database.write(fail),
        database.write(lambda c: put(c, 1)),
        database.write(lambda c: put(c, 2)),
        return_exceptions=True,
    )

    assert [type(outcome).__name__ for outcome in outcomes] == ["int", "ValueError", "IntegrityError", "int"]
    assert await count(database) == 2


async def test_nobody_is_told_before_the_commit_is_durable(database: Database) -> None:
    """The result is given out after the hooks that follow COMMIT, and readers see the row by then."""
    seen: list[str] = []

    async def after() -> None:
        seen.append(f"committed, {await count(database)} row")

    database.after_commit.append(after)
    await database.write(lambda c: put(c, 7))
    seen.append("acknowledged")

    assert seen == ["committed, 1 row", "acknowledged"]


async def test_an_error_before_commit_undoes_every_job(database: Database) -> None:
    """When the heads can't be signed, nothing of the transaction stays."""

    async def refuse(_connection: AsyncConnection) -> None:
        raise RuntimeError("no key")

    forgotten: list[int] = []
    database.before_commit.append(refuse)
    database.after_rollback.append(lambda: forgotten.append(1))
    outcomes = await asyncio.gather(*(database.write(partial(put, number=n)) for n in (1, 2)), return_exceptions=True)
    database.before_commit.clear()

    assert [str(outcome) for outcome in outcomes] == ["no key", "no key"]
    assert await count(database) == 0
    assert forgotten
    assert await database.write(lambda c: put(c, 3)) == 3


async def test_a_caller_that_goes_away_doesnt_break_the_transaction(database: Database) -> None:
    """A cancelled caller's job is either whole or not there; others go on."""
    started = asyncio.Event()

    async def slow(connection: AsyncConnection) -> None:
        await put(connection, 1)
        started.set()
        await asyncio.sleep(0.01)
        await put(connection, 2)

    task = asyncio.create_task(database.write(slow))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await database.write(lambda c: put(c, 3)) == 3
    assert await count(database) == 3


async def test_readers_cannot_write_and_see_one_state(database: Database) -> None:
    """A reading transaction keeps its state while the writer goes on."""
    await database.write(lambda c: put(c, 1))
    async with database.read() as connection:
        before = (await connection.execute(select(func.count()).select_from(bundle))).scalar_one()
        await database.write(lambda c: put(c, 2))
        again = (await connection.execute(select(func.count()).select_from(bundle))).scalar_one()
        with pytest.raises(Exception, match="readonly"):
            await put(connection, 3)

    assert (before, again, await count(database)) == (1, 1, 2)


async def test_every_connection_is_durable_and_careful(database: Database) -> None:
    """WAL, FULL, foreign keys, untrusted schema, overwritten deletions; nobody folds the WAL on their own."""
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "secure_delete": 1,
        "wal_autocheckpoint": 0,
    }

    async def settings(connection: AsyncConnection) -> dict[str, object]:
        return {key: (await connection.execute(text(f"PRAGMA {key}"))).scalar_one() for key in wanted}

    async with database.read() as connection:
        assert await settings(connection) == wanted
    assert await database.write(settings) == wanted


async def test_a_second_opening_is_refused_until_the_first_is_closed(tmp_path: Path) -> None:
    """Two writers on one folder would be two sequencers."""
    first = await Database.open(url_of(tmp_path))
    with pytest.raises(StorageError, match="in use by another process"):
        await Database.open(url_of(tmp_path))
    await first.close()

    second = await Database.open(url_of(tmp_path))
    await second.close()
    assert not (tmp_path / "node.sqlite-wal").exists()


async def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """A schema that this program doesn't know is left alone."""
    first = await Database.open(url_of(tmp_path))

    async def renumber(connection: AsyncConnection) -> None:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    await first.write(renumber)
    await first.close()

    with pytest.raises(StorageError, match="newer version"):
        await Database.open(url_of(tmp_path))


async def test_only_a_file_is_taken_as_database() -> None:
    """A memory database isn't durable."""
    with pytest.raises(ConfigError):
        await Database.open("sqlite+aiosqlite:///:memory:")


async def test_after_closing_writes_are_refused(tmp_path: Path) -> None:
    """Closing finishes what is queued and takes nothing new."""
    database = await Database.open(url_of(tmp_path))
    queued = [asyncio.create_task(database.write(partial(put, number=n))) for n in range(20)]
    await asyncio.sleep(0)
    await database.close()

    assert sorted(await asyncio.gather(*queued)) == list(range(20))
    with pytest.raises(StorageError, match="closed"):
        await database.write(lambda c: put(c, 99))


async def test_a_failed_confirmation_ends_the_node(tmp_path: Path) -> None:
    """When the checkpoint file can't be written after COMMIT, the writer stops and `watch` says so."""
    database = await Database.open(url_of(tmp_path))

    async def broken() -> None:
        raise OSError(5, "Input/output error")

    database.after_commit.append(broken)
    with pytest.raises(StorageError):
        await database.write(lambda c: put(c, 1))
    with pytest.raises(StorageError, match="must stop"):
        await database.watch()
    with pytest.raises(StorageError):
        await database.write(lambda c: put(c, 2))
    await database.close()


async def test_a_disk_that_fails_at_the_end_is_told(tmp_path: Path) -> None:
    """Where the last folding of the WAL fails, `finish` says so, and the WAL is left for the next start."""
    database = await Database.open(url_of(tmp_path))
    for number in range(1000, 1600):
        await database.write(partial(put, number=number))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    file, log = tmp_path / "node.sqlite", tmp_path / "node.sqlite-wal"
    assert log.stat().st_size > 0
    resource.setrlimit(resource.RLIMIT_FSIZE, (file.stat().st_size, hard))
    try:
        with pytest.raises(StorageError, match="must stop"):
            await database.finish()
        assert log.stat().st_size > 0
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        await database.close()


def test_an_index_of_the_log_that_finds_no_room_is_a_full_disk() -> None:
    """SQLite calls it a failed input or output; nothing that must last was touched, so the node goes on."""
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = "SQLITE_IOERR_SHMSIZE"

    assert isinstance(translate(error), DiskFullError)
    error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
    assert isinstance(translate(error), DiskFailedError)


async def test_a_full_disk_refuses_writes_and_keeps_reading(tmp_path: Path) -> None:
    """The jobs are refused whole, reads go on, and writes too once there is room again."""
    database = await Database.open(url_of(tmp_path))
    await database.write(lambda c: put(c, 1))

    async def limit(connection: AsyncConnection, pages: int) -> None:
        await connection.execute(text(f"PRAGMA max_page_count={pages}"))

    async def put_much(connection: AsyncConnection) -> None:
        for number in range(100, 400):
            await connection.execute(insert(bundle).values(record_id=name(number), data=b"x" * 4000))

    await database.write(lambda c: limit(c, 60))
    with pytest.raises(DiskFullError):
        await database.write(put_much)
    assert await count(database) == 1
    await database.write(lambda c: limit(c, 100_000))
    await database.write(put_much)

    assert await count(database) == 301
    await database.close()
