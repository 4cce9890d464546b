"""Costs are rounded once, half to even, and shares always add up."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.kinds.fields import Money
from protocol.market.prices import cost, divide, split, total
from tests import strategies

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "prices.json").read_text("utf-8"))


def brl(amount: int) -> Money:
    """Give an amount of reais."""
    return Money(unit="BRL", amount=amount)


@pytest.mark.parametrize(
    ("amount", "per", "quantity", "expected"),
    [
        (650, 1000, 1000, 650),
        (650, 1000, 1500, 975),
        (650, 1000, 1, 1),
        (650, 1000, 0, 0),
        (333, 1000, 500, 166),  # 166.5 goes to the even side
        (335, 1000, 500, 168),  # 167.5 too
        (24000, 60000, 12500, 5000),  # R$ 240 a sack of 60 kg, 12.5 kg of it
        (0, 1000, 5000, 0),
    ],
)
def test_a_row_costs(amount: int, per: int, quantity: int, expected: int) -> None:
    """Hand-made sums of real rows."""
    assert cost((brl(amount),), per=per, quantity=quantity) == (brl(expected),)


def test_vectors() -> None:
    """The frozen costs and splits, which any other implementation is held to."""
    for row in VECTORS["costs"]:
        assert cost((brl(row["amount"]),), per=row["per"], quantity=row["quantity"]) == (brl(row["cost"]),)
    for row in VECTORS["splits"]:
        assert list(split(row["amount"], row["weights"])) == row["shares"]


def test_each_unit_is_rounded_apart() -> None:
    """A price in two parts is charged in two parts."""
    credit = Money(unit="agent:" + "a" * 52, amount=333)

    assert cost((brl(335), credit), per=1000, quantity=500) == (brl(168), Money(unit=credit.unit, amount=166))


@given(st.integers(0, 10**30), st.integers(1, 10**15))
def test_rounding_is_to_the_nearest(numerator: int, denominator: int) -> None:
    """The result is never further than a half from the exact one, and even where it is just a half."""
    error = abs(Fraction(numerator, denominator) - divide(numerator, denominator))

    assert error <= Fraction(1, 2)
    assert error < Fraction(1, 2) or divide(numerator, denominator) % 2 == 0


def test_a_total_adds_units_apart() -> None:
    """Reais and euros don't mix; the units stand in the order of the rows."""
    euro = Money(unit="EUR", amount=5)

    assert total([(brl(100), euro), (), (brl(23),)]) == (brl(123), euro)
    assert total([]) == ()


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        (1000, (1, 1, 1), (334, 333, 333)),
        (10, (4, 4, 4), (4, 3, 3)),
        (100, (0, 1), (0, 100)),
        (0, (3, 2), (0, 0)),
        (7, (1, 2, 4), (1, 2, 4)),
    ],
)
def test_shares(amount: int, weights: tuple[int, ...], shares: tuple[int, ...]) -> None:
    """Hand-made splits."""
    assert split(amount, weights) == shares


@given(strategies.amounts, st.lists(st.integers(0, 10**12), min_size=1, max_size=50).filter(any))
def test_shares_add_up(amount: int, weights: list[int]) -> None:
    """Nothing is lost or made, and no share is a whole minor unit away from the exact one."""
    shares = split(amount, weights)

    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert abs(Fraction(amount * weight, sum(weights)) - share) < 1


@pytest.mark.parametrize("weights", [(0, 0), (), (1, -1), (3, -1)])
def test_weights_are_sound(weights: tuple[int, ...]) -> None:
    """There is nothing to share by weights that are all zero, or negative."""
    with pytest.raises(ValueError, match="weights"):
        split(10, weights)
