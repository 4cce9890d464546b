"""Credit that is set aside: a hold, and the one resolution that ends it.

A payer sets an amount aside for a payee; later it is posted, voided, or free again when its time is over. As with
transfers, amounts and times are any integers here: what the ledger doesn't allow is a refusal with a leaf of its own.

Source: spec/04-ledger L-50 and L-51.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.errors import Code
from protocol.kinds.cash import Minutes
from protocol.kinds.fields import Body, FieldError, Id, Note, Unit, check_distinct
from protocol.kinds.ledger import Integer, Purpose

MEDIATORS = 2
"""Mediators that a hold names, if it names any: they decide together."""


class Hold(Body, frozen=True):
    """A payer sets credit aside for a payee.

    Attributes:
        ledger: The network whose ledger it is for.
        payer: Whose credit it is, and who signs.
        payee: Who will receive it.
        amount: Minor units of `unit`.
        unit: The unit of both accounts.
        expires_ms: From this time on what wasn't posted is free again.
        purpose: What it is for: an order, words.
        payee_posts_from_ms: From this time on the payee may post it alone; never where nothing is said.
        mediators: The two agents who decide together when it is disputed; nobody where nothing is said.
    """

    ledger: Id
    payer: Id
    payee: Id
    amount: Integer
    unit: Unit
    expires_ms: Integer
    purpose: Purpose | None = None
    payee_posts_from_ms: Integer | None = None
    mediators: Annotated[tuple[Id, ...], Meta(max_length=MEDIATORS)] = ()

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        if len(self.mediators) not in {0, MEDIATORS}:
            raise FieldError(Code.OUT_OF_RANGE, f"mediators: there are {MEDIATORS} or none")
        check_distinct((self.payer, self.payee, *self.mediators) if self.mediators else (), "mediators")
        if self.payee_posts_from_ms is not None and self.payee_posts_from_ms >= self.expires_ms:
            raise FieldError(Code.OUT_OF_RANGE, "payee_posts_from_ms: is not before expires_ms")


class ResolutionAction(StrEnum):
    """What is done with a hold."""

    POST = "post"
    VOID = "void"
    DISPUTE = "dispute"


class Resolution(Body, frozen=True):
    """A party or a mediator says what becomes of a hold.

    Attributes:
        hold: The hold, by the id of its record.
        action: What is done.
        amount: How much of it is posted, the rest is free again; the whole where nothing is said.
        text: Why, in words.
        minutes: Where the assembly decided it; a treasurer signs that, and an auditor consents.
    """

    hold: Id
    action: ResolutionAction
    amount: Integer | None = None
    text: Note | None = None
    minutes: Minutes | None = None

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        if self.amount is not None and self.action is not ResolutionAction.POST:
            raise FieldError(Code.OUT_OF_RANGE, "amount: only what is posted has one")
        if self.minutes is not None and self.action is ResolutionAction.DISPUTE:
            raise FieldError(Code.OUT_OF_RANGE, "minutes: an assembly decides, it doesn't dispute")
