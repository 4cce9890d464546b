"""The ledger on disk: a batch written in a few statements, the book read back, statements and sums.

Rules kept here:
- a batch is written in the transaction that appends its leaves; a handful of statements, whatever its length;
- the book is read back from the account rows, and refused when rows contradict one another: a sum off zero, a
  balance that is not the one after the account's last entry, an account newer than the last leaf;
- what a leaf says is the answer to its instruction for ever, found again by the instruction's id.
Source: docs/spec/04-ledger.md L-30 to L-34; docs/concepts/mutual-credit.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import desc, func, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import driver
from node.store import ledger_items as items
from node.store.bulk import insert_rows, select_rows, update_rows
from node.store.driver import Statement
from node.store.feed_reading import SELECT_FEED_BY_KEY, FeedRow, FeedState, state_of
from node.store.ledger_tables import account as account_table
from node.store.ledger_tables import entry as entry_table
from node.store.tables import leaf as leaf_table
from node.store.tables import record as record_table
from protocol.errors import RemoteProtocolError, StorageError
from protocol.feeds import FeedKey
from protocol.ledger import Account, AccountKind, AccountState, Applied, Book, Item
from protocol.ledger.apply import OPENED
from protocol.merkle.leaf import decode_ledger_leaf
from protocol.record import Record

RECORD_COLUMNS = ("id", "network", "kind", "author", "thing", "feed", "leaf_index", "state", "data")
ENTRY_COLUMNS = ("account", "leaf_index", "line", "other", "debit", "credit", "balance")
ACCOUNT_COLUMNS = (
    "number",
    "agent",
    "unit",
    "kind",
    "state",
    "balance",
    "limit_low",
    "limit_high",
    "debits_pending",
    "credits_pending",
    "soft_low",
    "soft_high",
    "opened_leaf",
    "changed_leaf",
)

PENDING_COLUMNS = ("balance", "debits_pending", "credits_pending")
"""What a movement or a hold changes in an account; the rest are its terms."""

OPEN_ACCOUNT = (
    f"INSERT INTO account ({', '.join(ACCOUNT_COLUMNS)}) VALUES ({', '.join('?' * len(ACCOUNT_COLUMNS))})"
    f" ON CONFLICT (number) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in ACCOUNT_COLUMNS[3:])}"
)
TERMS = ", ".join(f"{name} = ?" for name in ACCOUNT_COLUMNS[3:12])
CHANGE_ACCOUNT = f"UPDATE account SET {TERMS}, changed_leaf = ? WHERE number = ?"
SELECT_LEAF = "SELECT data FROM leaf WHERE feed = ? AND leaf_index = ?"

EntryRow = tuple[int, int, int, int, int, int, int]
"""A row of `entry`, in the order of `ENTRY_COLUMNS`."""


@dataclass(frozen=True, slots=True)
class Written:
    """One leaf as a batch writes it: the record and its bytes, if it has one, and what became of it."""

    record: Record | None
    data: bytes
    applied: Applied


@dataclass(frozen=True, slots=True)
class Answer:
    """What the ledger said to an instruction: the leaf's index and its outcome."""

    index: int
    outcome: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One entry of a statement.

    Attributes:
        leaf_index: Leaf of what moved it.
        line: Which movement of that leaf.
        record_id: The instruction that moved it.
        time_ms: Time of its leaf.
        other: Agent on the other side, 32 bytes.
        debit: Minor units given; 0 when received.
        credit: Minor units received; 0 when given.
        balance: The balance that it left.
        data: The signed bytes of the instruction.
    """

    leaf_index: int
    line: int
    record_id: bytes
    time_ms: int
    other: bytes
    debit: int
    credit: int
    balance: int
    data: bytes


async def begin_batch(
    connection: AsyncConnection, feeds: tuple[FeedKey, FeedKey], ids: Sequence[bytes]
) -> tuple[FeedState | None, int, dict[bytes, Answer]]:
    """Read what a batch is judged against, in one visit to the driver.

    Args:
        connection: The writer's, inside a job.
        feeds: The own ledger feed and the own trust feed.
        ids: Record ids of the batch.

    Returns:
        The ledger feed as it is stored, the size of the trust feed, and what was answered to those of the instructions
        that stand in the ledger already.

    Raises:
        StorageError: An instruction stands outside the ledger feed.
    """
    chosen = [(SELECT_FEED_BY_KEY, tuple(key)) for key in feeds]
    known = select_rows("record", ("id", "feed", "leaf_index"), "id", ids)
    ledger_rows, trust_rows, *found = await driver.run(connection, [*chosen, *known])
    state = state_of(FeedRow(*ledger_rows[0])) if ledger_rows else None
    trust_size = FeedRow(*trust_rows[0]).size if trust_rows else 0
    places = [row for rows in found for row in rows]
    if any(state is None or feed != state.sequence for _, feed, _ in places):
        raise StorageError("an instruction of the ledger stands outside its feed: run `mutirao verify data`")
    leaves = await driver.run(connection, [(SELECT_LEAF, (feed, index)) for _, feed, index in places])
    answers = {
        record_id: Answer(index, decode_ledger_leaf(rows[0][0]).outcome)
        for (record_id, _, index), rows in zip(places, leaves, strict=True)
    }
    return state, trust_size, answers


async def write(
    connection: AsyncConnection,
    leaves: Sequence[Statement],
    feed: int,
    written: Sequence[Written],
    changed: Iterable[Account],
    items_changed: Iterable[Item],
) -> None:
    """Write a batch: its leaves, records, entries, accounts and items, in one visit to the driver.

    Args:
        connection: The writer's, inside a job.
        leaves: The statements that append its leaves.
        feed: Row number of the ledger feed.
        written: The instructions in the order of their leaves.
        changed: The accounts that they changed, as they stand after the batch.
        items_changed: The items that they changed, likewise.
    """
    accounts = [_account_statement(item.applied, account) for item in written for account in item.applied.accounts]
    entries = [row for item in written for row in entry_rows(item.applied)]
    balances = [(each.number, each.balance, each.debits_pending, each.credits_pending) for each in changed]
    rows = [_record_row(item.record, item.data, item.applied, feed) for item in written if item.record is not None]
    await driver.run(
        connection,
        [
            *leaves,
            *insert_rows("record", RECORD_COLUMNS, rows),
            *accounts,
            *update_rows("account", "number", PENDING_COLUMNS, balances),
            *insert_rows("entry", ENTRY_COLUMNS, entries),
            *items.put(items_changed),
        ],
    )


async def load_book(
    connection: AsyncConnection, *, ledger: bytes, unit: str, size: int, time_ms: int, keys_at: int
) -> Book:
    """Read the book back, as at every start.

    Args:
        connection: Reading.
        ledger: The network.
        unit: Its own credit unit.
        size: Leaves of the ledger feed.
        time_ms: Time of the last of them, 0 where there is none.
        keys_at: Its trust size, 0 where there is none.

    Raises:
        StorageError: The rows contradict one another or the feed.
    """
    last = (
        select(entry_table.c.balance)
        .where(entry_table.c.account == account_table.c.number)
        .order_by(desc(entry_table.c.leaf_index), desc(entry_table.c.line))
        .limit(1)
        .scalar_subquery()
    )
    rows = (await connection.execute(select(account_table, last.label("last")))).all()
    newest = (await connection.execute(select(func.max(account_table.c.changed_leaf)))).scalar_one()
    newest = max(-1 if newest is None else newest, await items.newest_leaf(connection))
    if newest >= size:
        what = f"the ledger has {size} leaves, but an account or item of leaf {newest}"
        raise StorageError(f"{what}: run `mutirao verify data`")
    for row in rows:
        if row.balance != (row.last or 0):
            raise StorageError(
                f"account {row.number} has balance {row.balance}, but its last entry left {row.last or 0}: "
                "run `mutirao verify data`"
            )
    book = Book.restored(
        ledger=ledger,
        unit=unit,
        size=size,
        time_ms=time_ms,
        keys_at=keys_at,
        accounts=[account_of(row) for row in rows],
        items=await items.open_items(connection, ledger=ledger),
    )
    wrong = {of: total for of, total in book.trial_balance().items() if total}
    if wrong or book.opened != len(book):
        raise StorageError(f"the accounts don't sum to zero or one is missing ({wrong}): run `mutirao verify data`")
    return book


async def last_leaf(connection: AsyncConnection, feed: int, size: int) -> tuple[int, int]:
    """Give time and trust size of the last leaf of the ledger feed; zeros where there is none.

    Raises:
        StorageError: The leaf is missing or damaged.
    """
    if not size:
        return 0, 0
    query = select(leaf_table.c.data).where(leaf_table.c.feed == feed, leaf_table.c.leaf_index == size - 1)
    data = (await connection.execute(query)).scalar_one_or_none()
    if data is None:
        raise StorageError(f"the ledger lacks its last leaf, {size - 1}: run `mutirao verify data`")
    try:
        leaf = decode_ledger_leaf(data)
    except RemoteProtocolError as error:
        raise StorageError(f"the last leaf of the ledger, {size - 1}, is damaged: run `mutirao verify data`") from error
    return leaf.time_ms, leaf.keys_at


async def movements(
    connection: AsyncConnection, number: int, *, feed: int, before: tuple[int, int] | None, limit: int
) -> list[Movement]:
    """Give an account's entries, newest first.

    Args:
        connection: Reading.
        number: The account.
        feed: Row number of the ledger feed.
        before: Only entries before this leaf and line; None for the newest.
        limit: At most so many.
    """
    other = account_table.alias("other")
    query = (
        select(entry_table, leaf_table.c.data.label("leaf"), leaf_table.c.record_id, other.c.agent, record_table.c.data)
        .join(leaf_table, (leaf_table.c.feed == feed) & (leaf_table.c.leaf_index == entry_table.c.leaf_index))
        .join(record_table, record_table.c.id == leaf_table.c.record_id)
        .join(other, other.c.number == entry_table.c.other)
        .where(entry_table.c.account == number)
        .order_by(desc(entry_table.c.leaf_index), desc(entry_table.c.line))
        .limit(limit)
    )
    if before is not None:
        query = query.where(tuple_(entry_table.c.leaf_index, entry_table.c.line) < before)
    return [
        Movement(
            leaf_index=row.leaf_index,
            line=row.line,
            record_id=row.record_id,
            time_ms=decode_ledger_leaf(row.leaf).time_ms,
            other=row.agent,
            debit=row.debit,
            credit=row.credit,
            balance=row.balance,
            data=row.data,
        )
        for row in await connection.execute(query)
    ]


async def volume(connection: AsyncConnection) -> tuple[int, dict[str, int]]:
    """Give how many transfers were posted, and how much they moved in each unit."""
    query = (
        select(account_table.c.unit, func.count(), func.sum(entry_table.c.credit))
        .join(account_table, account_table.c.number == entry_table.c.account)
        .where(entry_table.c.credit > 0)
        .group_by(account_table.c.unit)
    )
    rows = (await connection.execute(query)).all()
    return sum(count for _, count, _ in rows), {unit: int(moved) for unit, _, moved in rows}


def account_of(row: object) -> Account:
    """Turn a row of `account` into its value."""
    number, agent, unit, kind, state, *terms = (getattr(row, name) for name in ACCOUNT_COLUMNS[:12])
    return Account(number, agent, unit, AccountKind(kind), AccountState(state), *terms)


def entry_rows(applied: Applied) -> tuple[EntryRow, ...]:
    """Give the two sides of each movement: the payer's debit and the payee's credit."""
    index = applied.index
    return tuple(
        row
        for line, (debit, credit, amount) in enumerate(applied.moves)
        for row in (
            (debit.number, index, line, credit.number, amount, 0, debit.balance),
            (credit.number, index, line, debit.number, 0, amount, credit.balance),
        )
    )


def account_row(account: Account, *, opened_leaf: int, changed_leaf: int) -> tuple[Any, ...]:
    """Give the row of an account, in the order of `ACCOUNT_COLUMNS`."""
    return (
        account.number,
        account.agent,
        account.unit,
        account.kind.value,
        account.state.value,
        account.balance,
        account.limit_low,
        account.limit_high,
        account.debits_pending,
        account.credits_pending,
        account.soft_low,
        account.soft_high,
        opened_leaf,
        changed_leaf,
    )


def _record_row(record: Record, data: bytes, applied: Applied, feed: int) -> tuple[object, ...]:
    header = record.header
    return (record.id, header.home, header.kind, header.author, record.id, feed, applied.index, "valid", data)


def _account_statement(applied: Applied, account: Account) -> Statement:
    """Give the statement that writes an account which has other terms, as it stood after that leaf."""
    row = account_row(account, opened_leaf=applied.index, changed_leaf=applied.index)
    if applied.outcome != OPENED:
        return CHANGE_ACCOUNT, (*row[3:12], applied.index, account.number)
    return OPEN_ACCOUNT, row
