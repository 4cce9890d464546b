"""What a transfer names beside its accounts: a request that it pays, a mandate that it draws on, an official part.

`protocol.ledger.transfers` asks here at each of its steps. What is refused here is refused before any account is
looked at, so that a member hears first that a charge was paid already.
Source: docs/spec/04-ledger.md, L-61, L-63, L-65, L-68.

Tests: tests/protocol/ledger/test_requests.py, tests/protocol/ledger/test_mandates.py
"""

from __future__ import annotations

from protocol.kinds.ledger import Transfer
from protocol.kinds.requests import Mandate
from protocol.ledger.book import Draft
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item
from protocol.ledger.official import state_official
from protocol.ledger.periods import period_end
from protocol.ledger.refusals import LedgerCode
from protocol.ledger.rules import Context

REQUEST = "request"
"""Kind of an item that stands for a request."""

MANDATE = "mandate"
"""Kind of an item that stands for a mandate."""

PART_PAID = "part_paid"
PAID = "paid"


def signer_of(transfer: Transfer) -> bytes:
    """Return who signs a transfer: its payer, or the payee where it draws on a mandate."""
    # spec/04-ledger L-11, L-63
    return transfer.payer if transfer.mandate is None else transfer.payee


def linked_ids(transfer: Transfer) -> tuple[bytes, ...]:
    """Return the ids of the items that a transfer names."""
    return tuple(identifier for identifier in (_request_of(transfer), transfer.mandate) if identifier is not None)


def linked_refusal(draft: Draft, transfer: Transfer) -> LedgerCode | None:
    """Return the first refusal that what a transfer names gives."""
    request = _request_of(transfer)
    refusal = None if request is None else _payment_refusal(transfer, draft.item(request))
    if refusal is None and transfer.mandate is not None:
        refusal = _draw_refusal(transfer, draft.item(transfer.mandate))
    return refusal


def post_linked(draft: Draft, instruction: Instruction, context: Context) -> None:
    """Note a posted transfer on what it names."""
    body: Transfer = instruction.body
    request = _request_of(body)
    if request is not None:
        _count_payment(draft, body, request, context)
    if body.mandate is not None:
        _count_draw(draft, body, body.mandate, context)
    state_official(draft, instruction, context)


def _request_of(transfer: Transfer) -> bytes | None:
    return None if transfer.purpose is None else transfer.purpose.request


def _is_between(transfer: Transfer, item: Item) -> bool:
    """Tell whether an item is about the same two accounts as a transfer."""
    return (item.payer, item.payee, item.unit) == (transfer.payer, transfer.payee, transfer.unit)


def _payment_refusal(transfer: Transfer, item: Item | None) -> LedgerCode | None:
    # spec/04-ledger L-61
    if item is None or item.kind != REQUEST:
        return LedgerCode.UNKNOWN_REQUEST
    if not _is_between(transfer, item):
        return LedgerCode.NOT_AS_REQUESTED
    if not item.is_open:
        return LedgerCode.REQUEST_CLOSED
    if transfer.amount > item.amount - item.done:
        return LedgerCode.MORE_THAN_REQUESTED
    return None


def _count_payment(draft: Draft, transfer: Transfer, request: bytes, context: Context) -> None:
    item = draft.item(request)
    assert item is not None, "a transfer was decided without the request that it pays"
    done = item.done + transfer.amount
    assert done <= item.amount, "a request was paid with more than it asked"
    is_open = done < item.amount
    state = PART_PAID if is_open else PAID
    draft.put_item(item.changed(leaf=context.index, done=done, is_open=is_open, state=state))


def _draw_refusal(transfer: Transfer, item: Item | None) -> LedgerCode | None:
    # spec/04-ledger L-63
    if item is None or item.kind != MANDATE:
        return LedgerCode.UNKNOWN_MANDATE
    if not _is_between(transfer, item):
        return LedgerCode.NOT_AS_MANDATED
    if not item.is_open:
        return LedgerCode.MANDATE_ENDED
    # spec/04-ledger L-65: a period that has passed has ended before this leaf, so `done` is of the present one.
    if item.done + transfer.amount > item.amount:
        return LedgerCode.MANDATE_LIMIT
    return None


def _count_draw(draft: Draft, transfer: Transfer, mandate: bytes, context: Context) -> None:
    item = draft.item(mandate)
    assert item is not None, "a transfer was decided without the mandate that it draws on"
    body: Mandate = item.instruction.body
    done = item.done + transfer.amount
    assert done <= item.amount, "more was drawn than a mandate allows"
    until_ms = min(period_end(body.period, context.time_ms), body.until_ms)
    draft.put_item(item.changed(leaf=context.index, done=done, until_ms=until_ms))
