"""What must hold: while a run goes on, and at rest once all faults have ended.

Each invariant is a class in a module of this package, named as in the reference of gossip (I1 to I12) and of the
ledger (L1 to L10). To add one, write the class, override the moments that it looks at, and list it in `INVARIANTS`.

    on_frame    a frame leaves a node
    on_commit   a commit of a node is durable, nobody was told yet
    on_start    a node has started, perhaps after a crash
    at_rest     everything has settled

Places for invariants of later parts: I4 (erasure), I5 (evidence), I6 (restores and epochs), L2 (mirrors of lines),
L4 to L6 (payments between networks), L10 (quiescent federation).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.simulation.invariants.audited import AuditFindsNothing
from tests.simulation.invariants.base import Invariant
from tests.simulation.invariants.bounds import MemoryBounds
from tests.simulation.invariants.convergence import settled
from tests.simulation.invariants.delivered import AddressedArrive
from tests.simulation.invariants.durable import AcknowledgedIsDurable
from tests.simulation.invariants.heads import PublishedHeadsGrow
from tests.simulation.invariants.honest import HonestLinksLast
from tests.simulation.invariants.ledger import LedgerAddsUp
from tests.simulation.invariants.leftovers import NothingLeftOver
from tests.simulation.invariants.once import ActsOnce
from tests.simulation.invariants.signed import HeldIsSigned
from tests.simulation.invariants.sound import HeldIsSound
from tests.simulation.invariants.told import ToldHeadsGrow

if TYPE_CHECKING:
    from tests.simulation.federation import Federation

INVARIANTS: tuple[Callable[[Federation], Invariant], ...] = (
    PublishedHeadsGrow,
    AcknowledgedIsDurable,
    LedgerAddsUp,
    ActsOnce,
    AddressedArrive,
    MemoryBounds,
    NothingLeftOver,
    HonestLinksLast,
    HeldIsSigned,
    AuditFindsNothing,
    HeldIsSound,
    ToldHeadsGrow,
)

__all__ = ["INVARIANTS", "Invariant", "settled"]
