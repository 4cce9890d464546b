"""Closed periods: what the assembly has closed takes nothing more.

The network's last closing stays an open item under one name, so that every rule that reads a date finds it at hand. The
balances of a period are named by a hash that treasurer and auditors each compute from what they read.
Source: docs/spec/04-ledger.md, L-92 to L-95.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from protocol import codec
from protocol.kinds.agents import Role
from protocol.kinds.cash import Closing
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item, item_id
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Roles, Rules, Signatures, is_office

CLOSED_PERIOD = "closed_period"
"""Outcome of a closing, and the kind of the item that stands for the last one."""

PERIOD_ITEM = item_id("period")
"""The item of the last closing."""

BALANCES_TAG = b"mutirao/balances/1"

DAY_MS = 24 * 3600 * 1000


class ClosingRules(Rules):
    """The rules of `closing`."""

    body = Closing
    outcomes = frozenset({CLOSED_PERIOD})

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """A treasurer proposes it."""
        return is_office(instruction, ledger, roles, Role.TREASURER)

    def agents(self, instruction: Instruction) -> tuple[bytes, ...]:
        """Whether the named auditors are auditors is asked, too."""
        return (instruction.author, *instruction.body.auditors)

    def parties(self, instruction: Instruction) -> tuple[bytes, ...]:
        """The auditors read it."""
        return tuple(instruction.body.auditors)

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check that the period is over, that the auditors are others, and that no closing reaches as far."""
        body: Closing = instruction.body
        # spec/04-ledger L-92
        if body.until_ms > context.time_ms:
            return LedgerCode.DATE_IN_FUTURE
        if instruction.author in body.auditors:
            return LedgerCode.SAME_PERSON
        if body.size > context.index:
            return LedgerCode.SIZE_AHEAD
        if not all(context.has_role(auditor, Role.AUDITOR) for auditor in body.auditors):
            return LedgerCode.NOT_AN_AUDITOR
        # spec/04-ledger L-93
        if body.until_ms <= closed_until(draft):
            return LedgerCode.CLOSING_NOT_LATER
        return None

    def signatures(self, draft: Draft, instruction: Instruction, context: Context) -> Signatures | None:
        """Every auditor whom it names signs."""
        return Signatures(agents=frozenset(instruction.body.auditors))

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Close the period."""
        before, act = draft.item(PERIOD_ITEM), draft.item(instruction.id)
        draft.put_item(
            Item(
                id=PERIOD_ITEM,
                kind=CLOSED_PERIOD,
                state="closed",
                is_open=True,
                instruction=instruction,
                opened_leaf=context.index if before is None else before.opened_leaf,
                changed_leaf=context.index,
                signers=() if act is None else act.signers,
            )
        )
        return CLOSED_PERIOD


def closed_until(draft: Draft) -> int:
    """Give the last millisecond of the last closed period; -1 where none was closed."""
    item = draft.item(PERIOD_ITEM)
    return -1 if item is None else int(item.instruction.body.until_ms)


def date_refusal(draft: Draft, context: Context, *dates_ms: int) -> LedgerCode | None:
    """Return the refusal of an instruction for the dates that it states; None where they may be stated.

    Args:
        draft: the book.
        context: where it is judged; dates may be a day ahead of its time, as clocks may.
        dates_ms: when what it speaks of happened.
    """
    if any(date > context.time_ms + DAY_MS for date in dates_ms):
        return LedgerCode.DATE_IN_FUTURE
    closed = closed_until(draft)
    return LedgerCode.PERIOD_CLOSED if any(date <= closed for date in dates_ms) else None


def balances_hash(balances: Iterable[tuple[bytes, str, int]]) -> bytes:
    """Give the hash that names the balances of a period.

    Args:
        balances: agent (32 bytes), unit and balance of every account, in any order.

    Returns:
        32 bytes, SHA-256 of `mutirao/balances/1` and the canonical array of them, by agent and unit.
    """
    rows = [[agent, unit, balance] for agent, unit, balance in sorted(balances)]
    return hashlib.sha256(BALANCES_TAG + codec.encode(rows)).digest()
