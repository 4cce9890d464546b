"""A ledger in memory that remembers its closed items, and short ways to say requests, mandates and reversals."""

from __future__ import annotations

from typing import Any

from protocol.kinds.fields import Money
from protocol.kinds.joint import Consent
from protocol.kinds.ledger import Account, AccountAction, Purpose, Transfer
from protocol.kinds.requests import Instalment, Mandate, Period, Request, Reversal
from protocol.ledger.apply import POSTED, apply, rules_of, tick, transfer_item
from protocol.ledger.book import Book
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item
from protocol.ledger.replay import references_of
from tests.ledger_builders import FAR_MS, LEDGER, UNIT, named

DAY_MS = 24 * 3600 * 1000

START_MS = 1_795_478_400_000
"""Tuesday 24 November 2026, midnight in UTC: a week begins six days later, a month seven."""


class Table:
    """A ledger on the table: what the node does around `apply`, without a disk.

    Attributes:
        book: The accounts and open items.
        items: All items, closed ones too.
        posted: Posted transfers that no item was made of.
        now_ms: The clock.
    """

    def __init__(self, *names: str, low: int = -100_00, high: int = 500_00) -> None:
        """Open accounts for these names."""
        self.book = Book(ledger=LEDGER, unit=UNIT)
        self.items: dict[bytes, Item] = {}
        self.now_ms = START_MS
        self.posted: dict[bytes, Item] = {}
        self._count = 0
        for name in names:
            body = Account(account=named(name), action=AccountAction.OPEN, limit_low=low, limit_high=high)
            assert self.say(LEDGER, body)[0] == "opened"

    def say(self, author: str | bytes, body: Any) -> tuple[str, bytes]:
        """Let somebody sign an instruction; give the outcome of its leaf and its id."""
        self._count += 1
        who = named(author) if isinstance(author, str) else author
        instruction = Instruction(named(f"instruction {self._count}"), who, self.now_ms, body)
        assert rules_of(instruction).is_entitled(instruction, ledger=LEDGER, roles={}), "not theirs to sign"
        draft = self.book.draft()
        known = self.posted | self.items
        draft.know(known[name] for name in references_of(instruction, self.items) if name in known)
        applied = apply(draft, instruction, now_ms=self.now_ms, keys_at=self.book.keys_at)
        draft.settle()
        self.items.update((item.id, item) for item in applied.items)
        if applied.outcome == POSTED and isinstance(body, Transfer):
            self.posted[instruction.id] = transfer_item(instruction, index=applied.index)
        return applied.outcome, instruction.id

    def pass_to(self, time_ms: int) -> None:
        """Let time go on to a moment, by a leaf without a record."""
        self.now_ms = time_ms
        draft = self.book.draft()
        applied = tick(draft, now_ms=time_ms, keys_at=self.book.keys_at)
        draft.settle()
        self.items.update((item.id, item) for item in applied.items)

    def open(self, name: str, unit: str) -> None:
        """Let the network open an account in another unit."""
        body = Account(account=named(name), action=AccountAction.OPEN, limit_low=-100_00, limit_high=500_00, unit=unit)
        assert self.say(LEDGER, body)[0] == "opened"

    def close(self, name: str) -> None:
        """Let the network close an account, at balance zero."""
        outcome, _ = self.say(LEDGER, Account(account=named(name), action=AccountAction.CLOSE))
        assert outcome == "closed"

    def balance(self, name: str) -> int:
        """Give a balance."""
        account = self.book.account(named(name), UNIT)
        assert account is not None
        return account.balance

    def state(self, identifier: bytes) -> tuple[str, bool, int]:
        """Give of an item its state, whether it is open, and how much of it is done."""
        item = self.items[identifier]
        return item.state, item.is_open, item.done


def transfer(payer: str, payee: str, amount: int, *, request: bytes | None = None, **changes: Any) -> Transfer:
    """Give a transfer, valid until 2100, that may pay a request."""
    values: dict[str, Any] = {
        "ledger": LEDGER, "payer": named(payer), "payee": named(payee), "amount": amount, "unit": UNIT,
        "expires_ms": FAR_MS, "purpose": None if request is None else Purpose(request=request),
    }  # fmt: skip
    return Transfer(**(values | changes))


def asking(payer: str, payee: str, amount: int, *parts: tuple[int, int], **changes: Any) -> Request:
    """Give a request that is due in ten days, or in parts of days from the start and amounts."""
    instalments = tuple(Instalment(due_ms=START_MS + days * DAY_MS, amount=part) for days, part in parts)
    values: dict[str, Any] = {
        "ledger": LEDGER, "payer": named(payer), "payee": named(payee), "amount": amount, "unit": UNIT,
        "due_ms": instalments[-1].due_ms if instalments else START_MS + 10 * DAY_MS, "instalments": instalments,
    }  # fmt: skip
    return Request(**(values | changes))


def allowing(payer: str, payee: str, amount: int, period: str = "week", **changes: Any) -> Mandate:
    """Give a mandate that ends in a hundred days."""
    values: dict[str, Any] = {
        "ledger": LEDGER, "payer": named(payer), "payee": named(payee), "amount": amount, "unit": UNIT,
        "period": Period(period), "until_ms": START_MS + 100 * DAY_MS,
    }  # fmt: skip
    return Mandate(**(values | changes))


def reversing(transfer_id: bytes, payer: str, payee: str, amount: int, **changes: Any) -> Reversal:
    """Give a reversal: `payer` gives back to `payee`."""
    values: dict[str, Any] = {
        "ledger": LEDGER, "transfer": transfer_id, "payer": named(payer), "payee": named(payee), "amount": amount,
        "unit": UNIT,
    }  # fmt: skip
    return Reversal(**(values | changes))


def yes(identifier: bytes) -> Consent:
    """Give the consent to what is named."""
    return Consent(instruction=identifier, agree=True)


def no(identifier: bytes) -> Consent:
    """Give the answer that ends, declines or contests what is named."""
    return Consent(instruction=identifier, agree=False)


def reais(amount: int) -> Money:
    """Give an amount of official money, in centavos."""
    return Money(unit="BRL", amount=amount)
