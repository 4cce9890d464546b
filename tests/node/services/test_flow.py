"""How credit flows, folded: months, positive balances, hands, and who is stuck."""

from __future__ import annotations

import pytest

from node.services.flow import Flow, month_of, stuck_side

DAY_MS = 86_400_000


def test_months_without_movements_stand_between_the_others() -> None:
    """Every month from the first movement to now is there, and balances carry over what nothing moved."""
    flow = Flow()
    flow.add(time_ms=0, payer=1, payee=2, amount=30)
    flow.add(time_ms=70 * DAY_MS, payer=1, payee=3, amount=5)

    months = list(flow.months(until_ms=100 * DAY_MS))

    assert ["1970-01", "1970-02", "1970-03", "1970-04"] == [each.name for each in months]
    assert [1, 0, 1, 0] == [each.movements for each in months]
    assert [2, 0, 2, 0] == [each.active for each in months]
    assert [30, 30, 35, 35] == [each.positive_end for each in months]
    assert [0, 30, 30, 35] == [each.positive_begin for each in months]


def test_credit_that_goes_back_leaves_no_positive_balance() -> None:
    """The positive sum follows every balance through zero, and hands are counted even where it ends at zero."""
    flow = Flow()
    flow.add(time_ms=0, payer=1, payee=2, amount=30)
    flow.add(time_ms=1, payer=2, payee=1, amount=50)
    flow.add(time_ms=40 * DAY_MS, payer=1, payee=2, amount=20)

    first, second = flow.months(until_ms=40 * DAY_MS)

    assert (20, 0) == (first.positive_end, second.positive_end)
    assert (12 * 8000, 12 * 2000) == (first.turns, second.turns)


def test_a_flow_without_movements_has_no_months() -> None:
    """Nothing moved, nothing to show."""
    assert [] == list(Flow().months(until_ms=10**12))


def test_a_month_is_one_of_utc() -> None:
    """The last millisecond of a year and the first of the next lie in different months."""
    new_year_ms = 1_767_225_600_000

    assert ("2025-12", "2026-01") == (month_of(new_year_ms - 1), month_of(new_year_ms))


@pytest.mark.parametrize(
    ("balance", "expected"), [(-100, "low"), (-95, "low"), (-94, None), (0, None), (474, None), (475, "high")]
)
def test_an_account_is_stuck_when_a_twentieth_is_left(balance: int, expected: str | None) -> None:
    """At most one in twenty of the limit left on a side is stuck there."""
    assert expected == stuck_side(
        room_to_pay=balance + 100, limit_low=-100, room_to_receive=500 - balance, limit_high=500
    )


def test_an_account_that_may_not_owe_is_stuck_at_zero() -> None:
    """A lower limit of zero leaves nothing for a first trade."""
    assert "low" == stuck_side(room_to_pay=0, limit_low=0, room_to_receive=500, limit_high=500)
