"""Holds on the command line, as values."""

from __future__ import annotations

import pytest

from cli.errors import RefusedError, UsageProblemError
from cli.holds import day_of, due_of, hold_row, mediators_of
from protocol.identifiers import to_text
from tests.builders import named

UNIT = to_text("agent", named("vila"))


def test_what_an_order_costs_in_credit() -> None:
    """Only the part in that credit counts, and an order without one is refused with the next step."""
    order = {"total": [{"unit": "BRL", "amount": 650}, {"unit": UNIT, "amount": 400}]}

    assert due_of(order, UNIT) == 400
    with pytest.raises(RefusedError) as caught:
        due_of({"total": [{"unit": "BRL", "amount": 650}]}, UNIT)
    assert caught.value.next_step


def test_mediators_are_two_or_nobody() -> None:
    """One alone is a mistake that is said before anything is signed."""
    ids = [to_text("agent", named(name)) for name in ("mara", "nilo")]

    assert mediators_of(ids) == [named("mara"), named("nilo")]
    assert mediators_of([]) == []
    with pytest.raises(UsageProblemError):
        mediators_of(ids[:1])


def test_a_row_says_until_when() -> None:
    """A disputed hold has no end of its own."""
    money = {"unit": UNIT, "amount": 400, "symbol": "SB", "exponent": 2}
    view = {
        "id": "hold:x",
        "payer": {"name": "Ana"},
        "payee": {"name": "Bento"},
        "amount": money,
        "state": "disputed",
        "text": "arroz",
    }

    row = hold_row(view)

    assert (row["until"], row["for"], row["amount"]) == ("-", "arroz", "4,00 SB")
    assert day_of(1_700_000_000_000) == "2023-11-14 22:13"
