"""The session that two nodes hold over one link, without any I/O.

    WAIT_HELLO ──HELLO──▶ WAIT_AUTH ──AUTH──▶ OPEN ──▶ CLOSED
                                               ╰─╯ FOLLOW HEADS GET BATCH DELIVER DELIVERED PING, unknown types

`TRANSITIONS` is the whole truth: a message that has no place in the state ends the link with `unexpected`, and so does
a BYE from anywhere. Whatever a peer sends, the session answers with effects and never raises: what fails becomes a BYE
with its code and a `Close`.

The node carries out the effects in order, and answers them by `loaded`, `ingested`, `bundle_loaded` and `accepted`; it
tells of its own changes by `heads_changed` and `deliveries`, after it has brought the shared `Holdings` up to date. It
calls `tick` at `next_ms` or later.

Source: spec/06-gossip.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from protocol.errors import CodeEnum, RemoteProtocolError
from protocol.feeds import FeedKey
from protocol.gossip.codes import ByeCode
from protocol.gossip.effects import Close, Effect, Opened, Send
from protocol.gossip.handshake import Handshake, Own
from protocol.gossip.heads import FOLLOW_ALL, Claims, Holdings, Scope
from protocol.gossip.identity import Identity
from protocol.gossip.messages import (
    Auth,
    Batch,
    Bye,
    Deliver,
    Delivered,
    Follow,
    Get,
    Heads,
    Hello,
    Message,
    Ping,
    Unknown,
)
from protocol.gossip.outbox import Outbox
from protocol.gossip.pull import Pull
from protocol.gossip.tell import Tell
from protocol.limits import BYE_CHARS_MAX, HANDSHAKE_TIMEOUT_MS, IDLE_TIMEOUT_MS, PING_INTERVAL_MS

Effects = tuple[Effect, ...]


class State(Enum):
    """Where a session stands."""

    WAIT_HELLO = "wait_hello"
    WAIT_AUTH = "wait_auth"
    OPEN = "open"
    CLOSED = "closed"


_OPEN_MESSAGES = (Follow, Heads, Get, Batch, Deliver, Delivered, Ping, Unknown)

TRANSITIONS: dict[State, dict[type[Message], State]] = {
    State.WAIT_HELLO: {Hello: State.WAIT_AUTH, Bye: State.CLOSED},
    State.WAIT_AUTH: {Auth: State.OPEN, Bye: State.CLOSED},
    State.OPEN: {**dict.fromkeys(_OPEN_MESSAGES, State.OPEN), Bye: State.CLOSED},
    State.CLOSED: {},
}
"""Which message leads where; a message without an entry ends the link, and a closed session hears nothing."""


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """How a link stands, for people.

    Attributes:
        state: Where the session stands.
        peer: The network at the other end, once it is proved.
        feeds: How many feeds the peer told of.
        lacking_here: Leaves that the peer has and this node follows and hasn't got yet.
        lacking_there: Leaves of this network's own feeds that the peer follows and hasn't got yet.
        deliveries: Addressed records that the peer has not acknowledged.
    """

    state: State
    peer: Identity | None
    feeds: int
    lacking_here: int
    lacking_there: int
    deliveries: int


class Session:
    """One side of one link; see the module's text for how to drive it.

    Attributes:
        state: Where it stands.
    """

    __slots__ = (
        "_follow",
        "_handshake",
        "_heard_ms",
        "_is_ping_answered",
        "_outbox",
        "_own",
        "_ping_digest",
        "_ping_ms",
        "_ping_number",
        "_pull",
        "_started_ms",
        "_tell",
        "state",
    )

    def __init__(
        self,
        own: Own,
        *,
        nonce: bytes,
        holdings: Holdings,
        claims: Claims,
        now_ms: int,
        host: str | None = None,
        expected: bytes | None = None,
    ) -> None:
        """Prepare a session; `start` begins it.

        Args:
            own: This node.
            nonce: 32 random bytes, never used before.
            holdings: What is durably here, shared by all sessions; the node keeps it current.
            claims: Shared by all sessions of the node.
            now_ms: The time; any clock that doesn't go back.
            host: The host that was dialled, normal form; None for the listener's side.
            expected: The network that the dialler wants to reach, where it knows.
        """
        network = own.identity.network
        self.state = State.WAIT_HELLO
        self._own = own
        self._follow = FOLLOW_ALL
        self._handshake = Handshake(own, nonce=nonce, host=host, expected=expected)
        self._pull = Pull(network=network, holdings=holdings, claims=claims)
        self._tell = Tell(network=network, heads=holdings.heads, theirs=self._pull.theirs)
        self._outbox = Outbox()
        self._started_ms = self._heard_ms = self._ping_ms = now_ms
        self._ping_number = 0
        self._is_ping_answered = True
        self._ping_digest = b""

    @property
    def peer(self) -> Identity | None:
        """The network at the other end, once it has proved itself."""
        return self._handshake.peer if self.state is State.OPEN else None

    def start(self) -> Effects:
        """Say HELLO."""
        return (Send(self._handshake.hello()),)

    def receive(self, message: Message, now_ms: int) -> Effects:
        """Take a message of the peer.

        Args:
            message: As `decode_message` gave it.
            now_ms: The time.

        Returns:
            What to do. A fault of the peer's is a BYE and a `Close`; nothing is raised.
        """
        if self.state is State.CLOSED:
            return ()
        following = TRANSITIONS[self.state].get(type(message))
        if following is None:
            text = f"a {type(message).__name__.upper()} in the state {self.state.value}"
            return self.close(ByeCode.UNEXPECTED, text)
        self._heard_ms = now_ms
        try:
            effects = tuple(self._handle(message, now_ms))
        except RemoteProtocolError as error:
            return self.fail(error)
        self.state = following
        return effects

    def heads_changed(self, feeds: Iterable[FeedKey], now_ms: int) -> Effects:
        """Take the news that `feeds` have grown here, by whatever way."""
        if self.state is not State.OPEN:
            return ()
        changed = tuple(feeds)
        for feed in changed:
            self._pull.grown(feed)
        return (*self._tell.changed(changed, now_ms), *self._pull.advance(now_ms))

    def follow_changed(self) -> Effects:
        """Send a new FOLLOW where `Own.follows` says something else of this peer than it did."""
        peer = self.peer
        if peer is None:
            return ()
        follow = self._own.follows.get(peer.network, FOLLOW_ALL)
        if follow == self._follow:
            return ()
        self._follow = follow
        self._pull.scope = Scope(follow)
        return tuple(self._tell.begin(peer.network, follow))

    def deliveries(self, record_ids: Iterable[bytes]) -> Effects:
        """Take the records that wait for the peer's network."""
        return tuple(self._outbox.add(record_ids)) if self.state is State.OPEN else ()

    def loaded(self, token: int, batch: Batch | None, now_ms: int) -> Effects:
        """Answer a Load: the range, without a request number; None where it is not here."""
        return tuple(self._tell.loaded(token, batch, now_ms)) if self.state is State.OPEN else ()

    def ingested(self, token: int, size: int, now_ms: int) -> Effects:
        """Answer an Ingest whose bytes were right: the feed's size here now, `Holdings` being up to date already."""
        return tuple(self._pull.ingested(token, size, now_ms)) if self.state is State.OPEN else ()

    def bundle_loaded(self, record_id: bytes, bundle: bytes | None, now_ms: int) -> Effects:
        """Answer a LoadBundle: the bundle; None where it can't be made."""
        return tuple(self._outbox.bundle_loaded(record_id, bundle, now_ms)) if self.state is State.OPEN else ()

    def accepted(self, record_id: bytes) -> Effects:
        """Answer an Accept whose bytes were right: the record is durably here."""
        return tuple(self._outbox.accepted(record_id)) if self.state is State.OPEN else ()

    def fail(self, error: RemoteProtocolError) -> Effects:
        """End the link for bytes of the peer's that fail: a frame, a batch or a bundle."""
        return self.close(error.code, error.message)

    def close(self, code: CodeEnum, text: str = "") -> Effects:
        """End the link with a BYE."""
        if self.state is State.CLOSED:
            return ()
        sentence = (text or code.explanation)[:BYE_CHARS_MAX]
        self.lose()
        return (Send(Bye(code.value, sentence)), Close(code.value, sentence, is_ours=True))

    def lose(self) -> None:
        """Take the news that the connection is gone."""
        self.state = State.CLOSED
        self._pull.release()

    def tick(self, now_ms: int) -> Effects:
        """Do what is due."""
        if self.state is State.CLOSED:
            return ()
        if self.state is not State.OPEN:
            is_late = now_ms - self._started_ms >= HANDSHAKE_TIMEOUT_MS
            return self.close(ByeCode.HANDSHAKE_TIMEOUT) if is_late else ()
        if now_ms - self._heard_ms >= IDLE_TIMEOUT_MS:
            return self.close(ByeCode.IDLE_TIMEOUT)
        effects = [*self._tell.tick(now_ms), *self._pull.tick(now_ms), *self._outbox.tick(now_ms)]
        if now_ms - self._ping_ms >= PING_INTERVAL_MS:
            effects.append(self._ping(now_ms))
        return tuple(effects)

    def next_ms(self) -> int | None:
        """Say when `tick` has something to do; None for a closed session."""
        if self.state is State.CLOSED:
            return None
        if self.state is not State.OPEN:
            return self._started_ms + HANDSHAKE_TIMEOUT_MS
        due_ms = min(self._ping_ms + PING_INTERVAL_MS, self._heard_ms + IDLE_TIMEOUT_MS)
        for part in (self._tell, self._pull, self._outbox):
            part_ms = part.next_ms()
            if part_ms is not None and part_ms < due_ms:
                due_ms = part_ms
        return due_ms

    def status(self) -> SessionStatus:
        """Say how the link stands."""
        return SessionStatus(
            state=self.state,
            peer=self.peer,
            feeds=len(self._pull.theirs),
            lacking_here=self._pull.lag(),
            lacking_there=self._tell.lag(),
            deliveries=len(self._outbox),
        )

    def _handle(self, message: Message, now_ms: int) -> Iterable[Effect]:
        match message:
            case Hello():
                auth = self._handshake.on_hello(message)
                return () if auth is None else (Send(auth),)
            case Auth():
                return self._open(message, now_ms)
            case Follow():
                self._pull.heard.put_follow(message)
                return self._tell.on_follow(message, now_ms)
            case Heads():
                return self._pull.on_heads(message, now_ms)
            case Get():
                return self._tell.on_get(message)
            case Batch():
                return self._pull.on_batch(message, now_ms)
            case Deliver():
                return self._outbox.on_deliver(message)
            case Delivered():
                return self._outbox.on_delivered(message)
            case Ping():
                return self._on_ping(message, now_ms)
            case Bye():
                self.lose()
                return (Close(message.code, message.text, is_ours=False),)
            case Unknown():
                return ()

    def _open(self, message: Auth, now_ms: int) -> Iterable[Effect]:
        answer = self._handshake.on_auth(message)
        peer = self._handshake.peer
        assert peer is not None
        self._tell.frame_bytes_max = self._handshake.frame_bytes_max
        self._pull.gets_max = self._handshake.gets_max
        self._ping_ms = now_ms
        self._follow = self._own.follows.get(peer.network, FOLLOW_ALL)
        self._pull.scope = Scope(self._follow)
        begun = self._tell.begin(peer.network, self._follow)
        return [*([Send(answer)] if answer is not None else []), *begun, Opened(peer)]

    def _ping(self, now_ms: int) -> Effect:
        self._ping_ms = now_ms
        self._ping_number += 1
        self._is_ping_answered = False
        self._ping_digest = self._tell.told.value()
        return Send(Ping(self._ping_number, False, self._ping_digest))

    def _on_ping(self, message: Ping, now_ms: int) -> Iterable[Effect]:
        if not message.is_answer:
            return (Send(Ping(message.number, True, self._pull.heard.value())),)
        is_first = message.number == self._ping_number and not self._is_ping_answered
        self._is_ping_answered |= is_first
        if not is_first or message.digest == self._ping_digest:
            return ()
        # Something was lost on the way: tell all of it again, once for each question.
        return (Send(self._follow), *self._tell.tell_all(now_ms))
