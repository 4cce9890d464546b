"""Stored leaves become entries and entries become the same leaves."""

from __future__ import annotations

import pytest

from protocol.errors import RemoteProtocolError
from protocol.gossip.batches import batch_of, stored_entries
from protocol.gossip.messages import Entry
from protocol.merkle.leaf import Leaf, encode_leaf
from tests.simulation.spread.memory_replica import MemoryReplica


def test_entries_give_the_stored_leaves_back() -> None:
    """With a record, without one, and without an id: the leaf's bytes are the same."""
    replica = MemoryReplica("vila")
    head = replica.heads[replica.offer(1)]
    found = replica.load(head.feed, 0, 10_000, 10, replica.network)
    assert found is not None
    bare = (encode_leaf(Leaf(bytes(32), 7)), None)
    empty = (encode_leaf(Leaf(None, 8)), None)
    entries = [*found.entries, bare, empty]

    batch = batch_of(head, 0, entries, [])

    assert entries == stored_entries(batch)
    assert batch.entries[0].record_id is None
    assert (head.size, head.root) == (batch.head_size, batch.head_root)


def test_bytes_that_are_no_record_are_refused() -> None:
    """An entry whose record can't be read has no leaf."""
    replica = MemoryReplica("vila")
    head = replica.heads[replica.offer(1)]
    batch = batch_of(head, 0, [], [])
    broken = type(batch)(
        request=None,
        feed=head.feed,
        start=0,
        entries=(Entry(0, b"nothing"),),
        note=head.note,
        head_size=head.size,
        head_root=head.root,
        proof=(),
    )

    with pytest.raises(RemoteProtocolError):
        stored_entries(broken)
