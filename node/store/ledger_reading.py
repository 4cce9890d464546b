"""What the audit of the ledger reads, in pieces: leaves with their records, keys, and the derived rows.

Rows come a thousand at a time, so that a ledger of any length is read in little memory.
Source: docs/spec/04-ledger.md L-40 to L-42.

Tests: tests/node/audit/test_ledger.py
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.ledger_tables import account, entry, item
from node.store.tables import agent_key, agent_role, feed, leaf, record

ROWS_AT_ONCE = 1000
"""Rows that are fetched together."""

Spans = dict[tuple[bytes, bytes], list[tuple[int, int | None]]]
"""By author and key: the trust sizes from which and before which the key holds (None: still)."""


RoleSpan = tuple[str, int, int | None]
"""A role with the trust sizes from which and before which it holds (None: still)."""

RoleSpans = dict[bytes, list[RoleSpan]]
"""By agent."""


class LedgerFeed(NamedTuple):
    """The row of a ledger feed: its number, its network (32 bytes), its size in leaves."""

    sequence: int
    network: bytes
    size: int


class StoredLeaf(NamedTuple):
    """A leaf of the ledger with the bytes of the record that it names; None where that record is not here."""

    leaf_index: int
    data: bytes
    record_data: bytes | None


async def ledger_feeds(connection: AsyncConnection) -> list[LedgerFeed]:
    """Give the ledger feeds that are stored; a sound node has one at most."""
    query = select(feed.c.sequence, feed.c.network, feed.c.size).where(feed.c.name == "ledger")
    return [LedgerFeed(*row) for row in await connection.execute(query)]


async def key_spans(connection: AsyncConnection, network: bytes) -> Spans:
    """Give between which trust sizes each key of each author of a network holds."""
    query = select(agent_key.c.agent, agent_key.c.key, agent_key.c.valid_from, agent_key.c.valid_until)
    spans: Spans = {}
    for agent, key, valid_from, valid_until in await connection.execute(query.where(agent_key.c.network == network)):
        spans.setdefault((agent, key), []).append((valid_from, valid_until))
    return spans


async def role_spans(connection: AsyncConnection, network: bytes) -> RoleSpans:
    """Give between which trust sizes each agent of a network has which role."""
    query = select(agent_role.c.agent, agent_role.c.role, agent_role.c.valid_from, agent_role.c.valid_until)
    spans: RoleSpans = {}
    for agent, *span in await connection.execute(query.where(agent_role.c.network == network)):
        spans.setdefault(agent, []).append((span[0], span[1], span[2]))
    return spans


async def leaves(connection: AsyncConnection, number: int) -> AsyncIterator[StoredLeaf]:
    """Yield all leaves of a feed in order, with their records."""
    after = -1
    joined = leaf.outerjoin(record, record.c.id == leaf.c.record_id)
    while True:
        query = (
            select(leaf.c.leaf_index, leaf.c.data, record.c.data)
            .select_from(joined)
            .where(leaf.c.feed == number, leaf.c.leaf_index > after)
            .order_by(leaf.c.leaf_index)
            .limit(ROWS_AT_ONCE)
        )
        rows = (await connection.execute(query)).all()
        for row in rows:
            yield StoredLeaf(*row)
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1][0]


async def accounts(connection: AsyncConnection) -> AsyncIterator[tuple[Any, ...]]:
    """Yield the rows of `account` by number, with all columns in the order of the table."""
    after = -(2**63)
    while True:
        query = select(account).where(account.c.number > after).order_by(account.c.number).limit(ROWS_AT_ONCE)
        rows = (await connection.execute(query)).all()
        for row in rows:
            yield tuple(row)
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1][0]


async def entries(connection: AsyncConnection) -> AsyncIterator[tuple[Any, ...]]:
    """Yield the rows of `entry` by account and leaf, with all columns in the order of the table."""
    after = (-(2**63),) * 3
    key_columns = (entry.c.account, entry.c.leaf_index, entry.c.line)
    key = tuple_(*key_columns)
    while True:
        query = select(entry).where(key > after).order_by(*key_columns).limit(ROWS_AT_ONCE)
        rows = (await connection.execute(query)).all()
        for row in rows:
            yield tuple(row)
        if len(rows) < ROWS_AT_ONCE:
            return
        after = (rows[-1][0], rows[-1][1], rows[-1][2])


async def items(connection: AsyncConnection) -> AsyncIterator[tuple[Any, ...]]:
    """Yield the rows of `item` by id, with all columns in the order of the table."""
    after = b""
    while True:
        query = select(item).where(item.c.id > after).order_by(item.c.id).limit(ROWS_AT_ONCE)
        rows = (await connection.execute(query)).all()
        for row in rows:
            yield tuple(row)
        if len(rows) < ROWS_AT_ONCE:
            return
        after = rows[-1][0]
