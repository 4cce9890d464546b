"""Whoever writes an official amount and whoever shows it agree on its decimals."""

import pytest

from protocol.currencies import exponent_of


@pytest.mark.parametrize(("code", "exponent"), [("BRL", 2), ("EUR", 2), ("ARS", 2), ("CLP", 0), ("PYG", 0)])
def test_a_currency_has_its_decimals(code: str, exponent: int) -> None:
    """Two, apart from the few that have none."""
    assert exponent == exponent_of(code)
