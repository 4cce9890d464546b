"""What the treasurer's books read: movements in the order of the ledger, accounts as they stood, turnover, refusals.

A movement is one pair of entries with its leaf and the record of that leaf. Entries are clustered by account, so a
window of leaves is read as one short range an account, and the books need no index that every transfer would pay for.
Rules kept here:
- leaves never change, so what lies below a size is the same whenever it is read;
- every statement is bounded, by a window of leaves, by a number of rows or by the accounts.
Source: docs/spec/04-ledger.md; docs/operating/books.md.

Tests: tests/node/services/test_books.py
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import bulk, driver
from protocol.merkle.leaf import LedgerLeaf, decode_ledger_leaf

SELECT_LEAF = "SELECT data FROM leaf WHERE feed = ? AND leaf_index = ?"


class Place(NamedTuple):
    """Where a movement stands: its leaf, and which of the leaf's pairs it is."""

    leaf_index: int
    line: int


class Side(NamedTuple):
    """One side of a movement: the number of the account and its agent, 32 bytes."""

    number: int
    agent: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One pair of entries.

    Attributes:
        place: Leaf and line.
        time_ms: Time of the leaf.
        unit: What was moved.
        payer: The account that gave.
        payee: The account that received.
        amount: Minor units.
        balance: The balance that it left at the payee, or at the agent that was asked for.
        record_id: The record of the leaf, 32 bytes; None where the node made the leaf itself.
        kind: That record's kind, empty without one.
        data: Its signed bytes, None without one.
    """

    place: Place
    time_ms: int
    unit: str
    payer: Side
    payee: Side
    amount: int
    balance: int
    record_id: bytes | None
    kind: str
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Which movements are read.

    Attributes:
        feed: Row number of the ledger feed.
        low: Only from this leaf on.
        before: Only those that stand before this place.
        agent: Only those of this agent, each seen from it; None for all, each seen from its payee.
        unit: Only of this unit; None for all.
        amount_low: Only of at least so many minor units.
        amount_high: Only of at most so many.
        rows_max: At most so many.
    """

    feed: int
    low: int
    before: Place
    agent: bytes | None = None
    unit: str | None = None
    amount_low: int = 0
    amount_high: int = 2**53
    rows_max: int = 250


class Turnover(NamedTuple):
    """An account as it stood: what it is, and what went through it until then.

    `balance` is the one after its last entry; it equals `credits - debits` in sound books.
    """

    number: int
    agent: bytes
    unit: str
    kind: str
    debits: int
    credits: int
    balance: int


class Moved(NamedTuple):
    """The bare numbers of a movement: when, in which unit, from which account to which, how much."""

    time_ms: int
    unit: str
    payer: int
    payee: int
    amount: int


class Refused(NamedTuple):
    """An instruction of the ledger that got no, with the code of the refusal and its signed bytes."""

    time_ms: int
    code: str
    data: bytes


async def movements(connection: AsyncConnection, wanted: Window) -> list[Movement]:
    """Give movements, newest first.

    Args:
        connection: Reading.
        wanted: Which.
    """
    side, sides = ("e.credit > 0", ()) if wanted.agent is None else ("a.agent = ?", (wanted.agent,))
    unit, units = ("", ()) if wanted.unit is None else ("AND a.unit = ?", (wanted.unit,))
    # CROSS JOIN makes SQLite go from the accounts to their ranges of entries, whatever it guesses of their number.
    sql = (
        "SELECT e.leaf_index, e.line, a.unit, a.number, a.agent, o.number, o.agent, e.debit, e.credit,"
        " e.balance, l.data, l.record_id, r.kind, r.data"
        " FROM account a CROSS JOIN entry e ON e.account = a.number AND e.leaf_index >= ? AND e.leaf_index <= ?"
        " JOIN account o ON o.number = e.other"
        " JOIN leaf l ON l.feed = ? AND l.leaf_index = e.leaf_index LEFT JOIN record r ON r.id = l.record_id"
        f" WHERE (e.leaf_index < ? OR e.line < ?) AND e.debit + e.credit BETWEEN ? AND ? AND {side} {unit}"
        " ORDER BY e.leaf_index DESC, e.line DESC LIMIT ?"
    )
    leaf_index, line = wanted.before
    values = (wanted.low, leaf_index, wanted.feed, leaf_index, line, wanted.amount_low, wanted.amount_high)
    (rows,) = await driver.run(connection, [(sql, (*values, *sides, *units, wanted.rows_max))])
    return [_movement(row) for row in rows]


async def leaves_until(connection: AsyncConnection, feed: int, *, size: int, time_ms: int) -> int:
    """Count the leaves, of the first `size`, whose time is at most `time_ms`; times never decrease."""
    low, high = 0, size
    while low < high:
        middle = (low + high) // 2
        if (await leaf_at(connection, feed, middle)).time_ms <= time_ms:
            low = middle + 1
        else:
            high = middle
    return low


async def leaf_at(connection: AsyncConnection, feed: int, index: int) -> LedgerLeaf:
    """Give a leaf of the ledger that is there."""
    ((row,),) = await driver.run(connection, [(SELECT_LEAF, (feed, index))])
    return decode_ledger_leaf(row[0])


async def turnovers(
    connection: AsyncConnection, *, low: int = 0, size: int, accounts: Collection[int] | None = None
) -> list[Turnover]:
    """Give accounts that were opened before a size, with what went through them in the leaves from `low` on.

    Args:
        connection: Reading.
        low: The first leaf that counts in debits and credits.
        size: Leaves from this one on don't count, and accounts opened by them are left out.
        accounts: Only these numbers; None for all.
    """
    chosen = "" if accounts is None else f"AND a.number IN ({', '.join('?' * len(accounts))})"
    sql = (
        "SELECT a.number, a.agent, a.unit, a.kind, COALESCE(SUM(e.debit), 0), COALESCE(SUM(e.credit), 0),"
        " COALESCE((SELECT b.balance FROM entry b WHERE b.account = a.number AND b.leaf_index < ?"
        " ORDER BY b.leaf_index DESC, b.line DESC LIMIT 1), 0)"
        " FROM account a LEFT JOIN entry e ON e.account = a.number AND e.leaf_index >= ? AND e.leaf_index < ?"
        f" WHERE a.opened_leaf < ? {chosen} GROUP BY a.number ORDER BY a.number"
    )
    (rows,) = await driver.run(connection, [(sql, (size, low, size, size, *(accounts or ())))])
    return [Turnover(*row) for row in rows]


async def flow(
    connection: AsyncConnection, feed: int, *, low: int, size: int, codes: Collection[str]
) -> tuple[list[Moved], list[Refused]]:
    """Give what moved in a range of leaves, in order, and what was refused with one of these codes.

    It reads no record of a movement, and so takes a quarter of the time of `movements`.
    """
    leaves = "SELECT leaf_index, data FROM leaf WHERE feed = ? AND leaf_index >= ? AND leaf_index < ?"
    moves = (
        "SELECT e.leaf_index, a.unit, e.other, a.number, e.credit FROM account a CROSS JOIN entry e"
        " ON e.account = a.number AND e.leaf_index >= ? AND e.leaf_index < ? WHERE e.credit > 0"
        " ORDER BY e.leaf_index, e.line"
    )
    found, moved = await driver.run(connection, [(leaves, (feed, low, size)), (moves, (low, size))])
    decoded = {index: decode_ledger_leaf(data) for index, data in sorted(found)}
    wanted = [leaf for leaf in decoded.values() if leaf.outcome in codes]
    data = await record_data(connection, [leaf.record_id for leaf in wanted if leaf.record_id is not None])
    refused = [
        Refused(leaf.time_ms, leaf.outcome, data[leaf.record_id][1])
        for leaf in wanted
        if leaf.record_id is not None and leaf.record_id in data
    ]
    return [Moved(decoded[row[0]].time_ms, *row[1:]) for row in moved], refused


async def record_data(connection: AsyncConnection, ids: Collection[bytes]) -> dict[bytes, tuple[str, bytes]]:
    """Give kind and signed bytes of records, by id; those that aren't here are left out."""
    answers = await driver.run(connection, bulk.select_rows("record", ("id", "kind", "data"), "id", sorted(set(ids))))
    return {row[0]: (row[1], row[2]) for rows in answers for row in rows}


async def entered_at(connection: AsyncConnection, number: int, *, above: int | None, below: int | None) -> int | None:
    """Give the leaf since which an account's balance has not been above, or not been below, a mark.

    Args:
        connection: Reading.
        number: The account.
        above: The mark that the balance has not been above since; None to ask for the other.
        below: The mark that it has not been below since.

    Returns:
        The index of the first leaf of that time; None where no entry is that old, as the account began there.
    """
    condition, mark = ("balance > ?", above) if above is not None else ("balance < ?", below)
    order = "ORDER BY leaf_index DESC, line DESC LIMIT 1"
    last = f"SELECT leaf_index, line FROM entry WHERE account = ? AND {condition} {order}"
    first = "SELECT MIN(leaf_index) FROM entry WHERE account = ? AND (leaf_index, line) > (?, ?)"
    (outside,) = await driver.run(connection, [(last, (number, mark))])
    place = outside[0] if outside else (-1, 0)
    ((entered,),) = await driver.run(connection, [(first, (number, *place))])
    return None if entered[0] is None else int(entered[0])


def _movement(row: tuple[Any, ...]) -> Movement:
    leaf_index, line, unit, number, agent, other, other_agent, debit, credit, balance, leaf, record_id, kind, data = row
    own, opposite = Side(number, agent), Side(other, other_agent)
    return Movement(
        place=Place(leaf_index, line),
        time_ms=decode_ledger_leaf(leaf).time_ms,
        unit=unit,
        payer=own if debit else opposite,
        payee=opposite if debit else own,
        amount=debit + credit,
        balance=balance,
        record_id=record_id,
        kind=kind or "",
        data=data,
    )
