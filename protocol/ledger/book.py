"""The book: the state of one ledger, folded from its leaves, and drafts over it.

A book holds every account, the time of its last leaf and its size. It changes only through a draft: a draft
reads through to the book below it and keeps what changed beside it. `settle` puts a draft's changes into the
book, once they are durable; a draft that is dropped leaves the book as it was, which is how a failed commit
rolls back (L-31). Everything that a draft changes in a unit sums to zero, asserted when it settles.
Source: docs/spec/04-ledger.md, L-3, L-30, L-31.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from protocol.ledger.accounts import Account, AccountKey


class Book:
    """All accounts of one ledger after its first `size` leaves.

    Attributes:
        ledger: id of the network whose ledger this is, 32 bytes.
        unit: the network's own credit unit, known from the first leaf on.
        size: number of leaves folded.
        time_ms: time of the last leaf, 0 when there is none; it never decreases.
        keys_at: size of the trust feed that the last leaf was judged at; it never decreases.
        opened: number of accounts ever opened, which is the number of the newest one.
    """

    __slots__ = ("_accounts", "_units", "keys_at", "ledger", "opened", "size", "time_ms", "unit")

    def __init__(self, *, ledger: bytes, unit: str) -> None:
        """Begin an empty book for one ledger."""
        self.ledger = ledger
        self.unit = unit
        self.size = 0
        self.time_ms = 0
        self.keys_at = 0
        self.opened = 0
        self._accounts: dict[AccountKey, Account] = {}
        self._units: set[str] = {unit}

    @classmethod
    def restored(
        cls, *, ledger: bytes, unit: str, size: int, time_ms: int, keys_at: int, accounts: Iterable[Account]
    ) -> Book:
        """Build the book from stored accounts, as a node does when it starts.

        Args:
            ledger: id of the network.
            unit: the network's own credit unit.
            size: leaves that the stored accounts are the fold of.
            time_ms: time of the last of them.
            keys_at: trust feed size of the last of them.
            accounts: all accounts, in any order.
        """
        book = cls(ledger=ledger, unit=unit)
        book.size = size
        book.time_ms = time_ms
        book.keys_at = keys_at
        for account in accounts:
            book._put(account)
            book.opened = max(book.opened, account.number)
        return book

    def account(self, agent: bytes, unit: str) -> Account | None:
        """Return one account, or None when it was never opened."""
        return self._accounts.get((agent, unit))

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
        self.size = draft.size
        self.time_ms = draft.time_ms
        self.keys_at = draft.keys_at
        self.opened = draft.opened

    def _put(self, account: Account) -> None:
        self._accounts[account.key] = account
        self._units.add(account.unit)


class Draft:
    """What a batch of instructions changes in a book, kept beside it until it is durable.

    Attributes:
        begun_at: leaves of the book when the draft began.
        size: leaves of the book and of this draft together.
        time_ms: time of the last of them.
        keys_at: trust feed size of the last of them.
        opened: accounts ever opened, those of this draft included.
        changed: the accounts that this draft changed, as they stand after it.
    """

    __slots__ = ("_book", "_units", "begun_at", "changed", "keys_at", "opened", "size", "time_ms")

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

    def has_unit(self, unit: str) -> bool:
        """Tell whether this ledger keeps accounts in a unit."""
        return self._book.has_unit(unit) or unit in self._units

    def put(self, account: Account) -> None:
        """Keep an account as it stands now."""
        self.changed[account.key] = account
        self._units.add(account.unit)

    def settle(self) -> None:
        """Put everything into the book. Only for what is durable; the draft is used up.

        Raises:
            AssertionError: when the changes of a unit don't sum to zero, or the book moved meanwhile.
        """
        self._book.settle(self)
