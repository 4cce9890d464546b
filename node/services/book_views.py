"""What a reader of the books is shown: movements, trial balances of the past, periods of an account, statistics.

Beside the shapes of `node.services.views`; ids are text, times are milliseconds since 1970 UTC, money is whole minor
units together with what a reader needs to write it.

Tests: tests/node/services/test_books.py
"""

from __future__ import annotations

from msgspec import Struct, field

from node.services.views import AgentRef, MoneyView, UnitView


class MovementView(Struct, frozen=True, kw_only=True):
    """One movement of credit from a payer to a payee.

    `record` is what caused it, of kind `kind`; `type` says what kind of posting, where it is one. `leaf_index` and
    `line` tell it apart from all others. `about` names the order, request, mandate or transfer that it speaks of.
    `happened_ms` is when it happened, where the record says so, as of what was imported from another system.
    `balance_after` is that of the agent that was asked for, None otherwise.
    """

    leaf_index: int
    line: int
    time_ms: int
    record: str | None
    kind: str
    type: str | None
    payer: AgentRef
    payer_account: int
    payee: AgentRef
    payee_account: int
    amount: MoneyView
    text: str | None
    about: list[str] = field(default_factory=list)
    happened_ms: int | None = None
    balance_after: MoneyView | None = None


class MovementPage(Struct, frozen=True, kw_only=True):
    """Movements, newest first; `size` is the number of leaves that they were read from."""

    size: int
    movements: list[MovementView] = field(default_factory=list)
    cursor: str | None = None


class PastAccountView(Struct, frozen=True, kw_only=True):
    """An account as it stood: all that it had given (debits) and received (credits), and the balance."""

    number: int
    account: AgentRef
    kind: str
    debits: MoneyView
    credits: MoneyView
    balance: MoneyView


class PastTrialView(Struct, frozen=True, kw_only=True):
    """The trial balance of the first `size` leaves; `root` proves which leaves, `time_ms` is that of the last one.

    `sums` is the sum of all balances, by unit: always zero. `turnover` is the sum of all debits, which is that of all
    credits.
    """

    size: int
    root: str
    time_ms: int | None
    units: list[UnitView]
    accounts: list[PastAccountView] = field(default_factory=list)
    sums: list[MoneyView] = field(default_factory=list)
    turnover: list[MoneyView] = field(default_factory=list)


class PeriodView(Struct, frozen=True, kw_only=True):
    """An account over a time: opening + received - given = closing."""

    number: int
    account: AgentRef
    from_ms: int | None
    until_ms: int | None
    size: int
    opening: MoneyView
    received: MoneyView
    given: MoneyView
    closing: MoneyView


class MonthView(Struct, frozen=True, kw_only=True):
    """What happened in one month of UTC, `month` as in 2026-11.

    `positive` is the sum of all balances above zero at its end: the credit that is in people's hands. `turns` is how
    often that credit changes hands in a year, in thousandths, if every month were like this one: 12 times the volume
    over the mean of `positive` at its beginning and its end; None where there was none.
    """

    month: str
    movements: int
    active: int
    volume: MoneyView
    positive: MoneyView
    turns: int | None


class StuckView(Struct, frozen=True, kw_only=True):
    """An account that has next to no room left on one side: `side` is low (can't pay) or high (can't receive).

    `since_ms` is when it came there. `refused` counts what that limit has refused to it since then.
    """

    number: int
    account: AgentRef
    side: str
    balance: MoneyView
    limit: MoneyView
    room: MoneyView
    since_ms: int | None
    refused: int


class StatisticsView(Struct, frozen=True, kw_only=True):
    """How credit flows: month by month, and who is stuck."""

    unit: UnitView
    size: int
    accounts: int
    months: list[MonthView] = field(default_factory=list)
    stuck: list[StuckView] = field(default_factory=list)
