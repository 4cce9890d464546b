"""The network between simulated nodes: connections that carry frames, late, twice, in another order, or not at all.

A connection is a pair of sockets as `node.links` uses them. What a road does to frames is set for each direction, by
the names of both ends: latency, loss, duplicates, reordering, an alteration of the bytes, or a clog that holds
everything back until it is cleared. A road that is blocked swallows frames and dials without a word, as a blackhole
does; a machine that is off refuses at once, or not, as real ones do.

Source: the fault classes of FoundationDB's and TigerBeetle's simulators; docs/contributing/simulation.md.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import WSMessage, WSMsgType

from node.links.frames import Socket
from tests.simulation.chance import Chance
from tests.simulation.loop import VirtualLoop

WINDOW_BYTES = 512 * 1024
"""What a connection takes before its sender must wait."""

CONNECT_S = 10.0
"""How long a dial into a blackhole waits."""

BETWEEN_S = 1e-6
"""Between two frames of a connection: timers that are due at the same time run in any order."""

Alter = Callable[[bytes, int], list[bytes]]
"""What becomes of a frame on its way, given its number on the connection: frames in its place."""


@dataclass(slots=True)
class Road:
    """What one direction between two nodes does to frames.

    Attributes:
        latency_ms: The longest way of a frame; the shortest takes a tenth of it.
        loss: Share of frames that vanish.
        duplicates: Share of frames that arrive twice.
        reordering: Share of frames that are held back behind later ones.
        is_blocked: Whether everything vanishes.
        is_clogged: Whether everything waits until it is cleared.
        alter: Changes frames.
    """

    latency_ms: int = 40
    loss: float = 0.0
    duplicates: float = 0.0
    reordering: float = 0.0
    is_blocked: bool = False
    is_clogged: bool = False
    alter: Alter | None = None
    held: deque[Callable[[], None]] = field(default_factory=deque)


class Host(Protocol):
    """A node as the network sees it."""

    name: str
    url: str

    @property
    def is_up(self) -> bool:
        """Whether it listens."""

    def begin_effect(self, kind: str) -> None:
        """Count an effect of the node; it may crash there."""

    def accept(self, socket: Socket, address: str) -> None:
        """Take a connection from outside."""


class Network:
    """All roads and connections of one world.

    Attributes:
        counts: What happened to frames, by word.
        on_frame: Told of every frame that is sent: from, to, bytes.
    """

    def __init__(self, loop: VirtualLoop, chance: Chance, trace: Callable[..., None]) -> None:
        """Make a network without roads; they are made as they are used."""
        self.loop = loop
        self.chance = chance
        self.counts: dict[str, int] = {}
        self.on_frame: list[Callable[[str, str, bytes], None]] = []
        self._trace = trace
        self._hosts: dict[str, Host] = {}
        self._roads: dict[tuple[str, str], Road] = {}
        self._connections: dict[int, tuple[MemorySocket, MemorySocket]] = {}
        self._numbers = 0

    def add(self, host: Host) -> None:
        """Let a node be dialled."""
        self._hosts[host.url] = host

    def road(self, source: str, target: str) -> Road:
        """Give the road from one node to another."""
        return self._roads.setdefault((source, target), Road())

    def heal(self) -> None:
        """Let every road be good again, and what was held back arrive."""
        for road in self._roads.values():
            road.loss = road.duplicates = road.reordering = 0.0
            road.is_blocked, road.alter, road.latency_ms = False, None, 40
            self.clear(road)

    def clear(self, road: Road) -> None:
        """Let the frames go on that a clogged road holds."""
        road.is_clogged = False
        while road.held:
            self.loop.call_soon(road.held.popleft())

    def note(self, word: str) -> None:
        """Count something that happened."""
        self.counts[word] = self.counts.get(word, 0) + 1

    async def connect(self, source: Host, url: str) -> Socket:
        """Open a connection.

        Raises:
            ConnectionError: Nobody listens there.
            TimeoutError: No answer.
        """
        target = self._hosts.get(url)
        if target is None:
            raise ConnectionRefusedError(f"nobody listens at {url}")
        out, back = self.road(source.name, target.name), self.road(target.name, source.name)
        self._numbers += 1
        number = self._numbers
        await asyncio.sleep((out.latency_ms + back.latency_ms) * self.chance.unit("dial", number) / 1000)
        if out.is_blocked or back.is_blocked or out.is_clogged or back.is_clogged:
            await asyncio.sleep(CONNECT_S)
            raise TimeoutError
        if not target.is_up:
            raise ConnectionRefusedError(f"nobody listens at {url}")
        near = MemorySocket(self, source, target, number)
        far = MemorySocket(self, target, source, -number)
        near.other, far.other = far, near
        self._connections[number] = (near, far)
        self._trace("connect", source.name, target.name)
        target.accept(far, source.name)
        return near

    def break_connections(self, name: str, *, silently: bool = False) -> None:
        """End every connection of a node, from one moment to the next.

        Args:
            name: The node.
            silently: Whether the others hear nothing, as when its power fails.
        """
        for number, pair in list(self._connections.items()):
            if any(socket.host.name == name for socket in pair):
                for socket in pair:
                    if socket.host.name == name or not silently:
                        socket.end()
                del self._connections[number]

    def forget(self, socket: MemorySocket) -> None:
        """Drop a connection that has ended."""
        self._connections.pop(abs(socket.number), None)

    def travel(self, sender: MemorySocket, data: bytes) -> None:
        """Send a frame on its way."""
        receiver = sender.other
        source, target = sender.host.name, receiver.host.name
        for tell in self.on_frame:
            tell(source, target, data)
        sender.frames += 1
        name = (sender.number, sender.frames)
        self._trace("frame", source, target, hashlib.blake2b(data, digest_size=8).digest())
        road = self.road(source, target)
        copies = [data] if road.alter is None else road.alter(data, sender.frames)
        if road.is_blocked or (road.loss and self.chance.unit("loss", name) < road.loss):
            self.note("frames blocked" if road.is_blocked else "frames lost")
            copies = []
        elif road.duplicates and self.chance.unit("twice", name) < road.duplicates:
            self.note("frames doubled")
            copies = copies * 2
        way_s = road.latency_ms * (0.1 + 0.9 * self.chance.unit("way", name)) / 1000
        due_s = max(self.loop.time() + way_s, receiver.free_s + BETWEEN_S)
        if road.reordering and self.chance.unit("later", name) < road.reordering:
            self.note("frames reordered")
            due_s += 3 * road.latency_ms / 1000
        else:
            receiver.free_s = due_s
        for copy in copies:
            self._arrive(road, receiver, copy, due_s)
        if not copies:
            receiver.taken(len(data))

    def _arrive(self, road: Road, receiver: MemorySocket, data: bytes, due_s: float) -> None:
        def deliver() -> None:
            if road.is_clogged:
                self.note("frames held back")
                road.held.append(deliver)
            else:
                receiver.put(data)

        self.loop.call_at(due_s, deliver)


class MemorySocket:
    """One end of a connection."""

    def __init__(self, network: Network, host: Host, peer: Host, number: int) -> None:
        """Make an end; `other` is set by who makes both."""
        self.other: MemorySocket
        self.host = host
        self.number = number
        self.frames = 0
        self.free_s = 0.0
        self._network = network
        self._peer = peer
        self._inbox: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._has_work = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_over = False

    async def receive(self) -> WSMessage:
        """Wait for the next frame, or for the end."""
        while not self._inbox:
            if self._is_over:
                return WSMessage(WSMsgType.CLOSED, None, None)
            self._has_work.clear()
            await self._has_work.wait()
        data = self._inbox.popleft()
        self.taken(len(data))
        return WSMessage(WSMsgType.BINARY, data, None)

    async def send_bytes(self, data: bytes) -> None:
        """Send a frame; waits while too much is on its way or unread.

        Raises:
            ConnectionError: The connection is over.
        """
        if self._is_over:
            raise ConnectionResetError("the connection is over")
        self.host.begin_effect("send")
        other = self.other
        other._waiting_bytes += len(data)
        self._network.travel(self, data)
        while other._waiting_bytes > WINDOW_BYTES and not self._is_over:
            other._has_room.clear()
            await other._has_room.wait()

    async def close(self) -> None:
        """Close the connection; the other end hears of it behind what was sent."""
        if self._is_over:
            return
        self.end()
        other, road = self.other, self._network.road(self.host.name, self._peer.name)
        if not road.is_blocked:
            due_s = max(other.free_s + BETWEEN_S, self._network.loop.time() + road.latency_ms / 1000)
            self._network.loop.call_at(due_s, other.end)
        self._network.forget(self)

    def put(self, data: bytes) -> None:
        """Take a frame that has arrived."""
        if not self._is_over:
            self._inbox.append(data)
            self._has_work.set()

    def taken(self, count: int) -> None:
        """Note that bytes wait no more."""
        self._waiting_bytes = max(0, self._waiting_bytes - count)
        if self._waiting_bytes <= WINDOW_BYTES:
            self._has_room.set()

    def end(self) -> None:
        """Let both waits of this end come back."""
        self._is_over = True
        self._has_work.set()
        self._has_room.set()
        self.other._has_room.set()
