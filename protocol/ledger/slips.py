"""Numbered slips: a clerk signs a transfer for a member without a device, and a second person countersigns.

A slip's number counts once. A member who is assisted gives no more on slips in a day than the assembly's rule says, and
may contest a slip for ninety days: with a key of their own, or through the auditor.
Source: docs/spec/04-ledger.md, L-76 to L-78.
"""

from __future__ import annotations

from protocol.kinds.agents import Role
from protocol.kinds.ledger import AccountKind, Transfer
from protocol.kinds.postings import RuleType
from protocol.ledger.book import Draft
from protocol.ledger.charter import rule_of
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item, item_id
from protocol.ledger.official import CONFIRMED, CONTESTED
from protocol.ledger.policies import SECOND_OFFICER
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Roles, Signatures

SLIP = "slip"
"""Kind of the item that stands for a slip that was used."""

SLIP_DAY = "slip_day"
"""Kind of the item that counts what a member gave on slips in a day."""

DAY_MS = 24 * 3600 * 1000

CONTEST_MS = 90 * DAY_MS
"""How long a slip may be contested. Longer than a proposed act lives, so that no number is used by two of them."""

COUNTERSIGNED = Signatures(roles=frozenset({Role.CLERK, Role.TREASURER, Role.AUDITOR}), count=1)
"""A second person who saw the slip."""


def is_entitled(roles: Roles, author: bytes) -> bool:
    """Tell whether somebody may sign a slip: a clerk."""
    # spec/04-ledger L-76
    return Role.CLERK in roles.get(author, ())


def references(instruction: Instruction) -> tuple[bytes, ...]:
    """Give the id of the item of the slip, if there is one."""
    body: Transfer = instruction.body
    return () if body.slip is None else (item_id(SLIP, body.slip),)


def first_refusal(draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
    """Return what is against a transfer by its slip, or by the fund that it would leave."""
    body: Transfer = instruction.body
    if body.slip is not None and (refusal := _slip_refusal(draft, instruction, context)) is not None:
        return refusal
    return fund_refusal(draft, body.payer, body.unit)


def fund_refusal(draft: Draft, payer: bytes, unit: str) -> LedgerCode | None:
    """Refuse what would leave a fund by a single signature."""
    account = draft.account(payer, unit)
    # spec/04-ledger L-83: what leaves a fund is a posting that cites minutes.
    return LedgerCode.FUND_NEEDS_MINUTES if account is not None and account.kind is AccountKind.FUND else None


def signatures(draft: Draft, instruction: Instruction) -> Signatures | None:
    """Say who signs a transfer beside its author: a slip's second person; a second officer for much of the treasury."""
    body: Transfer = instruction.body
    if body.slip is not None:
        return COUNTERSIGNED
    return treasury_signatures(draft, body.payer, body.unit, body.amount)


def treasury_signatures(draft: Draft, payer_id: bytes, unit: str, amount: int) -> Signatures | None:
    """Say who signs what leaves an account beside its author: a second officer for much of the treasury."""
    payer = draft.account(payer_id, unit)
    if payer is None or payer.kind is not AccountKind.TREASURY:
        return None
    rule = rule_of(draft, RuleType.SIGNATURES, unit)
    # spec/04-ledger L-75
    return SECOND_OFFICER if rule is not None and rule.amount is not None and amount > rule.amount else None


def note(draft: Draft, instruction: Instruction, context: Context) -> None:
    """Keep that a slip was used, and what its payer gave on slips that day."""
    body: Transfer = instruction.body
    if body.slip is None:
        return
    draft.put_item(_item(instruction, context, item_id(SLIP, body.slip), SLIP, context.time_ms + CONTEST_MS))
    identifier = _day_id(body, context)
    before = draft.item(identifier)
    if before is not None:
        draft.put_item(before.changed(leaf=context.index, done=before.done + body.amount))
        return
    ends_ms = (context.time_ms // DAY_MS + 1) * DAY_MS
    draft.put_item(_item(instruction, context, identifier, SLIP_DAY, ends_ms, done=body.amount))


def contest_refusal(item: Item, instruction: Instruction, context: Context) -> LedgerCode | None:
    """Return what is against an answer to a slip: it is its payer's to contest, or an auditor's for them."""
    if not item.is_open:
        return LedgerCode.ALREADY_ENDED
    if instruction.author != item.payer and not context.has_role(instruction.author, Role.AUDITOR):
        return LedgerCode.NOT_YOURS_TO_SIGN
    return LedgerCode.ALREADY_SIGNED if item.state == CONTESTED else None


def contest(draft: Draft, item: Item, instruction: Instruction, context: Context) -> str:
    """Keep that a slip is contested, or that its payer confirms it; the amount stays where it is."""
    state = CONFIRMED if instruction.body.agree else CONTESTED
    draft.put_item(item.changed(leaf=context.index, state=state, signers=(*item.signers, instruction.author)))
    return state


def _slip_refusal(draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
    """Return what is against a slip: who signs for whom, its number, and the day's cap."""
    body: Transfer = instruction.body
    if not context.has_role(body.payer, Role.ASSISTED):
        return LedgerCode.NOT_ASSISTED
    if body.payee == instruction.author:
        return LedgerCode.OWN_SLIP
    rule = rule_of(draft, RuleType.ASSISTED, body.unit)
    if rule is None or rule.amount is None:
        return LedgerCode.UNKNOWN_RULE
    if draft.item(item_id(SLIP, body.slip or 0)) is not None:
        return LedgerCode.SLIP_USED
    day = draft.item(_day_id(body, context))
    given = 0 if day is None else day.done
    # spec/04-ledger L-77: the cap itself may be reached.
    return LedgerCode.DAILY_CAP if given + body.amount > rule.amount else None


def _day_id(body: Transfer, context: Context) -> bytes:
    return item_id(SLIP_DAY, body.payer, body.unit, context.time_ms // DAY_MS)


def _item(
    instruction: Instruction, context: Context, identifier: bytes, kind: str, until_ms: int, *, done: int = 0
) -> Item:
    body: Transfer = instruction.body
    return Item(
        id=identifier,
        kind=kind,
        state="posted" if kind == SLIP else "counting",
        is_open=True,
        instruction=instruction,
        opened_leaf=context.index,
        changed_leaf=context.index,
        amount=body.amount,
        done=done,
        until_ms=until_ms,
        payer=body.payer,
        payee=body.payee,
        unit=body.unit,
        signers=(instruction.author,),
    )
