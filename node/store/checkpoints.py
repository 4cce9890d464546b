"""The checkpoint file: the size and root of each own feed, kept apart from the database.

It is written after every durable COMMIT that grew an own feed and before anybody is told, so a database that came
from an older copy, or lost its tail, is found before it signs anything again.

    file = two slots of 4096 bytes, written in turn; the valid one with the higher counter counts
    slot = SHA-256 of the rest ‖ counter (8 bytes) ‖ length (4 bytes) ‖ canonical array ‖ zeros
    array = [[network, feed, epoch, size, root], …]

Source: DESIGN sections 5 and 13; docs/operating/storage.md.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from node.store.files import FILES, Files
from protocol import codec
from protocol.errors import RemoteProtocolError, StorageError
from protocol.feeds import FeedKey, feed_from_fields

SLOT_BYTES = 4096
SLOTS = 2
_HASH_BYTES = 32
_FIXED_BYTES = _HASH_BYTES + 8 + 4


class Mark(NamedTuple):
    """How far an own feed was when this node last confirmed it: size in leaves and 32-byte root."""

    size: int
    root: bytes


class CheckpointFile:
    """The two slots of one data folder; opened for as long as the node runs."""

    def __init__(self, path: Path, *, may_be_made: bool, files: Files = FILES) -> None:
        """Open the file.

        Args:
            path: Where it is.
            may_be_made: Whether nothing was signed from this folder yet, so that an empty file may be made.
            files: Where files are.

        Raises:
            StorageError: It is missing or can't be opened, or neither slot is readable although something was written.
        """
        self.path = path
        is_new = not files.exists(path)
        if is_new and not may_be_made:
            raise StorageError(f"{path} is missing: put it back from where the data folder was copied")
        try:
            self._file = files.open(path)
            if is_new:
                self._file.write(0, bytes(SLOT_BYTES * SLOTS))
                self._file.sync()
                files.sync_folder(path.parent)
            data = self._file.read(SLOT_BYTES * SLOTS + 1)
        except OSError as error:
            raise StorageError(f"can't open {path}: {error.strerror}") from error
        slots = [read_slot(data[at : at + SLOT_BYTES]) for at in (0, SLOT_BYTES)]
        readable = [slot for slot in slots if slot is not None]
        if not readable and any(data):
            raise StorageError(f"{path} is damaged in both places; restore it from the newest backup")
        self.counter, self.marks = max(readable, key=lambda slot: slot[0], default=(0, {}))

    def write(self, marks: Mapping[FeedKey, Mark]) -> None:
        """Write the marks into the older slot and wait until the disk has them.

        Raises:
            OSError: The disk failed; the node must end.
        """
        self.counter += 1
        slot = make_slot(self.counter, marks)
        self._file.write((self.counter % SLOTS) * SLOT_BYTES, slot)
        self._file.sync()
        self.marks = dict(marks)

    def close(self) -> None:
        """Close the file; calling it twice is harmless."""
        self._file.close()


def make_slot(counter: int, marks: Mapping[FeedKey, Mark]) -> bytes:
    """Give the 4096 bytes of a slot.

    Raises:
        StorageError: More feeds than a slot holds.
    """
    content = codec.encode([[*feed, *mark] for feed, mark in sorted(marks.items())])
    if len(content) > SLOT_BYTES - _FIXED_BYTES:
        raise StorageError("more own feeds than the checkpoint file has room for")
    rest = (counter.to_bytes(8) + len(content).to_bytes(4) + content).ljust(SLOT_BYTES - _HASH_BYTES, b"\0")
    return hashlib.sha256(rest).digest() + rest


def read_slot(slot: bytes) -> tuple[int, dict[FeedKey, Mark]] | None:
    """Read one slot: its counter and marks, or None where a byte of it is not what was written."""
    rest = slot[_HASH_BYTES:]
    if len(slot) != SLOT_BYTES or hashlib.sha256(rest).digest() != slot[:_HASH_BYTES]:
        return None
    length = int.from_bytes(rest[8:12])
    marks: dict[FeedKey, Mark] = {}
    try:
        for network, name, epoch, size, root in codec.decode(rest[12 : 12 + length]):
            marks[feed_from_fields(network, name, epoch)] = Mark(size, root)
    except (RemoteProtocolError, TypeError, ValueError):
        return None
    return int.from_bytes(rest[:8]), marks
