"""I7: memory stays in its bounds, whatever peers do: queues, what sessions remember, what waits for the ledger.

What has no bound yet is not measured: records that wait for others, feeds of networks that nobody knows, and the rows
that both make on the disk. Their quotas come with those of disk space.
"""

from __future__ import annotations

from collections.abc import Iterator

from node.app import Node
from node.links.hub import NEWS_MAX
from node.links.link import Link
from node.services.sequencer import WAITING_MAX
from node.store.limits import WRITE_QUEUE_MAX
from protocol.feeds import PUBLIC_FEED_NAMES
from protocol.gossip.session import State
from protocol.limits import (
    DELIVERIES_IN_FLIGHT_MAX,
    DELIVERIES_PENDING_MAX,
    FOLLOW_SCOPES_MAX,
    GETS_IN_FLIGHT_MAX,
    HEADS_PER_LINK_MAX,
    LINKS_MAX,
    NOTICES_PER_LINK_MAX,
    OUTBOUND_BYTES_MAX,
)
from tests.simulation.invariants.base import Invariant
from tests.simulation.node import SimulatedNode

LOADS_MAX = GETS_IN_FLIGHT_MAX + len(PUBLIC_FEED_NAMES)
"""Ranges that are loaded for one peer: those that it asks for, and one live batch a feed of our own."""

JOBS_MAX = LOADS_MAX + 2 * DELIVERIES_IN_FLIGHT_MAX + GETS_IN_FLIGHT_MAX + 2
"""Ranges to load and store, bundles to make and take, a look at the outbox and an acknowledgement."""

Measure = tuple[str, int, int]
"""What, how much of it there is, and how much there may be."""


class MemoryBounds(Invariant):
    """Measures at every commit and at every frame, the sessions only at commits and at a rogue's frames."""

    name = "I7-memory"

    def on_frame(self, source: str, target: str, data: bytes) -> None:
        """Measure the sender; where a rogue sends, the receiver."""
        nodes = self.federation.nodes
        if source in nodes:
            self._check(nodes[source], is_deep=False)
        elif target in nodes:
            self._check(nodes[target], is_deep=True)

    def on_commit(self, node: SimulatedNode) -> None:
        """Measure the node."""
        self._check(node, is_deep=True)

    def _check(self, node: SimulatedNode, *, is_deep: bool) -> None:
        running = node.running
        if running is None:
            return
        for link in running.links.list():
            for what, count, count_max in _of_link(link):
                if count > count_max:
                    raise self.wrong(f"{node.name} keeps {count} {what} for {link.address}, at most {count_max}")
            if is_deep and link.session.state is State.OPEN:
                for what, count, count_max in _of_session(link):
                    if count > count_max:
                        raise self.wrong(f"{node.name} keeps {count} {what} of {link.address}, at most {count_max}")
        for what, count, count_max in _of_node(running):
            if count > count_max:
                raise self.wrong(f"{node.name} keeps {count} {what}, at most {count_max}")


def _of_link(link: Link) -> Iterator[Measure]:
    yield "bytes", link.queued_bytes, OUTBOUND_BYTES_MAX
    yield "jobs", link.open_jobs, JOBS_MAX


def _of_session(link: Link) -> Iterator[Measure]:
    pull, tell, outbox = link.session._pull, link.session._tell, link.session._outbox
    yield "feeds told", len(pull.heard), HEADS_PER_LINK_MAX
    yield "sizes told", len(pull.theirs), HEADS_PER_LINK_MAX + GETS_IN_FLIGHT_MAX
    yield "feeds to fetch", len(pull._behind), HEADS_PER_LINK_MAX + GETS_IN_FLIGHT_MAX
    yield "feeds in the order to fetch", len(pull._todo), HEADS_PER_LINK_MAX + GETS_IN_FLIGHT_MAX
    yield "notices", len(pull._noticed), NOTICES_PER_LINK_MAX
    yield "feeds being fetched", len(pull._fetches), GETS_IN_FLIGHT_MAX
    yield "batches that aren't durable", len(pull._ingests), GETS_IN_FLIGHT_MAX
    yield "ranges to load", len(tell._loads), LOADS_MAX
    yield "scopes", len(tell.scope._by_network), FOLLOW_SCOPES_MAX
    yield "heads told to it", len(tell.told), len(tell._heads)
    yield "feeds to tell", len(tell._dirty), len(tell._heads)
    yield "deliveries on their way", len(outbox._in_flight), DELIVERIES_IN_FLIGHT_MAX
    yield "deliveries", len(outbox), DELIVERIES_PENDING_MAX + DELIVERIES_IN_FLIGHT_MAX
    yield "bundles being taken", outbox._accepting, DELIVERIES_IN_FLIGHT_MAX


def _of_node(node: Node) -> Iterator[Measure]:
    links = node.links
    peers = len(node.services.peers.list())
    count = len(links.list())
    yield "connections", count, LINKS_MAX + peers
    yield "links by network", len(links._by_network), peers
    yield "feeds claimed", len(links._claims._owners), GETS_IN_FLIGHT_MAX * count
    yield "ranges in turn", len(node.services.replication._ingest._turns), GETS_IN_FLIGHT_MAX * max(1, count)
    yield "faults remembered", len(links._told), NEWS_MAX
    yield "feeds with news", len(links._grown), len(links._sizes) + GETS_IN_FLIGHT_MAX * max(1, count)
    yield "jobs for the writer", node.services.database._queue.qsize(), WRITE_QUEUE_MAX
    yield "payments that wait", node.services.ledger.waiting, WAITING_MAX
