"""The category list: about 170 ids in the shape of SKOS, shipped with the program.

Each category has an id that never changes, at most one broader category, a label in each language, further words that
people use for it, and the mark `essential` for what a household can't do without. The list is our own. A record may
name a category that is not here yet (a newer program's); it is shown by its id and found by its words.

Source: spec/03-records R-26; `protocol/categories.json`.

>>> CATEGORIES["wheat-flour"].labels["pt"]
'Farinha de trigo'
>>> [category.id for category in path("wheat-flour")]
['food', 'flour', 'wheat-flour']
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib.resources import files
from types import MappingProxyType

LANGUAGES = ("pt", "es", "en")


@dataclass(frozen=True, slots=True)
class Category:
    """One row of the list.

    Attributes:
        id: The id on the wire.
        broader: The id of the category above, or None for a trunk.
        labels: Names by language, `pt`, `es`, `en`.
        also: Further words that a search finds it by.
        essential: Whether it is among what a household can't do without.
    """

    id: str
    broader: str | None
    labels: MappingProxyType[str, str]
    also: tuple[str, ...]
    essential: bool


def _read() -> MappingProxyType[str, Category]:
    rows = json.loads(files("protocol").joinpath("categories.json").read_bytes())
    return MappingProxyType(
        {
            row["id"]: Category(
                id=row["id"],
                broader=row.get("broader"),
                labels=MappingProxyType({language: row[language] for language in LANGUAGES}),
                also=tuple(row.get("also", ())),
                essential=row.get("essential", False),
            )
            for row in rows
        }
    )


CATEGORIES = _read()
"""All categories by id, in the order in which pages show them; a broader one stands before its narrower ones."""


def path(identifier: str) -> tuple[Category, ...]:
    """Give the categories from the trunk down to `identifier`; empty for one that isn't in the list."""
    found: list[Category] = []
    current = CATEGORIES.get(identifier)
    while current is not None:
        found.append(current)
        current = CATEGORIES.get(current.broader) if current.broader else None
    return tuple(reversed(found))


def narrower(identifier: str) -> tuple[str, ...]:
    """Give `identifier` and the ids of all categories below it, in the list's order."""
    return tuple(item.id for item in CATEGORIES.values() if any(above.id == identifier for above in path(item.id))) or (
        identifier,
    )


def distance(one: str, other: str) -> int | None:
    """Count the steps in the tree from one category to another.

    Returns:
        0 for the same, 1 for parent and child, 2 for siblings …; None where they share no trunk.
    """
    first = [category.id for category in path(one)] or [one]
    second = [category.id for category in path(other)] or [other]
    shared = sum(1 for a, b in zip(first, second, strict=False) if a == b)
    return len(first) + len(second) - 2 * shared if shared else None
