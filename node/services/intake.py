"""Records enter the store: judged in order, written many at a time, projected; what waited for them is judged again.

Both ways in end here: publishing at the home, and ingest of followed feeds and bundles.
Everything runs inside one writing job, so all of it is durable or nothing.

Source: DESIGN sections 4 and 5; docs/concepts/feeds.md.

Tests: tests/node/services/test_replication.py
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from node.services.knowledge import Knowledge, Standing, Verdict
from node.store import agents, catalogue, records
from node.store.database import Connection
from node.store.feed_reading import FeedReader
from node.store.projection import Accepted, Projector
from node.store.records import VALID, WAITING, StoredRecord
from protocol.bundle import decode_bundle, verify_bundle
from protocol.feeds import TRUST, FeedKey
from protocol.merkle.leaf import decode_leaf
from protocol.record import decode_record

PROJECTORS: list[Projector] = [catalogue.remember]
"""Called in this order, in the writing job, for every record that became valid."""


@dataclass(frozen=True, slots=True)
class Entrance:
    """A record about to be stored.

    Attributes:
        standing: Its place.
        feed: The row number of its feed; None where only its bundle is here.
        is_moved: It has a row already, from a feed where it doesn't belong.
    """

    standing: Standing
    feed: int | None
    is_moved: bool = False


OnChange = Callable[[set[FeedKey], set[bytes]], None]
"""Told, after commit, which feeds grew and which networks have something new to be delivered."""


@dataclass(slots=True)
class Arrivals:
    """What came in during a job, for waking those that waited.

    Attributes:
        ids: Records and things that are settled now: valid or void.
        trust: Networks whose trust feed grew, with its size.
    """

    ids: set[bytes] = field(default_factory=set)
    trust: dict[bytes, int] = field(default_factory=dict)


async def store_judged(
    connection: Connection,
    knowledge: Knowledge,
    items: Sequence[tuple[Entrance, Verdict]],
    arrivals: Arrivals,
) -> None:
    """Write records that were judged and settled: rows, needs, keys, roles and epochs, and project the valid ones.

    Args:
        connection: The writer's, inside a job.
        knowledge: It judged them.
        items: In the order of their feeds.
        arrivals: What is settled is added to it.
    """
    rows = []
    needs = {}
    for entrance, verdict in items:
        standing = entrance.standing
        row = records.row_of(
            standing.record,
            standing.data,
            feed=entrance.feed,
            leaf_index=None if entrance.feed is None else standing.index,
            state=verdict.state,
            code=verdict.refusal.code if verdict.refusal else None,
        )
        if entrance.is_moved:
            await records.move(connection, row)
        else:
            rows.append(row)
        if verdict.state == WAITING:
            needs[standing.record.id] = verdict.needs
    await records.insert_rows(connection, rows)
    await records.wait_for(connection, needs)
    await _write_learned(connection, knowledge)
    await _announce(connection, items, arrivals)


async def wake(connection: Connection, feeds: FeedReader, knowledge: Knowledge, arrivals: Arrivals) -> set[bytes]:
    """Judge again what waited for these arrivals, and what waited for that, until nothing more comes of it.

    Args:
        connection: The writer's, inside a job.
        feeds: To read leaves.
        knowledge: Of this job.
        arrivals: What came in; added to by what is settled here.

    Returns:
        Ids of the records that are settled now.
    """
    settled: set[bytes] = set()
    if not await records.has_waiters(connection):
        return settled
    trust = arrivals.trust
    fresh = set(arrivals.ids)
    while fresh or trust:
        rows = await records.waiters(connection, arrived=fresh, trust=trust)
        standings = [await standing_of(connection, feeds, row) for row in rows]
        knowledge.trust_sizes.update(
            {
                network: await trust_size(connection, feeds, network)
                for network in sorted({s.feed.network for s in standings})
            }
        )
        await knowledge.load(connection, ((item.record, item.feed.network) for item in standings))
        judged = []
        needs = {}
        for row, standing in zip(rows, standings, strict=True):
            verdict = knowledge.judge(standing)
            if verdict.state == WAITING:
                needs[row.id] = verdict.needs
                continue
            knowledge.settle(standing, verdict)
            code = verdict.refusal.code if verdict.refusal else None
            await records.set_state(connection, row.id, state=verdict.state, code=code)
            judged.append((Entrance(standing, row.feed), verdict))
        await records.wait_for(connection, needs)
        await records.stop_waiting(connection, (entrance.standing.record.id for entrance, _ in judged))
        await _write_learned(connection, knowledge)
        news = Arrivals()
        await _announce(connection, judged, news)
        settled.update(entrance.standing.record.id for entrance, _ in judged)
        fresh, trust = news.ids, {}
    arrivals.ids |= settled
    return settled


async def standing_of(connection: Connection, feeds: FeedReader, row: StoredRecord) -> Standing:
    """Give a stored record at its place: that of its leaf, or that of the bundle that it came in.

    Raises:
        StorageError: Its leaf is missing.
        RemoteProtocolError: Its bundle is damaged.
    """
    record = decode_record(row.data)
    if row.feed is not None and row.leaf_index is not None:
        key = await feeds.key_of(connection, row.feed)
        data = await feeds.leaf(connection, row.feed, row.leaf_index)
        return Standing(record=record, data=row.data, feed=key, index=row.leaf_index, keys_at=decode_leaf(data).keys_at)
    return await bundled(connection, feeds, row.id, row.data)


async def bundled(connection: Connection, feeds: FeedReader, record_id: bytes, data: bytes) -> Standing:
    """Give a delivered record at the place that its bundle proves.

    Raises:
        RemoteProtocolError: The bundle is missing or damaged.
    """
    found = await records.get_bundle(connection, record_id)
    bundle = decode_bundle(found or b"")
    proven = verify_bundle(bundle)
    keys_at = proven.leaf.keys_at
    is_followed = await trust_size(connection, feeds, proven.feed.network) >= keys_at
    return Standing(
        record=bundle.record,
        data=data,
        feed=proven.feed,
        index=bundle.index,
        keys_at=keys_at,
        keys=None if is_followed else proven.author_keys,
    )


async def trust_size(connection: Connection, feeds: FeedReader, network: bytes) -> int:
    """Give how many leaves of a network's trust feed are here."""
    state = await feeds.find_current(connection, network, TRUST)
    return 0 if state is None else state.size


async def _write_learned(connection: Connection, knowledge: Knowledge) -> None:
    await agents.write_keys(connection, knowledge.changed_keys)
    await agents.write_roles(connection, knowledge.changed_roles)
    for network, number, keys in knowledge.new_epochs:
        await agents.put_epoch(connection, network, number, keys)
    knowledge.changed_keys = {}
    knowledge.changed_roles = {}
    knowledge.new_epochs = []


async def _announce(connection: Connection, items: Iterable[tuple[Entrance, Verdict]], arrivals: Arrivals) -> None:
    """Note what is settled, and project what is valid."""
    for entrance, verdict in items:
        standing = entrance.standing
        if verdict.state == WAITING:
            continue
        arrivals.ids.update({standing.record.id, standing.record.thing_id})
        if verdict.state != VALID:
            continue
        accepted = Accepted(
            record=standing.record,
            network=standing.feed.network,
            feed=standing.feed.name,
            index=standing.index,
            keys_at=standing.keys_at,
        )
        for project in PROJECTORS:
            await project(connection, accepted)
