"""The store's files on a disk of the simulator: SQLite through the VFS, the rest directly, nothing in another thread.

A call of the database driver runs where it is awaited, after a pause that the machine decides, so that what other
tasks do in between differs from seed to seed. A COMMIT always takes some time, as a sync does.
"""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable, Generator
from pathlib import Path
from typing import Any

import aiosqlite

from node.store.files import Files, PlainFile
from node.store.lock import FolderLock
from protocol.errors import StorageError
from tests.simulation import sqlite_vfs
from tests.simulation.disk import Disk, DiskError

Pause = Callable[[bool], Awaitable[None]]
"""Waits before a call of the driver; the argument says whether it is a COMMIT."""


class MemoryFiles(Files):
    """The folder `/OWNER` on one disk."""

    def __init__(self, owner: str, disk: Disk, pause: Pause) -> None:
        """Show a disk to SQLite under a name of its own."""
        self.folder = Path("/") / owner
        self.disk = disk
        self._owner = owner
        self._pause = pause
        self._is_locked = False
        self._connections: list[sqlite3.Connection] = []
        sqlite_vfs.installed().add(owner, disk)

    def engine_arguments(self, path: Path) -> dict[str, Any]:
        """Give the maker of connections."""

        def connect() -> sqlite3.Connection:
            uri = f"file:{path}?vfs={sqlite_vfs.NAME}"
            made = sqlite3.connect(uri, uri=True, check_same_thread=False)
            self._connections.append(made)
            return made

        async def create(*_: Any, **__: Any) -> aiosqlite.Connection:
            return await InlineConnection(connect, self._pause)

        return {"async_creator": create}

    def lock(self, path: Path) -> FolderLock:
        """Take the lock of the folder.

        Raises:
            StorageError: It is taken.
        """
        if self._is_locked:
            raise StorageError(f"{path.parent} is in use by another process")
        self._is_locked = True
        return _Lock(self)

    def exists(self, path: Path) -> bool:
        """Say whether there is such a file."""
        return path.name in self.disk.files

    def open(self, path: Path) -> PlainFile:
        """Open a file."""
        return _MemoryFile(self.disk, path.name)

    async def wait_for(self, call: Callable[..., None], *arguments: object) -> None:
        """Run a call after a while."""
        await self._pause(True)
        call(*arguments)

    def sync_folder(self, path: Path) -> None:
        """Do nothing: a synced file has its name on the disk."""

    def unlock(self) -> None:
        """Free the folder."""
        self._is_locked = False

    def remove(self) -> None:
        """Take the disk out of SQLite's sight, with whatever connection a killed process has left."""
        for connection in self._connections:
            with contextlib.suppress(sqlite3.Error):
                connection.close()
        sqlite_vfs.installed().remove(self._owner)


class _Lock(FolderLock):
    def __init__(self, files: MemoryFiles) -> None:
        self._files = files

    def release(self) -> None:
        self._files.unlock()


class _MemoryFile(PlainFile):
    def __init__(self, disk: Disk, name: str) -> None:
        self._disk = disk
        self._name = name
        disk.create(name)

    def read(self, bytes_max: int) -> bytes:
        return bytes(self._disk.files[self._name].seen[:bytes_max])

    def write(self, offset: int, data: bytes) -> None:
        self._disk.write(self._name, offset, data)

    def sync(self) -> None:
        self._disk.sync(self._name)

    def close(self) -> None:
        """Nothing is kept open."""


class InlineConnection(aiosqlite.Connection):
    """A connection of the driver without its thread."""

    def __init__(self, connector: Callable[[], sqlite3.Connection], pause: Pause) -> None:
        """Prepare; awaiting it connects."""
        super().__init__(connector, 64)
        self._tx: Any = _InlineQueue()
        self._pause = pause

    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        """Connect."""
        return self._open().__await__()

    async def _open(self) -> aiosqlite.Connection:
        self._connection = self._connector()
        return self

    async def _execute(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        await self._pause(getattr(fn, "__name__", "") == "commit")
        return fn(*args, **kwargs)

    def stop(self) -> asyncio.Future[Any] | None:
        """Close the connection."""
        self._running = False
        if self._connection is not None:
            connection, self._connection = self._connection, None
            try:
                connection.close()
            except (sqlite3.Error, DiskError):
                return None
        return None


class _InlineQueue:
    """Where SQLAlchemy puts the one call that the driver has no method for."""

    def put_nowait(self, item: tuple[asyncio.Future[Any] | None, Callable[[], Any]]) -> None:
        """Run it."""
        future, call = item
        result = call()
        if future is not None:
            future.set_result(result)
