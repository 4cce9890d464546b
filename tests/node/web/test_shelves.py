"""Categories as readers walk through them, and the emblem of each."""

from importlib import resources
from xml.etree.ElementTree import fromstring

from node.services.views import CategoryCount
from node.web import shelves
from node.web.emblems import EMBLEMS, emblem
from node.web.language import words_of
from node.web.look import HUES
from node.web.reader import Reader
from protocol.categories import CATEGORIES

READER = Reader(words_of("pt-BR"), now_ms=0, zone=None)
ICONS = resources.files("node.web").joinpath("static", "icons.svg").read_text("utf-8")


def test_a_shelf_shows_only_what_is_filled() -> None:
    """Below a trunk stand the categories that hold something, with their numbers."""
    counts = [CategoryCount(id="food", offers=3, needs=1), CategoryCount(id="flour", offers=3, needs=1)]
    food = shelves.shelf("food", shelves.counts_of(counts), READER, depth=1)

    assert 4 == food.total
    assert ["flour"] == [child.id for child in food.children]


def test_every_category_can_be_reached_from_a_trunk() -> None:
    """Walking down from the trunks shows each category once."""
    waiting, seen = shelves.trunks(), []
    while waiting:
        seen.append(waiting.pop())
        waiting += shelves.children_of(seen[-1])

    assert sorted(CATEGORIES) == sorted(seen)


def test_the_chosen_category_stands_in_the_field() -> None:
    """Two levels are offered, and a deeper one that was chosen beside them."""
    plain = {option.id for option in shelves.options(READER)}

    assert "wheat-flour" not in plain
    assert "wheat-flour" in {option.id for option in shelves.options(READER, also="wheat-flour")}


def test_every_emblem_is_drawn() -> None:
    """Each emblem names a category of the list, a picture of the sheet and a colour; every category has one."""
    drawn = {symbol.get("id") for symbol in fromstring(ICONS)}  # noqa: S314 -- our own file

    assert set(EMBLEMS) <= set(CATEGORIES)
    for identifier in CATEGORIES:
        assert emblem(identifier).icon in drawn
        assert 0 <= emblem(identifier).hue < HUES
    assert "other" == emblem("unheard-of").icon
    assert emblem("flour") == emblem("wheat-flour")
