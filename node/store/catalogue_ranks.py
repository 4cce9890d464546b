"""The search index: ranks of things on a shelf and the rows of `posting` that follow from them.

A rank is seen from this node's own network: local first, then the distance from its place, then the price. A thing
lies where its place is, else where its author is, else where its network is.
Rules kept here: the postings of a thing are exactly its words at its rank; when a place, an agent or a network moves,
what depends on it is ranked anew, and when this node's own network moves, everything is.
Source: docs/concepts/catalogue.md; DESIGN section 9.

Tests: tests/node/store/test_catalogue.py
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.bulk import insert_rows, select_rows, update_rows
from node.store.catalogue_index import price_key_of, rank_of
from node.store.catalogue_tables import SHELVES
from node.store.driver import run
from protocol.market.ranking import distance_m

Fresh = Mapping[int, tuple[tuple[str, ...], int]]
"""By a thing's number: its words and the price part of its rank."""

_RERANK_BATCH: Final = 500
_M_PER_KM: Final = 1000
_NAMES_PLACE: Final = "role IN ('offer.place', 'need.place')"
_IS_RANKED: Final = "rank IS NOT NULL"

_DELETE_POSTING: Final = "DELETE FROM posting WHERE shelf = ? AND term = ? AND rank = ? AND thing = ?"


class _Thing(NamedTuple):
    """What a thing's rank follows from, and what it was before."""

    number: int
    id: bytes
    kind: str
    network: bytes
    author: bytes
    rank: int | None
    words: str | None


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
        answers = await run(connection, [(f"SELECT number FROM thing WHERE {_IS_RANKED}", ())])
    else:
        ids = sorted(moved)
        # One query an index: joined by OR they would read the whole table.
        placed = select_rows("mention", ("source",), "target", ids, only=_NAMES_PLACE)
        authored = select_rows("thing", ("number",), "author", ids, only=_IS_RANKED)
        of_network = select_rows("thing", ("number",), "network", ids, only=_IS_RANKED)
        answers = await run(connection, [*placed, *authored, *of_network])
    return sorted({number for rows in answers for (number,) in rows})


async def _rank_chunk(connection: AsyncConnection, home: bytes, numbers: Sequence[int], fresh: Fresh) -> None:
    if not numbers:
        return
    rows, places = await _things_and_places(connection, numbers)
    located = {identifier for row in rows for identifier in (row.id, row.author, row.network)} | set(places.values())
    at = await _coordinates(connection, located | {home})
    updates: list[tuple[int, int, str]] = []
    gone: list[tuple[int, str, int | None, int]] = []
    new: list[tuple[int, str, int, int]] = []
    for row in rows:
        before = () if row.words is None else tuple(row.words.split(" "))
        words, price_key = fresh.get(row.number) or (before, price_key_of(row.rank or 0))
        # An agent lies at its own place; what is offered lies where its own place, its author or its network is.
        place = next((at[i] for i in (row.id, places.get(row.number), row.author, row.network) if i in at), None)
        rank = rank_of(is_local=row.network == home, distance_km=_distance_km(at.get(home), place), price_key=price_key)
        joined = " ".join(words)
        if rank == row.rank and joined == row.words:
            continue
        updates.append((row.number, rank, joined))
        old = {(row.rank, word) for word in before}
        wanted = {(rank, word) for word in words}
        shelf = SHELVES[row.kind]
        gone += [(shelf, word, row.rank, row.number) for word in sorted(word for _, word in old - wanted)]
        new += [(shelf, word, rank, row.number) for word in sorted(word for _, word in wanted - old)]
    statements = update_rows("thing", "number", ("rank", "words"), updates)
    statements += [(_DELETE_POSTING, key) for key in gone]
    await run(connection, statements + insert_rows("posting", ("shelf", "term", "rank", "thing"), new))


async def _things_and_places(
    connection: AsyncConnection, numbers: Sequence[int]
) -> tuple[list[_Thing], dict[int, bytes]]:
    """Give things, and the places that they name, by their number."""
    things = select_rows("thing", _Thing._fields, "number", numbers)
    places = select_rows("mention", ("source", "target"), "source", numbers, only=_NAMES_PLACE)
    answers = await run(connection, [*things, *places])
    rows = [_Thing(*row) for answer in answers[: len(things)] for row in answer]
    return rows, {source: target for answer in answers[len(things) :] for source, target in answer}


async def _coordinates(connection: AsyncConnection, identifiers: set[bytes]) -> dict[bytes, tuple[int, int]]:
    """Give the coordinates of places and agents that have some."""
    columns = ("id", "latitude_e6", "longitude_e6")
    located = select_rows("thing", columns, "id", sorted(identifiers), only="latitude_e6 IS NOT NULL")
    answers = await run(connection, located)
    return {identifier: (latitude, longitude) for rows in answers for identifier, latitude, longitude in rows}


def _distance_km(one: tuple[int, int] | None, other: tuple[int, int] | None) -> int | None:
    distance = distance_m(one, other)
    return None if distance is None else distance // _M_PER_KM
