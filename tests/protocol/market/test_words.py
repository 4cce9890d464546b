"""People's words for measures and categories lead to the codes."""

from __future__ import annotations

import pytest

from protocol.categories import CATEGORIES
from protocol.market.words import category_words, find_category, find_measure
from protocol.measures import MEASURES


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("KGM", "KGM"),
        ("kg", "KGM"),
        ("Quilos", "KGM"),
        ("duzias", "DZN"),
        ("m³", "MTQ"),
        ("un", "C62"),
        ("sacos", "XSA"),
        ("metros quadrados", "MTK"),
        ("peças", "C62"),
    ],
)
def test_measures_are_found(text: str, code: str) -> None:
    """Codes, symbols and names in singular and plural lead to the measure."""
    found = find_measure(text)

    assert found is not None
    assert found.code == code


@pytest.mark.parametrize("text", ["", "palmo", "k", "kg kg"])
def test_other_words_are_no_measures(text: str) -> None:
    """What isn't in the table isn't guessed."""
    assert find_measure(text) is None


def test_every_name_of_a_measure_leads_to_one_of_that_name() -> None:
    """No label is hidden behind another measure."""
    for measure in MEASURES.values():
        for name in measure.labels.values():
            found = find_measure(name)
            assert found is not None
            assert name in {*found.labels.values(), found.symbol}, (name, found.code)


def test_every_label_of_a_category_leads_to_it() -> None:
    """Ids and labels in all languages are names of the category."""
    for category in CATEGORIES.values():
        for name in (category.id, *category.labels.values()):
            found = find_category(name)
            assert found is not None
            assert found.id == category.id or name in found.labels.values()


def test_categories_are_found_without_accents() -> None:
    """Case and accents don't matter, and what isn't in the list isn't guessed."""
    found = find_category("PAO")
    assert found is not None
    assert found.id == "bread"
    assert find_category("algas") is None


def test_words_of_what_is_above_belong_to_it() -> None:
    """Wheat flour is found by "harina", "farinhas" and "food"."""
    words = category_words("wheat-flour")

    assert {"harina", "farinha", "food", "trigo"} <= set(words)
    assert category_words("sea-weed") == ("sea", "weed")
