"""Apply one instruction to a book: the one function that the sequencer, the restart and the audit share.

`decide` names the first refusal that applies, or none; `apply` then posts what was asked and says which
accounts changed. Both look only at the draft and the instruction, so folding the same leaves gives the same
book everywhere. A refusal changes nothing but size and time: it is a leaf too.
Source: docs/spec/04-ledger.md, L-20 to L-30.
"""

from dataclasses import dataclass
from typing import assert_never

from protocol.kinds.ledger import AccountAction
from protocol.ledger.accounts import (
    AMOUNT_MAX,
    KINDS_IN_USE,
    Account,
    AccountState,
    are_limits_in_range,
)
from protocol.ledger.book import Draft
from protocol.ledger.instructions import AccountChange, Instruction, Transfer
from protocol.ledger.refusals import LedgerCode

POSTED = "posted"
OPENED = "opened"
CHANGED = "changed"
CLOSED = "closed"
DONE_OUTCOMES = frozenset({POSTED, OPENED, CHANGED, CLOSED})
"""Outcomes that changed the book; every other outcome is the code of a refusal."""

CREDIT_UNIT_PREFIX = "agent:"
"""Units of mutual credit name the network that keeps them; official money never stands in this ledger."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of one instruction.

    Attributes:
        outcome: one of `DONE_OUTCOMES`, or the code of a refusal; this is what the leaf says.
        refusal: the refusal, when it is one.
        index: index of its leaf.
        time_ms: time of its leaf.
        debit: the payer's account after a posted transfer.
        credit: the payee's account after a posted transfer.
        account: the account after it was opened, changed or closed.
        amount: minor units that a posted transfer moved; 0 for anything else.
    """

    outcome: str
    refusal: LedgerCode | None
    index: int
    time_ms: int
    debit: Account | None = None
    credit: Account | None = None
    account: Account | None = None
    amount: int = 0


def decide(draft: Draft, instruction: Instruction, time_ms: int) -> LedgerCode | None:
    """Return the first refusal that applies to an instruction, or None when it can be posted.

    Args:
        draft: the book as it stands before the instruction.
        instruction: what is asked.
        time_ms: time that its leaf will have.
    """
    match instruction:
        case Transfer():
            return _decide_transfer(draft, instruction, time_ms)
        case AccountChange():
            return _decide_account_change(draft, instruction)
        case _:
            assert_never(instruction)


def apply(draft: Draft, instruction: Instruction, *, now_ms: int, keys_at: int) -> Applied:
    """Judge one instruction and post it in the draft, as its next leaf.

    The caller has checked the signature, the author's right to sign, and that no leaf holds this id yet.

    Args:
        draft: the book so far; it is changed.
        instruction: what is asked.
        now_ms: the sequencer's clock. The leaf takes the later of this and the previous leaf's time (L-24).
        keys_at: size of the trust feed at which the author's keys were read; never lower than before.

    Returns:
        The outcome, with the accounts as they stand after it.
    """
    time_ms = max(draft.time_ms, now_ms)
    assert keys_at >= draft.keys_at, f"keys_at {keys_at} is lower than {draft.keys_at} of the leaf before"
    refusal = decide(draft, instruction, time_ms)
    index = draft.size
    draft.size = index + 1
    draft.time_ms = time_ms
    draft.keys_at = keys_at
    if refusal is not None:
        return Applied(refusal.value, refusal, index, time_ms)
    if isinstance(instruction, Transfer):
        debit, credit = _post_transfer(draft, instruction)
        return Applied(POSTED, None, index, time_ms, debit, credit, None, instruction.amount)
    outcome, account = _post_account_change(draft, instruction)
    return Applied(outcome, None, index, time_ms, None, None, account)


def _decide_transfer(draft: Draft, transfer: Transfer, time_ms: int) -> LedgerCode | None:
    """Return the first refusal of a transfer; the order below is the order of `LedgerCode`."""
    amount = transfer.amount
    if transfer.ledger != draft.ledger:
        return LedgerCode.WRONG_LEDGER
    if not draft.has_unit(transfer.unit):
        return LedgerCode.UNKNOWN_UNIT
    if amount <= 0:
        return LedgerCode.AMOUNT_NOT_POSITIVE
    if amount > AMOUNT_MAX:
        return LedgerCode.AMOUNT_TOO_LARGE
    if transfer.payer == transfer.payee:
        return LedgerCode.SELF_PAYMENT
    if transfer.expires_ms <= time_ms:
        return LedgerCode.EXPIRED
    payer = draft.account(transfer.payer, transfer.unit)
    if payer is None:
        return LedgerCode.UNKNOWN_PAYER
    payee = draft.account(transfer.payee, transfer.unit)
    if payee is None:
        return LedgerCode.UNKNOWN_PAYEE
    if payer.state is AccountState.CLOSED:
        return LedgerCode.PAYER_CLOSED
    if payee.state is AccountState.CLOSED:
        return LedgerCode.PAYEE_CLOSED
    if payer.balance - amount < payer.limit_low:
        return LedgerCode.DEBIT_LIMIT
    if payee.balance + amount > payee.limit_high:
        return LedgerCode.CREDIT_LIMIT
    return None


def _decide_account_change(draft: Draft, change: AccountChange) -> LedgerCode | None:
    """Return the first refusal of an account change; the order below is the order of `LedgerCode`."""
    if not change.unit.startswith(CREDIT_UNIT_PREFIX):
        return LedgerCode.UNKNOWN_UNIT
    opening = change.action is AccountAction.OPEN
    if opening and change.kind not in KINDS_IN_USE:
        return LedgerCode.KIND_NOT_IN_USE
    low, high = change.limit_low, change.limit_high
    if low is not None and high is not None and not are_limits_in_range(low, high):
        return LedgerCode.LIMITS_OUT_OF_RANGE
    account = draft.account(change.account, change.unit)
    if opening:
        is_open = account is not None and account.state is AccountState.OPEN
        return LedgerCode.ACCOUNT_EXISTS if is_open else None
    if account is None:
        return LedgerCode.UNKNOWN_ACCOUNT
    if account.state is AccountState.CLOSED:
        return LedgerCode.ACCOUNT_CLOSED
    if change.action is AccountAction.CLOSE and account.balance != 0:
        return LedgerCode.BALANCE_NOT_ZERO
    return None


def _post_transfer(draft: Draft, transfer: Transfer) -> tuple[Account, Account]:
    """Move the amount; return the payer's and the payee's account after it."""
    payer = draft.account(transfer.payer, transfer.unit)
    payee = draft.account(transfer.payee, transfer.unit)
    assert payer is not None, "a transfer was decided without its payer"
    assert payee is not None, "a transfer was decided without its payee"
    debit = payer.with_balance(payer.balance - transfer.amount)
    credit = payee.with_balance(payee.balance + transfer.amount)
    # spec/04-ledger L-4: what decide promised, asserted again before anything is kept.
    assert debit.balance >= debit.limit_low, "a transfer passed the payer's limit"
    assert credit.balance <= credit.limit_high, "a transfer passed the payee's limit"
    draft.put(debit)
    draft.put(credit)
    return debit, credit


def _post_account_change(draft: Draft, change: AccountChange) -> tuple[str, Account]:
    """Open, change or close the account; return the outcome and the account after it."""
    before = draft.account(change.account, change.unit)
    if change.action is AccountAction.CLOSE:
        assert before is not None, "an account was closed that never was open"
        assert before.balance == 0, "an account was closed with a balance"
        after = _changed(before, state=AccountState.CLOSED, limit_low=0, limit_high=0)
        outcome = CLOSED
    elif change.action is AccountAction.LIMIT:
        assert before is not None, "limits were changed of an account that never was open"
        low, high = _limits(change)
        after = _changed(before, state=before.state, limit_low=low, limit_high=high)
        outcome = CHANGED
    else:
        low, high = _limits(change)
        number = before.number if before is not None else draft.opened + 1
        draft.opened = max(draft.opened, number)
        after = Account(
            number,
            change.account,
            change.unit,
            change.kind,
            AccountState.OPEN,
            0,
            low,
            high,
        )
        outcome = OPENED
    draft.put(after)
    return outcome, after


def _limits(change: AccountChange) -> tuple[int, int]:
    """Return the limits of an opening or a change of limits, which both name."""
    assert change.limit_low is not None, "only a closing names no limits"
    assert change.limit_high is not None, "only a closing names no limits"
    return change.limit_low, change.limit_high


def _changed(before: Account, *, state: AccountState, limit_low: int, limit_high: int) -> Account:
    """Return an account with other limits or another state, at the same balance."""
    return Account(before.number, before.agent, before.unit, before.kind, state, before.balance, limit_low, limit_high)
