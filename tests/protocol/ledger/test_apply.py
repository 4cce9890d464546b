"""The rules of the ledger, one instruction at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from protocol.kinds.ledger import Account
from protocol.ledger import AMOUNT_MAX, BALANCE_MAX, AccountAction, LedgerCode, rules_of
from protocol.ledger.rules import NO_ROLES
from tests.ledger_builders import (
    LEDGER,
    OTHER_UNIT,
    UNIT,
    balance,
    book_of,
    closing,
    consent,
    instruct,
    limiting,
    named,
    opening,
    post,
    transfer,
)
from tests.protocol.ledger import test_cash as cash
from tests.protocol.ledger import test_charter as charter
from tests.protocol.ledger import test_closings as closings
from tests.protocol.ledger import test_holds as holds
from tests.protocol.ledger import test_joint as joint
from tests.protocol.ledger import test_mandates as mandates
from tests.protocol.ledger import test_policies as policies
from tests.protocol.ledger import test_postings as postings
from tests.protocol.ledger import test_requests as requests
from tests.protocol.ledger import test_reversals as reversals
from tests.protocol.ledger import test_slips as slips

BUSY = "balance_not_zero"


def test_transfer_moves_the_amount_once_on_each_side() -> None:
    """What the payer loses is what the payee gains, and the sum stays zero."""
    book = book_of(opening("ana"), opening("bento"))

    applied = post(book, transfer("ana", "bento", 30_00))

    assert applied.outcome == "posted"
    assert (-30_00, 30_00) == (balance(book, "ana"), balance(book, "bento"))
    assert {UNIT: 0} == book.trial_balance()


def test_payer_may_reach_its_lower_limit_exactly_and_no_further() -> None:
    """The limit itself is allowed; one minor unit beyond is refused and moves nothing."""
    book = book_of(opening("ana", low=-100), opening("bento"))

    assert post(book, transfer("ana", "bento", 100)).outcome == "posted"
    assert post(book, transfer("ana", "bento", 1)).outcome == "debit_limit"
    assert balance(book, "ana") == -100


def test_payee_may_reach_its_upper_limit_exactly_and_no_further() -> None:
    """The limit itself is allowed; one minor unit beyond is refused and moves nothing."""
    book = book_of(opening("ana"), opening("bento", high=100))

    assert post(book, transfer("ana", "bento", 100)).outcome == "posted"
    assert post(book, transfer("ana", "bento", 1)).outcome == "credit_limit"
    assert balance(book, "bento") == 100


def test_limits_at_the_end_of_the_integers_hold() -> None:
    """Limits of ±(2^53 - 1) may be reached; nothing goes beyond what a client can read."""
    book = book_of(
        opening("issuer", low=-BALANCE_MAX, high=BALANCE_MAX), opening("fund", low=-BALANCE_MAX, high=BALANCE_MAX)
    )
    whole, rest = divmod(BALANCE_MAX, AMOUNT_MAX)
    for number in range(whole):
        assert post(book, transfer("issuer", "fund", AMOUNT_MAX, identifier=named(f"{number}"))).outcome == "posted"
    assert post(book, transfer("issuer", "fund", rest)).outcome == "posted"

    assert (-BALANCE_MAX, BALANCE_MAX) == (balance(book, "issuer"), balance(book, "fund"))
    assert post(book, transfer("issuer", "fund", 1)).outcome == "debit_limit"


REFUSED = [
    (transfer("ana", "bento", 5, ledger=named("serra")), "wrong_ledger"),
    (transfer("ana", "bento", 5, unit="BRL"), "unknown_unit"),
    (transfer("ana", "bento", 5, unit=OTHER_UNIT), "unknown_unit"),
    (transfer("ana", "bento", 0), "amount_not_positive"),
    (transfer("ana", "bento", -1), "amount_not_positive"),
    (transfer("ana", "bento", -BALANCE_MAX), "amount_not_positive"),
    (transfer("ana", "bento", AMOUNT_MAX + 1), "amount_too_large"),
    (transfer("ana", "bento", BALANCE_MAX), "amount_too_large"),
    (transfer("ana", "ana", 5), "self_payment"),
    (transfer("ana", "bento", 5, expires_ms=2_000), "expired"),
    (transfer("ana", "bento", 5, expires_ms=0), "expired"),
    (transfer("zeca", "bento", 5), "unknown_payer"),
    (transfer("ana", "zeca", 5), "unknown_payee"),
    (transfer("carla", "bento", 5), "payer_closed"),
    (transfer("ana", "carla", 5), "payee_closed"),
    (transfer("ana", "bento", 100_01), "debit_limit"),
    (transfer("ana", "dora", 11), "credit_limit"),
    (opening("ana"), "account_exists"),
    (opening("rua", kind="line"), "kind_not_in_use"),
    (opening("rua", kind="conversion"), "kind_not_in_use"),
    (opening("rua", unit="BRL"), "unknown_unit"),
    (opening("rua", low=1), "limits_out_of_range"),
    (opening("rua", high=-1), "limits_out_of_range"),
    (opening("rua", low=-BALANCE_MAX - 1), "limits_out_of_range"),
    (opening("rua", high=BALANCE_MAX + 1), "limits_out_of_range"),
    (limiting("zeca", low=0, high=0), "unknown_account"),
    (limiting("carla", low=0, high=0), "account_closed"),
    (closing("zeca"), "unknown_account"),
    (closing("carla"), "account_closed"),
    (closing("eva"), "balance_not_zero"),
    (consent("ana", named("nothing")), "unknown_item"),
]


@pytest.mark.parametrize(("instruction", "code"), REFUSED, ids=[f"{code}-{n}" for n, (_, code) in enumerate(REFUSED)])
def test_refusal_is_a_leaf_that_moves_nothing(instruction: object, code: str) -> None:
    """Each refusal has its code, takes its place among the leaves and leaves every account as it was."""
    book = book_of(opening("ana"), opening("bento"), opening("carla"), opening("dora", high=10), opening("eva"))
    post(book, closing("carla"))
    post(book, transfer("bento", "eva", 7))
    before = (tuple(book.accounts()), book.size)

    applied = post(book, instruction)  # type: ignore[arg-type]

    assert applied.outcome == code
    assert applied.refusal is LedgerCode(code)
    assert (before[0], before[1] + 1) == (tuple(book.accounts()), book.size)


CASES: list[tuple[Any, ...]] = [
    *REFUSED,
    *joint.REFUSED,
    *cash.REFUSED,
    *cash.OTHERS,
    *closings.REFUSED,
    *joint.FULL,
    *holds.REFUSED,
    *requests.REFUSED,
    *mandates.REFUSED,
    *reversals.REFUSED,
    *charter.REFUSED,
    *policies.REFUSED,
    *postings.REFUSED,
    *slips.REFUSED,
    *slips.REFUSED_FUND,
]


def test_every_refusal_has_its_case() -> None:
    """No code can be added without a case, here or beside the rules of its kind, that shows when it is given."""
    assert {code.value for code in LedgerCode} == {case[-1] for case in CASES}


def test_the_refusal_that_stands_first_is_given() -> None:
    """Of several reasons, the one that stands first in the list is the answer."""
    book = book_of(opening("ana"))

    everything_wrong = transfer("ana", "ana", 0, ledger=named("serra"), unit="BRL", expires_ms=0)

    assert post(book, everything_wrong).outcome == "wrong_ledger"
    assert post(book, transfer("ana", "ana", 0, expires_ms=0)).outcome == "amount_not_positive"
    assert post(book, transfer("ana", "ana", 1, expires_ms=0)).outcome == "self_payment"
    assert post(book, transfer("zeca", "rua", 1, expires_ms=0)).outcome == "expired"
    assert post(book, transfer("zeca", "rua", 1)).outcome == "unknown_payer"


def test_leaf_times_never_decrease() -> None:
    """A clock that steps back gives the time of the leaf before, and judges expiry by it."""
    book = book_of(opening("ana"), opening("bento"))
    post(book, transfer("ana", "bento", 1), now_ms=9_000)

    applied = post(book, transfer("ana", "bento", 2, expires_ms=8_000), now_ms=3_000)

    assert (9_000, "expired") == (applied.time_ms, applied.outcome)


def test_an_account_below_a_new_limit_may_receive_but_not_pay() -> None:
    """Lowering a limit takes nothing back; it stops the next step in the wrong direction only."""
    book = book_of(opening("ana"), opening("bento"))
    post(book, transfer("ana", "bento", 50))

    assert post(book, limiting("ana", low=-10, high=100)).outcome == "changed"
    assert post(book, transfer("ana", "bento", 1)).outcome == "debit_limit"
    assert post(book, transfer("bento", "ana", 1)).outcome == "posted"


def test_a_closed_account_can_be_opened_again_under_its_number() -> None:
    """A member who comes back finds the same account, with the limits of the new opening."""
    book = book_of(opening("ana"), opening("bento"))
    assert post(book, closing("ana")).outcome == "closed"

    again = post(book, opening("ana", low=-5, high=5))

    assert again.outcome == "opened"
    assert [(1, -5, 5)] == [(each.number, each.limit_low, each.limit_high) for each in again.accounts]


def test_units_are_kept_apart() -> None:
    """An agent's accounts in two units move apart, and each unit sums to zero by itself."""
    book = book_of(opening("ana"), opening("bento"), opening("ana", unit=OTHER_UNIT), opening("bento", unit=OTHER_UNIT))

    post(book, transfer("ana", "bento", 3, unit=OTHER_UNIT))

    assert (0, -3) == (balance(book, "ana"), balance(book, "ana", OTHER_UNIT))
    assert {UNIT: 0, OTHER_UNIT: 0} == book.trial_balance()


def test_accounts_are_opened_by_the_network_alone() -> None:
    """Nobody opens an account, or sets limits, for themselves."""
    own = instruct("ana", opening("ana").body)

    assert [True, False] == [
        rules_of(each).is_entitled(each, ledger=LEDGER, roles=NO_ROLES) for each in (opening("ana"), own)
    ]


def test_new_limits_leave_what_is_set_aside_and_bring_their_warnings() -> None:
    """A change of limits replaces limits and warnings, and frees no hold."""
    book = book_of(opening("ana"))
    draft = book.draft()
    ana = draft.account(named("ana"), UNIT)
    assert ana is not None
    draft.put(replace(ana, debits_pending=5, credits_pending=6))
    draft.settle()

    body = Account(named("ana"), AccountAction.LIMIT, -10, 20, soft_low=-8, soft_high=15)
    (after,) = post(book, instruct("vila", body)).accounts

    assert (-10, 20, -8, 15) == (after.limit_low, after.limit_high, after.soft_low, after.soft_high)
    assert (5, 6) == (after.debits_pending, after.credits_pending)


@pytest.mark.parametrize(("pending", "outcome"), [((0, 0), "closed"), ((1, 0), BUSY), ((0, 1), BUSY)])
def test_an_account_is_closed_only_with_nothing_set_aside(pending: tuple[int, int], outcome: str) -> None:
    """A balance of zero isn't enough while a hold counts on either side."""
    book = book_of(opening("ana"))
    draft = book.draft()
    ana = draft.account(named("ana"), UNIT)
    assert ana is not None
    draft.put(replace(ana, debits_pending=pending[0], credits_pending=pending[1]))
    draft.settle()

    assert post(book, closing("ana")).outcome == outcome
