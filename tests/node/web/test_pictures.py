"""What a price is made of, and who is linked with whom, as geometry."""

import math

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from node.services.views import CompositionPart
from node.web import pictures
from tests.node.web.views import NEIGHBOURS, NETWORK, OFFER_BREAD, credit, real


def test_two_units_have_two_bars() -> None:
    """Money and credit are never added up: each has a bar of its own, full to the edge."""
    bars = pictures.composition_bars(OFFER_BREAD.composition)

    assert 2 == len(bars)
    for bar in bars:
        assert 0 == bar.pieces[0].start
        assert pictures.BAR_WIDTH == sum(piece.width for piece in bar.pieces)
        assert 100 == sum(piece.percent for piece in bar.pieces)


@given(st.lists(st.integers(-100, 2**53), max_size=12))
def test_any_amounts_are_drawn(amounts: list[int]) -> None:
    """Shares follow each other without gap, add up to 100 per cent, and those that aren't positive are left out."""
    bars = pictures.composition_bars([CompositionPart(part="work", amount=real(amount)) for amount in amounts])

    positive = [amount for amount in amounts if amount > 0]
    assert bool(positive) == bool(bars)
    for bar in bars:
        assert len(positive) == len(bar.pieces)
        assert 100 == sum(piece.percent for piece in bar.pieces)
        edge = 0
        for piece in bar.pieces:
            assert edge == piece.start
            edge += piece.width
        assert pictures.BAR_WIDTH == edge


def test_an_unknown_part_has_a_colour() -> None:
    """A part of a newer program is drawn like the others."""
    (bar,) = pictures.composition_bars([CompositionPart(part="tomorrow", amount=credit(5))])

    assert 5 == bar.pieces[0].hue


def test_neighbours_lie_where_they_are() -> None:
    """The neighbour in the north-west is drawn up and left, the one in the south-east down and right."""
    picture = pictures.network_picture(NETWORK, NEIGHBOURS[:2])

    assert picture is not None
    own, serra, region = picture.nodes
    assert own.is_own
    assert serra.x < own.x
    assert serra.y < own.y
    assert region.x > own.x
    assert region.y > own.y
    assert 2 == picture.connected


def test_a_network_alone_has_no_picture() -> None:
    """Nothing is drawn where nothing is linked."""
    assert pictures.network_picture(NETWORK, []) is None


@given(st.lists(st.one_of(st.none(), st.tuples(st.integers(-90, 90), st.integers(-180, 180))), min_size=1, max_size=30))
def test_flags_never_hide_each_other(places: list[tuple[int, int] | None]) -> None:
    """Wherever neighbours are, their flags stand apart and inside the picture, and there are at most twelve."""
    neighbours = [
        replace(
            NEIGHBOURS[0],
            network_id=f"agent:{number}",
            latitude_e6=place[0] * 1_000_000 if place else None,
            longitude_e6=place[1] * 1_000_000 if place else None,
        )
        for number, place in enumerate(places)
    ]
    picture = pictures.network_picture(NETWORK, neighbours)

    assert picture is not None
    around = picture.nodes[1:]
    assert min(len(places), pictures.NODES_MAX) == len(around)
    for number, one in enumerate(around):
        assert picture.left + 25 <= one.x <= picture.left + picture.width - 25
        assert picture.top + 25 <= one.y <= picture.top + picture.height - 45
        for other in around[number + 1 :]:
            assert math.hypot(one.x - other.x, one.y - other.y) >= 30
