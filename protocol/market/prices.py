"""What a quantity costs, and who bears which share of a sum: whole numbers, the same on every node.

A price is asked for `per` thousandths of a measure. The cost of a row is rounded once, to the minor unit, half to the
even side, in each unit apart; rows are then added without further rounding. So the sum of an order is the sum of what
stands behind its rows, and rounding favours neither side over many rows.

A sum that several people bear is split by largest remainder: the shares differ from the exact ones by less than one
minor unit and always add up to the sum. Rounding each share up, as is often done, makes 10.02 out of 10.00 in three.

Source: spec/09-market MK-1 to MK-3.

>>> from protocol.kinds.fields import Money
>>> cost((Money(unit="BRL", amount=650),), per=1000, quantity=1500)
(Money(unit='BRL', amount=975),)
>>> split(1000, (1, 1, 1))
(334, 333, 333)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from protocol.kinds.fields import Money


def cost(price: Sequence[Money], *, per: int, quantity: int) -> tuple[Money, ...]:
    """Give what a quantity costs.

    Args:
        price: One amount a unit, asked for `per`.
        per: Thousandths of the measure, at least 1.
        quantity: Thousandths of the same measure, from 0.

    Returns:
        One amount a unit, in the price's order.
    """
    return tuple(Money(unit=part.unit, amount=divide(part.amount * quantity, per)) for part in price)


def total(costs: Iterable[Sequence[Money]]) -> tuple[Money, ...]:
    """Add costs up, unit by unit; units in the order in which they first stand."""
    sums: dict[str, int] = {}
    for parts in costs:
        for part in parts:
            sums[part.unit] = sums.get(part.unit, 0) + part.amount
    return tuple(Money(unit=unit, amount=amount) for unit, amount in sums.items())


def divide(numerator: int, denominator: int) -> int:
    """Divide and round to the nearest whole number, half to the even one.

    >>> [divide(n, 2) for n in (1, 3, 5, 7)]
    [0, 2, 2, 4]
    """
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    return quotient + (1 if twice > denominator or (twice == denominator and quotient % 2) else 0)


def split(amount: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share an amount in proportion to weights, exactly.

    Args:
        amount: Minor units, from 0.
        weights: From 0, not all of them 0.

    Returns:
        One share a weight; they add up to `amount`. Of equal remainders the earlier one is rounded up.

    Raises:
        ValueError: All weights are 0, or one is negative.
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        raise ValueError("weights are from 0, and not all 0")
    shares = [amount * weight // whole for weight in weights]
    remainders = [amount * weight % whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-remainders[place], place))
    for place in by_remainder[: amount - sum(shares)]:
        shares[place] += 1
    return tuple(shares)
