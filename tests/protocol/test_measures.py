"""The closed table of measures converts exactly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.measures import MEASURES, convert, to_base
from tests import strategies


def test_the_table_is_sound() -> None:
    """Every row has a code, names in three languages, and each dimension but packs one base of factor 1."""
    dimensions = {measure.dimension for measure in MEASURES.values() if not measure.is_pack}
    bases = [measure.dimension for measure in MEASURES.values() if measure.factor == 1]

    assert sorted(dimensions) == sorted(bases)
    for code, measure in MEASURES.items():
        assert code == measure.code
        assert set(measure.labels) == {"pt", "es", "en"}
        assert measure.factor >= 0
        assert measure.is_pack == code.startswith("X")


@given(strategies.measures, strategies.quantities)
def test_to_base_and_back(code: str, quantity: int) -> None:
    """A quantity in the base measure is the same quantity."""
    base, base_code = to_base(quantity, code)

    assert convert(base, base_code, code) == quantity


@given(strategies.measures, strategies.measures, st.integers(1, 10**6))
def test_conversion_is_exact_or_refused(code: str, other: str, quantity: int) -> None:
    """What is converted converts back to the same; what isn't exact isn't converted."""
    converted = convert(quantity, code, other)

    assert converted is None or convert(converted, other, code) == quantity


@pytest.mark.parametrize(("code", "other"), [("KGM", "LTR"), ("XSA", "KGM"), ("XSA", "XBX"), ("E49", "DAY")])
def test_dimensions_dont_mix(code: str, other: str) -> None:
    """Kilos are no litres, and a sack is as heavy as its item says."""
    assert convert(1000, code, other) is None


def test_half_a_gram_of_a_tonne() -> None:
    """What would need a fraction of a thousandth isn't converted."""
    assert convert(1, "GRM", "TNE") is None
    assert convert(1_000_000, "GRM", "TNE") == 1
