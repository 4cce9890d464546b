"""Rules that an assembly gives its treasurer, and postings of many lines that follow from them.

A `rule` says how far accounts may go, what members pay, and when a second signature is wanted; it cites the minutes in
which the assembly decided it. A `posting` moves many amounts at once, all or none.

Source: spec/03-records R-78 and R-79; spec/04-ledger L-70 to L-84.

Tests: tests/protocol/ledger/test_charter.py, tests/protocol/ledger/test_postings.py
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.errors import Code
from protocol.kinds.cash import Minutes
from protocol.kinds.fields import (
    Amount,
    Body,
    FieldError,
    Id,
    Line,
    Note,
    TimeMs,
    Unit,
    check_distinct,
)
from protocol.kinds.ledger import Integer, PolicyName, Step
from protocol.limits import LIMIT_ROWS_MAX, POSTING_LINES_MAX

Period = Annotated[str, Meta(pattern=r"\A[0-9A-Za-z][0-9A-Za-z._-]{0,39}\Z")]
"""What a posting is for, once: a month like `2027-03`, or the name of a part of an import."""


class RuleType(StrEnum):
    """What a rule is about."""

    LIMITS = "limits"
    DUES = "dues"
    LEVY = "levy"
    CIRCULATION = "circulation"
    ASSISTED = "assisted"
    SIGNATURES = "signatures"
    IMPORT = "import"


ONE_EACH = frozenset({RuleType.LIMITS, RuleType.ASSISTED, RuleType.SIGNATURES})
"""Types of which one rule is in force at a time: a new one takes the place of the one before."""


class LevyBase(StrEnum):
    """Whose side of a trade a levy is counted on."""

    RECEIVED = "received"
    GIVEN = "given"
    BOTH = "both"


class LimitRow(Body, frozen=True):
    """Limits that accounts of one kind of member are opened with, or raised to.

    Attributes:
        policy: For whom: a type of agent, or a name.
        low: How far below zero, ≤ 0.
        high: How far above zero, ≥ 0.
        soft_low: Below this the member is warned.
        soft_high: Above this the member is warned.
        step: 0 when the account is opened; 1, 2 … as it is raised.
        after_days: Days that an account must have been on the step before.
    """

    policy: PolicyName
    low: Integer
    high: Integer
    soft_low: Integer | None = None
    soft_high: Integer | None = None
    step: Step = 0
    after_days: Annotated[int, Meta(ge=0, le=3660)] = 0


class Rule(Body, frozen=True):
    """What the assembly decided for the books.

    Attributes:
        type: What it is about.
        title: What members call it.
        minutes: Where it was decided.
        unit: The unit of its amounts; the network's own where nothing is said.
        payee: Dues, levy, circulation: the account that receives them.
        amount: Dues: what each pays for a period. Levy, circulation: the most that one pays for a period. Assisted:
            what a member may give on slips in a day. Signatures: the amount above which a second person signs.
        per_mille: Levy, circulation: parts of a thousand.
        base: Levy: of what.
        above: Circulation: only what stands above this counts.
        rows: Limits: who gets which.
        replaces: The rule of the same type whose place it takes; not needed where there is one of a type.
        until_ms: When it ends by itself.
    """

    type: RuleType
    title: Line
    minutes: Minutes
    unit: Unit | None = None
    payee: Id | None = None
    amount: Amount | None = None
    per_mille: Annotated[int, Meta(ge=1, le=1000)] | None = None
    base: LevyBase | None = None
    above: Amount | None = None
    rows: Annotated[tuple[LimitRow, ...], Meta(max_length=LIMIT_ROWS_MAX)] = ()
    replaces: Id | None = None
    until_ms: TimeMs | None = None

    def __post_init__(self) -> None:
        """Check that it says what its type needs, and no row twice."""
        for name in _RULE_NEEDS[self.type]:
            if not getattr(self, name) and getattr(self, name) != 0:
                raise FieldError(Code.MISSING_FIELD, f"{name}: a rule about {self.type} says it")
        check_distinct(((row.policy, row.step) for row in self.rows), "rows")


_RULE_NEEDS: dict[RuleType, tuple[str, ...]] = {
    RuleType.LIMITS: ("rows",),
    RuleType.DUES: ("payee", "amount"),
    RuleType.LEVY: ("payee", "per_mille", "base"),
    RuleType.CIRCULATION: ("payee", "per_mille"),
    RuleType.ASSISTED: ("amount",),
    RuleType.SIGNATURES: ("amount",),
    RuleType.IMPORT: ("until_ms",),
}


class PostingType(StrEnum):
    """Why many amounts move at once."""

    DUES = "dues"
    LEVY = "levy"
    CIRCULATION = "circulation"
    OPENING = "opening"
    WRITE_OFF = "write_off"
    FUND = "fund"
    IMPORTED = "imported"


COLLECTED = frozenset({PostingType.DUES, PostingType.LEVY, PostingType.CIRCULATION})
"""Types that take from members what a rule says, for its payee."""

BY_RULE = COLLECTED | {PostingType.IMPORTED}
"""Types that follow from a rule, once a period."""

BY_MINUTES = frozenset({PostingType.WRITE_OFF, PostingType.FUND})
"""Types that cite minutes themselves, and that treasurer and auditor sign."""


class PostingLine(Body, frozen=True):
    """One amount that moves.

    Attributes:
        amount: Minor units.
        payer: Who gives; not said where an opening balance is given to `payee`.
        payee: Who receives; not said where the rule names it, or where an opening balance is taken from `payer`.
        text: What it is for.
        at_ms: When it happened, for what another system recorded.
    """

    amount: Integer
    payer: Id | None = None
    payee: Id | None = None
    text: Line | None = None
    at_ms: TimeMs | None = None


class Posting(Body, frozen=True):
    """Many amounts that move together, or not at all.

    Attributes:
        type: Why.
        lines: What moves.
        rule: The rule that it follows from.
        period: What it is for; a rule takes from a payer once a period.
        minutes: The minutes that it cites.
        unit: The unit of its amounts; the network's own where nothing is said.
        text: In words, for the statements of all whom it concerns.
    """

    type: PostingType
    lines: Annotated[tuple[PostingLine, ...], Meta(min_length=1, max_length=POSTING_LINES_MAX)]
    rule: Id | None = None
    period: Period | None = None
    minutes: Minutes | None = None
    unit: Unit | None = None
    text: Note | None = None

    def __post_init__(self) -> None:
        """Check that each line has the sides that its type needs, and that the type's reason is given."""
        if self.type in BY_RULE and (self.rule is None or self.period is None):
            raise FieldError(Code.MISSING_FIELD, f"rule and period: a posting of {self.type} follows from a rule")
        if self.type in BY_MINUTES and self.minutes is None:
            raise FieldError(Code.MISSING_FIELD, f"minutes: a posting of type {self.type} cites them")
        for place, line in enumerate(self.lines):
            sides = (line.payer is not None, line.payee is not None)
            if self.type is PostingType.OPENING:
                wrong = sides[0] == sides[1]
            else:
                wrong = sides != (True, self.type not in COLLECTED)
            if wrong:
                raise FieldError(Code.OUT_OF_RANGE, f"lines[{place}]: {_SIDES[self.type]}")


_BOTH = "payer and payee are both said"
_PAYER = "the payer is said, the payee is the rule's"
_SIDES: dict[PostingType, str] = {
    PostingType.DUES: _PAYER,
    PostingType.LEVY: _PAYER,
    PostingType.CIRCULATION: _PAYER,
    PostingType.OPENING: "either payer or payee is said, for a balance below or above zero",
    PostingType.WRITE_OFF: _BOTH,
    PostingType.FUND: _BOTH,
    PostingType.IMPORTED: _BOTH,
}
