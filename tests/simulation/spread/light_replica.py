"""Feeds that ten thousand nodes of one process hold in common: what is equal is kept, and checked, once.

A `LightReplica` answers as a `MemoryReplica` does and runs the same code. Two things make it light, and neither changes
an answer:

- A feed's log, once made, is never altered; growing gives a new one. So the nodes that hold the same leaves share one
  log.
- Checking a batch (ids, signatures, folds, proofs, head) depends on the log, the network's keys and the batch's bytes
  alone. The `Library` remembers what came of it, and the next node that has the same log and gets the same bytes is
  given that. Reading a range of a log into a batch is remembered likewise. Failures are never remembered.

Source: tests/simulation/spread/memory_replica.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from protocol.feeds import FeedKey, Head
from protocol.gossip.batches import StoredEntry, stored_entries
from protocol.gossip.effects import Load
from protocol.gossip.identity import Identity
from protocol.gossip.messages import Batch, Entry
from tests.simulation.spread.memory_replica import MemoryFeed, MemoryReplica, check_range, identity_of

EMPTY = MemoryFeed()
"""The log that every feed begins as."""


class _Grown(NamedTuple):
    """What came of a batch."""

    log: MemoryFeed
    head: Head | None
    identity: Identity


_Bytes = tuple[FeedKey, int, tuple[Entry, ...], bytes | None, tuple[bytes, ...]]
"""All that a batch says, without the number of the GET that it answers."""

_Range = tuple[MemoryFeed, Head, int, int, int]
"""Log, head, start, bytes and records."""


class Library:
    """What one process has checked and read already."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.grown: dict[tuple[MemoryFeed, Identity | None, _Bytes], _Grown] = {}
        self.read: dict[_Range, Batch | None] = {}


class LightReplica(MemoryReplica):
    """One node's feeds, whose logs it shares."""

    def __init__(self, name: str, library: Library) -> None:
        """Make the network `name`."""
        self._library = library
        super().__init__(name)

    def batch(self, load: Load, reader: bytes) -> Batch | None:
        """Read a range, as `MemoryReplica.batch` does; public feeds only, which read the same for everybody."""
        log, head = self.feeds.get(load.feed), self.heads.get(load.feed)
        if log is None or head is None:
            return None
        key = (log, head, load.start, load.bytes_max, load.records_max)
        if key not in self._library.read:
            self._library.read[key] = super().batch(load, reader)
        return self._library.read[key]

    def take(self, batch: Batch) -> int:
        """Verify and append a batch, as `MemoryReplica.take` does.

        Raises:
            RemoteProtocolError: The bytes fail.
        """
        feed = batch.feed
        log = self.feeds.get(feed, EMPTY)
        here = len(log.leaves)
        if batch.start > here or batch.end <= here:
            return here
        known = self.identities.get(feed.network)
        key = (log, known, (feed, batch.start, batch.entries, batch.note, batch.proof))
        grown = self._library.grown.get(key)
        if grown is None:
            grown = self._library.grown[key] = _grow(log, known, batch)
        self.feeds[feed], self.identities[feed.network] = grown.log, grown.identity
        self.sizes[feed] = len(grown.log.leaves)
        if grown.head is not None:
            self.heads[feed] = grown.head
        return self.sizes[feed]

    def _append(self, feed: FeedKey, entries: Iterable[StoredEntry]) -> None:
        self.feeds[feed] = self.feeds.get(feed, EMPTY).copy()
        super()._append(feed, entries)


def _grow(log: MemoryFeed, known: Identity | None, batch: Batch) -> _Grown:
    entries = stored_entries(batch)
    here = len(log.leaves)
    identity = identity_of(batch.feed, here, entries, known)
    fresh = entries[here - batch.start :]
    head = check_range(log, identity, batch.feed, fresh, batch.note or b"", batch.proof)
    grown = log.copy()
    for leaf, record in fresh:
        grown.append(leaf, record)
    return _Grown(grown, head, identity)
