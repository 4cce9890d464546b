"""Accounts and their room."""

from __future__ import annotations

from dataclasses import replace

from protocol.ledger import BALANCE_MAX, Account, AccountKind, AccountState
from protocol.ledger.accounts import are_limits_in_range
from tests.ledger_builders import UNIT, named

ANA = Account(1, named("ana"), UNIT, AccountKind.MEMBER, AccountState.OPEN, 0, -100, 500)


def test_room_counts_from_the_balance_to_each_limit() -> None:
    """What can be given and taken is the distance to the limits, and never less than nothing."""
    at_twenty = ANA.with_balance(20)
    beyond = replace(ANA, balance=-300)

    assert (120, 480) == (at_twenty.room_to_pay, at_twenty.room_to_receive)
    assert (0, 800) == (beyond.room_to_pay, beyond.room_to_receive)
    assert 0 == ANA.with_balance(501).room_to_receive


def test_another_balance_changes_nothing_else() -> None:
    """Every field but the balance is carried over."""
    assert replace(ANA, balance=7) == ANA.with_balance(7)


def test_limits_reach_to_the_end_of_the_integers() -> None:
    """Zero lies between the limits, and neither passes what a client can hold."""
    assert are_limits_in_range(0, 0)
    assert are_limits_in_range(-BALANCE_MAX, BALANCE_MAX)
    assert not are_limits_in_range(1, 5)
    assert not are_limits_in_range(-5, -1)
    assert not are_limits_in_range(-BALANCE_MAX - 1, 0)
    assert not are_limits_in_range(0, BALANCE_MAX + 1)
