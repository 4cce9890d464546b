"""L7: what was acknowledged stands in the log where it was said to stand, after any crash."""

from __future__ import annotations

from protocol.merkle.leaf import decode_leaf, decode_ledger_leaf
from tests.simulation.invariants.base import Invariant
from tests.simulation.node import SimulatedNode
from tests.simulation.reading import leaves_of


class AcknowledgedIsDurable(Invariant):
    """Holds the journal against the logs."""

    name = "L7-durable"

    async def on_start(self, node: SimulatedNode) -> None:
        """Look for everything that this node had acknowledged before it went down."""
        await self._check(node)

    async def at_rest(self) -> None:
        """Look at all nodes."""
        for node in self.federation.nodes.values():
            await self._check(node)

    async def _check(self, node: SimulatedNode) -> None:
        told = self.federation.journal.of(node.name)
        if not told or node.running is None:
            return
        logs: dict[str, list[bytes | None]] = {}
        for item in told:
            if item.feed not in logs:
                read = decode_ledger_leaf if item.feed == "ledger" else decode_leaf
                logs[item.feed] = [read(leaf).record_id for leaf, _ in await leaves_of(node, item.feed)]
            log = logs[item.feed]
            if item.index >= len(log) or log[item.index] != item.record.id:
                raise self.wrong(
                    f"{node.name} acknowledged a {item.record.header.kind} as leaf {item.index} of {item.feed}, "
                    f"which has {len(log)} leaves and not that record there"
                )
