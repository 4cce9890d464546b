"""I7: memory stays in its bounds, whatever peers do: what links have queued, what waits for the ledger."""

from __future__ import annotations

from node.services.sequencer import WAITING_MAX
from protocol.limits import LINKS_MAX, OUTBOUND_BYTES_MAX
from tests.simulation.invariants.base import Invariant
from tests.simulation.node import SimulatedNode

WORK_MAX = 64
"""Loads and stores that one link may have open: GETs in flight, deliveries in flight, and a few of our own."""


class MemoryBounds(Invariant):
    """Measures queues at every commit and at every frame that is sent."""

    name = "I7-memory"

    def on_frame(self, source: str, target: str, data: bytes) -> None:
        """Measure the sender."""
        if source in self.federation.nodes:
            self._measure(self.federation.nodes[source])

    def on_commit(self, node: SimulatedNode) -> None:
        """Measure the node."""
        self._measure(node)

    def _measure(self, node: SimulatedNode) -> None:
        if node.running is None:
            return
        open_links = node.running.links.list()
        if len(open_links) > LINKS_MAX:
            raise self.wrong(f"{node.name} holds {len(open_links)} links")
        for link in open_links:
            if link.queued_bytes > OUTBOUND_BYTES_MAX:
                raise self.wrong(f"{node.name} keeps {link.queued_bytes} bytes for a peer that doesn't read")
            if link.open_jobs > WORK_MAX:
                raise self.wrong(f"{node.name} has {link.open_jobs} jobs open for one peer")
        waiting = node.running.services.ledger.waiting
        if waiting > WAITING_MAX:
            raise self.wrong(f"{waiting} payments wait at {node.name}")
