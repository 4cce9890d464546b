"""Rules of the assembly: two signatures, minutes, and what is in force."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body, to_map
from protocol.kinds.ledger import Account, AccountAction
from protocol.kinds.postings import LimitRow, PostingType, Rule, RuleType
from tests.ledger_builders import OTHER_UNIT, named
from tests.ledger_town import DAY_MS, MINUTES, START_MS, Town, agent, collection


def rule(kind: RuleType = RuleType.DUES, **terms: Any) -> Rule:
    """Give the body of a rule; of dues for the fund where nothing else is said."""
    values = {"amount": 10, "payee": agent("fund")} if kind is RuleType.DUES else {}
    return Rule(type=kind, title="Contribuição", minutes=MINUTES, **{**values, **terms})


def limits(*rows: LimitRow) -> Rule:
    """Give the body of a rule about limits."""
    return Rule(type=RuleType.LIMITS, title="Limites", minutes=MINUTES, rows=rows)


def test_a_rule_is_in_force_when_an_auditor_has_signed_it_too() -> None:
    """The treasurer's signature proposes; another treasurer's isn't enough; the auditor's puts it in force."""
    town = Town()

    assert town.act("tereza", rule()) == "proposed"
    act = town.last.id
    assert town.consent("tadeu", act) == "not_yours_to_sign"
    assert town.consent("tereza", act) == "already_signed"
    assert town.consent("ana", act) == "not_yours_to_sign"
    assert town.consent("aurora", act) == "in_force"
    assert town.consent("aurora", act) in {"already_ended", "nothing_to_answer"}


@pytest.mark.parametrize("author", ["ana", "aurora", "celia"])
def test_only_a_treasurer_or_the_network_proposes_a_rule(author: str) -> None:
    """Everybody else is answered without a leaf."""
    town = Town()

    assert town.act(author, rule()) == "not_allowed"
    assert town.act("vila", rule()) == "proposed"


REFUSED = [
    (rule(unit=OTHER_UNIT), "unknown_unit"),
    (rule(until_ms=START_MS), "expired"),
    (limits(LimitRow(policy="person", low=1, high=5)), "limits_out_of_range"),
    (limits(LimitRow(policy="person", low=-5, high=-1)), "limits_out_of_range"),
    (limits(LimitRow(policy="person", low=-5, high=5, soft_low=-6)), "limits_out_of_range"),
    (limits(LimitRow(policy="person", low=-5, high=5, soft_high=6)), "limits_out_of_range"),
    (limits(LimitRow(policy="person", low=-5, high=5, soft_low=1)), "limits_out_of_range"),
    (rule(payee=named("zeca")), "unknown_payee"),
    (rule(payee=named("carla")), "payee_closed"),
    (rule(replaces=named("no rule")), "unknown_rule"),
]


@pytest.mark.parametrize(("body", "code"), REFUSED, ids=[f"{code}-{n}" for n, (_, code) in enumerate(REFUSED)])
def test_a_rule_that_makes_no_sense_is_refused(body: Rule, code: str) -> None:
    """Each refusal has its code, and nothing is proposed."""
    town = Town("ana", "carla")
    town.act("vila", Account(account=agent("carla"), action=AccountAction.CLOSE))

    assert town.act("tereza", body) == code
    assert list(town.book.items()) == []


def test_dues_stand_beside_each_other_until_one_is_replaced() -> None:
    """The rule that is named in `replaces` ends; a rule of another type can't be replaced by it."""
    town = Town()
    first = town.rule(RuleType.DUES, amount=10, payee=agent("fund"))
    second = town.rule(RuleType.DUES, amount=20, payee=agent("fund"))
    levy = town.rule(RuleType.CIRCULATION, per_mille=5, payee=agent("fund"))

    assert town.act("tereza", rule(replaces=levy)) == "unknown_rule"
    third = town.rule(RuleType.DUES, amount=5, payee=agent("fund"), replaces=first)
    for identifier, outcome in ((first, "unknown_rule"), (second, "posted"), (third, "posted")):
        assert town.act("tereza", collection(PostingType.DUES, identifier, "1", ana=5)) == outcome


def test_of_slips_limits_and_signatures_the_newest_rule_is_in_force() -> None:
    """A new one takes the place of the one before, without naming it."""
    town = Town()
    first = town.rule(RuleType.ASSISTED, amount=10)
    second = town.rule(RuleType.ASSISTED, amount=20)

    assert first == second
    assert [item.amount for item in town.book.items() if item.kind == "rule"] == [20]


def test_a_rule_ends_by_itself() -> None:
    """At its time, not a millisecond later; what it took stays taken."""
    town = Town()
    dues = town.rule(RuleType.DUES, amount=10, payee=agent("fund"), until_ms=START_MS + DAY_MS)
    town.now_ms = START_MS + DAY_MS - 1
    assert town.act("tereza", collection(PostingType.DUES, dues, "1", ana=5)) == "posted"
    town.now_ms += 1
    assert town.act("tereza", collection(PostingType.DUES, dues, "2", ana=5)) == "unknown_rule"
    assert town.balance("ana") == -5


WRONG = [
    ({"minutes": None}, "missing_field"),
    ({"amount": None}, "missing_field"),
    ({"payee": None}, "missing_field"),
    ({"type": "levy", "per_mille": 5}, "missing_field"),
    ({"type": "circulation"}, "missing_field"),
    ({"type": "limits"}, "missing_field"),
    ({"type": "assisted", "amount": None}, "missing_field"),
    ({"type": "signatures", "amount": None}, "missing_field"),
    ({"type": "import"}, "missing_field"),
    ({"type": "tax"}, "out_of_range"),
    ({"per_mille": 1001}, "out_of_range"),
    ({"amount": -1}, "out_of_range"),
    ({"type": "limits", "rows": [{"policy": "person", "low": -5, "high": 5}] * 2}, "out_of_range"),
    ({"type": "limits", "rows": [{"policy": "Person", "low": -5, "high": 5}]}, "out_of_range"),
]


@pytest.mark.parametrize(("change", "code"), WRONG)
def test_a_rule_without_its_parts_is_no_rule(change: dict[str, Any], code: str) -> None:
    """What a type needs is a matter of form: it leaves no leaf."""
    body = to_map(rule()) | change

    with pytest.raises(RemoteProtocolError) as caught:
        read_body("rule", {name: value for name, value in body.items() if value is not None})
    assert caught.value.code == Code(code)
