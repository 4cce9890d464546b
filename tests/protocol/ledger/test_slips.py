"""Slips: a clerk signs for a member without a device, a second person countersigns, once a number, within the cap."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from protocol.kinds.ledger import Transfer
from protocol.kinds.postings import RuleType
from tests.ledger_builders import OTHER_UNIT
from tests.ledger_town import DAY_MS, START_MS, Town, transfer


def assisted(cap: int = 50) -> Town:
    """Give a town that takes slips."""
    town = Town("ana", "bento", "vo", "celia", "caio")
    town.rule(RuleType.ASSISTED, amount=cap)
    return town


def pay(town: Town, amount: int, slip: int) -> str:
    """Let one clerk sign a slip and another one countersign; give the last outcome."""
    outcome = town.act("celia", transfer("vo", "ana", amount, slip=slip))
    return town.consent("caio", town.last.id) if outcome == "proposed" else outcome


REFUSED = [
    (transfer("bento", "ana", 5, slip=18), "not_assisted"),
    (transfer("vo", "celia", 5, slip=18), "own_slip"),
    (replace(transfer("vo", "ana", 5, slip=18), unit=OTHER_UNIT), "unknown_unit"),
    (transfer("vo", "ana", 5, slip=17), "slip_used"),
    (transfer("vo", "ana", 46, slip=18), "daily_cap"),
    (transfer("vo", "zeca", 5, slip=18), "unknown_payee"),
]


@pytest.mark.parametrize(("body", "code"), REFUSED, ids=[code for _, code in REFUSED])
def test_a_slip_that_may_not_be_is_refused(body: Transfer, code: str) -> None:
    """Each refusal has its code; nothing is proposed and nothing moves."""
    town = assisted(cap=50)
    assert pay(town, 5, 17) == "posted"
    before = (town.balances(), list(town.book.items()))

    assert town.act("celia", body) == code
    assert (town.balances(), list(town.book.items())) == before


def test_a_slip_is_posted_with_the_second_persons_signature() -> None:
    """Until then nothing moves."""
    town = assisted()

    assert town.act("celia", transfer("vo", "ana", 5, slip=17)) == "proposed"
    assert town.balance("vo") == 0
    assert town.consent("caio", town.last.id) == "posted"
    assert (town.balance("vo"), town.balance("ana")) == (-5, 5)


def test_a_clerk_does_not_countersign_its_own() -> None:
    """Nor does a member; a treasurer or auditor may."""
    town = assisted()
    town.act("celia", transfer("vo", "ana", 5, slip=17))
    act = town.last.id

    assert town.consent("celia", act) == "already_signed"
    assert town.consent("ana", act) == "not_yours_to_sign"
    assert town.balance("vo") == 0
    assert town.consent("aurora", act) == "posted"


def test_a_slip_number_counts_once() -> None:
    """Also when both were signed before either was countersigned, and long after."""
    town = assisted()
    town.act("celia", transfer("vo", "ana", 5, slip=17))
    first = town.last.id
    town.act("caio", transfer("vo", "bento", 6, slip=17))
    second = town.last.id

    assert town.consent("caio", first) == "posted"
    assert town.consent("celia", second) == "slip_used"
    assert pay(town, 1, 17) == "slip_used"
    town.now_ms += 91 * DAY_MS
    assert pay(town, 1, 17) == "slip_used"
    assert pay(town, 1, 18) == "posted"
    assert town.balance("vo") == -6


def test_the_daily_cap_may_be_reached_exactly_and_no_further() -> None:
    """It counts what was given on slips that day, by the ledger's time; the next day begins at nothing."""
    town = assisted(cap=40)
    town.now_ms = START_MS // DAY_MS * DAY_MS + DAY_MS - 10

    assert pay(town, 20, 1) == "posted"
    assert pay(town, 20, 2) == "posted"
    assert pay(town, 1, 3) == "daily_cap"
    town.now_ms += 9
    assert pay(town, 1, 4) == "daily_cap"
    town.now_ms += 1
    assert pay(town, 40, 5) == "posted"
    assert pay(town, 1, 6) == "daily_cap"


def test_two_slips_that_wait_are_held_to_the_cap_together() -> None:
    """What counts is what stands when the second signature comes."""
    town = assisted(cap=50)
    town.act("celia", transfer("vo", "ana", 30, slip=1))
    first = town.last.id
    town.act("celia", transfer("vo", "ana", 30, slip=2))
    second = town.last.id

    assert town.consent("caio", first) == "posted"
    assert town.consent("caio", second) == "daily_cap"


def test_a_clerk_signs_only_for_members_who_are_assisted() -> None:
    """For anybody else it is refused, and without a slip it leaves no leaf at all."""
    town = assisted()

    assert town.act("celia", transfer("bento", "ana", 5, slip=17)) == "not_assisted"
    assert town.act("celia", transfer("vo", "ana", 5)) == "not_allowed"
    assert town.act("vo", transfer("vo", "ana", 5)) == "posted"


@pytest.mark.parametrize("author", ["vo", "ana", "tereza", "aurora", "vila"])
def test_slips_are_signed_by_clerks(author: str) -> None:
    """Not by the member, who has no device; not by officers who aren't clerks."""
    assert assisted().act(author, transfer("vo", "ana", 5, slip=17)) == "not_allowed"


def test_nobody_signs_a_slip_for_the_own_account() -> None:
    """The clerk who would receive lets another clerk sign."""
    town = assisted()

    assert town.act("celia", transfer("vo", "celia", 5, slip=17)) == "own_slip"
    assert town.act("caio", transfer("vo", "celia", 5, slip=17)) == "proposed"


def test_without_the_assemblys_rule_there_are_no_slips() -> None:
    """The cap is the assembly's to say, in each unit."""
    assert Town().act("celia", transfer("vo", "ana", 5, slip=17)) == "unknown_rule"


def test_limits_bind_slips_too() -> None:
    """A cap is no limit of the account's."""
    town = assisted(cap=500)
    assert pay(town, 101, 1) == "debit_limit"


def test_a_slip_is_contested_by_its_payer_or_an_auditor() -> None:
    """For ninety days; it stays where it is, and the books say that it is contested."""
    town = assisted()
    pay(town, 5, 17)
    slip = town.item("slip", 17)
    assert slip is not None

    assert town.consent("ana", slip.id, agree=False) == "not_yours_to_sign"
    assert town.consent("celia", slip.id, agree=False) == "not_yours_to_sign"
    assert town.consent("aurora", slip.id, agree=False) == "contested"
    assert town.consent("vo", slip.id, agree=False) == "already_signed"
    assert town.balance("vo") == -5
    pay(town, 5, 18)
    late = town.item("slip", 18)
    assert late is not None
    town.now_ms += 90 * DAY_MS
    assert town.consent("vo", late.id, agree=False) == "already_ended"


def test_an_unsigned_slip_ends_after_thirty_days() -> None:
    """Then its number is free again: nothing was posted under it."""
    town = assisted()
    town.act("celia", transfer("vo", "ana", 5, slip=17))
    act = town.last.id
    town.now_ms += 30 * DAY_MS

    assert town.consent("caio", act) == "already_ended"
    assert pay(town, 5, 17) == "posted"


REFUSED_FUND = [(transfer("fund", "ana", 5), "fund_needs_minutes")]


def test_what_leaves_a_fund_needs_minutes() -> None:
    """A fund's own signature is not enough."""
    town = Town()
    for body, code in REFUSED_FUND:
        assert town.act("fund", body) == code
    assert town.act("ana", transfer("ana", "fund", 5)) == "posted"
