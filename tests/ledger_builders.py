"""Valid instructions for the ledger's tests: as values, and as signed records."""

from __future__ import annotations

import hashlib
from typing import Any

from protocol import keys, record
from protocol.ledger import (
    AccountAction,
    AccountChange,
    AccountKind,
    Applied,
    Book,
    Draft,
    Transfer,
    apply,
    credit_unit,
)
from protocol.record import Header, Record

FAR_MS = 4_102_444_800_000
"""1 January 2100: an expiry that no test reaches by accident."""


def named(name: str) -> bytes:
    """Give the 32 bytes that stand for a name."""
    return hashlib.sha256(name.encode()).digest()


LEDGER = named("vila")
UNIT = credit_unit(LEDGER)
OTHER_UNIT = credit_unit(named("serra"))


def transfer(payer: str, payee: str, amount: int, **changes: Any) -> Transfer:
    """Give a transfer between named agents, valid until 2100, with a new id for every set of arguments."""
    values: dict[str, Any] = {
        "id": named(f"transfer {payer} {payee} {amount} {sorted(changes.items())!r}"),
        "ledger": LEDGER,
        "payer": named(payer),
        "payee": named(payee),
        "amount": amount,
        "unit": UNIT,
        "expires_ms": FAR_MS,
    }
    values.update(changes)
    return Transfer(**values)


def opening(
    agent: str, *, low: int = -100_00, high: int = 500_00, unit: str = UNIT, kind: str = "member"
) -> AccountChange:
    """Give the opening of a named agent's account."""
    identifier = named(f"open {agent} {low} {high} {unit} {kind}")
    return AccountChange(identifier, named(agent), unit, AccountKind(kind), AccountAction.OPEN, low, high)


def limiting(agent: str, *, low: int, high: int, unit: str = UNIT) -> AccountChange:
    """Give a change of a named agent's limits."""
    identifier = named(f"limit {agent} {low} {high} {unit}")
    return AccountChange(identifier, named(agent), unit, AccountKind.MEMBER, AccountAction.LIMIT, low, high)


def closing(agent: str, *, unit: str = UNIT) -> AccountChange:
    """Give the closing of a named agent's account."""
    identifier = named(f"close {agent} {unit}")
    return AccountChange(identifier, named(agent), unit, AccountKind.MEMBER, AccountAction.CLOSE, None, None)


def book_of(*openings: AccountChange) -> Book:
    """Give a book in which these accounts are open."""
    book = Book(ledger=LEDGER, unit=UNIT)
    draft = book.draft()
    for change in openings:
        applied = apply(draft, change, now_ms=1_000, keys_at=1)
        assert applied.refusal is None
    draft.settle()
    return book


def post(book: Book, instruction: Transfer | AccountChange, *, now_ms: int = 2_000) -> Applied:
    """Apply one instruction and settle it at once."""
    draft: Draft = book.draft()
    applied = apply(draft, instruction, now_ms=now_ms, keys_at=book.keys_at)
    draft.settle()
    return applied


def balance(book: Book, agent: str, unit: str = UNIT) -> int:
    """Give a named agent's balance."""
    account = book.account(named(agent), unit)
    assert account is not None
    return account.balance


def seed_of(name: str) -> bytes:
    """Give the signing seed of a named agent."""
    return named(f"seed of {name}")


def signed(
    kind: str, author: str, body: dict[str, Any], *, home: bytes = LEDGER, nonce: str = "", key: str = ""
) -> Record:
    """Give a record signed by a named agent's only key, or by the key of somebody else."""
    seed = seed_of(key or author)
    header = Header(kind=kind, author=named(author), key=keys.public_of(seed), home=home, created_ms=1_700_000_000_000)
    salt = named(f"salt {kind} {author} {sorted(body.items(), key=lambda item: item[0])!r} {nonce}")[:16]
    return record.create(header, body, seed=seed, salt=salt)


def transfer_body(payer: str, payee: str, amount: int, /, **changes: Any) -> dict[str, Any]:
    """Give the body of a transfer record."""
    body: dict[str, Any] = {
        "ledger": LEDGER,
        "payer": named(payer),
        "payee": named(payee),
        "amount": amount,
        "unit": UNIT,
        "expires_ms": FAR_MS,
        "purpose": {"text": "bread"},
        "nonce": named(f"nonce {payer} {payee} {amount}")[:16],
    }
    body.update(changes)
    return {key: value for key, value in body.items() if value is not None}


def account_body(
    agent: str, action: str = "open", /, *, low: int = -100_00, high: int = 500_00, **changes: Any
) -> dict[str, Any]:
    """Give the body of an account record."""
    body: dict[str, Any] = {
        "account": named(agent),
        "action": action,
        "limit_low": low,
        "limit_high": high,
        "reason": "first trade",
    }
    body.update(changes)
    return {key: value for key, value in body.items() if value is not None}
