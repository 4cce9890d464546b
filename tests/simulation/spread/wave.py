"""One world of the spread: thousands of nodes with real sessions, a record at a time, and what became of it.

Every node is a `MemoryNode`: for each of its links it has a `protocol.gossip.session.Session` with its handshake,
follows, heads, pulls and live batches, in virtual time; what travels are the bytes of `protocol.gossip.wire`. All nodes
follow the feeds of this world's publishers. A run:

1. Each publisher has its trust feed and one record; links open within the first two seconds, and all nodes catch up.
2. The measured records are published, one at an interval, by the publishers in turn; the world goes on until every
   node has every record, or `PATIENCE_MS` have gone by since the last.
3. Where the plan lets nodes crash, their links end without a word, the survivors find new neighbours at random until
   they have their number of links again, and each publisher publishes once more.

Shared, and without effect on what happens: equal logs and the checks of equal bytes (`light_replica`); the reading of
equal frames, whose messages can't be altered; and the checked identities of networks, of which a node remembers
thousands for itself. Not simulated: bandwidth, processing time, the finding of neighbours.

A lost frame is gone for good, though a WebSocket's would be sent again: the sessions themselves must mend it. Frames of
the handshake are not lost, since then there would be no link.
"""

from __future__ import annotations

import gc
import hashlib
import resource
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

from protocol.feeds import CATALOG, FeedKey
from protocol.gossip import handshake
from protocol.gossip.identity import identify
from protocol.gossip.messages import Batch, Follow, Message
from protocol.gossip.session import State
from protocol.gossip.wire import decode_message
from tests.simulation.spread.graph import flood, latency_ms, refill, regular_graph
from tests.simulation.spread.light_replica import Library, LightReplica
from tests.simulation.spread.memory_net import End, Link, World
from tests.simulation.spread.plan import EMPTY, PAYLOAD, Part, Phase, Plan, Trip

OPENING_MS = 2000
STEP_MS = 1000
SETTLE_MS = 1000
PATIENCE_MS = 300_000
READ_MAX = 20_000
"""Different frames whose messages are remembered."""

Advance = Callable[[int], None]


class _Record:
    """One record on its way."""

    def __init__(self, source: int, published_ms: int, nodes: int) -> None:
        self.source = source
        self.published_ms = published_ms
        self.latencies_ms = array("i", [-1]) * nodes
        self.hops = array("i", [0]) * nodes
        self.reached = 0
        self.last = source


class Wave(World):
    """One world of a plan."""

    def __init__(self, plan: Plan, part: int, advance: Advance = lambda _: None) -> None:
        """Make all nodes.

        Args:
            plan: What to simulate.
            part: Which of its worlds.
            advance: Called with the number of deliveries since the last call.
        """
        super().__init__()
        self.random = plan.rng("world", part)
        self.plan = plan
        self.part = part
        self.frames = 0
        self._begun_cpu_s = time.process_time()
        self._advance = advance
        self._trace = hashlib.sha256()
        self._read: dict[bytes, Message] = {}
        self._ways: dict[Link, int] = {}
        self._live: dict[tuple[int, int], Link] = {}
        self._phase: Phase | None = None
        self._measured: dict[FeedKey, list[_Record]] = {}
        self._measured_from: dict[FeedKey, int] = {}
        library = Library()
        replicas = [LightReplica(f"node{number}", library) for number in range(plan.nodes)]
        sources = plan.sources_of(part)
        follow = Follow(tuple((replicas[source].network, frozenset({CATALOG})) for source in sources))
        self.members = [self.node(replica.keys.name, follow=follow, replica=replica) for replica in replicas]
        self.numbers = {replica.network: number for number, replica in enumerate(replicas)}
        self.alive = list(range(plan.nodes))
        self.published = dict.fromkeys(sources, 0)

    def perform(self) -> Part:
        """Run the plan."""
        with _remembering_identities():
            return self._perform()

    def _perform(self) -> Part:
        graph = regular_graph(self.plan.nodes, self.plan.degree, self.plan.rng("graph"))
        for source in self.published:
            self._publish(source)
        self._open(dict(zip(graph.links, graph.latencies_ms, strict=True)))
        self._catch_up()
        setup_cpu_s = time.process_time() - self._begun_cpu_s
        gc.freeze()
        phases = [self._measure("all nodes", self.plan.records_of(self.part))]
        for share in self.plan.crashes:
            self._crash(share)
            self._catch_up()
            phases.append(self._measure(f"after {share:.0%} crashed", self.plan.sources_of(self.part)))
        return Part(
            phases=phases,
            links_lost=sum(link.dialler.closed is not None or link.listener.closed is not None for link in self.links),
            frames=self.frames,
            trace=self._trace.hexdigest(),
            virtual_ms=self.now_ms,
            cpu_s=time.process_time() - self._begun_cpu_s,
            setup_cpu_s=setup_cpu_s,
            memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        )

    def way_ms(self, end: End) -> int:
        """Give the latency of the link."""
        return self._ways[end.link]

    def is_lost(self, end: End) -> bool:
        """Lose frames while it is measured."""
        return self._phase is not None and self.plan.loss > 0 and self.random.random() < self.plan.loss

    def leaves(self, end: End, message: Message, data: bytes) -> None:
        """Count a frame."""
        if self._phase is None:
            return
        name = type(message).__name__.upper()
        if isinstance(message, Batch):
            name = PAYLOAD if message.entries else EMPTY
        self._phase.traffic.add(name, len(data))

    def arrives(self, end: End, data: bytes) -> Message:
        """Note an arrival in the trace, and read the frame."""
        self.frames += 1
        link = end.link
        self._trace.update(b"%d %d %d\n%b\n" % (self.now_ms, link.number, end is link.dialler, data))
        message = self._read.get(data)
        if message is None:
            if len(self._read) >= READ_MAX:
                self._read.clear()
            message = self._read[data] = decode_message(data)
        if self._phase is not None and type(message) is Batch and message.feed in self._measured:
            self._phase.traffic.leaves += max(0, message.end - max(message.start, self._measured_from[message.feed]))
        return message

    def ingests(self, end: End, batch: Batch, before: int, size: int) -> None:
        """Note who got which record when, and from whom."""
        records = self._measured.get(batch.feed)
        if records is None:
            return
        start = self._measured_from[batch.feed]
        number = self.numbers[end.node.replica.network]
        sender = self.numbers[end.link.other(end).node.replica.network]
        for index in range(max(before, start), size):
            record = records[index - start]
            record.latencies_ms[number] = self.now_ms - record.published_ms
            record.hops[number] = record.hops[sender] + 1
            record.reached += 1
            record.last = number

    def _publish(self, source: int) -> FeedKey:
        node = self.members[source]
        self.published[source] += 1
        node.offer(self.published[source])
        return node.replica.feed(CATALOG)

    def _open(self, ways_ms: dict[tuple[int, int], int]) -> None:
        """Open links at random times, each dialled by either end."""
        begun_ms = self.now_ms
        for pair, way_ms in ways_ms.items():
            dialler, listener = pair if self.random.random() < 0.5 else pair[::-1]
            self.at(begun_ms + self.random.randrange(OPENING_MS), self._dial(pair, dialler, listener, way_ms))
        self.run(OPENING_MS)

    def _dial(self, pair: tuple[int, int], dialler: int, listener: int, way_ms: int) -> Callable[[], None]:
        def dial() -> None:
            link = Link(self, self.members[dialler], self.members[listener], self.members[listener].host)
            self.links.append(link)
            self._ways[link] = way_ms
            self._live[pair] = link
            link.open()

        return dial

    def _catch_up(self) -> None:
        """Wait until all that live have everything and every link is open, and a moment more."""
        deadline_ms = self.now_ms + PATIENCE_MS
        while not self._is_even() and self.now_ms < deadline_ms:
            self.run(STEP_MS)
        assert self._is_even(), "the nodes did not catch up"
        self.run(SETTLE_MS)

    def _is_even(self) -> bool:
        wanted = {self.members[source].replica.feed(CATALOG): size for source, size in self.published.items()}
        return all(
            self.members[number].replica.sizes.get(feed, 0) == size
            for number in self.alive
            for feed, size in wanted.items()
        ) and all(
            end.session.state is State.OPEN for link in self._live.values() for end in (link.dialler, link.listener)
        )

    def _measure(self, name: str, sources: list[int]) -> Phase:
        """Publish one record after another and see where they get."""
        phase = self._phase = Phase(name, len(self.alive))
        for source in self.published:
            feed = self.members[source].replica.feed(CATALOG)
            self._measured[feed] = []
            self._measured_from[feed] = self.published[source]
        records: list[_Record] = []
        begun_ms, told = self.now_ms, 0
        deadline_ms = begun_ms + len(sources) * self.plan.interval_ms + PATIENCE_MS
        wanted = len(self.alive) - 1
        while len(records) < len(sources) or (
            any(record.reached < wanted for record in records) and self.now_ms < deadline_ms
        ):
            if len(records) < len(sources):
                source = sources[len(records)]
                record = _Record(source, self.now_ms, self.plan.nodes)
                records.append(record)
                feed = self.members[source].replica.feed(CATALOG)
                self._measured[feed].append(record)
                self._publish(source)
            self.run(self.plan.interval_ms)
            reached = sum(record.reached for record in records)
            self._advance(reached - told)
            told = reached
        phase.duration_ms = self.now_ms - begun_ms
        self._phase = None
        beside = self._neighbours()
        phase.trips = [self._trip(record, wanted, beside) for record in records]
        return phase

    def _trip(self, record: _Record, wanted: int, beside: list[list[tuple[int, int]]]) -> Trip:
        return Trip(
            source=record.source,
            wanted=wanted,
            latencies_ms=array("i", sorted(value for value in record.latencies_ms if value >= 0)),
            last_hop=record.hops[record.last],
            hops_max=max(record.hops),
            flood=flood(beside, record.source, loss=self.plan.loss, rng=self.random),
        )

    def _neighbours(self) -> list[list[tuple[int, int]]]:
        found: list[list[tuple[int, int]]] = [[] for _ in range(self.plan.nodes)]
        for (one, other), link in sorted(self._live.items()):
            found[one].append((other, self._ways[link]))
            found[other].append((one, self._ways[link]))
        return found

    def _crash(self, share: float) -> None:
        """Let nodes crash until `share` of all have, and let the others link up anew."""
        chance = self.plan.rng("crash", share)  # the same in every world
        spared = set(self.plan.sources())
        mortal = [number for number in self.alive if number not in spared]
        dead = set(chance.sample(mortal, round(self.plan.nodes * share) - (self.plan.nodes - len(self.alive))))
        self.alive = [number for number in self.alive if number not in dead]
        for pair in [pair for pair in self._live if dead.intersection(pair)]:
            self._live.pop(pair).cut()
        self.run(SETTLE_MS)
        made = refill(self.alive, set(self._live), self.plan.degree, chance)
        assert made is not None, "the survivors can't be joined"
        self._open({pair: latency_ms(chance) for pair in sorted(made)})


@contextmanager
def _remembering_identities() -> Iterator[None]:
    """Let handshakes remember whom they checked, however many: thousands of nodes share one memory here."""
    with patch.object(handshake, "identify", cache(identify.__wrapped__)):
        yield
