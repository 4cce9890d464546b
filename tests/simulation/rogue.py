"""A rogue: a network with keys of its own and a place on the peer lists of honest nodes, that misbehaves on purpose.

It speaks real messages over the simulated network's sockets. What it does is steps of the plan, `rogue` with a `kind`
of `tests.simulation.rogue_acts`; between them it answers as a node does, from the face that the last step gave it. It
goes on after healing: honest nodes must come together although it is still there.

What must hold with a rogue: all that must hold among the honest. Of its own feeds nodes may hold different versions,
each one under a head that its key has signed (`invariants.rogue`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextvars import copy_context
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType

from node.links.frames import Socket
from node.links.peers import host_of
from protocol.bundle import decode_bundle
from protocol.errors import RemoteProtocolError
from protocol.feeds import FeedKey
from protocol.gossip.handshake import Handshake, Own
from protocol.gossip.heads import FOLLOW_ALL
from protocol.gossip.messages import Auth, Batch, Bye, Deliver, Delivered, Get, HeadEntry, Heads, Hello, Message, Ping
from protocol.gossip.wire import decode_message, encode_message
from tests.simulation.node import MACHINE, SimulatedNode, network_of
from tests.simulation.rogue_history import History, history_of

if TYPE_CHECKING:
    from tests.simulation.federation import Federation

Distort = Callable[[Batch], Iterable[Message]]
"""What becomes of an answer to a GET: messages in its place."""

LEARNED_MAX = 12
"""Feeds of others that a rogue keeps, to pass them on altered."""


class Everybody:
    """A list of networks that has everybody on it."""

    def __contains__(self, _item: object) -> bool:
        """Say yes."""
        return True


class Rogue:
    """One rogue, as the network sees it.

    Attributes:
        name: Of its network.
        url: Where it is dialled.
        faces: What it shows to each node, by name; the face `a` where nothing is said.
        learned: Ranges of others' feeds, from leaf 0 on, as they were heard.
    """

    def __init__(self, federation: Federation, name: str) -> None:
        """Let it be dialled."""
        self.federation = federation
        self.name = name
        self.url = f"http://{name}.example"
        self.network = network_of(name)
        self.faces: dict[str, History] = {}
        self.learned: dict[FeedKey, Batch] = {}
        self.numbers = 0
        self.is_silent = False
        federation.roads.add(self)

    @property
    def is_up(self) -> bool:
        """It always listens."""
        return True

    def begin_effect(self, kind: str) -> None:
        """Do nothing: a rogue doesn't crash."""

    def accept(self, socket: Socket, address: str) -> None:
        """Take a connection from an honest node."""
        if not self.is_silent:
            self.spawn(self._listen(socket, address))

    def spawn(self, part: Coroutine[Any, Any, Any]) -> None:
        """Run something that no machine's end ends."""
        context = copy_context()
        context.run(MACHINE.set, None)
        context.run(self.federation.spawn, part)

    async def admit(self, node: SimulatedNode, *, is_dialled: bool) -> None:
        """Have an honest node's operator put the rogue on the list of peers."""
        if node.running is None:
            return
        url = self.url if is_dialled else f"http://unknown-{self.name}.example"
        known = node.running.services.peers.get(self.network.id)
        if known is None or known.url != url:
            await asyncio.wait([node.run(node.running.services.peers.add(self.network.id, url=url, name=self.name))])

    async def dial(self, node: SimulatedNode) -> Talk | None:
        """Open a connection to an honest node; None where it doesn't answer."""
        try:
            socket = await self.federation.roads.connect(self, node.url)
        except (OSError, TimeoutError):
            return None
        return Talk(self, socket, node.name)

    async def open(self, node: SimulatedNode) -> Talk | None:
        """Dial an honest node and shake hands; None where that fails."""
        talk = await self.dial(node)
        if talk is None or not await talk.shake_hands(host_of(node.url)):
            return None
        return talk

    def nonce(self) -> bytes:
        """Give 32 bytes that were never used."""
        self.numbers += 1
        return self.federation.chance.octets(32, "rogue nonce", self.name, self.numbers)

    async def _listen(self, socket: Socket, address: str) -> None:
        talk = Talk(self, socket, address)
        if await talk.shake_hands(None):
            await talk.tell()
            await talk.serve()


class Talk:
    """One connection of a rogue.

    Attributes:
        history: The face that it shows here.
        sizes: How much of its feeds it admits to, by name; all where nothing is said.
        distort: What becomes of its answers.
        heard: What the other end told it holds.
        requests: How many GETs it has sent.
    """

    def __init__(self, rogue: Rogue, socket: Socket, peer: str) -> None:
        """Take an open connection."""
        self.rogue = rogue
        self.peer = peer
        self.history = rogue.faces.get(peer) or history_of(rogue.name, "a")
        self.sizes: dict[str, int] = {}
        self.distort: Distort = lambda batch: (batch,)
        self.heard: dict[FeedKey, int] = {}
        self.requests = 0
        self._socket = socket

    async def shake_hands(self, host: str | None, *, own: Own | None = None) -> bool:
        """Do the handshake as a node does; say whether the link is open."""
        own = own or self.own()
        handshake = Handshake(own, nonce=self.rogue.nonce(), host=host, expected=None)
        if not await self.send(handshake.hello()):
            return False
        try:
            while (message := await self.receive()) is not None:
                match message:
                    case Hello():
                        answer = handshake.on_hello(message)
                        if answer is not None:
                            await self.send(answer)
                    case Auth():
                        answer = handshake.on_auth(message)
                        return answer is None or await self.send(answer)
                    case Bye():
                        return False
        except RemoteProtocolError:
            pass
        return False

    def own(self) -> Own:
        """Give what the handshake takes: the face's identity, and everybody admitted."""
        hosts = frozenset({host_of(self.rogue.url)})
        return Own(identity=self.history.identity, link_seed=self.history.link_seed, hosts=hosts, admitted=Everybody())

    async def send(self, message: Message) -> bool:
        """Send a message; say whether the connection still stands."""
        return await self.send_bytes(encode_message(message))

    async def send_bytes(self, data: bytes) -> bool:
        """Send any bytes; say whether the connection still stands."""
        try:
            await self._socket.send_bytes(data)
        except ConnectionError:
            return False
        return True

    async def receive(self) -> Message | None:
        """Wait for a message; None once the connection is over."""
        frame = await self._socket.receive()
        return decode_message(frame.data) if frame.type is WSMsgType.BINARY else None

    async def close(self) -> None:
        """Close the connection without a word."""
        await self._socket.close()

    def entries(self) -> tuple[HeadEntry, ...]:
        """List the heads of the face's feeds, as far as it admits to them."""
        heads = (self.history.head(name, self.sizes.get(name)) for name in self.history.feeds)
        return tuple(HeadEntry(head.feed, head.size, head.root) for head in heads)

    async def tell(self, more: tuple[HeadEntry, ...] = ()) -> bool:
        """Ask for everything, and tell the heads of the face's feeds and more."""
        await self.send(FOLLOW_ALL)
        return await self.send(Heads(True, (*self.entries(), *more)))

    async def get(self, feed: FeedKey, start: int = 0, *, records_max: int = 1024) -> bool:
        """Ask for a range."""
        self.requests += 1
        request = self.requests - 1
        return await self.send(Get(request=request, feed=feed, start=start, records_max=records_max, bytes_max=1 << 17))

    async def serve(self) -> None:
        """Answer until the connection ends."""
        while (message := await self.receive()) is not None:
            if not await self.answer(message):
                return

    async def listen_for(self, wait_s: float) -> None:
        """Answer for a while."""
        try:
            async with asyncio.timeout(wait_s):
                await self.serve()
        except TimeoutError:
            return

    async def answer(self, message: Message) -> bool:
        """Do what one message asks for; say whether the connection still stands."""
        match message:
            case Ping(number, False):
                return await self.send(Ping(number, True, bytes(8)))
            case Get():
                for part in self.distort(self._range(message)):
                    if not await self.send(part):
                        return False
            case Heads():
                self.heard.update({entry.feed: entry.size for entry in message.entries})
            case Batch(note=bytes()):
                self._learn(message)
            case Deliver(bundle):
                return await self.send(Delivered((decode_bundle(bundle).record.id,)))
            case Bye():
                return False
        return True

    def _range(self, message: Get) -> Batch:
        feed, start = message.feed, message.start
        name = feed.name
        if feed == self.history.key(name) and name in self.history.feeds:
            size = self.sizes.get(name, self.history.size(name))
            if start <= size:
                batch = self.history.batch(name, start, message.records_max, size)
                return replace(batch, request=message.request)
        known = self.rogue.learned.get(feed)
        if known is not None and start <= known.end:
            return replace(known, request=message.request, start=start, entries=known.entries[start:])
        none: tuple[Any, ...] = ()
        return Batch(
            request=message.request,
            feed=feed,
            start=start,
            entries=none,
            note=None,
            head_size=0,
            head_root=b"",
            proof=(),
        )

    def _learn(self, batch: Batch) -> None:
        """Keep a whole feed of somebody else's."""
        learned = self.rogue.learned
        if batch.start == 0 and batch.end == batch.head_size and (batch.feed in learned or len(learned) < LEARNED_MAX):
            learned[batch.feed] = replace(batch, request=None)
