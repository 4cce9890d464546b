"""Honest peers don't accuse each other: whatever a third one does, no link between two honest nodes ends for a fault.

Where frames between them are lost, doubled, altered or sent again, or a node came back from an old copy, they can't
tell that from a fault of the other's; such plans are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol.gossip.codes import ByeCode
from protocol.gossip.messages import Bye
from protocol.gossip.wire import decode_message
from tests.simulation.invariants.base import Invariant

if TYPE_CHECKING:
    from tests.simulation.federation import Federation

BYE = b"\x0a"
"""The type of a BYE, the second byte of its frame."""

MISLEADING = frozenset({"loss", "duplicates", "reordering", "alter", "replay", "silence", "restore"})
"""Steps behind which honest nodes can't tell a fault of the other's from one of the road or of its past."""

NO_ACCUSATION = frozenset(
    code.value
    for code in (
        ByeCode.SHUTDOWN,
        ByeCode.DUPLICATE,
        ByeCode.LOST,
        ByeCode.HANDSHAKE_TIMEOUT,
        ByeCode.IDLE_TIMEOUT,
        ByeCode.SLOW_READER,
        ByeCode.INTERNAL,
        ByeCode.NOT_ADMITTED,
    )
)
"""Codes of BYE that tell of time, room or lists, not of wrong bytes."""


class HonestLinksLast(Invariant):
    """Reads every BYE between honest nodes."""

    name = "honest-links"

    def __init__(self, federation: Federation) -> None:
        """Look whether the plan misleads honest nodes."""
        super().__init__(federation)
        self._is_off = any(step.action in MISLEADING for step in federation.plan.steps)

    def on_frame(self, source: str, target: str, data: bytes) -> None:
        """Look at a BYE."""
        nodes = self.federation.nodes
        if self._is_off or data[1:2] != BYE or source not in nodes or target not in nodes:
            return
        message = decode_message(data)
        if isinstance(message, Bye) and message.code not in NO_ACCUSATION:
            raise self.wrong(f"{source} ends its link with {target}: {message.code}: {message.text}")
