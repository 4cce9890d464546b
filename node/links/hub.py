"""All links of a node: the peer list, the listener's side, dialers, and the news that goes from one link to the others.

    links = Links(replica=replication, clock=clock, identity=…, link_seed=…, url=config.url, …)
    application.router.add_get("/gossip", links.accept)
    links.set_peers(peers.list())     # at start and, by `peers.on_change`, whenever the list changes
    publishing.on_change.append(links.tell)
    await links.start()               # after the listener is up; hooks into `replica.on_change` by itself
    …
    await links.close()

Source: docs/spec/06-gossip.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable

from aiohttp import web

from node.clock import Clock
from node.links.dialer import Dialer
from node.links.frames import SOCKET_BYTES_MAX, Socket
from node.links.link import NO_FAULT, Link
from node.links.peers import LinkState, LinkStatus, follows_of, host_of
from node.links.replica import Replica
from node.links.transport import Transport, WebSockets
from node.services.peers import Peer
from protocol.feeds import FeedKey, Head
from protocol.gossip.codes import ByeCode
from protocol.gossip.effects import Close
from protocol.gossip.handshake import Own
from protocol.gossip.heads import Claims, Holdings
from protocol.gossip.identity import Identity
from protocol.gossip.messages import Follow
from protocol.gossip.session import Session
from protocol.limits import LINKS_MAX

logger = logging.getLogger(__name__)

PATH = "/gossip"

NEWS_MS = 3600 * 1000
"""A fault that repeats is a warning once in this time, and a debug line otherwise."""

NEWS_RETRY_S = 1.0
"""How long to wait before heads that could not be read are read again."""

NEWS_MAX = 1024
"""Faults that are remembered for this."""


class Links:
    """The links of one node.

    Attributes:
        clock: Time and randomness.
        replica: The Replication service.
    """

    def __init__(
        self,
        *,
        replica: Replica,
        clock: Clock,
        identity: Identity,
        link_seed: bytes,
        url: str,
        wait_ms_min: int = 500,
        wait_ms_max: int = 60_000,
        follow_all: bool = False,
        transport: Transport | None = None,
    ) -> None:
        """Prepare; nothing is dialled or accepted yet.

        Args:
            replica: The Replication service.
            clock: Time and randomness.
            identity: This node's network.
            link_seed: The epoch's link key, 32 bytes.
            url: Under which peers dial this node.
            wait_ms_min: First wait before a lost link is dialled again.
            wait_ms_max: Longest such wait.
            follow_all: Follow every network that a peer carries.
            transport: Opens connections; WebSockets over HTTP where not given.
        """
        self.clock = clock
        self.replica = replica
        self._peers: dict[bytes, Peer] = {}
        self._heads: dict[FeedKey, Head] = {}
        self._sizes: dict[FeedKey, int] = {}
        self._epochs: dict[bytes, int] = {}
        self._follows: dict[bytes, Follow] = {}
        self._holdings = Holdings(self._heads, self._sizes)
        self._own = Own(
            identity=identity,
            link_seed=link_seed,
            hosts=frozenset({host_of(url)}),
            admitted=self._peers,
            epochs=self._epochs,
            follows=self._follows,
        )
        self._follow_all = follow_all
        self._waits = (wait_ms_min, wait_ms_max)
        self._claims = Claims()
        self._links: dict[Link, None] = {}  # in the order in which they came: the simulator replays it
        self._by_network: dict[bytes, Link] = {}
        self._dialers: dict[bytes, tuple[Dialer, asyncio.Task[None]]] = {}
        self._last: dict[bytes, tuple[int, str | None]] = {}
        self._told: dict[tuple[str, str], int] = {}
        self._is_open = False
        self._transport = transport or WebSockets()
        self._refresher: asyncio.Task[None] | None = None
        self._grown: set[FeedKey] = set()
        self._addressed: set[bytes] = set()
        self._news = asyncio.Event()
        self._ending: set[asyncio.Task[None]] = set()
        self._is_idle = asyncio.Event()
        self._is_idle.set()

    async def start(self) -> None:
        """Read what is here, and begin to dial."""
        await self._transport.start()
        self._is_open = True
        self._note(*await self.replica.holdings())
        self.replica.on_change.append(self.tell)
        self._refresher = asyncio.create_task(self._refresh_for_ever(), name="news for links")
        self.set_peers(list(self._peers.values()))

    async def close(self) -> None:
        """Say BYE on all links, accept no more and stop dialling."""
        self._is_open = False
        if self.tell in self.replica.on_change:
            self.replica.on_change.remove(self.tell)
        tasks = [task for _, task in self._dialers.values()]
        for dialer, _ in self._dialers.values():
            dialer.stop()
        for link in list(self._links):
            link.close(ByeCode.SHUTDOWN)
        await self._is_idle.wait()
        if self._refresher is not None:
            tasks.append(self._refresher)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._dialers.clear()
        await self._transport.close()

    def set_peers(self, peers: Iterable[Peer]) -> None:
        """Take the peer list: dial who is new, leave who is gone."""
        wanted = {peer.network: peer for peer in peers if peer.network != self._own.identity.network}
        for network, peer in list(self._peers.items()):
            if network not in wanted or wanted[network].url != peer.url:
                self._forget(network)
        self._peers.update(wanted)
        self._follows.clear()
        self._follows.update(follows_of(wanted.values(), follow_all=self._follow_all))
        for link in list(self._links):
            link.follow_changed()
        for network, peer in wanted.items():
            if self._is_open and peer.url and network not in self._dialers:
                self._dial(peer)

    async def accept(self, request: web.Request) -> web.StreamResponse:
        """Answer `GET /gossip`: hold a session as its listener."""
        if not self.has_room():
            return web.Response(status=503, text="no link can be accepted now; dial again later\n")
        socket = web.WebSocketResponse(max_msg_size=SOCKET_BYTES_MAX, compress=False, timeout=2.0)
        await socket.prepare(request)
        await self.take(socket, address=request.remote or "unknown")
        return socket

    def has_room(self) -> bool:
        """Say whether a connection from outside can be taken now."""
        return self._is_open and len(self._links) < LINKS_MAX

    async def take(self, socket: Socket, *, address: str) -> Close:
        """Hold a session as the listener of an open connection; give how it ended."""
        return await self._hold(socket, address=address, host=None, expected=None)

    def status(self) -> list[LinkStatus]:
        """Say how each neighbour stands."""
        return [self._status_of(peer) for peer in self._peers.values()]

    def list(self) -> list[Link]:
        """Give every link, open or opening."""
        return list(self._links)

    def is_kept(self, link: Link, peer: Identity) -> bool:
        """Note an open link; of two with one network the one that the lower id dialled stays (spec/06-gossip G-75)."""
        before = self._by_network.get(peer.network)
        if before is not None and before is not link:
            is_lower = self._own.identity.network < peer.network
            if before.is_dialler != link.is_dialler and before.is_dialler == is_lower:
                return False
            before.close(ByeCode.DUPLICATE)
        self._by_network[peer.network] = link
        if peer.network in self._dialers:
            self._dialers[peer.network][0].was_open()
        return True

    def has_grown(self, feed: FeedKey, size: int) -> None:
        """Note the size of a feed after an ingest; its head follows with the store's own news."""
        self._sizes[feed] = max(size, self._sizes.get(feed, 0))

    def size_of(self, feed: FeedKey) -> int:
        """Give how many leaves of a feed are here, as far as the links know."""
        return self._sizes.get(feed, 0)

    def is_news(self, address: str, code: str) -> bool:
        """Say whether an operator has not been told lately that links with this address end so."""
        now_ms = self.clock.monotonic_ms()
        told_ms = self._told.get((address, code))
        if told_ms is not None and now_ms - told_ms < NEWS_MS:
            return False
        if len(self._told) >= NEWS_MAX:
            self._told.clear()
        self._told[address, code] = now_ms
        return True

    def _dial(self, peer: Peer) -> None:
        async def hold(socket: Socket, entry: Peer) -> Close:
            host = host_of(entry.url)
            return await self._hold(socket, address=entry.url, host=host, expected=entry.network)

        dialer = Dialer(
            peer,
            clock=self.clock,
            transport=self._transport,
            wait_ms_min=self._waits[0],
            wait_ms_max=self._waits[1],
            is_linked=lambda: peer.network in self._by_network,
            hold=hold,
        )
        task = asyncio.create_task(dialer.run(), name=f"dialer of {peer.url}")
        self._dialers[peer.network] = (dialer, task)

    def _forget(self, network: bytes) -> None:
        del self._peers[network]
        dialer = self._dialers.pop(network, None)
        if network in self._by_network:
            self._by_network[network].close(ByeCode.NOT_ADMITTED)
        if dialer is not None:
            dialer[0].stop()
            self._ending.add(dialer[1])
            dialer[1].add_done_callback(self._ending.discard)

    async def _hold(self, socket: Socket, *, address: str, host: str | None, expected: bytes | None) -> Close:
        session = Session(
            self._own,
            nonce=self.clock.random_bytes(32),
            holdings=self._holdings,
            claims=self._claims,
            now_ms=self.clock.monotonic_ms(),
            host=host,
            expected=expected,
        )
        link = Link(self, session, socket, address=address, is_dialler=host is not None)
        self._links[link] = None
        self._is_idle.clear()
        try:
            close = await link.run()
        finally:
            self._links.pop(link, None)
            if not self._links:
                self._is_idle.set()
            if link.peer is not None and self._by_network.get(link.peer.network) is link:
                del self._by_network[link.peer.network]
                self._last[link.peer.network] = (self.clock.now_ms(), _error_of(link.closed))
                if link.peer.network in self._dialers and host is None:
                    self._dialers[link.peer.network][0].wake()
        return close

    def tell(self, feeds: set[FeedKey], networks: set[bytes]) -> None:
        """Take the news after a commit: feeds that grew, networks that have something new to be delivered."""
        self._grown |= feeds
        self._addressed |= networks
        self._news.set()

    async def _refresh_for_ever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            feeds, networks = self._grown, self._addressed
            self._grown, self._addressed = set(), set()
            try:
                if feeds:
                    self._note(*await self.replica.holdings(feeds))
            except Exception:  # links go on with what they know
                logger.exception("the heads could not be read; trying again")
                self._grown |= feeds
                self._addressed |= networks
                await asyncio.sleep(NEWS_RETRY_S)
                self._news.set()
                continue
            for link in list(self._links):
                if feeds:
                    link.heads_changed(feeds)
                if link.peer is not None and link.peer.network in networks:
                    link.has_deliveries()

    def _note(self, heads: dict[FeedKey, Head], sizes: dict[FeedKey, int]) -> None:
        self._heads.update(heads)
        self._sizes.update(sizes)
        for feed in sizes:
            self._epochs[feed.network] = max(feed.epoch, self._epochs.get(feed.network, 0))

    def _status_of(self, peer: Peer) -> LinkStatus:
        link = self._by_network.get(peer.network)
        if link is not None and link.opened_ms is not None:
            found = link.session.status()
            return LinkStatus(
                network=peer.network,
                url=peer.url,
                state=LinkState.CONNECTED,
                since_ms=link.opened_ms,
                behind=found.lacking_here,
                behind_there=found.lacking_there,
                deliveries=found.deliveries,
            )
        dialer, _ = self._dialers.get(peer.network, (None, None))
        if dialer is not None:
            return LinkStatus(
                network=peer.network,
                url=peer.url,
                state=dialer.state,
                since_ms=dialer.since_ms,
                last_error=dialer.last_error,
            )
        since_ms, error = self._last.get(peer.network, (0, None))
        return LinkStatus(
            network=peer.network, url=peer.url, state=LinkState.UNREACHABLE, since_ms=since_ms, last_error=error
        )


def _error_of(close: Close | None) -> str | None:
    if close is None or close.code in NO_FAULT:
        return None
    return f"{close.code}: {close.text}"
