"""Orders, and the events that carry them out.

An order copies the terms that it was placed on, so that the offer may change or go. Each later quantity is an event
of the side that it is the business of: the seller accepts, separates and delivers, the buyer receives and returns.

Source: spec/03-records R-50 to R-52.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.errors import Code
from protocol.kinds.fields import (
    Body,
    FieldError,
    Id,
    Line,
    Note,
    Price,
    Quantity,
    QuantityOrNone,
    check_distinct,
    check_measure,
    check_price,
)
from protocol.limits import ROWS_MAX


class Action(StrEnum):
    """What happened to an order, in the words of the side that says it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    SEPARATED = "separated"
    DELIVERED = "delivered"
    RECEIVED = "received"
    CANCELLED = "cancelled"
    RETURNED = "returned"


SELLER_ACTIONS = frozenset({Action.ACCEPTED, Action.REFUSED, Action.SEPARATED, Action.DELIVERED})
"""Actions that are the seller's to state."""

BUYER_ACTIONS = frozenset({Action.RECEIVED, Action.CANCELLED, Action.RETURNED})
"""Actions that are the buyer's to state."""

WHOLE_ACTIONS = frozenset({Action.REFUSED, Action.CANCELLED})
"""Actions on the whole order, without rows."""


class Row(Body, frozen=True):
    """One line of an order, with the terms of its offer.

    Attributes:
        title: The offer's title.
        measure: What `quantity` and `per` count.
        quantity: How much is ordered.
        price: What is paid for `per`.
        per: Thousandths of the measure that the price is for.
    """

    title: Line
    measure: str
    quantity: Quantity
    price: Price
    per: Quantity

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_measure(self.measure)
        check_price(self.price)


class Order(Body, frozen=True):
    """What a buyer asks of a seller.

    Attributes:
        offer: The offer, as a thing.
        offer_record: The revision of it whose terms the rows copy.
        seller: Who is asked.
        buyer: Who asks, and signs.
        rows: What is asked, at least one.
        note: A word to the seller.
    """

    offer: Id
    offer_record: Id
    seller: Id
    buyer: Id
    rows: Annotated[tuple[Row, ...], Meta(min_length=1, max_length=ROWS_MAX)]
    note: Note | None = None

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        if self.seller == self.buyer:
            raise FieldError(Code.OUT_OF_RANGE, "buyer: nobody orders from themselves")


class RowQuantity(Body, frozen=True):
    """How much of one row.

    Attributes:
        row: Which row of the order, from 0.
        quantity: Thousandths of the row's measure; 0 is said where a row is not accepted.
    """

    row: Annotated[int, Meta(ge=0, lt=ROWS_MAX)]
    quantity: QuantityOrNone


class Event(Body, frozen=True):
    """What one side states about an order.

    Attributes:
        order: The order.
        action: What happened.
        rows: How much of which rows; none where the action is on the whole order.
        corrects: An earlier event of the same action and author, whose quantities these replace.
        note: In words: a reason, a weight, a lot.
    """

    order: Id
    action: Action
    rows: Annotated[tuple[RowQuantity, ...], Meta(max_length=ROWS_MAX)] = ()
    corrects: Id | None = None
    note: Note | None = None

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_distinct((row.row for row in self.rows), "rows")
        if self.action in WHOLE_ACTIONS:
            if self.rows or self.corrects is not None:
                raise FieldError(Code.OUT_OF_RANGE, f"rows: {self.action} is said of the whole order, without rows")
        elif not self.rows:
            raise FieldError(Code.MISSING_FIELD, f"rows: {self.action} names at least one row and its quantity")
