"""The words that people use for measures and categories.

Whoever types a form, a command or a spreadsheet writes `quilos` or `Farinha de trigo`; a record holds `KGM` and
`wheat-flour`. A search finds an offer by the words of its category too, in all three languages.

>>> find_measure("quilos").code
'KGM'
>>> find_category("farinha de trigo").id
'wheat-flour'
>>> category_words("bananas")[:2]
('alimento', 'food')
"""

from __future__ import annotations

from protocol.categories import CATEGORIES, Category, path
from protocol.market.text import fold, stem, terms
from protocol.measures import MEASURES, Measure

_OTHER_NAMES = (("kilograma", "KGM"), ("quilograma", "KGM"), ("kilogramo", "KGM"), ("peça", "C62"), ("piece", "C62"))


def find_measure(text: str) -> Measure | None:
    """Find a measure by its code, symbol or name in any of the languages, in singular or plural."""
    return MEASURES.get(text) or _MEASURES.get(_plain(text))


def find_category(text: str) -> Category | None:
    """Find a category by its id or its label in any of the languages; case and accents don't matter."""
    return CATEGORIES.get(text) or _CATEGORIES.get(fold(text))


def category_words(identifier: str) -> tuple[str, ...]:
    """Give the search words of a category: labels and further words in all languages, and those of what is above it.

    An offer of wheat flour is so found by "farinha", "harina" and "alimentos" too. A category that isn't in the list
    gives the words of its id.
    """
    found = path(identifier)
    if not found:
        return terms(identifier.replace("-", " "))
    every = (text for category in found for text in (*category.labels.values(), *category.also))
    return tuple(dict.fromkeys(word for text in every for word in terms(text)))


def _plain(text: str) -> str:
    return " ".join(stem(word) for word in fold(text).split())


def _measure_names() -> dict[str, Measure]:
    names: dict[str, Measure] = {}
    for measure in MEASURES.values():
        for name in (measure.code, measure.symbol, *measure.labels.values()):
            names.setdefault(_plain(name), measure)
    for name, code in _OTHER_NAMES:
        names.setdefault(_plain(name), MEASURES[code])
    return names


def _category_names() -> dict[str, Category]:
    names: dict[str, Category] = {}
    for category in CATEGORIES.values():
        for name in (category.id, *category.labels.values()):
            names.setdefault(fold(name), category)
    return names


_MEASURES = _measure_names()
_CATEGORIES = _category_names()
