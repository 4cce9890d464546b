"""I1, for addressed records: what a home acknowledged has reached whoever it is addressed to, and counts there.

A record travels over links between its home and the networks that it is addressed to. Whoever can be reached so must
hold it; whoever follows all that its home follows must say the same of it, which is that it is valid.
"""

from __future__ import annotations

from tests.simulation.invariants.base import Invariant
from tests.simulation.invariants.convergence import scopes
from tests.simulation.journal import Acknowledged
from tests.simulation.reading import query


class AddressedArrive(Invariant):
    """Looks for every order and event at all its addressees."""

    name = "I1-delivered"

    async def at_rest(self) -> None:
        """Look at all that was acknowledged."""
        federation = self.federation
        names = {node.network.id: name for name, node in federation.nodes.items()}
        held = {
            name: dict(query(node, "SELECT id, state FROM record"))
            for name, node in federation.nodes.items()
            if node.running is not None
        }
        followed = scopes(federation)
        for told in federation.journal.taken.values():
            for name in sorted(self._reached(told, {names[to] for to in told.record.header.to if to in names})):
                state = held[name].get(told.record.id)
                if state is None:
                    raise self.wrong(f"{name} lacks the {told.record.header.kind} that {told.node} took for it")
                if state != "valid" and followed[told.node] <= followed[name]:
                    raise self.wrong(f"{name} says of {told.node}'s {told.record.header.kind} that it is {state}")

    def _reached(self, told: Acknowledged, addressed: set[str]) -> set[str]:
        """Give the addressees that links lead to, through nobody but addressees."""
        plan, spoilt = self.federation.plan, self.federation.forked | self.federation.aged
        reached, new = {told.node}, {told.node}
        while new:
            pairs = [pair for link in plan.links for pair in (link, link[::-1])]
            new = {other for one, other in pairs if one in new and other in addressed - reached - spoilt}
            reached |= new
        return set() if told.node in spoilt else reached - {told.node}
