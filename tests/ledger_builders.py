"""Valid instructions for the ledger's tests: as values, and as signed records."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from protocol import keys, record
from protocol.kinds.joint import Consent
from protocol.kinds.ledger import Account, AccountAction, AccountKind, Transfer
from protocol.ledger import Applied, Book, Draft, Instruction, Item, apply, credit_unit
from protocol.record import Header, Record

FAR_MS = 4_102_444_800_000
"""1 January 2100: an expiry that no test reaches by accident."""


def named(name: str) -> bytes:
    """Give the 32 bytes that stand for a name."""
    return hashlib.sha256(name.encode()).digest()


LEDGER = named("vila")
UNIT = credit_unit(LEDGER)
OTHER_UNIT = credit_unit(named("serra"))


def instruct(author: str, body: Any, *, identifier: bytes | None = None) -> Instruction:
    """Give an instruction of a named agent; its id is its own for every author and body, unless one is given."""
    return Instruction(identifier or named(f"{author} {body!r}"), named(author), 1_700_000_000_000, body)


def transfer(payer: str, payee: str, amount: int, *, identifier: bytes | None = None, **changes: Any) -> Instruction:
    """Give a transfer between named agents, valid until 2100."""
    values: dict[str, Any] = {
        "ledger": LEDGER,
        "payer": named(payer),
        "payee": named(payee),
        "amount": amount,
        "unit": UNIT,
        "expires_ms": FAR_MS,
    }
    values.update(changes)
    return instruct(payer, Transfer(**values), identifier=identifier)


def opening(
    agent: str, *, low: int = -100_00, high: int = 500_00, unit: str = UNIT, kind: str = "member"
) -> Instruction:
    """Give the opening of a named agent's account."""
    body = Account(named(agent), AccountAction.OPEN, low, high, type=AccountKind(kind), unit=unit)
    return instruct("vila", body)


def limiting(agent: str, *, low: int, high: int, unit: str = UNIT) -> Instruction:
    """Give a change of a named agent's limits."""
    return instruct("vila", Account(named(agent), AccountAction.LIMIT, low, high, unit=unit))


def closing(agent: str, *, unit: str = UNIT) -> Instruction:
    """Give the closing of a named agent's account."""
    return instruct("vila", Account(named(agent), AccountAction.CLOSE, unit=unit))


def consent(author: str, about: Instruction | Item | bytes, *, agree: bool = True) -> Instruction:
    """Give a named agent's answer to something."""
    identifier = about if isinstance(about, bytes) else about.id
    return instruct(author, Consent(identifier, agree))


def book_of(*openings: Instruction) -> Book:
    """Give a book in which these accounts are open."""
    book = Book(ledger=LEDGER, unit=UNIT)
    draft = book.draft()
    for change in openings:
        applied = apply(draft, change, now_ms=1_000, keys_at=1)
        assert applied.refusal is None
    draft.settle()
    return book


def post(
    book: Book,
    instruction: Instruction,
    *,
    now_ms: int = 2_000,
    roles: dict[str, set[str]] | None = None,
    known: Iterable[Item] = (),
) -> Applied:
    """Apply one instruction and settle it at once.

    Args:
        book: It is changed.
        instruction: What is asked.
        now_ms: The sequencer's clock.
        roles: Roles of named agents.
        known: Closed items that it refers to.
    """
    draft: Draft = book.draft()
    draft.know(known)
    held = {named(name): frozenset(some) for name, some in (roles or {}).items()}
    applied = apply(draft, instruction, now_ms=now_ms, keys_at=book.keys_at, roles=held)
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
