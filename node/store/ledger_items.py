"""Items of the ledger on disk: open ones are read at every start, the others when somebody names them.

A row holds what its instruction says and what became of it; the instruction itself stands in `record`, under the row's
`made_by`.
Source: docs/spec/04-ledger.md L-43 to L-46.

Tests: tests/node/services/test_ledger.py
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import driver
from node.store.bulk import select_rows
from node.store.driver import Statement
from node.store.ledger_tables import item as item_table
from node.store.tables import leaf as leaf_table
from node.store.tables import record as record_table
from protocol.errors import RemoteProtocolError, StorageError
from protocol.ledger import Item, code_of, read_instruction, transfer_item
from protocol.ledger.cash import CASH, COUNT
from protocol.ledger.items import ACT, TRANSFER
from protocol.merkle.leaf import decode_ledger_leaf
from protocol.record import decode_record

ITEM_COLUMNS = (
    "id",
    "kind",
    "state",
    "is_open",
    "made_by",
    "opened_leaf",
    "changed_leaf",
    "amount",
    "done",
    "until_ms",
    "payer",
    "payee",
    "unit",
    "signers",
)
PUT_ITEM = (
    f"INSERT INTO item ({', '.join(ITEM_COLUMNS)}) VALUES ({', '.join('?' * len(ITEM_COLUMNS))})"
    f" ON CONFLICT (id) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in ITEM_COLUMNS[1:])}"
)
ID_BYTES = 32


def put(items: Iterable[Item]) -> list[Statement]:
    """Give the statements that write items as they stand."""
    return [(PUT_ITEM, item_row(item)) for item in items]


def item_row(item: Item) -> tuple[Any, ...]:
    """Give the row of an item, in the order of `ITEM_COLUMNS`."""
    return (
        item.id,
        item.kind,
        item.state,
        int(item.is_open),
        item.instruction.id,
        item.opened_leaf,
        item.changed_leaf,
        item.amount,
        item.done,
        item.until_ms,
        item.payer,
        item.payee,
        item.unit,
        b"".join(item.signers),
    )


async def newest_leaf(connection: AsyncConnection) -> int:
    """Give the index of the last leaf that changed an item; -1 where there is none."""
    newest = (await connection.execute(select(func.max(item_table.c.changed_leaf)))).scalar_one()
    return -1 if newest is None else int(newest)


async def open_items(connection: AsyncConnection, *, ledger: bytes) -> list[Item]:
    """Give all open items.

    Raises:
        StorageError: One of them contradicts its record.
    """
    query = _with_record().where(item_table.c.is_open == 1).order_by(item_table.c.opened_leaf, item_table.c.id)
    return [_item_of(row, ledger) for row in await connection.execute(query)]


async def find(connection: AsyncConnection, ids: Sequence[bytes], *, ledger: bytes) -> dict[bytes, Item]:
    """Give the items of these ids, open or closed; for a posted transfer that no row is kept of, the item that it is.

    Args:
        connection: Reading, or the writer's inside a job.
        ids: 32 bytes each.
        ledger: The network.

    Raises:
        StorageError: A row contradicts its record or leaf.
    """
    found: dict[bytes, Item] = {}
    if not ids:
        return found
    statements = select_rows("item", ITEM_COLUMNS, "id", list(dict.fromkeys(ids)))
    rows = [row for answer in await driver.run(connection, statements) for row in answer]
    if rows:
        query = _with_record().where(item_table.c.id.in_([row[0] for row in rows]))
        found = {item.id: item for item in (_item_of(row, ledger) for row in await connection.execute(query))}
    others = [identifier for identifier in ids if identifier not in found]
    return found | await posted_transfers(connection, others, ledger=ledger)


async def posted_transfers(connection: AsyncConnection, ids: Sequence[bytes], *, ledger: bytes) -> dict[bytes, Item]:
    """Give those of these ids that are posted transfers as items to which nothing was done yet.

    Raises:
        StorageError: A leaf or record can't be read.
    """
    if not ids:
        return {}
    query = (
        select(record_table.c.id, record_table.c.data, leaf_table.c.leaf_index, leaf_table.c.data.label("leaf"))
        .join(
            leaf_table,
            (leaf_table.c.feed == record_table.c.feed) & (leaf_table.c.leaf_index == record_table.c.leaf_index),
        )
        .where(record_table.c.id.in_(ids), record_table.c.kind == TRANSFER, record_table.c.network == ledger)
    )
    found = {}
    for row in await connection.execute(query):
        try:
            if code_of(decode_ledger_leaf(row.leaf).outcome) is None:
                instruction = read_instruction(decode_record(row.data), ledger=ledger)
                found[row.id] = transfer_item(instruction, index=row.leaf_index)
        except RemoteProtocolError as error:
            raise StorageError(f"transfer {row.id.hex()} can't be read: run `mutirao verify data`") from error
    return found


async def items_of(
    connection: AsyncConnection, *, ledger: bytes, agent: bytes | None, kind: str | None, state: str | None, limit: int
) -> list[Item]:
    """Give items, the newest first.

    Args:
        connection: Reading.
        ledger: The network.
        agent: Only those in which this agent gives or receives, or that it made.
        kind: Only of this kind.
        state: Only in this state.
        limit: At most so many.
    """
    query = _with_record().order_by(item_table.c.opened_leaf.desc(), item_table.c.id).limit(limit)
    if agent is not None:
        columns = (item_table.c.payer, item_table.c.payee, record_table.c.author)
        query = query.where(or_(*(column == agent for column in columns)))
    if kind is not None:
        query = query.where(item_table.c.kind == kind)
    if state is not None:
        query = query.where(item_table.c.state == state)
    return [_item_of(row, ledger) for row in await connection.execute(query)]


async def cash_lines(connection: AsyncConnection, *, ledger: bytes, before: int | None, limit: int) -> list[Item]:
    """Give the lines of the cash book: money in and out, and counts; the newest first.

    Args:
        connection: Reading.
        ledger: The network.
        before: Only what earlier leaves than this one made; None for all.
        limit: At most so many.
    """
    query = _with_record().where(item_table.c.kind.in_((CASH, COUNT)))
    if before is not None:
        query = query.where(item_table.c.opened_leaf < before)
    query = query.order_by(item_table.c.opened_leaf.desc()).limit(limit)
    return [_item_of(row, ledger) for row in await connection.execute(query)]


async def acts_about(connection: AsyncConnection, *, ledger: bytes, about: str, limit: int) -> list[Item]:
    """Give the acts of one kind of instruction, the newest first.

    Args:
        connection: Reading.
        ledger: The network.
        about: The kind of the instructions, such as `closing`.
        limit: At most so many.
    """
    query = _with_record().where(item_table.c.kind == ACT, record_table.c.kind == about)
    query = query.order_by(item_table.c.opened_leaf.desc()).limit(limit)
    return [_item_of(row, ledger) for row in await connection.execute(query)]


def _with_record() -> Any:
    return select(item_table, record_table.c.data).join(record_table, record_table.c.id == item_table.c.made_by)


def _item_of(row: Any, ledger: bytes) -> Item:
    try:
        instruction = read_instruction(decode_record(row.data), ledger=ledger)
    except RemoteProtocolError as error:
        raise StorageError(f"item {row.id.hex()} has no instruction: run `mutirao verify data`") from error
    signers = tuple(row.signers[at : at + ID_BYTES] for at in range(0, len(row.signers), ID_BYTES))
    return Item(
        id=row.id,
        kind=row.kind,
        state=row.state,
        is_open=bool(row.is_open),
        instruction=instruction,
        opened_leaf=row.opened_leaf,
        changed_leaf=row.changed_leaf,
        amount=row.amount,
        done=row.done,
        until_ms=row.until_ms,
        payer=row.payer,
        payee=row.payee,
        unit=row.unit,
        signers=signers,
    )
