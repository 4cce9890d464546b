"""The ledger of a network as API and pages see it: submit instructions, read accounts, statements and sums.

Balances are read from the book in memory, which holds only what is durable; movements are read from the entries.
Whose account a reader may see is decided by whoever asks: nothing here checks a session.
Source: docs/concepts/mutual-credit.md; docs/spec/04-ledger.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from node.clock import Clock
from node.services.ledger_views import ItemView, due_of, units_of
from node.services.outcomes import Outcome
from node.services.sequencer import Sequencer
from node.services.signatures import Signatures
from node.services.views import (
    AgentRef,
    BalanceView,
    EntryView,
    LedgerView,
    MoneyView,
    StatementView,
    TrialBalanceView,
    UnitView,
)
from node.store import ledger as ledger_store
from node.store import ledger_items
from node.store.database import Database
from node.store.feeds import FeedStore
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import LEDGER
from protocol.identifiers import to_text
from protocol.kinds import KINDS
from protocol.kinds.ledger import Purpose
from protocol.kinds.requests import Mandate
from protocol.ledger import Account, Book, Item, credit_unit, rules_of
from protocol.ledger.cash import BOX, CASH
from protocol.ledger.openings import CREDIT_UNIT_PREFIX
from protocol.ledger.policies import soft_warnings
from protocol.record import Record, decode_record

STATEMENT_ENTRIES_MAX = 500
"""Entries on one page of a statement."""

ITEMS_MAX = 500
"""Items that are given at once."""

HOLDINGS = frozenset({BOX, CASH})
"""Kinds of items whose `done` is what a cash box holds, which the cash book alone shows."""

KIND_OF_BODY = {kind.body: kind.name for kind in KINDS.values()}

NAME_CHARACTERS = 8
"""Characters of an id that stand for a name where none is known."""


class Names(Protocol):
    """Who an agent is and how a unit is written, for readers."""

    async def agents(self, ids: Sequence[bytes]) -> dict[bytes, AgentRef]:
        """Give the agents with these ids, all of them."""
        ...

    async def unit(self, unit: str) -> UnitView:
        """Give how amounts of a unit are written."""
        ...


class PlainNames:
    """Names out of ids alone, for a node without a catalogue."""

    def __init__(self, network: bytes) -> None:
        """Name the agents of this network."""
        self._network = to_text("agent", network)

    async def agents(self, ids: Sequence[bytes]) -> dict[bytes, AgentRef]:
        """Give the agents with these ids, named by the beginning of each."""
        return {agent: self._ref(agent) for agent in ids}

    async def unit(self, unit: str) -> UnitView:
        """Give a unit of two decimals, with its code for a symbol."""
        return UnitView(unit=unit, name=unit, symbol=unit[: len("agent:") + NAME_CHARACTERS], exponent=2)

    def _ref(self, agent: bytes) -> AgentRef:
        text = to_text("agent", agent)
        name = text.partition(":")[2][:NAME_CHARACTERS]
        return AgentRef(id=text, name=name, type="person", network_id=self._network, network_name="")


class Ledger:
    """The ledger service of one node; opened with `open`, ended with `close`."""

    def __init__(self, database: Database, feeds: FeedStore, sequencer: Sequencer, names: Names) -> None:
        """Use `open` instead."""
        self._database = database
        self._feeds = feeds
        self._sequencer = sequencer
        self._names = names

    @classmethod
    async def open(
        cls, database: Database, feeds: FeedStore, signatures: Signatures, clock: Clock, names: Names | None = None
    ) -> Ledger:
        """Read the book back and begin to take instructions.

        Args:
            database: Open.
            feeds: Its feeds, told whose they are.
            signatures: Checks signatures.
            clock: Time and salts.
            names: Who agents are; by default their ids.

        Raises:
            StorageError: What is stored contradicts itself.
        """
        home = feeds.own(LEDGER).network
        sequencer = await Sequencer.open(database, feeds, signatures, clock, unit=credit_unit(home))
        return cls(database, feeds, sequencer, names or PlainNames(home))

    @property
    def unit(self) -> str:
        """The network's own credit unit."""
        return self._sequencer.unit

    @property
    def book(self) -> Book:
        """Every account as it durably stands; for looking at."""
        return self._sequencer.book

    @property
    def waiting(self) -> int:
        """How many instructions have no answer yet."""
        return self._sequencer.waiting

    async def close(self) -> None:
        """Answer what waits, then end."""
        await self._sequencer.close()

    async def submit(self, records: Sequence[Record]) -> list[Outcome]:
        """Judge instructions and answer once the answers are durable; see `Sequencer.submit`."""
        return await self._sequencer.submit(records)

    def has_account(self, agent: bytes) -> bool:
        """Tell whether an agent has an account in any unit."""
        return any(True for _ in self._accounts_of(agent))

    async def account(self, agent: bytes, unit: str | None = None) -> BalanceView:
        """Give an agent's account, in the network's own credit or in another unit.

        Raises:
            RemoteProtocolError: `not_found`.
        """
        return (await self._balances([self._account(agent, unit)]))[0]

    async def accounts(self, agent: bytes) -> list[BalanceView]:
        """Give all accounts of an agent, in the order of their opening; none where it has none."""
        return await self._balances(self._accounts_of(agent))

    async def statement(
        self, agent: bytes, unit: str | None = None, *, cursor: str | None = None, limit: int = 50
    ) -> StatementView:
        """Give a page of an account's movements, newest first.

        Args:
            agent: Whose account.
            unit: In which unit; the network's own where none is named.
            cursor: From the page before; None for the newest.
            limit: At most so many entries, from 1 to `STATEMENT_ENTRIES_MAX`.

        Raises:
            RemoteProtocolError: `not_found`, or `malformed` for a cursor that isn't ours.
        """
        account = self._account(agent, unit)
        limit = max(1, min(limit, STATEMENT_ENTRIES_MAX))
        async with self._database.read() as connection:
            feed = await self._feeds.find(connection, self._feeds.own(LEDGER))
            assert feed is not None, "an account has its opening leaf"
            found = await ledger_store.movements(
                connection, account.number, feed=feed.sequence, before=_before(cursor), limit=limit + 1
            )
        page = found[:limit]
        names = await self._names.agents(sorted({each.other for each in page}))
        unit_view = await self._names.unit(account.unit)
        entries = [
            EntryView(
                transfer=to_text("transfer", each.record_id),
                time_ms=each.time_ms,
                other=names[each.other],
                amount=_money(unit_view, each.credit - each.debit),
                balance_after=_money(unit_view, each.balance),
                purpose=_purpose(each.data),
            )
            for each in page
        ]
        more = f"{page[-1].leaf_index}.{page[-1].line}" if len(found) > limit else None
        return StatementView(balance=(await self._balances([account]))[0], entries=entries, cursor=more)

    async def items(
        self, *, agent: bytes | None = None, kind: str | None = None, state: str | None = None, limit: int = 100
    ) -> list[ItemView]:
        """Give what the ledger remembers beside balances, the newest first.

        Args:
            agent: Only what this agent gives, receives or has made; None for all.
            kind: Only of this kind, such as `act`.
            state: Only in this state, such as `proposed`.
            limit: At most so many, from 1 to `ITEMS_MAX`.
        """
        limit = max(1, min(limit, ITEMS_MAX))
        home = self._feeds.own(LEDGER).network
        async with self._database.read() as connection:
            found = await ledger_items.items_of(
                connection, ledger=home, agent=agent, kind=kind, state=state, limit=limit
            )
        if agent is not None:
            found = _with_concerned(found, self.book, agent, kind, state)[:limit]
        people = {who for each in found for who in _people(each)}
        names = await self._names.agents(sorted(people))
        named = {unit for each in found for unit in units_of(each)}
        units = {unit: await self._names.unit(unit) for unit in sorted(named)}
        return [_item(each, names, units) for each in found]

    async def summary(self) -> LedgerView:
        """Give the ledger as a whole, without anybody's balance: size, root, sums and volume."""
        book = self._sequencer.book
        async with self._database.read() as connection:
            feed = await self._feeds.find(connection, self._feeds.own(LEDGER))
        root = b"" if feed is None else feed.frontier.root()
        return LedgerView(
            size=0 if feed is None else feed.size,
            root=root.hex(),
            accounts=len(book),
            transfers=self._sequencer.transfers,
            sums=[_money(await self._names.unit(unit), total) for unit, total in book.trial_balance().items()],
            volume=[
                _money(await self._names.unit(unit), total) for unit, total in sorted(self._sequencer.volume.items())
            ],
        )

    async def trial_balance(self) -> TrialBalanceView:
        """Give every account with its balance, and the sums; for treasurer and auditor."""
        return TrialBalanceView(
            ledger=await self.summary(), balances=await self._balances(self._sequencer.book.accounts())
        )

    def _account(self, agent: bytes, unit: str | None) -> Account:
        account = self._sequencer.book.account(agent, unit or self.unit)
        if account is None:
            raise RemoteProtocolError(Code.NOT_FOUND, "there is no such account in this ledger")
        return account

    def _accounts_of(self, agent: bytes) -> Iterable[Account]:
        book = self._sequencer.book
        found = (book.account(agent, unit) for unit in book.units())
        return sorted((each for each in found if each is not None), key=lambda each: each.number)

    async def _balances(self, accounts: Iterable[Account]) -> list[BalanceView]:
        wanted = list(accounts)
        names = await self._names.agents([each.agent for each in wanted])
        units = {unit: await self._names.unit(unit) for unit in {each.unit for each in wanted}}
        return [_balance(each, names[each.agent], units[each.unit]) for each in wanted]


def _balance(account: Account, ref: AgentRef, unit: UnitView) -> BalanceView:
    return BalanceView(
        account=ref,
        balance=_money(unit, account.balance),
        limit_low=_money(unit, account.limit_low),
        limit_high=_money(unit, account.limit_high),
        spendable=_money(unit, account.room_to_pay),
        state=account.state.value,
        kind=account.kind.value,
        soft_low=None if account.soft_low is None else _money(unit, account.soft_low),
        soft_high=None if account.soft_high is None else _money(unit, account.soft_high),
        warnings=list(soft_warnings(account)),
    )


def _people(item: Item) -> list[bytes]:
    """Give everybody who is named in the view of an item."""
    named = (item.instruction.author, item.payer, item.payee, *item.signers, *mediators_of(item))
    return [who for who in named if who]


def mediators_of(item: Item) -> tuple[bytes, ...]:
    """Give who decides a dispute about an item; nobody where its kind knows none."""
    return tuple(getattr(item.instruction.body, "mediators", ()))


def _with_concerned(found: list[Item], book: Book, agent: bytes, kind: str | None, state: str | None) -> list[Item]:
    """Add the open items that an agent neither gives, receives nor made, but has a say in; the newest first."""
    known = {item.id for item in found}
    more = [
        item
        for item in book.items()
        if item.id not in known and kind in {None, item.kind} and state in {None, item.state}
        if agent in _concerned(item, book)
    ]
    return sorted([*found, *more], key=lambda item: (-item.opened_leaf, item.id))


def _concerned(item: Item, book: Book) -> set[bytes]:
    """Give whom an open item concerns; where it waits for signatures to something, also whom that concerns."""
    rules = rules_of(item.instruction)
    named = [book.item(name) for name in rules.references(item.instruction)]
    abouts = [item.instruction, *(other.instruction for other in named if other is not None)]
    return {who for each in abouts for who in (each.author, *rules_of(each).parties(each))}


def _item(item: Item, names: Mapping[bytes, AgentRef], units: Mapping[str, UnitView]) -> ItemView:
    body = item.instruction.body
    purpose = getattr(body, "purpose", None)
    purpose = purpose if isinstance(purpose, Purpose) else None
    about = KIND_OF_BODY[type(body)]
    unit = units[item.unit] if item.unit else None
    due = due_of(item)
    official = getattr(body, "official", None)
    return ItemView(
        id=to_text(about, item.id),
        kind=item.kind,
        about=about,
        state=item.state,
        is_open=item.is_open,
        author=names[item.instruction.author],
        payer=names[item.payer] if item.payer else None,
        payee=names[item.payee] if item.payee else None,
        amount=None if unit is None else _money(unit, item.amount),
        done=None if unit is None or item.kind in HOLDINGS else _money(unit, item.done),
        until_ms=item.until_ms,
        created_ms=item.instruction.created_ms,
        signers=[names[signer] for signer in item.signers],
        mediators=[names[mediator] for mediator in mediators_of(item)],
        order=to_text("order", purpose.order) if purpose is not None and purpose.order else None,
        text=getattr(body, "text", None) if purpose is None else purpose.text,
        due_ms=None if due is None else due[0],
        due=None if due is None or unit is None else _money(unit, due[1]),
        period=body.period.value if isinstance(body, Mandate) else None,
        official=None if official is None else _money(units[official.unit], official.amount),
    )


def _money(unit: UnitView, amount: int) -> MoneyView:
    # Official money stands in no balance, but beside a transfer (spec/04-ledger L-68).
    is_credit = unit.unit.startswith(CREDIT_UNIT_PREFIX)
    return MoneyView(unit=unit.unit, amount=amount, symbol=unit.symbol, exponent=unit.exponent, is_credit=is_credit)


def _before(cursor: str | None) -> tuple[int, int] | None:
    if cursor is None:
        return None
    parts = cursor.split(".")
    if len(parts) != 2 or not all(part.isascii() and part.isdecimal() and len(part) <= 15 for part in parts):
        raise RemoteProtocolError(Code.MALFORMED, "the cursor is not one that this ledger gave")
    return int(parts[0]), int(parts[1])


def _purpose(data: bytes) -> str | None:
    """Give the words that a transfer says it is for; None where it has none or its body was erased."""
    try:
        body = decode_record(data).body_value()
    except RemoteProtocolError:
        return None
    purpose = body.get("purpose")
    text = purpose.get("text") if isinstance(purpose, dict) else body.get("text")
    return text if isinstance(text, str) else None
