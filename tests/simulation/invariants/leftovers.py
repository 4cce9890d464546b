"""I7, at rest: nothing is left over of what has ended, neither links nor payments that count as waiting."""

from __future__ import annotations

from node.links.link import Link
from protocol.limits import HANDSHAKE_TIMEOUT_MS
from tests.simulation.invariants.base import Invariant
from tests.simulation.node import SimulatedNode

PATIENCE_MS = 2 * HANDSHAKE_TIMEOUT_MS


class NothingLeftOver(Invariant):
    """Counts what nodes still keep once nobody asks them for anything."""

    name = "I7-leftovers"

    async def at_rest(self) -> None:
        """Count at all nodes."""
        for node in self.federation.nodes.values():
            if node.running is None:
                continue
            ended = sum(link.closed is not None for link in node.running.links.list())
            if ended:
                raise self.wrong(f"{node.name} keeps {ended} links that have ended")
            strangers = sum(link.peer is None for link in node.running.links.list() if self._is_old(node, link))
            if strangers:
                raise self.wrong(f"{node.name} keeps {strangers} links whose other end never proved itself")
            waiting = node.running.services.ledger.waiting
            if waiting:
                raise self.wrong(f"{node.name} counts {waiting} payments as waiting, and nobody waits")

    @staticmethod
    def _is_old(node: SimulatedNode, link: Link) -> bool:
        return node.clock.monotonic_ms() - link.session._started_ms > PATIENCE_MS
