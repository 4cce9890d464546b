"""Between stored leaves and the entries of a BATCH.

A leaf whose record travels is sent without its id, which the record's bytes give; that is 34 bytes a record.

Source: spec/06-gossip G-42.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import Head
from protocol.gossip.messages import Batch, Entry
from protocol.merkle.leaf import Leaf, decode_leaf, encode_leaf
from protocol.record import Record, decode_record

StoredEntry = tuple[bytes, bytes | None]
"""A leaf's bytes, and its record's bytes where they travel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEntry:
    """One entry after reading.

    Attributes:
        leaf: The leaf's bytes, as they are hashed.
        record_id: What the leaf names; None for a leaf without record or in a form that isn't known here.
        keys_at: What the leaf says of keys; 0 in a form that isn't known here.
        data: The record's bytes, where they came.
        record: The record; its signature is not checked.
    """

    leaf: bytes
    record_id: bytes | None
    keys_at: int
    data: bytes | None
    record: Record | None


def batch_of(head: Head, start: int, entries: Iterable[StoredEntry], proof: Sequence[bytes]) -> Batch:
    """Make the batch of a stored range.

    Args:
        head: The feed's head; its size is not below the end of `entries`.
        start: Index of the first entry.
        entries: Leaves and records.
        proof: Consistency from the end of `entries` to the head, empty where they are the same.
    """
    return Batch(
        request=None,
        feed=head.feed,
        start=start,
        entries=tuple(_entry(leaf, record) for leaf, record in entries),
        note=head.note,
        head_size=head.size,
        head_root=head.root,
        proof=tuple(proof),
    )


def read_entries(batch: Batch) -> list[ReadEntry]:
    """Read the entries of a batch: each record is decoded once, and its leaf is made of its id.

    Raises:
        RemoteProtocolError: A record's bytes are no record.
    """
    return [_read(entry) for entry in batch.entries]


def read_stored(leaf_bytes: bytes, data: bytes | None) -> ReadEntry:
    """Read a leaf with its record, as they are stored.

    Raises:
        RemoteProtocolError: The record's bytes fail, or the leaf names another record.
    """
    try:
        leaf = decode_leaf(leaf_bytes)
    except RemoteProtocolError:
        if data is not None:
            raise
        return ReadEntry(leaf=leaf_bytes, record_id=None, keys_at=0, data=None, record=None)
    if data is None:
        return ReadEntry(leaf=leaf_bytes, record_id=leaf.record_id, keys_at=leaf.keys_at, data=None, record=None)
    record = decode_record(data)
    if record.id != leaf.record_id:
        raise RemoteProtocolError(Code.BAD_ID, "the record isn't the one that its leaf names")
    return ReadEntry(leaf=leaf_bytes, record_id=record.id, keys_at=leaf.keys_at, data=data, record=record)


def stored_entries(batch: Batch) -> list[StoredEntry]:
    """Give the leaves of a batch with their records' bytes.

    Raises:
        RemoteProtocolError: A record's bytes are no record.
    """
    return [(entry.leaf, entry.data) for entry in read_entries(batch)]


def _entry(leaf_bytes: bytes, record: bytes | None) -> Entry:
    leaf = decode_leaf(leaf_bytes)
    return Entry(leaf.keys_at, record) if record is not None else Entry(leaf.keys_at, None, leaf.record_id)


def _read(entry: Entry) -> ReadEntry:
    record = None if entry.record is None else decode_record(entry.record)
    record_id = entry.record_id if record is None else record.id
    leaf = encode_leaf(Leaf(record_id, entry.keys_at))
    return ReadEntry(leaf=leaf, record_id=record_id, keys_at=entry.keys_at, data=entry.record, record=record)
