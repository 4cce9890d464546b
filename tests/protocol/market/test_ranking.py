"""Local first, then distance, then price, then the newest."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.kinds.fields import Money
from protocol.market.ranking import Level, distance_m, level_of, price_key, rank
from tests import strategies
from tests.builders import named

POSITIONS = st.tuples(st.integers(-90_000_000, 90_000_000), st.integers(-180_000_000, 180_000_000))


def brl(amount: int) -> Money:
    """Give an amount of reais."""
    return Money(unit="BRL", amount=amount)


def test_levels_climb() -> None:
    """One's own network, the region's, and everybody else's."""
    regional = {named("serra"), named("regiao")}

    assert level_of(named("vila"), named("vila"), regional) == Level.LOCAL
    assert level_of(named("vila"), named("serra"), regional) == Level.REGIONAL
    assert level_of(named("vila"), named("bahia"), regional) == Level.WIDER


@pytest.mark.parametrize(
    ("one", "other", "metres"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (0, 180_000_000), 20_015_115),
        ((90_000_000, 0), (-90_000_000, 77_000_000), 20_015_115),
        ((0, 0), (0, 1_000_000), 111_195),
        ((-30_033_060, -51_230_000), (-29_168_500, -51_179_400), 96_260),
    ],
)
def test_known_distances(one: tuple[int, int], other: tuple[int, int], metres: int) -> None:
    """Distances that can be checked by hand, to a hundredth."""
    found = distance_m(one, other)

    assert found is not None
    assert found == pytest.approx(metres, rel=0.01, abs=1)


@given(POSITIONS, POSITIONS)
def test_distance_is_the_same_both_ways(one: tuple[int, int], other: tuple[int, int]) -> None:
    """It is symmetric, whole, and at most half around the earth."""
    there, back = distance_m(one, other), distance_m(other, one)

    assert there == back
    assert there is not None
    assert 0 <= there <= 20_015_116


def test_an_unknown_place_has_no_distance() -> None:
    """It stands behind all that is known, but is shown."""
    assert distance_m(None, (0, 0)) is None
    known = rank(level=Level.LOCAL, distance=900_000, price=1, created_ms=0, identifier=b"a")
    unknown = rank(level=Level.LOCAL, distance=None, price=1, created_ms=0, identifier=b"a")
    assert known < unknown


@pytest.mark.parametrize(
    ("cheap", "dear"),
    [
        ((brl(650), 1000, "KGM"), (brl(70), 100_000, "GRM")),  # 6.50 a kilo, 7.00 a kilo
        ((brl(24_000), 60_000, "KGM"), (brl(650), 1000, "KGM")),  # a sack of 60 kg at 4.00 a kilo
        ((brl(1200), 1000, "DZN"), (brl(150), 1000, "C62")),
    ],
)
def test_prices_compare_across_measures(cheap: tuple[Money, int, str], dear: tuple[Money, int, str]) -> None:
    """Grams, kilos and sacks by weight, dozens and pieces by number."""
    keys = [price_key((price,), per=per, measure=measure) for price, per, measure in (cheap, dear)]

    assert keys[0] is not None
    assert keys[1] is not None
    assert keys[0] < keys[1]


def test_credit_counts_at_par_unless_said_otherwise() -> None:
    """Six reais and half a credit of a real are six fifty."""
    credit = Money(unit="agent:" + "a" * 52, amount=50)
    mixed = price_key((brl(600), credit), per=1000, measure="KGM")

    assert mixed == price_key((brl(650),), per=1000, measure="KGM")
    assert price_key((credit,), per=1000, measure="KGM", par={credit.unit: (2, 1)}) == price_key(
        (brl(100),), per=1000, measure="KGM"
    )
    assert price_key((), per=1000, measure="KGM") is None


def test_the_order_of_the_seed() -> None:
    """Equal offers at 5, 80 and 900 km come in that order; a local one before all; then price; then the newest."""
    rows = {
        "local far": rank(level=Level.LOCAL, distance=900_000, price=900, created_ms=0, identifier=b"a"),
        "5 km": rank(level=Level.REGIONAL, distance=5000, price=900, created_ms=0, identifier=b"b"),
        "80 km": rank(level=Level.REGIONAL, distance=80_000, price=100, created_ms=0, identifier=b"c"),
        "900 km cheap": rank(level=Level.WIDER, distance=900_000, price=1, created_ms=0, identifier=b"d"),
        "900 km dear new": rank(level=Level.WIDER, distance=900_000, price=2, created_ms=9, identifier=b"f"),
        "900 km dear old": rank(level=Level.WIDER, distance=900_000, price=2, created_ms=8, identifier=b"e"),
        "900 km gift": rank(level=Level.WIDER, distance=900_000, price=None, created_ms=9, identifier=b"g"),
    }

    assert list(rows) == sorted(rows, key=rows.__getitem__)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(Level),
            st.none() | st.integers(0, 10**7),
            st.none() | strategies.amounts,
            strategies.times_ms,
        ),
        max_size=10,
    ),
    st.randoms(),
)
def test_every_node_gives_the_same_list(
    made: list[tuple[Level, int | None, int | None, int]], chance: random.Random
) -> None:
    """No two keys are equal, so that the order of arrival decides nothing."""
    keys = [
        rank(level=level, distance=distance, price=price, created_ms=created, identifier=bytes([place]))
        for place, (level, distance, price, created) in enumerate(made)
    ]
    shuffled = list(keys)
    chance.shuffle(shuffled)

    assert sorted(keys) == sorted(shuffled)
    assert len(set(keys)) == len(keys)
