"""Account records: the network opens, limits and closes accounts.

Source: docs/spec/04-ledger.md, L-1, L-2, L-6, L-7, L-12.

Tests: tests/protocol/ledger/test_apply.py
"""

from __future__ import annotations

from dataclasses import replace

from protocol.kinds.ledger import Account as Body
from protocol.kinds.ledger import AccountAction, AccountKind
from protocol.ledger.accounts import (
    KINDS_IN_USE,
    Account,
    AccountState,
    are_limits_in_range,
)
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Roles, Rules

OPENED = "opened"
CHANGED = "changed"
CLOSED = "closed"

CREDIT_UNIT_PREFIX = "agent:"
"""Units of mutual credit name the network that keeps them; official money never stands in this ledger."""


class AccountRules(Rules):
    """The rules of `account`."""

    body = Body
    outcomes = frozenset({OPENED, CHANGED, CLOSED})

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Accounts are the network's to open."""
        # spec/04-ledger L-12
        return instruction.author == ledger

    def parties(self, instruction: Instruction) -> tuple[bytes, ...]:
        """Whose account it is may read it."""
        return (instruction.body.account,)

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check unit, kind, limits and the state of the account."""
        body: Body = instruction.body
        unit = body.unit or draft.unit
        if not unit.startswith(CREDIT_UNIT_PREFIX):
            return LedgerCode.UNKNOWN_UNIT
        opening = body.action is AccountAction.OPEN
        if opening and kind_of(body) not in KINDS_IN_USE:
            return LedgerCode.KIND_NOT_IN_USE
        low, high = _limits(body)
        if not are_limits_in_range(low, high):
            return LedgerCode.LIMITS_OUT_OF_RANGE
        account = draft.account(body.account, unit)
        if opening:
            is_open = account is not None and account.state is AccountState.OPEN
            return LedgerCode.ACCOUNT_EXISTS if is_open else None
        if account is None:
            return LedgerCode.UNKNOWN_ACCOUNT
        if account.state is AccountState.CLOSED:
            return LedgerCode.ACCOUNT_CLOSED
        if body.action is AccountAction.CLOSE and (account.balance or account.has_pending):
            return LedgerCode.BALANCE_NOT_ZERO
        return None

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Open, limit or close the account."""
        body: Body = instruction.body
        unit = body.unit or draft.unit
        before = draft.account(body.account, unit)
        low, high = _limits(body)
        soft_low, soft_high = body.soft_low, body.soft_high
        if body.action is AccountAction.OPEN:
            number = before.number if before is not None else draft.opened + 1
            draft.opened = max(draft.opened, number)
            terms = (kind_of(body), AccountState.OPEN, 0, low, high, 0, 0, soft_low, soft_high)
            draft.put(Account(number, body.account, unit, *terms))
            return OPENED
        assert before is not None, "an account was changed that never was open"
        if body.action is AccountAction.LIMIT:
            draft.put(replace(before, limit_low=low, limit_high=high, soft_low=soft_low, soft_high=soft_high))
            return CHANGED
        assert before.balance == 0, "an account was closed with a balance"
        draft.put(replace(before, state=AccountState.CLOSED, limit_low=0, limit_high=0, soft_low=None, soft_high=None))
        return CLOSED


def kind_of(body: Body) -> AccountKind:
    """Give what the account is for; a member's where nothing is said."""
    return AccountKind(body.type or AccountKind.MEMBER)


def _limits(body: Body) -> tuple[int, int]:
    """Give the limits that it names; zeros where it names none."""
    return body.limit_low or 0, body.limit_high or 0
