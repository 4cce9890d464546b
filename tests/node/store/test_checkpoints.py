"""The checkpoint file survives a torn write and names a damaged slot."""

from pathlib import Path

import pytest

from node.store.checkpoints import SLOT_BYTES, CheckpointFile, Mark, make_slot, read_slot
from protocol.errors import StorageError
from protocol.feeds import FeedKey

FEED = FeedKey(b"n" * 32, "trust", 0)


def marks(size: int) -> dict[FeedKey, Mark]:
    """Give the marks of one feed at a size."""
    return {FEED: Mark(size, bytes([size]) * 32)}


def opened(path: Path, *, may_be_made: bool = False) -> CheckpointFile:
    """Open the file."""
    return CheckpointFile(path, may_be_made=may_be_made)


def test_the_newest_marks_are_read_again(tmp_path: Path) -> None:
    """Slots are written in turn; the last one counts."""
    file = opened(tmp_path / "checkpoints", may_be_made=True)
    for size in range(1, 6):
        file.write(marks(size))
    file.close()

    again = opened(tmp_path / "checkpoints")
    assert (again.counter, again.marks) == (5, marks(5))
    again.close()


def test_a_torn_write_leaves_the_marks_before_it(tmp_path: Path) -> None:
    """Half a slot is no slot; the other one counts."""
    path = tmp_path / "checkpoints"
    file = opened(path, may_be_made=True)
    file.write(marks(1))
    file.write(marks(2))
    file.close()
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)

    again = opened(path)
    assert again.marks == marks(1)
    again.close()


def test_damage_in_both_slots_or_a_missing_file_is_an_error(tmp_path: Path) -> None:
    """A node never takes damage for a fresh start."""
    path = tmp_path / "checkpoints"
    with pytest.raises(StorageError, match="missing"):
        opened(path)
    file = opened(path, may_be_made=True)
    file.write(marks(1))
    file.close()
    data = bytearray(path.read_bytes())
    data[SLOT_BYTES + 50] ^= 1
    path.write_bytes(data)

    with pytest.raises(StorageError, match="damaged"):
        opened(path)


def test_every_changed_bit_of_a_slot_is_found() -> None:
    """Every byte of a slot is covered, zeros included."""
    slot = make_slot(7, marks(3))
    for at in range(0, SLOT_BYTES, 7):
        changed = bytearray(slot)
        changed[at] ^= 0x10

        assert read_slot(bytes(changed)) is None
    assert read_slot(slot) == (7, marks(3))
