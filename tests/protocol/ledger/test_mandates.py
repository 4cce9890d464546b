"""Mandates: the payee draws, up to an amount a period, until a day or until either side ends it."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.kinds.requests import Period
from protocol.ledger.apply import RULES
from protocol.ledger.instructions import Instruction
from protocol.ledger.requests import TERM_MS_MAX
from tests.ledger_builders import LEDGER, OTHER_UNIT, named
from tests.request_builders import DAY_MS, START_MS, Table, allowing, asking, no, transfer, yes


def allowed(table: Table, amount: int = 50, period: str = "week", **changes: Any) -> bytes:
    """Let Ana allow Bento to draw, and give the mandate's id."""
    outcome, identifier = table.say("ana", allowing("ana", "bento", amount, period, **changes))
    assert outcome == "allowed"
    return identifier


def draw(table: Table, mandate: bytes, amount: int, **changes: Any) -> str:
    """Let Bento draw on a mandate, and give the outcome."""
    return table.say("bento", transfer("ana", "bento", amount, mandate=mandate, **changes))[0]


def ms_of(*when: int) -> int:
    """Give a moment of UTC in milliseconds."""
    return int(datetime(*when, tzinfo=UTC).timestamp()) * 1000  # type: ignore[misc,arg-type]


def test_the_amount_of_a_period_may_be_reached_exactly_and_no_further() -> None:
    """Draws of one period add up; the exact amount is allowed, one minor unit more is not."""
    table = Table("ana", "bento")
    mandate = allowed(table)

    assert ["posted", "posted", "mandate_limit"] == [draw(table, mandate, amount) for amount in (20, 30, 1)]
    assert (-50, 50) == (table.balance("ana"), table.balance("bento"))
    assert ("allowed", True, 50) == table.state(mandate)


@pytest.mark.parametrize(
    ("period", "last", "first"),
    [
        ("day", (2026, 11, 24, 23, 59, 59), (2026, 11, 25)),
        ("week", (2026, 11, 29, 23, 59, 59), (2026, 11, 30)),
        ("month", (2026, 11, 30, 23, 59, 59), (2026, 12, 1)),
    ],
)
def test_a_new_period_counts_anew(period: str, last: tuple[int, ...], first: tuple[int, ...]) -> None:
    """Days, weeks from Monday and months of UTC, by the time of the leaf; nothing is carried over."""
    table = Table("ana", "bento")
    mandate = allowed(table, 50, period)
    assert draw(table, mandate, 40) == "posted"

    table.now_ms = ms_of(*last)
    assert draw(table, mandate, 11) == "mandate_limit"
    table.now_ms = ms_of(*first)

    assert draw(table, mandate, 51) == "mandate_limit"
    assert draw(table, mandate, 50) == "posted"
    assert -90 == table.balance("ana")


STEPS = st.lists(st.tuples(st.integers(0, 20 * DAY_MS), st.integers(1, 60), st.booleans()), max_size=25)
"""How long to wait, how much to draw, and whether a leaf without a record comes before."""


@given(period=st.sampled_from(Period), steps=STEPS)
def test_no_period_of_the_calendar_sees_more_than_its_amount(
    period: Period, steps: list[tuple[int, int, bool]]
) -> None:
    """Whatever is drawn when, a draw is refused exactly where the calendar's own count says so."""
    table = Table("ana", "bento", low=-(10**6), high=10**6)
    mandate = allowed(table, 100, period.value)
    drawn: Counter[tuple[int, ...]] = Counter()
    for wait_ms, amount, is_ticked in steps:
        table.now_ms += wait_ms
        if is_ticked:
            table.pass_to(table.now_ms)
        day = datetime.fromtimestamp(table.now_ms // 1000, UTC).date()
        if table.now_ms >= START_MS + 100 * DAY_MS:
            assert draw(table, mandate, amount) == "mandate_ended"
            continue
        names = {Period.DAY: (day.toordinal(),), Period.WEEK: tuple(day.isocalendar()[:2])}
        place = names.get(period, (day.year, day.month))
        fits = drawn[place] + amount <= 100
        assert draw(table, mandate, amount) == ("posted" if fits else "mandate_limit")
        drawn[place] += amount if fits else 0

    assert -sum(drawn.values()) == table.balance("ana")


def test_time_alone_ends_a_period() -> None:
    """A leaf without a record at the end of the period sets the count to nothing; the mandate stays."""
    table = Table("ana", "bento")
    mandate = allowed(table, 50, "day")
    draw(table, mandate, 50)

    table.pass_to(START_MS + DAY_MS)

    assert ("allowed", True, 0) == table.state(mandate)


def test_a_mandate_ends_on_its_day() -> None:
    """At its end nothing can be drawn, also in the midst of a period and after a long silence."""
    table = Table("ana", "bento")
    until_ms = START_MS + 3 * DAY_MS
    drawn, idle = allowed(table, until_ms=until_ms), allowed(table, until_ms=until_ms, period="month")
    assert draw(table, drawn, 5) == "posted"

    table.now_ms = until_ms - 1
    assert draw(table, drawn, 5) == "posted"
    table.now_ms = until_ms
    assert draw(table, drawn, 5) == "mandate_ended"
    assert draw(table, idle, 5) == "mandate_ended"

    assert (("ended", False, 10), ("ended", False, 0)) == (table.state(drawn), table.state(idle))


def test_a_long_silence_ends_period_and_mandate_at_once() -> None:
    """The first leaf after both has neither."""
    table = Table("ana", "bento")
    mandate = allowed(table, period="day")
    draw(table, mandate, 50)

    table.pass_to(START_MS + 1000 * DAY_MS)

    assert "ended" == table.state(mandate)[0]


@pytest.mark.parametrize("by", ["ana", "bento"])
def test_either_side_ends_it(by: str) -> None:
    """After that nothing can be drawn, and it can't be ended again."""
    table = Table("ana", "bento")
    mandate = allowed(table)

    assert table.say(by, no(mandate))[0] == "ended"
    assert draw(table, mandate, 1) == "mandate_ended"
    assert table.say("ana", no(mandate))[0] == "already_ended"


def test_nobody_else_ends_it() -> None:
    """Others can't, and agreeing means nothing."""
    table = Table("ana", "bento", "carla")
    mandate = allowed(table)

    assert table.say("carla", no(mandate))[0] == "not_yours_to_sign"
    assert table.say("bento", yes(mandate))[0] == "nothing_to_answer"
    assert draw(table, mandate, 1) == "posted"


def test_the_limits_of_both_accounts_hold() -> None:
    """What the mandate allows the payer's limit may still refuse; a refused draw counts nothing."""
    table = Table("ana", "bento", low=-20)
    mandate = allowed(table)

    assert draw(table, mandate, 21) == "debit_limit"
    assert ("allowed", True, 0) == table.state(mandate)
    assert draw(table, mandate, 20) == "posted"


def test_a_draw_may_pay_a_request() -> None:
    """Both count; what one of them refuses counts on neither."""
    table = Table("ana", "bento")
    mandate = allowed(table, 30)
    _, request = table.say("bento", asking("ana", "bento", 40))

    both = {"mandate": mandate, "request": request}
    assert "mandate_limit" == table.say("bento", transfer("ana", "bento", 31, **both))[0]
    assert "posted" == table.say("bento", transfer("ana", "bento", 30, **both))[0]

    assert (("allowed", True, 30), ("part_paid", True, 30)) == (table.state(mandate), table.state(request))


DRAWN = [
    ("carla", "bento", 5, "mandate", "not_as_mandated"),
    ("ana", "carla", 5, "mandate", "not_as_mandated"),
    ("ana", "bento", 5, "nothing", "unknown_mandate"),
    ("ana", "bento", 5, "request", "unknown_mandate"),
    ("ana", "bento", 51, "mandate", "mandate_limit"),
    ("ana", "bento", 5, "ended", "mandate_ended"),
]


@pytest.mark.parametrize(("payer", "payee", "amount", "what", "code"), DRAWN)
def test_a_draw_must_fit_its_mandate(payer: str, payee: str, amount: int, what: str, code: str) -> None:
    """The same payer, payee and unit, not more than is allowed, and a mandate that is there; a request is none."""
    table = Table("ana", "bento", "carla")
    mandates = {"mandate": allowed(table), "ended": allowed(table), "nothing": named("nothing")}
    table.say("bento", no(mandates["ended"]))
    mandates["request"] = table.say("bento", asking("ana", "bento", 40))[1]

    assert code == table.say(payee, transfer(payer, payee, amount, mandate=mandates[what]))[0]
    assert (("allowed", True, 0), 0) == (table.state(mandates["mandate"]), table.balance("ana"))


@pytest.mark.parametrize(("mandate", "signer"), [(None, "ana"), (named("mandate"), "bento")])
def test_who_draws_signs(mandate: bytes | None, signer: str) -> None:
    """A transfer is its payer's to sign; with a mandate the payee's, and nobody else's."""
    body = transfer("ana", "bento", 5, mandate=mandate)
    for who in ("ana", "bento", "carla"):
        instruction = Instruction(named("x"), named(who), START_MS, body)
        assert (who == signer) is RULES[type(body)].is_entitled(instruction, ledger=LEDGER, roles={})


ALLOWED = [
    (allowing("ana", "bento", 5, ledger=named("serra")), "wrong_ledger"),
    (allowing("ana", "bento", 5, unit=OTHER_UNIT), "unknown_unit"),
    (allowing("ana", "bento", 0), "amount_not_positive"),
    (allowing("ana", "bento", 10**13 + 1), "amount_too_large"),
    (allowing("ana", "ana", 5), "self_payment"),
    (allowing("ana", "bento", 5, until_ms=START_MS), "expired"),
    (allowing("ana", "bento", 5, until_ms=START_MS + 1), "allowed"),
    (allowing("ana", "bento", 5, until_ms=START_MS + TERM_MS_MAX), "allowed"),
    (allowing("ana", "bento", 5, until_ms=START_MS + TERM_MS_MAX + 1), "term_too_long"),
    (allowing("zeca", "bento", 5), "unknown_payer"),
    (allowing("ana", "zeca", 5), "unknown_payee"),
]


@pytest.mark.parametrize(("mandate", "outcome"), ALLOWED, ids=[f"{c}-{n}" for n, (_, c) in enumerate(ALLOWED)])
def test_a_mandate_is_judged_by_itself(mandate: Any, outcome: str) -> None:
    """What is allowed must make sense; whether the payer can afford it is seen when it is drawn on."""
    table = Table("ana", "bento")
    author = "zeca" if mandate.payer == named("zeca") else "ana"

    assert table.say(author, mandate)[0] == outcome


REFUSED = [case for case in (*ALLOWED, *DRAWN) if case[-1] != "allowed"]


@pytest.mark.parametrize(("closed", "code"), [("ana", "payer_closed"), ("bento", "payee_closed")])
def test_nothing_is_drawn_from_or_to_a_closed_account(closed: str, code: str) -> None:
    """Neither new mandates nor draws on old ones."""
    table = Table("ana", "bento")
    mandate = allowed(table)
    table.close(closed)

    assert table.say("ana", allowing("ana", "bento", 5))[0] == code
    assert draw(table, mandate, 5) == code


def test_nobody_allows_drawing_from_another_account() -> None:
    """A mandate in another's name is nobody's to sign."""
    instruction = Instruction(named("x"), named("bento"), START_MS, allowing("ana", "bento", 5))

    assert not RULES[type(instruction.body)].is_entitled(instruction, ledger=LEDGER, roles={})
