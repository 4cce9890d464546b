"""Closed periods: auditors sign, and nothing is dated into them afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.kinds.cash import Closing, Minutes
from protocol.kinds.postings import Posting, PostingLine, PostingType, RuleType
from protocol.ledger import Book, Instruction, rules_of
from protocol.ledger.closings import PERIOD_ITEM, balances_hash
from tests.ledger_builders import LEDGER, UNIT, book_of, consent, instruct, named, opening, post
from tests.ledger_town import START_MS, Town
from tests.protocol.ledger.test_cash import DAY_MS, cash, count

ROLES = {"tina": {"treasurer"}, "abel": {"auditor"}, "alma": {"auditor"}, "ana": {"member"}}
MINUTES = Minutes(date="2027-03-14", number="12", hash=named("minutes"))


def close(
    until_ms: int = 1_000, *, by: str = "tina", auditors: tuple[str, ...] = ("abel",), size: int = 1
) -> Instruction:
    """Give the closing of a period."""
    names = tuple(named(each) for each in auditors)
    return instruct(by, Closing(until_ms=until_ms, size=size, minutes=MINUTES, auditors=names))


def said(book: Book, instruction: Instruction, **options: Any) -> str:
    """Post with everybody's roles; give the outcome."""
    return post(book, instruction, roles=ROLES, **options).outcome


def closed(until_ms: int = 1_000) -> Book:
    """Give a book with a box and a closed period."""
    book = book_of(opening("ana"))
    assert said(book, cash(100)) == "booked"
    act = close(until_ms)
    assert [said(book, each) for each in (act, consent("abel", act))] == ["proposed", "closed_period"]
    return book


def test_a_period_is_closed_with_the_last_auditor() -> None:
    """Until all who are named have signed, it is open; then the last millisecond of it is closed and the next isn't."""
    book = book_of(opening("ana"))
    act = close(1_000, auditors=("abel", "alma"))
    outcomes = [said(book, each) for each in (act, consent("abel", act), cash(5, at_ms=1_000), consent("alma", act))]

    assert outcomes == ["proposed", "signed", "booked", "closed_period"]
    assert said(book, cash(6, at_ms=1_000)) == "period_closed"
    assert said(book, cash(6, at_ms=1_001)) == "booked"
    item = book.item(PERIOD_ITEM)
    assert item is not None
    assert item.signers == (named("tina"), named("abel"), named("alma"))


def test_one_auditor_can_stop_it() -> None:
    """Who doesn't agree ends it, and nothing is closed."""
    book = book_of(opening("ana"))
    act = close()
    outcomes = [said(book, each) for each in (act, consent("abel", act, agree=False), cash(5, at_ms=1_000))]

    assert outcomes == ["proposed", "declined", "booked"]


def test_what_waited_is_decided_again() -> None:
    """A count of the period that was proposed before it was closed can't be completed after it."""
    book = book_of(opening("ana"))
    counted, act = count(100), close()
    said(book, cash(100))
    for each in (counted, act, consent("abel", act)):
        said(book, each)

    assert said(book, consent("abel", counted)) == "period_closed"


def test_a_second_closing_reaches_further() -> None:
    """The item of the network's last closing is the later one then."""
    book = closed(1_000)
    act = close(1_500)

    assert [said(book, each) for each in (act, consent("abel", act))] == ["proposed", "closed_period"]
    assert said(book, cash(1, at_ms=1_500)) == "period_closed"


def test_only_a_treasurer_proposes_it() -> None:
    """An auditor doesn't close what they audit; the network may in the treasurer's place."""
    roles = {named(name): frozenset(held) for name, held in ROLES.items()}
    may = [
        rules_of(close(by=who)).is_entitled(close(by=who), ledger=LEDGER, roles=roles)
        for who in ("tina", "vila", "abel", "ana", "zeca")
    ]

    assert may == [True, True, False, False, False]
    assert rules_of(close()).parties(close()) == (named("abel"),)


REFUSED = [
    (close(2_001), "date_in_future"),
    (close(auditors=("abel", "tina")), "same_person"),
    (close(1_500, size=4_000), "size_ahead"),
    (close(1_500, auditors=("abel", "ana")), "not_an_auditor"),
    (close(1_000, auditors=("alma",)), "closing_not_later"),
    (close(999), "closing_not_later"),
    (cash(1, at_ms=1_000), "period_closed"),
    (cash(1000, "out", at_ms=0), "period_closed"),
    (count(1), "period_closed"),
]


@pytest.mark.parametrize(("instruction", "code"), REFUSED)
def test_what_may_not_be_dated_or_closed_changes_nothing(instruction: Instruction, code: str) -> None:
    """Each refusal has its code, and every item stays as it was."""
    book = closed()
    before = list(book.items())

    assert said(book, instruction) == code
    assert list(book.items()) == before


def test_a_period_ends_at_the_latest_now() -> None:
    """One millisecond decides; what was booked a day ahead by a fast clock isn't cut off by it."""
    book = book_of(opening("ana"))

    assert said(book, close(2_000)) == "proposed"
    assert said(book, cash(1, at_ms=2_000 + DAY_MS)) == "booked"


def test_the_balances_of_a_period_have_a_name() -> None:
    """The same balances in another order have the same hash, others another one."""
    rows = [(named("ana"), UNIT, -5), (named("bento"), UNIT, 5)]

    assert balances_hash(rows) == balances_hash(rows[::-1])
    assert len({balances_hash(rows), balances_hash(rows[:1]), balances_hash([(named("ana"), UNIT, -6), rows[1]])}) == 3


def test_a_dated_posting_does_not_enter_a_closed_period() -> None:
    """What another system recorded before the end of the period stays out; a millisecond later it is taken."""
    town = Town()
    rule = town.rule(RuleType.IMPORT, until_ms=START_MS * 3)
    until_ms = START_MS - DAY_MS
    act = Closing(until_ms=until_ms, size=1, minutes=MINUTES, auditors=(named("aurora"),))

    def imported(at_ms: int) -> Posting:
        line = PostingLine(payer=named("ana"), payee=named("bento"), amount=1, at_ms=at_ms)
        return Posting(type=PostingType.IMPORTED, rule=rule, period=f"p{at_ms}", lines=(line,))

    assert town.act("tereza", act) == "proposed"
    assert town.consent("aurora", town.last.id) == "closed_period"
    assert town.act("tereza", imported(until_ms)) == "period_closed"
    assert town.act("tereza", imported(START_MS * 2)) == "date_in_future"
    assert town.act("tereza", imported(until_ms + 1)) == "posted"
