"""The `lock` file: one process at a time writes a data folder.

An advisory `flock` that the kernel drops when the process ends, however it ends,
so that a killed node leaves no stale lock behind.

Source: DESIGN section 13; docs/operating/storage.md.

Tests: tests/node/store/test_database.py
"""

import fcntl
import os
from pathlib import Path

from protocol.errors import StorageError


class FolderLock:
    """Holds `lock` in a data folder from construction until `release`."""

    def __init__(self, path: Path) -> None:
        """Take the lock.

        Args:
            path: The lock file; made when missing, never removed.

        Raises:
            StorageError: Another process holds it, or the file can't be opened.
        """
        try:
            self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StorageError(f"can't open {path}: {error.strerror}") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise StorageError(
                f"{path.parent} is in use by another process",
                next_step="Stop that node first, or give this one another folder.",
            ) from error

    def release(self) -> None:
        """Give the folder free; calling it twice is harmless."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
