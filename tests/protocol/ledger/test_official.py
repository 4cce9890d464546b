"""The official part of a price: stated by the payer, confirmed or contested by the payee, never in a balance."""

from __future__ import annotations

from protocol.ledger.official import ANSWER_MS_MAX
from protocol.ledger.rules import OPEN_ITEMS_MAX
from tests.ledger_builders import UNIT
from tests.request_builders import START_MS, Table, no, reais, transfer, yes


def stated(table: Table) -> bytes:
    """Let Ana pay Bento 4 credits and state R$ 6,50 beside them; give the transfer's id."""
    outcome, identifier = table.say("ana", transfer("ana", "bento", 4_00, official=reais(6_50)))
    assert outcome == "posted"
    return identifier


def test_it_is_never_in_a_balance() -> None:
    """Stated or confirmed, the accounts hold the credit and nothing else; no unit is added."""
    table = Table("ana", "bento")
    transfer_id = stated(table)
    table.say("bento", yes(transfer_id))

    assert (-4_00, 4_00) == (table.balance("ana"), table.balance("bento"))
    assert {UNIT: 0} == table.book.trial_balance()


def test_the_payee_confirms() -> None:
    """It is open until then, in official money, and closed after."""
    table = Table("ana", "bento")
    transfer_id = stated(table)
    item = table.items[transfer_id]
    assert ("official", "stated", True, 6_50, "BRL") == (item.kind, item.state, item.is_open, item.amount, item.unit)

    assert table.say("bento", yes(transfer_id))[0] == "confirmed"

    assert ("confirmed", False, 6_50) == table.state(transfer_id)
    assert table.say("bento", no(transfer_id))[0] == "already_ended"


def test_what_is_contested_can_still_be_confirmed() -> None:
    """The money may come a day later; contesting twice says nothing new."""
    table = Table("ana", "bento")
    transfer_id = stated(table)

    assert table.say("bento", no(transfer_id))[0] == "contested"
    assert ("contested", True, 0) == table.state(transfer_id)
    assert table.say("bento", no(transfer_id))[0] == "already_signed"
    assert table.say("bento", yes(transfer_id))[0] == "confirmed"


def test_only_the_payee_answers() -> None:
    """Not who stated it, and nobody else."""
    table = Table("ana", "bento", "carla")
    transfer_id = stated(table)

    assert table.say("ana", yes(transfer_id))[0] == "not_yours_to_sign"
    assert table.say("carla", no(transfer_id))[0] == "not_yours_to_sign"
    assert ("stated", True, 0) == table.state(transfer_id)


def test_a_transfer_without_an_official_part_asks_nothing() -> None:
    """There is nothing to confirm."""
    table = Table("ana", "bento")
    _, transfer_id = table.say("ana", transfer("ana", "bento", 4_00))

    assert table.say("bento", yes(transfer_id))[0] == "nothing_to_answer"


def test_a_refused_transfer_states_nothing() -> None:
    """What wasn't posted has no official part."""
    table = Table("ana", "bento", low=0)
    outcome, transfer_id = table.say("ana", transfer("ana", "bento", 1, official=reais(5)))

    assert outcome == "debit_limit"
    assert transfer_id not in table.items
    assert table.say("bento", yes(transfer_id))[0] == "unknown_item"


def test_only_so_many_can_wait_for_an_answer() -> None:
    """A payer with too much open states no more; without an official part the payment is taken."""
    table = Table("ana", "bento", low=-(10**6))
    for _ in range(OPEN_ITEMS_MAX):
        table.say("ana", transfer("ana", "bento", 1, official=reais(1)))

    assert table.say("ana", transfer("ana", "bento", 1, official=reais(1)))[0] == "too_many_open"
    assert table.say("ana", transfer("ana", "bento", 1))[0] == "posted"


def test_it_stays_as_it_was_last_said_after_ninety_days() -> None:
    """Without an answer it is stated for ever, and contested where it was."""
    table = Table("ana", "bento")
    silent, contested = stated(table), stated(table)
    table.say("bento", no(contested))

    table.pass_to(START_MS + ANSWER_MS_MAX)

    assert (("stated", False, 0), ("contested", False, 0)) == (table.state(silent), table.state(contested))
    assert table.say("bento", yes(contested))[0] == "already_ended"
