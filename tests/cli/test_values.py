"""Numbers, days and answers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.values import ValueProblemError, day_ms, scaled, unscaled, yes_or_no


@pytest.mark.parametrize(
    ("text", "exponent", "wanted"),
    [
        ("12,50", 2, 1250),
        ("12.50", 2, 1250),
        ("1.234,56", 2, 123456),
        ("1,234.56", 2, 123456),
        ("7", 3, 7000),
        ("0,125", 3, 125),
        ("-300,00", 2, -30000),
        ("+3", 0, 3),
        ("-22,906847", 6, -22906847),
        ("1.234.567", 0, 1234567),
        ("5,00", 0, 5),
    ],
)
def test_numbers_are_read_as_they_are_written(text: str, exponent: int, wanted: int) -> None:
    """Comma and point are both understood, with the other sign between thousands."""
    assert wanted == scaled(text, exponent)


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "1.2.3", "12,5 kg", "1e3", "--1", "٣", "NaN", "1,", "0x10"])
def test_what_is_no_number_is_refused_with_a_way_to_write_it(text: str) -> None:
    """A text that isn't a number says how to write one."""
    with pytest.raises(ValueProblemError) as caught:
        scaled(text, 2)

    assert caught.value.next_step


def test_what_can_be_read_in_two_ways_is_refused() -> None:
    """One point and three digits is a thousand to some and a fraction to others; between semicolons a comma decides."""
    for text in ("1.500", "12.345", "1,500"):
        with pytest.raises(ValueProblemError, match="can be read"):
            scaled(text, 3)

    assert scaled("1,500", 3, comma_is_decimal=True) == 1500
    assert scaled("0.500", 3) == 500
    with pytest.raises(ValueProblemError):
        scaled("1.500", 3, comma_is_decimal=True)


def test_digits_that_cannot_be_kept_are_refused() -> None:
    """Nothing is rounded, and nothing larger than a record can hold is taken."""
    with pytest.raises(ValueProblemError, match="decimals"):
        scaled("1,2345", 3)
    with pytest.raises(ValueProblemError, match="too large"):
        scaled("9" * 17, 2)

    assert scaled("1,5000", 3) == 1500


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_reading_undoes_writing(number: int, exponent: int) -> None:
    """What `unscaled` writes, `scaled` reads back between semicolons."""
    assert scaled(unscaled(number, exponent), exponent, comma_is_decimal=True) == number


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_a_problem(text: str) -> None:
    """No text makes the reader fail in another way."""
    try:
        assert isinstance(scaled(text, 3), int)
    except ValueProblemError as problem:
        assert problem.message


def test_a_day_means_its_end() -> None:
    """A day is read in both usual forms, and means its last millisecond in UTC."""
    assert day_ms("2027-03-31") == day_ms("31/03/2027") == 1806537599999


@pytest.mark.parametrize("text", ["2027-02-30", "31/02/2027", "03/31/2027", "soon", "", "2027"])
def test_what_is_no_day_is_refused(text: str) -> None:
    """A day that no calendar has is a problem."""
    with pytest.raises(ValueProblemError):
        day_ms(text)


def test_yes_and_no_in_three_languages() -> None:
    """Sim, sí, yes and their opposites are understood, anything else is a problem."""
    assert all(yes_or_no(word) for word in ("sim", "Sí", "YES", "x"))
    assert not any(yes_or_no(word) for word in ("não", "nao", "No", ""))
    with pytest.raises(ValueProblemError):
        yes_or_no("talvez")
