"""Small real apps on loopback: a node in memory behind aiohttp, with its links."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence

from aiohttp import web

from node.clock import Clock
from node.links.hub import PATH, Links
from node.links.replica import OnChange, Replica
from node.services.peers import Peer
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import PUBLIC_FEED_NAMES, FeedKey, Head
from protocol.gossip.batches import ReadEntry
from protocol.gossip.identity import identify
from protocol.record import Record, encode_record
from tests.builders import named
from tests.simulation.spread.memory_replica import Loaded, MemoryReplica
from tests.store_node import StoreNode


class AsyncReplica:
    """A `MemoryReplica` with the waiting methods of the Replication service."""

    def __init__(self, name: str) -> None:
        """Make the network `name`."""
        self.memory = MemoryReplica(name)
        self.on_change: list[OnChange] = []
        self.delay_s = 0.0

    def publish(self, record: Record) -> None:
        """Publish a record of the network's own."""
        self._tell({self.memory.publish(record)}, set(record.header.to))

    def offer(self, number: int) -> None:
        """Publish a small offer."""
        self._tell({self.memory.offer(number)}, set())

    async def holdings(
        self, feeds: Collection[FeedKey] | None = None
    ) -> tuple[dict[FeedKey, Head], dict[FeedKey, int]]:
        """Give heads and sizes."""
        memory = self.memory
        wanted = memory.heads.keys() if feeds is None else feeds & memory.heads.keys()
        return {feed: memory.heads[feed] for feed in wanted}, {feed: memory.sizes[feed] for feed in wanted}

    async def load(self, feed: FeedKey, start: int, max_bytes: int, max_records: int, reader: bytes) -> Loaded | None:
        """Read a range."""
        await asyncio.sleep(self.delay_s)
        return self.memory.load(feed, start, max_bytes, max_records, reader)

    async def ingest_read(
        self, feed: FeedKey, start: int, entries: Sequence[ReadEntry], head_note: bytes, proof: Sequence[bytes]
    ) -> int:
        """Verify and keep a range."""
        await asyncio.sleep(self.delay_s)
        stored = [(entry.leaf, entry.data) for entry in entries]
        size = self.memory.ingest(feed, start, stored, head_note, proof)
        self._tell({feed}, set())
        return size

    async def bundle(self, record_id: bytes) -> bytes:
        """Make a bundle."""
        found = self.memory.bundle(record_id)
        if found is None:
            raise RemoteProtocolError(Code.NOT_FOUND)
        return found

    async def deliver(self, bundle: bytes) -> bytes:
        """Verify and keep a bundle."""
        record_id = self.memory.deliver(bundle)
        self._tell(set(), set(self.memory.undelivered))
        return record_id

    async def outbox(self, network: bytes) -> list[bytes]:
        """List what a network hasn't acknowledged."""
        return self.memory.outbox(network)

    async def acknowledged(self, network: bytes, record_ids: Sequence[bytes]) -> None:
        """Cross off."""
        self.memory.acknowledged(network, record_ids)

    def _tell(self, feeds: set[FeedKey], networks: set[bytes]) -> None:
        for callback in self.on_change:
            callback(feeds, networks)


class LoopbackNode:
    """A node that listens on a port of loopback.

    Attributes:
        links: Its links, once it is started.
        url: Where it listens, once it is started.
    """

    def __init__(self, name: str, *, store: StoreNode | None = None) -> None:
        """Make the network `name`, in memory, or over the open store of a network."""
        self._memory = AsyncReplica(name) if store is None else None
        self._store = store
        self.network = self.replica.memory.network if store is None else store.network.id
        self.url = ""
        self._runner: web.AppRunner | None = None
        self._links: Links | None = None
        self._port = 0

    @property
    def replica(self) -> AsyncReplica:
        """What a node in memory holds."""
        assert self._memory is not None
        return self._memory

    @property
    def links(self) -> Links:
        """Its links."""
        assert self._links is not None
        return self._links

    async def start(self, *, url: str = "") -> None:
        """Listen on a free port (the same again after a stop) and begin."""
        application = web.Application()
        application.router.add_get(PATH, self._accept)
        self._runner = web.AppRunner(application, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.url = url or f"http://127.0.0.1:{self._port}"
        replica: Replica
        if self._store is None:
            replica, keys = self.replica, self.replica.memory.keys
            identity, link_seed = keys.identity, keys.link
        else:
            replica, network = self._store.replication, self._store.network
            identity = identify(encode_record(network.agent), encode_record(network.epoch))
            link_seed = named(f"{network.name} link")
        self._links = Links(
            replica=replica,
            clock=Clock(),
            identity=identity,
            link_seed=link_seed,
            url=self.url,
            wait_ms_min=20,
            wait_ms_max=200,
        )
        if self._store is not None:
            self._store.publishing.on_change.append(self._links.tell)
        await self._links.start()

    async def stop(self) -> None:
        """Stop cleanly."""
        await self.links.close()
        if self._runner is not None:
            await self._runner.cleanup()

    def knows(self, *others: LoopbackNode, dials: bool = True) -> None:
        """Put other nodes on the peer list."""
        self.links.set_peers([peer_of(other.network, other.url if dials else "") for other in others])

    async def _accept(self, request: web.Request) -> web.StreamResponse:
        return await self.links.accept(request)


def peer_of(network: bytes, url: str = "", *, relation: str = "region") -> Peer:
    """Make an entry of the peer list that follows all feeds."""
    return Peer(network=network, url=url, name="", relation=relation, scope=PUBLIC_FEED_NAMES)


async def until(holds: Callable[[], bool], *, seconds: float = 10.0) -> None:
    """Wait until something holds, or fail."""
    async with asyncio.timeout(seconds):
        while not holds():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.005)
