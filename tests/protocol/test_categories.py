"""The category list is a tree with labels in three languages."""

from __future__ import annotations

import re

import pytest

from protocol.categories import CATEGORIES, LANGUAGES, distance, narrower, path


def test_the_list_is_sound() -> None:
    """About 150 ids, each with labels in all languages, broader ones first, no label twice in a language."""
    seen: set[str] = set()
    for identifier, category in CATEGORIES.items():
        assert re.fullmatch(r"[a-z][a-z0-9-]{0,47}", identifier)
        assert category.broader is None or category.broader in seen
        assert set(category.labels) == set(LANGUAGES)
        seen.add(identifier)
    for language in LANGUAGES:
        labels = [category.labels[language] for category in CATEGORIES.values()]
        assert len(labels) == len(set(labels)), language
    assert 140 <= len(CATEGORIES) <= 200


def test_essentials_are_marked() -> None:
    """What a household can't do without is marked, and what it can isn't."""
    assert CATEGORIES["beans"].essential
    assert not CATEGORIES["jewellery"].essential


def test_a_path_runs_from_the_trunk() -> None:
    """The path ends with the category itself; an unknown id has none."""
    assert [item.id for item in path("bread")] == ["food", "bakery", "bread"]
    assert path("seaweed") == ()


def test_narrower_holds_all_below() -> None:
    """A search for flour finds wheat flour; an unknown id stands for itself."""
    assert narrower("flour") == ("flour", "wheat-flour", "corn-flour", "cassava-flour")
    assert "bread" in narrower("food")
    assert narrower("seaweed") == ("seaweed",)


@pytest.mark.parametrize(
    ("one", "other", "steps"),
    [("bread", "bread", 0), ("bread", "bakery", 1), ("bread", "cakes-biscuits", 2), ("bread", "rice", 4)],
)
def test_distance_counts_steps(one: str, other: str, steps: int) -> None:
    """Distance is the number of steps through the tree, the same both ways."""
    assert distance(one, other) == steps
    assert distance(other, one) == steps


def test_trunks_are_apart() -> None:
    """Bread and bricks have nothing in common; an unknown id is near itself only."""
    assert distance("bread", "building-materials") is None
    assert distance("seaweed", "seaweed") == 0
    assert distance("seaweed", "bread") is None
