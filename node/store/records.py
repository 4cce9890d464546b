"""Records on disk: rows, where they stand, and what they wait for.

Rules kept here:
- `record.data` holds the signed bytes; every other column of `record` is read from them or recomputed by the rules;
- a record is never dropped: what breaks a rule is void with a code, what lacks something is waiting for it.

Source: DESIGN sections 4 and 5; docs/concepts/feeds.md.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import bulk, driver
from node.store.limits import VARIABLES_PER_QUERY
from node.store.tables import bundle, feed, leaf, record, waiting
from protocol.feeds import FeedKey
from protocol.record import Record

VALID = "valid"
VOID = "void"
WAITING = "waiting"

COLUMNS = ("id", "network", "kind", "author", "thing", "feed", "leaf_index", "state", "code", "data")
"""Of `record`, in the order of the fields of `StoredRecord`."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRecord:
    """A row of `record`.

    Attributes:
        id: The record's id.
        network: Its home; of a network's first `agent`, the network itself.
        kind: The record's kind.
        author: Its author; None in a first `agent` record.
        thing: The thing that it is a revision of.
        feed: Row number of the feed that it stands in; None where it came in a bundle and that feed isn't followed.
        leaf_index: Its leaf there.
        state: valid, void or waiting.
        code: Why it is void.
        data: The signed bytes.
    """

    id: bytes
    network: bytes
    kind: str
    author: bytes | None
    thing: bytes
    feed: int | None
    leaf_index: int | None
    state: str
    code: str | None
    data: bytes

    @classmethod
    def of(cls, values: Sequence[Any]) -> "StoredRecord":
        """Make it of the values of `COLUMNS`."""
        return cls(**dict(zip(COLUMNS, values, strict=True)))


@dataclass(frozen=True, slots=True)
class Need:
    """What a waiting record waits for.

    Attributes:
        needs: A record or thing id; or, with a `trust_size`, the network whose trust feed it waits for.
        trust_size: The size that the trust feed must have; 0 for a record or thing.
    """

    needs: bytes
    trust_size: int = 0


def row_of(
    item: Record, data: bytes, *, feed: int | None, leaf_index: int | None, state: str, code: str | None
) -> StoredRecord:
    """Give the row of a record.

    Args:
        item: The decoded record.
        data: Its bytes.
        feed: Row number of its feed, where it stands in one that is kept here.
        leaf_index: Its leaf there.
        state: valid, void or waiting.
        code: Why it is void.
    """
    header = item.header
    return StoredRecord(
        id=item.id,
        network=header.home if header.home is not None else item.thing_id,
        kind=header.kind,
        author=header.author,
        thing=item.thing_id,
        feed=feed,
        leaf_index=leaf_index,
        state=state,
        code=code,
        data=data,
    )


async def insert_rows(connection: AsyncConnection, rows: Sequence[StoredRecord]) -> None:
    """Insert rows whose ids aren't stored yet, inside a writing job."""
    values = [(r.id, r.network, r.kind, r.author, r.thing, r.feed, r.leaf_index, r.state, r.code, r.data) for r in rows]
    await driver.run(connection, bulk.insert_rows("record", COLUMNS, values))


async def find(connection: AsyncConnection, ids: Iterable[bytes]) -> dict[bytes, StoredRecord]:
    """Give the stored records with these ids."""
    answers = await driver.run(connection, bulk.select_rows("record", COLUMNS, "id", list(set(ids))))
    rows = (_of_columns(row) for answer in answers for row in answer)
    return {row.id: row for row in rows}


async def find_one(connection: AsyncConnection, record_id: bytes) -> StoredRecord | None:
    """Give the stored record with this id."""
    return (await find(connection, [record_id])).get(record_id)


async def revisions(connection: AsyncConnection, things: Iterable[bytes]) -> dict[bytes, list[StoredRecord]]:
    """Give all stored records of these things, first and later ones, in the order in which they stand in their feed."""
    found: dict[bytes, list[StoredRecord]] = {}
    rows_by_id: dict[bytes, StoredRecord] = {}
    wanted = list(set(things))
    statements = [
        *bulk.select_rows("record", COLUMNS, "id", wanted),
        *bulk.select_rows("record", COLUMNS, "thing", wanted, only="thing <> id"),
    ]
    for answer in await driver.run(connection, statements):
        rows_by_id.update((row.id, row) for row in map(_of_columns, answer))
    for row in rows_by_id.values():
        found.setdefault(row.thing, []).append(row)
    for rows in found.values():
        rows.sort(key=lambda r: (r.leaf_index is None, r.leaf_index or 0, r.id))
    return found


async def place(connection: AsyncConnection, record_id: bytes, *, feed: int, leaf_index: int) -> None:
    """Say where a record stands that came in a bundle before its leaf did."""
    changed = update(record).where(record.c.id == record_id, record.c.feed.is_(None))
    await connection.execute(changed.values(feed=feed, leaf_index=leaf_index))


async def move(connection: AsyncConnection, row: StoredRecord) -> None:
    """Give a stored record that stood where it doesn't belong its own place, and the state that it has there."""
    values = {"feed": row.feed, "leaf_index": row.leaf_index, "state": row.state, "code": row.code}
    await connection.execute(update(record).where(record.c.id == row.id).values(values))


async def set_state(connection: AsyncConnection, record_id: bytes, *, state: str, code: str | None) -> None:
    """Change what a record counts as, once what it waited for has come."""
    await connection.execute(update(record).where(record.c.id == record_id).values(state=state, code=code))


async def hold_leaves(connection: AsyncConnection, record_id: bytes) -> dict[FeedKey, tuple[int, int]]:
    """Mark the bare leaves that name a record as held, now that it is here; give their places.

    Returns:
        Row number and index, by feed.
    """
    query = select(leaf.c.feed, leaf.c.leaf_index, feed.c.network, feed.c.name, feed.c.epoch)
    query = query.join(feed, feed.c.sequence == leaf.c.feed).where(leaf.c.record_id == record_id, leaf.c.held == 0)
    places = (await connection.execute(query)).all()
    if places:
        bare = (leaf.c.record_id == record_id) & (leaf.c.held == 0)
        await connection.execute(update(leaf).where(bare).values(held=1))
    return {FeedKey(row.network, row.name, row.epoch): (row.feed, row.leaf_index) for row in places}


async def wait_for(connection: AsyncConnection, needs: Mapping[bytes, Sequence[Need]]) -> None:
    """Keep what waiting records wait for, in place of what they waited for before.

    Args:
        connection: The writer's, inside a job.
        needs: By record id.
    """
    await stop_waiting(connection, needs)
    rows = [(record_id, need.needs, need.trust_size) for record_id, items in needs.items() for need in items]
    if rows:
        await connection.exec_driver_sql("INSERT INTO waiting (record_id, needs, trust_size) VALUES (?, ?, ?)", rows)


async def stop_waiting(connection: AsyncConnection, ids: Iterable[bytes]) -> None:
    """Forget what these records waited for."""
    for some in portions(set(ids)):
        await connection.execute(delete(waiting).where(waiting.c.record_id.in_(some)))


async def waiters(
    connection: AsyncConnection, *, arrived: Iterable[bytes], trust: dict[bytes, int]
) -> list[StoredRecord]:
    """Give the waiting records that may be judged again.

    Args:
        connection: Reading or writing.
        arrived: Ids of records and things that are known now.
        trust: Networks whose trust feed grew, with its size.

    Returns:
        In the order of their feeds and leaves.
    """
    ids: set[bytes] = set()
    for some in portions(set(arrived)):
        query = select(waiting.c.record_id).where(waiting.c.needs.in_(some), waiting.c.trust_size == 0)
        ids.update((await connection.execute(query)).scalars())
    for network, size in trust.items():
        query = select(waiting.c.record_id).where(
            waiting.c.needs == network, waiting.c.trust_size > 0, waiting.c.trust_size <= size
        )
        ids.update((await connection.execute(query)).scalars())
    rows = (await find(connection, ids)).values()
    return sorted(rows, key=lambda r: (r.feed is None, r.feed or 0, r.leaf_index or 0, r.id))


async def has_waiters(connection: AsyncConnection) -> bool:
    """Tell whether any record waits for anything."""
    (rows,) = await driver.run(connection, [("SELECT 1 FROM waiting LIMIT 1", ())])
    return bool(rows)


async def put_bundle(connection: AsyncConnection, record_id: bytes, data: bytes) -> None:
    """Keep the bundle that a record came in: it proves the record, and is what other networks are passed."""
    await connection.execute(insert(bundle).values(record_id=record_id, data=data))


async def get_bundle(connection: AsyncConnection, record_id: bytes) -> bytes | None:
    """Give the bundle that a record came in."""
    query = select(bundle.c.data).where(bundle.c.record_id == record_id)
    data: bytes | None = (await connection.execute(query)).scalar_one_or_none()
    return data


async def count_by_state(connection: AsyncConnection) -> dict[str, int]:
    """Count the records by state."""
    rows = await connection.execute(select(record.c.state, func.count()).group_by(record.c.state))
    return {row[0]: row[1] for row in rows}


def stored(row: Row[Any]) -> StoredRecord:
    """Turn a row of `record` into its value."""
    return StoredRecord(
        id=row.id,
        network=row.network,
        kind=row.kind,
        author=row.author,
        thing=row.thing,
        feed=row.feed,
        leaf_index=row.leaf_index,
        state=row.state,
        code=row.code,
        data=row.data,
    )


def _of_columns(row: tuple[Any, ...]) -> StoredRecord:
    """Turn a row of `COLUMNS` into its value."""
    return StoredRecord(**dict(zip(COLUMNS, row, strict=True)))


def portions(items: Iterable[T]) -> Iterator[list[T]]:
    """Cut items into lists that fit one query."""
    whole = list(items)
    for at in range(0, len(whole), VARIABLES_PER_QUERY):
        yield whole[at : at + VARIABLES_PER_QUERY]
