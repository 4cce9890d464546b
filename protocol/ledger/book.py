"""The book: the state of one ledger, folded from its leaves, and drafts over it.

A book holds every account, every open item, the time of its last leaf and its size. It changes only through a draft: a
draft reads through to the book below it and keeps what changed beside it. `settle` puts a draft's changes into the
book, once they are durable; a draft that is dropped leaves the book as it was, which is how a failed commit
rolls back (L-31). Everything that a draft changes in a unit sums to zero, asserted when it settles.
Source: docs/spec/04-ledger.md, L-3, L-30, L-31.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from protocol.ledger.accounts import Account, AccountKey
from protocol.ledger.items import Item


class Move(NamedTuple):
    """One movement of credit: both accounts as it leaves them, and the amount in minor units."""

    debit: Account
    credit: Account
    amount: int


class Book:
    """All accounts of one ledger after its first `size` leaves.

    Attributes:
        ledger: id of the network whose ledger this is, 32 bytes.
        unit: the network's own credit unit, known from the first leaf on.
        size: number of leaves folded.
        time_ms: time of the last leaf, 0 when there is none; it never decreases.
        keys_at: size of the trust feed that the last leaf was judged at; it never decreases.
        opened: number of accounts ever opened, which is the number of the newest one.
        due_ms: when the next open item ends by itself; None where none does.
    """

    __slots__ = (
        "_accounts",
        "_items",
        "_open_by",
        "_units",
        "due_ms",
        "keys_at",
        "ledger",
        "opened",
        "size",
        "time_ms",
        "unit",
    )

    def __init__(self, *, ledger: bytes, unit: str) -> None:
        """Begin an empty book for one ledger."""
        self.ledger = ledger
        self.unit = unit
        self.size = 0
        self.time_ms = 0
        self.keys_at = 0
        self.opened = 0
        self.due_ms: int | None = None
        self._accounts: dict[AccountKey, Account] = {}
        self._items: dict[bytes, Item] = {}
        self._open_by: Counter[bytes] = Counter()
        self._units: set[str] = {unit}

    @classmethod
    def restored(
        cls,
        *,
        ledger: bytes,
        unit: str,
        size: int,
        time_ms: int,
        keys_at: int,
        accounts: Iterable[Account],
        items: Iterable[Item] = (),
    ) -> Book:
        """Build the book from stored accounts, as a node does when it starts.

        Args:
            ledger: id of the network.
            unit: the network's own credit unit.
            size: leaves that the stored accounts are the fold of.
            time_ms: time of the last of them.
            keys_at: trust feed size of the last of them.
            accounts: all accounts, in any order.
            items: all open items, in any order.
        """
        book = cls(ledger=ledger, unit=unit)
        book.size = size
        book.time_ms = time_ms
        book.keys_at = keys_at
        for account in accounts:
            book._put(account)
            book.opened = max(book.opened, account.number)
        book._keep(items)
        return book

    def account(self, agent: bytes, unit: str) -> Account | None:
        """Return one account, or None when it was never opened."""
        return self._accounts.get((agent, unit))

    def item(self, identifier: bytes) -> Item | None:
        """Return an open item, or None where there is none of that id."""
        return self._items.get(identifier)

    def open_count(self, author: bytes) -> int:
        """Return how many open items an author has made."""
        return self._open_by[author]

    def items(self) -> Iterator[Item]:
        """Yield every open item in the order of the leaves that made them."""
        return iter(sorted(self._items.values(), key=lambda item: (item.opened_leaf, item.id)))

    def has_unit(self, unit: str) -> bool:
        """Tell whether this ledger keeps accounts in a unit."""
        return unit in self._units

    def units(self) -> tuple[str, ...]:
        """Return the units that this ledger keeps accounts in, sorted."""
        return tuple(sorted(self._units))

    def accounts(self) -> Iterator[Account]:
        """Yield every account in the order of opening."""
        return iter(sorted(self._accounts.values(), key=lambda account: account.number))

    def __len__(self) -> int:
        """Return the number of accounts, closed ones too."""
        return len(self._accounts)

    def trial_balance(self) -> dict[str, int]:
        """Return the sum of all balances in each unit; anything but zero is a broken ledger."""
        sums = dict.fromkeys(sorted(self._units), 0)
        for account in self._accounts.values():
            sums[account.unit] += account.balance
        return sums

    def draft(self) -> Draft:
        """Begin a draft over this book."""
        return Draft(self)

    def settle(self, draft: Draft) -> None:
        """Take over a draft's changes; see `Draft.settle`."""
        moved: dict[str, int] = {}
        for key, account in draft.changed.items():
            before = self._accounts.get(key)
            delta = account.balance - (before.balance if before is not None else 0)
            moved[account.unit] = moved.get(account.unit, 0) + delta
        # spec/04-ledger L-3: a broken sum never reaches the book.
        assert not any(moved.values()), f"a draft moves the sum off zero: {moved}"
        assert self.size == draft.begun_at, f"a draft over {draft.begun_at} leaves, but the book has {self.size}"
        assert self.time_ms <= draft.time_ms, "leaf times decreased"
        for account in draft.changed.values():
            self._put(account)
        if draft.changed_items:
            self._keep(draft.changed_items.values())
        self.size = draft.size
        self.time_ms = draft.time_ms
        self.keys_at = draft.keys_at
        self.opened = draft.opened

    def _put(self, account: Account) -> None:
        self._accounts[account.key] = account
        self._units.add(account.unit)

    def _keep(self, items: Iterable[Item]) -> None:
        """Take over items: those that are open stay, the others go."""
        for item in items:
            was = self._items.pop(item.id, None)
            if was is not None:
                self._open_by[was.instruction.author] -= 1
            if item.is_open:
                self._items[item.id] = item
                self._open_by[item.instruction.author] += 1
        self.due_ms = min((item.until_ms for item in self._items.values() if item.until_ms is not None), default=None)


class Draft:
    """What a batch of instructions changes in a book, kept beside it until it is durable.

    Attributes:
        begun_at: leaves of the book when the draft began.
        size: leaves of the book and of this draft together.
        time_ms: time of the last of them.
        keys_at: trust feed size of the last of them.
        opened: accounts ever opened, those of this draft included.
        changed: the accounts that this draft changed, as they stand after it.
        changed_items: the items that this draft made or changed, as they stand after it.
    """

    __slots__ = (
        "_accounts",
        "_book",
        "_due_ms",
        "_ends",
        "_items",
        "_known",
        "_moves",
        "_units",
        "begun_at",
        "changed",
        "changed_items",
        "keys_at",
        "opened",
        "size",
        "time_ms",
    )

    def __init__(self, book: Book) -> None:
        """Begin an empty draft over a book."""
        self._book = book
        self.begun_at = book.size
        self._units: set[str] = set()
        self.size = book.size
        self.time_ms = book.time_ms
        self.keys_at = book.keys_at
        self.opened = book.opened
        self.changed: dict[AccountKey, Account] = {}
        self.changed_items: dict[bytes, Item] = {}
        self._due_ms = book.due_ms
        self._ends: list[tuple[int, bytes]] | None = None
        self._known: dict[bytes, Item] = {}
        self._moves: list[Move] = []
        self._accounts: dict[AccountKey, Account] = {}
        self._items: dict[bytes, Item] = {}

    @property
    def ledger(self) -> bytes:
        """Id of the network whose ledger this is."""
        return self._book.ledger

    @property
    def unit(self) -> str:
        """The network's own credit unit."""
        return self._book.unit

    def account(self, agent: bytes, unit: str) -> Account | None:
        """Return one account as it stands in this draft, or None when it was never opened."""
        return self.changed.get((agent, unit)) or self._book.account(agent, unit)

    def item(self, identifier: bytes) -> Item | None:
        """Return an item as it stands in this draft: an open one, or a closed one that was made known to it."""
        return self.changed_items.get(identifier) or self._book.item(identifier) or self._known.get(identifier)

    def open_count(self, author: bytes) -> int:
        """Return how many open items an author has made."""
        changed = [item for item in self.changed_items.values() if item.instruction.author == author]
        ended = sum(1 for item in changed if not item.is_open and self._book.item(item.id) is not None)
        begun = sum(1 for item in changed if item.is_open and self._book.item(item.id) is None)
        return self._book.open_count(author) + begun - ended

    def items_of(self, kind: str) -> Iterator[Item]:
        """Yield the open items of a kind, in the order of the leaves that made them."""
        found = {item.id: item for item in self._book.items() if item.kind == kind}
        found.update((item.id, item) for item in self.changed_items.values() if item.kind == kind)
        return iter(sorted((i for i in found.values() if i.is_open), key=lambda item: (item.opened_leaf, item.id)))

    def has_unit(self, unit: str) -> bool:
        """Tell whether this ledger keeps accounts in a unit."""
        return self._book.has_unit(unit) or unit in self._units

    def know(self, items: Iterable[Item]) -> None:
        """Have closed items at hand that instructions of this draft refer to."""
        self._known.update((item.id, item) for item in items)

    def put(self, account: Account) -> None:
        """Keep an account under other terms, or with another sum set aside; its balance is not changed here."""
        self.changed[account.key] = account
        self._units.add(account.unit)
        self._accounts[account.key] = account

    def move(self, payer: bytes, payee: bytes, unit: str, amount: int, *, limits: bool = True) -> None:
        """Move an amount between two accounts that were decided to be there.

        Args:
            payer: who gives, 32 bytes.
            payee: who receives, 32 bytes.
            unit: the unit of both accounts.
            amount: minor units, at least 1.
            limits: whether their limits bind; asserted again before anything is kept.
        """
        giving, taking = self.account(payer, unit), self.account(payee, unit)
        assert giving is not None, "an amount was moved from no account"
        assert taking is not None, "an amount was moved to no account"
        debit = giving.with_balance(giving.balance - amount)
        credit = taking.with_balance(taking.balance + amount)
        # spec/04-ledger L-4: what was decided, asserted again.
        assert not limits or debit.balance - debit.debits_pending >= debit.limit_low, "below the payer's limit"
        assert not limits or credit.balance + credit.credits_pending <= credit.limit_high, "above the payee's limit"
        self.changed[debit.key] = debit
        self.changed[credit.key] = credit
        self._moves.append(Move(debit, credit, amount))

    def put_item(self, item: Item) -> None:
        """Keep an item as it stands now."""
        self.changed_items[item.id] = item
        self._items[item.id] = item
        if item.until_ms is not None:
            self._due_ms = item.until_ms if self._due_ms is None else min(self._due_ms, item.until_ms)
            if self._ends is not None:
                heappush(self._ends, (item.until_ms, item.id))

    def due(self, time_ms: int) -> Item | None:
        """Return the open item that came to its time first, by time and id; None where none has."""
        if self._due_ms is None or self._due_ms > time_ms:
            return None
        if self._ends is None:
            standing = {item.id: item for item in self._book.items()} | self.changed_items
            open_items = (item for item in standing.values() if item.is_open)
            self._ends = [(item.until_ms, item.id) for item in open_items if item.until_ms is not None]
            heapify(self._ends)
        while self._ends:
            until_ms, identifier = self._ends[0]
            found = self.item(identifier)
            if found is None or not found.is_open or found.until_ms != until_ms:
                heappop(self._ends)
                continue
            self._due_ms = until_ms
            return found if until_ms <= time_ms else None
        self._due_ms = None
        return None

    def begin_leaf(self) -> None:
        """Forget what the leaf before did; its effects stay."""
        self._moves = []
        self._accounts = {}
        self._items = {}

    def end_leaf(self) -> tuple[tuple[Move, ...], tuple[Account, ...], tuple[Item, ...]]:
        """Return what this leaf moved, which accounts have other terms after it, and its items."""
        return tuple(self._moves), tuple(self._accounts.values()), tuple(self._items.values())

    def settle(self) -> None:
        """Put everything into the book. Only for what is durable; the draft is used up.

        Raises:
            AssertionError: when the changes of a unit don't sum to zero, or the book moved meanwhile.
        """
        self._book.settle(self)
