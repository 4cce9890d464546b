"""Days, weeks and months of UTC, against the calendar of the standard library."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.kinds.requests import Period
from protocol.ledger.periods import DAY_MS, period_end, period_number
from protocol.units import INTEGER_MAX

EPOCH = date(1970, 1, 1)


def ms_of(*when: int) -> int:
    """Give a moment of UTC in milliseconds."""
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 1000  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("period", "inside", "end"),
    [
        (Period.DAY, (2026, 11, 24, 23, 59, 59), (2026, 11, 25)),
        (Period.DAY, (2026, 11, 25), (2026, 11, 26)),
        (Period.WEEK, (2026, 11, 29, 23, 59, 59), (2026, 11, 30)),
        (Period.WEEK, (2026, 11, 30), (2026, 12, 7)),
        (Period.MONTH, (2026, 12, 31, 23, 59, 59), (2027, 1, 1)),
        (Period.MONTH, (2028, 2, 29), (2028, 3, 1)),
        (Period.MONTH, (2100, 2, 28), (2100, 3, 1)),
    ],
)
def test_a_period_ends_where_the_next_one_begins(period: Period, inside: tuple[int, ...], end: tuple[int, ...]) -> None:
    """A day ends at midnight UTC, a week on Monday, a month on the first."""
    assert ms_of(*end) == period_end(period, ms_of(*inside))


@given(day=st.integers(0, (date(9000, 1, 1) - EPOCH).days), rest=st.integers(0, DAY_MS - 1))
def test_periods_are_those_of_the_calendar(day: int, rest: int) -> None:
    """Number and end agree with the standard library, on every day."""
    on = EPOCH + timedelta(days=day)
    time_ms = day * DAY_MS + rest
    first = date(on.year + on.month // 12, on.month % 12 + 1, 1)
    monday = on + timedelta(days=7 - on.weekday())

    assert (on.year - 1970) * 12 + on.month - 1 == period_number(Period.MONTH, time_ms)
    assert (first - EPOCH).days * DAY_MS == period_end(Period.MONTH, time_ms)
    assert (monday - EPOCH).days * DAY_MS == period_end(Period.WEEK, time_ms)
    assert (day + 1) * DAY_MS == period_end(Period.DAY, time_ms)


@given(period=st.sampled_from(Period), time_ms=st.integers(0, INTEGER_MAX))
def test_periods_follow_without_a_gap_for_every_time_of_the_codec(period: Period, time_ms: int) -> None:
    """The end is later than the time, is in the following period, and the millisecond before is in this one."""
    end = period_end(period, time_ms)

    assert end > time_ms
    assert period_number(period, end - 1) == period_number(period, time_ms) == period_number(period, end) - 1
