"""Nodes of real sessions in virtual time: frames as bytes, latency, loss, cuts, all decided by one seed.

A `World` is a queue of things that happen at a time. A `MemoryNode` is a `MemoryReplica` with one `Session` a link;
it carries out effects at once. A link is two sessions and the frames between them, which keep their order; a lost frame
is lost for good, as no TCP connection would do, since the protocol must mend even that.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from protocol.errors import RemoteProtocolError
from protocol.feeds import FeedKey
from protocol.gossip.effects import (
    Accept,
    Acknowledge,
    Close,
    Effect,
    Ingest,
    Load,
    LoadBundle,
    Notice,
    Opened,
    Send,
)
from protocol.gossip.handshake import Own
from protocol.gossip.heads import FOLLOW_ALL, Claims, Holdings
from protocol.gossip.messages import Batch, Follow, Message
from protocol.gossip.session import Session
from protocol.gossip.wire import decode_message, encode_message
from protocol.record import Record
from tests.simulation.spread.memory_replica import MemoryReplica, seed_of

Alter = Callable[[bytes], bytes]


class World:
    """Virtual time, and what is to happen in it."""

    def __init__(self, seed: int = 0, *, latency_ms: int = 20, loss: float = 0.0) -> None:
        """Begin at time 0.

        Args:
            seed: Decides all that is random.
            latency_ms: Mean of a frame's way.
            loss: Share of frames that are lost after the handshake.
        """
        self.random = random.Random(seed)
        self.now_ms = 0
        self.latency_ms = latency_ms
        self.loss = loss
        self.nodes: dict[bytes, MemoryNode] = {}
        self.links: list[Link] = []
        self._queue: list[tuple[int, int, Callable[[], None]]] = []
        self._order = count()

    def node(self, name: str, *, follow: Follow = FOLLOW_ALL, replica: MemoryReplica | None = None) -> MemoryNode:
        """Add a node that admits every node of the world; its feeds are a `MemoryReplica` unless one is given."""
        made = MemoryNode(self, name, follow, MemoryReplica(name) if replica is None else replica)
        self.nodes[made.replica.network] = made
        return made

    def at(self, time_ms: int, job: Callable[[], None]) -> None:
        """Let `job` happen at a time."""
        heapq.heappush(self._queue, (time_ms, next(self._order), job))

    def run(self, duration_ms: int) -> None:
        """Let time go by."""
        end_ms = self.now_ms + duration_ms
        while self._queue and self._queue[0][0] <= end_ms:
            self.now_ms, _, job = heapq.heappop(self._queue)
            job()
        self.now_ms = end_ms

    def link(self, dialler: MemoryNode, listener: MemoryNode, *, host: str = "") -> Link:
        """Open a link; `host` is what the dialler says that it dialled, the listener's own where not given."""
        made = Link(self, dialler, listener, host or listener.host)
        self.links.append(made)
        made.open()
        return made

    def way_ms(self, end: End) -> int:
        """Say how long a frame that leaves `end` now is under way."""
        return self.random.randint(1, 2 * self.latency_ms)

    def is_lost(self, end: End) -> bool:
        """Say whether a frame that leaves `end` now never arrives."""
        return end.session.peer is not None and self.random.random() < self.loss

    def leaves(self, end: End, message: Message, data: bytes) -> None:
        """See a frame leave."""
        end.sent.append(message)
        end.sent_bytes += len(data)

    def arrives(self, end: End, data: bytes) -> Message:
        """See a frame arrive, and read it.

        Raises:
            RemoteProtocolError: The bytes are no message.
        """
        return decode_message(data)

    def ingests(self, end: End, batch: Batch, before: int, size: int) -> None:
        """See a batch that came to `end` stored: the feed had `before` leaves and has `size`."""


@dataclass(eq=False, slots=True)
class End:
    """One end of a link.

    Attributes:
        link: Which link.
        node: Whose it is.
        session: Its session.
        alter: What happens to the bytes of each frame that leaves it.
        sent: The messages that left it.
        sent_bytes: How many bytes of frames left it.
        closed: How it ended, once it has.
        notices: What an operator would have read.
    """

    link: Link
    node: MemoryNode
    session: Session
    alter: Alter | None = None
    sent: list[Message] = field(default_factory=list)
    sent_bytes: int = 0
    closed: Close | None = None
    notices: list[Notice] = field(default_factory=list)
    tick_ms: int | None = None
    free_ms: int = 0


class Link:
    """Two sessions and the frames between them."""

    __slots__ = ("dialler", "is_cut", "listener", "number", "world")

    def __init__(self, world: World, dialler: MemoryNode, listener: MemoryNode, host: str) -> None:
        """Make both sessions."""
        self.world = world
        self.is_cut = False
        self.number = len(world.links)
        self.dialler = End(self, dialler, dialler.session(listener, host=host))
        self.listener = End(self, listener, listener.session(dialler))

    def open(self) -> None:
        """Let both say HELLO."""
        for end in (self.dialler, self.listener):
            end.node.ends.append(end)
            self.perform(end, end.session.start())

    def cut(self) -> None:
        """Break the connection without a word."""
        self.is_cut = True
        for end in (self.dialler, self.listener):
            end.session.lose()
            if end in end.node.ends:
                end.node.ends.remove(end)

    def other(self, end: End) -> End:
        """Give the other end."""
        return self.listener if end is self.dialler else self.dialler

    def perform(self, end: End, effects: tuple[Effect, ...]) -> None:
        """Carry out effects, and what follows from them at once, in order."""
        self._perform_all(end, effects)
        self.schedule(end)

    def schedule(self, end: End) -> None:
        """Have the session's `tick` called when it wants it."""
        due_ms = end.session.next_ms()
        if due_ms is None or (end.tick_ms is not None and self.world.now_ms < end.tick_ms <= due_ms):
            return
        end.tick_ms = max(due_ms, self.world.now_ms + 1)
        self.world.at(end.tick_ms, lambda: self._tick(end))

    def _tick(self, end: End) -> None:
        if self.is_cut or end.tick_ms != self.world.now_ms:
            return
        end.tick_ms = None
        due_ms = end.session.next_ms()
        is_due = due_ms is not None and due_ms <= self.world.now_ms
        self.perform(end, end.session.tick(self.world.now_ms) if is_due else ())

    def _perform_all(self, end: End, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if type(effect) is Send:
                self._send(end, effect.message)
            else:
                self._perform_all(end, self._perform_one(end, effect))

    def _perform_one(self, end: End, effect: Effect) -> tuple[Effect, ...]:
        session, node, now_ms = end.session, end.node, self.world.now_ms
        replica = node.replica
        match effect:
            case Load():
                assert session.peer is not None
                return session.loaded(effect.token, replica.batch(effect, session.peer.network), now_ms)
            case Ingest(token, batch):
                before = replica.sizes.get(batch.feed, 0)
                try:
                    size = replica.take(batch)
                except RemoteProtocolError as error:
                    return session.fail(error)
                self.world.ingests(end, batch, before, size)
                effects = session.ingested(token, size, now_ms)
                node.changed({batch.feed})
                return effects
            case LoadBundle(record_id):
                return session.bundle_loaded(record_id, replica.bundle(record_id), now_ms)
            case Accept(bundle):
                try:
                    record_id = replica.deliver(bundle)
                except RemoteProtocolError as error:
                    return session.fail(error)
                node.has_deliveries()
                return session.accepted(record_id)
            case Acknowledge(record_ids):
                assert session.peer is not None
                replica.acknowledged(session.peer.network, record_ids)
            case Opened(peer):
                return session.deliveries(replica.outbox(peer.network))
            case Notice():
                end.notices.append(effect)
            case Close():
                end.closed = effect
                if end in node.ends:
                    node.ends.remove(end)
        return ()

    def _send(self, end: End, message: Message) -> None:
        world = self.world
        data = encode_message(message)
        world.leaves(end, message, data)
        if world.is_lost(end):
            return
        data = data if end.alter is None else end.alter(data)
        end.free_ms = max(end.free_ms, world.now_ms + world.way_ms(end))
        world.at(end.free_ms, lambda: self._arrive(self.other(end), data))

    def _arrive(self, end: End, data: bytes) -> None:
        if self.is_cut:
            return
        try:
            effects = end.session.receive(self.world.arrives(end, data), self.world.now_ms)
        except RemoteProtocolError as error:
            effects = end.session.fail(error)
        self.perform(end, effects)


class MemoryNode:
    """A node of the world."""

    def __init__(self, world: World, name: str, follow: Follow, replica: MemoryReplica) -> None:
        """Make a node of the network `name`, whose feeds `replica` holds."""
        self.world = world
        self.replica = replica
        self.host = f"{name}.example"
        self.follow = follow
        self.claims = Claims()
        self.holdings = Holdings(self.replica.heads, self.replica.sizes)
        self.ends: list[End] = []
        self.admitted: set[bytes] | None = None
        self._nonces = count()

    def session(self, peer: MemoryNode, *, host: str | None = None) -> Session:
        """Make a session with `peer`."""
        own = Own(
            identity=self.replica.keys.identity,
            link_seed=self.replica.keys.link,
            hosts={self.host},
            admitted=self.world.nodes if self.admitted is None else self.admitted,
            follows={peer.replica.network: self.follow},
        )
        nonce = seed_of(self.replica.keys.name, "nonce", next(self._nonces))
        return Session(
            own,
            nonce=nonce,
            holdings=self.holdings,
            claims=self.claims,
            now_ms=self.world.now_ms,
            host=host,
            expected=None if host is None else peer.replica.network,
        )

    def publish(self, record: Record) -> None:
        """Publish a record of the node's own network."""
        self.changed({self.replica.publish(record)})
        self.has_deliveries()

    def offer(self, number: int) -> None:
        """Publish a small offer."""
        self.changed({self.replica.offer(number)})

    def changed(self, feeds: set[FeedKey]) -> None:
        """Tell all sessions of grown feeds."""
        for end in list(self.ends):
            end.link.perform(end, end.session.heads_changed(feeds, self.world.now_ms))

    def has_deliveries(self) -> None:
        """Tell all sessions of what waits for their peers."""
        for end in list(self.ends):
            if end.session.peer is not None:
                end.link.perform(end, end.session.deliveries(self.replica.outbox(end.session.peer.network)))

    def roots(self) -> dict[FeedKey, tuple[int, bytes]]:
        """Give size and root of every feed that is here."""
        return {feed: (head.size, head.root) for feed, head in self.replica.heads.items()}
