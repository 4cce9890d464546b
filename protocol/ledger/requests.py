"""Requests: a payee asks for credit, and transfers that name the request pay it, in whole or in part.

A request is an item of kind `request`, open until it is paid, declined, withdrawn or long overdue. Its `done` is what
was paid so far; instalments are read from the instruction and filled in the order of their days.
Source: docs/spec/04-ledger.md, L-60 to L-62, L-69.
"""

from __future__ import annotations

from protocol.kinds.requests import Request
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item
from protocol.ledger.linked import REQUEST
from protocol.ledger.periods import DAY_MS
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Roles, Rules
from protocol.ledger.transfers import amount_refusal, move_refusal

REQUESTED = "requested"

ASKED = "asked"
DECLINED = "declined"
WITHDRAWN = "withdrawn"

OVERDUE_MS_MAX = 366 * DAY_MS
"""How long after its day a request still stands."""

TERM_MS_MAX = 3653 * DAY_MS
"""How far ahead the day of a request or the end of a mandate may lie: ten years."""


class RequestRules(Rules):
    """The rules of `request`."""

    body = Request
    makes_items = True
    outcomes = frozenset({REQUESTED, DECLINED, WITHDRAWN})

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Who asks is who would be paid."""
        # spec/04-ledger L-60
        return bool(instruction.author == instruction.body.payee)

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check what is asked, the days and both accounts; limits are looked at when it is paid."""
        body: Request = instruction.body
        if body.ledger != draft.ledger:
            return LedgerCode.WRONG_LEDGER
        refusal = amount_refusal(draft, body.payer, body.payee, body.unit, body.amount)
        if refusal is not None:
            return refusal
        if body.due_ms + OVERDUE_MS_MAX <= context.time_ms:
            return LedgerCode.EXPIRED
        # spec/04-ledger L-69
        if body.due_ms > context.time_ms + TERM_MS_MAX:
            return LedgerCode.TERM_TOO_LONG
        return move_refusal(draft, body.payer, body.payee, body.unit, body.amount, limits=False)

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Remember what is asked."""
        body: Request = instruction.body
        draft.put_item(
            Item(
                id=instruction.id,
                kind=REQUEST,
                state=ASKED,
                is_open=True,
                instruction=instruction,
                opened_leaf=context.index,
                changed_leaf=context.index,
                amount=body.amount,
                until_ms=body.due_ms + OVERDUE_MS_MAX,
                payer=body.payer,
                payee=body.payee,
                unit=body.unit,
            )
        )
        return REQUESTED

    def answer_refusal(self, draft: Draft, item: Item, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Its payer may decline it and its payee withdraw it, while it is open."""
        # spec/04-ledger L-62
        return ending_refusal(item, instruction)

    def answered(self, draft: Draft, item: Item, instruction: Instruction, context: Context) -> str:
        """End it."""
        state = DECLINED if instruction.author == item.payer else WITHDRAWN
        draft.put_item(item.changed(leaf=context.index, is_open=False, state=state))
        return state


def ending_refusal(item: Item, instruction: Instruction) -> LedgerCode | None:
    """Return the first reason for which a consent can't end what two sides have between them."""
    if not item.is_open:
        return LedgerCode.ALREADY_ENDED
    if instruction.body.agree:
        return LedgerCode.NOTHING_TO_ANSWER
    return None if instruction.author in {item.payer, item.payee} else LedgerCode.NOT_YOURS_TO_SIGN


def open_parts(request: Request, done: int) -> tuple[tuple[int, int], ...]:
    """Return what of a request is still to be paid, in the order of its days.

    Args:
        request: what was asked.
        done: minor units paid so far.

    Returns:
        Due time and minor units of each part that is not paid in whole.

    """
    parts = [(part.due_ms, part.amount) for part in request.instalments] or [(request.due_ms, request.amount)]
    left: list[tuple[int, int]] = []
    for due_ms, amount in parts:
        paid = min(done, amount)
        done -= paid
        if paid < amount:
            left.append((due_ms, amount - paid))
    return tuple(left)
