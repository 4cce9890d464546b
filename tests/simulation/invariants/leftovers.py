"""I7, at rest: nothing is left over of what has ended, neither links nor payments that count as waiting."""

from __future__ import annotations

from tests.simulation.invariants.base import Invariant


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
            waiting = node.running.services.ledger.waiting
            if waiting:
                raise self.wrong(f"{node.name} counts {waiting} payments as waiting, and nobody waits")
