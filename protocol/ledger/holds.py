"""Holds: a payer sets credit aside for a payee, and it is posted, voided or free again, once.

What is set aside counts against both limits from the hold's leaf on, so that posting it later can't fail. Whoever may
end a hold, and how, follows from who they are in it:

    payer      posts; a part of what the payee could get without the payer needs the payee's consent
    payee      voids; posts alone from the time that the hold names, unless it is disputed
    either     disputes
    mediators  post or void what is disputed: one signs, the other consents
    assembly   likewise: a treasurer signs, citing its minutes, and an auditor consents

Source: docs/spec/04-ledger.md, L-50 to L-58.
"""

from __future__ import annotations

from dataclasses import replace

from protocol.kinds.agents import Role
from protocol.kinds.holds import Hold, Resolution, ResolutionAction
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Roles, Rules, Signatures
from protocol.ledger.slips import fund_refusal
from protocol.ledger.transfers import amount_refusal, move_refusal
from protocol.limits import HOLD_MS_MAX

HOLD = "hold"
"""Kind of the item that a hold makes."""

HELD = "held"
DISPUTED = "disputed"
POSTED = "posted"
VOIDED = "voided"
EXPIRED = "expired"

ONE_AUDITOR = Signatures(roles=frozenset({Role.AUDITOR}), count=1)
"""Who consents to what a treasurer signs for the assembly."""

ENDED = {
    POSTED: LedgerCode.HOLD_POSTED,
    VOIDED: LedgerCode.HOLD_VOIDED,
    EXPIRED: LedgerCode.HOLD_EXPIRED,
}
"""What is said of a hold that has ended, by the state that it ended in."""


class HoldRules(Rules):
    """The rules of `hold`."""

    body = Hold
    outcomes = frozenset({HELD})
    makes_items = True

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Nobody sets another member's credit aside."""
        # spec/04-ledger L-50
        return bool(instruction.author == instruction.body.payer)

    def agents(self, instruction: Instruction) -> tuple[bytes, ...]:
        """The mediators must be members."""
        return (instruction.author, *instruction.body.mediators)

    def parties(self, instruction: Instruction) -> tuple[bytes, ...]:
        """Both sides and the mediators."""
        body: Hold = instruction.body
        return (body.payer, body.payee, *body.mediators)

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check what the hold says, both accounts and both limits."""
        body: Hold = instruction.body
        if body.ledger != draft.ledger:
            return LedgerCode.WRONG_LEDGER
        refusal = amount_refusal(draft, body.payer, body.payee, body.unit, body.amount)
        if refusal is not None:
            return refusal
        if body.expires_ms <= context.time_ms:
            return LedgerCode.EXPIRED
        if body.expires_ms - context.time_ms > HOLD_MS_MAX:
            return LedgerCode.HOLD_TOO_LONG
        if not all(context.roles.get(mediator) for mediator in body.mediators):
            return LedgerCode.UNKNOWN_MEDIATOR
        refusal = fund_refusal(draft, body.payer, body.unit)
        return refusal or move_refusal(draft, body.payer, body.payee, body.unit, body.amount)

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Set the amount aside, on both sides."""
        body: Hold = instruction.body
        item = Item(
            id=instruction.id,
            kind=HOLD,
            state=HELD,
            is_open=True,
            instruction=instruction,
            opened_leaf=context.index,
            changed_leaf=context.index,
            amount=body.amount,
            until_ms=body.expires_ms,
            payer=body.payer,
            payee=body.payee,
            unit=body.unit,
            signers=(instruction.author,),
        )
        _reserve(draft, item, body.amount)
        draft.put_item(item)
        return HELD

    def expire(self, draft: Draft, item: Item, context: Context) -> None:
        """Free what was set aside."""
        _end(draft, item, context, EXPIRED)


class ResolutionRules(Rules):
    """The rules of `resolution`."""

    body = Resolution
    outcomes = frozenset({POSTED, VOIDED, DISPUTED})

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Whoever has a key may ask; who has no part in the hold is refused by `decide`, which knows the hold."""
        return True

    def references(self, instruction: Instruction) -> tuple[bytes, ...]:
        """The hold."""
        return (instruction.body.hold,)

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check that the hold is open, and that its author may do this with it now."""
        body: Resolution = instruction.body
        if body.amount is not None and body.amount <= 0:
            return LedgerCode.AMOUNT_NOT_POSITIVE
        item = draft.item(body.hold)
        if item is None or item.kind != HOLD:
            return LedgerCode.UNKNOWN_HOLD
        hold: Hold = item.instruction.body
        is_assembly = _is_assembly(draft, hold, instruction, context)
        if not is_assembly and instruction.author not in {hold.payer, hold.payee, *hold.mediators}:
            return LedgerCode.NO_PART_IN_HOLD
        if not item.is_open:
            return ENDED[item.state]
        if is_assembly:
            refusal = None if item.state == DISPUTED else LedgerCode.HOLD_NOT_DISPUTED
        elif not _may_ever(hold, instruction.author, body.action):
            return LedgerCode.NOT_YOUR_STEP
        else:
            refusal = _refused_now(item, hold, instruction.author, body.action, context)
        if refusal is None and body.amount is not None and body.amount > item.amount:
            return LedgerCode.EXCEEDS_HOLD
        return refusal

    def signatures(self, draft: Draft, instruction: Instruction, context: Context) -> Signatures | None:
        """A mediator needs the other one; a payer who posts a part of what the payee could get needs the payee."""
        body: Resolution = instruction.body
        item = draft.item(body.hold)
        assert item is not None, "a resolution was decided without its hold"
        hold: Hold = item.instruction.body
        if _is_assembly(draft, hold, instruction, context):
            return replace(ONE_AUDITOR, sides=frozenset({hold.payer, hold.payee}))
        if instruction.author in hold.mediators:
            # spec/04-ledger L-56
            return Signatures(agents=frozenset(hold.mediators) - {instruction.author})
        if instruction.author == hold.payer and _is_part(item, body) and _has_claim(hold):
            # spec/04-ledger L-53: a cent of it would end the hold, and with it the payee's claim.
            return Signatures(agents=frozenset({hold.payee}))
        return None

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """End the hold, or mark it as disputed."""
        body: Resolution = instruction.body
        item = draft.item(body.hold)
        assert item is not None, "a resolution was decided without its hold"
        if body.action is ResolutionAction.DISPUTE:
            # spec/04-ledger L-55: where somebody is named to decide, the time waits for them.
            until_ms = None if item.instruction.body.mediators else item.until_ms
            draft.put_item(item.changed(leaf=context.index, state=DISPUTED, until_ms=until_ms))
            return DISPUTED
        if body.action is ResolutionAction.VOID:
            _end(draft, item, context, VOIDED)
            return VOIDED
        amount = item.amount if body.amount is None else body.amount
        _end(draft, item, context, POSTED, done=amount)
        assert item.payer is not None, "a hold has a payer"
        assert item.payee is not None, "a hold has a payee"
        assert item.unit is not None, "a hold has a unit"
        # spec/04-ledger L-52: the limits bound when it was set aside; one that was lowered since doesn't undo that.
        draft.move(item.payer, item.payee, item.unit, amount, limits=False)
        return POSTED


def _is_assembly(draft: Draft, hold: Hold, instruction: Instruction, context: Context) -> bool:
    """Tell whether an officer who is no side of the hold cites the assembly's minutes."""
    author = instruction.author
    if instruction.body.minutes is None or author in {hold.payer, hold.payee}:
        return False
    return author == draft.ledger or context.has_role(author, Role.TREASURER)


def _may_ever(hold: Hold, author: bytes, action: ResolutionAction) -> bool:
    """Tell whether such a step can be this author's at all."""
    if action is ResolutionAction.DISPUTE:
        return author in {hold.payer, hold.payee}
    if author == hold.payer:
        return action is ResolutionAction.POST
    if author == hold.payee:
        return action is ResolutionAction.VOID or hold.payee_posts_from_ms is not None
    return True


def _refused_now(
    item: Item, hold: Hold, author: bytes, action: ResolutionAction, context: Context
) -> LedgerCode | None:
    """Return why a step that may be its author's can't be taken now."""
    disputed = item.state == DISPUTED
    if action is ResolutionAction.DISPUTE:
        return LedgerCode.HOLD_DISPUTED if disputed else None
    if author in hold.mediators:
        return None if disputed else LedgerCode.HOLD_NOT_DISPUTED
    if author == hold.payee and action is ResolutionAction.POST:
        assert hold.payee_posts_from_ms is not None, "a payee posts where the hold lets it"
        if disputed:
            return LedgerCode.HOLD_DISPUTED
        if context.time_ms < hold.payee_posts_from_ms:
            return LedgerCode.HOLD_TOO_EARLY
    return None


def _is_part(item: Item, body: Resolution) -> bool:
    """Tell whether less than the whole is posted."""
    return body.action is ResolutionAction.POST and body.amount is not None and body.amount < item.amount


def _has_claim(hold: Hold) -> bool:
    """Tell whether the payee could get the amount without the payer: by its own right, or from the mediators."""
    return hold.payee_posts_from_ms is not None or bool(hold.mediators)


def _reserve(draft: Draft, item: Item, amount: int) -> None:
    """Set an amount aside on both sides, or free it where it is below zero."""
    assert item.payer is not None, "a hold has a payer"
    assert item.payee is not None, "a hold has a payee"
    assert item.unit is not None, "a hold has a unit"
    payer = draft.account(item.payer, item.unit)
    payee = draft.account(item.payee, item.unit)
    assert payer is not None, "a hold was decided without its payer"
    assert payee is not None, "a hold was decided without its payee"
    draft.put(replace(payer, debits_pending=payer.debits_pending + amount))
    draft.put(replace(payee, credits_pending=payee.credits_pending + amount))


def _end(draft: Draft, item: Item, context: Context, state: str, *, done: int = 0) -> None:
    """Free what was set aside and close the hold."""
    # spec/04-ledger L-52: once.
    assert item.is_open, "a hold ended twice"
    _reserve(draft, item, -item.amount)
    draft.put_item(item.changed(leaf=context.index, state=state, is_open=False, done=done, until_ms=None))
