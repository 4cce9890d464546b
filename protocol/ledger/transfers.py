"""Transfers: a payer moves credit to a payee, once, within both limits.

Source: docs/spec/04-ledger.md, L-4, L-11, L-25.

Tests: tests/protocol/ledger/test_apply.py
"""

from __future__ import annotations

from protocol.kinds.ledger import Transfer
from protocol.ledger import slips
from protocol.ledger.accounts import AMOUNT_MAX, AccountState
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item
from protocol.ledger.linked import linked_ids, linked_refusal, post_linked, signer_of
from protocol.ledger.official import (
    CONFIRMED,
    CONTESTED,
    OFFICIAL,
    answer_official,
    end_official,
    official_refusal,
    stating_refusal,
)
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context, Roles, Rules, Signatures

POSTED = "posted"


class TransferRules(Rules):
    """The rules of `transfer`."""

    body = Transfer
    outcomes = frozenset({POSTED, CONFIRMED, CONTESTED})

    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Nobody signs for another member's account, unless that member's mandate is named, or on a slip."""
        # spec/04-ledger L-11, L-63, L-76
        if instruction.body.slip is not None:
            return slips.is_entitled(roles, instruction.author)
        return bool(instruction.author == signer_of(instruction.body))

    def agents(self, instruction: Instruction) -> tuple[bytes, ...]:
        """Whether the payer is assisted counts where a clerk signs."""
        return (instruction.author,) if instruction.body.slip is None else (instruction.author, instruction.body.payer)

    def references(self, instruction: Instruction) -> tuple[bytes, ...]:
        """Look at the request that it pays, the mandate that it draws on, and whether its slip was used."""
        return (*linked_ids(instruction.body), *slips.references(instruction))

    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Check what the transfer says, both accounts and both limits."""
        body: Transfer = instruction.body
        if body.ledger != draft.ledger:
            return LedgerCode.WRONG_LEDGER
        refusal = amount_refusal(draft, body.payer, body.payee, body.unit, body.amount)
        if refusal is not None:
            return refusal
        if body.expires_ms <= context.time_ms:
            return LedgerCode.EXPIRED
        refusal = linked_refusal(draft, body) or slips.first_refusal(draft, instruction, context)
        if refusal is not None:
            return refusal
        refusal = move_refusal(draft, body.payer, body.payee, body.unit, body.amount)
        return refusal or stating_refusal(draft, instruction)

    def signatures(self, draft: Draft, instruction: Instruction, context: Context) -> Signatures | None:
        """A slip is countersigned, and so is much out of the treasury."""
        return slips.signatures(draft, instruction)

    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Move the amount."""
        body: Transfer = instruction.body
        draft.move(body.payer, body.payee, body.unit, body.amount)
        post_linked(draft, instruction, context)
        slips.note(draft, instruction, context)
        return POSTED

    def answer_refusal(self, draft: Draft, item: Item, instruction: Instruction, context: Context) -> LedgerCode | None:
        """The payee may answer the official part, where it states one; a slip may be contested."""
        if item.kind == slips.SLIP:
            return slips.contest_refusal(item, instruction, context)
        return official_refusal(item, instruction) if item.kind == OFFICIAL else LedgerCode.NOTHING_TO_ANSWER

    def answered(self, draft: Draft, item: Item, instruction: Instruction, context: Context) -> str:
        """Note what the payee says of the official part, or what is said of a slip."""
        if item.kind == slips.SLIP:
            return slips.contest(draft, item, instruction, context)
        return answer_official(draft, item, instruction, context)

    def expire(self, draft: Draft, item: Item, context: Context) -> None:
        """Close an official part that got no answer in time, a slip that wasn't contested, a slip day that is over."""
        end_official(draft, item, context)


def amount_refusal(draft: Draft, payer: bytes, payee: bytes, unit: str, amount: int) -> LedgerCode | None:
    """Return the first refusal of what an instruction says of a movement by itself, before any account is looked at."""
    if not draft.has_unit(unit):
        return LedgerCode.UNKNOWN_UNIT
    if amount <= 0:
        return LedgerCode.AMOUNT_NOT_POSITIVE
    if amount > AMOUNT_MAX:
        return LedgerCode.AMOUNT_TOO_LARGE
    if payer == payee:
        return LedgerCode.SELF_PAYMENT
    return None


def move_refusal(
    draft: Draft, payer_id: bytes, payee_id: bytes, unit: str, amount: int, *, limits: bool = True
) -> LedgerCode | None:
    """Return the first refusal that the accounts of a movement give; `limits` says whether their limits bind."""
    payer = draft.account(payer_id, unit)
    if payer is None:
        return LedgerCode.UNKNOWN_PAYER
    payee = draft.account(payee_id, unit)
    if payee is None:
        return LedgerCode.UNKNOWN_PAYEE
    if payer.state is AccountState.CLOSED:
        return LedgerCode.PAYER_CLOSED
    if payee.state is AccountState.CLOSED:
        return LedgerCode.PAYEE_CLOSED
    if not limits:
        return None
    if payer.balance - payer.debits_pending - amount < payer.limit_low:
        return LedgerCode.DEBIT_LIMIT
    if payee.balance + payee.credits_pending + amount > payee.limit_high:
        return LedgerCode.CREDIT_LIMIT
    return None
