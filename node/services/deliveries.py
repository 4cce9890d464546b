"""Deliveries: addressed records travel as bundles, also through a network that both ends know.

A network that gets a record notes it for the other addressed networks too, so that it arrives over any link: whoever
has it already acknowledges at once.

Source: DESIGN section 6; docs/concepts/feeds.md.

Tests: tests/node/services/test_replication.py
"""

import logging
from collections.abc import Sequence

from node.services.intake import Arrivals, Entrance, OnChange, bundled, store_judged, trust_size, wake
from node.services.knowledge import MISPLACED, Knowledge
from node.services.signatures import Signatures
from node.store import agents, deliveries, merkle, records
from node.store.database import Connection, Database
from node.store.feeds import FeedStore
from node.store.records import VALID, StoredRecord
from protocol.bundle import Bundle, Proven, decode_bundle, encode_bundle, verify_bundle
from protocol.errors import Code, RemoteProtocolError, StorageError
from protocol.kinds import feed_of
from protocol.limits import BUNDLE_BYTES_MAX, BUNDLE_RECORDS_MAX
from protocol.record import Record, decode_record, encode_record

logger = logging.getLogger(__name__)


class Deliveries:
    """Makes bundles, takes them, and keeps the outbox."""

    def __init__(self, database: Database, feeds: FeedStore, signatures: Signatures, tell: OnChange) -> None:
        """Deliver out of and into a database; `tell` hears of every bundle that is durable."""
        self._tell = tell
        self._database = database
        self._feeds = feeds
        self._signatures = signatures

    async def bundle(self, record_id: bytes) -> bytes:
        """Give an addressed record with all that proves it; see `Replication.bundle`."""
        async with self._database.read() as connection:
            row = await records.find_one(connection, record_id)
            if row is None:
                raise RemoteProtocolError(Code.NOT_FOUND, "the record is not here")
            kept = await records.get_bundle(connection, record_id)
            if kept is not None:
                return kept
            made = encode_bundle(await self._make(connection, row))
        if len(made) > BUNDLE_BYTES_MAX:
            raise RemoteProtocolError(Code.TOO_LARGE, f"its bundle has {len(made)} bytes, {BUNDLE_BYTES_MAX} at most")
        return made

    async def take(self, data: bytes) -> bytes:
        """Take a bundle; give its record's id once it is durable, and tell who has something new to be delivered."""
        bundle = decode_bundle(data)
        proven = verify_bundle(bundle)
        home = self._feeds.home
        if home is None or home not in bundle.record.header.to:
            raise RemoteProtocolError(Code.WRONG_HOME, "the record isn't addressed to this network")
        if bundle.record.is_missing_a_part or any(item.is_missing_a_part for item in bundle.agents):
            raise RemoteProtocolError(Code.MALFORMED, "a part of a record is missing, and nothing erased it")
        if feed_of(bundle.record.header.kind) not in {None, proven.feed.name}:
            raise RemoteProtocolError(Code.WRONG_FEED, "the bundle proves the record in a feed where it doesn't belong")
        if bundle.record.header.home == home:
            raise RemoteProtocolError(Code.WRONG_HOME, "the record is this network's own")
        await self._database.write(
            lambda c: self._write(c, bundle, proven, data, home), then=lambda addressed: self._tell(set(), addressed)
        )
        return bundle.record.id

    async def outbox(self, network: bytes, count_max: int) -> list[bytes]:
        """Give the ids that a network has not acknowledged yet, oldest first."""
        async with self._database.read() as connection:
            return await deliveries.outbox(connection, network, count_max=count_max)

    async def acknowledged(self, network: bytes, ids: Sequence[bytes]) -> None:
        """Note that a network has these records durably."""
        if ids:
            await self._database.write(lambda c: deliveries.acknowledge(c, network, ids))

    async def _write(
        self, connection: Connection, bundle: Bundle, proven: Proven, data: bytes, home: bytes
    ) -> set[bytes]:
        """Store a verified bundle and judge its record, inside the writer's job."""
        record = bundle.record
        await self._check_epoch(connection, proven)
        row = await records.find_one(connection, record.id)
        if row is not None and row.code not in MISPLACED:
            return set()
        await records.put_bundle(connection, record.id, data)
        standing = await bundled(connection, self._feeds, record.id, encode_record(record))
        knowledge = Knowledge()
        network = proven.feed.network
        knowledge.trust_sizes[network] = await trust_size(connection, self._feeds, network)
        await knowledge.load(connection, [(record, network)])
        verdict = knowledge.judge(standing)
        knowledge.settle(standing, verdict)
        feed, index = (await records.hold_leaves(connection, record.id)).get(proven.feed, (None, None))
        arrivals = Arrivals()
        entrance = Entrance(standing, feed if index == standing.index else None, is_moved=row is not None)
        await store_judged(connection, knowledge, [(entrance, verdict)], arrivals)
        await wake(connection, self._feeds, knowledge, arrivals)
        return await deliveries.address(connection, [record], home=home)

    async def _check_epoch(self, connection: Connection, proven: Proven) -> None:
        """Refuse a bundle whose epoch is another than the one known under its number.

        Raises:
            RemoteProtocolError: `conflict`.
        """
        known = await agents.get_epoch(connection, proven.feed.network, proven.feed.epoch)
        if known is not None and known[1].checkpoint != proven.checkpoint_key:
            logger.error("evidence: network %s signed two epochs of one number", proven.feed.network.hex())
            raise RemoteProtocolError(Code.CONFLICT, "the bundle's epoch is another than the one known here")

    async def _make(self, connection: Connection, row: StoredRecord) -> Bundle:
        """Make the bundle of a record out of the feed that it stands in."""
        if row.feed is None or row.leaf_index is None:
            raise StorageError(f"record {row.id.hex()} has neither feed nor bundle: run `mutirao verify data`")
        key = await self._feeds.key_of(connection, row.feed)
        state = await self._feeds.find(connection, key)
        head = None if state is None else state.head()
        if state is None or head is None or head.size <= row.leaf_index:
            raise RemoteProtocolError(Code.NOT_FOUND, "no signed head covers the record yet")
        proof = await merkle.inclusion_proof(connection, row.feed, index=row.leaf_index, size=head.size)
        return Bundle(
            record=decode_record(row.data),
            leaf=await self._feeds.leaf(connection, row.feed, row.leaf_index),
            index=row.leaf_index,
            proof=tuple(proof),
            note=head.note,
            agents=await self._chains(connection, key.network, key.epoch, row.author),
        )

    async def _chains(
        self, connection: Connection, network: bytes, number: int, author: bytes | None
    ) -> tuple[Record, ...]:
        """Give the home's `agent` records and `epoch`, and the author's `agent` records."""
        epoch = await agents.get_epoch(connection, network, number)
        if epoch is None:
            raise StorageError(f"epoch {number} of network {network.hex()} is missing: run `mutirao verify data`")
        who = dict.fromkeys(agent for agent in (network, author) if agent is not None)
        revisions = await records.revisions(connection, who)
        rows = [row for agent in who for row in revisions.get(agent, []) if row.state == VALID]
        stated = await records.find_one(connection, epoch[1].record_id)
        rows.extend([stated] if stated is not None else [])
        if len(rows) > BUNDLE_RECORDS_MAX:
            raise RemoteProtocolError(Code.TOO_MANY, f"the keys take {len(rows)} records, {BUNDLE_RECORDS_MAX} at most")
        return tuple(decode_record(row.data) for row in rows)
