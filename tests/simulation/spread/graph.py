"""Who is linked with whom, how far they are apart, and how flooding does on the same graph.

A graph is random and regular: every node has the same number of links, none with itself and no two with the same node,
and all hang together. A link's latency is drawn once, from a lognormal distribution, and is the same both ways and for
every frame, so that sessions and flooding meet the very same ways. A median of 50 ms with this spread gives about the
figures of flooding that others report of 10,000 nodes of degree 5 (p50 294 ms, p99 369 ms).

Flooding is the baseline: a node that gets a record for the first time sends it on to all its links but the one that it
came by. It asks nobody, checks nothing and repairs nothing.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

LATENCY_MEDIAN_MS = 50
LATENCY_SPREAD = 0.7
"""Standard deviation of the logarithm of a link's latency: one link in six takes twice the median or longer."""

_ATTEMPTS_MAX = 1000


@dataclass(frozen=True)
class Graph:
    """Nodes by number, and the links between them.

    Attributes:
        nodes: How many nodes.
        links: One pair (lower number, higher number) a link, sorted.
        latencies_ms: Of each link, one way, at least 1.
    """

    nodes: int
    links: tuple[tuple[int, int], ...]
    latencies_ms: tuple[int, ...]

    def neighbours(self) -> list[list[tuple[int, int]]]:
        """Give of each node its neighbours with the latency to them."""
        found: list[list[tuple[int, int]]] = [[] for _ in range(self.nodes)]
        for (one, other), latency_ms in zip(self.links, self.latencies_ms, strict=True):
            found[one].append((other, latency_ms))
            found[other].append((one, latency_ms))
        return found


@dataclass(frozen=True)
class Flood:
    """How one record spread by flooding.

    Attributes:
        latencies_ms: When it reached each node that it reached, but its source.
        last_hop: Over how many links it came to the node that got it last.
        hops_max: Over how many links it came to the farthest node.
        frames: How many frames arrived.
    """

    latencies_ms: list[int]
    last_hop: int
    hops_max: int
    frames: int


def regular_graph(nodes: int, degree: int, rng: random.Random) -> Graph:
    """Draw a connected graph in which every node has `degree` links.

    Args:
        nodes: How many; more than `degree`, and `nodes * degree` is even.
        degree: Links of a node, at least 2.
        rng: Decides it.

    Raises:
        ValueError: There is no such graph.
    """
    if not 2 <= degree < nodes or nodes * degree % 2:
        raise ValueError(f"no graph of {nodes} nodes of degree {degree}: nodes > degree > 1, and their product is even")
    for _ in range(_ATTEMPTS_MAX):
        links = _paired([number for number in range(nodes) for _ in range(degree)], set(), rng)
        if links is not None and is_connected(range(nodes), links):
            return Graph(nodes, tuple(sorted(links)), tuple(latency_ms(rng) for _ in links))
    raise ValueError(f"no connected graph of {nodes} nodes of degree {degree} was found")


def refill(
    live: Sequence[int], links: set[tuple[int, int]], degree: int, rng: random.Random
) -> set[tuple[int, int]] | None:
    """Draw the links that bring nodes who lost some back to `degree`, one fewer for a node that nobody is left for.

    Args:
        live: The nodes.
        links: The links that they still have.
        degree: Links of a node.
        rng: Decides it.

    Returns:
        The new links; None where none were found that join all.
    """
    lacking = dict.fromkeys(live, degree)
    for pair in links:
        for number in pair:
            lacking[number] -= 1
    stubs = [number for number, count in lacking.items() for _ in range(count)]
    for _ in range(_ATTEMPTS_MAX):
        made = _paired(stubs[len(stubs) % 2 :], links, rng)
        if made is not None and is_connected(live, links | made):
            return made
    return None


def latency_ms(rng: random.Random) -> int:
    """Draw the latency of a link."""
    return max(1, round(rng.lognormvariate(math.log(LATENCY_MEDIAN_MS), LATENCY_SPREAD)))


def is_connected(nodes: Sequence[int], links: set[tuple[int, int]]) -> bool:
    """Say whether every node can be reached from every other."""
    beside: dict[int, list[int]] = {number: [] for number in nodes}
    for one, other in links:
        beside[one].append(other)
        beside[other].append(one)
    seen = {nodes[0]}
    waiting = [nodes[0]]
    while waiting:
        for number in beside[waiting.pop()]:
            if number not in seen:
                seen.add(number)
                waiting.append(number)
    return len(seen) == len(nodes)


def flood(neighbours: Sequence[Sequence[tuple[int, int]]], source: int, *, loss: float, rng: random.Random) -> Flood:
    """Spread one record by flooding.

    Args:
        neighbours: As `Graph.neighbours` gives them.
        source: Where it begins.
        loss: Share of frames that are lost.
        rng: Decides which.
    """
    hops = {source: 0}
    latencies: list[int] = []
    frames = last_hop = 0
    queue = [(way_ms, number, source) for number, way_ms in neighbours[source] if rng.random() >= loss]
    heapq.heapify(queue)
    while queue:
        now_ms, number, sender = heapq.heappop(queue)
        frames += 1
        if number in hops:
            continue
        last_hop = hops[number] = hops[sender] + 1
        latencies.append(now_ms)
        for other, way_ms in neighbours[number]:
            if other != sender and (not loss or rng.random() >= loss):
                heapq.heappush(queue, (now_ms + way_ms, other, number))
    return Flood(latencies, last_hop, max(hops.values()), frames)


def _paired(stubs: list[int], links: set[tuple[int, int]], rng: random.Random) -> set[tuple[int, int]] | None:
    """Pair the ends of links at random, drawing again those that would join a node twice or with itself."""
    made: set[tuple[int, int]] = set()
    stubs = stubs[:]
    for _ in range(_ATTEMPTS_MAX):
        rng.shuffle(stubs)
        over: list[int] = []
        for one, other in zip(stubs[::2], stubs[1::2], strict=True):
            pair = (min(one, other), max(one, other))
            if one == other or pair in made or pair in links:
                over += pair
            else:
                made.add(pair)
        if not over:
            return made
        stubs = over
    return None
