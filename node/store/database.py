"""The database of a node: many readers, one writer, group commit.

Rules kept here:
- one task runs all writes. Jobs that wait together share one transaction, each inside its own SAVEPOINT:
  a failing job is rolled back alone;
- a job's result is given out only after COMMIT returned with `synchronous=FULL` and after the
  `after_commit` hooks (the checkpoint file) ran: acknowledged means durable. A retry that came while its first
  copy was being committed shares or follows that commit, so it waits too;
- jobs run in the writer's task: a caller that goes away never cancels a transaction half-way;
- a full disk refuses the jobs and keeps serving reads; any other failure of the disk is final: the writer stops,
  `watch` raises and the process ends, since after a failed fsync nobody knows what the disk holds.

Source: DESIGN section 13; docs/concepts/feeds.md.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from node.store import driver
from node.store import engine as engines
from node.store.files import FILES, Files
from node.store.limits import COMMITS_PER_FOLD_MAX, JOBS_PER_COMMIT_MAX, WAL_FRAMES_PER_FOLD, WRITE_QUEUE_MAX
from node.store.lock import FolderLock
from node.store.schema import migrate
from protocol.errors import StorageError

T = TypeVar("T")

Connection = AsyncConnection
"""What a job is given; services pass it on to the functions of the store without knowing the library behind it."""

Job = Callable[[AsyncConnection], Awaitable[T]]
BeforeCommit = Callable[[AsyncConnection], Awaitable[None]]
AfterCommit = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class _Queued:
    """A job, who waits for it, and what came out of it before COMMIT."""

    job: Job[Any]
    future: "asyncio.Future[Any]"
    then: Callable[[Any], None] | None = None
    result: Any = None
    error: BaseException | None = None
    is_done: bool = False


class Database:
    """One SQLite file with its writer task and its readers; made by `open`, ended by `close`.

    Attributes:
        path: The file.
        files: Where it and the files beside it are.
        before_commit: Called in the transaction, after the jobs, before COMMIT. An error rolls all of it back.
        after_commit: Called after a durable COMMIT, before anybody is told. An error ends the node.
        after_rollback: Called when jobs were undone, so that what was remembered of them can be forgotten.
    """

    def __init__(self, path: Path, files: Files, lock: FolderLock, writer: AsyncEngine, readers: AsyncEngine) -> None:
        """Use `open` instead."""
        self.path = path
        self.files = files
        self.before_commit: list[BeforeCommit] = []
        self.after_commit: list[AfterCommit] = []
        self.after_rollback: list[Callable[[], None]] = []
        self._lock = lock
        self._writer = writer
        self._readers = readers
        self._queue: asyncio.Queue[_Queued | None] = asyncio.Queue(WRITE_QUEUE_MAX)
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._closing = False
        self._is_closed = False
        self._commits_unfolded = 0
        self._commits_per_fold = 1
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, url: str, files: Files = FILES) -> "Database":
        """Open the file that `url` names, making or migrating it as needed, and start the writer.

        Args:
            url: `sqlite+aiosqlite:///FILE`. A file `lock` is kept beside it.
            files: Where files are.

        Raises:
            ConfigError: The URL names no SQLite file.
            StorageError: In use by another process, newer than this program, or unreadable.
        """
        path = Path(engines.sqlite_path(url))
        lock = files.lock(path.parent / "lock")
        writer, readers = engines.open_writer(url, files), engines.open_readers(url, files)
        try:
            await migrate(writer)
            await _settle(writer)
        except BaseException as error:
            await writer.dispose()
            lock.release()
            if isinstance(error, Exception):
                raise engines.translate(error) from error
            raise
        database = cls(path, files, lock, writer, readers)
        database._task = asyncio.create_task(database._write_forever(), name="database writer")
        return database

    async def write(self, job: Job[T], *, then: Callable[[T], None] | None = None) -> T:
        """Run a job in the writer's transaction and give its result once it is durable.

        Args:
            job: Reads and writes through the connection it gets. It must not wait for anything else,
                and must not commit. It may be undone after it returned, so it keeps no memory of its own.
            then: Given the result once it is durable, also where the caller has gone away meanwhile: whoever must
                hear of every change hears of it here.

        Raises:
            DiskFullError: The disk is full; nothing was stored.
            StorageError: The database is closed or its disk failed.
            Exception: Whatever the job raised; what it wrote is undone.
        """
        if self._closing:
            raise StorageError("the database is closed")
        if self._failure.done():
            raise StorageError("the database stopped after its disk failed")
        queued = _Queued(job, asyncio.get_running_loop().create_future(), then)
        await self._queue.put(queued)
        if self._task is None or self._task.done():
            self._drain(StorageError("the database is closed"))
        result: T = await queued.future
        return result

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection that sees one committed state for as long as it is held; keep it briefly."""
        async with self._readers.connect() as connection:
            try:
                await connection.begin()  # closing ends it: a COMMIT before that would be one visit more
                yield connection
            except Exception as error:
                raise engines.translate(error) from error

    async def watch(self) -> None:
        """Wait until the disk fails, for the owner of the process.

        Raises:
            StorageError: The disk failed; end the process, don't retry.
        """
        await asyncio.shield(self._failure)

    async def finish(self) -> None:
        """Finish what is queued and fold the WAL into the file; nothing is taken any more.

        Raises:
            StorageError: The disk failed, now or before. The process must end without `close`: with its last connection
                SQLite would fold the WAL again, and a sync that failed once tells nothing the second time.
        """
        if not self._closing:
            self._closing = True
            if self._task is not None:
                if not self._task.done():
                    await self._queue.put(None)
                await self._task
                self._drain(StorageError("the database is closed"))
        if self._failure.done() and not self._failure.cancelled() and (error := self._failure.exception()):
            raise error

    async def close(self) -> None:
        """Finish, close every connection, free the lock."""
        if self._is_closed:
            return
        self._is_closed = True
        with contextlib.suppress(StorageError):
            await self.finish()
        await self._readers.dispose()
        await self._writer.dispose()
        self._lock.release()
        if not self._failure.done():
            self._failure.cancel()

    async def _write_forever(self) -> None:
        """Take what is queued, commit it together, tell the callers; again, until closed."""
        async with self._writer.connect() as connection:
            while True:
                first = await self._queue.get()
                if first is None:
                    break
                jobs, last = self._take(first)
                error = await self._commit(connection, jobs)
                for job in jobs:
                    if job.is_done and error is None and job.then is not None:
                        job.then(job.result)
                    _answer(job, error)
                if isinstance(error, engines.DiskFailedError):
                    self._fail(error)
                    return
                if last:
                    break
                if not await self._fold_wal(connection):
                    return
            await self._fold_wal(connection, at_end=True)

    def _take(self, first: _Queued) -> tuple[list[_Queued], bool]:
        """Give the jobs of the next transaction, and whether the writer is to end after it."""
        jobs = [first]
        while len(jobs) < JOBS_PER_COMMIT_MAX and not self._queue.empty():
            queued = self._queue.get_nowait()
            if queued is None:
                return jobs, True
            jobs.append(queued)
        return jobs, False

    async def _commit(self, connection: AsyncConnection, jobs: list[_Queued]) -> Exception | None:
        """Run jobs in one transaction up to COMMIT and the hooks after it; give what undid all of them."""
        try:
            async with connection.begin():
                if len(jobs) == 1:
                    # Alone in its transaction, a failing job is undone with it: no SAVEPOINT is needed.
                    await self._run_alone(connection, jobs[0])
                else:
                    for job in jobs:
                        await self._run(connection, job)
                for hook in self.before_commit:
                    await hook(connection)
        except Exception as error:  # noqa: BLE001 - every job hears of it
            for forget in self.after_rollback:
                forget()
            return engines.translate(error)
        try:
            for after in self.after_commit:
                await after()
        except Exception as error:  # noqa: BLE001 - the node ends with it
            failure = engines.DiskFailedError(f"stored, but not confirmed in the checkpoint file: {error}")
            failure.__cause__ = error
            return failure
        return None

    async def _run_alone(self, connection: AsyncConnection, queued: _Queued) -> None:
        """Run the only job of a transaction, keeping its result; its error undoes the transaction."""
        if not queued.future.done():
            queued.result = await queued.job(connection)
            queued.is_done = True

    async def _run(self, connection: AsyncConnection, queued: _Queued) -> None:
        """Run one job inside its SAVEPOINT, keeping its result or its error.

        Raises:
            StorageError: The disk is full or failed: SQLite may have undone the whole transaction.
        """
        if queued.future.done():
            return
        await driver.run(connection, [("SAVEPOINT job", ())])
        try:
            queued.result = await queued.job(connection)
            queued.is_done = True
        except Exception as error:
            queued.error = engines.translate(error)
            if isinstance(queued.error, engines.DiskFullError | engines.DiskFailedError):
                raise queued.error from error
            for forget in self.after_rollback:
                forget()
            await driver.run(connection, [("ROLLBACK TO job", ())])
        await driver.run(connection, [("RELEASE job", ())])

    async def _fold_wal(self, connection: AsyncConnection, *, at_end: bool = False) -> bool:
        """Copy the WAL into the file now and then; false when the disk failed.

        A folded WAL is written again from its beginning and its file keeps its length, so the length doesn't tell
        when to fold. How many commits fill it does: that number follows what the last folding found.
        """
        self._commits_unfolded += 1
        if not at_end and self._commits_unfolded < self._commits_per_fold:
            return True
        try:
            mode = "TRUNCATE" if at_end else "PASSIVE"
            (((_, frames, _),),) = await driver.run(connection, [(f"PRAGMA wal_checkpoint({mode})", ())])
        except Exception as error:  # noqa: BLE001 - a busy WAL is tried again, a failed disk ends the node
            failure = engines.translate(error)
            if isinstance(failure, engines.DiskFailedError):
                self._fail(failure)
                return False
        else:
            self._commits_unfolded = 0
            if frames > WAL_FRAMES_PER_FOLD:
                self._commits_per_fold = max(1, self._commits_per_fold // 2)
            elif frames < WAL_FRAMES_PER_FOLD // 2:
                self._commits_per_fold = min(COMMITS_PER_FOLD_MAX, self._commits_per_fold * 2)
        return True

    def _fail(self, error: Exception) -> None:
        """Refuse everything from now on and let `watch` raise."""
        failure = engines.DiskFailedError(f"the node must stop: {error}")
        failure.__cause__ = error
        if not self._failure.done():
            self._failure.set_exception(failure)
        self._drain(failure)

    def _drain(self, error: Exception) -> None:
        """Tell everybody who still waits that the writer has ended."""
        while not self._queue.empty():
            queued = self._queue.get_nowait()
            if queued is not None:
                _answer(queued, error)


async def _settle(writer: AsyncEngine) -> None:
    """Bring what a killed process has left in the WAL to the disk, before anybody is shown it.

    A process that ends between writing a commit and syncing it leaves frames that the next one reads, and that a loss
    of power would still take away: told to a neighbour meanwhile, they would be a head that shrinks.

    Raises:
        sqlite3.Error: The disk failed.
    """
    async with writer.connect() as connection:
        try:
            await driver.run(connection, [("PRAGMA wal_checkpoint(PASSIVE)", ())])
        except sqlite3.Error as error:
            if not isinstance(engines.translate(error), engines.DiskFullError):
                raise  # on a full disk the WAL is synced all the same, before it is folded


def _answer(queued: _Queued, error: Exception | None) -> None:
    """Tell the caller of one job what became of it."""
    if queued.future.done():
        return
    outcome = error or queued.error
    if outcome is not None:
        queued.future.set_exception(outcome)
    else:
        queued.future.set_result(queued.result)
