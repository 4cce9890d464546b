"""A small town on one ledger, for tests of what officers do: people with roles, their accounts, and a clock."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from protocol.kinds.cash import Minutes
from protocol.kinds.fields import Body
from protocol.kinds.joint import Consent
from protocol.kinds.ledger import Account, AccountAction, AccountKind, Transfer
from protocol.kinds.postings import Posting, PostingLine, PostingType, Rule, RuleType
from protocol.ledger import Book, Instruction, Item, apply, item_id, references_of
from protocol.ledger.apply import POSTED, rules_of, transfer_item
from tests.ledger_builders import FAR_MS, LEDGER, UNIT, named

START_MS = 1_800_000_000_000
DAY_MS = 24 * 3600 * 1000

MINUTES = Minutes(date="2027-03-14", number="12", hash=named("minutes 12"))

ROLES: Mapping[bytes, frozenset[str]] = {
    named("tereza"): frozenset({"member", "treasurer"}),
    named("tadeu"): frozenset({"member", "treasurer"}),
    named("aurora"): frozenset({"member", "auditor"}),
    named("celia"): frozenset({"member", "clerk"}),
    named("caio"): frozenset({"member", "clerk"}),
    named("ana"): frozenset({"member"}),
    named("bento"): frozenset({"member"}),
    named("vo"): frozenset({"member", "assisted"}),
}


class Town:
    """A book, its people, and ways to let them act.

    Attributes:
        book: The ledger.
        now_ms: The sequencer's clock.
    """

    def __init__(self, *names: str) -> None:
        """Open accounts of ±100 for members of these names, one of the network and one of a fund."""
        self.book = Book(ledger=LEDGER, unit=UNIT)
        self.now_ms = START_MS
        self._numbers = itertools.count()
        self._made: dict[bytes, Item] = {}
        self.open("vila", kind=AccountKind.TREASURY, low=-(10**9), high=10**9)
        self.open("fund", kind=AccountKind.FUND)
        for name in names or ("ana", "bento", "vo"):
            self.open(name)

    def open(self, name: str, *, kind: AccountKind = AccountKind.MEMBER, low: int = -100, high: int = 100) -> None:
        """Open an account."""
        body = Account(
            account=agent(name), action=AccountAction.OPEN, limit_low=low, limit_high=high, type=kind, reason="ata 1"
        )
        assert self.act("vila", body) == "opened"

    def instruction(self, author: str, body: Body) -> Instruction:
        """Give a new instruction."""
        return Instruction(named(f"instruction {next(self._numbers)}"), agent(author), self.now_ms, body)

    def act(self, author: str, body: Body | Instruction) -> str:
        """Let somebody sign something; give the outcome of its leaf, or `not_allowed` where they may not."""
        instruction = body if isinstance(body, Instruction) else self.instruction(author, body)
        if not rules_of(instruction).is_entitled(instruction, ledger=LEDGER, roles=ROLES):
            return "not_allowed"
        draft = self.book.draft()
        draft.know(self._at_hand(instruction))
        applied = apply(draft, instruction, now_ms=self.now_ms, keys_at=1, roles=ROLES)
        self.last = instruction
        self.touched = applied.items
        self._made.update((item.id, item) for item in applied.items)
        if applied.outcome == POSTED and isinstance(instruction.body, Transfer):
            self._made.setdefault(instruction.id, transfer_item(instruction, index=applied.index))
        self.moves = applied.moves
        before = sum(account.balance for account in self.book.accounts())
        draft.settle()
        assert sum(account.balance for account in self.book.accounts()) == before == 0
        return applied.outcome

    def _at_hand(self, instruction: Instruction) -> list[Item]:
        """Give the items that judging needs, closed ones too, as the sequencer reads them for a batch."""
        found: dict[bytes, Item] = {}
        asked = [instruction]
        while asked:
            named_here = [name for each in asked for name in references_of(each, found)]
            new = {name: self._made[name] for name in named_here if name in self._made and name not in found}
            found |= new
            asked = [item.instruction for item in new.values()]
        return list(found.values())

    def consent(self, author: str, to: bytes, *, agree: bool = True) -> str:
        """Let somebody answer what waits for them."""
        return self.act(author, Consent(instruction=to, agree=agree))

    def rule(self, kind: RuleType, **terms: Any) -> bytes:
        """Put a rule in force; give the id of its item."""
        body = Rule(type=kind, title="Regra", minutes=MINUTES, **terms)
        assert self.act("tereza", body) == "proposed"
        assert self.consent("aurora", self.last.id) == "in_force"
        return next(item.id for item in self.touched if item.kind == "rule" and item.is_open)

    def balances(self) -> dict[bytes, int]:
        """Give what every account stands at, by agent."""
        return {account.agent: account.balance for account in self.book.accounts()}

    def balance(self, name: str) -> int:
        """Give what an account stands at."""
        return self.balances()[agent(name)]

    def item(self, *name: str | bytes | int) -> Item | None:
        """Give an open item by its name."""
        return self.book.item(item_id(*name))


def agent(name: str) -> bytes:
    """Give somebody's id; `vila` is the network itself."""
    return LEDGER if name == "vila" else named(name)


def transfer(payer: str, payee: str, amount: int, *, slip: int | None = None) -> Transfer:
    """Give the body of a transfer."""
    return Transfer(
        ledger=LEDGER, payer=agent(payer), payee=agent(payee), amount=amount, unit=UNIT, expires_ms=FAR_MS, slip=slip
    )


def lines(*parts: tuple[str | None, str | None, int]) -> tuple[PostingLine, ...]:
    """Give lines of payer, payee and amount."""
    return tuple(
        PostingLine(
            amount=amount, payer=None if payer is None else agent(payer), payee=None if payee is None else agent(payee)
        )
        for payer, payee, amount in parts
    )


def collection(kind: PostingType, rule: bytes, period: str, **amounts: int) -> Posting:
    """Give a posting that takes these amounts of these members."""
    taken = lines(*((name, None, amount) for name, amount in amounts.items()))
    return Posting(type=kind, rule=rule, period=period, lines=taken)
