"""What is known when records are judged: keys and roles by trust size, and the things that records name.

`load` reads all of it for many records at once; then judging is plain computing, record by record, each one learning
from those before it. Home and follower judge through the same code, so they come to the same verdict.

Rules kept here:
- keys and roles count as they stood at the record's `keys_at`;
- in the feed of the record itself a thing counts as it stood before the record's leaf, and in its network's trust feed
  as it stood at `keys_at`;
- whoever lacks the trust feed up to `keys_at`, or something that the record names, waits and gives no verdict;
- a record waits while an earlier one of its thing and feed waits, so that the order of arrival changes nothing.

Source: DESIGN sections 4 and 5; docs/concepts/feeds.md.

Tests: tests/node/services/test_knowledge.py
"""

from bisect import insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from node.store import agents
from node.store.agents import Agent, EpochKeys, Span
from node.store.database import Connection
from node.store.lookups import look_up
from node.store.records import VALID, VOID, WAITING, Need, StoredRecord
from protocol.errors import Code, Refusal, RemoteProtocolError
from protocol.feeds import TRUST, FeedKey
from protocol.kinds import feed_of
from protocol.record import VERSION, Record, decode_record
from protocol.rules import Facts, ThingFacts, judge, references

MISPLACED = frozenset({Code.WRONG_HOME.value, Code.WRONG_FEED.value})
"""Codes of records that stand in a feed that isn't theirs; where they belong, they may yet count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A record at its place.

    Attributes:
        record: The record, its signature checked.
        data: Its bytes.
        feed: The feed that it stands in.
        index: Its leaf there.
        keys_at: Size of the network's trust feed at which the author's keys are read.
        keys: The author's keys where they came with the record and the trust feed isn't followed.
    """

    record: Record
    data: bytes
    feed: FeedKey
    index: int
    keys_at: int
    keys: frozenset[bytes] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a record counts as: valid, void with a refusal, or waiting for its needs."""

    state: str
    refusal: Refusal | None = None
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One valid record of a thing: where it stands (None: in a feed that isn't kept here) and the record."""

    network: bytes
    feed: str | None
    index: int | None
    record: Record


class Waiter(NamedTuple):
    """A record that waits: the feed that it stands in, its leaf there, and its id."""

    network: bytes
    feed: str | None
    leaf: int
    id: bytes


@dataclass(slots=True)
class Thing:
    """All valid records of a thing in the order of its feed, and those that still wait."""

    revisions: list[Revision] = field(default_factory=list)
    waiting: list[Waiter] = field(default_factory=list)


class Knowledge:
    """What is known so far; grows with `learn`.

    Attributes:
        trust_sizes: Size of the trust feed held, by network.
        changed_keys: Spans of keys that `learn` changed, to be stored.
        changed_roles: The same of roles.
        new_epochs: Epochs that `learn` met: (network, number, keys).
        stored: Rows of the records that `load` met, those to be judged among them.
    """

    def __init__(self) -> None:
        """Know nothing yet."""
        self.trust_sizes: dict[bytes, int] = {}
        self.changed_keys: dict[Agent, list[Span]] = {}
        self.changed_roles: dict[Agent, list[Span]] = {}
        self.new_epochs: list[tuple[bytes, int, EpochKeys]] = []
        self.stored: dict[bytes, StoredRecord] = {}
        self._keys: dict[Agent, list[Span]] = {}
        self._roles: dict[Agent, list[Span]] = {}
        self._things: dict[bytes, Thing] = {}
        self._thing_of: dict[bytes, bytes] = {}
        self._void: set[bytes] = set()
        self._referenced: dict[bytes, tuple[bytes, ...] | RemoteProtocolError] = {}

    async def load(self, connection: Connection, items: Iterable[tuple[Record, bytes]]) -> None:
        """Read what judging these records takes.

        Args:
            connection: Reading, or the writer's inside a job.
            items: Records, each with the network in whose feed it stands.
        """
        named: set[bytes] = set()
        who: set[Agent] = set()
        for record, network in items:
            named.update(self._named(record))
            who.add((network, network))
            if record.header.author is not None:
                who.add((network, record.header.author))
            who.update((network, agent) for agent in _affected(record))
        named -= self._thing_of.keys()
        found = await look_up(connection, names=named, agents=who)
        for agent, spans in found.keys.items():
            self._keys.setdefault(agent, spans)
        for agent, spans in found.roles.items():
            self._roles.setdefault(agent, spans)
        for row in found.records.values():
            self.stored[row.id] = row
            if row.id not in self._thing_of and row.id not in self._void:
                self._remember(row)

    def judge(self, standing: Standing) -> Verdict:
        """Say what a record counts as at its place."""
        record, header = standing.record, standing.record.header
        network = standing.feed.network
        if header.version != VERSION:
            return _void(Code.UNKNOWN_VERSION, f"version {header.version} of records is not known here")
        if feed_of(header.kind) is None:
            return _void(Code.UNKNOWN_KIND, f"{header.kind!r} is not a kind that is known here")
        if feed_of(header.kind) != standing.feed.name:
            return _void(Code.WRONG_FEED, f"a record of kind {header.kind} can't stand in {standing.feed.name}")
        if (header.home if header.home is not None else record.thing_id) != network:
            return _void(Code.WRONG_HOME, "the record was made for another network")
        size = standing.index if standing.feed.name == TRUST else standing.keys_at
        if standing.keys is None and standing.feed.name != TRUST and self.trust_sizes.get(network, 0) < size:
            return Verdict(state=WAITING, needs=(Need(network, size),))
        try:
            ids = self._references(record)
        except RemoteProtocolError as error:
            return Verdict(state=VOID, refusal=error.refusal())
        needs = self._missing({*ids, *_revised(record)}, standing)
        if needs:
            return Verdict(state=WAITING, needs=needs)
        refusal = self.refusal(standing)
        return Verdict(state=VALID) if refusal is None else Verdict(state=VOID, refusal=refusal)

    def refusal(self, standing: Standing) -> Refusal | None:
        """Give the first rule that a record breaks by what is known now, in the order of precedence."""
        try:
            return judge(standing.record, self.facts(standing))
        except RemoteProtocolError as error:
            return error.refusal()

    def revisions_of(self, thing: bytes) -> list[Record]:
        """Give the valid records of a thing that are known, in the order of its feed."""
        found = self._things.get(thing)
        return [] if found is None else [revision.record for revision in found.revisions]

    def settle(self, standing: Standing, verdict: Verdict) -> None:
        """Remember what a record counts as, for those behind it."""
        record = standing.record
        thing = self._things.setdefault(record.thing_id, Thing())
        thing.waiting = [item for item in thing.waiting if item.id != record.id]
        if verdict.state == VALID:
            self._add(
                Revision(network=standing.feed.network, feed=standing.feed.name, index=standing.index, record=record)
            )
            self._learn(standing)
        elif verdict.state == WAITING:
            thing.waiting.append(Waiter(standing.feed.network, standing.feed.name, standing.index, record.id))
        elif verdict.refusal is None or verdict.refusal.code not in MISPLACED:
            self._void.add(record.id)

    def _learn(self, standing: Standing) -> None:
        """Take keys, roles and epochs out of a valid record of a trust feed."""
        record, network = standing.record, standing.feed.network
        if record.header.kind not in {"agent", "membership", "epoch"} or standing.feed.name != TRUST:
            return
        body, size = record.body_value(), standing.index + 1
        if record.header.kind == "agent":
            agent = (network, record.thing_id)
            spans = agents.changed(self._keys.get(agent, []), {key["sign"] for key in body["keys"]}, size=size)
            self._keys[agent] = self.changed_keys[agent] = spans
        elif record.header.kind == "membership":
            agent = (network, body["agent"])
            roles = set(body["roles"]) if body.get("state", "active") == "active" else set()
            spans = agents.changed(self._roles.get(agent, []), roles, size=size)
            self._roles[agent] = self.changed_roles[agent] = spans
        else:
            self.new_epochs.append((network, body["number"], epoch_keys(record.id, body)))

    def facts(self, standing: Standing) -> Facts:
        """Give what is known at a record's place, for the rules.

        Raises:
            RemoteProtocolError: The record's body can't be read.
        """
        network, author = standing.feed.network, standing.record.header.author
        size = standing.index if standing.feed.name == TRUST else standing.keys_at
        keys = standing.keys
        if keys is None and author is not None:
            keys = self._held(self._keys, network, author, size)
            if not keys and (author not in self._things or not self._things[author].revisions):
                keys = None
        return Facts(
            network=network,
            feed=standing.feed.name,
            network_keys=self._held(self._keys, network, network, size),
            author_keys=keys,
            author_roles=frozenset() if author is None else self._held(self._roles, network, author, size),
            things={
                name: facts
                for name in {*self._references(standing.record), *_revised(standing.record)}
                if (facts := self._thing_facts(name, standing)) is not None
            },
        )

    def _references(self, record: Record) -> tuple[bytes, ...]:
        """Give what judging a record takes, reading its body once.

        Raises:
            RemoteProtocolError: Its body can't be read.
        """
        known = self._referenced.get(record.id)
        if known is None:
            try:
                known = references(record)
            except RemoteProtocolError as error:
                known = error
            self._referenced[record.id] = known
        if isinstance(known, RemoteProtocolError):
            raise known
        return known

    def _named(self, record: Record) -> set[bytes]:
        """List what must be read to judge a record: what it names, its thing, its author and its own row."""
        try:
            names = set(self._references(record))
        except RemoteProtocolError:
            names = set()
        names.update(_revised(record), {record.thing_id, record.id})
        if record.header.author is not None:
            names.add(record.header.author)
        return names

    def _held(self, spans: Mapping[Agent, list[Span]], network: bytes, agent: bytes, size: int) -> frozenset[Any]:
        return frozenset(span.what for span in spans.get((network, agent), []) if span.holds_at(size))

    def _thing_facts(self, name: bytes, standing: Standing) -> ThingFacts | None:
        """Give what is known of a thing or of one of its records, as it was before the standing's leaf."""
        thing_id = self._thing_of.get(name)
        if thing_id is None:
            return None
        revisions = [item for item in self._things[thing_id].revisions if _is_before(item, standing)]
        if not revisions:
            return None
        named = next((item for item in revisions if item.record.id == name), None)
        shown = revisions[-1] if named is None or name == thing_id else named
        first = revisions[0].record
        return ThingFacts(
            thing=thing_id,
            kind=first.header.kind,
            author=first.header.author,
            network=revisions[0].network,
            current=revisions[-1].record.id,
            first=first.id,
            body=shown.record.body_value() if shown.record.has_body else None,
            to=first.header.to,
        )

    def _missing(self, names: Iterable[bytes], standing: Standing) -> tuple[Need, ...]:
        """List what a record names that is not known yet, and earlier records of its own thing that wait."""
        missing = {name for name in names if name not in self._thing_of and name not in self._void}
        own = self._things.get(standing.record.thing_id)
        if own is not None:
            # Only of the same feed: what another network puts into its own holds nobody up.
            place = (standing.feed.network, standing.feed.name)
            missing.update(
                item.id for item in own.waiting if (item.network, item.feed) == place and item.leaf < standing.index
            )
        missing.discard(standing.record.id)
        return tuple(Need(name) for name in sorted(missing))

    def _remember(self, row: StoredRecord) -> None:
        if row.state == VALID:
            record = decode_record(row.data)
            name = feed_of(row.kind)
            self._add(Revision(network=row.network, feed=name, index=row.leaf_index, record=record))
        elif row.state == WAITING:
            waiter = Waiter(row.network, feed_of(row.kind), row.leaf_index or 0, row.id)
            self._things.setdefault(row.thing, Thing()).waiting.append(waiter)
        elif row.code not in MISPLACED:
            self._void.add(row.id)

    def _add(self, revision: Revision) -> None:
        record = revision.record
        thing = self._things.setdefault(record.thing_id, Thing())
        if record.id not in self._thing_of:
            insort(thing.revisions, revision, key=_order)
        self._thing_of[record.id] = record.thing_id


def epoch_keys(record_id: bytes, body: Mapping[str, Any]) -> EpochKeys:
    """Give the keys that the body of an `epoch` record states."""
    keys = body["keys"]
    return EpochKeys(record_id, keys["checkpoint"], keys["cosignature"], keys["credential"], keys["link"])


def _revised(record: Record) -> set[bytes]:
    return {item for item in (record.header.thing, record.header.previous) if item is not None}


def _affected(record: Record) -> set[bytes]:
    """List the agents whose keys or roles a record may change."""
    if record.header.kind == "agent":
        return {record.thing_id}
    if record.header.kind == "membership" and record.has_body:
        try:
            agent = record.body_value().get("agent")
        except RemoteProtocolError:
            return set()
        return {agent} if isinstance(agent, bytes) else set()
    return set()


def _order(revision: Revision) -> tuple[bool, int]:
    """Give what revisions of a thing are sorted by: the first one first, the others by leaf."""
    return revision.record.header.thing is not None, revision.index or 0


def _is_before(revision: Revision, standing: Standing) -> bool:
    """Tell whether a record counts as known at a place.

    In the place's own feed, and in the trust feed of its network, only what stands before it does; so its home and
    all followers judge by the same, whenever they do.
    """
    if revision.network != standing.feed.network or revision.index is None:
        return True
    if revision.feed == standing.feed.name:
        return revision.index < standing.index
    return revision.feed != TRUST or revision.index < standing.keys_at


def _void(code: Code, message: str) -> Verdict:
    return Verdict(state=VOID, refusal=Refusal.of(code, message))
