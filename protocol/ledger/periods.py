"""Calendar periods in UTC: to which day, week or month a time belongs, and when that ends.

By whole numbers alone and for every time of the codec, so that every node counts alike whatever its zone, its
calendar library or a leaf's time. A week begins on Monday. Leap seconds don't exist here, as in Unix time.
Source: docs/spec/04-ledger.md, L-65.

>>> period_end(Period.WEEK, 0) // DAY_MS  # 1 January 1970 was a Thursday; the Monday after it has number 4
4
"""

from __future__ import annotations

from typing import assert_never

from protocol.kinds.requests import Period

DAY_MS = 24 * 3600 * 1000
"""One day."""

_ERA_DAYS = 146_097
_MARCH_0 = 719_468


def period_number(period: Period, time_ms: int) -> int:
    """Give the number of the period that a time is in; periods of one kind follow one another without a gap.

    Args:
        period: Day, week or month.
        time_ms: Milliseconds since 1970-01-01 UTC, at least 0.
    """
    day = time_ms // DAY_MS
    match period:
        case Period.DAY:
            return day
        case Period.WEEK:
            return (day + 3) // 7
        case Period.MONTH:
            return _month_of(day)
        case _:
            assert_never(period)


def period_end(period: Period, time_ms: int) -> int:
    """Give the first millisecond that is no longer in the period of a time.

    Args:
        period: Day, week or month.
        time_ms: Milliseconds since 1970-01-01 UTC, at least 0.
    """
    following = period_number(period, time_ms) + 1
    match period:
        case Period.DAY:
            return following * DAY_MS
        case Period.WEEK:
            return (following * 7 - 3) * DAY_MS
        case Period.MONTH:
            return _first_day_of(following) * DAY_MS
        case _:
            assert_never(period)


def _month_of(day: int) -> int:
    """Give the months from January 1970 to the month of a day since 1970."""
    # Counted in years that begin in March, the leap day comes last and months have a fixed pattern of 153 days in five.
    era, day_of_era = divmod(day + _MARCH_0, _ERA_DAYS)
    year_of_era = (day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    return (era * 400 + year_of_era) * 12 + month_from_march + 2 - 1970 * 12


def _first_day_of(month: int) -> int:
    """Give the day since 1970 on which a month begins, counted from January 1970."""
    year, month_from_march = divmod(month + 1970 * 12 - 2, 12)
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * month_from_march + 2) // 5
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * _ERA_DAYS + day_of_era - _MARCH_0
