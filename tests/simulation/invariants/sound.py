"""What an honest node holds of anybody's feed was signed by its author's key, and reads keys in the order of time.

The feeds of rogues are looked at; those of honest nodes hold nothing else anyway.
"""

from __future__ import annotations

from protocol.errors import RemoteProtocolError
from protocol.feeds import LEDGER
from protocol.merkle.leaf import decode_leaf
from protocol.record import decode_record, verify_record
from tests.simulation.invariants.base import Invariant
from tests.simulation.node import SimulatedNode
from tests.simulation.reading import query

LEAVES = (
    "SELECT feed.name, leaf.leaf_index, leaf.data, record.data, feed.network FROM leaf "
    "JOIN feed ON feed.sequence = leaf.feed LEFT JOIN record ON record.id = leaf.record_id "
    "ORDER BY feed.sequence, leaf.leaf_index"
)


class HeldIsSound(Invariant):
    """Reads every leaf of networks that aren't honest, at every honest node."""

    name = "held-is-sound"

    async def at_rest(self) -> None:
        """Read."""
        if self.federation.rogues:
            for node in self.federation.nodes.values():
                self._check(node)

    def _check(self, node: SimulatedNode) -> None:
        honest = {other.network.id for other in self.federation.nodes.values()}
        keys_at = 0
        for name, index, leaf, data, network in query(node, LEAVES):
            if network in honest or name == LEDGER:
                continue
            where = f"leaf {index} of a rogue's {name}, which {node.name} holds,"
            try:
                read_at = decode_leaf(leaf).keys_at
            except RemoteProtocolError:
                continue  # of a form that isn't known here
            if index and read_at < keys_at:
                raise self.wrong(f"{where} has keys_at {read_at}, the one before it {keys_at}")
            keys_at = read_at
            if data is not None:
                try:
                    verify_record(decode_record(data))
                except RemoteProtocolError as error:
                    raise self.wrong(f"the record of {where} fails: {error}") from error
