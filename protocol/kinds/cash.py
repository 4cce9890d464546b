"""Official money beside the credit, and the closing of a year: cash, counts and closings.

Source: spec/03-records R-130 to R-132; spec/04-ledger L-85 to L-95.

Tests: tests/protocol/kinds/test_kinds.py

>>> Denomination(value=5000, pieces=3).total
15000
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.errors import Code
from protocol.kinds.fields import Amount, Body, FieldError, Hash, Id, Line, Note, TimeMs, check_distinct
from protocol.kinds.ledger import Integer
from protocol.limits import AUDITORS_MAX, DENOMINATIONS_MAX, PIECES_MAX
from protocol.units import INTEGER_MAX

Official = Annotated[str, Meta(pattern=r"\A[A-Z]{3}\Z")]
"""Official money: a code of ISO 4217. Credit never stands in a cash book."""


class Direction(StrEnum):
    """Whether money goes into a box or out of it."""

    IN = "in"
    OUT = "out"


class Cash(Body, frozen=True):
    """Official money goes into a box or out of it.

    Attributes:
        box: The name of the box; the first money that goes in makes it.
        direction: In or out.
        amount: Minor units of `unit`.
        unit: Official money, such as `BRL`.
        purpose: What for.
        at_ms: When it changed hands.
        who: Who gave or took it, where that is an agent.
        name: Who gave or took it, where that is somebody else.
        round: The group buy, offer or order that it belongs to.
    """

    box: Line
    direction: Direction
    amount: Integer
    unit: Official
    purpose: Note
    at_ms: TimeMs
    who: Id | None = None
    name: Line | None = None
    round: Id | None = None

    def __post_init__(self) -> None:
        """Check that it says who, once."""
        if (self.who is None) == (self.name is None):
            raise FieldError(Code.MISSING_FIELD, "who or name: one of the two says who gave or took the money")


class Denomination(Body, frozen=True):
    """How many notes or coins of one value lie in a box.

    Attributes:
        value: What one is worth, in minor units.
        pieces: How many there are.
    """

    value: Annotated[int, Meta(ge=1, le=10**9)]
    pieces: Annotated[int, Meta(ge=0, le=PIECES_MAX)]

    @property
    def total(self) -> int:
        """What they are worth together."""
        return self.value * self.pieces


class Count(Body, frozen=True):
    """A box was counted; somebody else signs for it too.

    Attributes:
        box: The name of the box.
        unit: Official money, such as `BRL`.
        counted: What lay in it, in minor units.
        at_ms: When it was counted.
        denominations: The notes and coins; they come to `counted`.
        second: Who counted too and must consent; any officer where nobody is named.
        note: In words, such as how a difference came about.
    """

    box: Line
    unit: Official
    counted: Amount
    at_ms: TimeMs
    denominations: Annotated[tuple[Denomination, ...], Meta(max_length=DENOMINATIONS_MAX)] = ()
    second: Id | None = None
    note: Note | None = None

    def __post_init__(self) -> None:
        """Check that notes and coins come to what was counted."""
        check_distinct((each.value for each in self.denominations), "denominations")
        total = sum(each.total for each in self.denominations)
        if self.denominations and total != self.counted:
            raise FieldError(Code.OUT_OF_RANGE, f"denominations: they come to {total}, counted is {self.counted}")


class Minutes(Body, frozen=True):
    """Minutes of an assembly, cited.

    Attributes:
        date: The day of the assembly, `2027-03-14`.
        number: The number of the minutes, as the assembly counts them.
        hash: SHA-256 of the signed minutes as they are kept.
    """

    date: Annotated[str, Meta(pattern=r"\A[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])\Z")]
    number: Annotated[str, Meta(pattern=r"\A[0-9A-Za-z][0-9A-Za-z./-]{0,15}\Z")]
    hash: Hash


class Closing(Body, frozen=True):
    """The assembly closes a period: nothing is dated into it any more.

    Attributes:
        until_ms: The last millisecond of the period.
        size: How many entries of the ledger the period's balances are the sum of.
        balances_hash: SHA-256 of these balances, so that whoever signs can compare them (L-94).
        minutes: Where the assembly decided it.
        auditors: Who must sign too, each of them an auditor.
    """

    until_ms: TimeMs
    size: Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
    minutes: Minutes
    auditors: Annotated[tuple[Id, ...], Meta(min_length=1, max_length=AUDITORS_MAX)]
    balances_hash: Hash | None = None

    def __post_init__(self) -> None:
        """Check that no auditor is named twice."""
        check_distinct(self.auditors, "auditors")
