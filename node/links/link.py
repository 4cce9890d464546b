"""One link: a session, its WebSocket, and the work that the session asks for.

Four tasks: one reads, one writes, one loads ranges and bundles, one stores batches and bundles, each in the order in
which the session asked. The session itself is called from all of them, never at the same time, since it runs without
waiting. Whatever goes wrong ends this link with a line in the log, and nothing else.

Source: docs/spec/06-gossip.md.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from node.clock import Clock
from node.links.frames import Frames, Socket
from node.links.replica import Replica
from protocol.bundle import decode_bundle
from protocol.errors import Code, ProtocolError, RemoteProtocolError, StorageError
from protocol.feeds import FeedKey
from protocol.gossip.batches import batch_of, read_entries
from protocol.gossip.codes import ByeCode
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
from protocol.gossip.identity import Identity
from protocol.gossip.messages import Batch, Bye
from protocol.gossip.session import Effects, Session
from protocol.identifiers import to_text

logger = logging.getLogger(__name__)

NO_FAULT = frozenset({ByeCode.SHUTDOWN.value, ByeCode.DUPLICATE.value, ByeCode.LOST.value})
"""Ends of a link that are nobody's fault."""

FLUSH_S = 2.0
"""How long a BYE may take to leave."""


class Owner(Protocol):
    """Who has links: `node.links.hub.Links`."""

    clock: Clock
    replica: Replica

    def is_kept(self, link: Link, peer: Identity) -> bool:
        """Note that `link` has opened; say whether it stays, the two networks being linked already perhaps."""

    def has_grown(self, feed: FeedKey, size: int) -> None:
        """Note the size of a feed after an ingest."""

    def size_of(self, feed: FeedKey) -> int:
        """Give how many leaves of a feed are here."""

    def is_news(self, address: str, code: str) -> bool:
        """Say whether an operator has not been told lately that links with this address end so."""


@dataclass(frozen=True, slots=True)
class _LoadOutbox:
    """Look what waits for the peer's network."""


class Link:
    """One connection between two nodes.

    Attributes:
        session: Its session.
        address: Where the other end is, for the log.
        is_dialler: Whether this node opened it.
        opened_ms: When the peer had proved itself, by the wall clock; None before.
        closed: How it ended; None before.
    """

    def __init__(self, owner: Owner, session: Session, socket: Socket, *, address: str, is_dialler: bool) -> None:
        """Prepare a link; `run` begins it."""
        self.session = session
        self.address = address
        self.is_dialler = is_dialler
        self.opened_ms: int | None = None
        self.closed: Close | None = None
        self.peer: Identity | None = None
        self._owner = owner
        self._frames = Frames(socket)
        self._loads: asyncio.Queue[Load | LoadBundle | _LoadOutbox] = asyncio.Queue()
        self._stores: asyncio.Queue[Ingest | Accept | Acknowledge] = asyncio.Queue()
        self._is_outbox_due = False
        self._over = asyncio.Event()
        self._timer: asyncio.TimerHandle | None = None

    async def run(self) -> Close:
        """Hold the session until it ends; give how it ended."""
        try:
            async with asyncio.TaskGroup() as group:
                parts = (self._read, self._frames.write, self._load, self._store)
                tasks = [group.create_task(self._guarded(part)) for part in parts]
                self.perform(self.session.start())
                await self._over.wait()
                try:
                    async with asyncio.timeout(FLUSH_S):
                        await self._frames.drain()
                except TimeoutError:
                    logger.debug("the last words to %s were not read", self.address)
                for task in tasks:
                    task.cancel()
        finally:
            self.session.lose()
            if self._timer is not None:
                self._timer.cancel()
            await self._frames.close()
        assert self.closed is not None
        self._log_end(self.closed)
        return self.closed

    def perform(self, effects: Effects) -> None:
        """Carry out what the session asks for, or hand it to the task that does; never waits."""
        try:
            for effect in effects:
                self._perform_one(effect)
        except RemoteProtocolError as error:
            self.perform(self.session.fail(error))
        self._schedule()

    @property
    def queued_bytes(self) -> int:
        """How much waits to be sent to the peer."""
        return self._frames.queued_bytes

    @property
    def open_jobs(self) -> int:
        """How many ranges and bundles wait to be loaded or stored for the peer."""
        return self._loads.qsize() + self._stores.qsize()

    def close(self, code: ByeCode, text: str = "") -> None:
        """End the link from this side."""
        self.perform(self.session.close(code, text))

    def heads_changed(self, feeds: set[FeedKey]) -> None:
        """Tell the session of feeds that have grown here."""
        self._step(lambda: self.session.heads_changed(feeds, self._now_ms()))

    def follow_changed(self) -> None:
        """Tell the session that another scope may be followed now."""
        self._step(self.session.follow_changed)

    def has_deliveries(self) -> None:
        """Let the session know what waits for its peer, soon; asking again before that changes nothing."""
        if not self._is_outbox_due:
            self._is_outbox_due = True
            self._loads.put_nowait(_LoadOutbox())

    def _perform_one(self, effect: Effect) -> None:
        match effect:
            case Send(message):
                if isinstance(message, Bye):
                    self._frames.send_last(message)
                else:
                    self._frames.send(message)
            case Load() | LoadBundle():
                self._loads.put_nowait(effect)
            case Ingest() | Accept() | Acknowledge():
                self._stores.put_nowait(effect)
            case Opened(peer):
                self._on_opened(peer)
            case Notice(code, text):
                logger.warning("link to %s: %s: %s", self.name, code, text)
            case Close():
                self.closed = effect
                self._over.set()

    @property
    def name(self) -> str:
        """The peer's network where it has proved itself, its address before; for the log."""
        return self.address if self.peer is None else f"{to_text('network', self.peer.network)[:20]}… at {self.address}"

    def _on_opened(self, peer: Identity) -> None:
        self.peer = peer
        if not self._owner.is_kept(self, peer):
            self.close(ByeCode.DUPLICATE)
            return
        self.opened_ms = self._owner.clock.now_ms()
        logger.info("link to %s open, %s", self.name, "dialled" if self.is_dialler else "accepted")
        self.has_deliveries()

    async def _read(self) -> None:
        while True:
            try:
                message = await self._frames.receive()
            except RemoteProtocolError as error:
                self.perform(self.session.fail(error))
                return
            if message is None:
                self._lost()
                return
            self.perform(self.session.receive(message, self._now_ms()))

    async def _load(self) -> None:
        while True:
            effect = await self._loads.get()
            await self._frames.room()
            match effect:
                case Load():
                    batch = await self._range(effect)
                    self.perform(self.session.loaded(effect.token, batch, self._now_ms()))
                case LoadBundle(record_id):
                    bundle = await self._bundle(record_id)
                    self.perform(self.session.bundle_loaded(record_id, bundle, self._now_ms()))
                case _LoadOutbox():
                    self._is_outbox_due = False
                    if self.session.peer is not None:
                        waiting = await self._owner.replica.outbox(self.session.peer.network)
                        self.perform(self.session.deliveries(waiting))

    async def _range(self, effect: Load) -> Batch | None:
        if self.session.peer is None:
            return None
        reader = self.session.peer.network
        found = await self._owner.replica.load(effect.feed, effect.start, effect.bytes_max, effect.records_max, reader)
        return None if found is None else batch_of(found.head, found.start, found.entries, found.proof)

    async def _bundle(self, record_id: bytes) -> bytes | None:
        try:
            return await self._owner.replica.bundle(record_id)
        except ProtocolError as error:
            logger.warning("record %s can't be delivered: %s", record_id.hex()[:16], error)
            return None

    async def _store(self) -> None:
        # Several at a time, begun in order: while one batch is written, the signatures of the next are checked. The
        # session never has more of them open than its bounds allow.
        async with asyncio.TaskGroup() as group:
            while True:
                effect = await self._stores.get()
                group.create_task(self._guarded(lambda effect=effect: self._store_one(effect)))  # type: ignore[misc]
                await asyncio.sleep(0)

    async def _store_one(self, effect: Ingest | Accept | Acknowledge) -> None:
        replica = self._owner.replica
        match effect:
            case Ingest(token, batch):
                size = await self._ingest(batch)
                self.perform(self.session.ingested(token, size, self._now_ms()))
            case Accept(bundle):
                record_id = await self._deliver(bundle)
                self.perform(self.session.accepted(record_id))
            case Acknowledge(record_ids):
                assert self.peer is not None
                await replica.acknowledged(self.peer.network, list(record_ids))
                self.has_deliveries()

    async def _deliver(self, bundle: bytes) -> bytes:
        """Store a bundle; one of a home that contradicts itself is left, and its sender told to keep it no longer.

        Raises:
            RemoteProtocolError: The bytes fail.
        """
        try:
            return await self._owner.replica.deliver(bundle)
        except RemoteProtocolError as error:
            if error.code is not Code.CONFLICT:
                raise
            # spec/06-gossip G-65
            self._log_conflict(error, "bundle")
            return decode_bundle(bundle).record.id

    async def _ingest(self, batch: Batch) -> int:
        """Store a batch; what contradicts the leaves or the head here is not for sure the peer's fault, and is left.

        Raises:
            RemoteProtocolError: The bytes fail.
        """
        entries = read_entries(batch)
        note = batch.note or b""
        try:
            size = await self._owner.replica.ingest_read(batch.feed, batch.start, entries, note, list(batch.proof))
        except RemoteProtocolError as error:
            if error.code is not Code.CONFLICT:
                raise
            self._log_conflict(error, f"{batch.feed.network.hex()} {batch.feed.name}")
            return self._owner.size_of(batch.feed)
        self._owner.has_grown(batch.feed, size)
        return size

    def _log_conflict(self, error: RemoteProtocolError, what: str) -> None:
        """Log what contradicts the store, once in a while for each feed; a peer must not fill the log."""
        is_news = self._owner.is_news(self.address, f"{error.code} {what}")
        logger.log(logging.ERROR if is_news else logging.DEBUG, "from %s: %s", self.name, error)

    async def _guarded(self, part: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run one of the tasks; what it can't mend ends the link."""
        try:
            await part()
        except RemoteProtocolError as error:
            self.perform(self.session.fail(error))
        except (ConnectionError, OSError):
            self._lost()
        except StorageError as error:
            logger.error("link to %s: %s", self.name, error)  # noqa: TRY400 - the disk's fault, no trace helps
            self.close(ByeCode.INTERNAL, type(error).__name__)
        except Exception as error:  # noqa: BLE001 - logged and told by _fail
            self._fail(error)

    def _step(self, call: Callable[[], Effects]) -> None:
        """Call the session from outside the four tasks; what goes wrong ends this link, not the caller."""
        try:
            self.perform(call())
        except Exception as error:  # noqa: BLE001 - logged and told by _fail
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        """End the link for a bug of our own, which must not take the other links down."""
        logger.error("link to %s: unexpected", self.name, exc_info=error)
        self.close(ByeCode.INTERNAL, type(error).__name__)

    def _lost(self) -> None:
        if self.closed is None:
            self.session.lose()
            self.closed = Close(ByeCode.LOST.value, ByeCode.LOST.explanation, is_ours=False)
        self._over.set()

    def _schedule(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due_ms = self.session.next_ms()
        if due_ms is not None:
            delay = max(0, due_ms - self._now_ms()) / 1000
            self._timer = asyncio.get_running_loop().call_later(delay, self._tick)

    def _tick(self) -> None:
        self._timer = None
        self._step(lambda: self.session.tick(self._now_ms()))

    def _now_ms(self) -> int:
        return self._owner.clock.monotonic_ms()

    def _log_end(self, close: Close) -> None:
        side = "closed here" if close.is_ours else "closed by the peer"
        advice = next((code.next_step for code in ByeCode if code.value == close.code), "")
        level = logging.INFO
        if close.code not in NO_FAULT:
            level = logging.WARNING if self._owner.is_news(self.address, close.code) else logging.DEBUG
        logger.log(level, "link to %s %s: %s: %s %s", self.name, side, close.code, close.text, advice)
