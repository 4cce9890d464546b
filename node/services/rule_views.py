"""What readers are shown of the assembly's rules, and of what members would pay under one.

Source: docs/spec/08-http.md section 5.

Tests: tests/node/services/test_dues.py
"""

from __future__ import annotations

from msgspec import Struct, field

from node.services.cash_views import MinutesView
from node.services.views import AgentRef, MoneyView


class LimitRowView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Limits of one kind of member: hard ones, soft ones, and how long an account waits for the step."""

    policy: str
    low: MoneyView
    high: MoneyView
    soft_low: MoneyView | None = None
    soft_high: MoneyView | None = None
    step: int = 0
    after_days: int = 0


class RuleView(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A rule that the assembly gave.

    Attributes:
        id: By which postings name it.
        type: What it is about.
        title: What members call it.
        minutes: Where it was decided.
        payee: Who receives what it takes.
        amount: What each pays, the most that one pays, a day's cap, or the amount above which two sign.
        per_mille: Parts of a thousand.
        base: Of what a levy is counted.
        above: Only what stands above this counts.
        rows: Limits by kind of member.
        until_ms: When it ends by itself.
        record: The signed record that put it in force.
    """

    id: str
    type: str
    title: str
    minutes: MinutesView
    record: str
    payee: AgentRef | None = None
    amount: MoneyView | None = None
    per_mille: int | None = None
    base: str | None = None
    above: MoneyView | None = None
    rows: list[LimitRowView] = field(default_factory=list)
    until_ms: int | None = None


class RulesView(Struct, frozen=True, kw_only=True):
    """The rules in force, in the order in which they came into it."""

    rules: list[RuleView]


class DueView(Struct, frozen=True, kw_only=True):
    """What one member would pay.

    Attributes:
        account: Who.
        base: Of what it is counted; of dues the amount itself.
        amount: What is to be paid.
        balance_after: What the member would then stand at.
        is_over_limit: Whether that is below the lower limit.
        is_posted: Whether it was taken already.
    """

    account: AgentRef
    base: MoneyView
    amount: MoneyView
    balance_after: MoneyView
    is_over_limit: bool
    is_posted: bool


class DuesView(Struct, frozen=True, kw_only=True):
    """Who would pay what under a rule for a period.

    Attributes:
        rule: The rule.
        period: The period.
        lines: One member a line, in the order of the accounts; whoever would pay nothing is left out.
        payee_room: How much the receiving account can still take.
    """

    rule: RuleView
    period: str
    lines: list[DueView]
    payee_room: MoneyView
