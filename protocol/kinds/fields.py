"""Field types that the kinds share, and the base of all bodies.

A body is a map. Its bounds stand in its type, so that a value of the class is a checked value: right types, lengths,
ranges and combinations. Text holds no control characters and no characters that turn the direction of what follows,
so that a title can't pretend on a page or in a terminal to be something else. Keys that a class doesn't name stay in
the record's bytes and are ignored.

Source: spec/03-records R-20 to R-29.

>>> Money(unit="BRL", amount=1250)
Money(unit='BRL', amount=1250)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from protocol import keys
from protocol.errors import Code, CodeEnum, RemoteProtocolError
from protocol.limits import (
    AMOUNT_MAX,
    CATEGORY_CHARS_MAX,
    LINE_CHARS_MAX,
    NOTE_CHARS_MAX,
    PRICE_PARTS_MAX,
    QUANTITY_MAX,
    TEXT_CHARS_MAX,
)
from protocol.measures import MEASURES
from protocol.units import INTEGER_MAX

_DIRECTION = "\u202a-\u202e\u2066-\u2069"
_ONE_LINE = rf"\A[^\x00-\x1f\x7f-\x9f\u2028\u2029{_DIRECTION}]*\Z"
_LINES = rf"\A[^\x00-\x08\x0b-\x1f\x7f-\x9f{_DIRECTION}]*\Z"

Id = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""The id of an agent, thing or record."""

Key = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""A public key; whether it is a safe one is checked where it is declared."""

Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
"""A SHA-256 of something that is not published."""

Line = Annotated[str, Meta(min_length=1, max_length=LINE_CHARS_MAX, pattern=_ONE_LINE)]
"""A name or title."""

Symbol = Annotated[str, Meta(min_length=1, max_length=8, pattern=_ONE_LINE)]
"""What stands beside an amount."""

Note = Annotated[str, Meta(max_length=NOTE_CHARS_MAX, pattern=_LINES)]
"""A few sentences; line breaks are allowed."""

Text = Annotated[str, Meta(min_length=1, max_length=TEXT_CHARS_MAX, pattern=_LINES)]
"""A text of some pages."""

Category = Annotated[str, Meta(max_length=CATEGORY_CHARS_MAX, pattern=r"\A[a-z][a-z0-9-]*\Z")]
"""An id of the category list. One that this program doesn't have yet is no fault: the list grows by motion."""

Unit = Annotated[str, Meta(max_length=58, pattern=r"\A([A-Z]{3}|agent:[a-z2-7]{51}[aq])\Z")]
"""A unit of money: a code of ISO 4217, or the network whose community credit it is."""

Amount = Annotated[int, Meta(ge=0, le=AMOUNT_MAX)]
"""Minor units of a unit of money."""

Quantity = Annotated[int, Meta(ge=1, le=QUANTITY_MAX)]
"""Thousandths of a measure, more than none."""

QuantityOrNone = Annotated[int, Meta(ge=0, le=QUANTITY_MAX)]
"""Thousandths of a measure, possibly none."""

TimeMs = Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
"""Milliseconds since 1970-01-01 UTC."""

LatitudeE6 = Annotated[int, Meta(ge=-90_000_000, le=90_000_000)]
"""Millionths of a degree, north is positive."""

LongitudeE6 = Annotated[int, Meta(ge=-180_000_000, le=180_000_000)]
"""Millionths of a degree, east is positive."""

Count = Annotated[int, Meta(ge=1, le=1000)]
"""A small whole number from 1."""


class FieldError(ValueError):
    """A rule between fields is broken; `read_body` turns it into a RemoteProtocolError with the field's path.

    Attributes:
        code: The wire code.
    """

    def __init__(self, code: CodeEnum, message: str) -> None:
        """Keep `code` beside the message."""
        self.code = code
        super().__init__(message)


class Body(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The base of all bodies: frozen, fields by name, what has its default value is left out when written."""


class Money(Body, frozen=True):
    """An amount of one unit.

    Attributes:
        unit: `BRL`, or `agent:` and base32 of the network whose credit it is.
        amount: Minor units, from 0.
    """

    unit: Unit
    amount: Amount


Price = Annotated[tuple[Money, ...], Meta(max_length=PRICE_PARTS_MAX)]
"""What is paid for `per` of the measure: one amount a unit; empty where nothing is asked or it is to be agreed."""


class CostPart(StrEnum):
    """What a part of a price pays for."""

    INPUTS = "inputs"
    WORK = "work"
    TRANSPORT = "transport"
    NETWORK = "network"
    SURPLUS = "surplus"
    OTHER = "other"


class Cost(Body, frozen=True):
    """One line of a price's composition.

    Attributes:
        part: What it pays for.
        unit: The unit of money.
        amount: Minor units, for the same `per` as the price.
        cites: A signed record that shows it, such as the offer of an input.
        note: In words.
    """

    part: CostPart
    unit: Unit
    amount: Amount
    cites: Id | None = None
    note: Note = ""


class DeviceKey(Body, frozen=True):
    """The two public keys of one device.

    Attributes:
        sign: Ed25519, 32 bytes.
        seal: X25519, 32 bytes.
    """

    sign: Key
    seal: Key

    def __post_init__(self) -> None:
        """Check that both keys are safe ones."""
        check_key(keys.check_public_key, self.sign, "sign")
        check_key(keys.check_sealing_key, self.seal, "seal")


def check_key(check: Callable[[bytes], None], key: bytes, field: str) -> None:
    """Run a key's check and name the field where it fails.

    Raises:
        FieldError: `bad_key`.
    """
    try:
        check(key)
    except RemoteProtocolError as error:
        raise FieldError(error.code, f"{field}: {error.message}") from error


def check_measure(code: str) -> None:
    """Refuse a measure that the closed table doesn't have.

    Raises:
        FieldError: `out_of_range`.
    """
    if code not in MEASURES:
        raise FieldError(Code.OUT_OF_RANGE, f"measure {code[:8]!r} is not in the table of measures (KGM, LTR, C62 …)")


def check_distinct(values: Iterable[Any], field: str) -> None:
    """Refuse a value that stands twice.

    Raises:
        FieldError: `out_of_range`.
    """
    seen = set()
    for value in values:
        if value in seen:
            shown = value.hex()[:16] if isinstance(value, bytes) else value
            raise FieldError(Code.OUT_OF_RANGE, f"{field}: {shown} stands there twice")
        seen.add(value)


def check_price(price: tuple[Money, ...]) -> None:
    """Refuse two amounts of one unit in a price.

    Raises:
        FieldError: `out_of_range`.
    """
    check_distinct((part.unit for part in price), "price")


def check_composition(price: tuple[Money, ...], composition: tuple[Cost, ...]) -> None:
    """Refuse a composition whose parts come to more than the price, in any unit.

    They may come to less: the page then shows which share of the price is explained.

    Raises:
        FieldError: `out_of_range`.
    """
    asked = {part.unit: part.amount for part in price}
    explained: dict[str, int] = {}
    for line in composition:
        explained[line.unit] = explained.get(line.unit, 0) + line.amount
    for unit, amount in explained.items():
        if amount > asked.get(unit, 0):
            raise FieldError(
                Code.OUT_OF_RANGE,
                f"composition: the parts in {unit} come to {amount}, the price is {asked.get(unit, 0)}",
            )


def check_position(latitude_e6: int | None, longitude_e6: int | None) -> None:
    """Refuse half of a position.

    Raises:
        FieldError: `missing_field`.
    """
    if (latitude_e6 is None) != (longitude_e6 is None):
        raise FieldError(Code.MISSING_FIELD, "latitude_e6 and longitude_e6 stand together or not at all")


def to_map(body: Body) -> dict[str, Any]:
    """Give the body as the map that a record carries.

    >>> to_map(Money(unit="BRL", amount=5))
    {'unit': 'BRL', 'amount': 5}
    """
    value: dict[str, Any] = msgspec.msgpack.decode(msgspec.msgpack.encode(body))
    return value
