"""The cash book: boxes that never go below zero, counts that a second person signs, apart from every account."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.kinds.cash import Cash, Count, Direction
from protocol.ledger import Book, Instruction, rules_of
from protocol.ledger.cash import box_id
from tests.ledger_builders import LEDGER, book_of, consent, instruct, named, opening, post

ROLES = {"tina": {"treasurer"}, "caio": {"clerk"}, "abel": {"auditor"}, "olga": {"operator"}, "ana": {"member"}}
NOW_MS = 2_000
DAY_MS = 24 * 3600 * 1000


def cash(amount: int, direction: str = "in", *, by: str = "tina", box: str = "feira", at_ms: int = 900) -> Instruction:
    """Give money that goes into a box or out of it."""
    body = Cash(
        box=box,
        direction=Direction(direction),
        amount=amount,
        unit="BRL",
        purpose="arroz",
        at_ms=at_ms,
        who=named("ana"),
    )
    return instruct(by, body)


def count(counted: int, *, by: str = "tina", second: str | None = None, **changes: Any) -> Instruction:
    """Give a count of a box."""
    values: dict[str, Any] = {"box": "feira", "unit": "BRL", "counted": counted, "at_ms": 950}
    return instruct(by, Count(**values, **changes, second=named(second) if second else None))


def book_with_box(held: int = 100) -> Book:
    """Give a book with one account and one box."""
    book = book_of(opening("ana"))
    assert post(book, cash(held), roles=ROLES).outcome == "booked"
    return book


def held(book: Book, box: str = "feira") -> int:
    """Give what a box holds."""
    item = book.item(box_id(box, "BRL"))
    return -1 if item is None else item.done


def said(book: Book, instruction: Instruction, **options: Any) -> str:
    """Post with everybody's roles; give the outcome."""
    return post(book, instruction, roles=ROLES, **options).outcome


def test_money_goes_in_and_out_and_no_account_knows_of_it() -> None:
    """The box holds the difference; each line says what it left, and every balance stays as it was."""
    book = book_with_box(100)
    before = tuple(book.accounts())
    out = post(book, cash(30, "out", by="caio"), roles=ROLES)

    assert (out.outcome, held(book), out.moves, tuple(book.accounts())) == ("booked", 70, (), before)
    assert [
        (item.kind, item.state, item.amount, item.done, item.payee) for item in out.items if item.kind == "cash"
    ] == [("cash", "out", 30, 70, named("ana"))]
    assert book.trial_balance() == dict.fromkeys(book.units(), 0)


def test_a_box_can_be_emptied_exactly() -> None:
    """The last centavo may go out, and the next one may not; boxes and monies are apart."""
    book = book_with_box(100)

    assert said(book, cash(100, "out")) == "booked"
    assert said(book, cash(1, "out")) == "cash_short"
    assert said(book, cash(5, box="loja")) == "booked"
    assert (held(book), held(book, "loja")) == (0, 5)


@pytest.mark.parametrize(("second", "signer"), [(None, "abel"), (None, "caio"), ("ana", "ana")])
def test_a_count_stands_with_the_second_signature(second: str | None, signer: str) -> None:
    """Any other officer, or the person named, signs; the difference stays visible and the box is as it was."""
    book = book_with_box(100)
    act = count(97, second=second)
    first = said(book, act)
    last = post(book, consent(signer, act), roles=ROLES)

    assert (first, last.outcome, held(book)) == ("proposed", "counted", 100)
    (item,) = last.items
    assert (item.kind, item.state, item.amount, item.done) == ("count", "counted", 97, 100)
    assert item.signers == (named("tina"), named(signer))


def test_who_counted_alone_is_not_enough() -> None:
    """A member without an office signs only where they are named, and the author never twice."""
    book = book_with_box()
    act = count(100)
    said(book, act)
    named_act = count(100, second="ana")
    said(book, named_act)

    assert said(book, consent("ana", act)) == "not_yours_to_sign"
    assert said(book, consent("tina", act)) == "already_signed"
    assert said(book, consent("abel", named_act)) == "not_yours_to_sign"


def test_cash_is_for_treasurer_and_clerk() -> None:
    """Others get no leaf at all; the network itself may."""
    roles = {named(name): frozenset(held) for name, held in ROLES.items()}

    def may(instruction: Instruction) -> bool:
        return rules_of(instruction).is_entitled(instruction, ledger=LEDGER, roles=roles)

    assert [may(cash(1, by=who)) for who in ("tina", "caio", "vila", "abel", "ana", "zeca")] == [True] * 3 + [False] * 3
    assert [may(count(1, by=who)) for who in ("tina", "caio", "vila", "olga", "ana")] == [True] * 3 + [False] * 2


def test_whom_it_names_may_read_it() -> None:
    """Who gave or took the money, and who counted too."""
    assert [rules_of(each).parties(each) for each in (cash(1), count(1, second="ana"), count(1))] == [
        (named("ana"),),
        (named("ana"),),
        (),
    ]


REFUSED = [
    (cash(0), "amount_not_positive"),
    (cash(-5, "out"), "amount_not_positive"),
    (cash(10**13 + 1), "amount_too_large"),
    (cash(1, at_ms=NOW_MS + DAY_MS + 1), "date_in_future"),
    (cash(101, "out"), "cash_short"),
    (cash(1, "out", box="loja"), "cash_short"),
    (count(1, second="tina"), "same_person"),
    (instruct("tina", Count(box="feira", unit="BRL", counted=1, at_ms=NOW_MS + DAY_MS + 1)), "date_in_future"),
]


@pytest.mark.parametrize(("instruction", "code"), REFUSED)
def test_what_cannot_be_booked_changes_nothing(instruction: Instruction, code: str) -> None:
    """Each refusal has its code, and every box stays as it was."""
    book = book_with_box(100)
    before = list(book.items())

    assert said(book, instruction) == code
    assert list(book.items()) == before


def test_a_count_after_money_moved_is_made_anew() -> None:
    """What the second person would sign is no longer what lies in the box; a fresh count is taken."""
    book = book_with_box(100)
    act = count(100)
    said(book, act)
    said(book, cash(1))

    assert said(book, consent("abel", act)) == "cash_moved"
    again = count(101)
    assert [said(book, each) for each in (again, consent("abel", again))] == ["proposed", "counted"]


def test_a_box_that_nobody_filled_is_not_counted() -> None:
    """A name that was mistyped is told."""
    assert said(book_of(), count(0)) == "unknown_box"


OTHERS = [(None, "cash_moved"), (None, "unknown_box")]
