"""In which order offers and needs are shown: local first, then distance, then price, then the newest.

The order is the seed's: what a neighbour makes comes before what comes from afar, and among equals of the neighbourhood
the nearer one, then the cheaper one. Distances are whole metres over a sphere; a difference in the last metre between
two computers can't be seen by anybody and decides nothing that is signed.

Source: spec/09-market MK-30 to MK-33.

>>> distance_m((-29_760_300, -51_147_200), (-28_823_000, -51_283_000))
105052
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from enum import IntEnum

from protocol.kinds.fields import Money
from protocol.measures import MEASURES
from protocol.units import INTEGER_MAX

EARTH_RADIUS_M = 6_371_009
"""Mean radius of the earth (IUGG)."""

Position = tuple[int, int]
"""Latitude and longitude in millionths of a degree."""

PRICE_SCALE = 1_000_000
"""Price keys are minor units for this many base measures, so that a gram's price keeps its digits."""


class Level(IntEnum):
    """How far away a network is, in steps rather than metres."""

    LOCAL = 0
    REGIONAL = 1
    WIDER = 2


def level_of(reader: bytes, of: bytes, regional: frozenset[bytes] | set[bytes] = frozenset()) -> Level:
    """Say how near a network is to a reader's.

    Args:
        reader: The reader's network.
        of: The network that a thing is of.
        regional: The region and the networks of the same region.
    """
    if of == reader:
        return Level.LOCAL
    return Level.REGIONAL if of in regional else Level.WIDER


def distance_m(one: Position | None, other: Position | None) -> int | None:
    """Give the great-circle distance in whole metres; None where a position isn't known."""
    if one is None or other is None:
        return None
    latitude_1, longitude_1, latitude_2, longitude_2 = (math.radians(value / 1e6) for value in (*one, *other))
    half = (
        math.sin((latitude_2 - latitude_1) / 2) ** 2
        + math.cos(latitude_1) * math.cos(latitude_2) * math.sin((longitude_2 - longitude_1) / 2) ** 2
    )
    return round(2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half))))


def price_key(
    price: Sequence[Money],
    *,
    per: int,
    measure: str,
    par: Mapping[str, tuple[int, int]] | None = None,
) -> int | None:
    """Give a whole number by which prices of one dimension compare: less is cheaper.

    Official money and community credit are added at par, one to one in minor units, unless `par` says otherwise.

    Args:
        price: One amount a unit, asked for `per`.
        per: Thousandths of the measure.
        measure: A code of the table; a pack is compared as it is.
        par: For a unit, how many minor units of the common one (first) so many of it (second) are worth.

    Returns:
        Minor units for a million base measures, rounded down; None where nothing is said about the price.
    """
    if not price:
        return None
    factor = MEASURES[measure].factor or 1
    amount = 0
    for part in price:
        worth, of = (par or {}).get(part.unit, (1, 1))
        amount += part.amount * worth // of
    return amount * PRICE_SCALE * 1000 // (per * factor)


def rank(
    *, level: Level, distance: int | None, price: int | None, created_ms: int, identifier: bytes
) -> tuple[int, int, int, int, bytes]:
    """Give the key that sorts listings: local first, nearer, cheaper, newer, and last by id, so that no two are equal.

    What isn't known (a place, a price) stands behind what is.
    """
    return (
        int(level),
        INTEGER_MAX if distance is None else distance,
        INTEGER_MAX if price is None else price,
        -created_ms,
        identifier,
    )
