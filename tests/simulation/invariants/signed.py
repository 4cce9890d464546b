"""What an honest node holds of anybody's feed folds to a head that the feed's own key has signed.

Of a rogue's feed honest nodes may hold different versions. Each of them still is one that the rogue has signed: the
first two leaves of its trust feed hold the key, and the leaves up to the stored head have the root that it signs. Where
a longer head is known, whose leaves aren't all here, its signature is checked.
"""

from __future__ import annotations

from protocol.feeds import LEDGER, FeedKey
from protocol.merkle.checkpoint import origin_of, parse_checkpoint
from protocol.merkle.tree import leaf_hash, root_of
from protocol.record import decode_record
from tests.simulation.invariants.base import Invariant
from tests.simulation.node import SimulatedNode
from tests.simulation.reading import query

FEEDS = "SELECT sequence, network, name, epoch, size, head_note, seen_note FROM feed ORDER BY sequence"
LEAVES = "SELECT leaf_index, data FROM leaf WHERE feed = ? ORDER BY leaf_index"
SECOND = (
    "SELECT record.data FROM leaf JOIN feed ON feed.sequence = leaf.feed JOIN record ON record.id = leaf.record_id "
    "WHERE feed.network = ? AND feed.name = 'trust' AND feed.epoch = ? AND leaf.leaf_index = 1"
)


class HeldIsSigned(Invariant):
    """Folds every feed of networks that aren't honest, at every honest node."""

    name = "held-is-signed"

    async def at_rest(self) -> None:
        """Fold."""
        if not self.federation.rogues:
            return
        honest = {node.network.id for node in self.federation.nodes.values()}
        for node in self.federation.nodes.values():
            for sequence, network, name, epoch, *rest in query(node, FEEDS):
                if network not in honest and name != LEDGER:
                    self._check(node, sequence, FeedKey(network, name, epoch), *rest)

    def _check(
        self, node: SimulatedNode, sequence: int, feed: FeedKey, size: int, note: bytes | None, seen: bytes | None
    ) -> None:
        leaves = query(node, LEAVES, (sequence,))
        held = f"{node.name} holds {size} leaves of a rogue's {feed.name}"
        if [index for index, _ in leaves] != list(range(size)):
            raise self.wrong(f"{held}, and {len(leaves)} rows of them")
        if not size:
            return
        rows = query(node, SECOND, (feed.network, feed.epoch))
        if not rows or (note is None and seen is None):
            raise self.wrong(f"{held}, without a head and the epoch that signs it")
        key = decode_record(rows[0][0]).body_value()["keys"]["checkpoint"]
        for signed in (note, seen):
            if signed is None:
                continue
            head = parse_checkpoint(signed, origin=origin_of(feed), public=key)
            if head.size <= size and root_of(leaf_hash(data) for _, data in leaves[: head.size]) != head.root:
                raise self.wrong(f"{held}, which don't fold to the head of {head.size} that was signed")
            if signed is note and head.size > size:
                raise self.wrong(f"{held}, and tells a head of {head.size}")
