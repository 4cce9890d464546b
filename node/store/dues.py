"""What a levy is counted on: what members' accounts gave and received among themselves in a range of leaves.

What goes to funds and comes from them, to the treasury and from it, is no trade and doesn't count.
Source: docs/spec/04-ledger.md L-80.

Tests: tests/node/services/test_dues.py
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import driver

TRADED = (
    "SELECT a.agent, SUM(e.debit), SUM(e.credit) FROM account a"
    " CROSS JOIN entry e ON e.account = a.number AND e.leaf_index >= ? AND e.leaf_index < ?"
    " JOIN account o ON o.number = e.other AND o.kind = 'member'"
    " WHERE a.kind = 'member' AND a.unit = ? GROUP BY a.number"
)


class Traded(NamedTuple):
    """What an account gave to other members and received from them, in minor units."""

    given: int
    received: int


async def traded(connection: AsyncConnection, *, low: int, high: int, unit: str) -> dict[bytes, Traded]:
    """Give what members traded in the leaves from `low` to before `high`, by agent; who traded nothing is left out."""
    (rows,) = await driver.run(connection, [(TRADED, (low, high, unit))])
    return {agent: Traded(given, received) for agent, given, received in rows}
