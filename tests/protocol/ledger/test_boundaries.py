"""Boundaries that the tests of each kind leave out; `make mutants` showed them."""

from __future__ import annotations

import pytest

from protocol.kinds.cash import Cash, Direction
from protocol.kinds.holds import Hold
from protocol.kinds.postings import Posting, PostingType, RuleType
from protocol.ledger import rules_of
from protocol.ledger.rules import NO_ROLES
from protocol.limits import HOLD_MS_MAX
from tests.ledger_builders import LEDGER, UNIT, instruct
from tests.ledger_town import DAY_MS, MINUTES, Town, agent, collection, lines, transfer
from tests.protocol.ledger.test_holds import Ledger, hold, resolution


def test_nobody_sets_aside_what_is_another_s() -> None:
    """Only its payer signs a hold; who would receive it doesn't."""
    asked = hold()

    assert [True, False, False] == [
        rules_of(asked).is_entitled(instruct(who, asked.body), ledger=LEDGER, roles=NO_ROLES)
        for who in ("ana", "bento", "carla")
    ]


def test_the_longest_hold_is_a_hold() -> None:
    """The longest time may be reached exactly."""
    assert Ledger().do(hold(expires_ms=2_000 + HOLD_MS_MAX), now_ms=2_000) == "held"


def test_the_whole_of_a_hold_may_be_named() -> None:
    """The amount that is posted may reach the hold's exactly."""
    ledger = Ledger()
    asked = hold(30)

    assert ["held", "posted"] == [ledger.do(asked), ledger.do(resolution(asked, "ana", "post", 30))]
    assert (-30, 30) == ledger.balances()
    assert 30 == ledger.ended[asked.id].done


def test_dues_of_a_period_may_be_taken_in_two_batches() -> None:
    """What was taken of one member keeps nothing from being taken of another."""
    town = Town()
    rule = town.rule(RuleType.DUES, amount=10, payee=agent("fund"))

    batches = [collection(PostingType.DUES, rule, "2027-03", **{name: 10}) for name in ("ana", "bento", "ana")]

    assert ["posted", "posted", "already_posted"] == [town.act("tereza", batch) for batch in batches]


@pytest.mark.parametrize(("held", "outcome"), [(90, "posted"), (91, "debit_limit")])
def test_dues_take_nothing_that_is_set_aside(held: int, outcome: str) -> None:
    """A hold leaves less for the treasurer, too; what is left may be taken to the last."""
    town = Town()
    rule = town.rule(RuleType.DUES, amount=10, payee=agent("fund"))
    asked = Hold(LEDGER, agent("ana"), agent("bento"), held, UNIT, town.now_ms + DAY_MS)
    assert town.act("ana", asked) == "held"

    assert town.act("tereza", collection(PostingType.DUES, rule, "2027-03", ana=10)) == outcome


@pytest.mark.parametrize(("first", "then"), [(None, UNIT), (UNIT, None)])
def test_an_opening_balance_comes_over_once_whether_its_unit_is_named_or_not(
    first: str | None, then: str | None
) -> None:
    """The network's own unit is the same unit, said or not; also when the accounts are back at zero."""
    town = Town()

    def opening(unit: str | None) -> Posting:
        return Posting(type=PostingType.OPENING, unit=unit, lines=lines(("ana", None, 10), (None, "bento", 10)))

    assert ["posted", "posted"] == [town.act("tereza", opening(first)), town.act("bento", transfer("bento", "ana", 10))]

    assert "already_posted" == town.act("tereza", opening(then))


def test_a_debt_is_written_off_in_parts_and_no_further() -> None:
    """The lines of one posting are added up."""
    town = Town()
    assert town.act("ana", transfer("ana", "bento", 10)) == "posted"

    def written(*amounts: int) -> Posting:
        parts = lines(*(("fund", "ana", amount) for amount in amounts))
        return Posting(type=PostingType.WRITE_OFF, lines=parts, minutes=MINUTES)

    assert ["more_than_debt", "proposed"] == [town.act("tereza", written(6, 5)), town.act("tereza", written(6, 4))]


def test_money_of_two_kinds_lies_apart_in_one_box() -> None:
    """What a box holds is counted by unit; one kind of money doesn't pay out another."""
    town = Town()

    def cash(direction: Direction, unit: str) -> Cash:
        return Cash(
            box="feira", direction=direction, amount=10, unit=unit, purpose="feira", name="Zé", at_ms=town.now_ms
        )

    assert ["booked", "cash_short"] == [
        town.act("tereza", cash(Direction.IN, "BRL")),
        town.act("tereza", cash(Direction.OUT, "EUR")),
    ]
