"""Ingest of a followed feed over WebSocket, against checking its signatures alone; and the bytes on the wire.

A source in a process of its own serves a catalog; the measuring process dials it with an empty data folder and is done
when every record is durable under the checked root. Both processes and the signature workers share the machine. The
baseline checks the same signatures with the same workers and does nothing else.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from node.app import settle_process
from node.clock import Clock
from node.links.hub import Links
from node.services import intake
from node.services.founding import found_network
from node.services.replication import Replication
from node.services.signatures import Signatures
from node.store.database import Database
from node.store.feeds import FeedStore
from protocol.feeds import CATALOG, FeedKey
from protocol.gossip.messages import Batch
from protocol.gossip.wire import encode_message
from protocol.record import Record, decode_record, encode_record
from tests.bench.gossip_source import RECEIVER, filled, offers
from tests.bench.rows import Row, alternate
from tests.node.links.loopback import peer_of
from tests.simulation.spread.memory_net import World
from tests.simulation.spread.memory_replica import MemoryReplica, NetworkKeys

RECORDS = 20_000
BATCH = 1000
MISSING = "WebSocket, decoding, hashing, the log, its root, judging, the database"


def main(rounds: int) -> list[Row]:
    """Measure, and give the rows."""
    records = offers(RECORDS)
    settle_process()  # as a node does; and the collector shall not walk the benchmark's own records
    source = NetworkKeys("fonte").identity.network
    feed = FeedKey(source, CATALOG, 0)
    with _source() as url:
        sides = [
            lambda: asyncio.run(_ingest(url, feed, projects=False)),
            lambda: asyncio.run(_ingest(url, feed, projects=True)),
            lambda: asyncio.run(_verify_only(records)),
        ]
        bare, whole, verify_only = alternate(sides, rounds)
    baseline = "verify-only"
    return [
        Row(
            name="ingest over WebSocket, durable, root-checked",
            rate=bare,
            unit="records/s",
            baseline_name=baseline,
            baseline=verify_only,
            floor=0.70,
            aim=0.90,
            missing=MISSING,
        ),
        Row(
            name="the same, and projected into the catalogue",
            rate=whole,
            unit="records/s",
            baseline_name=baseline,
            baseline=verify_only,
        ),
        Row(
            name="bytes of catch-up against the signed records",
            rate=_catch_up_ratio(feed),
            unit="×",
            floor=1.10,
            aim=1.03,
            lower_is_better=True,
        ),
        Row(
            name="bytes of live batches of 10 against the signed records",
            rate=_live_ratio(),
            unit="×",
            floor=1.30,
            aim=1.20,
            lower_is_better=True,
        ),
    ]


@contextmanager
def _source() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.bench.gossip_source", str(RECORDS)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["url"]
        finally:
            process.stdin.close()
            process.wait(timeout=10)


async def _ingest(url: str, feed: FeedKey, *, projects: bool) -> float:
    """Fetch the whole feed into an empty data folder; give records a second."""
    projectors = list(intake.PROJECTORS)
    if not projects:
        intake.PROJECTORS.clear()
    try:
        with tempfile.TemporaryDirectory() as folder:
            return await _fetch(Path(folder), url, feed)
    finally:
        intake.PROJECTORS[:] = projectors


async def _fetch(folder: Path, url: str, feed: FeedKey) -> float:
    warm = offers(BATCH)
    keys = NetworkKeys(RECEIVER)
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'node.sqlite'}")
    feeds = await FeedStore.open(database)
    own = [decode_record(data) for data in (keys.identity.agent_record, keys.identity.epoch_record)]
    await found_network(database, feeds, trust=own, catalog=[], checkpoint_seed=keys.checkpoint)
    async with Signatures() as signatures:
        replication = Replication(database, feeds, signatures)
        links = Links(
            replica=replication,
            clock=Clock(),
            identity=keys.identity,
            link_seed=keys.link,
            url="http://127.0.0.1:9",
        )
        grows = asyncio.Event()

        def on_change(grown: set[FeedKey], _networks: set[bytes]) -> None:
            if feed in grown:
                grows.set()

        replication.on_change.append(on_change)
        await links.start()
        await signatures.check(warm)  # starts the workers
        links.set_peers([peer_of(feed.network, url)])
        marks: list[tuple[float, int]] = []
        async with asyncio.timeout(300):
            while not marks or marks[-1][1] < RECORDS:
                await grows.wait()
                grows.clear()
                await asyncio.sleep(0)
                marks.append((time.perf_counter(), links.size_of(feed)))
        heads, sizes = await replication.holdings([feed])
        assert sizes[feed] == heads[feed].size == RECORDS
        await links.close()
    await database.close()
    feeds.close()
    # From the first batch on: the handshake and the members' keys before it are of a fixed size.
    return (marks[-1][1] - marks[0][1]) / (marks[-1][0] - marks[0][0])


async def _verify_only(records: list[Record]) -> float:
    async with Signatures() as signatures:
        await signatures.check(records[:BATCH])  # starts the workers
        started = time.perf_counter()
        for at in range(0, len(records), BATCH):
            assert all(await signatures.check(records[at : at + BATCH]))
        return len(records) / (time.perf_counter() - started)


def _catch_up_ratio(feed: FeedKey) -> float:
    """Give the bytes of both directions of a catch-up over those of the records."""
    world = World()
    source, receiver = world.node("fonte"), world.node(RECEIVER)
    source.replica.feeds.clear()
    _fill(source.replica, filled(RECORDS))
    link = world.link(receiver, source)
    world.run(60_000)
    assert receiver.replica.sizes[feed] == RECORDS
    moved = link.dialler.sent_bytes + link.listener.sent_bytes
    signed = sum(len(data) for stored in source.replica.feeds.values() for data in stored.records.values())
    return moved / signed


def _live_ratio() -> float:
    """Give the bytes of both directions over those of the records, ten of them being published at a time."""
    world = World()
    source, receiver = world.node("fonte"), world.node(RECEIVER)
    _fill(source.replica, filled(10))
    link = world.link(receiver, source)
    world.run(10_000)
    before = link.dialler.sent_bytes + link.listener.sent_bytes
    made = offers(410)[10:]
    for at in range(0, len(made), 10):
        for record in made[at : at + 10]:
            source.replica.publish(record)
        source.changed({source.replica.feed(CATALOG)})
        world.run(250)
    world.run(1000)
    assert receiver.roots() == source.roots()
    batches = [message for message in link.listener.sent if isinstance(message, Batch) and message.request is None]
    assert batches
    assert len(encode_message(batches[-1])) > 0
    moved = link.dialler.sent_bytes + link.listener.sent_bytes - before
    return moved / sum(len(encode_record(record)) for record in made)


def _fill(replica: MemoryReplica, other: MemoryReplica) -> None:
    """Put the feeds of one replica in place of another's, whose keys are the same."""
    for name in ("feeds", "heads", "sizes"):
        target = getattr(replica, name)
        target.clear()
        target.update(getattr(other, name))
