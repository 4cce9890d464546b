"""Items, places, offers and needs hold what their rules say."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body
from protocol.kinds.catalogue import Need, Offer
from tests.builders import bodies


def code_of(kind: str, **changes: Any) -> Code | None:
    """Give the code that a full body with these changes is refused with, None if it is read."""
    try:
        read_body(kind, {**bodies()[kind], **changes})
    except RemoteProtocolError as error:
        return Code(error.code)
    return None


def test_the_least_that_an_offer_says() -> None:
    """Title, category and measure are enough: something given away, by the one."""
    offer = read_body("offer", {"title": "Mudas de alface", "category": "seedlings", "measure": "C62"})

    assert isinstance(offer, Offer)
    assert offer.price == ()
    assert offer.per == 1000


def test_the_least_that_a_need_says() -> None:
    """A need is firm unless it says otherwise."""
    need = read_body("need", {"title": "Alface", "category": "leafy-vegetables", "measure": "XBH"})

    assert isinstance(need, Need)
    assert need.firmness == "firm"


@pytest.mark.parametrize("kind", ["offer", "need", "item"])
@pytest.mark.parametrize("measure", ["kg", "ZZZ", "", "KGM ", "kgm"])
def test_measures_are_a_closed_table(kind: str, measure: str) -> None:
    """Only codes of the table are measures."""
    assert code_of(kind, measure=measure) == Code.OUT_OF_RANGE


@pytest.mark.parametrize("category", ["Bread", "bread food", "", "9x", "a" * 49, "pão"])
def test_a_category_has_the_form_of_an_id(category: str) -> None:
    """What can't be an id of any list is refused."""
    assert code_of("offer", category=category) == Code.OUT_OF_RANGE


def test_a_category_may_be_newer_than_the_program() -> None:
    """An id that isn't in our list yet doesn't make the record void."""
    assert code_of("offer", category="seaweed") is None


@pytest.mark.parametrize("quantity", [0, -1, 10**12 + 1])
def test_a_quantity_has_bounds(quantity: int) -> None:
    """There is more than nothing of what is offered, and less than the bound."""
    assert code_of("offer", quantity=quantity) == Code.OUT_OF_RANGE
    assert code_of("offer", per=quantity) == Code.OUT_OF_RANGE


def test_packs_are_packs() -> None:
    """A sack's weight is the item's to say, a kilo's isn't."""
    sack = {"measure": "XSA", "quantity": 60_000}

    assert code_of("item", packs=[sack]) is None
    assert code_of("item", packs=[sack, sack]) == Code.OUT_OF_RANGE
    assert code_of("item", packs=[{"measure": "KGM", "quantity": 1000}]) == Code.OUT_OF_RANGE
    assert code_of("item", packs=[sack], measure="XBX") == Code.OUT_OF_RANGE


def test_a_place_needs_its_whole_position() -> None:
    """Half a position is no place on a map."""
    assert code_of("place", latitude_e6=None) == Code.MISSING_FIELD
    assert code_of("place", latitude_e6=None, longitude_e6=None) is None
    assert code_of("place", type="castle") == Code.OUT_OF_RANGE
