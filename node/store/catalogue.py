"""Keeps the catalogue's tables in step with the records, in the transaction that stores them.

A batch of records that became valid is projected in a few statements for all of them together: first the things and
their mentions, then what agents take from their profiles, then the search index, then order states.
Rules kept here: the tables depend on the set of valid records only, never on the order of their arrival; what depends
on another thing (the rank on a place, an agent's name on its profile) is computed anew when that thing changes.
Records are remembered as they become valid and projected all together before COMMIT: one statement for hundreds of rows
in place of hundreds of statements. A job that was undone leaves no record behind, so what was remembered of it is found
to be missing and left out.
Source: docs/concepts/catalogue.md.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import catalogue_ranks
from node.store.bulk import insert_rows, select_rows, update_rows
from node.store.catalogue_index import Described, describe
from node.store.catalogue_orders import refresh_orders
from node.store.catalogue_profiles import refresh_agents
from node.store.catalogue_tables import CATALOGUE_TABLES, thing
from node.store.database import Database
from node.store.driver import run
from node.store.meta import HOME, SELECT_VALUE, get
from node.store.projection import Accepted
from node.store.tables import record as record_table
from protocol.errors import RemoteProtocolError
from protocol.feeds import LEDGER
from protocol.kinds import KINDS
from protocol.record import Record, decode_record

REBUILD_BATCH: Final = 1000
_REMEMBERED: Final = "catalogue"
_PRIVATE_KINDS: Final = tuple(kind.name for kind in KINDS.values() if kind.feed == LEDGER)
"""Kinds of the private ledger; they are never things of the catalogue."""

_COLUMNS: Final = tuple(column.name for column in thing.columns)
_OF_AGENTS: Final = ("current", "category")
"""What a revision of an agent changes."""
_OF_OTHERS: Final = tuple(name for name in _COLUMNS if name not in ("number", "id", "rank", "words"))
"""What a revision of another thing changes."""
_DELETE_MENTIONS: Final = "DELETE FROM mention WHERE source = ?"


@dataclass(frozen=True, slots=True)
class Projected:
    """A valid record as the catalogue needs it.

    Attributes:
        sequence: Its row in `record`.
        record: The record.
        network: The network whose feed it stands in, 32 bytes.
    """

    sequence: int
    record: Record
    network: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """What a batch makes of one thing: the row, what it was before, and its description."""

    number: int
    item: Projected
    is_new: bool
    described: Described
    body: dict[str, Any]


async def open_catalogue(database: Database) -> None:
    """Keep the catalogue of a database in step from now on; make it anew first where it isn't.

    Args:
        database: Open; its writer will project what becomes valid.
    """
    async with database.read() as connection:
        is_current = await is_complete(connection)
    if not is_current:
        await database.write(rebuild)
    database.before_commit.append(_flush)


async def is_complete(connection: AsyncConnection) -> bool:
    """Tell whether every valid first record has its thing; false after a migration that added the tables."""
    public = record_table.c.kind.not_in(_PRIVATE_KINDS)
    firsts = select(func.count()).where(
        record_table.c.state == "valid", record_table.c.thing == record_table.c.id, public
    )
    things = select(func.count()).select_from(thing)
    return bool((await connection.execute(firsts)).scalar_one() == (await connection.execute(things)).scalar_one())


async def project(connection: AsyncConnection, home: bytes, batch: Sequence[Projected]) -> None:
    """Bring the catalogue up to date with records that became valid.

    Args:
        connection: Inside the transaction that stores them.
        home: The network that this node serves; ranks are seen from there.
        batch: In the order in which they became valid; a revision stands behind what it replaces.
    """
    latest: dict[bytes, Projected] = {}
    first: dict[bytes, int] = {}
    for item in batch:
        latest[item.record.thing_id] = item
        if item.record.header.thing is None:
            first[item.record.id] = item.sequence
    known = await numbers_of(connection, [identifier for identifier in latest if identifier not in first])
    changes = []
    for identifier, item in latest.items():
        number = first.get(identifier, known.get(identifier))
        if number is None:
            continue  # a revision of a thing that is not here can't be valid; the audit would show it
        body = _body(item.record)
        described = describe(item.record.header.kind, body, network=item.network, number=number)
        changes.append(_Change(number=number, item=item, is_new=identifier in first, described=described, body=body))
    if not changes:
        return
    await _write_things(connection, changes)
    moved = await refresh_agents(connection, home, _agents_to_refresh(changes))
    moved |= {change.item.record.thing_id for change in changes if change.item.record.header.kind == "place"}
    listed = [change for change in changes if change.item.record.header.kind in ("offer", "need")]
    fresh = {change.number: (change.described.words, change.described.price_key) for change in listed}
    await catalogue_ranks.refresh(connection, home, fresh=fresh, moved=moved)
    await refresh_orders(connection, _orders_to_refresh(changes))


async def rebuild(connection: AsyncConnection) -> int:
    """Make all the catalogue's tables anew from the stored records.

    Args:
        connection: Inside a writing transaction.

    Returns:
        How many records were read.
    """
    for table in reversed(CATALOGUE_TABLES):
        await connection.execute(delete(table))
    connection.info.pop(_REMEMBERED, None)
    home = await get(connection, HOME) or b""
    count = 0
    async for batch in _stored(connection, record_table.c.thing == record_table.c.id):
        await project(connection, home, batch)
        count += len(batch)
    revisions: list[Projected] = []
    async for batch in _stored(connection, record_table.c.thing != record_table.c.id):
        revisions.extend(batch)
    for start in range(0, len(ordered := _by_chain(revisions)), REBUILD_BATCH):
        await project(connection, home, ordered[start : start + REBUILD_BATCH])
    return count + len(revisions)


async def numbers_of(connection: AsyncConnection, identifiers: Sequence[bytes]) -> dict[bytes, int]:
    """Give the numbers of things by their ids; those that are not here are left out."""
    answers = await run(connection, select_rows("thing", ("id", "number"), "id", identifiers))
    return {identifier: number for rows in answers for identifier, number in rows}


async def remember(connection: AsyncConnection, accepted: Accepted) -> None:
    """Keep a record until COMMIT, on the connection of the one writer."""
    if accepted.record.header.kind not in _PRIVATE_KINDS:
        connection.info.setdefault(_REMEMBERED, {})[accepted.record.id] = accepted


async def _flush(connection: AsyncConnection) -> None:
    """Project what was remembered and is still there."""
    remembered: dict[bytes, Accepted] = connection.info.pop(_REMEMBERED, {})
    if not remembered:
        return
    valid = select_rows("record", ("id", "sequence"), "id", list(remembered), only="state = 'valid'")
    home, *answers = await run(connection, [(SELECT_VALUE, (HOME,)), *valid])
    sequences = {identifier: sequence for rows in answers for identifier, sequence in rows}
    batch = [
        Projected(sequences[identifier], accepted.record, accepted.network)
        for identifier, accepted in remembered.items()
        if identifier in sequences
    ]
    if batch:
        await project(connection, home[0][0] if home else b"", batch)


async def _write_things(connection: AsyncConnection, changes: list[_Change]) -> None:
    """Write rows and mentions; name, category and place of agents come later, from their profiles."""
    new = [_row(change) for change in changes if change.is_new]
    revised = [_row(change) for change in changes if not change.is_new]
    agents = [row for row in revised if row["kind"] == "agent"]
    others = [row for row in revised if row["kind"] != "agent"]
    mentions = [(target, role, change.number) for change in changes for role, target in change.described.mentions]
    statements = [
        *insert_rows("thing", _COLUMNS, _values(new, _COLUMNS)),
        *update_rows("thing", "number", _OF_AGENTS, _values(agents, ("number", *_OF_AGENTS))),
        *update_rows("thing", "number", _OF_OTHERS, _values(others, ("number", *_OF_OTHERS))),
        *((_DELETE_MENTIONS, (row["number"],)) for row in revised),
        *insert_rows("mention", ("target", "role", "source"), mentions),
    ]
    await run(connection, statements)


def _values(rows: Sequence[dict[str, Any]], columns: Sequence[str]) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in columns) for row in rows]


def _row(change: _Change) -> dict[str, Any]:
    header, described = change.item.record.header, change.described
    latitude, longitude = described.place or (None, None)
    return {
        "number": change.number,
        "id": change.item.record.thing_id,
        "kind": header.kind,
        "network": change.item.network,
        "author": header.author or change.item.record.thing_id,
        "current": change.item.sequence,
        "title": described.title,
        "category": described.category,
        "latitude_e6": latitude,
        "longitude_e6": longitude,
        "until_ms": described.until_ms,
        "rank": None,
        "words": None,
    }


def _agents_to_refresh(changes: list[_Change]) -> set[bytes]:
    agents = {change.item.record.thing_id for change in changes if change.item.record.header.kind == "agent"}
    return agents | {
        target for change in changes for role, target in change.described.mentions if role == "profile.agent"
    }


def _orders_to_refresh(changes: list[_Change]) -> set[bytes]:
    orders = {change.item.record.thing_id for change in changes if change.item.record.header.kind == "order"}
    return orders | {
        target for change in changes for role, target in change.described.mentions if role == "event.order"
    }


def _body(record: Record) -> dict[str, Any]:
    try:
        return record.body_value()
    except RemoteProtocolError:
        return {}  # erased, or not here yet


def _by_chain(revisions: list[Projected]) -> list[Projected]:
    """Put each thing's revisions in the order in which they replace one another."""
    ordered: list[Projected] = []
    by_thing = sorted(revisions, key=lambda item: (item.record.thing_id, item.sequence))
    for _, group in groupby(by_thing, key=lambda item: item.record.thing_id):
        chain = {item.record.header.previous: item for item in group}
        at = next((previous for previous in chain if previous not in {i.record.id for i in chain.values()}), None)
        while at in chain:
            item = chain.pop(at)
            ordered.append(item)
            at = item.record.id
    return ordered


async def _stored(connection: AsyncConnection, condition: ColumnElement[bool]) -> AsyncIterator[list[Projected]]:
    """Give the valid records that meet `condition`, in batches."""
    after = 0
    columns = (record_table.c.sequence, record_table.c.id, record_table.c.network, record_table.c.data)
    while True:
        query = (
            select(*columns)
            .where(
                record_table.c.state == "valid",
                record_table.c.kind.not_in(_PRIVATE_KINDS),
                record_table.c.sequence > after,
                condition,
            )
            .order_by(record_table.c.sequence)
            .limit(REBUILD_BATCH)
        )
        rows = (await connection.execute(query)).all()
        if not rows:
            return
        after = rows[-1].sequence
        batch = []
        for sequence, identifier, network, data in rows:
            try:
                record = decode_record(data)
            except RemoteProtocolError:
                continue  # a damaged row; the audit of records names it
            if record.id == identifier:
                batch.append(Projected(sequence, record, network))
        yield batch
