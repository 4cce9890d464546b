"""Fetching from one peer what is lacking here: HEADS and BATCH in, GET and Ingest out.

A feed is fetched by one link of the node at a time (`Claims`), in order, each GET beginning where the batch before
ended, while that batch is still being verified and stored. A GET holds its place among the few that are allowed until
its batch is durable, so that the disk pushes back on the network and unverified bytes stay bounded. Where few leaves
lack and the link that asked hears nothing, another link asks too: one dead link doesn't hold up what others have.

Source: spec/06-gossip G-34 to spec/06-gossip G-54.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import TRUST, FeedKey
from protocol.gossip.codes import ByeCode
from protocol.gossip.effects import Effect, Ingest, Notice, Send
from protocol.gossip.heads import FOLLOW_ALL, Claims, Digest, Holdings, Scope, is_ready, lacking
from protocol.gossip.messages import Batch, Get, Heads
from protocol.limits import (
    BATCH_BYTES_MAX,
    BATCH_RECORDS_MAX,
    GET_TIMEOUT_MS,
    GETS_IN_FLIGHT_MAX,
    HEADS_PER_LINK_MAX,
    NOTICES_PER_LINK_MAX,
    TAKEOVER_LEAVES_MAX,
    TAKEOVER_MS,
)

RETRY_MS = 1000
"""How long to wait for a feed that another link of this node is fetching before looking again."""

FRUITLESS_MAX = 3
"""Batches of a feed that brought nothing new before the link stops asking until the peer tells a new head."""


@dataclass(slots=True)
class _Fetch:
    """One feed that is being fetched on this link."""

    next_start: int
    request: int | None = None
    sent_ms: int = 0
    ingesting: int = 0
    fruitless: int = 0


class Pull:
    """What this side fetches from one peer.

    Attributes:
        theirs: The size that the peer told, of each feed that matters here.
        heard: Digest of what the peer told.
        scope: What this node follows at this peer.
        gets_max: How many GETs the peer allows at once.
    """

    __slots__ = (
        "_behind",
        "_claims",
        "_fetches",
        "_heads",
        "_ingests",
        "_is_blocked",
        "_is_stale",
        "_network",
        "_next_request",
        "_next_token",
        "_noticed",
        "_retry_ms",
        "_sizes",
        "_todo",
        "gets_max",
        "heard",
        "scope",
        "theirs",
    )

    def __init__(self, *, network: bytes, holdings: Holdings, claims: Claims) -> None:
        """Begin with a peer that has told nothing.

        Args:
            network: This node's own network, whose feeds are never fetched.
            holdings: What is here; the node keeps it current.
            claims: Shared by all links of the node.
        """
        self._network = network
        self._heads = holdings.heads
        self._sizes = holdings.sizes
        self._claims = claims
        self._behind: set[FeedKey] = set()
        self._fetches: dict[FeedKey, _Fetch] = {}
        self._noticed: set[FeedKey] = set()
        self._ingests: dict[int, Batch] = {}
        self._next_request = 0
        self._next_token = 0
        self._is_blocked = False
        self._is_stale = False
        self._todo: list[FeedKey] = []
        self._retry_ms = 0
        self.scope = Scope(FOLLOW_ALL)
        self.gets_max = GETS_IN_FLIGHT_MAX
        self.theirs: dict[FeedKey, int] = {}
        self.heard = Digest()

    def on_heads(self, message: Heads, now_ms: int) -> list[Effect]:
        """Take what the peer holds.

        Raises:
            RemoteProtocolError: `too_many`.
        """
        if message.is_full:
            self.heard.clear_heads()
            self.theirs.clear()
            self._behind.clear()
        effects: list[Effect] = []
        for entry in message.entries:
            self.heard.put_head(entry.feed, entry.size, entry.root)
            effects += self._hear(entry.feed, entry.size, entry.root)
        self._check_heard()
        return effects + self.advance(now_ms)

    def on_batch(self, message: Batch, now_ms: int) -> list[Effect]:
        """Take the answer to a GET, or a live batch.

        Raises:
            RemoteProtocolError: The batch is not what was asked for, or `too_many` feeds were told.
        """
        if message.request is None:
            return self._on_live(message, now_ms)
        fetch = self._fetches.get(message.feed)
        if fetch is None or fetch.request != message.request:
            if message.request >= self._next_request:
                raise RemoteProtocolError(ByeCode.UNEXPECTED, f"a BATCH for GET {message.request}, which was not sent")
            return []  # the answer to a GET that was given up
        if message.start != fetch.next_start:
            text = f"the BATCH begins at {message.start}, the GET at {fetch.next_start}"
            raise RemoteProtocolError(Code.MALFORMED, text)
        fetch.request = None
        self._claims.hears(message.feed, self)
        if message.note is None:
            self._set_theirs(message.feed, 0)
        elif not message.entries and message.head_size > message.start:
            raise RemoteProtocolError(Code.MALFORMED, "a BATCH without entries though its head is ahead")
        else:
            self._set_theirs(message.feed, message.head_size)
        if message.entries:
            fetch.next_start = message.end
            return [self._ingest(message, fetch), *self.advance(now_ms)]
        self._finish(message.feed)
        return self.advance(now_ms)

    def ingested(self, token: int, size: int, now_ms: int) -> list[Effect]:
        """Take the size of the feed after an Ingest.

        Args:
            token: Of the Ingest.
            size: The feed's size here now.
            now_ms: The time.
        """
        batch = self._ingests.pop(token)
        fetch = self._fetches.get(batch.feed)
        if fetch is not None:
            fetch.ingesting -= 1
            fetch.fruitless = 0 if size >= batch.end else fetch.fruitless + 1
            if fetch.fruitless >= FRUITLESS_MAX:
                self._set_theirs(batch.feed, size)
            if size < batch.end and fetch.request is None and not fetch.ingesting:
                fetch.next_start = size
        self._note_size(batch.feed)
        self._finish(batch.feed)
        return self.advance(now_ms)

    def grown(self, feed: FeedKey) -> None:
        """Take the news that `feed` has grown here, by whatever way; `advance` then goes on."""
        self._note_size(feed)

    def advance(self, now_ms: int) -> list[Effect]:
        """Ask for what is lacking, as far as is allowed at once."""
        if not (self._fetches or self._todo or self._is_stale):
            return []
        effects: list[Effect] = []
        for feed, fetch in self._fetches.items():
            if fetch.request is None and fetch.next_start < self.theirs.get(feed, 0) and self._slots_free() > 0:
                effects.append(self._get(feed, fetch, now_ms))
        while self._slots_free() > 0 and (candidate := self._next_feed()) is not None:
            if self._take(candidate, now_ms):
                fetch = self._fetches[candidate] = _Fetch(self._sizes.get(candidate, 0))
                effects.append(self._get(candidate, fetch, now_ms))
            else:
                self._is_blocked = True
                self._retry_ms = now_ms + RETRY_MS
        return effects

    def tick(self, now_ms: int) -> list[Effect]:
        """Give up GETs that nobody answers, and look again for feeds that other links were fetching."""
        effects: list[Effect] = []
        for feed, fetch in list(self._fetches.items()):
            if fetch.request is not None and now_ms - fetch.sent_ms >= GET_TIMEOUT_MS:
                fetch.request = None
                self._finish(feed, give_up=True)
                effects.append(Notice(ByeCode.SLOW_READER, f"no answer to a GET of {feed.name} in time"))
                self._is_blocked = True
                self._retry_ms = now_ms + RETRY_MS
        if self._is_blocked and now_ms >= self._retry_ms:
            self._is_blocked = False
            self._is_stale = True
            effects += self.advance(now_ms)
        return effects

    def next_ms(self) -> int | None:
        """Say when `tick` has something to do."""
        retry_ms = self._retry_ms if self._is_blocked and self._behind else None
        if not self._fetches:
            return retry_ms
        times = [fetch.sent_ms + GET_TIMEOUT_MS for fetch in self._fetches.values() if fetch.request is not None]
        if retry_ms is not None:
            times.append(retry_ms)
        return min(times, default=None)

    def release(self) -> None:
        """Give back all claims: the link is over."""
        for feed in self._fetches:
            self._claims.release(feed, self)
        self._fetches.clear()
        self._behind.clear()
        self._todo.clear()

    def lag(self) -> int:
        """Count the leaves that the peer has and that lack here."""
        return sum(self.theirs.get(feed, 0) - self._sizes.get(feed, 0) for feed in self._behind)

    def _on_live(self, message: Batch, now_ms: int) -> list[Effect]:
        feed = message.feed
        if message.note is None:
            raise RemoteProtocolError(Code.MALFORMED, "a live BATCH without a head")
        self.heard.put_head(feed, message.head_size, message.head_root)
        self._check_heard()
        if feed.network == self._network or not self.scope.includes(feed):
            return []  # not followed (any more)
        self._set_theirs(feed, max(message.head_size, self.theirs.get(feed, 0)))
        fetch = self._fetches.get(feed)
        position = self._sizes.get(feed, 0) if fetch is None else fetch.next_start
        is_next = message.start <= position < message.end and (fetch is None or fetch.request is None)
        is_welcome = is_next and self._slots_free() > 0 and is_ready(feed, self._sizes, self.theirs)
        if not is_welcome or not self._take(feed, now_ms):
            return self.advance(now_ms)
        if fetch is None:
            fetch = self._fetches[feed] = _Fetch(position)
        fetch.next_start = message.end
        return [self._ingest(message, fetch), *self.advance(now_ms)]

    def _hear(self, feed: FeedKey, size: int, root: bytes) -> list[Effect]:
        is_own = feed.network == self._network
        if not is_own and not self.scope.includes(feed):
            return []
        self._set_theirs(feed, size, is_own=is_own)
        here = self._heads.get(feed)
        if feed in self._noticed or len(self._noticed) >= NOTICES_PER_LINK_MAX:
            return []
        if is_own and size > (0 if here is None else here.size):
            self._noticed.add(feed)
            text = f"the peer has {size} leaves of this network's own {feed.name}, more than are here"
            return [Notice(ByeCode.BEHIND_PEER, text)]
        if here is not None and here.size == size and here.root != root:
            self._noticed.add(feed)
            return [Notice(ByeCode.FORK, f"the peer tells another root of {feed.name} at size {size}")]
        return []

    def _check_heard(self) -> None:
        if len(self.heard) > HEADS_PER_LINK_MAX:
            raise RemoteProtocolError(Code.TOO_MANY, f"more than {HEADS_PER_LINK_MAX} feeds told on one link")

    def _set_theirs(self, feed: FeedKey, size: int, *, is_own: bool = False) -> None:
        self.theirs[feed] = size
        if not is_own:
            self._note_size(feed)

    def _note_size(self, feed: FeedKey) -> None:
        if self.theirs.get(feed, 0) <= self._sizes.get(feed, 0):
            self._behind.discard(feed)
        elif feed.network != self._network:
            self._behind.add(feed)
            self._is_stale = True
        if feed.name == TRUST:
            self._is_stale = True  # other feeds of the network may be ready now

    def _next_feed(self) -> FeedKey | None:
        """Give the next feed to fetch; the sorted list is made anew only when it is used up and something changed."""
        while self._todo or self._is_stale:
            if not self._todo:
                self._is_stale = False
                self._todo = lacking(self._behind, self._sizes, self.theirs)[::-1]
            while self._todo:
                feed = self._todo.pop()
                if feed in self._behind and feed not in self._fetches and is_ready(feed, self._sizes, self.theirs):
                    return feed
        return None

    def _take(self, feed: FeedKey, now_ms: int) -> bool:
        """Claim `feed`, also from a link that has waited long for a few leaves."""
        is_short = self.theirs.get(feed, 0) - self._sizes.get(feed, 0) <= TAKEOVER_LEAVES_MAX
        silence_ms = TAKEOVER_MS if is_short else GET_TIMEOUT_MS
        return self._claims.take(feed, self, silent_since_ms=now_ms - silence_ms)

    def _slots_free(self) -> int:
        asked = sum(fetch.request is not None for fetch in self._fetches.values())
        return self.gets_max - asked - len(self._ingests)

    def _get(self, feed: FeedKey, fetch: _Fetch, now_ms: int) -> Send:
        fetch.request = self._next_request
        fetch.sent_ms = now_ms
        self._claims.asks(feed, self, now_ms)
        self._next_request += 1
        return Send(
            Get(
                request=fetch.request,
                feed=feed,
                start=fetch.next_start,
                records_max=BATCH_RECORDS_MAX,
                bytes_max=BATCH_BYTES_MAX,
            )
        )

    def _ingest(self, message: Batch, fetch: _Fetch) -> Ingest:
        token = self._next_token
        self._next_token += 1
        self._ingests[token] = message
        fetch.ingesting += 1
        return Ingest(token, message)

    def _finish(self, feed: FeedKey, *, give_up: bool = False) -> None:
        """End the fetch of `feed` where nothing is under way and nothing more is to be had."""
        fetch = self._fetches.get(feed)
        if fetch is None or fetch.request is not None or fetch.ingesting:
            return
        if give_up or fetch.next_start >= self.theirs.get(feed, 0):
            del self._fetches[feed]
            self._claims.release(feed, self)
