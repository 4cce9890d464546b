"""The cash book: official money in boxes, beside the credit and never mixed with it.

A box is an open item whose `done` is what it holds. Money in, money out and counts are items, too, so that the cash
book is read from items alone; no account and no sum of the ledger knows of them.
Source: docs/spec/04-ledger.md, L-85 to L-91.
"""

from __future__ import annotations

from protocol.kinds.agents import Role
from protocol.kinds.cash import Cash, Count, Direction
from protocol.ledger.accounts import AMOUNT_MAX, BALANCE_MAX
from protocol.ledger.book import Draft
from protocol.ledger.closings import date_refusal
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import ACT, Item, item_id
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import OFFICERS, Context, Roles, Rules, Signatures, is_office

BOX = "box"
CASH = "cash"
COUNT = "count"
BOOKED = "booked"
COUNTED = "counted"

SECOND_PEOPLE = OFFICERS | {Role.CLERK}
"""Who signs a count where nobody is named."""


class CashRules(Rules):
    """The rules of `cash`."""

    body = Cash
    outcomes = frozenset({BOOKED})

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Treasurer and clerk keep the boxes."""
        return is_office(instruction, ledger, roles, Role.TREASURER, Role.CLERK)

    def parties(self, instruction: Instruction) -> tuple[bytes, ...]:
        """Who gave or took the money may read it."""
        who = instruction.body.who
        return () if who is None else (who,)

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check amount and date, and that the box holds what goes out."""
        body: Cash = instruction.body
        if body.amount <= 0:
            return LedgerCode.AMOUNT_NOT_POSITIVE
        held = held_in(draft, body.box, body.unit)
        incoming = body.direction is Direction.IN
        if body.amount > AMOUNT_MAX or (incoming and held + body.amount > BALANCE_MAX):
            return LedgerCode.AMOUNT_TOO_LARGE
        refusal = date_refusal(draft, context, body.at_ms)
        if refusal is not None:
            return refusal
        # spec/04-ledger L-87
        return LedgerCode.CASH_SHORT if not incoming and body.amount > held else None

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Change what the box holds, and keep the line of the cash book."""
        body: Cash = instruction.body
        incoming = body.direction is Direction.IN
        box = draft.item(box_id(body.box, body.unit)) or Item(
            id=box_id(body.box, body.unit),
            kind=BOX,
            state="open",
            is_open=True,
            instruction=instruction,
            opened_leaf=context.index,
            changed_leaf=context.index,
            unit=body.unit,
        )
        held = box.done + (body.amount if incoming else -body.amount)
        assert held >= 0, "a cash box below zero"
        draft.put_item(box.changed(leaf=context.index, done=held))
        draft.put_item(
            Item(
                id=instruction.id,
                kind=CASH,
                state=body.direction.value,
                is_open=False,
                instruction=instruction,
                opened_leaf=context.index,
                changed_leaf=context.index,
                amount=body.amount,
                done=held,
                payer=body.who if incoming else None,
                payee=None if incoming else body.who,
                unit=body.unit,
            )
        )
        return BOOKED


class CountRules(Rules):
    """The rules of `count`."""

    body = Count
    outcomes = frozenset({COUNTED})

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Treasurer and clerk count; the second person consents."""
        return is_office(instruction, ledger, roles, Role.TREASURER, Role.CLERK)

    def parties(self, instruction: Instruction) -> tuple[bytes, ...]:
        """The second person reads what they sign."""
        second = instruction.body.second
        return () if second is None else (second,)

    def references(self, instruction: Instruction) -> tuple[bytes, ...]:
        """With the last consent it looks at itself, as it was proposed."""
        return (instruction.id,)

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check date and box, and that nothing was booked since it was counted."""
        body: Count = instruction.body
        refusal = date_refusal(draft, context, body.at_ms)
        if refusal is LedgerCode.DATE_IN_FUTURE:
            return refusal
        if body.second == instruction.author:
            return LedgerCode.SAME_PERSON
        if refusal is not None:
            return refusal
        box = draft.item(box_id(body.box, body.unit))
        if box is None:
            return LedgerCode.UNKNOWN_BOX
        act = draft.item(instruction.id)
        # spec/04-ledger L-90: what the second person signs is what was counted, against the book as it was then.
        if act is not None and act.kind == ACT and box.changed_leaf > act.opened_leaf:
            return LedgerCode.CASH_MOVED
        return None

    def signatures(self, draft: Draft, instruction: Instruction, context: Context) -> Signatures | None:
        """The named second person, or one of the officers."""
        second = instruction.body.second
        if second is not None:
            return Signatures(agents=frozenset({second}))
        return Signatures(roles=SECOND_PEOPLE, count=1)

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Keep what was counted beside what the book says; the box is not changed."""
        body: Count = instruction.body
        act = draft.item(instruction.id)
        draft.put_item(
            Item(
                id=instruction.id,
                kind=COUNT,
                state=COUNTED,
                is_open=False,
                instruction=instruction,
                opened_leaf=context.index if act is None else act.opened_leaf,
                changed_leaf=context.index,
                amount=body.counted,
                done=held_in(draft, body.box, body.unit),
                payee=body.second,
                unit=body.unit,
                signers=(instruction.author,) if act is None else act.signers,
            )
        )
        return COUNTED


def box_id(box: str, unit: str) -> bytes:
    """Give the id of the item that stands for a box."""
    return item_id(BOX, box, unit)


def held_in(draft: Draft, box: str, unit: str) -> int:
    """Give what a box holds, in minor units; 0 where there is no such box."""
    item = draft.item(box_id(box, unit))
    return 0 if item is None else item.done
