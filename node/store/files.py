"""The store's only way to files: database, lock and checkpoint file; the simulator puts a twin in its place.

Source: DESIGN section 13, rule 5; docs/contributing/simulation.md.

Tests: tests/node/store/test_checkpoints.py
"""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from node.store.lock import FolderLock


class PlainFile:
    """A file that is written in place; opened by `Files.open`."""

    def __init__(self, descriptor: int) -> None:
        """Take an open descriptor."""
        self._descriptor = descriptor

    def read(self, bytes_max: int) -> bytes:
        """Give the file from its beginning, at most `bytes_max` bytes."""
        return os.pread(self._descriptor, bytes_max, 0)

    def write(self, offset: int, data: bytes) -> None:
        """Write bytes at an offset; they are durable after `sync`."""
        os.pwrite(self._descriptor, data, offset)

    def sync(self) -> None:
        """Wait until the disk has all that was written.

        Raises:
            OSError: The disk failed; nobody knows what it holds.
        """
        os.fdatasync(self._descriptor)

    def close(self) -> None:
        """Close the file; calling it twice is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class Files:
    """Files of this machine."""

    def engine_arguments(self, path: Path) -> dict[str, Any]:
        """Give what an engine needs beside its URL to open the database at `path`."""
        del path
        return {}

    def lock(self, path: Path) -> FolderLock:
        """Take the lock of a data folder.

        Raises:
            StorageError: Another process holds it, or it can't be opened.
        """
        return FolderLock(path)

    def exists(self, path: Path) -> bool:
        """Say whether there is such a file."""
        return path.exists()

    def open(self, path: Path) -> PlainFile:
        """Open a file for reading and writing, making it where it is missing, readable by its owner only.

        Raises:
            OSError: It can't be opened.
        """
        return PlainFile(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))

    async def wait_for(self, call: Callable[..., None], *arguments: object) -> None:
        """Run a call that waits for the disk beside the event loop; give its outcome."""
        await asyncio.to_thread(call, *arguments)

    def sync_folder(self, path: Path) -> None:
        """Wait until the disk has the names in a folder.

        Raises:
            OSError: The disk failed.
        """
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


FILES = Files()
