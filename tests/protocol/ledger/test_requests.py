"""Requests: asked by the payee, paid in whole or in part, declined, withdrawn, or too old."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.ledger.apply import RULES
from protocol.ledger.instructions import Instruction
from protocol.ledger.requests import OVERDUE_MS_MAX, TERM_MS_MAX, open_parts
from tests.ledger_builders import LEDGER, OTHER_UNIT, named
from tests.request_builders import DAY_MS, START_MS, Table, allowing, asking, no, transfer, yes


def asked(table: Table, *words: Any, **changes: Any) -> bytes:
    """Let a payee ask, and give the request's id."""
    request = asking(*words, **changes)
    by = next(name for name in words[:2] if named(name) == request.payee)
    outcome, identifier = table.say(by, request)
    assert outcome == "requested"
    return identifier


def test_a_request_moves_nothing_until_it_is_paid() -> None:
    """Asking changes no balance; the transfer that names the request moves it and closes it."""
    table = Table("ana", "bento")
    request = asked(table, "ana", "bento", 30)
    assert ("asked", True, 0) == table.state(request)
    assert (0, 0) == (table.balance("ana"), table.balance("bento"))

    assert table.say("ana", transfer("ana", "bento", 30, request=request))[0] == "posted"

    assert ("paid", False, 30) == table.state(request)
    assert (-30, 30) == (table.balance("ana"), table.balance("bento"))


def test_a_request_paid_twice_is_refused() -> None:
    """The second transfer for the same request moves nothing, whatever its amount."""
    table = Table("ana", "bento")
    request = asked(table, "ana", "bento", 30)
    table.say("ana", transfer("ana", "bento", 30, request=request))

    assert table.say("ana", transfer("ana", "bento", 30, request=request))[0] == "request_closed"
    assert table.say("ana", transfer("ana", "bento", 1, request=request))[0] == "request_closed"
    assert -30 == table.balance("ana")


def test_a_request_is_paid_in_parts_and_never_over_paid() -> None:
    """Parts of any size add up; one minor unit too many is refused; the exact rest closes it."""
    table = Table("ana", "bento")
    request = asked(table, "ana", "bento", 90, (10, 30), (20, 30), (30, 30))

    assert table.say("ana", transfer("ana", "bento", 40, request=request))[0] == "posted"
    assert ("part_paid", True, 40) == table.state(request)
    assert table.say("ana", transfer("ana", "bento", 51, request=request))[0] == "more_than_requested"
    assert table.say("ana", transfer("ana", "bento", 50, request=request))[0] == "posted"

    assert ("paid", False, 90) == table.state(request)
    assert -90 == table.balance("ana")


@pytest.mark.parametrize(
    ("done", "left"),
    [
        (0, ((1, 30), (2, 20), (3, 10))),
        (1, ((1, 29), (2, 20), (3, 10))),
        (30, ((2, 20), (3, 10))),
        (45, ((2, 5), (3, 10))),
        (50, ((3, 10),)),
        (60, ()),
    ],
)
def test_what_is_paid_fills_the_instalments_in_the_order_of_their_days(
    done: int, left: tuple[tuple[int, int], ...]
) -> None:
    """The first day is paid first, whatever the sizes of the payments."""
    request = asking("ana", "bento", 60, (1, 30), (2, 20), (3, 10))

    assert tuple((START_MS + days * DAY_MS, amount) for days, amount in left) == open_parts(request, done)


def test_one_sum_is_one_part() -> None:
    """A request without instalments is due at once."""
    request = asking("ana", "bento", 60)

    assert ((request.due_ms, 25),) == open_parts(request, 35)


@given(amounts=st.lists(st.integers(1, 40), max_size=12))
def test_whatever_is_paid_comes_to_what_was_asked_at_most(amounts: list[int]) -> None:
    """Each payment that still fits is posted, each other one refused; the balance is what is noted as paid."""
    table = Table("ana", "bento")
    request = asked(table, "ana", "bento", 100, (10, 30), (20, 70))
    paid = 0
    for amount in amounts:
        refusal = "request_closed" if paid == 100 else "more_than_requested"
        fits = paid + amount <= 100
        assert table.say("ana", transfer("ana", "bento", amount, request=request))[0] == ("posted" if fits else refusal)
        paid += amount if fits else 0

    assert (paid, paid < 100) == (table.state(request)[2], table.state(request)[1])
    assert -paid == table.balance("ana")
    assert 100 - paid == sum(left for _, left in open_parts(table.items[request].instruction.body, paid))


def test_a_request_is_declined_by_its_payer_and_withdrawn_by_its_payee() -> None:
    """Either ends it; what was paid before stays paid, and nobody pays it any more."""
    table = Table("ana", "bento")
    first, second = asked(table, "ana", "bento", 30), asked(table, "ana", "bento", 40)
    table.say("ana", transfer("ana", "bento", 10, request=first))

    assert table.say("ana", no(first))[0] == "declined"
    assert table.say("bento", no(second))[0] == "withdrawn"

    assert (("declined", False, 10), ("withdrawn", False, 0)) == (table.state(first), table.state(second))
    assert table.say("ana", transfer("ana", "bento", 20, request=first))[0] == "request_closed"
    assert -10 == table.balance("ana")


def test_a_request_is_answered_only_by_its_two_sides_and_once() -> None:
    """Others can't end it, agreeing means nothing, and what has ended has ended."""
    table = Table("ana", "bento", "carla")
    request = asked(table, "ana", "bento", 30)

    assert table.say("carla", no(request))[0] == "not_yours_to_sign"
    assert table.say("ana", yes(request))[0] == "nothing_to_answer"
    assert table.say("ana", no(request))[0] == "declined"
    assert table.say("bento", no(request))[0] == "already_ended"


def test_an_overdue_request_can_be_paid_for_a_year_more() -> None:
    """Its day ends nothing; 366 days later it ends by itself."""
    table = Table("ana", "bento")
    request = asked(table, "ana", "bento", 30)
    end_ms = START_MS + 10 * DAY_MS + OVERDUE_MS_MAX

    table.pass_to(end_ms - 1)
    assert table.say("ana", transfer("ana", "bento", 10, request=request))[0] == "posted"
    table.pass_to(end_ms)

    assert ("expired", False, 10) == table.state(request)
    assert table.say("ana", transfer("ana", "bento", 20, request=request))[0] == "request_closed"


def test_a_payment_beyond_a_limit_leaves_the_request_as_it_was() -> None:
    """The limits hold for what pays a request too; a refused payment counts nothing."""
    table = Table("ana", "bento", low=-20)
    request = asked(table, "ana", "bento", 30)

    assert table.say("ana", transfer("ana", "bento", 21, request=request))[0] == "debit_limit"
    assert ("asked", True, 0) == table.state(request)
    assert table.say("ana", transfer("ana", "bento", 20, request=request))[0] == "posted"


ASKED = [
    (asking("ana", "bento", 5, ledger=named("serra")), "wrong_ledger"),
    (asking("ana", "bento", 5, unit=OTHER_UNIT), "unknown_unit"),
    (asking("ana", "bento", 0), "amount_not_positive"),
    (asking("ana", "bento", -1), "amount_not_positive"),
    (asking("ana", "bento", 10**13 + 1), "amount_too_large"),
    (asking("bento", "bento", 5), "self_payment"),
    (asking("ana", "bento", 5, due_ms=START_MS - OVERDUE_MS_MAX), "expired"),
    (asking("ana", "bento", 5, due_ms=START_MS - OVERDUE_MS_MAX + 1), "requested"),
    (asking("ana", "bento", 5, due_ms=START_MS + TERM_MS_MAX), "requested"),
    (asking("ana", "bento", 5, due_ms=START_MS + TERM_MS_MAX + 1), "term_too_long"),
    (asking("zeca", "bento", 5), "unknown_payer"),
    (asking("ana", "zeca", 5), "unknown_payee"),
    (asking("ana", "bento", 10**13), "requested"),
]


@pytest.mark.parametrize(("request_body", "outcome"), ASKED, ids=[f"{c}-{n}" for n, (_, c) in enumerate(ASKED)])
def test_a_request_is_judged_by_itself(request_body: Any, outcome: str) -> None:
    """What is asked must make sense; whether the payer can afford it is seen when it is paid."""
    table = Table("ana", "bento")
    author = "zeca" if request_body.payee == named("zeca") else "bento"

    assert table.say(author, request_body)[0] == outcome
    assert (outcome == "requested") == bool(table.items)


PAID = [
    ("carla", "bento", 30, "request", "not_as_requested"),
    ("ana", "carla", 30, "request", "not_as_requested"),
    ("ana", "bento", 30, "nothing", "unknown_request"),
    ("ana", "bento", 30, "mandate", "unknown_request"),
    ("ana", "bento", 31, "request", "more_than_requested"),
    ("ana", "bento", 1, "declined", "request_closed"),
    ("carla", "bento", 1, "declined", "not_as_requested"),
]


@pytest.mark.parametrize(("payer", "payee", "amount", "what", "code"), PAID)
def test_a_payment_must_fit_its_request(payer: str, payee: str, amount: int, what: str, code: str) -> None:
    """The same payer, payee and unit, not more than is open, and a request that is there; a mandate is none."""
    table = Table("ana", "bento", "carla")
    requests = {"request": asked(table, "ana", "bento", 30), "declined": asked(table, "ana", "bento", 30)}
    table.say("ana", no(requests["declined"]))
    requests |= {"mandate": table.say("ana", allowing("ana", "bento", 30))[1], "nothing": named("nothing")}

    assert table.say(payer, transfer(payer, payee, amount, request=requests[what]))[0] == code
    assert ("asked", True, 0) == table.state(requests["request"])
    assert 0 == table.balance(payer)


def test_a_payment_in_another_unit_pays_no_request() -> None:
    """Between the same two members, who have accounts in two units."""
    table = Table("ana", "bento")
    for name in ("ana", "bento"):
        table.open(name, OTHER_UNIT)
    request = asked(table, "ana", "bento", 30)

    payment = transfer("ana", "bento", 30, request=request, unit=OTHER_UNIT)
    assert table.say("ana", payment)[0] == "not_as_requested"


REFUSED = [case for case in (*ASKED, *PAID) if case[-1] != "requested"]


@pytest.mark.parametrize(("closed", "code"), [("ana", "payer_closed"), ("bento", "payee_closed")])
def test_nothing_is_asked_of_or_for_a_closed_account(closed: str, code: str) -> None:
    """Neither new requests nor payments of old ones; the request itself stays open."""
    table = Table("ana", "bento")
    request = asked(table, "ana", "bento", 30)
    table.close(closed)

    assert table.say("bento", asking("ana", "bento", 5))[0] == code
    assert table.say("ana", transfer("ana", "bento", 30, request=request))[0] == code
    assert ("asked", True, 0) == table.state(request)


def test_only_who_is_paid_asks() -> None:
    """A request in another's name is nobody's to sign."""
    instruction = Instruction(named("x"), named("ana"), START_MS, asking("ana", "bento", 5))

    assert not RULES[type(instruction.body)].is_entitled(instruction, ledger=LEDGER, roles={})
