"""Holds: set aside once, ended once, by those whose step it is and at the right millisecond."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.kinds.agents import Role
from protocol.kinds.holds import Hold, Resolution, ResolutionAction
from protocol.kinds.ledger import Purpose
from protocol.ledger import AMOUNT_MAX, Applied, Book, Instruction, LedgerCode, apply
from protocol.ledger.apply import tick
from protocol.ledger.replay import references_of
from protocol.limits import HOLD_MS_MAX
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
    transfer,
)

END_MS = 100_000
MEDIATORS = ("mara", "nilo")
MEMBERS = {named(name): frozenset({Role.MEMBER.value}) for name in ("ana", "bento", "carla", *MEDIATORS)}
MEMBERS |= {named("tina"): frozenset({Role.TREASURER.value}), named("aldo"): frozenset({Role.AUDITOR.value})}


class Ledger:
    """A book with the items that ended in it, as a node keeps them."""

    def __init__(self, *openings: Any) -> None:
        """Open these accounts; ana's and bento's where none is named."""
        self.book: Book = book_of(*(openings or (opening("ana"), opening("bento"))))
        self.ended: dict[bytes, Any] = {}

    def do(self, instruction: Instruction, now_ms: int = 2_000) -> str:
        """Apply one instruction, and give its outcome."""
        draft = self.book.draft()
        items = {**self.ended, **{item.id: item for item in self.book.items()}}
        draft.know(items[name] for name in references_of(instruction, items) if name in items)
        applied = apply(draft, instruction, now_ms=now_ms, keys_at=self.book.keys_at, roles=MEMBERS)
        return self._settled(draft, applied)

    def tick(self, now_ms: int) -> str:
        """Let time go on."""
        draft = self.book.draft()
        return self._settled(draft, tick(draft, now_ms=now_ms, keys_at=self.book.keys_at))

    def _settled(self, draft: Any, applied: Applied) -> str:
        draft.settle()
        self.ended.update((item.id, item) for item in applied.items if not item.is_open)
        return applied.outcome

    def pending(self, agent: str) -> tuple[int, int]:
        """What is set aside from and for an agent."""
        account = self.book.account(named(agent), UNIT)
        assert account is not None
        return account.debits_pending, account.credits_pending

    def balances(self) -> tuple[int, int]:
        """The balances of ana and bento."""
        return balance(self.book, "ana"), balance(self.book, "bento")


def hold(amount: int = 30_00, **changes: Any) -> Instruction:
    """Give a hold of ana for bento."""
    values: dict[str, Any] = {
        "ledger": LEDGER,
        "payer": named("ana"),
        "payee": named("bento"),
        "amount": amount,
        "unit": UNIT,
        "expires_ms": END_MS,
        **changes,
    }
    return Instruction(named(f"hold {sorted(values.items())!r}"), values["payer"], 1_000, Hold(**values))


def mediated(amount: int = 30_00, **changes: Any) -> Instruction:
    """Give a hold that names mediators."""
    return hold(amount, mediators=tuple(map(named, MEDIATORS)), **changes)


def resolution(
    of: Instruction | bytes, by: str, action: str, amount: int | None = None, again: str = ""
) -> Instruction:
    """Give what somebody says becomes of a hold."""
    what = of.id if isinstance(of, Instruction) else of
    body = Resolution(hold=what, action=ResolutionAction(action), amount=amount)
    return instruct(by, body, identifier=named(f"{what.hex()} {by} {action} {amount} {again}"))


def test_a_hold_sets_aside_without_moving() -> None:
    """Balances stay; what is set aside counts on both sides until it is posted."""
    ledger = Ledger()

    assert ledger.do(hold()) == "held"
    assert (ledger.balances(), ledger.pending("ana"), ledger.pending("bento")) == ((0, 0), (30_00, 0), (0, 30_00))
    assert ledger.do(resolution(hold(), "ana", "post")) == "posted"
    assert (ledger.balances(), ledger.pending("ana"), ledger.pending("bento")) == ((-30_00, 30_00), (0, 0), (0, 0))
    assert ledger.book.trial_balance() == {UNIT: 0}


def test_both_limits_are_reached_exactly_with_what_is_pending() -> None:
    """Balance, holds and payments together reach a limit and go no further, on either side."""
    ledger = Ledger(opening("ana", low=-100), opening("bento", high=100), opening("carla"))

    assert ledger.do(transfer("ana", "bento", 40)) == "posted"
    assert ledger.do(hold(60)) == "held"
    assert ledger.do(transfer("ana", "carla", 1)) == "debit_limit"
    assert ledger.do(hold(1, payee=named("carla"))) == "debit_limit"
    assert ledger.do(transfer("carla", "bento", 1)) == "credit_limit"
    assert ledger.do(hold(1, payer=named("carla"))) == "credit_limit"
    assert ledger.do(resolution(hold(60), "ana", "post")) == "posted"
    assert ledger.balances() == (-100, 100)


def test_a_hold_reaches_each_limit_alone() -> None:
    """A hold of the whole room is taken, one of a minor unit more is not."""
    assert Ledger(opening("ana", low=-100), opening("bento")).do(hold(100)) == "held"
    assert Ledger(opening("ana", low=-100), opening("bento")).do(hold(101)) == "debit_limit"
    assert Ledger(opening("ana"), opening("bento", high=100)).do(hold(100)) == "held"
    assert Ledger(opening("ana"), opening("bento", high=100)).do(hold(101)) == "credit_limit"


def test_a_part_is_posted_and_the_rest_is_free() -> None:
    """What isn't posted can be spent at once."""
    ledger = Ledger(opening("ana", low=-100), opening("bento"))
    ledger.do(hold(100))

    assert ledger.do(resolution(hold(100), "ana", "post", 30)) == "posted"
    assert (ledger.balances(), ledger.pending("ana")) == ((-30, 30), (0, 0))
    assert ledger.do(transfer("ana", "bento", 70)) == "posted"


def test_a_limit_lowered_since_does_not_undo_a_hold() -> None:
    """What was promised within the limits is posted, though nothing new would be."""
    ledger = Ledger()
    ledger.do(hold(50))
    ledger.do(limiting("ana", low=-10, high=100))

    assert ledger.do(transfer("ana", "bento", 1)) == "debit_limit"
    assert ledger.do(resolution(hold(50), "ana", "post")) == "posted"
    assert ledger.balances() == (-50, 50)


@pytest.mark.parametrize(("by", "first", "then"), [("ana", "post", "posted"), ("bento", "void", "voided")])
def test_a_hold_ends_once(by: str, first: str, then: str) -> None:
    """Whatever is asked of an ended hold is refused with what became of it, by whoever asks, and moves nothing."""
    ledger = Ledger()
    ledger.do(mediated())
    assert ledger.do(resolution(mediated(), by, first)) == then
    before = ledger.balances()

    for who, action in (("ana", "post"), ("bento", "void"), ("ana", "dispute"), ("mara", "post"), ("bento", "post")):
        assert ledger.do(resolution(mediated(), who, action, again="again")) == f"hold_{then}"
    assert ledger.tick(END_MS) == "time"
    assert (ledger.balances(), ledger.pending("ana"), ledger.pending("bento")) == (before, (0, 0), (0, 0))


def test_a_hold_expires_at_its_millisecond() -> None:
    """One millisecond before its end it can be posted; at its end it is free, before anything else is judged."""
    early, late = (
        Ledger(opening("ana", low=-30_00), opening("bento")),
        Ledger(opening("ana", low=-30_00), opening("bento")),
    )
    for ledger in (early, late):
        ledger.do(hold())

    assert early.do(resolution(hold(), "ana", "post"), END_MS - 1) == "posted"
    assert late.do(resolution(hold(), "ana", "post"), END_MS) == "hold_expired"
    assert (late.balances(), late.pending("ana"), late.pending("bento")) == ((0, 0), (0, 0), (0, 0))
    assert late.do(transfer("ana", "bento", 30_00), END_MS) == "posted"


def test_what_expires_makes_room_for_the_very_leaf_that_brings_its_time() -> None:
    """A payment at the end of a hold may spend what it set aside."""
    ledger = Ledger(opening("ana", low=-30_00), opening("bento"))
    ledger.do(hold())

    assert ledger.do(transfer("ana", "bento", 30_00), END_MS) == "posted"


def test_a_quiet_ledger_frees_it_by_a_leaf_of_time() -> None:
    """Nothing is asked, and what is over is free all the same; before its time nothing happens."""
    ledger = Ledger()
    ledger.do(hold())

    assert ledger.tick(END_MS - 1) == "time"
    assert ledger.pending("ana") == (30_00, 0)
    assert ledger.tick(END_MS) == "time"
    assert ledger.pending("ana") == (0, 0)
    assert [item.state for item in ledger.ended.values()] == ["expired"]


def test_a_clock_that_steps_back_brings_nothing_to_life() -> None:
    """The time of leaves never decreases, so what has ended stays so."""
    ledger = Ledger()
    ledger.do(hold())
    ledger.tick(END_MS)

    assert ledger.do(resolution(hold(), "ana", "post"), 5) == "hold_expired"


def test_the_payee_posts_alone_from_its_time_on() -> None:
    """Not a millisecond before; without such a time never."""
    ledger = Ledger()
    plain, timed = hold(1), hold(2, payee_posts_from_ms=50_000)
    ledger.do(plain)
    ledger.do(timed)

    assert ledger.do(resolution(plain, "bento", "post")) == "not_your_step"
    assert ledger.do(resolution(timed, "bento", "post"), 49_999) == "hold_too_early"
    assert ledger.do(resolution(timed, "bento", "post", again="again"), 50_000) == "posted"
    assert ledger.balances() == (-2, 2)


def test_a_dispute_stops_the_payee_and_the_clock() -> None:
    """Where mediators are named a disputed hold waits for them; the payee can't post it, the payer can."""
    ledger = Ledger()
    disputed = mediated(payee_posts_from_ms=50_000)
    ledger.do(disputed)

    assert ledger.do(resolution(disputed, "ana", "dispute")) == "disputed"
    assert ledger.do(resolution(disputed, "bento", "dispute")) == "hold_disputed"
    assert ledger.do(resolution(disputed, "bento", "post"), 50_000) == "hold_disputed"
    assert ledger.tick(END_MS + 1) == "time"
    assert ledger.pending("ana") == (30_00, 0)
    assert ledger.do(resolution(disputed, "ana", "post"), END_MS + 2) == "posted"
    assert ledger.balances() == (-30_00, 30_00)


def test_a_dispute_without_mediators_still_ends_with_its_time() -> None:
    """Nobody is named to decide, so nothing may be stuck for ever."""
    ledger = Ledger()
    disputed = hold(payee_posts_from_ms=50_000)
    ledger.do(disputed)
    ledger.do(resolution(disputed, "ana", "dispute"))

    assert ledger.do(resolution(disputed, "bento", "post"), 60_000) == "hold_disputed"
    ledger.tick(END_MS)
    assert ledger.pending("ana") == (0, 0)


@pytest.mark.parametrize(
    ("action", "amount", "ends", "moved"),
    [("post", None, "posted", 30_00), ("post", 10_00, "posted", 10_00), ("void", None, "voided", 0)],
)
def test_two_mediators_decide_together(action: str, amount: int | None, ends: str, moved: int) -> None:
    """One signs, nothing moves; the other consents, and it is done; neither can do both."""
    ledger = Ledger()
    ledger.do(mediated())
    ledger.do(resolution(mediated(), "bento", "dispute"))
    decision = resolution(mediated(), "mara", action, amount)

    assert ledger.do(decision) == "proposed"
    assert ledger.balances() == (0, 0)
    assert ledger.do(consent("mara", decision)) not in {"posted", "voided"}
    assert ledger.do(consent("carla", decision)) not in {"posted", "voided"}
    assert ledger.balances() == (0, 0)
    assert ledger.do(consent("nilo", decision)) == ends
    assert (ledger.balances(), ledger.pending("ana"), ledger.pending("bento")) == ((-moved, moved), (0, 0), (0, 0))


def test_mediators_who_disagree_change_nothing() -> None:
    """A decision that the other mediator declines is gone; a new one can be made."""
    ledger = Ledger()
    ledger.do(mediated())
    ledger.do(resolution(mediated(), "ana", "dispute"))
    first = resolution(mediated(), "mara", "void")
    ledger.do(first)

    assert ledger.do(consent("nilo", first, agree=False)) == "declined"
    second = resolution(mediated(), "nilo", "post")
    assert ledger.do(second) == "proposed"
    assert ledger.do(consent("mara", second)) == "posted"


def test_a_decision_comes_too_late_for_a_hold_that_has_ended() -> None:
    """When the payer pays while the second mediator still thinks, the consent moves nothing more."""
    ledger = Ledger()
    ledger.do(mediated())
    ledger.do(resolution(mediated(), "ana", "dispute"))
    decision = resolution(mediated(), "mara", "post")
    ledger.do(decision)
    ledger.do(resolution(mediated(), "ana", "post"))

    assert ledger.do(consent("nilo", decision)) == "hold_posted"
    assert ledger.balances() == (-30_00, 30_00)


def test_a_cent_does_not_end_the_payee_s_claim() -> None:
    """A part of what the payee could get otherwise is posted only with the payee's consent."""
    ledger = Ledger()
    claimed = mediated()
    ledger.do(claimed)
    part = resolution(claimed, "ana", "post", 1)

    assert ledger.do(part) == "proposed"
    assert ledger.pending("ana") == (30_00, 0)
    assert ledger.do(consent("bento", part)) == "posted"
    assert (ledger.balances(), ledger.pending("ana")) == ((-1, 1), (0, 0))


def test_an_account_with_something_set_aside_is_not_closed() -> None:
    """Neither side leaves while a hold is open."""
    ledger = Ledger()
    ledger.do(hold())

    assert ledger.do(closing("ana")) == "balance_not_zero"
    assert ledger.do(closing("bento")) == "balance_not_zero"
    ledger.do(resolution(hold(), "bento", "void"))
    assert ledger.do(closing("ana")) == "closed"


REFUSED = [
    (hold(ledger=named("serra")), "wrong_ledger"),
    (hold(unit="BRL"), "unknown_unit"),
    (hold(unit=OTHER_UNIT), "unknown_unit"),
    (hold(0), "amount_not_positive"),
    (hold(-1), "amount_not_positive"),
    (hold(AMOUNT_MAX + 1), "amount_too_large"),
    (hold(2**53 - 1), "amount_too_large"),
    (hold(payee=named("ana")), "self_payment"),
    (hold(expires_ms=2_000), "expired"),
    (hold(expires_ms=2_001 + HOLD_MS_MAX), "hold_too_long"),
    (hold(mediators=(named("mara"), named("zeca"))), "unknown_mediator"),
    (hold(payer=named("zeca")), "unknown_payer"),
    (hold(payee=named("zeca")), "unknown_payee"),
    (hold(payer=named("carla")), "payer_closed"),
    (hold(payee=named("carla")), "payee_closed"),
    (hold(100_01), "debit_limit"),
    (hold(11, payee=named("dora")), "credit_limit"),
    (resolution(mediated(), "ana", "post", 0), "amount_not_positive"),
    (resolution(mediated(), "ana", "post", -5), "amount_not_positive"),
    (resolution(named("nothing"), "ana", "post"), "unknown_hold"),
    (resolution(transfer("bento", "eva", 7), "bento", "post"), "unknown_hold"),
    (resolution(mediated(), "carla", "post"), "no_part_in_hold"),
    (resolution(mediated(), "ana", "void"), "not_your_step"),
    (resolution(mediated(), "bento", "post"), "not_your_step"),
    (resolution(mediated(), "mara", "dispute"), "not_your_step"),
    (resolution(mediated(), "mara", "post"), "hold_not_disputed"),
    (resolution(mediated(), "nilo", "void"), "hold_not_disputed"),
    (resolution(mediated(), "ana", "post", 30_01), "exceeds_hold"),
    (resolution(mediated(), "ana", "post", AMOUNT_MAX + 1), "exceeds_hold"),
    (resolution(hold(4, payee_posts_from_ms=9_000), "bento", "post"), "hold_too_early"),
    (resolution(hold(3), "ana", "dispute"), "hold_disputed"),
    (resolution(hold(5), "ana", "post"), "hold_posted"),
    (resolution(hold(6), "ana", "post"), "hold_voided"),
    (resolution(hold(7, expires_ms=1_999), "ana", "post"), "hold_expired"),
]


@pytest.mark.parametrize(("instruction", "code"), REFUSED, ids=[f"{code}-{n}" for n, (_, code) in enumerate(REFUSED)])
def test_refusal_is_a_leaf_that_moves_nothing(instruction: Instruction, code: str) -> None:
    """Each refusal has its code, takes its place among the leaves and leaves accounts and holds as they were."""
    ledger = Ledger(opening("ana"), opening("bento"), opening("carla"), opening("dora", high=10), opening("eva"))
    for each in (mediated(), hold(3), hold(4, payee_posts_from_ms=9_000), hold(5), hold(6), hold(7, expires_ms=1_999)):
        assert ledger.do(each, 1_500) == "held"
    ledger.do(closing("carla"))
    ledger.do(transfer("bento", "eva", 7))
    ledger.do(resolution(hold(3), "bento", "dispute"))
    ledger.do(resolution(hold(5), "ana", "post", again="first"))
    ledger.do(resolution(hold(6), "bento", "void"))
    ledger.tick(2_000)
    before = (tuple(ledger.book.accounts()), tuple(ledger.book.items()), ledger.book.size)

    assert ledger.do(instruction) == code
    assert (*before[:2], before[2] + 1) == (
        tuple(ledger.book.accounts()),
        tuple(ledger.book.items()),
        ledger.book.size,
    )


def test_every_refusal_of_holds_has_its_case() -> None:
    """No code about holds can be added without a case that shows when it is given."""
    ours = {code.value for code in LedgerCode if "hold" in code.value or code is LedgerCode.UNKNOWN_MEDIATOR}

    assert ours <= {code for _, code in REFUSED}


def test_a_hold_for_an_order_says_so() -> None:
    """What it is for stands in the hold, as in a transfer."""
    ordered = hold(purpose=Purpose(order=named("order"), text="arroz"))
    ledger = Ledger()
    ledger.do(ordered)
    (item,) = ledger.book.items()

    assert item.instruction.body.purpose.order == named("order")
