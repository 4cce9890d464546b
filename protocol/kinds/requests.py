"""What members ask of one another's accounts: a charge, a standing mandate, a payment back.

The types here hold an instruction to its shape only; amounts are any integers of the codec, as in
`protocol.kinds.ledger`.

Source: spec/04-ledger L-60 to L-69.
"""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import Annotated

from msgspec import Meta

from protocol.errors import Code
from protocol.kinds.fields import Body, FieldError, Id, Money, Note, TimeMs, Unit
from protocol.kinds.ledger import Integer, Purpose, check_official
from protocol.limits import INSTALMENTS_MAX
from protocol.units import INTEGER_MAX


class Period(StrEnum):
    """What a mandate counts in; periods are those of the calendar in UTC, and a week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Instalment(Body, frozen=True):
    """One part of what is asked.

    Attributes:
        due_ms: Until when it is to be paid.
        amount: Minor units, at least 1.
    """

    due_ms: TimeMs
    amount: Annotated[int, Meta(ge=1, le=INTEGER_MAX)]


class Request(Body, frozen=True):
    """A payee asks for credit.

    Attributes:
        ledger: The network whose ledger it is for.
        payer: Who is asked.
        payee: Who asks, and signs.
        amount: Minor units of `unit`, all instalments together.
        unit: The unit of both accounts.
        due_ms: Until when it is to be paid; of instalments, the last one's.
        purpose: What it is for.
        instalments: In which parts, in the order of their days; none where it is one sum.
        official: What is asked beside it in official money, which is paid outside the ledger.
        nonce: Up to 32 bytes of the payee's choosing.
    """

    ledger: Id
    payer: Id
    payee: Id
    amount: Integer
    unit: Unit
    due_ms: TimeMs
    purpose: Purpose | None = None
    instalments: Annotated[tuple[Instalment, ...], Meta(max_length=INSTALMENTS_MAX)] = ()
    official: Money | None = None
    nonce: Annotated[bytes, Meta(max_length=32)] = b""

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_official(self.official)
        if self.purpose is not None and self.purpose.request is not None:
            raise FieldError(Code.OUT_OF_RANGE, "purpose.request: a request doesn't pay another one")
        if not self.instalments:
            return
        total = sum(part.amount for part in self.instalments)
        if total != self.amount:
            raise FieldError(Code.OUT_OF_RANGE, f"instalments: they come to {total}, the request to {self.amount}")
        if any(before.due_ms >= after.due_ms for before, after in pairwise(self.instalments)):
            raise FieldError(Code.OUT_OF_RANGE, "instalments: each is due after the one before")
        if self.instalments[-1].due_ms != self.due_ms:
            raise FieldError(Code.OUT_OF_RANGE, "instalments: the last is due when the request is")


class Mandate(Body, frozen=True):
    """A payer allows a payee to draw from its account, until a day and up to an amount a period.

    Attributes:
        ledger: The network whose ledger it is for.
        payer: From whose account, and who signs.
        payee: Who may draw.
        amount: Minor units of `unit` that may be drawn in one period.
        unit: The unit of both accounts.
        period: What the amount is for.
        until_ms: It may be drawn on only before this time.
        text: What it is for.
        nonce: Up to 32 bytes of the payer's choosing.
    """

    ledger: Id
    payer: Id
    payee: Id
    amount: Integer
    unit: Unit
    period: Period
    until_ms: TimeMs
    text: Note | None = None
    nonce: Annotated[bytes, Meta(max_length=32)] = b""


class Reversal(Body, frozen=True):
    """One side of a transfer proposes to move it back, in whole or in part.

    Attributes:
        ledger: The network whose ledger it is for.
        transfer: The transfer that is moved back.
        payer: Who gives back: the transfer's payee.
        payee: Who gets back: the transfer's payer.
        amount: Minor units of `unit`, at most the transfer's.
        unit: The transfer's unit.
        text: Why.
        nonce: Up to 32 bytes of the author's choosing.
    """

    ledger: Id
    transfer: Id
    payer: Id
    payee: Id
    amount: Integer
    unit: Unit
    text: Note | None = None
    nonce: Annotated[bytes, Meta(max_length=32)] = b""
