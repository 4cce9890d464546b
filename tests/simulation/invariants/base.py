"""The base of all invariants: the moments at which one may look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.simulation.journal import ViolationError
from tests.simulation.node import SimulatedNode

if TYPE_CHECKING:
    from tests.simulation.federation import Federation


class Invariant:
    """Something that must hold; a subclass overrides the moments that it looks at.

    Attributes:
        name: As in the reference.
        federation: The run.
    """

    name = ""

    def __init__(self, federation: Federation) -> None:
        """Watch a run."""
        self.federation = federation

    def on_frame(self, source: str, target: str, data: bytes) -> None:
        """Look at a frame that leaves a node."""

    def on_commit(self, node: SimulatedNode) -> None:
        """Look at a node whose commit is durable."""

    async def on_start(self, node: SimulatedNode) -> None:
        """Look at a node that has started."""

    async def at_rest(self) -> None:
        """Look at everything, settled."""

    def wrong(self, text: str) -> ViolationError:
        """Say what doesn't hold."""
        return ViolationError(self.name, text)
