"""Telling one peer what is here: FOLLOW and GET in, HEADS and BATCH out.

Heads are told as changes against what this peer was told last, a few times a second at most. New leaves of this node's
own feeds go out at once as live batches to a follower that has all that was told before; of feeds that it only carries,
a node tells the head, and the follower fetches. So in a mesh a record crosses each link once.

A peer is always told the heads of its own feeds: that is how it knows what has arrived, and what it lost itself.

Source: spec/06-gossip G-30 to spec/06-gossip G-49.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import LEDGER, FeedKey, Head
from protocol.gossip.effects import Effect, Load, Send
from protocol.gossip.heads import Digest, Scope, order_of
from protocol.gossip.messages import Batch, Follow, Get, HeadEntry, Heads
from protocol.limits import (
    BATCH_BYTES_MAX,
    BATCH_RECORDS_MAX,
    FRAME_BYTES_MAX,
    GETS_IN_FLIGHT_MAX,
    HEADS_MAX,
    LIVE_INTERVAL_MS,
    LIVE_UNCONFIRMED_MAX,
)

_NOBODY = Scope(Follow(()))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a Load is for."""

    request: int | None
    feed: FeedKey
    start: int


class Tell:
    """What this side tells one peer.

    Attributes:
        told: Digest of what was told.
        scope: What the peer follows.
        frame_bytes_max: The largest frame that the peer reads.
    """

    __slots__ = (
        "_dirty",
        "_heads",
        "_is_begun",
        "_last_request",
        "_loads",
        "_network",
        "_next_token",
        "_peer",
        "_sent",
        "_sent_ms",
        "_theirs",
        "_unconfirmed",
        "frame_bytes_max",
        "scope",
        "told",
    )

    def __init__(self, *, network: bytes, heads: Mapping[FeedKey, Head], theirs: Mapping[FeedKey, int]) -> None:
        """Begin with a peer that follows nothing.

        Args:
            network: This node's own network.
            heads: The heads that are here; the node keeps it current.
            theirs: The sizes that the peer told; `Pull` keeps it current.
        """
        self._network = network
        self._heads = heads
        self._theirs = theirs
        self._unconfirmed: dict[FeedKey, int] = {}
        self._peer = b""
        self._dirty: set[FeedKey] = set()
        self._is_begun = False
        self._last_request = -1
        self._loads: dict[int, _Asked] = {}
        self._next_token = 0
        self._sent: dict[FeedKey, int] = {}
        self._sent_ms = -LIVE_INTERVAL_MS
        self.told = Digest()
        self.scope = _NOBODY
        self.frame_bytes_max = FRAME_BYTES_MAX

    def begin(self, peer: bytes, follow: Follow) -> list[Effect]:
        """Send this side's FOLLOW to the network `peer`."""
        self._peer = peer
        self.told.put_follow(follow)
        return [Send(follow)]

    def on_follow(self, message: Follow, now_ms: int) -> list[Effect]:
        """Take what the peer wants to hear of; tell all of it."""
        self.scope = Scope(message)
        self._is_begun = True
        return self.tell_all(now_ms)

    def tell_all(self, now_ms: int) -> list[Effect]:
        """Send the full list of heads in the peer's scope."""
        if not self._is_begun:
            return []
        self._dirty.clear()
        self._sent.clear()
        self._unconfirmed.clear()
        self.told.clear_heads()
        feeds = sorted((feed for feed in self._heads if self._concerns(feed)), key=order_of)
        return self._heads_messages(feeds, now_ms, is_full=True)

    def changed(self, feeds: Iterable[FeedKey], now_ms: int) -> list[Effect]:
        """Take the news that `feeds` have grown here."""
        if self._is_begun:
            # A feed in the middle of its first catch-up has grown and has no head that may be told yet.
            self._dirty.update(feed for feed in feeds if feed in self._heads and self._concerns(feed))
        return self.tick(now_ms)

    def tick(self, now_ms: int) -> list[Effect]:
        """Tell what has changed, where the last time is long enough ago."""
        if not self._dirty or now_ms < self._sent_ms + LIVE_INTERVAL_MS:
            return []
        effects: list[Effect] = []
        plain: list[FeedKey] = []
        for feed in sorted(self._dirty, key=order_of):
            size = self._heads[feed].size
            is_known = self._theirs.get(feed, 0) >= size and feed.network != self._peer
            if is_known or self._sent.get(feed) == size or self._is_loading(feed):
                continue
            if self._is_eager(feed):
                effects.append(self._load(None, feed, self._sent[feed], BATCH_RECORDS_MAX, self._bytes_max()))
            else:
                plain.append(feed)
        self._dirty.clear()
        return effects + self._heads_messages(plain, now_ms)

    def next_ms(self) -> int | None:
        """Say when `tick` has something to do."""
        return self._sent_ms + LIVE_INTERVAL_MS if self._dirty else None

    def on_get(self, message: Get) -> list[Effect]:
        """Take a GET; it is always answered.

        Raises:
            RemoteProtocolError: `too_many` unanswered GETs, or a request number that was used before.
        """
        if message.request <= self._last_request:
            raise RemoteProtocolError(Code.MALFORMED, f"GET {message.request} after GET {self._last_request}")
        if sum(asked.request is not None for asked in self._loads.values()) >= GETS_IN_FLIGHT_MAX:
            raise RemoteProtocolError(Code.TOO_MANY, f"more than {GETS_IN_FLIGHT_MAX} unanswered GETs")
        self._last_request = message.request
        head = self._heads.get(message.feed)
        if message.feed.name == LEDGER or head is None or message.start > head.size:
            return [Send(_not_held(message.request, message.feed, message.start))]
        bytes_max = min(message.bytes_max, self._bytes_max())
        records_max = min(message.records_max, BATCH_RECORDS_MAX)
        return [self._load(message.request, message.feed, message.start, records_max, bytes_max)]

    def loaded(self, token: int, batch: Batch | None, now_ms: int) -> list[Effect]:
        """Take the range that a Load asked for.

        Args:
            token: Of the Load.
            batch: The range, or None where it is not here.
            now_ms: The time.
        """
        asked = self._loads.pop(token)
        if asked.request is not None:
            if batch is None:
                return [Send(_not_held(asked.request, asked.feed, asked.start))]
            return [Send(replace(batch, request=asked.request))]
        if batch is None or not batch.entries or not self.scope.includes(asked.feed):
            return []
        self._sent_ms = now_ms
        self._sent[asked.feed] = batch.head_size
        self._unconfirmed[asked.feed] = self._unconfirmed.get(asked.feed, 0) + 1
        self.told.put_head(asked.feed, batch.head_size, batch.head_root)
        if batch.head_size < self._heads[asked.feed].size:
            self._dirty.add(asked.feed)
        return [Send(replace(batch, request=None))]

    def lag(self) -> int:
        """Count the leaves of this network's own feeds that the peer follows and hasn't got."""
        return sum(
            max(0, head.size - self._theirs.get(feed, 0))
            for feed, head in self._heads.items()
            if feed.network == self._network and self.scope.includes(feed)
        )

    def _concerns(self, feed: FeedKey) -> bool:
        return feed.name != LEDGER and (feed.network == self._peer or self.scope.includes(feed))

    def _is_eager(self, feed: FeedKey) -> bool:
        """Whether new leaves of `feed` go out unasked: it is ours, and the peer had all that was told before.

        A few live batches may be under way; then the peer must tell what it has before it is sent more unasked.
        """
        sent = self._sent.get(feed, 0)
        if self._theirs.get(feed, 0) >= sent:
            self._unconfirmed.pop(feed, None)
        elif not 0 < self._unconfirmed.get(feed, 0) < LIVE_UNCONFIRMED_MAX:
            return False
        return feed.network == self._network and sent > 0

    def _is_loading(self, feed: FeedKey) -> bool:
        return any(asked.request is None and asked.feed == feed for asked in self._loads.values())

    def _bytes_max(self) -> int:
        return min(BATCH_BYTES_MAX, self.frame_bytes_max - (FRAME_BYTES_MAX - BATCH_BYTES_MAX))

    def _load(self, request: int | None, feed: FeedKey, start: int, records_max: int, bytes_max: int) -> Load:
        token = self._next_token
        self._next_token += 1
        self._loads[token] = _Asked(request, feed, start)
        return Load(token, feed, start, records_max, bytes_max)

    def _heads_messages(self, feeds: list[FeedKey], now_ms: int, *, is_full: bool = False) -> list[Effect]:
        if not feeds and not is_full:
            return []
        self._sent_ms = now_ms
        entries: list[HeadEntry] = []
        for feed in feeds:
            head = self._heads[feed]
            self._sent[feed] = head.size
            self._unconfirmed.pop(feed, None)
            self.told.put_head(feed, head.size, head.root)
            entries.append(HeadEntry(feed, head.size, head.root))
        parts = [tuple(entries[at : at + HEADS_MAX]) for at in range(0, len(entries), HEADS_MAX)] or [()]
        return [Send(Heads(is_full and number == 0, part)) for number, part in enumerate(parts)]


def _not_held(request: int, feed: FeedKey, start: int) -> Batch:
    return Batch(request=request, feed=feed, start=start, entries=(), note=None, head_size=0, head_root=b"", proof=())
