"""Replication: heads and ranges for peers, ingest of followed feeds, delivery of addressed records.

Rules kept here:
- a range is taken only if it folds to the signed root; bytes that fail (record, id, signature, root, head) raise and
  leave nothing behind;
- nothing that a feed says stops it: what breaks a rule is kept void, what lacks something waits;
- only heads whose leaves are all here are passed on;
- records of the trade feed go to the networks that they are addressed to; everybody else gets their ids.

Source: DESIGN sections 5 and 6; docs/concepts/feeds.md.
"""

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from node.services.deliveries import Deliveries
from node.services.ingest import Ingest
from node.services.intake import OnChange
from node.services.signatures import Signatures
from node.store import agents, merkle
from node.store.database import Connection, Database
from node.store.feed_reading import FeedState
from node.store.feeds import FeedStore
from node.store.records import find_one
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import LEDGER, TRADE, FeedKey, Head
from protocol.gossip.batches import ReadEntry, read_stored
from protocol.record import decode_record

logger = logging.getLogger(__name__)

Entry = tuple[bytes, bytes | None]
"""A leaf and its record's bytes; None where the record isn't here or isn't the reader's to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A range of a feed, ready to be sent.

    Attributes:
        start: The first leaf's index.
        entries: Leaves with their records.
        head: The newest head whose leaves are all here.
        proof: Consistency from the end of the entries to the head; empty where they end at it.
    """

    start: int
    entries: list[Entry]
    head: Head
    proof: list[bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnIdentity:
    """Who this node is to its peers: the network's first `agent` record and its current `epoch`, as they travel."""

    network: bytes
    epoch: int
    agent_record: bytes
    epoch_record: bytes


class Replication:
    """The store's side of gossip.

    Attributes:
        on_change: Told, in the event loop, after every commit that changed something: which feeds grew and which
            networks have something new to be delivered.
    """

    def __init__(self, database: Database, feeds: FeedStore, signatures: Signatures) -> None:
        """Replicate the feeds of a database."""
        self.on_change: list[OnChange] = []
        self._database = database
        self._feeds = feeds
        self._ingest = Ingest(database, feeds, signatures, self.tell)
        self._deliveries = Deliveries(database, feeds, signatures, self.tell)

    async def identity(self) -> OwnIdentity:
        """Give the records by which peers know this node."""
        home = self._feeds.home or b""
        async with self._database.read() as connection:
            found = await agents.get_epoch(connection, home)
            agent = await find_one(connection, home)
            epoch = None if found is None else await find_one(connection, found[1].record_id)
        if found is None or agent is None or epoch is None:
            raise RemoteProtocolError(Code.NOT_FOUND, "this folder has no network yet")
        return OwnIdentity(network=home, epoch=found[0], agent_record=agent.data, epoch_record=epoch.data)

    async def heads(self) -> dict[FeedKey, Head]:
        """Give the newest head of every public feed that is here, own and followed."""
        return (await self.holdings())[0]

    async def holdings(
        self, feeds: Collection[FeedKey] | None = None
    ) -> tuple[dict[FeedKey, Head], dict[FeedKey, int]]:
        """Give the newest heads whose leaves are all here, and how many leaves are here.

        Args:
            feeds: Which public feeds; None for all.
        """
        async with self._database.read() as connection:
            if feeds is None:
                found = await self._feeds.all(connection)
            else:
                each = await self._feeds.find_each(connection, feeds)
                found = [state for state in each if state is not None]
        states = [state for state in found if state.key.name != LEDGER]
        heads = (state.head() for state in states)
        return {head.feed: head for head in heads if head is not None}, {state.key: state.size for state in states}

    async def load(
        self, feed: FeedKey, start: int, max_bytes: int, max_records: int, reader: bytes | None
    ) -> Loaded | None:
        """Read a range of a feed for a peer.

        Args:
            feed: Which feed.
            start: The first leaf.
            max_bytes: Leaves and records together; at least one entry is given.
            max_records: Entries.
            reader: The peer's network: trade records go to who they are addressed to.

        Returns:
            The range, or None where the feed or its leaf `start` isn't here.

        Raises:
            RemoteProtocolError: `forbidden` for the private ledger.
        """
        if feed.name == LEDGER:
            raise RemoteProtocolError(Code.FORBIDDEN, "the ledger's feed is private")
        async with self._database.read() as connection:
            state = await self._feeds.find(connection, feed)
            head = None if state is None else state.head()
            if state is None or head is None or not 0 <= start <= head.size:
                return None
            end = min(start + max_records, head.size)
            entries: list[Entry] = []
            size_bytes = 0
            async for leaf, record in self._feeds.entries(connection, state.sequence, start, end):
                shown = record if record is None or _may_read(feed, record, reader) else None
                size_bytes += len(leaf) + len(shown or b"")
                if entries and size_bytes > max_bytes:
                    break
                entries.append((leaf, shown))
            proof = await self._proof(connection, state, start + len(entries), head.size)
        return Loaded(start=start, entries=entries, head=head, proof=proof)

    async def ingest(
        self, feed: FeedKey, start: int, entries: Sequence[Entry], head_note: bytes, proof: Sequence[bytes]
    ) -> int:
        """Take a range of a followed feed, all of it or nothing.

        Args:
            feed: Which feed.
            start: The index of the first entry.
            entries: Leaves with their records.
            head_note: The signed head that covers them.
            proof: Consistency from their end to the head; empty where they end at it.

        Returns:
            The feed's size now. It is less than the end of the range where leaves before `start` are missing, or
            where the network isn't known yet (its trust feed comes first).

        Raises:
            RemoteProtocolError: Bytes that fail; nothing of the range is kept.
            DiskFullError: The disk is full; nothing of the range is kept.
        """
        read = [read_stored(leaf, data) for leaf, data in entries]
        return await self.ingest_read(feed, start, read, head_note, proof)

    async def ingest_read(
        self, feed: FeedKey, start: int, entries: Sequence[ReadEntry], head_note: bytes, proof: Sequence[bytes]
    ) -> int:
        """Take a range whose entries were read already; otherwise as `ingest`."""
        return (await self._ingest.take(feed, start, entries, head_note, proof)).size

    async def bundle(self, record_id: bytes) -> bytes:
        """Give an addressed record with all that proves it.

        Raises:
            RemoteProtocolError: `not_found`.
        """
        return await self._deliveries.bundle(record_id)

    async def deliver(self, data: bytes) -> bytes:
        """Take a bundle; the same one again changes nothing.

        Returns:
            The record's id, once it is durable here.

        Raises:
            RemoteProtocolError: Bytes that fail, or a record that isn't addressed to this network.
            DiskFullError: The disk is full.
        """
        return await self._deliveries.take(data)

    async def outbox(self, network: bytes, count_max: int = 1000) -> list[bytes]:
        """Give the ids of records that still have to reach a network, oldest first."""
        return await self._deliveries.outbox(network, count_max)

    async def acknowledged(self, network: bytes, ids: Sequence[bytes]) -> None:
        """Note that a network has these records durably."""
        await self._deliveries.acknowledged(network, ids)

    def tell(self, feeds: set[FeedKey], networks: set[bytes]) -> None:
        """Tell the links what changed: what was ingested here, or published at home."""
        if feeds or networks:
            for tell in self.on_change:
                tell(feeds, networks)

    async def _proof(self, connection: Connection, state: FeedState, old_size: int, new_size: int) -> list[bytes]:
        return await merkle.consistency_proof(connection, state.sequence, old_size=old_size, new_size=new_size)


def _may_read(feed: FeedKey, data: bytes, reader: bytes | None) -> bool:
    """Tell whether a record's payload is the reader's to read; ids always are."""
    if feed.name != TRADE:
        return True
    header = decode_record(data).header
    return reader is not None and (reader in header.to or reader == header.home)
