"""How far accounts may go: policies, steps, soft limits, and who signs for more."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body
from protocol.kinds.ledger import Account, AccountAction
from protocol.kinds.postings import LimitRow, RuleType
from protocol.ledger.policies import soft_warnings
from tests.ledger_builders import UNIT, named
from tests.ledger_town import DAY_MS, Town, agent, transfer

ROWS = (
    LimitRow(policy="person", low=-50, high=200, soft_low=-30, soft_high=150),
    LimitRow(policy="person", low=-150, high=400, step=1, after_days=90),
    LimitRow(policy="person", low=-300, high=900, step=2, after_days=180),
    LimitRow(policy="enterprise", low=-500, high=2000),
)


def account(name: str, action: AccountAction = AccountAction.LIMIT, **terms: Any) -> Account:
    """Give the body of an account record."""
    return Account(account=agent(name), action=action, reason="ata 12", **terms)


def opened(name: str, policy: str, step: int = 0) -> Account:
    """Give the opening of an account by policy."""
    return account(name, AccountAction.OPEN, policy=policy, step=step)


def limits_of(town: Town, name: str) -> tuple[int, int, int | None, int | None]:
    """Give the limits of an account, hard and soft."""
    found = town.book.account(agent(name), UNIT)
    assert found is not None
    return found.limit_low, found.limit_high, found.soft_low, found.soft_high


def test_a_first_trade_happens_under_the_policy() -> None:
    """An account that is opened by the row of its kind of member can pay at once, as far as the row says."""
    town = Town()
    town.rule(RuleType.LIMITS, rows=ROWS)

    assert town.act("tereza", opened("nova", "person")) == "opened"
    assert limits_of(town, "nova") == (-50, 200, -30, 150)
    assert town.act("nova", transfer("nova", "ana", 50)) == "posted"
    assert town.act("nova", transfer("nova", "ana", 1)) == "debit_limit"


def test_without_a_rule_there_is_no_policy() -> None:
    """Then limits are said by name."""
    assert Town().act("tereza", opened("nova", "person")) == "unknown_policy"


REFUSED = [
    (opened("nova", "school"), "unknown_policy"),
    (opened("nova", "enterprise", 1), "unknown_policy"),
    (opened("nova", "person", 1), "step_too_early"),
    (account("ana", policy="person", step=1), "step_too_early"),
    (opened("ana", "person"), "account_exists"),
    (account("ana", limit_low=-100, limit_high=100, soft_low=-101), "limits_out_of_range"),
]


@pytest.mark.parametrize(("body", "code"), REFUSED, ids=[f"{code}-{n}" for n, (_, code) in enumerate(REFUSED)])
def test_terms_that_may_not_be_are_refused(body: Account, code: str) -> None:
    """Each refusal has its code, and the accounts stay as they were."""
    town = Town()
    town.rule(RuleType.LIMITS, rows=ROWS)
    before = list(town.book.accounts())

    assert town.act("tereza", body) == code
    assert list(town.book.accounts()) == before


def test_limits_rise_step_by_step_and_not_before_their_time() -> None:
    """A step waits its days on the one before; none is left out; downwards is free."""
    town = Town()
    town.rule(RuleType.LIMITS, rows=ROWS)
    assert town.act("tereza", opened("nova", "person", 1)) == "step_too_early"
    town.act("tereza", opened("nova", "person"))
    step = account("nova", policy="person", step=1)

    town.now_ms += 90 * DAY_MS - 1
    assert town.act("tereza", step) == "step_too_early"
    town.now_ms += 1
    assert town.act("tereza", account("nova", policy="person", step=2)) == "step_too_early"
    assert town.act("tereza", step) == "changed"
    assert limits_of(town, "nova") == (-150, 400, None, None)
    town.now_ms += 180 * DAY_MS
    assert town.act("tereza", account("nova", policy="person", step=2)) == "changed"
    assert town.act("tereza", account("nova", policy="person", step=1)) == "changed"
    assert town.act("tereza", account("nova", policy="person", step=2)) == "step_too_early"


def test_limits_of_ones_own_leave_the_policy() -> None:
    """Whoever has limits by name is on no step any more, nor is whose account was closed."""
    town = Town()
    town.rule(RuleType.LIMITS, rows=ROWS)
    for name, body in (
        ("nova", account("nova", limit_low=-10, limit_high=10)),
        ("velha", account("velha", AccountAction.CLOSE)),
    ):
        town.act("tereza", opened(name, "person"))
        town.now_ms += 90 * DAY_MS
        assert town.act("tereza", body) in {"changed", "closed"}
    assert town.act("tereza", account("nova", policy="person", step=1)) == "step_too_early"
    assert not [item for item in town.book.items() if item.kind == "policy"]


def test_a_soft_limit_warns_and_posts() -> None:
    """It refuses nothing; reached exactly it says nothing; beyond it the account is named."""
    town = Town()
    town.act("tereza", account("ana", limit_low=-100, limit_high=100, soft_low=-30, soft_high=20))

    def warned() -> tuple[str, ...]:
        found = town.book.account(agent("ana"), UNIT)
        assert found is not None
        return soft_warnings(found)

    assert town.act("ana", transfer("ana", "bento", 30)) == "posted"
    assert warned() == ()
    assert town.act("ana", transfer("ana", "bento", 1)) == "posted"
    assert warned() == ("soft_low",)
    assert town.act("bento", transfer("bento", "ana", 52)) == "posted"
    assert (town.balance("ana"), warned()) == (21, ("soft_high",))


@pytest.mark.parametrize("terms", [{"soft_low": -101}, {"soft_high": 101}, {"soft_low": 1}, {"soft_high": -1}])
def test_soft_limits_lie_within_the_hard_ones(terms: dict[str, Any]) -> None:
    """On their own side of zero."""
    town = Town()
    assert town.act("tereza", account("ana", limit_low=-100, limit_high=100, **terms)) == "limits_out_of_range"


@pytest.mark.parametrize("author", ["ana", "aurora", "celia"])
def test_accounts_are_the_treasurers(author: str) -> None:
    """Nobody else opens, changes or closes one."""
    town = Town()
    assert town.act(author, account("ana", limit_low=-10, limit_high=10)) == "not_allowed"


def test_wide_limits_wait_for_a_second_officer() -> None:
    """Up to the rule's amount the treasurer is enough; beyond it another treasurer or an auditor consents."""
    town = Town()
    town.rule(RuleType.SIGNATURES, amount=150)

    assert town.act("tereza", account("ana", limit_low=-150, limit_high=150)) == "changed"
    assert town.act("tereza", account("ana", limit_low=-151, limit_high=150)) == "proposed"
    act = town.last.id
    assert limits_of(town, "ana")[0] == -150
    assert town.consent("tereza", act) == "already_signed"
    assert town.consent("celia", act) == "not_yours_to_sign"
    assert town.consent("tadeu", act) == "changed"
    assert limits_of(town, "ana")[0] == -151
    assert town.act("tereza", account("ana", limit_low=-140, limit_high=151)) == "proposed"


def test_narrower_limits_need_nobody_else() -> None:
    """Also where they are still beyond the amount; and the assembly's own rows need no second signature."""
    town = Town()
    town.act("tereza", account("ana", limit_low=-900, limit_high=900))
    town.rule(RuleType.SIGNATURES, amount=10)
    town.rule(RuleType.LIMITS, rows=ROWS)

    assert town.act("tereza", account("ana", limit_low=-800, limit_high=900)) == "changed"
    assert town.act("tereza", opened("nova", "enterprise")) == "opened"
    assert town.act("tereza", account("rua", AccountAction.OPEN, limit_low=-11, limit_high=0)) == "proposed"


def test_much_out_of_the_treasury_is_signed_twice() -> None:
    """The amount of the rule itself may go with one signature."""
    town = Town()
    town.rule(RuleType.SIGNATURES, amount=50)

    assert town.act("vila", transfer("vila", "ana", 50)) == "posted"
    assert town.act("vila", transfer("vila", "bento", 51)) == "proposed"
    assert town.consent("tereza", town.last.id) == "posted"
    assert town.act("ana", transfer("ana", "vo", 60)) == "posted"


def test_limits_and_a_policy_exclude_each_other() -> None:
    """Form: an account record says the one or the other."""
    body = {"account": named("ana"), "action": "limit", "policy": "person", "limit_low": -5, "limit_high": 5}

    with pytest.raises(RemoteProtocolError) as caught:
        read_body("account", body)
    assert caught.value.code == Code.OUT_OF_RANGE
    read_body("account", {"account": named("ana"), "action": "open", "policy": "person"})
