"""The official part of a price: what the payer says to have paid in official money, and what the payee answers.

It is paid outside the ledger and enters no balance. It is an item of kind `official` under the transfer's id.
Source: docs/spec/04-ledger.md, L-68.
"""

from __future__ import annotations

from protocol.kinds.ledger import Transfer
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item
from protocol.ledger.periods import DAY_MS
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import OPEN_ITEMS_MAX, Context

OFFICIAL = "official"
"""Kind of an item that stands for a transfer with an official part."""

STATED = "stated"
CONFIRMED = "confirmed"
CONTESTED = "contested"

ANSWER_MS_MAX = 90 * DAY_MS
"""How long the payee may answer."""


def stating_refusal(draft: Draft, instruction: Instruction) -> LedgerCode | None:
    """Return why a transfer may not state an official part: its author has too much open."""
    if instruction.body.official is None or draft.open_count(instruction.author) < OPEN_ITEMS_MAX:
        return None
    return LedgerCode.TOO_MANY_OPEN


def state_official(draft: Draft, instruction: Instruction, context: Context) -> None:
    """Remember the official part that a posted transfer states, where it states one."""
    body: Transfer = instruction.body
    if body.official is None:
        return
    # spec/04-ledger L-68: remembered beside the balances; no account is touched.
    draft.put_item(
        Item(
            id=instruction.id,
            kind=OFFICIAL,
            state=STATED,
            is_open=True,
            instruction=instruction,
            opened_leaf=context.index,
            changed_leaf=context.index,
            amount=body.official.amount,
            until_ms=context.time_ms + ANSWER_MS_MAX,
            payer=body.payer,
            payee=body.payee,
            unit=body.official.unit,
        )
    )


def official_refusal(item: Item, instruction: Instruction) -> LedgerCode | None:
    """Return the first reason for which a consent can't answer an official part: it is the payee's to do, in time."""
    # spec/04-ledger L-68
    if not item.is_open:
        return LedgerCode.ALREADY_ENDED
    if instruction.author != item.payee:
        return LedgerCode.NOT_YOURS_TO_SIGN
    if item.state == CONTESTED and not instruction.body.agree:
        return LedgerCode.ALREADY_SIGNED
    return None


def answer_official(draft: Draft, item: Item, instruction: Instruction, context: Context) -> str:
    """Confirm or contest it; what was contested can still be confirmed, while there is time."""
    agrees = bool(instruction.body.agree)
    state = CONFIRMED if agrees else CONTESTED
    done = item.amount if agrees else 0
    draft.put_item(item.changed(leaf=context.index, state=state, is_open=not agrees, done=done))
    return state


def end_official(draft: Draft, item: Item, context: Context) -> None:
    """Close what got no answer in time; it stays as it was last said."""
    draft.put_item(item.changed(leaf=context.index, is_open=False))
