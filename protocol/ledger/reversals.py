"""Reversals: a transfer is moved back, in whole or in part, with the consent of both sides, and once.

The transfer stays in the ledger as it is; the reversal is a movement of its own that names it. That a transfer was
reversed is remembered as a closed item under `reversed_id(transfer)`.
Source: docs/spec/04-ledger.md, L-66, L-67.
"""

from __future__ import annotations

from dataclasses import replace

from protocol.kinds.ledger import Transfer
from protocol.kinds.requests import Reversal
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import ACT, TRANSFER, Item, item_id
from protocol.ledger.joint import DONE
from protocol.ledger.official import OFFICIAL
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Roles, Rules, Signatures
from protocol.ledger.slips import fund_refusal, treasury_signatures
from protocol.ledger.transfers import amount_refusal, move_refusal

REVERSED = "reversed"


def reversed_id(transfer: bytes) -> bytes:
    """Return the id of the item that is there once a transfer (its id, 32 bytes) was reversed."""
    return item_id(REVERSED, transfer)


class ReversalRules(Rules):
    """The rules of `reversal`."""

    body = Reversal
    outcomes = frozenset({REVERSED})

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Only the two sides may propose it."""
        return instruction.author in {instruction.body.payer, instruction.body.payee}

    def references(self, instruction: Instruction) -> tuple[bytes, ...]:
        """Look at the transfer, and at whether it was reversed before."""
        body: Reversal = instruction.body
        return (body.transfer, reversed_id(body.transfer))

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check it against the transfer, then both accounts and both limits."""
        body: Reversal = instruction.body
        if body.ledger != draft.ledger:
            return LedgerCode.WRONG_LEDGER
        refusal = amount_refusal(draft, body.payer, body.payee, body.unit, body.amount)
        if refusal is not None:
            return refusal
        # spec/04-ledger L-83: a reversal is no way out of a fund.
        refusal = _transfer_refusal(draft, body) or fund_refusal(draft, body.payer, body.unit)
        if refusal is not None:
            return refusal
        return move_refusal(draft, body.payer, body.payee, body.unit, body.amount)

    def signatures(self, draft: Draft, instruction: Instruction, context: Context) -> Signatures | None:
        """The other side consents, and a second officer where much leaves the treasury."""
        # spec/04-ledger L-66, L-75
        body: Reversal = instruction.body
        more = treasury_signatures(draft, body.payer, body.unit, body.amount) or Signatures()
        return replace(more, agents=frozenset({body.payer, body.payee} - {instruction.author}))

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Move the amount back, and remember that it was."""
        body: Reversal = instruction.body
        draft.move(body.payer, body.payee, body.unit, body.amount)
        draft.put_item(
            Item(
                id=reversed_id(body.transfer),
                kind=REVERSED,
                state=REVERSED,
                is_open=False,
                instruction=instruction,
                opened_leaf=context.index,
                changed_leaf=context.index,
                amount=body.amount,
                done=body.amount,
                payer=body.payer,
                payee=body.payee,
                unit=body.unit,
            )
        )
        return REVERSED


def _transfer_refusal(draft: Draft, body: Reversal) -> LedgerCode | None:
    """Return the first reason for which the transfer can't be moved back like this."""
    item = draft.item(body.transfer)
    if item is None or not _is_posted(item) or not isinstance(item.instruction.body, Transfer):
        return LedgerCode.UNKNOWN_TRANSFER
    transfer: Transfer = item.instruction.body
    if (transfer.payee, transfer.payer, transfer.unit) != (body.payer, body.payee, body.unit):
        return LedgerCode.NOT_AS_TRANSFERRED
    # spec/04-ledger L-67
    if draft.item(reversed_id(body.transfer)) is not None:
        return LedgerCode.ALREADY_REVERSED
    if body.amount > transfer.amount:
        return LedgerCode.MORE_THAN_TRANSFERRED
    return None


def _is_posted(item: Item) -> bool:
    """Tell whether an item stands for what was posted and not only proposed."""
    return item.kind in {TRANSFER, OFFICIAL} or (item.kind == ACT and item.state == DONE)
