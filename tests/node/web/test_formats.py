"""Numbers, money, distances and dates as each language writes them."""

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.web import formats
from node.web.language import LANGUAGES, words_of

PT, ES, EN = (words_of(language) for language in LANGUAGES)
NOV_23 = 1_795_460_000_000


@pytest.mark.parametrize(
    ("value", "exponent", "expected"),
    [
        (650, 2, "6,50"),
        (5, 2, "0,05"),
        (0, 2, "0,00"),
        (-123_456, 2, "−1.234,56"),
        (7, 0, "7"),
        (1_000_000, 0, "1.000.000"),
    ],
)
def test_decimals_are_cut_from_the_integer(value: int, exponent: int, expected: str) -> None:
    """The minor units stand behind the comma, thousands are grouped, a real minus sign leads."""
    assert expected == formats.decimal(PT, value, exponent=exponent)


@given(st.integers(-(2**53), 2**53), st.integers(0, 9))
def test_no_digit_is_lost(value: int, exponent: int) -> None:
    """Taking the marks away gives the number back."""
    text = formats.decimal(EN, value, exponent=exponent)

    assert value == int(text.replace(",", "").replace(".", "").replace("−", "-"))


def test_noughts_may_go() -> None:
    """A quantity drops what says nothing."""
    assert "2,5" == formats.decimal(ES, 2500, exponent=3, is_trimmed=True)
    assert "2" == formats.decimal(ES, 2000, exponent=3, is_trimmed=True)


def test_money_and_credit_look_different() -> None:
    """Official money has its sign in front, a community's currency behind."""
    assert "R$\u00a06,00" == formats.money(PT, 600, symbol="R$", exponent=2, is_official=True)
    assert "−R$\u00a06.00" == formats.money(EN, -600, symbol="R$", exponent=2, is_official=True)
    assert "4,00\u00a0E$" == formats.money(PT, 400, symbol="E$", exponent=2, is_official=False)


@pytest.mark.parametrize(
    ("distance_m", "expected"),
    [
        (0, "aqui perto"),
        (999, "aqui perto"),
        (1200, "a 1,2 km"),
        (9_960, "a 10 km"),
        (12_400, "a 12 km"),
        (1_234_567, "a 1.235 km"),
    ],
)
def test_distances_are_no_more_exact_than_needed(distance_m: int, expected: str) -> None:
    """Near is near; below ten kilometres with a tenth; beyond in whole ones."""
    assert expected == formats.distance(PT, distance_m).replace("\u00a0", " ")


def test_dates_are_written_out() -> None:
    """Each language writes a day its own way, in the zone asked for."""
    zone = timezone(timedelta(hours=-3))

    assert "23 de novembro de 2026" == formats.date(PT, NOV_23, zone=UTC)
    assert "23 de noviembre de 2026" == formats.date(ES, NOV_23, zone=UTC)
    assert "23 November 2026" == formats.date(EN, NOV_23, zone=UTC)
    assert "23 de novembro de 2026, 15:53" == formats.date_time(PT, NOV_23, zone=zone)
    assert "2026-11-23T18:53:20Z" == formats.machine_time(NOV_23)


@pytest.mark.parametrize(
    ("passed_ms", "expected"),
    [
        (-5000, "agora mesmo"),
        (59_999, "agora mesmo"),
        (60_000, "há 1 minuto"),
        (2 * formats.HOUR_MS, "há 2 horas"),
        (3 * formats.DAY_MS, "há 3 dias"),
        (40 * formats.DAY_MS, "14 de outubro de 2026"),
    ],
)
def test_the_recent_is_told_by_its_age(passed_ms: int, expected: str) -> None:
    """Up to a month ago by age, then by date; another clock that runs ahead counts as now."""
    assert expected == formats.ago(PT, NOV_23 - passed_ms, now_ms=NOV_23, zone=UTC)


@given(st.integers(-(2**53), 2**53))
def test_any_claimed_time_is_survived(time_ms: int) -> None:
    """A record may claim any time; a page shows it without failing."""
    assert formats.date_time(PT, time_ms, zone=None)
