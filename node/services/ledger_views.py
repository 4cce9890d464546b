"""What readers are shown of the ledger's items.

Source: docs/spec/08-http.md section 5.
"""

from __future__ import annotations

from msgspec import Struct, field

from node.services.views import AgentRef, MoneyView


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


class ItemsView(Struct, frozen=True, kw_only=True):
    """Items, the newest first."""

    items: list[ItemView]
