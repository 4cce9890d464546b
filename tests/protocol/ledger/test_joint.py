"""Acts that wait for further signatures, tried with transfers that ask for them."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from protocol.kinds.ledger import Transfer
from protocol.ledger import RULES, Book, Context, Draft, Instruction, Signatures
from protocol.ledger.joint import ACT_LIFE_MS
from protocol.ledger.transfers import TransferRules
from tests.ledger_builders import balance, book_of, closing, consent, named, opening, post, transfer

DAYS_30_MS = 2_592_000_000
ROLES = {"tina": {"member", "treasurer"}, "abel": {"auditor"}, "alma": {"auditor"}, "ana": {"member"}}


class JointTransfers(TransferRules):
    """Transfers for which the payee and an auditor must sign, too."""

    def signatures(self, draft: Draft, instruction: Instruction, context: Context) -> Signatures | None:
        """Ask for both."""
        return Signatures(frozenset({instruction.body.payee}), frozenset({"auditor"}), 1)


@pytest.fixture
def book(monkeypatch: pytest.MonkeyPatch) -> Book:
    """Two accounts, and transfers that ask for signatures."""
    monkeypatch.setitem(RULES, Transfer, JointTransfers())
    return book_of(opening("ana"), opening("bento"))


ACT = transfer("ana", "bento", 30)


def said(book: Book, instruction: Instruction, **options: Any) -> str:
    """Post with everybody's roles; give the outcome."""
    return post(book, instruction, roles=ROLES, **options).outcome


def test_an_act_is_posted_with_the_last_consent(book: Book) -> None:
    """It waits with the first signatures, and moves the amount once with the last."""
    outcomes = [said(book, each) for each in (ACT, consent("bento", ACT))]
    before = balance(book, "bento")
    last = post(book, consent("abel", ACT), roles=ROLES)

    assert (outcomes, before) == (["proposed", "signed"], 0)
    assert (last.outcome, balance(book, "bento"), len(last.moves)) == ("posted", 30, 1)
    assert [item.state for item in last.items] == ["done"]
    assert list(book.items()) == []


def test_an_act_is_decided_again_with_the_last_consent(book: Book) -> None:
    """What was possible when it was proposed may not be any more; then it goes on waiting."""
    for each in (ACT, consent("bento", ACT)):
        said(book, each)
    said(book, closing("bento"))

    assert said(book, consent("abel", ACT)) == "payee_closed"
    said(book, opening("bento"))
    assert said(book, consent("alma", ACT)) == "posted"


@pytest.mark.parametrize("who", ["ana", "bento", "abel"])
def test_whoever_it_concerns_ends_it(book: Book, who: str) -> None:
    """One who doesn't agree is enough; nothing moves, and it can't be taken up again."""
    said(book, ACT)
    ended = post(book, consent(who, ACT, agree=False), roles=ROLES)

    assert (ended.outcome, balance(book, "ana")) == ("declined", 0)
    assert said(book, consent("alma", ACT), known=ended.items) == "already_ended"


def test_an_act_ends_with_its_time_and_not_before(book: Book) -> None:
    """One millisecond decides."""
    said(book, ACT)
    until = 2_000 + ACT_LIFE_MS

    assert said(book, consent("bento", ACT), now_ms=until - 1) == "signed"
    late = post(book, consent("abel", ACT), roles=ROLES, now_ms=until)
    assert (late.outcome, [item.state for item in late.items]) == ("already_ended", ["expired"])


def test_one_person_is_no_two(book: Book) -> None:
    """Who signed as payee isn't the auditor, too, and two auditors are no payee."""
    roles = {**ROLES, "bento": {"auditor"}}
    post(book, ACT, roles=roles)

    assert post(book, consent("bento", ACT), roles=roles).outcome == "signed"
    assert post(book, consent("abel", ACT), roles=roles).outcome == "posted"

    other = transfer("ana", "bento", 1)
    outcomes = [
        post(book, each, roles=ROLES).outcome for each in (other, consent("abel", other), consent("alma", other))
    ]
    assert outcomes == ["proposed", "signed", "signed"]


REFUSED = [
    ("ana", "already_signed"),
    ("abel", "already_signed"),
    ("tina", "not_yours_to_sign"),
    ("zeca", "not_yours_to_sign"),
    ("vila", "not_yours_to_sign"),
    ("late", "already_ended"),
    ("plain", "nothing_to_answer"),
]
FULL = [("ana", "too_many_open")]


@pytest.mark.parametrize(("who", "code"), REFUSED)
def test_a_consent_that_does_not_count_changes_nothing(book: Book, who: str, code: str) -> None:
    """Each refusal has its code, and leaves the act as it was."""
    said(book, ACT)
    said(book, consent("abel", ACT))
    known = []
    about: Any = ACT
    if who == "late":
        known = list(post(book, consent("ana", ACT, agree=False), roles=ROLES).items)
    if who == "plain":
        act = book.item(ACT.id)
        assert act is not None
        known = [act.changed(leaf=0, id=named("paid"), kind="transfer", is_open=False)]
        about = known[0]
    before = list(book.items())

    assert said(book, consent(who, about), known=known) == code
    assert list(book.items()) == before


@pytest.mark.parametrize(("who", "code"), FULL)
def test_one_author_has_a_bounded_number_open(book: Book, monkeypatch: pytest.MonkeyPatch, who: str, code: str) -> None:
    """What is open is in memory, so a member's share of it has a bound; what ends makes room again."""
    monkeypatch.setattr(sys.modules["protocol.ledger.apply"], "OPEN_ITEMS_MAX", 2)
    acts = [transfer(who, "bento", amount) for amount in (1, 2, 3)]

    assert [said(book, act) for act in acts] == ["proposed", "proposed", code]
    assert said(book, consent(who, acts[0], agree=False)) == "declined"
    assert said(book, transfer(who, "bento", 4)) == "proposed"
    assert book.open_count(named(who)) == 2


def test_an_act_waits_thirty_days() -> None:
    """The length is part of the rules: two nodes that counted differently would part."""
    assert DAYS_30_MS == ACT_LIFE_MS


def asking(monkeypatch: pytest.MonkeyPatch, wanted: Signatures) -> Book:
    """Give a book in which transfers ask for these signatures."""

    class Asking(TransferRules):
        """Transfers that ask for what the test says."""

        def signatures(self, draft: Draft, instruction: Instruction, context: Context) -> Signatures | None:
            """Ask for it."""
            return wanted

    monkeypatch.setitem(RULES, Transfer, Asking())
    return book_of(opening("ana"), opening("bento"))


def test_all_of_those_named_must_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """One of two isn't enough."""
    book = asking(monkeypatch, Signatures(frozenset({named("bento"), named("carla")})))

    assert ["proposed", "signed", "posted"] == [
        said(book, each) for each in (ACT, consent("bento", ACT), consent("carla", ACT))
    ]


def test_the_network_signs_as_its_treasurer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own key stands for that office, and for no other."""
    book = asking(monkeypatch, Signatures(roles=frozenset({"treasurer"}), count=1))

    assert ["proposed", "posted"] == [said(book, each) for each in (ACT, consent("vila", ACT))]


def test_a_consent_that_is_not_the_last_decides_nothing(book: Book) -> None:
    """Who signs early is not told that the accounts don't allow it today; the last one is."""
    said(book, ACT)
    said(book, closing("bento"))

    signed = post(book, consent("bento", ACT), roles=ROLES)

    assert ("signed", [signed.index]) == (signed.outcome, [item.changed_leaf for item in signed.items])
    assert said(book, consent("abel", ACT)) == "payee_closed"
