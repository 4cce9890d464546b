"""Account records: the network and its treasurer open, limit and close accounts.

Source: docs/spec/04-ledger.md, L-1, L-2, L-6, L-7, L-12, L-73 to L-75.

Tests: tests/protocol/ledger/test_apply.py
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from protocol.kinds.agents import Role
from protocol.kinds.ledger import Account as Body
from protocol.kinds.ledger import AccountAction, AccountKind
from protocol.ledger import policies
from protocol.ledger.accounts import (
    KINDS_IN_USE,
    Account,
    AccountState,
)
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Roles, Rules, Signatures, is_office

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
        """Accounts are the network's to open, and the treasurer's."""
        # spec/04-ledger L-12, L-74
        return is_office(instruction, ledger, roles, Role.TREASURER)

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
        refusal = policies.terms_refusal(draft, instruction)
        if refusal is not None:
            return refusal
        account = draft.account(body.account, unit)
        if opening:
            is_open = account is not None and account.state is AccountState.OPEN
            return LedgerCode.ACCOUNT_EXISTS if is_open else policies.step_refusal(draft, instruction)
        if account is None:
            return LedgerCode.UNKNOWN_ACCOUNT
        if account.state is AccountState.CLOSED:
            return LedgerCode.ACCOUNT_CLOSED
        if body.action is AccountAction.CLOSE and (account.balance or account.has_pending):
            return LedgerCode.BALANCE_NOT_ZERO
        return policies.step_refusal(draft, instruction)

    def signatures(self, draft: Draft, instruction: Instruction, context: Context) -> Signatures | None:
        """Wide limits are signed by a second officer."""
        return policies.second_signature(draft, instruction)

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Open, limit or close the account."""
        body: Body = instruction.body
        unit = body.unit or draft.unit
        before = draft.account(body.account, unit)
        terms = policies.terms_of(draft, body)
        assert terms is not None, "an account was decided without its terms"
        limits: dict[str, Any] = {
            "limit_low": terms.low,
            "limit_high": terms.high,
            "soft_low": terms.soft_low,
            "soft_high": terms.soft_high,
        }
        policies.remember(draft, instruction, context)
        if body.action is AccountAction.OPEN:
            number = before.number if before is not None else draft.opened + 1
            draft.opened = max(draft.opened, number)
            draft.put(Account(number, body.account, unit, kind_of(body), AccountState.OPEN, 0, **limits))
            return OPENED
        assert before is not None, "an account was changed that never was open"
        if body.action is AccountAction.LIMIT:
            draft.put(replace(before, **limits))
            return CHANGED
        assert before.balance == 0, "an account was closed with a balance"
        draft.put(replace(before, state=AccountState.CLOSED, limit_low=0, limit_high=0, soft_low=None, soft_high=None))
        return CLOSED


def kind_of(body: Body) -> AccountKind:
    """Give what the account is for; a member's where nothing is said."""
    return AccountKind(body.type or AccountKind.MEMBER)
