"""Who lacks what: scopes, the comparison of heads, and the digest of what was told.

Trust goes before catalog, and catalog before trade, so that keys are here before the records that they sign. A feed
other than trust is fetched only when its network's trust feed is here as far as the peer has it, beginning with the
network's `agent` and `epoch` (leaves 0 and 1), which hold the key that signs the heads.

Source: spec/06-gossip G-20 to spec/06-gossip G-34; docs/concepts/gossip.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from protocol.feeds import CATALOG, PUBLIC_FEED_NAMES, SETTLEMENT, TRADE, TRUST, FeedKey, Head
from protocol.gossip.messages import DIGEST_BYTES, Follow
from protocol.gossip.wire import encode_message

RANK = {TRUST: 0, CATALOG: 1, TRADE: 2, SETTLEMENT: 3}
"""In which order feeds are told and fetched."""

IDENTITY_LEAVES = 2
"""Leaves at the beginning of a trust feed that prove whose it is: `agent` and `epoch`."""

FOLLOW_ALL = Follow(((None, frozenset(PUBLIC_FEED_NAMES)),))
"""Every public feed that the peer carries."""


class Scope:
    """A FOLLOW, ready to be asked.

    Attributes:
        follow: The message.
    """

    __slots__ = ("_by_network", "follow")

    def __init__(self, follow: Follow) -> None:
        """Read `follow`; the ledger and names that aren't known are passed over, and trust comes with any other."""
        self.follow = follow
        self._by_network: dict[bytes | None, frozenset[str]] = {}
        for network, names in follow.scopes:
            known = names.intersection(PUBLIC_FEED_NAMES)
            if known:
                known |= {TRUST}
            self._by_network[network] = self._by_network.get(network, frozenset()) | known

    def includes(self, feed: FeedKey) -> bool:
        """Say whether `feed` is followed."""
        by_network = self._by_network
        return feed.name in by_network.get(None, ()) or feed.name in by_network.get(feed.network, ())


def order_of(feed: FeedKey) -> tuple[int, bytes, int]:
    """Give the place of a feed among those to tell or fetch: by rank of its name, then by network and epoch."""
    return RANK.get(feed.name, len(RANK)), feed.network, feed.epoch


def is_ready(feed: FeedKey, sizes: Mapping[FeedKey, int], theirs: Mapping[FeedKey, int]) -> bool:
    """Say whether `feed` may be fetched now: its network's trust feed is here as far as the peer has it."""
    if feed.name == TRUST:
        return True
    trust = FeedKey(feed.network, TRUST, feed.epoch)
    return sizes.get(trust, 0) >= max(IDENTITY_LEAVES, theirs.get(trust, 0))


def lacking(
    candidates: Iterable[FeedKey], sizes: Mapping[FeedKey, int], theirs: Mapping[FeedKey, int]
) -> list[FeedKey]:
    """List the feeds to fetch from a peer now, in the order to fetch them.

    Args:
        candidates: The feeds to look at.
        sizes: How many leaves of each are here.
        theirs: The sizes that the peer told.

    Returns:
        Those of which the peer has more, and which are ready.
    """
    found = [feed for feed in candidates if theirs.get(feed, 0) > sizes.get(feed, 0) and is_ready(feed, sizes, theirs)]
    return sorted(found, key=order_of)


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a node holds durably; one object for all its sessions, which the node keeps current.

    Attributes:
        heads: The newest head of each feed whose leaves are all here: what is told and served.
        sizes: How many leaves of each feed are here, which in the middle of a catch-up is more than its head's size.
    """

    heads: Mapping[FeedKey, Head]
    sizes: Mapping[FeedKey, int]


class Claims:
    """Which link of this node fetches which feed, so that no range is fetched twice at once.

    One object is shared by all sessions of a node. A link that waits for an answer for long may lose its claim to
    another; what it asked for may still come, and counts.
    """

    __slots__ = ("_owners", "_waiting_ms")

    def __init__(self) -> None:
        """Begin with nothing claimed."""
        self._owners: dict[FeedKey, object] = {}
        self._waiting_ms: dict[FeedKey, int] = {}

    def take(self, feed: FeedKey, owner: object, *, silent_since_ms: int = -1) -> bool:
        """Claim `feed` for `owner`; False where another has it.

        Args:
            feed: Which feed.
            owner: The link that wants it.
            silent_since_ms: It is taken from another that has waited for an answer from this time on, or longer.
        """
        if self._owners.setdefault(feed, owner) is owner:
            return True
        waiting_ms = self._waiting_ms.get(feed)
        if waiting_ms is None or waiting_ms > silent_since_ms:
            return False
        self._owners[feed] = owner
        del self._waiting_ms[feed]
        return True

    def asks(self, feed: FeedKey, owner: object, now_ms: int) -> None:
        """Note that `owner`, where it has the feed, waits for an answer from now on."""
        if self._owners.get(feed) is owner:
            self._waiting_ms[feed] = now_ms

    def hears(self, feed: FeedKey, owner: object) -> None:
        """Note that the answer came."""
        if self._owners.get(feed) is owner:
            self._waiting_ms.pop(feed, None)

    def release(self, feed: FeedKey, owner: object) -> None:
        """Give `feed` back, where `owner` has it."""
        if self._owners.get(feed) is owner:
            del self._owners[feed]
            self._waiting_ms.pop(feed, None)


class Digest:
    """Eight bytes over all that one side told the other: its FOLLOW and the newest head of each feed.

    The sum is the exclusive or of a hash an item, so that a change costs one hash. It finds lost frames; it is no
    defence against a peer, who may tell what it likes anyway.
    """

    __slots__ = ("_follow", "_heads", "_sum")

    def __init__(self) -> None:
        """Begin with nothing told."""
        self._heads: dict[FeedKey, int] = {}
        self._follow = 0
        self._sum = 0

    def __len__(self) -> int:
        """Count the feeds."""
        return len(self._heads)

    def put_follow(self, follow: Follow) -> None:
        """Note a FOLLOW; it replaces the one before."""
        item = _short_hash(b"follow\n" + encode_message(follow))
        self._sum ^= self._follow ^ item
        self._follow = item

    def put_head(self, feed: FeedKey, size: int, root: bytes) -> None:
        """Note a head; it replaces the one of the same feed before."""
        network, name, epoch = feed
        item = _short_hash(b"head\n%b%b\n%d\n%d\n%b" % (network, name.encode(), epoch, size, root))
        self._sum ^= self._heads.get(feed, 0) ^ item
        self._heads[feed] = item

    def clear_heads(self) -> None:
        """Forget all heads, before a full list."""
        self._heads.clear()
        self._sum = self._follow

    def value(self) -> bytes:
        """Give the digest, 8 bytes."""
        return self._sum.to_bytes(DIGEST_BYTES, "big")


def _short_hash(data: bytes) -> int:
    return int.from_bytes(hashlib.sha256(data).digest()[:DIGEST_BYTES], "big")
