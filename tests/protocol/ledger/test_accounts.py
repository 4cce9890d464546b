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
    full = replace(ANA, debits_pending=1, credits_pending=2, soft_low=-3, soft_high=4)

    assert replace(full, balance=7) == full.with_balance(7)


def test_what_is_set_aside_leaves_less_room() -> None:
    """Holds take from the room of their own side only, and each side counts as pending."""
    giving, taking = replace(ANA, debits_pending=30), replace(ANA, credits_pending=40)

    assert (70, 500) == (giving.room_to_pay, giving.room_to_receive)
    assert (100, 460) == (taking.room_to_pay, taking.room_to_receive)
    assert [False, True, True] == [each.has_pending for each in (ANA, giving, taking)]


def test_limits_reach_to_the_end_of_the_integers() -> None:
    """Zero lies between the limits, and neither passes what a client can hold."""
    assert are_limits_in_range(0, 0)
    assert are_limits_in_range(-BALANCE_MAX, BALANCE_MAX)
    assert not are_limits_in_range(1, 5)
    assert not are_limits_in_range(-5, -1)
    assert not are_limits_in_range(-BALANCE_MAX - 1, 0)
    assert not are_limits_in_range(0, BALANCE_MAX + 1)
