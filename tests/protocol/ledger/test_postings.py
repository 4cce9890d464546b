"""Postings: many amounts in one leaf, all of them or none."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body, to_map
from protocol.kinds.cash import Closing
from protocol.kinds.ledger import Account, AccountAction
from protocol.kinds.postings import LevyBase, Posting, PostingLine, PostingType, RuleType
from protocol.ledger import AMOUNT_MAX
from protocol.ledger.accounts import BALANCE_MAX
from tests.ledger_builders import LEDGER, OTHER_UNIT, UNIT, named
from tests.ledger_town import DAY_MS, MINUTES, START_MS, Town, agent, collection, lines, transfer


def dues(town: Town, amount: int = 10, **terms: Any) -> bytes:
    """Put a rule of dues for the fund in force."""
    return town.rule(RuleType.DUES, amount=amount, payee=agent("fund"), **terms)


def opening(*parts: tuple[str | None, str | None, int], minutes: bool = False) -> Posting:
    """Give opening balances."""
    return Posting(type=PostingType.OPENING, lines=lines(*parts), minutes=MINUTES if minutes else None)


def by_minutes(kind: PostingType, *parts: tuple[str, str, int]) -> Posting:
    """Give a posting that cites minutes."""
    return Posting(type=kind, lines=lines(*parts), minutes=MINUTES)


def test_dues_are_taken_of_everybody_in_one_leaf() -> None:
    """Each line moves its amount to the rule's payee; the sum stays zero and the leaf is one."""
    town = Town()
    rule = dues(town)
    size = town.book.size

    assert town.act("tereza", collection(PostingType.DUES, rule, "2027-03", ana=10, bento=10, vo=5)) == "posted"
    assert (town.balance("ana"), town.balance("bento"), town.balance("vo"), town.balance("fund")) == (-10, -10, -5, 25)
    assert (town.book.size - size, len(town.moves)) == (1, 3)


def test_a_batch_in_which_one_member_is_over_the_limit_posts_nothing() -> None:
    """The others aren't taken from either, and may be with the next batch."""
    town = Town()
    rule = dues(town)
    town.act("bento", transfer("bento", "ana", 95))
    before = town.balances()

    batch = collection(PostingType.DUES, rule, "2027-03", ana=10, bento=10, vo=10)
    assert town.act("tereza", batch) == "debit_limit"
    assert town.balances() == before
    assert town.act("tereza", collection(PostingType.DUES, rule, "2027-03", ana=10, vo=10)) == "posted"


def test_a_limit_may_be_reached_exactly_by_the_lines_together() -> None:
    """Each line is judged after those before it, on the payer's side and on the payee's."""
    town = Town()
    part = ("fund", "ana", 50)
    exact = (part, ("fund", "bento", 50))

    assert town.act("tereza", by_minutes(PostingType.FUND, *exact)) == "proposed"
    assert town.consent("aurora", town.last.id) == "posted"
    assert town.balance("fund") == -100
    assert town.act("tereza", by_minutes(PostingType.FUND, ("fund", "vo", 1))) == "debit_limit"
    rule = dues(town)
    town.act("ana", transfer("ana", "bento", 50))
    filled = collection(PostingType.DUES, rule, "2027", ana=10)
    assert town.act("tereza", filled) == "posted"


def test_the_payee_of_a_batch_may_not_go_over_its_upper_limit() -> None:
    """What all lines together bring is counted."""
    town = Town()
    rule = dues(town, 60)

    assert town.act("tereza", collection(PostingType.DUES, rule, "1", ana=60, bento=41)) == "credit_limit"
    assert town.act("tereza", collection(PostingType.DUES, rule, "1", ana=60, bento=40)) == "posted"


def test_a_rule_takes_of_a_payer_once_a_period() -> None:
    """The same rule, period and payer again is refused, whoever else is in the batch; another period is not."""
    town = Town()
    rule, other = dues(town), dues(town)
    assert town.act("tereza", collection(PostingType.DUES, rule, "2027-03", ana=10)) == "posted"
    assert town.act("tadeu", collection(PostingType.DUES, rule, "2027-03", bento=10, ana=10)) == "already_posted"
    assert town.act("tadeu", collection(PostingType.DUES, rule, "2027-04", bento=10, ana=10)) == "posted"
    assert town.act("tadeu", collection(PostingType.DUES, other, "2027-03", ana=10)) == "posted"


def test_what_a_posting_refers_to_is_what_keeps_it_from_being_posted_again() -> None:
    """The sequencer reads the rule and the items of all its lines before it is judged."""
    from protocol.ledger.postings import PostingRules

    town = Town()
    rule = dues(town)
    body = collection(PostingType.DUES, rule, "2027-03", ana=10, bento=10)
    wanted = PostingRules().references(town.instruction("tereza", body))
    town.act("tereza", body)

    assert wanted[0] == rule
    assert set(wanted[1:]) == {item.id for item in town.touched}


def test_opening_balances_come_over_whatever_the_limits_say() -> None:
    """Limits don't bind, the network's own account ends where it was, and members confirm or contest."""
    town = Town()

    assert town.act("tereza", opening((None, "ana", 500), ("bento", None, 500))) == "posted"
    assert (town.balance("ana"), town.balance("bento"), town.balance("vila")) == (500, -500, 0)
    assert town.act("bento", transfer("bento", "vo", 1)) == "debit_limit"
    assert town.act("ana", transfer("ana", "bento", 400)) == "posted"


def test_members_confirm_or_contest_their_opening_balance() -> None:
    """Only the member answers; a contested balance stays open until it is confirmed."""
    town = Town()
    town.act("tereza", opening((None, "ana", 50), ("bento", None, 50)))
    ids = {item.payee if item.payee != LEDGER else item.payer: item.id for item in town.touched}
    of_ana, of_bento = ids[agent("ana")], ids[agent("bento")]

    assert town.consent("bento", of_ana) == "not_yours_to_sign"
    assert town.consent("vila", of_ana) == "not_yours_to_sign"
    assert town.consent("ana", of_ana) == "confirmed"
    assert town.consent("bento", of_bento, agree=False) == "contested"
    contested = town.book.item(of_bento)
    assert contested is not None
    assert contested.state == "contested"
    assert town.consent("bento", of_bento) == "confirmed"
    assert town.book.item(of_bento) is None


def test_opening_balances_off_zero_wait_for_a_difference_that_cites_minutes() -> None:
    """Off zero is refused; the difference on a fund is refused without minutes, and posted with them."""
    town = Town()
    off = ((None, "ana", 50), ("bento", None, 30))
    difference = ("fund", None, 20)

    assert town.act("tereza", opening(*off)) == "opening_not_zero"
    assert town.act("tereza", opening(*off, minutes=True)) == "opening_not_zero"
    assert town.act("tereza", opening(*off, difference)) == "difference_without_minutes"
    assert town.act("tereza", opening(*off, difference, minutes=True)) == "posted"
    assert (town.balance("ana"), town.balance("bento"), town.balance("fund")) == (50, -30, -20)


@pytest.mark.parametrize("kind", [PostingType.WRITE_OFF, PostingType.FUND])
def test_what_cites_minutes_stays_proposed_until_an_auditor_signs(kind: PostingType) -> None:
    """Neither the treasurer again nor another one is enough."""
    town = Town()
    town.act("ana", transfer("ana", "bento", 40))
    body = by_minutes(kind, ("fund", "ana", 40))

    assert town.act("tereza", body) == "proposed"
    act = town.last.id
    assert town.balance("ana") == -40
    assert town.consent("tereza", act) == "already_signed"
    assert town.consent("tadeu", act) == "not_yours_to_sign"
    assert town.balance("ana") == -40
    assert town.consent("aurora", act) == "posted"
    assert (town.balance("ana"), town.balance("fund")) == (0, -40)


def test_no_auditor_signs_away_their_own_debt() -> None:
    """Who is a side of a matter doesn't sign it for an office; another auditor would have to."""
    town = Town("ana", "aurora", "bento")
    assert town.act("aurora", transfer("aurora", "bento", 10)) == "posted"
    assert town.act("tereza", by_minutes(PostingType.WRITE_OFF, ("fund", "aurora", 10))) == "proposed"

    assert town.consent("aurora", town.last.id) == "not_yours_to_sign"
    assert town.balance("aurora") == -10


def test_an_auditor_may_decline_a_write_off() -> None:
    """It ends there, and nothing moved."""
    town = Town()
    town.act("ana", transfer("ana", "bento", 40))
    town.act("tereza", by_minutes(PostingType.WRITE_OFF, ("fund", "ana", 40)))
    act = town.last.id

    assert town.consent("aurora", act, agree=False) == "declined"
    assert town.balance("ana") == -40


def test_circulation_takes_a_share_of_what_stands_above() -> None:
    """Ten in a thousand of what is above 10, rounded down; a minor unit more is refused."""
    town = Town()
    rule = town.rule(RuleType.CIRCULATION, per_mille=100, above=10, payee=agent("fund"))
    town.act("ana", transfer("ana", "bento", 49))

    assert town.act("tereza", collection(PostingType.CIRCULATION, rule, "2027-03", bento=4)) == "over_the_rule"
    assert town.act("tereza", collection(PostingType.CIRCULATION, rule, "2027-03", ana=1)) == "over_the_rule"
    assert town.act("tereza", collection(PostingType.CIRCULATION, rule, "2027-03", bento=3)) == "posted"


def test_a_levy_has_its_cap() -> None:
    """What it is counted on is the treasurer's to show; the rule's most is kept by the ledger."""
    town = Town()
    rule = town.rule(RuleType.LEVY, per_mille=20, base=LevyBase.BOTH, amount=5, payee=agent("fund"))

    assert town.act("tereza", collection(PostingType.LEVY, rule, "2027-03", ana=6)) == "over_the_rule"
    assert town.act("tereza", collection(PostingType.LEVY, rule, "2027-03", ana=5)) == "posted"


def test_an_import_moves_what_another_system_recorded() -> None:
    """Limits don't bind it, two rows may look alike, and a part is posted once under whatever key."""
    town = Town()
    rule = town.rule(RuleType.IMPORT, until_ms=START_MS + DAY_MS)
    rows = lines(("ana", "bento", 400), ("ana", "bento", 400), ("bento", "vo", 100))
    part = Posting(type=PostingType.IMPORTED, rule=rule, period="old.1", lines=rows)

    assert town.act("tereza", part) == "posted"
    assert (town.balance("ana"), town.balance("bento"), town.balance("vo")) == (-800, 700, 100)
    assert town.act("tadeu", part) == "already_posted"
    town.now_ms = START_MS + DAY_MS
    late = Posting(type=PostingType.IMPORTED, rule=rule, period="old.2", lines=rows)
    assert town.act("tereza", late) == "unknown_rule"


def test_nothing_is_brought_over_into_a_closed_period() -> None:
    """A line of the last closed millisecond is refused and with it the whole part; the next millisecond is open."""
    town = Town()
    rule = town.rule(RuleType.IMPORT, until_ms=START_MS + 30 * DAY_MS)
    closing = Closing(until_ms=START_MS - 1, size=1, minutes=MINUTES, auditors=(named("aurora"),))
    assert [town.act("tereza", closing), town.consent("aurora", town.last.id)] == ["proposed", "closed_period"]

    def part(*days: int) -> Posting:
        rows = tuple(PostingLine(amount=5, payer=named("ana"), payee=named("bento"), at_ms=day) for day in days)
        return Posting(type=PostingType.IMPORTED, rule=rule, period="old", lines=rows)

    assert town.act("tereza", part(START_MS, START_MS - 1)) == "period_closed"
    assert town.act("tereza", part(START_MS, START_MS + DAY_MS + 1)) == "date_in_future"
    assert town.balance("ana") == 0
    assert town.act("tereza", part(START_MS, START_MS)) == "posted"


def imported(rule: bytes, *parts: tuple[str, str, int], unit: str | None = None) -> Posting:
    """Give a part of an import."""
    return Posting(type=PostingType.IMPORTED, rule=rule, period="p", lines=lines(*parts), unit=unit)


def refused(town: Town, rule: bytes, free: bytes) -> list[tuple[Posting, str]]:
    """Give a posting for every refusal."""
    due = PostingType.DUES
    return [
        (collection(due, named("no rule"), "1", ana=5), "unknown_rule"),
        (collection(PostingType.LEVY, rule, "1", ana=5), "unknown_rule"),
        (imported(free, ("ana", "bento", 5), unit=OTHER_UNIT), "unknown_rule"),
        (Posting(type=PostingType.OPENING, lines=lines((None, "vo", 5)), unit=OTHER_UNIT), "unknown_unit"),
        (collection(due, rule, "1", ana=0), "amount_not_positive"),
        (collection(due, rule, "1", ana=5, bento=-5), "amount_not_positive"),
        (collection(due, rule, "1", ana=AMOUNT_MAX + 1), "amount_too_large"),
        (collection(due, rule, "1", fund=5), "self_payment"),
        (opening((None, "vila", 5)), "self_payment"),
        (
            Posting(type=due, rule=rule, period="1", lines=lines(("ana", None, 5), ("ana", None, 5))),
            "duplicate_line",
        ),
        (opening((None, "vo", 5), ("vo", None, 5)), "duplicate_line"),
        (by_minutes(PostingType.FUND, ("fund", "ana", 5), ("fund", "ana", 5)), "duplicate_line"),
        (collection(due, rule, "0", ana=5), "already_posted"),
        (collection(due, rule, "1", zeca=5), "unknown_payer"),
        (imported(free, ("ana", "zeca", 5)), "unknown_payee"),
        (imported(free, ("carla", "ana", 5)), "payer_closed"),
        (imported(free, ("ana", "carla", 5)), "payee_closed"),
        (collection(due, rule, "1", ana=11), "over_the_rule"),
        (by_minutes(PostingType.FUND, ("ana", "bento", 5)), "not_a_fund"),
        (by_minutes(PostingType.WRITE_OFF, ("fund", "ana", 11)), "more_than_debt"),
        (by_minutes(PostingType.WRITE_OFF, ("fund", "bento", 1)), "more_than_debt"),
        (opening((None, "ana", 5), ("vo", None, 5)), "account_in_use"),
        (opening((None, "vo", 5), ("empty", None, 5)), "difference_without_minutes"),
        (opening((None, "vo", 5)), "opening_not_zero"),
        (by_minutes(PostingType.FUND, ("fund", "ana", 60), ("fund", "bento", 51)), "debit_limit"),
        (by_minutes(PostingType.FUND, ("fund", "narrow", 2)), "credit_limit"),
    ]


def prepared() -> tuple[Town, list[tuple[Posting, str]]]:
    """Give a town in which each refusal has its occasion."""
    from protocol.kinds.ledger import AccountKind

    town = Town("ana", "bento", "vo", "carla")
    town.open("narrow", high=1)
    town.open("empty", kind=AccountKind.FUND)
    rule = dues(town)
    assert town.act("tereza", collection(PostingType.DUES, rule, "0", ana=10)) == "posted"
    assert town.act("vila", Account(account=agent("carla"), action=AccountAction.CLOSE)) == "closed"
    free = town.rule(RuleType.IMPORT, until_ms=START_MS + DAY_MS)
    return town, refused(town, rule, free)


REFUSED = refused(Town(), b"", b"")


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=[code for _, code in REFUSED])
def test_refusal_moves_nothing_and_keeps_nothing(number: int) -> None:
    """Each refusal has its code, and leaves balances and items as they were."""
    town, cases = prepared()
    body, code = cases[number]
    before = (town.balances(), list(town.book.items()))

    assert town.act("tereza", body) == code
    assert (town.balances(), list(town.book.items())) == before


def test_balances_stay_within_what_a_client_can_read() -> None:
    """An import that would go beyond 2^53 - 1 is refused, although limits don't bind it."""
    town = Town()
    rule = town.rule(RuleType.IMPORT, until_ms=START_MS + DAY_MS)
    whole = BALANCE_MAX // AMOUNT_MAX // 3

    for number in range(3):
        rows = lines(*[("ana", "bento", AMOUNT_MAX)] * whole)
        part = Posting(type=PostingType.IMPORTED, rule=rule, period=f"{number}", lines=rows)
        assert town.act("tereza", part) == "posted"
    rest = lines(*[("ana", "bento", AMOUNT_MAX)] * 3)
    last = Posting(type=PostingType.IMPORTED, rule=rule, period="last", lines=rest)
    assert town.act("tereza", last) == "debit_limit"


@pytest.mark.parametrize("author", ["ana", "aurora", "celia"])
def test_postings_are_the_treasurers(author: str) -> None:
    """Nobody else's leaves a leaf."""
    town = Town()
    assert town.act(author, opening((None, "ana", 5), ("bento", None, 5))) == "not_allowed"


def test_a_dues_posting_shows_no_member_the_others() -> None:
    """The record is the officers' to read; who gets of a fund is a party."""
    from protocol.ledger.postings import PostingRules

    town = Town()
    taken = town.instruction("tereza", collection(PostingType.DUES, named("rule"), "1", ana=5, bento=5))
    paid = town.instruction("tereza", by_minutes(PostingType.FUND, ("fund", "ana", 5)))

    assert PostingRules().parties(taken) == ()
    assert PostingRules().parties(paid) == (agent("fund"), agent("ana"))


WRONG = [
    ({"rule": None}, "missing_field"),
    ({"period": None}, "missing_field"),
    ({"type": "write_off", "lines": [{"payer": named("a"), "payee": named("b"), "amount": 1}]}, "missing_field"),
    ({"type": "fund", "lines": [{"payer": named("a"), "payee": named("b"), "amount": 1}]}, "missing_field"),
    ({"lines": []}, "out_of_range"),
    ({"lines": [{"payer": named("a"), "amount": 1}] * 301}, "too_many"),
    ({"lines": [{"payer": named("a"), "payee": named("b"), "amount": 1}]}, "out_of_range"),
    ({"lines": [{"amount": 1}]}, "out_of_range"),
    ({"type": "opening", "lines": [{"amount": 1}]}, "out_of_range"),
    ({"type": "opening", "lines": [{"payer": named("a"), "payee": named("b"), "amount": 1}]}, "out_of_range"),
    ({"type": "imported", "lines": [{"payer": named("a"), "amount": 1}]}, "out_of_range"),
    ({"period": "Março 2027"}, "out_of_range"),
    ({"minutes": {"date": "2027-02-31x", "number": "1", "hash": named("m")}}, "out_of_range"),
    ({"type": "gift"}, "out_of_range"),
]


@pytest.mark.parametrize(("change", "code"), WRONG)
def test_a_posting_without_its_parts_is_no_posting(change: dict[str, Any], code: str) -> None:
    """What a type needs is a matter of form: it leaves no leaf."""
    body = to_map(collection(PostingType.DUES, named("rule"), "2027-03", ana=5)) | change

    with pytest.raises(RemoteProtocolError) as caught:
        read_body("posting", {name: value for name, value in body.items() if value is not None})
    assert caught.value.code == Code(code)


def test_three_hundred_lines_fit_in_a_record() -> None:
    """A town's dues are one posting: the largest one stays below the bound of a record."""
    from protocol import codec
    from protocol.limits import POSTING_LINES_MAX, RECORD_BYTES_MAX

    body = collection(PostingType.DUES, named("rule"), "2027-03", **{f"m{n}": 10_000 for n in range(POSTING_LINES_MAX)})

    assert len(codec.encode(to_map(body))) < RECORD_BYTES_MAX - 400
    assert read_body("posting", to_map(body)) == body
    assert UNIT.startswith("agent:")
