"""Acceptance: what the home takes of submitted records, judged and stored inside one writing job.

Several submissions may share a job; each record knows those before it. A new agent is taken only together with a
membership of its own submission that is taken too.

Source: DESIGN sections 3 to 5; docs/concepts/feeds.md.

Tests: tests/node/services/test_publishing.py
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from node.clock import Clock
from node.services.contradictions import contradiction
from node.services.intake import Arrivals, Entrance, store_judged, wake
from node.services.knowledge import Knowledge, Standing, Verdict
from node.services.outcomes import Outcome, Recorded, Refused
from node.store import deliveries
from node.store.database import Connection
from node.store.feed_reading import FeedState
from node.store.feeds import FeedStore, NewLeaf
from node.store.records import VALID, WAITING
from protocol.errors import Code, Refusal, RemoteProtocolError
from protocol.feeds import TRUST, FeedKey
from protocol.kinds import feed_of
from protocol.limits import AGENT_RECORDS_BYTES_MAX, AGENT_RECORDS_MAX, REVISIONS_MAX
from protocol.merkle.leaf import Leaf, encode_leaf
from protocol.record import Record, encode_record
from protocol.rules import admit, clock_refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A record that was submitted, read, and found to be signed.

    Attributes:
        data: Its bytes.
        record: The record.
        submission: Which submission it came in; records of one may vouch for each other.
    """

    data: bytes
    record: Record
    submission: int


@dataclass(slots=True)
class Taken:
    """What a job did with its records.

    Attributes:
        outcomes: One for each record, in order.
        grown: Feeds that grew.
        addressed: Networks that have something new to be delivered.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    grown: set[FeedKey] = field(default_factory=set)
    addressed: set[bytes] = field(default_factory=set)


@dataclass(slots=True)
class _Draft:
    """What judging gave, before anything is written.

    Attributes:
        outcomes: One for each record, in order.
        taken: The records to append, with the submission that each came in.
        places: Where they will stand, by record id.
        states: The own feeds that they go to, as the job found them; None for a new one.
        sizes: Their sizes with what is taken.
    """

    outcomes: list[Outcome]
    taken: list[tuple[Standing, int]]
    places: dict[bytes, int]
    states: dict[str, FeedState | None]
    sizes: dict[str, int]


class Acceptance:
    """Judges and stores submitted records for one home."""

    def __init__(self, feeds: FeedStore, clock: Clock) -> None:
        """Accept into the own feeds of `feeds`."""
        self._feeds = feeds
        self._clock = clock

    async def take(self, connection: Connection, items: Sequence[Submitted]) -> Taken:
        """Judge records in their order and append those that the rules allow.

        Args:
            connection: The writer's, inside a job.
            items: Their signatures are checked; none is of the ledger.
        """
        excluded: set[bytes] = set()
        while True:
            knowledge = Knowledge()
            draft = await self._judge(connection, knowledge, items, excluded)
            turned_down = _agents_without_membership(draft) - excluded
            if not turned_down:
                break
            excluded |= turned_down
        if not draft.taken:
            return Taken(outcomes=draft.outcomes)
        return await self._store(connection, knowledge, draft)

    async def _store(self, connection: Connection, knowledge: Knowledge, draft: _Draft) -> Taken:
        """Append and store what was taken, and wake what waited for it."""
        rows: list[tuple[Entrance, Verdict]] = []
        arrivals = Arrivals()
        standings = [standing for standing, _ in draft.taken]
        for name in dict.fromkeys(standing.feed.name for standing in standings):
            here = [standing for standing in standings if standing.feed.name == name]
            leaves = [NewLeaf(s.record.id, True, encode_leaf(Leaf(s.record.id, s.keys_at))) for s in here]
            state = draft.states[name] or await self._feeds.ensure(connection, here[0].feed)
            await self._feeds.append_to(connection, state, leaves)
            rows.extend((Entrance(standing, state.sequence), Verdict(state=VALID)) for standing in here)
            if name == TRUST:
                arrivals.trust[here[0].feed.network] = draft.sizes[name]
        await store_judged(connection, knowledge, rows, arrivals)
        home = self._feeds.home or b""
        addressed = await deliveries.address(connection, (standing.record for standing in standings), home=home)
        await wake(connection, self._feeds, knowledge, arrivals)
        grown = {standing.feed for standing in standings}
        return Taken(outcomes=draft.outcomes, grown=grown, addressed=addressed)

    async def _judge(
        self, connection: Connection, knowledge: Knowledge, items: Sequence[Submitted], excluded: set[bytes]
    ) -> _Draft:
        """Judge records in their order, each one knowing those before it; nothing is written."""
        home = self._feeds.home or b""
        await knowledge.load(connection, ((item.record, home) for item in items))
        names = dict.fromkeys([TRUST, *(_feed(item) for item in items)])
        found = await self._feeds.find_each(connection, [self._feeds.own(name) for name in names])
        states = dict(zip(names, found, strict=True))
        sizes = {name: 0 if state is None else state.size for name, state in states.items()}
        vouched = _vouched(items, home)
        draft = _Draft(outcomes=[], taken=[], places={}, states=states, sizes=sizes)
        for item in items:
            record, key = item.record, self._feeds.own(_feed(item))
            row = knowledge.stored.get(record.id)
            place = draft.places.get(record.id) if row is None else row.leaf_index
            if place is not None:
                draft.outcomes.append(Recorded(id=record.id, feed=key.name, index=place, again=True))
                continue
            index, trust = sizes[key.name], sizes[TRUST]
            knowledge.trust_sizes[home] = trust
            standing = Standing(record=record, data=item.data, feed=key, index=index, keys_at=trust)
            is_vouched = (item.submission, record.id) in vouched and record.id not in excluded
            refusal = self._refusal(knowledge, standing, is_vouched=is_vouched)
            if refusal is None and record.header.kind == "event":
                refusal = await contradiction(connection, record, [taken.record for taken, _ in draft.taken])
            if refusal is not None:
                draft.outcomes.append(Refused(id=record.id, refusal=refusal))
                continue
            knowledge.settle(standing, Verdict(state=VALID))
            sizes[key.name] += 1
            draft.taken.append((standing, item.submission))
            draft.places[record.id] = index
            draft.outcomes.append(Recorded(id=record.id, feed=key.name, index=index))
        return draft

    def _refusal(self, knowledge: Knowledge, standing: Standing, *, is_vouched: bool) -> Refusal | None:
        """Say why the home doesn't take a record, or None where it does."""
        record = standing.record
        far_off = clock_refusal(record, self._clock.now_ms())
        if far_off is not None:
            return far_off
        if record.header.kind == "epoch":
            return Refusal.of(Code.NOT_ALLOWED, "this node can't begin another epoch: its keys are those of the first")
        is_new_agent = record.header.kind == "agent" and record.header.author is None and record.id != self._feeds.home
        if is_new_agent and not is_vouched:
            return Refusal.of(Code.NOT_ADMITTED)
        verdict = knowledge.judge(standing)
        if verdict.state == WAITING:
            missing = Refusal.of(Code.UNKNOWN_THING, "it names something that is not known here yet")
            return knowledge.refusal(standing) or missing
        if verdict.refusal is not None:
            return verdict.refusal
        return admit(record, knowledge.facts(standing)) or _length_refusal(knowledge, record)


def _feed(item: Submitted) -> str:
    return feed_of(item.record.header.kind) or ""


def _length_refusal(knowledge: Knowledge, record: Record) -> Refusal | None:
    """Refuse a revision of a thing that has as many as are read at once, or as a bundle has room for."""
    if record.header.thing is None:
        return None
    chain = [*knowledge.revisions_of(record.header.thing), record]
    if record.header.kind != "agent":
        too_many = f"a thing has at most {REVISIONS_MAX} records; begin a new one"
        return Refusal.of(Code.TOO_MANY, too_many) if len(chain) > REVISIONS_MAX else None
    size_bytes = sum(len(encode_record(item)) for item in chain)
    if len(chain) <= AGENT_RECORDS_MAX and size_bytes <= AGENT_RECORDS_BYTES_MAX:
        return None
    bounds = f"{AGENT_RECORDS_MAX} records of {AGENT_RECORDS_BYTES_MAX} bytes together"
    return Refusal.of(Code.TOO_MANY, f"an agent has at most {bounds}; enrol anew")


def _vouched(items: Sequence[Submitted], home: bytes) -> set[tuple[int, bytes]]:
    """List the agents that an active membership signed by the network names, with the submission of it."""
    found: set[tuple[int, bytes]] = set()
    for item in items:
        header = item.record.header
        if header.kind == "membership" and header.author == home:
            try:
                body = item.record.body_value()
            except RemoteProtocolError:
                continue
            if isinstance(body.get("agent"), bytes) and body.get("state", "active") == "active":
                found.add((item.submission, body["agent"]))
    return found


def _agents_without_membership(draft: _Draft) -> set[bytes]:
    """List new agents that were taken although the membership that vouched for them was not."""
    admitted = {
        (submission, standing.record.body_value()["agent"])
        for standing, submission in draft.taken
        if standing.record.header.kind == "membership"
    }
    return {
        standing.record.id
        for standing, submission in draft.taken
        if standing.record.header.kind == "agent"
        and standing.record.header.author is None
        and standing.record.header.home is not None
        and (submission, standing.record.id) not in admitted
    }
