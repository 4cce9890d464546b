"""Reading the catalogue: things with their current records, by number, id, kind, author and mention.

Everything here reads; bodies are decoded from the signed bytes, so a view shows what was signed and not a copy of it.
Source: docs/concepts/catalogue.md.

Tests: tests/node/services/test_catalogue.py
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.catalogue_tables import mention, order_state, posting, thing
from node.store.feed_reading import FeedReader, FeedState
from node.store.limits import VARIABLES_PER_QUERY
from node.store.tables import agent_key, agent_role
from node.store.tables import record as record_table
from protocol.errors import RemoteProtocolError
from protocol.feeds import LEDGER
from protocol.record import Record, decode_record

COUNT_MAX = 10_000
"""Rows that a count for a page goes through; more are shown as that many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """A thing with its current record.

    Attributes:
        number: Its number in the catalogue; newer things have larger ones.
        id: 32 bytes.
        kind: agent, offer, seal, …
        network: In whose feed it stands.
        author: Who stated it; of an agent that signed for itself, the agent.
        title: Title or name.
        category: Category, or the type of an agent, place or post.
        position: Its own place in millionths of a degree.
        record: The current revision.
        body: Its map; empty where it was erased.
    """

    number: int
    id: bytes
    kind: str
    network: bytes
    author: bytes
    title: str
    category: str | None
    position: tuple[int, int] | None
    record: Record
    body: Mapping[str, Any]


async def by_numbers(connection: AsyncConnection, numbers: Sequence[int]) -> list[Thing]:
    """Give things in the order of these numbers; what isn't here is left out."""
    found: dict[int, Thing] = {}
    for start in range(0, len(numbers), VARIABLES_PER_QUERY):
        some = numbers[start : start + VARIABLES_PER_QUERY]
        found.update({item.number: item for item in await _things(connection, _query(thing.c.number.in_(some)))})
    return [found[number] for number in numbers if number in found]


async def by_ids(connection: AsyncConnection, identifiers: Iterable[bytes]) -> dict[bytes, Thing]:
    """Give things by their ids; what isn't here is left out."""
    found: dict[bytes, Thing] = {}
    wanted = sorted(set(identifiers))
    for start in range(0, len(wanted), VARIABLES_PER_QUERY):
        some = wanted[start : start + VARIABLES_PER_QUERY]
        found.update({item.id: item for item in await _things(connection, _query(thing.c.id.in_(some)))})
    return found


async def newest(
    connection: AsyncConnection,
    kind: str,
    *,
    limit: int,
    before: int | None = None,
    author: bytes | None = None,
    now_ms: int | None = None,
) -> list[Thing]:
    """Give things of a kind, the newest first.

    Args:
        connection: Any connection.
        kind: Their kind.
        limit: How many at most.
        before: Only things older than the one of this number.
        author: Only things by this agent.
        now_ms: Leave out what ended before; None for everything.
    """
    conditions: list[ColumnElement[bool]] = [thing.c.kind == kind]
    if before is not None:
        conditions.append(thing.c.number < before)
    if author is not None:
        conditions.append(thing.c.author == author)
    if now_ms is not None:
        conditions.append(thing.c.until_ms.is_(None) | (thing.c.until_ms > now_ms))
    return await _things(connection, _query(*conditions).order_by(thing.c.number.desc()).limit(limit))


async def mentioning(
    connection: AsyncConnection, targets: Iterable[bytes], roles: Sequence[str], *, limit: int = COUNT_MAX
) -> dict[bytes, list[Thing]]:
    """Give the things that name others, by the one that they name, oldest first.

    Args:
        connection: Any connection.
        targets: What is named.
        roles: As which field, such as `attestation.subject`.
        limit: How many at most for all targets of one query.
    """
    found: dict[bytes, list[Thing]] = {}
    wanted = sorted(set(targets))
    for start in range(0, len(wanted), VARIABLES_PER_QUERY):
        some = wanted[start : start + VARIABLES_PER_QUERY]
        query = (
            select(mention.c.target, mention.c.source)
            .where(mention.c.target.in_(some), mention.c.role.in_(roles))
            .order_by(mention.c.source)
            .limit(limit)
        )
        pairs = (await connection.execute(query)).all()
        things = {item.number: item for item in await by_numbers(connection, sorted({pair.source for pair in pairs}))}
        for target, source in pairs:
            if source in things:
                found.setdefault(target, []).append(things[source])
    return found


async def order_numbers(
    connection: AsyncConnection, *, party: bytes | None, before: int | None, limit: int
) -> list[int]:
    """Give the numbers of orders, the newest first.

    Args:
        connection: Any connection.
        party: Only those of this buyer or seller; None for all.
        before: Only those older than the one of this number.
        limit: How many at most.
    """
    query = select(thing.c.number).where(thing.c.kind == "order").distinct()
    if party is not None:
        query = query.join(mention, mention.c.source == thing.c.number).where(
            mention.c.target == party, mention.c.role.in_(("order.buyer", "order.seller"))
        )
    if before is not None:
        query = query.where(thing.c.number < before)
    return list((await connection.execute(query.order_by(thing.c.number.desc()).limit(limit))).scalars())


async def states_of(connection: AsyncConnection, numbers: Sequence[int]) -> dict[int, str]:
    """Give how far orders are, by their numbers."""
    query = select(order_state.c.thing, order_state.c.state).where(order_state.c.thing.in_(numbers))
    return {row.thing: row.state for row in await connection.execute(query)}


async def with_keys(connection: AsyncConnection, agents: Iterable[bytes]) -> set[bytes]:
    """Give those of these agents that hold a key; the others are mapped only."""
    found: set[bytes] = set()
    wanted = sorted(set(agents))
    for start in range(0, len(wanted), VARIABLES_PER_QUERY):
        query = select(agent_key.c.agent).where(
            agent_key.c.agent.in_(wanted[start : start + VARIABLES_PER_QUERY]), agent_key.c.valid_until.is_(None)
        )
        found.update((await connection.execute(query)).scalars())
    return found


async def count_of_term(connection: AsyncConnection, shelf: int, term: str) -> int:
    """Count the things on a shelf that have a term, up to `COUNT_MAX`."""
    few = select(posting.c.thing).where(posting.c.shelf == shelf, posting.c.term == term).limit(COUNT_MAX).subquery()
    return int((await connection.execute(select(func.count()).select_from(few))).scalar_one())


async def counts_by_term(connection: AsyncConnection, terms: Sequence[str]) -> dict[tuple[int, str], int]:
    """Count what has each of these terms, by shelf and term; what nothing has is left out."""
    query = (
        select(posting.c.shelf, posting.c.term, func.count())
        .where(posting.c.term.in_(terms), posting.c.shelf.in_((0, 1)))
        .group_by(posting.c.shelf, posting.c.term)
    )
    return {(shelf, term): count for shelf, term, count in await connection.execute(query)}


async def count_members(connection: AsyncConnection, network: bytes) -> int:
    """Count the agents that have a role in a network now."""
    query = select(func.count(agent_role.c.agent.distinct())).where(
        agent_role.c.network == network, agent_role.c.valid_until.is_(None)
    )
    return int((await connection.execute(query)).scalar_one())


async def count_mapped(connection: AsyncConnection, network: bytes) -> int:
    """Count the agents of a network that hold no key."""
    keyed = select(agent_key.c.agent).where(agent_key.c.network == network, agent_key.c.agent == thing.c.id)
    query = select(func.count()).where(thing.c.network == network, thing.c.kind == "agent", ~keyed.exists())
    return int((await connection.execute(query)).scalar_one())


async def roles_of(connection: AsyncConnection, network: bytes, agent: bytes) -> list[str]:
    """Give the roles that an agent has in a network now, sorted."""
    query = select(agent_role.c.role).where(
        agent_role.c.network == network, agent_role.c.agent == agent, agent_role.c.valid_until.is_(None)
    )
    return sorted((await connection.execute(query)).scalars())


async def feed_states(connection: AsyncConnection) -> list[FeedState]:
    """Give every feed that is held, the private ledger left out."""
    return [state for state in await FeedReader().all(connection) if state.key.name != LEDGER]


def _query(*conditions: ColumnElement[bool]) -> Select[Any]:
    return (
        select(thing, record_table.c.data)
        .join(record_table, record_table.c.sequence == thing.c.current)
        .where(*conditions)
    )


async def _things(connection: AsyncConnection, query: Select[Any]) -> list[Thing]:
    found: list[Thing] = []
    for row in await connection.execute(query):
        record = decode_record(row.data)
        try:
            body = record.body_value()
        except RemoteProtocolError:
            body = {}
        found.append(
            Thing(
                number=row.number,
                id=row.id,
                kind=row.kind,
                network=row.network,
                author=row.author,
                title=row.title,
                category=row.category,
                position=None if row.latitude_e6 is None else (row.latitude_e6, row.longitude_e6),
                record=record,
                body=body,
            )
        )
    return found
