"""The emblem of each category: a picture of `static/icons.svg` on a flag of one of the eight colours.

A category shows its own emblem or that of the nearest category above it; one that the list doesn't know shows the star.

Tests: tests/node/web/test_shelves.py
"""

from dataclasses import dataclass

from node.web import look
from protocol.categories import path


@dataclass(frozen=True, slots=True)
class Emblem:
    """A picture and the flag colour (0 to 7) behind it."""

    icon: str
    hue: int


# clay 0, ochre 1, woods 2, indigo 3, rose 4, water 5, beetroot 6, sand-green 7
EMBLEMS = {
    "food": Emblem("food", 0),
    "grains": Emblem("wheat", 1),
    "flour": Emblem("wheat", 1),
    "bakery": Emblem("bread", 0),
    "pasta": Emblem("food", 1),
    "vegetables": Emblem("carrot", 2),
    "fruit": Emblem("fruit", 4),
    "nuts": Emblem("fruit", 7),
    "dairy": Emblem("bottle", 5),
    "eggs": Emblem("egg", 1),
    "fish": Emblem("fish", 5),
    "honey": Emblem("jar", 1),
    "sugar": Emblem("jar", 7),
    "oils": Emblem("bottle", 7),
    "salt-spices": Emblem("jar", 0),
    "coffee": Emblem("cup", 6),
    "tea-mate": Emblem("cup", 2),
    "juices": Emblem("bottle", 4),
    "fermented-drinks": Emblem("bottle", 6),
    "preserves": Emblem("jar", 6),
    "sweets-chocolate": Emblem("cake", 4),
    "food-basket": Emblem("offer", 2),
    "inputs": Emblem("sprout", 2),
    "beekeeping": Emblem("jar", 1),
    "clothing": Emblem("shirt", 4),
    "home": Emblem("brick", 0),
    "hygiene": Emblem("soap", 5),
    "health": Emblem("need", 4),
    "medicinal-herbs": Emblem("sprout", 2),
    "crafts": Emblem("drum", 6),
    "books": Emblem("story", 3),
    "energy-tools": Emblem("hammer", 3),
    "solar-energy": Emblem("sun", 1),
    "bicycles": Emblem("bicycle", 3),
    "services": Emblem("hands", 3),
    "repair": Emblem("hammer", 3),
    "building-work": Emblem("brick", 0),
    "transport": Emblem("truck", 5),
    "food-service": Emblem("food", 0),
    "milling": Emblem("wheat", 7),
    "education": Emblem("story", 6),
    "work-days": Emblem("people", 2),
    "events": Emblem("drum", 6),
    "housing": Emblem("door", 1),
    "refuse": Emblem("recycle", 7),
    "packaging": Emblem("box", 6),
}


def emblem(identifier: str) -> Emblem:
    """Give the emblem of a category.

    >>> emblem("sourdough-of-tomorrow").icon
    'other'
    """
    for category in reversed(path(identifier)):
        if category.id in EMBLEMS:
            return EMBLEMS[category.id]
    return Emblem("other", look.hue(identifier))
