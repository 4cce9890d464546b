"""The search index: ranks of things on a shelf and the rows of `posting` that follow from them.

A rank is seen from this node's own network: local first, then the distance from its place, then the price. A thing
lies where its place is, else where its author is, else where its network is.
Rules kept here: the postings of a thing are exactly its words at its rank; when a place, an agent or a network moves,
what depends on it is ranked anew, and when this node's own network moves, everything is.
Source: docs/concepts/catalogue.md; DESIGN section 9.

Tests: tests/node/store/test_catalogue.py
"""

from collections.abc import Mapping, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.bulk import insert_rows, update_rows
from node.store.catalogue_index import price_key_of, rank_of
from node.store.catalogue_tables import SHELVES, mention, thing
from node.store.driver import run
from node.store.limits import VARIABLES_PER_QUERY
from protocol.market.ranking import distance_m

Fresh = Mapping[int, tuple[tuple[str, ...], int]]
"""By a thing's number: its words and the price part of its rank."""

_RERANK_BATCH: Final = 500
_M_PER_KM: Final = 1000
_PLACE_ROLES: Final = ("offer.place", "need.place")

_DELETE_POSTING: Final = "DELETE FROM posting WHERE shelf = ? AND term = ? AND rank = ? AND thing = ?"


async def refresh(connection: AsyncConnection, home: bytes, *, fresh: Fresh, moved: set[bytes]) -> None:
    """Write the ranks and postings of changed things and of those that depend on moved ones.

    Args:
        connection: Inside the transaction; rows of `thing` and `mention` are up to date.
        home: The network that this node serves.
        fresh: Things whose words or price changed.
        moved: Ids of places and agents whose coordinates may have changed.
    """
    numbers = list(fresh)
    for start in range(0, len(numbers), _RERANK_BATCH):
        await _rank_chunk(connection, home, numbers[start : start + _RERANK_BATCH], fresh)
    if not moved:
        return
    others = [number for number in await _dependents(connection, home, moved) if number not in fresh]
    for start in range(0, len(others), _RERANK_BATCH):
        await _rank_chunk(connection, home, others[start : start + _RERANK_BATCH], {})


async def _dependents(connection: AsyncConnection, home: bytes, moved: set[bytes]) -> list[int]:
    """Give the numbers of ranked things that lie where one of `moved` lies."""
    if home in moved:
        return list((await connection.execute(select(thing.c.number).where(thing.c.rank.is_not(None)))).scalars())
    found: set[int] = set()
    ids = sorted(moved)
    for start in range(0, len(ids), VARIABLES_PER_QUERY):
        some = ids[start : start + VARIABLES_PER_QUERY]
        # One query an index: joined by OR they would read the whole table.
        placed = select(mention.c.source).where(mention.c.target.in_(some), mention.c.role.in_(_PLACE_ROLES))
        authored = select(thing.c.number).where(thing.c.author.in_(some), thing.c.rank.is_not(None))
        of_network = select(thing.c.number).where(thing.c.network.in_(some), thing.c.rank.is_not(None))
        for query in (placed, authored, of_network):
            found.update((await connection.execute(query)).scalars())
    return sorted(found)


async def _rank_chunk(connection: AsyncConnection, home: bytes, numbers: Sequence[int], fresh: Fresh) -> None:
    if not numbers:
        return
    columns = (thing.c.number, thing.c.id, thing.c.kind, thing.c.network, thing.c.author, thing.c.rank, thing.c.words)
    rows = (await connection.execute(select(*columns).where(thing.c.number.in_(numbers)))).all()
    places = await _places_of(connection, numbers)
    located = {identifier for row in rows for identifier in (row.id, row.author, row.network)} | set(places.values())
    at = await _coordinates(connection, located | {home})
    updates: list[tuple[int, int, str]] = []
    gone: list[tuple[int, str, int, int]] = []
    new: list[tuple[int, str, int, int]] = []
    for row in rows:
        words, price_key = fresh.get(row.number) or (tuple(row.words.split(" ")), price_key_of(row.rank))
        # An agent lies at its own place; what is offered lies where its own place, its author or its network is.
        place = next((at[i] for i in (row.id, places.get(row.number), row.author, row.network) if i in at), None)
        rank = rank_of(is_local=row.network == home, distance_km=_distance_km(at.get(home), place), price_key=price_key)
        joined = " ".join(words)
        if rank == row.rank and joined == row.words:
            continue
        updates.append((row.number, rank, joined))
        old = {(row.rank, word) for word in row.words.split(" ")} if row.words is not None else set()
        wanted = {(rank, word) for word in words}
        shelf = SHELVES[row.kind]
        gone += [(shelf, word, at_rank, row.number) for at_rank, word in old - wanted]
        new += [(shelf, word, at_rank, row.number) for at_rank, word in wanted - old]
    statements = update_rows("thing", "number", ("rank", "words"), updates)
    statements += [(_DELETE_POSTING, key) for key in gone]
    await run(connection, statements + insert_rows("posting", ("shelf", "term", "rank", "thing"), new))


async def _places_of(connection: AsyncConnection, numbers: Sequence[int]) -> dict[int, bytes]:
    query = select(mention.c.source, mention.c.target).where(
        mention.c.source.in_(numbers), mention.c.role.in_(_PLACE_ROLES)
    )
    return {row.source: row.target for row in await connection.execute(query)}


async def _coordinates(connection: AsyncConnection, identifiers: set[bytes]) -> dict[bytes, tuple[int, int]]:
    """Give the coordinates of places and agents that have some."""
    found: dict[bytes, tuple[int, int]] = {}
    wanted = sorted(identifiers)
    for start in range(0, len(wanted), VARIABLES_PER_QUERY):
        query = select(thing.c.id, thing.c.latitude_e6, thing.c.longitude_e6).where(
            thing.c.id.in_(wanted[start : start + VARIABLES_PER_QUERY]), thing.c.latitude_e6.is_not(None)
        )
        found.update(
            (identifier, (latitude, longitude)) for identifier, latitude, longitude in await connection.execute(query)
        )
    return found


def _distance_km(one: tuple[int, int] | None, other: tuple[int, int] | None) -> int | None:
    distance = distance_m(one, other)
    return None if distance is None else distance // _M_PER_KM
