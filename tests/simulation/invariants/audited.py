"""What is derived can be rebuilt: the audit of a node's database finds nothing, after crashes, full disks and rogues.

It runs the audits that `mutirao verify data` runs, over the simulated disk: every leaf folded, every record judged,
every balance, key, role and row of the catalogue made anew and compared. It costs as much as a short run, so it looks
at one node of a run, which the seed chooses; `AUDIT_ALL` in the environment has it look at all.
"""

from __future__ import annotations

import os

from node.audit.database import audit_connection
from node.services.signatures import Signatures
from tests.simulation.invariants.base import Invariant
from tests.simulation.node import SimulatedNode

SHOWN_MAX = 5
"""Findings that a violation names."""


class AuditFindsNothing(Invariant):
    """Audits one node, or all."""

    name = "audit"

    async def at_rest(self) -> None:
        """Audit."""
        nodes = list(self.federation.nodes.values())
        chosen = nodes[self.federation.chance.below(len(nodes), "audited")]
        for node in nodes if os.environ.get("AUDIT_ALL") else [chosen]:
            await self._audit(node)

    async def _audit(self, node: SimulatedNode) -> None:
        if node.running is None:
            return
        async with node.running.services.database.read() as connection:
            # Read beside the same state: nothing is written any more.
            checkpoints = bytes(node.disk.files["checkpoints"].seen)
            findings = await audit_connection(connection, checkpoints=checkpoints, signatures=Signatures(workers=0))
        if findings:
            shown = "; ".join(str(finding) for finding in findings[:SHOWN_MAX])
            raise self.wrong(f"{node.name}: {len(findings)} findings: {shown}")
