"""What readers are shown of the ledger's items.

Source: docs/spec/08-http.md section 5.
"""

from __future__ import annotations

from msgspec import Struct, field

from node.services.views import AgentRef, MoneyView
from protocol.ledger import Item
from protocol.ledger.linked import REQUEST
from protocol.ledger.requests import open_parts


class ItemView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that the ledger remembers: an act that waits for signatures, a request, a hold and the like.

    Attributes:
        id: Its id.
        kind: What it is; `act` for what waits for signatures.
        about: The kind of the instruction that made it.
        state: A word of its kind.
        is_open: Whether something may still become of it.
        author: Who made it.
        payer: Who gives.
        payee: Who receives.
        amount: What it is about.
        done: How much of that is done.
        until_ms: When it ends by itself, in ms since 1970.
        created_ms: When its author says to have made it.
        signers: Who has signed so far.
        mediators: Who decides a dispute.
        order: The order that it is for.
        text: What it is for, in words.
        due_ms: Of a request, by when the next open part of it is to be paid.
        due: How much that part is.
        period: Of a mandate, what its amount is for: day, week or month.
        official: What is asked beside it in official money, or was stated as paid.
    """

    id: str
    kind: str
    about: str
    state: str
    is_open: bool
    author: AgentRef
    created_ms: int
    payer: AgentRef | None = None
    payee: AgentRef | None = None
    amount: MoneyView | None = None
    done: MoneyView | None = None
    until_ms: int | None = None
    signers: list[AgentRef] = field(default_factory=list)
    mediators: list[AgentRef] = field(default_factory=list)
    order: str | None = None
    text: str | None = None
    due_ms: int | None = None
    due: MoneyView | None = None
    period: str | None = None
    official: MoneyView | None = None


class ItemsView(Struct, frozen=True, kw_only=True):
    """Items, the newest first."""

    items: list[ItemView]


def due_of(item: Item) -> tuple[int, int] | None:
    """Give of a request the day and amount of the next part that is to be paid; None where nothing is."""
    if item.kind != REQUEST or not item.is_open:
        return None
    return open_parts(item.instruction.body, item.done)[0]


def units_of(item: Item) -> tuple[str, ...]:
    """Give the units that the view of an item has amounts in."""
    official = getattr(item.instruction.body, "official", None)
    named = (item.unit, None if official is None else official.unit)
    return tuple(unit for unit in named if unit is not None)
