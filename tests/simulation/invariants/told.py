"""I3, for feeds that are only carried: no honest node tells fewer leaves of a feed than it told before.

Where its operator brought an old copy of its database back, it may: it has lost what it took from others since.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.feeds import FeedKey
from protocol.gossip.messages import Heads
from protocol.gossip.wire import decode_message
from tests.simulation.invariants.base import Invariant

if TYPE_CHECKING:
    from tests.simulation.federation import Federation


class ToldHeadsGrow(Invariant):
    """Remembers the longest head that each node has told of each feed."""

    name = "I3-told"

    def __init__(self, federation: Federation) -> None:
        """Begin without any."""
        super().__init__(federation)
        self._told: dict[tuple[str, FeedKey], int] = {}

    def on_frame(self, source: str, target: str, data: bytes) -> None:
        """Compare the heads that a frame tells with those before."""
        federation = self.federation
        if data[1:2] != b"\x04" or source not in federation.nodes or source in federation.forked | federation.aged:
            return
        message = decode_message(data)
        assert isinstance(message, Heads)
        for entry in message.entries:
            before = self._told.get((source, entry.feed), 0)
            if entry.size < before:
                raise self.wrong(f"{source} told {before} leaves of a feed, {entry.feed.name}, and now {entry.size}")
            self._told[source, entry.feed] = entry.size
