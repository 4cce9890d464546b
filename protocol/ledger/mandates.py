"""Mandates: a payer lets a payee draw from its account, up to an amount a day, week or month, until a day.

A mandate is an item of kind `mandate`. Its `done` is what was drawn in the present period; once something was drawn,
its `until_ms` is the end of that period, at which the count begins anew, or the mandate's own end.
Source: docs/spec/04-ledger.md, L-63 to L-65, L-69.
"""

from __future__ import annotations

from protocol.kinds.requests import Mandate
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item
from protocol.ledger.linked import MANDATE
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.requests import TERM_MS_MAX, ending_refusal
from protocol.ledger.rules import Context, Roles, Rules
from protocol.ledger.transfers import amount_refusal, move_refusal

ALLOWED = "allowed"
ENDED = "ended"


class MandateRules(Rules):
    """The rules of `mandate`."""

    body = Mandate
    makes_items = True
    outcomes = frozenset({ALLOWED, ENDED})

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Nobody allows drawing from another member's account."""
        return bool(instruction.author == instruction.body.payer)

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check what is allowed, its end and both accounts; limits are looked at when it is drawn on."""
        body: Mandate = instruction.body
        if body.ledger != draft.ledger:
            return LedgerCode.WRONG_LEDGER
        refusal = amount_refusal(draft, body.payer, body.payee, body.unit, body.amount)
        if refusal is not None:
            return refusal
        if body.until_ms <= context.time_ms:
            return LedgerCode.EXPIRED
        # spec/04-ledger L-69
        if body.until_ms > context.time_ms + TERM_MS_MAX:
            return LedgerCode.TERM_TOO_LONG
        return move_refusal(draft, body.payer, body.payee, body.unit, body.amount, limits=False)

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Remember what is allowed."""
        body: Mandate = instruction.body
        draft.put_item(
            Item(
                id=instruction.id,
                kind=MANDATE,
                state=ALLOWED,
                is_open=True,
                instruction=instruction,
                opened_leaf=context.index,
                changed_leaf=context.index,
                amount=body.amount,
                until_ms=body.until_ms,
                payer=body.payer,
                payee=body.payee,
                unit=body.unit,
            )
        )
        return ALLOWED

    def answer_refusal(self, draft: Draft, item: Item, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Either side may end it, while it is open."""
        # spec/04-ledger L-64
        return ending_refusal(item, instruction)

    def answered(self, draft: Draft, item: Item, instruction: Instruction, context: Context) -> str:
        """End it."""
        draft.put_item(item.changed(leaf=context.index, is_open=False, state=ENDED))
        return ENDED

    def expire(self, draft: Draft, item: Item, context: Context) -> None:
        """End the mandate on its day, or begin to count anew when a period has passed."""
        # spec/04-ledger L-64, L-65
        body: Mandate = item.instruction.body
        if body.until_ms <= context.time_ms:
            draft.put_item(item.changed(leaf=context.index, is_open=False, state=ENDED))
        else:
            draft.put_item(item.changed(leaf=context.index, done=0, until_ms=body.until_ms))
