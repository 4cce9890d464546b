"""What a reader of the cash book is shown: boxes, money in and out, counts, and the closings of periods.

Tests: tests/node/services/test_cash.py
"""

from __future__ import annotations

from msgspec import Struct, field

from node.services.views import AgentRef, MoneyView


class BoxView(Struct, frozen=True, kw_only=True):
    """A cash box and what it holds."""

    box: str
    held: MoneyView


class CashLineView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A line of the cash book.

    Attributes:
        id: Its id.
        kind: `cash`, or `count`.
        box: The name of the box.
        direction: `in` or `out` of money, none of a count.
        amount: What went in or out, or what was counted.
        held: What the box holds by the book after it.
        difference: Of a count, how much more was counted than the book says.
        at_ms: When it happened, as its author says, in ms since 1970.
        created_ms: When it was signed.
        author: Who booked it.
        who: Who gave or took the money, an agent.
        name: Who gave or took it, somebody else.
        round: What it belongs to.
        text: What for, or the note of a count.
        signers: Of a count, who signed it.
    """

    id: str
    kind: str
    box: str
    amount: MoneyView
    held: MoneyView
    at_ms: int
    created_ms: int
    author: AgentRef
    direction: str | None = None
    difference: MoneyView | None = None
    who: AgentRef | None = None
    name: str | None = None
    round: str | None = None
    text: str | None = None
    signers: list[AgentRef] = field(default_factory=list)


class CashBookView(Struct, frozen=True, kw_only=True):
    """The boxes as they stand, and a page of lines, the newest first."""

    boxes: list[BoxView]
    lines: list[CashLineView]
    cursor: str | None = None


class MinutesView(Struct, frozen=True, kw_only=True):
    """Minutes that are cited: day, number, and the SHA-256 of what is kept, in hexadecimal."""

    date: str
    number: str
    hash: str


class ClosingView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The closing of a period.

    Attributes:
        id: Its id.
        state: `proposed`, `done`, `declined` or `expired`.
        until_ms: The last millisecond of the period.
        size: How many entries its balances are the sum of.
        minutes: Where the assembly decided it.
        author: Who proposed it.
        auditors: Who must sign it.
        signers: Who has, its author first.
        balances_hash: Hash of the balances, in hexadecimal.
    """

    id: str
    state: str
    until_ms: int
    size: int
    minutes: MinutesView
    author: AgentRef
    auditors: list[AgentRef]
    signers: list[AgentRef]
    balances_hash: str | None = None


class ClosingsView(Struct, frozen=True, kw_only=True):
    """Closings, the newest first."""

    closings: list[ClosingView]
