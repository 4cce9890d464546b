"""Ingest: ranges of followed feeds, checked as a whole and stored in one job.

Reading and checking signatures happens before the job and off the event loop's back as far as it goes; inside the job
the range is folded onto what is stored, compared with the signed root, judged and written.

Source: DESIGN sections 5 and 6; docs/spec/05-merkle.md.

Tests: tests/node/services/test_replication.py
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from node.services.intake import Arrivals, Entrance, OnChange, store_judged, trust_size, wake
from node.services.knowledge import MISPLACED, Knowledge, Standing, Verdict
from node.services.signatures import Signatures
from node.store import agents, deliveries, merkle, records
from node.store.database import Connection, Database
from node.store.feed_reading import FeedState
from node.store.feeds import FeedStore, NewLeaf
from node.store.records import StoredRecord
from protocol.bundle import chain_keys, checkpoint_key
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import LEDGER, TRUST, FeedKey
from protocol.gossip.batches import ReadEntry
from protocol.kinds import feed_of
from protocol.limits import BATCH_RECORDS_MAX
from protocol.merkle.checkpoint import Checkpoint, origin_of, parse_checkpoint, read_checkpoint
from protocol.merkle.leaf import decode_leaf
from protocol.merkle.proofs import verify_consistency
from protocol.merkle.tree import Frontier
from protocol.record import Record, decode_record

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ingested:
    """What a range did: the feed's size, which feeds grew, who has something new to be delivered."""

    size: int
    grown: set[FeedKey] = field(default_factory=set)
    addressed: set[bytes] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """A range whose bytes were read and whose head's signature was checked."""

    feed: FeedKey
    start: int
    read: list[ReadEntry]
    head: Checkpoint
    note: bytes
    proof: list[bytes]


class Ingest:
    """Takes ranges of followed feeds."""

    def __init__(self, database: Database, feeds: FeedStore, signatures: Signatures, tell: OnChange) -> None:
        """Take them into a database; `tell` hears of every range that is durable, whoever waits for it still."""
        self._tell = tell
        self._database = database
        self._feeds = feeds
        self._signatures = signatures
        self._turns: dict[FeedKey, asyncio.Future[None]] = {}

    async def take(
        self,
        feed: FeedKey,
        start: int,
        entries: Sequence[ReadEntry],
        head_note: bytes,
        proof: Sequence[bytes],
    ) -> Ingested:
        """Take a range, all of it or nothing; see `Replication.ingest`.

        Ranges of one feed that are taken while earlier ones are under way are stored in the order of the calls; their
        signatures are checked meanwhile.
        """
        if feed.name == LEDGER or feed.network == self._feeds.home:
            raise RemoteProtocolError(Code.WRONG_FEED, f"{feed.name} of this network isn't taken from peers")
        if len(entries) > BATCH_RECORDS_MAX:
            raise RemoteProtocolError(Code.TOO_MANY, f"at most {BATCH_RECORDS_MAX} entries at once")
        before = self._turns.get(feed)
        turn = self._turns[feed] = asyncio.get_running_loop().create_future()
        try:
            return await self._take_in_turn(before, feed, start, entries, head_note, list(proof))
        finally:
            turn.set_result(None)
            if self._turns.get(feed) is turn:
                del self._turns[feed]

    async def _take_in_turn(
        self,
        before: asyncio.Future[None] | None,
        feed: FeedKey,
        start: int,
        entries: Sequence[ReadEntry],
        head_note: bytes,
        proof: list[bytes],
    ) -> Ingested:
        """Check the bytes of a range at once, and store it behind the one of the same feed that was taken before."""
        key, size = await self._read(feed, start, entries)
        if key is None and before is not None:
            await asyncio.wait([before])
            key, size = await self._read(feed, start, entries)
        if key is None:
            return Ingested(size)
        try:
            head = parse_checkpoint(head_note, origin=origin_of(feed), public=key)
        except RemoteProtocolError as error:
            is_known = bool(size) or feed.name != TRUST  # by an epoch that is stored, not by one that came with it
            if not is_known or error.code is not Code.BAD_SIGNATURE:
                raise
            raise self._stray(feed, size, error) from error
        end = start + len(entries)
        if end > head.size:
            raise RemoteProtocolError(Code.BAD_ROOT, f"the range ends at {end}, behind its head of {head.size}")
        here = size if before is None else start
        if start > here:
            return Ingested(here)
        fresh = entries[max(0, here - start) :]
        present = [item.record for item in fresh if item.record is not None]
        if any(record.is_missing_a_part for record in present):
            raise RemoteProtocolError(Code.MALFORMED, "a part of a record is missing, and nothing erased it")
        await self._check_signatures(present)
        if before is not None:
            await asyncio.wait([before])
        taken = _Range(feed=feed, start=start, read=list(entries), head=head, note=head_note, proof=proof)
        return await self._database.write(
            lambda connection: self._write(connection, taken),
            then=lambda stored: self._tell(stored.grown, stored.addressed),
        )

    async def _read(self, feed: FeedKey, start: int, entries: Sequence[ReadEntry]) -> tuple[bytes | None, int]:
        """Give the key that the feed's heads are signed with, as `_checkpoint_key`, and how many leaves are here."""
        async with self._database.read() as connection:
            state = await self._feeds.find(connection, feed)
            key = await self._checkpoint_key(connection, feed, start, entries)
        return key, 0 if state is None else state.size

    async def _checkpoint_key(
        self, connection: Connection, feed: FeedKey, start: int, entries: Sequence[ReadEntry]
    ) -> bytes | None:
        """Give the key that the feed's heads are signed with; None where the network isn't known yet.

        A network becomes known by the first two leaves of its trust feed: its `agent`, whose id is the network's, and
        its `epoch`, signed by a key of the network.
        """
        known = await agents.get_epoch(connection, feed.network, feed.epoch)
        if known is not None:
            return known[1].checkpoint
        if feed.name != TRUST or start != 0 or len(entries) < 2:
            return None
        agent, epoch = entries[0].record, entries[1].record
        if agent is None or epoch is None or agent.id != feed.network:
            raise RemoteProtocolError(Code.BAD_ID, "leaf 0 of a trust feed is the network's first record")
        await self._check_signatures([agent, epoch])
        _, listed = chain_keys(agent.id, [agent])
        header = epoch.header
        if header.kind != "epoch" or header.author != agent.id or header.key not in listed:
            raise RemoteProtocolError(Code.KEY_NOT_VALID, "leaf 1 of a trust feed is the epoch, signed by the network")
        if epoch.body_value().get("number") != feed.epoch:
            raise RemoteProtocolError(Code.WRONG_FEED, f"the trust feed doesn't begin with epoch {feed.epoch}")
        return checkpoint_key(epoch)

    async def _check_signatures(self, items: Sequence[Record]) -> None:
        sound = await self._signatures.check(items)
        for record, is_sound in zip(items, sound, strict=True):
            if not is_sound:
                raise RemoteProtocolError(Code.BAD_SIGNATURE, f"the signature of a record of kind {record.header.kind}")

    async def _write(self, connection: Connection, taken: "_Range") -> Ingested:
        """Fold, compare, judge and store a range, inside the writer's job."""
        head = taken.head
        state = await self._feeds.ensure(connection, taken.feed)
        end = taken.start + len(taken.read)
        if taken.start > state.size or end < state.size < head.size:
            return Ingested(state.size)  # a gap before it, or nothing new and a proof from elsewhere
        fresh = taken.read[state.size - taken.start :]
        await self._check_head(connection, state, head)
        await self._check_keys_at(connection, state, fresh)
        frontier = state.frontier.copy()
        tiles = merkle.fold(frontier, (item.leaf for item in fresh))
        if frontier.size <= head.size:
            self._check_fold(state, frontier, taken)
        leaves = [NewLeaf(item.record_id, item.record is not None, item.leaf) for item in fresh]
        grown = await self._feeds.store_leaves(
            connection, state, leaves, frontier, tiles, head_size=head.size, head_note=taken.note
        )
        await self._check_seen(connection, state, grown)
        addressed = await self._store_records(connection, state, fresh)
        is_news = bool(fresh) or state.head_size < head.size <= grown.size
        return Ingested(grown.size, {taken.feed} if is_news else set(), addressed)

    async def _store_records(self, connection: Connection, before: FeedState, fresh: list[ReadEntry]) -> set[bytes]:
        """Judge and store the records of new leaves; give who has something new to be delivered."""
        feed = before.key
        home = self._feeds.home or b""
        knowledge = Knowledge()
        trust = (
            before.size + len(fresh) if feed.name == TRUST else await trust_size(connection, self._feeds, feed.network)
        )
        knowledge.trust_sizes[feed.network] = trust
        await knowledge.load(connection, ((item.record, feed.network) for item in fresh if item.record is not None))
        bare = (item.record_id for item in fresh if item.record is None and item.record_id is not None)
        stored = {**knowledge.stored, **await records.find(connection, bare)}
        items: list[tuple[Entrance, Verdict]] = []
        arrivals = Arrivals(trust={feed.network: trust} if feed.name == TRUST else {})
        seen: set[bytes] = set()
        for index, item in enumerate(fresh, start=before.size):
            if item.record_id is None or item.record_id in seen:
                continue
            record, data = item.record, item.data
            row = stored.get(item.record_id)
            if row is not None:
                arrivals.ids.add(item.record_id)
                if record is None:
                    await records.hold_leaves(connection, item.record_id)
                if not await self._stand(connection, row, feed, before.sequence, index):
                    continue
                record, data = decode_record(row.data), row.data
                await knowledge.load(connection, [(record, feed.network)])
            if record is None or data is None:
                continue
            standing = Standing(record=record, data=data, feed=feed, index=index, keys_at=item.keys_at)
            seen.add(record.id)
            verdict = knowledge.judge(standing)
            knowledge.settle(standing, verdict)
            items.append((Entrance(standing, before.sequence, is_moved=row is not None), verdict))
        await store_judged(connection, knowledge, items, arrivals)
        await wake(connection, self._feeds, knowledge, arrivals)
        passed_on = (entrance.standing.record for entrance, _ in items if home in entrance.standing.record.header.to)
        return await deliveries.address(connection, passed_on, home=home)

    async def _stand(
        self, connection: Connection, row: StoredRecord, feed: FeedKey, sequence: int, leaf_index: int
    ) -> bool:
        """Give a stored record its place in a feed, where it has none yet or stands in one where it doesn't belong.

        A copy in a foreign feed is void; it must not keep the record from counting in its own, in its turn: those
        behind it are judged by what it says.

        Returns:
            Whether its row is to be moved here, for it to be judged as if it came now.
        """
        if row.network != feed.network or feed_of(row.kind) != feed.name:
            return False
        if row.feed is None:
            await records.place(connection, row.id, feed=sequence, leaf_index=leaf_index)
        return row.code in MISPLACED

    def _check_fold(self, state: FeedState, frontier: Frontier, taken: "_Range") -> None:
        """Check that the leaves that were here and the new ones lead to the signed head.

        Raises:
            RemoteProtocolError: `conflict` where leaves were here, `bad_proof` where all of them came in this range.
        """
        head, root = taken.head, frontier.root()
        try:
            verify_consistency(
                old_size=frontier.size, old_root=root, new_size=head.size, new_root=head.root, proof=taken.proof
            )
        except RemoteProtocolError as error:
            if not state.size:
                raise
            raise self._stray(taken.feed, state.size, error) from error

    def _stray(self, feed: FeedKey, size: int, error: RemoteProtocolError) -> RemoteProtocolError:
        """Say that a range doesn't go on from what is here; whose fault it is, nobody can tell.

        Its home may have signed two histories, one of which came here and the other to whoever passes it on; or
        that one has altered it.
        """
        # spec/06-gossip G-54
        text = f"a range of {feed.name} doesn't go on from the {size} leaves here: {error.message}"
        return RemoteProtocolError(Code.CONFLICT, text)

    async def _check_head(self, connection: Connection, state: FeedState, head: Checkpoint) -> None:
        """Refuse a head that can't be of the same log as what is here; a stale one is no matter.

        Raises:
            RemoteProtocolError: `conflict`: two signed heads contradict each other.
        """
        if 0 < head.size <= state.size:
            ours = await merkle.root_at(connection, state.sequence, head.size)
        elif head.size == state.seen_size and state.seen_note is not None:
            ours = read_checkpoint(state.seen_note).root
        else:
            return
        if ours != head.root:
            raise self._contradiction(state, head.size)

    async def _check_keys_at(self, connection: Connection, state: FeedState, fresh: list[ReadEntry]) -> None:
        """Refuse leaves whose `keys_at` goes back: so a key that was withdrawn would sign again.

        Raises:
            RemoteProtocolError: `conflict`: the home contradicts what it said before.
        """
        # spec/05-merkle M-5
        newest = 0
        if state.size:
            before = await self._feeds.leaf(connection, state.sequence, state.size - 1)
            with contextlib.suppress(RemoteProtocolError):  # a form that isn't known here
                newest = decode_leaf(before).keys_at
        for index, item in enumerate(fresh, start=state.size):
            if item.keys_at < newest:
                text = f"leaf {index} of {state.key.name} has keys_at {item.keys_at}, the one before it {newest}"
                logger.error("network %s goes back: %s; it is refused", state.key.network.hex(), text)
                raise RemoteProtocolError(Code.CONFLICT, text)
            newest = item.keys_at

    async def _check_seen(self, connection: Connection, before: FeedState, after: FeedState) -> None:
        """Compare what is here now with the head that was seen before its leaves came.

        Raises:
            RemoteProtocolError: `conflict`: two signed heads contradict each other.
        """
        if before.seen_note is None or not before.size < before.seen_size <= after.size:
            return
        root = await merkle.root_at(connection, after.sequence, before.seen_size)
        if root != read_checkpoint(before.seen_note).root:
            raise self._contradiction(before, before.seen_size)

    def _contradiction(self, state: FeedState, size: int) -> RemoteProtocolError:
        key = state.key
        logger.error(
            "evidence: network %s signed two heads of %s that can't be of one log, at size %d; the second is refused",
            key.network.hex(),
            key.name,
            size,
        )
        return RemoteProtocolError(Code.CONFLICT, f"the head of {key.name} at {size} contradicts one signed before")
