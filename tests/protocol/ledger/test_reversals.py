"""Reversals: with both consents, at most the amount, once, and never of a reversal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from protocol.kinds.postings import RuleType
from protocol.ledger.apply import RULES
from protocol.ledger.instructions import Instruction
from protocol.ledger.reversals import reversed_id
from tests.ledger_builders import LEDGER, OTHER_UNIT, named
from tests.ledger_town import Town
from tests.ledger_town import transfer as town_transfer
from tests.request_builders import DAY_MS, START_MS, Table, asking, no, reais, reversing, transfer, yes


def paid(table: Table, amount: int = 30, **changes: Any) -> bytes:
    """Let Ana pay Bento, and give the transfer's id."""
    outcome, identifier = table.say("ana", transfer("ana", "bento", amount, **changes))
    assert outcome == "posted"
    return identifier


@pytest.mark.parametrize(("by", "other"), [("ana", "bento"), ("bento", "ana")])
def test_a_reversal_waits_for_the_other_side(by: str, other: str) -> None:
    """Either side proposes it; nothing moves before the other one has agreed."""
    table = Table("ana", "bento")
    back = reversing(paid(table), "bento", "ana", 30)

    outcome, reversal = table.say(by, back)
    assert (outcome, -30) == ("proposed", table.balance("ana"))
    assert table.say(by, yes(reversal))[0] == "already_signed"
    assert table.say(other, yes(reversal))[0] == "reversed"

    assert (0, 0) == (table.balance("ana"), table.balance("bento"))


def test_nobody_else_can_agree() -> None:
    """A third member's consent isn't asked for, and neither is the network's."""
    table = Table("ana", "bento", "carla")
    _, reversal = table.say("ana", reversing(paid(table), "bento", "ana", 30))

    assert table.say("carla", yes(reversal))[0] == "not_yours_to_sign"
    assert table.say(LEDGER, yes(reversal))[0] == "not_yours_to_sign"
    assert -30 == table.balance("ana")


@pytest.mark.parametrize("by", ["ana", "bento"])
def test_a_reversal_that_is_declined_moves_nothing(by: str) -> None:
    """The other side declines, or the author takes it back; then it can be proposed anew."""
    table = Table("ana", "bento")
    back = reversing(paid(table), "bento", "ana", 30)
    _, reversal = table.say("ana", back)

    assert table.say(by, no(reversal))[0] == "declined"
    assert table.say("bento", yes(reversal))[0] == "already_ended"
    assert -30 == table.balance("ana")
    assert table.say("ana", back)[0] == "proposed"


def test_part_of_a_transfer_can_be_moved_back_and_never_more_than_all() -> None:
    """At most its amount, and at least one minor unit."""
    table = Table("ana", "bento")
    transfer_id = paid(table)

    assert table.say("ana", reversing(transfer_id, "bento", "ana", 31))[0] == "more_than_transferred"
    assert table.say("ana", reversing(transfer_id, "bento", "ana", 0))[0] == "amount_not_positive"
    _, reversal = table.say("ana", reversing(transfer_id, "bento", "ana", 12))
    assert table.say("bento", yes(reversal))[0] == "reversed"

    assert (-18, 18) == (table.balance("ana"), table.balance("bento"))
    assert ("reversed", False, 12) == table.state(reversed_id(transfer_id))


def test_a_transfer_is_moved_back_once() -> None:
    """Not again, not the rest of it, and not by a proposal that was waiting meanwhile."""
    table = Table("ana", "bento")
    transfer_id = paid(table)
    _, first = table.say("ana", reversing(transfer_id, "bento", "ana", 12))
    _, second = table.say("bento", reversing(transfer_id, "bento", "ana", 30))
    assert table.say("bento", yes(first))[0] == "reversed"

    assert table.say("ana", reversing(transfer_id, "bento", "ana", 18))[0] == "already_reversed"
    assert table.say("ana", yes(second))[0] == "already_reversed"
    assert -18 == table.balance("ana")


def test_a_reversal_is_not_reversed() -> None:
    """Only transfers are; nor is anything else that is no transfer, or was refused."""
    table = Table("ana", "bento")
    _, reversal = table.say("ana", reversing(paid(table), "bento", "ana", 30))
    table.say("bento", yes(reversal))
    _, request = table.say("bento", asking("ana", "bento", 5))
    _, refused = table.say("ana", transfer("ana", "bento", 10**9))

    for wrong in (reversal, request, refused, named("nothing")):
        assert table.say("ana", reversing(wrong, "ana", "bento", 5))[0] == "unknown_transfer"


REFUSED: list[tuple[str, str, int, dict[str, Any], str]] = [
    ("ana", "bento", 5, {}, "not_as_transferred"),
    ("carla", "ana", 5, {}, "not_as_transferred"),
    ("bento", "carla", 5, {}, "not_as_transferred"),
    ("bento", "ana", 5, {"unit": OTHER_UNIT}, "unknown_unit"),
    ("bento", "ana", 5, {"ledger": named("serra")}, "wrong_ledger"),
    ("bento", "ana", 5, {"transfer": named("nothing")}, "unknown_transfer"),
    ("bento", "ana", 0, {}, "amount_not_positive"),
    ("bento", "bento", 5, {}, "self_payment"),
    ("bento", "ana", 31, {}, "more_than_transferred"),
    ("bento", "ana", 31, {"transfer": named("reversed")}, "already_reversed"),
]


@pytest.mark.parametrize(("payer", "payee", "amount", "changes", "code"), REFUSED)
def test_a_reversal_must_fit_its_transfer(
    payer: str, payee: str, amount: int, changes: dict[str, Any], code: str
) -> None:
    """Its payee gives back to its payer, in its unit, not more than it moved; nobody else's account is touched."""
    table = Table("ana", "bento", "carla")
    transfer_id, before = paid(table), paid(table)
    _, reversal = table.say("ana", reversing(before, "bento", "ana", 1))
    table.say("bento", yes(reversal))
    if changes.get("transfer") == named("reversed"):
        changes = {"transfer": before}

    assert table.say(payer, reversing(transfer_id, payer, payee, amount, **changes))[0] == code
    assert -59 == table.balance("ana")


@pytest.mark.parametrize(
    ("state", "outcome"), [("proposed", "unknown_transfer"), ("declined", "unknown_transfer"), ("done", "proposed")]
)
def test_what_was_only_proposed_is_not_moved_back(state: str, outcome: str) -> None:
    """A transfer that waited for a second signature counts once it was posted, and not before."""
    table = Table("ana", "bento")
    transfer_id = paid(table)
    table.items[transfer_id] = replace(table.posted[transfer_id], kind="act", state=state)

    assert table.say("ana", reversing(transfer_id, "bento", "ana", 5))[0] == outcome


def test_only_the_two_sides_propose() -> None:
    """A third person's proposal is nobody's to sign."""
    body = reversing(named("transfer"), "bento", "ana", 5)
    for who, entitled in (("ana", True), ("bento", True), ("carla", False)):
        instruction = Instruction(named("x"), named(who), START_MS, body)
        assert entitled is RULES[type(body)].is_entitled(instruction, ledger=LEDGER, roles={})


def test_the_limits_hold_when_it_is_posted() -> None:
    """Who can't give back is refused at the consent; when it can again, another consent does it."""
    table = Table("ana", "bento", "carla", low=-20)
    transfer_id = paid(table, 20)
    _, reversal = table.say("ana", reversing(transfer_id, "bento", "ana", 20))
    table.say("bento", transfer("bento", "carla", 25))

    assert table.say("bento", yes(reversal))[0] == "debit_limit"
    table.say("carla", transfer("carla", "bento", 5))
    assert table.say("bento", yes(reversal))[0] == "reversed"
    assert 0 == table.balance("ana")


def test_nothing_is_moved_back_from_or_to_a_closed_account() -> None:
    """Who has left gets nothing back and gives nothing back; the act stays open until its time."""
    table = Table("ana", "bento", "carla")
    transfer_id = paid(table)
    _, reversal = table.say("ana", reversing(transfer_id, "bento", "ana", 30))
    table.say("bento", transfer("bento", "carla", 30))
    table.close("bento")

    assert table.say("bento", yes(reversal))[0] == "payer_closed"
    assert table.say("ana", reversing(transfer_id, "bento", "ana", 5))[0] == "payer_closed"


def test_a_reversal_is_no_way_out_of_a_fund() -> None:
    """What leaves a fund is the assembly's to decide, also when it came in by mistake."""
    town = Town("ana")
    assert town.act("ana", town_transfer("ana", "fund", 30)) == "posted"

    assert town.act("ana", reversing(town.last.id, "fund", "ana", 30)) == "fund_needs_minutes"


def test_much_goes_back_from_the_treasury_with_a_second_officer() -> None:
    """Above the amount of the rule about signatures the other side's consent isn't enough."""
    town = Town("ana")
    town.rule(RuleType.SIGNATURES, amount=20)
    assert town.act("ana", town_transfer("ana", "vila", 50)) == "posted"
    paid_id = town.last.id
    body = reversing(paid_id, "vila", "ana", 30)

    assert town.act("ana", body) == "proposed"
    reversal = town.last.id
    assert town.consent("vila", reversal) == "signed"
    assert town.balance("ana") == -50
    assert town.consent("aurora", reversal) == "reversed"
    assert town.balance("ana") == -20


def test_a_little_goes_back_from_the_treasury_with_one_consent() -> None:
    """Up to that amount, itself included."""
    town = Town("ana")
    town.rule(RuleType.SIGNATURES, amount=20)
    town.act("ana", town_transfer("ana", "vila", 50))
    town.act("ana", reversing(town.last.id, "vila", "ana", 20))

    assert town.consent("vila", town.last.id) == "reversed"


def test_a_proposal_ends_after_thirty_days() -> None:
    """Then it can be proposed anew."""
    table = Table("ana", "bento")
    _, reversal = table.say("ana", reversing(paid(table), "bento", "ana", 30))

    table.pass_to(START_MS + 30 * DAY_MS)

    assert table.say("bento", yes(reversal))[0] == "already_ended"
    assert -30 == table.balance("ana")


def test_what_the_transfer_paid_stays_paid() -> None:
    """A request that was paid stays paid, also when its payment is moved back; one with an official part too."""
    table = Table("ana", "bento")
    _, request = table.say("bento", asking("ana", "bento", 30))
    transfer_id = paid(table, 30, request=request, official=reais(650))
    _, reversal = table.say("bento", reversing(transfer_id, "bento", "ana", 30))
    assert table.say("ana", yes(reversal))[0] == "reversed"

    assert ("paid", False, 30) == table.state(request)
    assert table.say("ana", transfer("ana", "bento", 30, request=request))[0] == "request_closed"
