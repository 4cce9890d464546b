"""What a run of the spread is asked to do, and what one of its worlds gives back: plain values that processes exchange.

Source: DESIGN §14.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.simulation.spread.graph import Flood

PAYLOAD = "BATCH with leaves"
EMPTY = "BATCH without leaves"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to simulate; everything that happens follows from it.

    Attributes:
        nodes: How many nodes.
        degree: Links of a node.
        records: How many records spread while it is measured.
        publishers: How many nodes publish them, in turn.
        loss: Share of frames that are lost for good, once all links are open.
        crashes: Shares of the nodes that have crashed, rising; after each, survivors link up and records spread again.
        interval_ms: From one record of a world to its next.
        worlds: Into how many worlds the publishers are split, each with all the nodes and links, in one process.
        seed: Decides all that is random.
    """

    nodes: int = 10_000
    degree: int = 5
    records: int = 100
    publishers: int = 10
    loss: float = 0.0
    crashes: tuple[float, ...] = ()
    interval_ms: int = 1000
    worlds: int = 2
    seed: int = 0

    def __post_init__(self) -> None:
        """Check what only the caller can get wrong.

        Raises:
            ValueError: The numbers don't fit each other.
        """
        if not self.worlds <= self.publishers <= min(self.records, self.nodes) or self.worlds < 1:
            raise ValueError("publishers: at least one a world, and no more than records or nodes")
        if self.nodes * (1 - max(self.crashes, default=0)) < max(self.degree + 1, self.publishers):
            raise ValueError("too few nodes survive: publishers do, and the others need as many as the degree and one")

    def rng(self, *names: object) -> random.Random:
        """Give the random numbers of one purpose."""
        return random.Random("/".join(str(name) for name in (self.seed, *names)))

    def sources(self) -> list[int]:
        """Give the numbers of the nodes that publish."""
        return self.rng("publishers").sample(range(self.nodes), self.publishers)

    def sources_of(self, part: int) -> list[int]:
        """Give those of one world."""
        return self.sources()[part :: self.worlds]

    def records_of(self, part: int) -> list[int]:
        """Give the publisher of each record of one world, in the order in which they are published."""
        mine = set(self.sources_of(part))
        all_sources = self.sources()
        return [source for at in range(self.records) if (source := all_sources[at % self.publishers]) in mine]

    def deliveries(self) -> int:
        """Count what is to be delivered in all worlds, for a progress bar."""
        others = [self.nodes - 1] * self.records
        for share in self.crashes:
            others += [self.nodes - round(self.nodes * share) - 1] * self.publishers
        return sum(others)


@dataclass
class Traffic:
    """Frames by the name of their message, and the leaves that arrived.

    Attributes:
        frames: How many left; a batch that carries leaves is `PAYLOAD`, one that carries none `EMPTY`.
        bytes: How large they were.
        leaves: Leaves of the measured records that arrived, each as often as it did.
    """

    frames: dict[str, int] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    leaves: int = 0

    def add(self, name: str, size: int, count: int = 1) -> None:
        """Count frames."""
        self.frames[name] = self.frames.get(name, 0) + count
        self.bytes[name] = self.bytes.get(name, 0) + size


@dataclass
class Trip:
    """How one record spread.

    Attributes:
        source: The node that published it.
        wanted: How many other nodes are to have it.
        latencies_ms: How long it took to each node that it reached, sorted.
        last_hop: Over how many links it came to the node that got it last.
        hops_max: Over how many links it came to the farthest node.
        flood: How flooding spread it.
    """

    source: int
    wanted: int
    latencies_ms: array[int]
    last_hop: int
    hops_max: int
    flood: Flood


@dataclass
class Phase:
    """What was measured between two changes of the graph.

    Attributes:
        name: What sets it apart.
        live: How many nodes live.
        trips: One a record.
        traffic: What the links carried from the first record until the last was everywhere.
        duration_ms: How long that was, in virtual time.
    """

    name: str
    live: int
    trips: list[Trip] = field(default_factory=list)
    traffic: Traffic = field(default_factory=Traffic)
    duration_ms: int = 0


@dataclass
class Part:
    """What one world gave.

    Attributes:
        phases: In order.
        links_lost: How many links ended though nobody crashed.
        frames: How many frames arrived, from the first HELLO on.
        trace: SHA-256 over every arrival: time, link, direction and bytes.
        virtual_ms: How long the world lasted.
        cpu_s: Processor time.
        setup_cpu_s: That of it before the first record: keys, handshakes, first catch-up.
        memory_bytes: The most memory that its process held.
    """

    phases: list[Phase]
    links_lost: int
    frames: int
    trace: str
    virtual_ms: int
    cpu_s: float
    setup_cpu_s: float
    memory_bytes: int


def percentile(values: Iterable[int], share: float) -> int:
    """Give the value that `share` of the values don't exceed; 0 of none."""
    found = sorted(values)
    return found[min(len(found) - 1, int(len(found) * share))] if found else 0
