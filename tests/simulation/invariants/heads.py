"""I3: a published head extends, as a prefix, every head that its node ever sent, also after a loss of power.

Every root that leaves any node is kept by feed and size. Two roots of one size can't be of one log. A home that starts
again must hold at least what it had published, with the same root.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.feeds import FeedKey
from protocol.gossip.messages import Batch, Heads
from protocol.gossip.wire import decode_message
from tests.simulation.invariants.base import Invariant
from tests.simulation.node import SimulatedNode

if TYPE_CHECKING:
    from tests.simulation.federation import Federation


class PublishedHeadsGrow(Invariant):
    """Remembers every head that left a node."""

    name = "I3-heads"

    def __init__(self, federation: Federation) -> None:
        """Begin without any."""
        super().__init__(federation)
        self._roots: dict[FeedKey, dict[int, bytes]] = {}
        self._homes = {node.network.id: name for name, node in federation.nodes.items()}
        self._published: dict[FeedKey, int] = {}

    def on_frame(self, source: str, target: str, data: bytes) -> None:
        """Keep the heads that a frame tells."""
        if source in self.federation.rogues or data[1:2] not in (b"\x04", b"\x06"):
            return
        message = decode_message(data)
        if isinstance(message, Heads):
            for entry in message.entries:
                self._keep(source, entry.feed, entry.size, entry.root)
        elif isinstance(message, Batch) and message.note is not None:
            self._keep(source, message.feed, message.head_size, message.head_root)

    async def on_start(self, node: SimulatedNode) -> None:
        """Compare what a node holds of its own feeds with what it had published."""
        if node.name in self.federation.forked or node.running is None:
            return
        sizes = (await node.running.services.replication.holdings())[1]
        for feed, size in self._published.items():
            if feed.network == node.network.id and sizes.get(feed, 0) < size:
                raise self.wrong(f"{node.name} had published {size} leaves of {feed.name}, now holds {sizes.get(feed)}")

    def _keep(self, source: str, feed: FeedKey, size: int, root: bytes) -> None:
        home = self._homes.get(feed.network)
        if home is None or home in self.federation.forked:
            return
        known = self._roots.setdefault(feed, {})
        if known.setdefault(size, root) != root:
            raise self.wrong(f"{source} tells another root of {home}'s {feed.name} at {size} leaves")
        if source == home:
            self._published[feed] = max(size, self._published.get(feed, 0))
