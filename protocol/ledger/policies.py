"""How far an account may go: by its own terms, or by the policy that the assembly gave for its kind of member.

`account` records say limits, or name a row of the rule about limits. What goes further than the rule about signatures
allows is signed by a second officer, unless the assembly's own rows say it.
Source: docs/spec/04-ledger.md, L-73 to L-75.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.kinds.agents import Role
from protocol.kinds.ledger import Account as AccountBody
from protocol.kinds.ledger import AccountAction
from protocol.kinds.postings import LimitRow, RuleType
from protocol.ledger.accounts import Account, AccountState, are_limits_in_range, are_soft_limits_in_range
from protocol.ledger.book import Draft
from protocol.ledger.charter import rule_of
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item, item_id
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Signatures

POLICY = "policy"
"""Kind of the item that remembers by which row an account got its limits, and since when."""

DAY_MS = 24 * 3600 * 1000

SECOND_OFFICER = Signatures(roles=frozenset({Role.TREASURER, Role.AUDITOR}), count=1)
"""One more of those who keep the books."""


@dataclass(frozen=True, slots=True)
class Terms:
    """How far an account may go.

    Attributes:
        low: Hard limit below zero.
        high: Hard limit above zero.
        soft_low: Below this its owner is warned, None: never.
        soft_high: Above this its owner is warned, None: never.
    """

    low: int
    high: int
    soft_low: int | None
    soft_high: int | None


def terms_of(draft: Draft, body: AccountBody) -> Terms | None:
    """Give the terms that an account record says or names; None where it names a row that isn't there."""
    if body.policy is None:
        return Terms(body.limit_low or 0, body.limit_high or 0, body.soft_low, body.soft_high)
    row = _row(draft, body)
    return None if row is None else Terms(row.low, row.high, row.soft_low, row.soft_high)


def terms_refusal(draft: Draft, instruction: Instruction) -> LedgerCode | None:
    """Return the first refusal of the terms that an account record asks for."""
    body: AccountBody = instruction.body
    if body.action is AccountAction.CLOSE:
        return None
    terms = terms_of(draft, body)
    if terms is None:
        return LedgerCode.UNKNOWN_POLICY
    if not are_limits_in_range(terms.low, terms.high):
        return LedgerCode.LIMITS_OUT_OF_RANGE
    if not are_soft_limits_in_range(terms.low, terms.high, terms.soft_low, terms.soft_high):
        return LedgerCode.LIMITS_OUT_OF_RANGE
    return None


def step_refusal(draft: Draft, instruction: Instruction) -> LedgerCode | None:
    """Refuse a step that an account has not waited for, or that leaves one out (L-74)."""
    body: AccountBody = instruction.body
    row = None if body.policy is None else _row(draft, body)
    if row is None or row.step == 0:
        return None
    before = draft.item(_policy_id(draft, body))
    if before is None or not before.is_open or before.state != row.policy or row.step > before.done + 1:
        return LedgerCode.STEP_TOO_EARLY
    if row.step <= before.done:
        return None
    # The time of a leaf lies at most a day from what its author said (L-24); the item keeps the author's word.
    waited_ms = instruction.created_ms - before.instruction.created_ms
    return LedgerCode.STEP_TOO_EARLY if waited_ms < row.after_days * DAY_MS else None


def second_signature(draft: Draft, instruction: Instruction) -> Signatures | None:
    """Say whether a second officer signs a change of limits: where it goes further than the rule allows one alone."""
    body: AccountBody = instruction.body
    if body.action is AccountAction.CLOSE or body.policy is not None:
        return None
    unit = body.unit or draft.unit
    rule = rule_of(draft, RuleType.SIGNATURES, unit)
    if rule is None or rule.amount is None:
        return None
    low, high = body.limit_low or 0, body.limit_high or 0
    account = draft.account(body.account, unit)
    stands = account is not None and account.state is AccountState.OPEN
    low_before, high_before = (account.limit_low, account.limit_high) if account is not None and stands else (0, 0)
    # spec/04-ledger L-75: narrowing a limit needs nobody else.
    widens = (low < low_before and -low > rule.amount) or (high > high_before and high > rule.amount)
    return SECOND_OFFICER if widens else None


def remember(draft: Draft, instruction: Instruction, context: Context) -> None:
    """Keep by which row an account has its limits now, or that it has them by no row."""
    body: AccountBody = instruction.body
    identifier = _policy_id(draft, body)
    before = draft.item(identifier)
    if body.policy is None or body.action is AccountAction.CLOSE:
        if before is not None and before.is_open:
            draft.put_item(before.changed(leaf=context.index, is_open=False, state="ended"))
        return
    draft.put_item(
        Item(
            id=identifier,
            kind=POLICY,
            state=body.policy,
            is_open=True,
            instruction=instruction,
            opened_leaf=context.index,
            changed_leaf=context.index,
            done=body.step,
            payer=body.account,
            unit=body.unit or draft.unit,
        )
    )


def soft_warnings(account: Account) -> tuple[str, ...]:
    """Name the soft limits that an account stands beyond: `soft_low`, `soft_high`."""
    low = account.soft_low is not None and account.balance < account.soft_low
    high = account.soft_high is not None and account.balance > account.soft_high
    return (*(("soft_low",) if low else ()), *(("soft_high",) if high else ()))


def _row(draft: Draft, body: AccountBody) -> LimitRow | None:
    rule = rule_of(draft, RuleType.LIMITS, body.unit or draft.unit)
    rows = () if rule is None else rule.rows
    return next((row for row in rows if (row.policy, row.step) == (body.policy, body.step)), None)


def _policy_id(draft: Draft, body: AccountBody) -> bytes:
    return item_id(POLICY, body.account, body.unit or draft.unit)
