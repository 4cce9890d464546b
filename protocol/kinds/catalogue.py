"""What is made, needed and offered, and where: items, needs, offers and places.

A price is asked for `per` thousandths of the measure; several amounts in it are paid together (40 % in credit, the
rest in official money). The price may show what it is composed of, each line able to cite another signed record.

Source: spec/03-records R-40 to R-44.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from protocol.errors import Code
from protocol.kinds.fields import (
    Body,
    Category,
    Cost,
    FieldError,
    Id,
    LatitudeE6,
    Line,
    LongitudeE6,
    Note,
    Price,
    Quantity,
    TimeMs,
    check_composition,
    check_distinct,
    check_measure,
    check_position,
    check_price,
)
from protocol.limits import COMPOSITION_LINES_MAX, PACKS_MAX
from protocol.measures import MEASURES

ONE = 1000
"""One of a measure, in thousandths."""


class PlaceType(StrEnum):
    """What a place is for."""

    PICKUP = "pickup"
    FAIR = "fair"
    SHOP = "shop"
    WAREHOUSE = "warehouse"


class Firmness(StrEnum):
    """How sure a need is."""

    FIRM = "firm"
    RECURRING = "recurring"
    POTENTIAL = "potential"


class Pack(Body, frozen=True):
    """How much a sack, box or bunch of an item holds.

    Attributes:
        measure: A pack of the table, like `XSA`.
        quantity: Thousandths of the item's measure.
    """

    measure: str
    quantity: Quantity

    def __post_init__(self) -> None:
        """Check that the measure is a pack."""
        check_measure(self.measure)
        if not MEASURES[self.measure].is_pack:
            raise FieldError(Code.OUT_OF_RANGE, f"measure {self.measure} is not a pack: it has a fixed size")


class Label(Body, frozen=True):
    """What stands on the label beside name and maker.

    Attributes:
        ingredients: In order of weight.
        allergens: Such as "contains gluten".
        origin: Where the inputs come from.
        storage: How to keep it.
        packaging: What it is packed in, and what to do with that.
        validity_days: How long it keeps.
    """

    ingredients: Note | None = None
    allergens: Note | None = None
    origin: Note | None = None
    storage: Note | None = None
    packaging: Note | None = None
    validity_days: Annotated[int, Meta(ge=1, le=10_000)] | None = None


class Item(Body, frozen=True):
    """A product or service that is made again and again.

    Attributes:
        name: What it is called.
        category: An id of the category list.
        measure: What its quantities are counted in.
        about: What it is.
        label: What stands on its label.
        packs: How much its sacks, boxes and bunches hold.
    """

    name: Line
    category: Category
    measure: str
    about: Note | None = None
    label: Label | None = None
    packs: Annotated[tuple[Pack, ...], Meta(max_length=PACKS_MAX)] = ()

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_measure(self.measure)
        check_distinct((pack.measure for pack in self.packs), "packs")
        if self.packs and MEASURES[self.measure].is_pack:
            raise FieldError(Code.OUT_OF_RANGE, "packs: an item that is itself counted in packs defines none")


class Place(Body, frozen=True):
    """A pick-up point, fair, shop or warehouse.

    Attributes:
        name: What it is called.
        type: What it is for.
        address: In words.
        latitude_e6: North, in millionths of a degree.
        longitude_e6: East, in millionths of a degree.
        hours: When it is open, in words.
    """

    name: Line
    type: PlaceType
    address: Note | None = None
    latitude_e6: LatitudeE6 | None = None
    longitude_e6: LongitudeE6 | None = None
    hours: Note | None = None

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_position(self.latitude_e6, self.longitude_e6)


class Offer(Body, frozen=True):
    """What somebody gives.

    Attributes:
        title: One line.
        category: An id of the category list.
        measure: What `quantity` and `per` count.
        price: What is paid for `per`; empty for a gift, or where it is to be agreed.
        per: Thousandths of the measure that the price is for.
        quantity: How much there is; None where it is made to order.
        about: What it is.
        item: The item that it is one of.
        answers: The need that it answers.
        place: Where it can be fetched.
        until_ms: When it ends.
        composition: What the price is composed of.
    """

    title: Line
    category: Category
    measure: str
    price: Price = ()
    per: Quantity = ONE
    quantity: Quantity | None = None
    about: Note | None = None
    item: Id | None = None
    answers: Id | None = None
    place: Id | None = None
    until_ms: TimeMs | None = None
    composition: Annotated[tuple[Cost, ...], Meta(max_length=COMPOSITION_LINES_MAX)] = ()

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_measure(self.measure)
        check_price(self.price)
        check_composition(self.price, self.composition)


class Need(Body, frozen=True):
    """What somebody lacks.

    Attributes:
        title: One line.
        category: An id of the category list.
        measure: What `quantity` and `per` count.
        firmness: How sure it is; a potential need is no promise to buy.
        quantity: How much.
        about: What it is for.
        price: The most that would be paid for `per`; empty where nothing is said.
        per: Thousandths of the measure that the price is for.
        until_ms: When it ends.
        place: Where it can be handed over.
    """

    title: Line
    category: Category
    measure: str
    firmness: Firmness = Firmness.FIRM
    quantity: Quantity | None = None
    about: Note | None = None
    price: Price = ()
    per: Quantity = ONE
    until_ms: TimeMs | None = None
    place: Id | None = None

    def __post_init__(self) -> None:
        """Check what holds between the fields."""
        check_measure(self.measure)
        check_price(self.price)
