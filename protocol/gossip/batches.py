"""Between stored leaves and the entries of a BATCH.

A leaf whose record travels is sent without its id, which the record's bytes give; that is 34 bytes a record.

Source: spec/06-gossip G-42.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from protocol.feeds import Head
from protocol.gossip.messages import Batch, Entry
from protocol.merkle.leaf import Leaf, decode_leaf, encode_leaf
from protocol.record import decode_record

StoredEntry = tuple[bytes, bytes | None]
"""A leaf's bytes, and its record's bytes where they travel."""


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


def stored_entries(batch: Batch) -> list[StoredEntry]:
    """Give the leaves of a batch with their records.

    Raises:
        RemoteProtocolError: A record's bytes are no record.
    """
    return [(_leaf(entry), entry.record) for entry in batch.entries]


def _entry(leaf_bytes: bytes, record: bytes | None) -> Entry:
    leaf = decode_leaf(leaf_bytes)
    return Entry(leaf.keys_at, record) if record is not None else Entry(leaf.keys_at, None, leaf.record_id)


def _leaf(entry: Entry) -> bytes:
    record_id = entry.record_id if entry.record is None else decode_record(entry.record).id
    return encode_leaf(Leaf(record_id, entry.keys_at))
