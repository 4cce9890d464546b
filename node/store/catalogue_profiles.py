"""What agents take from their profiles: name, place and the words that they are found by.

An agent's own profile counts before one that its network made for it; among several the newest thing counts.
Source: docs/concepts/catalogue.md.

Tests: tests/node/store/test_catalogue.py
"""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import catalogue_ranks
from node.store.catalogue_index import agent_words, coordinates
from node.store.catalogue_tables import mention, thing
from node.store.limits import VARIABLES_PER_QUERY
from node.store.tables import record as record_table
from protocol.errors import RemoteProtocolError
from protocol.record import decode_record


async def refresh_agents(connection: AsyncConnection, home: bytes, agents: Iterable[bytes]) -> set[bytes]:
    """Compute anew what agents take from their profiles.

    Args:
        connection: Inside the transaction.
        home: The network that this node serves.
        agents: Agents whose record or profile changed.

    Returns:
        Those whose place changed, so that ranks must be computed anew.
    """
    wanted = sorted(agents)
    moved: set[bytes] = set()
    for start in range(0, len(wanted), VARIABLES_PER_QUERY):
        chunk = wanted[start : start + VARIABLES_PER_QUERY]
        moved |= await _refresh_chunk(connection, home, chunk)
    return moved


async def profiles_of(connection: AsyncConnection, agents: Sequence[bytes]) -> dict[bytes, dict[str, Any]]:
    """Give the profile that counts for each agent, as its body's map.

    Args:
        connection: Any connection.
        agents: At most VARIABLES_PER_QUERY ids; those without a profile are left out of the answer.
    """
    query = (
        select(mention.c.target, thing.c.author, thing.c.number, record_table.c.data)
        .join(thing, thing.c.number == mention.c.source)
        .join(record_table, record_table.c.sequence == thing.c.current)
        .where(mention.c.target.in_(agents), mention.c.role == "profile.agent")
    )
    best: dict[bytes, tuple[tuple[bool, int], bytes]] = {}
    for agent, author, number, data in await connection.execute(query):
        weight = (author == agent, number)
        if agent not in best or weight > best[agent][0]:
            best[agent] = (weight, data)
    return {agent: body for agent, (_, data) in best.items() if (body := body_of(data)) is not None}


def body_of(data: bytes) -> dict[str, Any] | None:
    """Give the body's map of stored record bytes; None where it was erased or can't be read."""
    try:
        return decode_record(data).body_value()
    except RemoteProtocolError:
        return None


async def _refresh_chunk(connection: AsyncConnection, home: bytes, agents: list[bytes]) -> set[bytes]:
    rows = (await connection.execute(select(thing).where(thing.c.id.in_(agents), thing.c.kind == "agent"))).all()
    profiles = await profiles_of(connection, agents)
    moved: set[bytes] = set()
    fresh: dict[int, tuple[tuple[str, ...], int]] = {}
    for row in rows:
        profile = profiles.get(row.id) or {}
        place = coordinates(profile)
        latitude, longitude = place or (None, None)
        if (latitude, longitude) != (row.latitude_e6, row.longitude_e6):
            moved.add(row.id)
        values = {"title": str(profile.get("name") or ""), "latitude_e6": latitude, "longitude_e6": longitude}
        if any(getattr(row, name) != value for name, value in values.items()):
            await connection.execute(update(thing).where(thing.c.number == row.number).values(values))
        fresh[row.number] = (agent_words(row.category or "", profile, row.network), row.number)
    await catalogue_ranks.refresh(connection, home, fresh=fresh, moved=set())
    return moved
