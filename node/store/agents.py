"""Keys and roles of agents as intervals of their network's trust feed.

A key is valid for a record whose `keys_at` lies from `valid_from` on and before `valid_until` (None: still valid).
The bounds are sizes of the trust feed: a key listed by leaf i is valid from size i + 1 on.

Source: DESIGN sections 3 and 5; docs/concepts/feeds.md.

Tests: tests/node/services/test_publishing.py
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Table, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import bulk, driver
from node.store.tables import agent_key, agent_role, epoch, network

EPOCH_COLUMNS = "number, record_id, checkpoint_key, cosignature_key, credential_key, link_key"
SELECT_EPOCH = f"SELECT {EPOCH_COLUMNS} FROM epoch WHERE network = ? AND number = ?"
SELECT_CURRENT_EPOCH = (
    f"SELECT {EPOCH_COLUMNS} FROM network JOIN epoch ON epoch.network = network.id AND epoch.number = network.epoch"
    " WHERE network.id = ?"
)

Agent = tuple[bytes, bytes]
"""(network, agent)."""


class Span(NamedTuple):
    """A key (32 bytes) or a role (text), and the trust sizes between which it holds."""

    what: bytes | str
    valid_from: int
    valid_until: int | None

    def holds_at(self, size: int) -> bool:
        """Tell whether it holds at this size of the trust feed."""
        return self.valid_from <= size and (self.valid_until is None or size < self.valid_until)


class EpochKeys(NamedTuple):
    """The public keys of a network's node in one epoch, 32 bytes each, and the record that states them."""

    record_id: bytes
    checkpoint: bytes
    cosignature: bytes
    credential: bytes
    link: bytes


async def keys_of(connection: AsyncConnection, agents: Iterable[Agent]) -> dict[Agent, list[Span]]:
    """Give all spans of keys of these agents; an agent that has none is missing."""
    return await _spans(connection, agent_key, "key", agents)


async def roles_of(connection: AsyncConnection, agents: Iterable[Agent]) -> dict[Agent, list[Span]]:
    """Give all spans of roles of these agents; an agent that has none is missing."""
    return await _spans(connection, agent_role, "role", agents)


def changed(spans: Iterable[Span], wanted: set[bytes] | set[str], *, size: int) -> list[Span]:
    """Give the spans after an agent was given exactly these keys or roles.

    Args:
        spans: Before.
        wanted: What is to hold from `size` on.
        size: Of the trust feed, counting the leaf that changes it.
    """
    kept = [
        Span(span.what, span.valid_from, size) if span.valid_until is None and span.what not in wanted else span
        for span in spans
    ]
    open_now = {span.what for span in kept if span.valid_until is None}
    return kept + [Span(what, size, None) for what in wanted - open_now]


async def write_keys(connection: AsyncConnection, spans: Mapping[Agent, Iterable[Span]]) -> None:
    """Store spans of keys, new or changed, inside a writing job."""
    await _write(connection, "agent_key", "key", spans)


async def write_roles(connection: AsyncConnection, spans: Mapping[Agent, Iterable[Span]]) -> None:
    """Store spans of roles, new or changed, inside a writing job."""
    await _write(connection, "agent_role", "role", spans)


async def put_epoch(connection: AsyncConnection, of: bytes, number: int, keys: EpochKeys) -> None:
    """Keep the keys of an epoch; the first record of a number counts."""
    query = select(epoch.c.number).where(epoch.c.network == of, epoch.c.number == number)
    if (await connection.execute(query)).one_or_none() is not None:
        return
    values = {
        "network": of,
        "number": number,
        "record_id": keys.record_id,
        "checkpoint_key": keys.checkpoint,
        "cosignature_key": keys.cosignature,
        "credential_key": keys.credential,
        "link_key": keys.link,
    }
    await connection.execute(insert(epoch).values(values))
    known = (await connection.execute(select(network.c.epoch).where(network.c.id == of))).scalar_one_or_none()
    if known is None:
        await connection.execute(insert(network).values(id=of, epoch=number))
    elif known < number:
        await connection.execute(update(network).where(network.c.id == of).values(epoch=number))


async def get_epoch(connection: AsyncConnection, of: bytes, number: int | None = None) -> tuple[int, EpochKeys] | None:
    """Give the number and keys of an epoch of a network: of this number, or of its current one."""
    statement = (SELECT_CURRENT_EPOCH, (of,)) if number is None else (SELECT_EPOCH, (of, number))
    (rows,) = await driver.run(connection, [statement])
    if not rows:
        return None
    found, *keys = rows[0]
    return found, EpochKeys(*keys)


async def known_networks(connection: AsyncConnection) -> dict[bytes, int]:
    """Give all networks that are known, with the number of their current epoch."""
    rows = await connection.execute(select(network.c.id, network.c.epoch))
    return {row.id: row.epoch for row in rows}


async def _spans(
    connection: AsyncConnection, table: Table, name: str, agents: Iterable[Agent]
) -> dict[Agent, list[Span]]:
    by_network: dict[bytes, set[bytes]] = {}
    for network_id, agent in agents:
        by_network.setdefault(network_id, set()).add(agent)
    columns = ("network", "agent", name, "valid_from", "valid_until")
    statements = [
        statement
        for network_id, some in by_network.items()
        for statement in bulk.select_rows(table.name, columns, "agent", list(some), also=("network", network_id))
    ]
    rows = [row for answer in await driver.run(connection, statements) for row in answer]
    found: dict[Agent, list[Span]] = {}
    for of, agent, what, valid_from, valid_until in sorted(rows, key=lambda row: row[3]):
        found.setdefault((of, agent), []).append(Span(what, valid_from, valid_until))
    return found


async def _write(connection: AsyncConnection, table: str, name: str, spans: Mapping[Agent, Iterable[Span]]) -> None:
    rows = [(*agent, *span) for agent, items in spans.items() for span in items]
    if rows:
        await connection.exec_driver_sql(
            f"INSERT INTO {table} (network, agent, {name}, valid_from, valid_until) VALUES (?, ?, ?, ?, ?)"
            f" ON CONFLICT (network, agent, {name}, valid_from) DO UPDATE SET valid_until = excluded.valid_until",
            rows,
        )
