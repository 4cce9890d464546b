"""A node without sockets: store, publishing and replication of one data folder, for the tests of the services.

Two of them replicate by handing ranges and bundles over, as the links do.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

from node.clock import FixedClock
from node.services.founding import found_network
from node.services.outcomes import Outcome, Recorded
from node.services.publishing import Publishing
from node.services.replication import Replication
from node.services.signatures import Signatures
from node.store import records
from node.store.catalogue import open_catalogue
from node.store.database import Database
from node.store.feeds import FeedStore
from node.store.records import StoredRecord
from protocol.feeds import CATALOG, TRADE, TRUST, FeedKey
from protocol.record import Record, encode_record
from tests.builders import NOW_MS, Network, named


class StoreNode:
    """One network's node; use it as a context manager.

    Attributes:
        network: Makes the network's records; its keys are derived from its name.
    """

    def __init__(self, folder: Path, name: str) -> None:
        """Name the folder and the network; nothing is opened yet."""
        self.folder = folder / name
        self.network = Network(name)
        self.clock = FixedClock(NOW_MS)
        self.signatures = Signatures(workers=0)
        self.told: list[tuple[set[FeedKey], set[bytes]]] = []

    async def __aenter__(self) -> Self:
        """Open the folder, founding the network at the first time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop as a node does."""
        await self.close()

    async def open(self) -> None:
        """Open database, feeds and services."""
        self.database = await Database.open(f"sqlite+aiosqlite:///{self.folder / 'node.sqlite'}")
        await open_catalogue(self.database)
        try:
            self.feeds = await FeedStore.open(self.database)
            seed = named(f"{self.network.name} checkpoint")
            if self.feeds.home is None:
                trust = [self.network.agent, self.network.epoch]
                await found_network(self.database, self.feeds, trust=trust, catalog=[], checkpoint_seed=seed)
            else:
                self.feeds.sign_as(home=self.network.id, epoch=0, seed=seed)
        except BaseException:
            await self.database.close()
            raise
        self.publishing = Publishing(self.database, self.feeds, self.clock, self.signatures)
        self.replication = Replication(self.database, self.feeds, self.signatures)
        for told in (self.publishing.on_change, self.replication.on_change):
            told.append(lambda feeds, networks: self.told.append((feeds, networks)))

    async def close(self) -> None:
        """Close all of it."""
        await self.database.close()
        self.feeds.close()

    def feed(self, name: str) -> FeedKey:
        """Give the key of one of its own feeds."""
        return FeedKey(self.network.id, name, 0)

    async def submit(self, *items: Record) -> list[Outcome]:
        """Publish records."""
        return await self.publishing.submit([encode_record(item) for item in items])

    async def publish(self, *items: Record) -> list[Recorded]:
        """Publish records that must be taken."""
        outcomes = await self.submit(*items)
        taken = [outcome for outcome in outcomes if isinstance(outcome, Recorded)]
        assert len(taken) == len(items), outcomes
        return taken

    async def enrol(self, *names: str) -> None:
        """Take members in."""
        for name in names:
            agent = self.network.member(name)
            await self.publish(agent, self.network.membership(agent.id))

    async def stored(self, record_id: bytes) -> StoredRecord | None:
        """Give the stored row of a record."""
        async with self.database.read() as connection:
            return await records.find_one(connection, record_id)

    async def state(self, record: Record) -> str | None:
        """Give what a record counts as here; None where it isn't here."""
        row = await self.stored(record.id)
        return None if row is None else row.state

    async def pull(self, source: StoreNode, key: FeedKey, *, count: int = 100) -> int:
        """Fetch a feed from a neighbour until there is no more; give its size."""
        size = 0
        while True:
            async with self.database.read() as connection:
                found = await self.feeds.find(connection, key)
            size = 0 if found is None else found.size
            loaded = await source.replication.load(key, size, 200_000, count, self.network.id)
            if loaded is None or not loaded.entries:
                return size
            note, proof = loaded.head.note, loaded.proof
            await self.replication.ingest(key, loaded.start, loaded.entries, note, proof)

    async def follow(self, source: StoreNode, *names: str, of: StoreNode | None = None) -> None:
        """Fetch the named feeds (all public ones with records today) of a network from a neighbour."""
        for name in names or (TRUST, CATALOG, TRADE):
            await self.pull(source, (of or source).feed(name))

    async def deliver_to(self, other: StoreNode) -> int:
        """Hand over what is addressed to a neighbour, and take its acknowledgement; give how many there were."""
        ids = await self.replication.outbox(other.network.id)
        taken = [await other.replication.deliver(await self.replication.bundle(record_id)) for record_id in ids]
        await self.replication.acknowledged(other.network.id, taken)
        return len(taken)

    async def roots(self) -> dict[FeedKey, tuple[int, bytes]]:
        """Give size and root of every public feed that is here in full."""
        return {key: (head.size, head.root) for key, head in (await self.replication.heads()).items()}

    def offer(self, by: str, title: str, **fields: Any) -> Record:
        """Give an offer of a member."""
        body = {"title": title, "category": "bread", "measure": "KGM", "per": 1000, **fields}
        body.setdefault("price", [{"unit": "BRL", "amount": 650}])
        return self.network.by(by, "offer", body)
