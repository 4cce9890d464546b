"""Publishing: the home takes signed records of its members, appends them to its feeds and answers each.

Rules kept here:
- a record is taken once: the same bytes again give the first answer, and wait for its commit;
- what breaks a rule is refused with its code and stands nowhere;
- a new agent is taken together with the membership that the network signed for it, or not at all;
- nobody is answered before the record is durable; then its feed's new head and its deliveries are announced.

Source: DESIGN sections 4, 5 and 13; docs/concepts/feeds.md.
"""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from node.clock import Clock
from node.services.contradictions import contradiction
from node.services.intake import Arrivals, Entrance, store_judged, wake
from node.services.knowledge import Knowledge, Standing, Verdict
from node.services.outcomes import Outcome, Recorded, Refused
from node.services.signatures import Signatures
from node.store import deliveries, records
from node.store.database import Connection, Database
from node.store.feeds import FeedStore, NewLeaf
from node.store.records import VALID, WAITING
from protocol.errors import Code, Refusal, RemoteProtocolError
from protocol.feeds import LEDGER, TRUST, FeedKey
from protocol.kinds import feed_of
from protocol.limits import CLOCK_SKEW_MS_MAX, RECORDS_PER_SUBMIT_MAX
from protocol.merkle.leaf import Leaf, encode_leaf
from protocol.record import Record, decode_record
from protocol.rules import admit

logger = logging.getLogger(__name__)

OnChange = Callable[[set[FeedKey], set[bytes]], None]
"""Told, after commit, which feeds grew and which networks have something new to be delivered."""


class Instructions(Protocol):
    """What takes the records of the private ledger feed."""

    async def submit(self, records: Sequence[Record]) -> list[Outcome]:
        """Check the signatures of instructions, apply them, and answer each."""
        ...


@dataclass(slots=True)
class Submitted:
    """One submitted record on its way: the bytes, the record once it is read, the answer once there is one."""

    data: bytes
    record: Record | None = None
    outcome: Outcome | None = None


@dataclass(slots=True)
class _Batch:
    """What one writing job found out about the records of a submission."""

    accepted: list[tuple[Submitted, Standing, Verdict]] = field(default_factory=list)
    places: dict[bytes, int] = field(default_factory=dict)
    outcomes: dict[bytes, Outcome] = field(default_factory=dict)


class Publishing:
    """Takes submissions for one home.

    Attributes:
        ledger: What takes ledger records; None where this node keeps no ledger.
        on_change: Told of every submission that changed something.
    """

    def __init__(self, database: Database, feeds: FeedStore, clock: Clock, signatures: Signatures) -> None:
        """Publish into the own feeds of `feeds`."""
        self.ledger: Instructions | None = None
        self.on_change: list[OnChange] = []
        self._database = database
        self._feeds = feeds
        self._clock = clock
        self._signatures = signatures

    async def submit(self, items: Sequence[bytes]) -> list[Outcome]:
        """Take records, each by itself, and answer them in their order.

        Args:
            items: Encoded records, at most 100.

        Returns:
            For each whether and where it is recorded, or why it is refused.

        Raises:
            RemoteProtocolError: `too_many` records at once.
            DiskFullError: The disk is full; nothing of this was recorded.
        """
        if len(items) > RECORDS_PER_SUBMIT_MAX:
            raise RemoteProtocolError(Code.TOO_MANY, f"at most {RECORDS_PER_SUBMIT_MAX} records at once")
        submitted = [self._read(data) for data in items]
        # The ledger checks signatures itself, many submissions at a time.
        await self._check_signatures([item for item in submitted if _feed(item) != LEDGER])
        await self._publish([item for item in submitted if item.outcome is None and _feed(item) != LEDGER])
        await self._instruct([item for item in submitted if item.outcome is None and _feed(item) == LEDGER])
        return [item.outcome for item in submitted if item.outcome is not None]

    def _read(self, data: bytes) -> Submitted:
        """Read one record and check what needs no store: its bytes, home and time."""
        item = Submitted(data)
        try:
            item.record = decode_record(data)
            header = item.record.header
            if header.home != self._feeds.home and not (header.home is None and item.record.id == self._feeds.home):
                raise RemoteProtocolError(Code.WRONG_HOME)
            if feed_of(header.kind) is None:
                raise RemoteProtocolError(Code.UNKNOWN_KIND, f"{header.kind!r} is not a kind that is known here")
        except RemoteProtocolError as error:
            item.outcome = Refused(id=item.record.id if item.record else None, refusal=error.refusal())
        return item

    def _clock_refusal(self, record: Record) -> Refusal | None:
        ahead_ms = record.header.created_ms - self._clock.now_ms()
        if abs(ahead_ms) <= CLOCK_SKEW_MS_MAX:
            return None
        hours, where = abs(ahead_ms) // 3_600_000, "ahead of" if ahead_ms > 0 else "behind"
        return Refusal.of(Code.CLOCK_FAR_OFF, f"the record's time is {hours} hours {where} this server's clock")

    async def _check_signatures(self, submitted: Sequence[Submitted]) -> None:
        open_items = [(item, item.record) for item in submitted if item.record is not None and item.outcome is None]
        sound = await self._signatures.check([record for _, record in open_items])
        for (item, record), is_sound in zip(open_items, sound, strict=True):
            if not is_sound:
                item.outcome = Refused(id=record.id, refusal=Refusal.of(Code.BAD_SIGNATURE))

    async def _instruct(self, items: Sequence[Submitted]) -> None:
        """Hand ledger records on, and take their answers over."""
        instructions = [item.record for item in items if item.record is not None]
        if not instructions:
            return
        if self.ledger is None:
            refusal = Refusal.of(Code.UNAVAILABLE, "this node keeps no ledger")
            answers: list[Outcome] = [Refused(id=record.id, refusal=refusal) for record in instructions]
        else:
            answers = await self.ledger.submit(instructions)
        for item, answer in zip(items, answers, strict=True):
            item.outcome = answer

    async def _publish(self, items: Sequence[Submitted]) -> None:
        """Append what is valid in one job, and announce it."""
        if not items:
            return
        feeds, networks = await self._database.write(lambda connection: self._write(connection, items))
        if feeds or networks:
            for tell in self.on_change:
                tell(feeds, networks)

    async def _write(self, connection: Connection, items: Sequence[Submitted]) -> tuple[set[FeedKey], set[bytes]]:
        """Judge and store a submission, inside the writer's job."""
        excluded: set[bytes] = set()
        while True:
            knowledge = Knowledge()
            batch = await self._judge(connection, knowledge, items, excluded)
            turned_down = _agents_without_membership(batch) - excluded
            if not turned_down:
                break
            excluded |= turned_down
        rows: list[tuple[Entrance, Verdict]] = []
        for name in dict.fromkeys(standing.feed.name for _, standing, _ in batch.accepted):
            here = [(standing, verdict) for _, standing, verdict in batch.accepted if standing.feed.name == name]
            key = here[0][0].feed
            leaves = [NewLeaf(s.record.id, True, encode_leaf(Leaf(s.record.id, s.keys_at))) for s, _ in here]
            await self._feeds.append(connection, key, leaves)
            state = await self._feeds.ensure(connection, key)
            rows.extend((Entrance(standing, state.sequence), verdict) for standing, verdict in here)
        arrivals = Arrivals()
        await store_judged(connection, knowledge, rows, arrivals)
        networks = await deliveries.address(
            connection, (entrance.standing.record for entrance, _ in rows), but={self._feeds.home or b""}
        )
        trust = [entrance for entrance, _ in rows if entrance.standing.feed.name == TRUST]
        if trust:
            arrivals.trust[trust[-1].standing.feed.network] = trust[-1].standing.index + 1
        await wake(connection, self._feeds, knowledge, arrivals)
        for item in items:
            item.outcome = batch.outcomes[item.data]
        return {entrance.standing.feed for entrance, _ in rows}, networks

    async def _judge(
        self, connection: Connection, knowledge: Knowledge, items: Sequence[Submitted], excluded: set[bytes]
    ) -> _Batch:
        """Judge the records of a submission in their order, each one knowing those before it."""
        home = self._feeds.home or b""
        decoded = [item.record for item in items if item.record is not None]
        await knowledge.load(connection, ((record, home) for record in decoded))
        known = await records.find(connection, (record.id for record in decoded))
        sizes = {name: await self._size(connection, name) for name in {TRUST, *(_feed(item) for item in items)}}
        vouched = _vouched(decoded, home)
        batch = _Batch()
        for item in items:
            record = item.record
            if record is None or item.data in batch.outcomes:
                continue
            row = known.get(record.id)
            if row is not None and row.leaf_index is not None:
                batch.outcomes[item.data] = Recorded(id=record.id, feed=_feed(item), index=row.leaf_index, again=True)
                continue
            key = self._feeds.own(_feed(item))
            index = sizes[key.name]
            knowledge.trust_sizes[home] = sizes[TRUST]
            standing = Standing(record=record, data=item.data, feed=key, index=index, keys_at=sizes[TRUST])
            refusal = self._refusal(knowledge, standing, vouched, excluded)
            if refusal is None and record.header.kind == "event":
                before = (accepted.record for _, accepted, _ in batch.accepted)
                refusal = await contradiction(connection, record, before)
            if refusal is not None:
                batch.outcomes[item.data] = Refused(id=record.id, refusal=refusal)
                continue
            verdict = Verdict(state=VALID)
            knowledge.settle(standing, verdict)
            sizes[key.name] += 1
            batch.accepted.append((item, standing, verdict))
            batch.places[record.id] = index
            batch.outcomes[item.data] = Recorded(id=record.id, feed=key.name, index=index)
        return batch

    def _refusal(
        self, knowledge: Knowledge, standing: Standing, vouched: dict[bytes, bytes], excluded: set[bytes]
    ) -> Refusal | None:
        """Say why the home doesn't take a record, or None where it does."""
        record = standing.record
        far_off = self._clock_refusal(record)
        if far_off is not None:
            return far_off
        is_new_agent = record.header.kind == "agent" and record.header.author is None and record.id != self._feeds.home
        if is_new_agent and (record.id not in vouched or record.id in excluded):
            return Refusal.of(Code.NOT_ADMITTED)
        verdict = knowledge.judge(standing)
        if verdict.state == WAITING:
            missing = Refusal.of(Code.UNKNOWN_THING, "it names something that is not known here yet")
            return knowledge.refusal(standing) or missing
        if verdict.refusal is not None:
            return verdict.refusal
        return admit(record, knowledge.facts(standing))

    async def _size(self, connection: Connection, name: str) -> int:
        state = await self._feeds.find(connection, self._feeds.own(name))
        return 0 if state is None else state.size


def _feed(item: Submitted) -> str:
    return (feed_of(item.record.header.kind) if item.record is not None else None) or ""


def _vouched(submitted: Iterable[Record], home: bytes) -> dict[bytes, bytes]:
    """List the agents that a membership of the same submission names, with that membership's id."""
    found: dict[bytes, bytes] = {}
    for record in submitted:
        if record.header.kind == "membership" and record.header.author == home:
            try:
                body = record.body_value()
            except RemoteProtocolError:
                continue
            if isinstance(body.get("agent"), bytes) and body.get("state", "active") == "active":
                found[body["agent"]] = record.id
    return found


def _agents_without_membership(batch: _Batch) -> set[bytes]:
    """List new agents that were taken although the membership that vouched for them was not."""
    taken = [standing.record for _, standing, _ in batch.accepted]
    admitted = {record.body_value()["agent"] for record in taken if record.header.kind == "membership"}
    return {
        record.id
        for record in taken
        if record.header.kind == "agent" and record.header.author is None and record.header.home is not None
    } - admitted
