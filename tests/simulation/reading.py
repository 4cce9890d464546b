"""Reading a simulated node's store past its services, so that an invariant doesn't ask the code that it judges."""

from __future__ import annotations

import sqlite3
from typing import Any

from tests.simulation.node import SimulatedNode
from tests.simulation.sqlite_vfs import NAME


async def leaves_of(node: SimulatedNode, feed: str) -> list[tuple[bytes, bytes | None]]:
    """Give the leaves of one of a node's own feeds, each with its record's bytes where they are here."""
    rows = query(
        node,
        "SELECT leaf.data, record.data FROM leaf JOIN feed ON feed.sequence = leaf.feed "
        "LEFT JOIN record ON record.id = leaf.record_id WHERE feed.network = ? AND feed.name = ? "
        "ORDER BY leaf.leaf_index",
        (node.network.id, feed),
    )
    return [(leaf, record) for leaf, record in rows]


def query(node: SimulatedNode, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Ask the node's database, through a connection of its own."""
    connection = sqlite3.connect(f"file:{node.path}?vfs={NAME}", uri=True)
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()
