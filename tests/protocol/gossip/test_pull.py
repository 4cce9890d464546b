"""Fetching: in order, bounded, once, and without trust in what the peer says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import CATALOG, TRADE, TRUST, FeedKey, Head
from protocol.gossip.codes import ByeCode
from protocol.gossip.effects import Effect, Ingest, Notice, Send
from protocol.gossip.heads import Claims, Holdings
from protocol.gossip.messages import Batch, Entry, Get, HeadEntry, Heads
from protocol.gossip.pull import RETRY_MS, Pull
from protocol.limits import GET_TIMEOUT_MS, GETS_IN_FLIGHT_MAX, NOTICES_PER_LINK_MAX, TAKEOVER_LEAVES_MAX

OWN, PEER = bytes([9]) * 32, bytes([1]) * 32
TRUST_FEED, CATALOG_FEED = FeedKey(PEER, TRUST, 0), FeedKey(PEER, CATALOG, 0)
ROOT = bytes(32)


class Bench:
    """A Pull, what is here, and short ways to feed it."""

    def __init__(self, claims: Claims | None = None) -> None:
        """Begin with nothing here."""
        self.holdings = Holdings({}, {})
        self.pull = Pull(network=OWN, holdings=self.holdings, claims=claims or Claims())

    def hears(self, sizes: dict[FeedKey, int], *, is_full: bool = False, now_ms: int = 0) -> list[Effect]:
        """Let the peer tell sizes."""
        entries = tuple(HeadEntry(feed, size, ROOT) for feed, size in sizes.items())
        return self.pull.on_heads(Heads(is_full, entries), now_ms)

    def holds(self, feed: FeedKey, size: int) -> None:
        """Let a feed be here."""
        self.holdings.sizes[feed] = size  # type: ignore[index]
        self.holdings.heads[feed] = Head(feed, size, ROOT, b"")  # type: ignore[index]


def gets(effects: list[Effect]) -> list[tuple[FeedKey, int]]:
    """Give feed and start of each GET."""
    return [
        (item.message.feed, item.message.start)
        for item in effects
        if isinstance(item, Send) and isinstance(item.message, Get)
    ]


def batch(feed: FeedKey, start: int, count: int, head: int, *, request: int | None = 0) -> Batch:
    """Make a batch whose bytes nobody looks at here."""
    entries = tuple(Entry(0, None, None) for _ in range(count))
    return Batch(
        request=request, feed=feed, start=start, entries=entries, note=b"n", head_size=head, head_root=ROOT, proof=()
    )


def test_keys_are_fetched_before_what_they_sign() -> None:
    """Of an unknown network only the trust feed is asked for; the catalog follows when the keys are here."""
    bench = Bench()

    assert gets(bench.hears({CATALOG_FEED: 5, TRUST_FEED: 2})) == [(TRUST_FEED, 0)]
    [ingest] = bench.pull.on_batch(batch(TRUST_FEED, 0, 2, 2), 0)
    assert isinstance(ingest, Ingest)
    bench.holds(TRUST_FEED, 2)
    assert gets(bench.pull.ingested(ingest.token, 2, 0)) == [(CATALOG_FEED, 0)]


def test_the_next_range_is_asked_while_the_last_is_stored() -> None:
    """A GET goes out as soon as a batch has arrived, up to the bound; ranges join without a gap."""
    bench = Bench()
    bench.hears({TRUST_FEED: 100})

    asked = [gets(bench.pull.on_batch(batch(TRUST_FEED, at * 10, 10, 100, request=at), 0)) for at in range(4)]

    assert asked == [[(TRUST_FEED, 10)], [(TRUST_FEED, 20)], [(TRUST_FEED, 30)], []]


def test_few_gets_are_in_flight() -> None:
    """However many feeds lack, the peer is asked for a few at a time."""
    bench = Bench()
    feeds = {FeedKey(bytes([number]) * 32, TRUST, 0): 2 for number in range(1, 20)}

    assert (
        len(gets(bench.hears({feed: size for feed, size in feeds.items() if feed.network != OWN})))
        == GETS_IN_FLIGHT_MAX
    )


def test_a_feed_is_fetched_over_one_link() -> None:
    """Another link waits, and goes on where the first leaves off when that one is lost."""
    claims = Claims()
    first, second = Bench(claims), Bench(claims)
    first.hears({TRUST_FEED: 9})

    assert gets(second.hears({TRUST_FEED: 9})) == []
    first.pull.release()
    assert second.pull.next_ms() == RETRY_MS
    assert gets(second.pull.tick(RETRY_MS)) == [(TRUST_FEED, 0)]


def test_another_link_asks_where_one_is_silent() -> None:
    """A few leaves are asked for on another link after a second; both answers are taken, and the feed is free again."""
    claims = Claims()
    first, second, third = Bench(claims), Bench(claims), Bench(claims)
    first.hears({TRUST_FEED: TAKEOVER_LEAVES_MAX})
    second.hears({TRUST_FEED: TAKEOVER_LEAVES_MAX}, now_ms=10)

    assert gets(second.pull.tick(10 + RETRY_MS)) == [(TRUST_FEED, 0)]
    assert gets(third.hears({TRUST_FEED: TAKEOVER_LEAVES_MAX}, now_ms=20 + RETRY_MS)) == []
    for bench in (second, first):
        [ingest] = bench.pull.on_batch(batch(TRUST_FEED, 0, TAKEOVER_LEAVES_MAX, TAKEOVER_LEAVES_MAX), 1500)
        assert isinstance(ingest, Ingest)
        bench.holds(TRUST_FEED, TAKEOVER_LEAVES_MAX)
        assert bench.pull.ingested(ingest.token, TAKEOVER_LEAVES_MAX, 1500) == []
    assert claims.take(TRUST_FEED, third.pull)


def test_a_long_range_is_not_fetched_twice() -> None:
    """Where many leaves lack, a link that is slow to answer keeps the feed until its GET is given up."""
    claims = Claims()
    first, second = Bench(claims), Bench(claims)
    first.hears({TRUST_FEED: TAKEOVER_LEAVES_MAX + 1})
    second.hears({TRUST_FEED: TAKEOVER_LEAVES_MAX + 1})

    assert gets(second.pull.tick(GET_TIMEOUT_MS - 1)) == []
    first.pull.tick(GET_TIMEOUT_MS)
    assert gets(second.pull.tick(GET_TIMEOUT_MS + RETRY_MS)) == [(TRUST_FEED, 0)]


def test_own_feeds_are_never_fetched() -> None:
    """A peer that has more of our own feed is a warning, given once."""
    bench = Bench()
    own = FeedKey(OWN, TRUST, 0)

    [notice] = bench.hears({own: 3})
    assert isinstance(notice, Notice)
    assert notice.code == ByeCode.BEHIND_PEER
    assert bench.hears({own: 4}) == []
    assert bench.pull.theirs[own] == 4


def test_another_root_of_the_same_size_is_noted() -> None:
    """Two roots at one size are told to the operator, and the link goes on."""
    bench = Bench()
    bench.holds(TRUST_FEED, 2)

    [notice] = bench.pull.on_heads(Heads(False, (HeadEntry(TRUST_FEED, 2, bytes([7]) * 32),)), 0)

    assert isinstance(notice, Notice)
    assert notice.code == ByeCode.FORK


def test_a_live_batch_that_continues_is_stored() -> None:
    """A live batch at the end of what is here is ingested; one already here, or with a gap, is not."""
    bench = Bench()
    bench.holds(TRUST_FEED, 2)

    [ingest] = bench.pull.on_batch(batch(TRUST_FEED, 2, 3, 5, request=None), 0)
    assert isinstance(ingest, Ingest)
    bench.holds(TRUST_FEED, 5)
    assert bench.pull.ingested(ingest.token, 5, 0) == []
    assert bench.pull.on_batch(batch(TRUST_FEED, 2, 3, 5, request=None), 0) == []
    assert gets(bench.pull.on_batch(batch(TRUST_FEED, 8, 1, 9, request=None), 0)) == [(TRUST_FEED, 5)]


def test_live_batches_may_follow_one_another() -> None:
    """A live batch that continues one which is still being stored is taken too."""
    bench = Bench()
    bench.holds(TRUST_FEED, 2)
    bench.pull.on_batch(batch(TRUST_FEED, 2, 1, 3, request=None), 0)

    [ingest] = bench.pull.on_batch(batch(TRUST_FEED, 3, 1, 4, request=None), 0)

    assert isinstance(ingest, Ingest)


def test_a_live_batch_of_a_feed_nobody_follows_is_dropped() -> None:
    """What was not followed is not stored."""
    bench = Bench()

    assert bench.pull.on_batch(batch(FeedKey(PEER, "ledger", 0), 0, 1, 1, request=None), 0) == []
    assert bench.pull.on_batch(batch(FeedKey(OWN, TRUST, 0), 0, 1, 1, request=None), 0) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"request": 7}, ByeCode.UNEXPECTED),
        ({"start": 1}, Code.MALFORMED),
        ({"entries": ()}, Code.MALFORMED),
        ({"request": None, "note": None}, Code.MALFORMED),
    ],
)
def test_an_answer_that_was_not_asked_for_is_refused(changes: dict[str, Any], code: str) -> None:
    """A batch of a request that was not made, of another start or without a single entry ends the link."""
    bench = Bench()
    bench.hears({TRUST_FEED: 9})

    with pytest.raises(RemoteProtocolError) as caught:
        bench.pull.on_batch(replace(batch(TRUST_FEED, 0, 2, 9), **changes), 0)

    assert code == caught.value.code


def test_a_range_that_is_not_held_ends_the_fetch() -> None:
    """A peer that doesn't hold what it told is not asked again for it, and other links may fetch it."""
    claims = Claims()
    bench = Bench(claims)
    bench.hears({TRUST_FEED: 9})
    nothing = replace(batch(TRUST_FEED, 0, 0, 0), note=None)

    assert bench.pull.on_batch(nothing, 0) == []
    assert claims.take(TRUST_FEED, object())
    assert bench.pull.lag() == 0


def test_a_get_without_an_answer_is_given_up() -> None:
    """After some time the claim is free for another link, and a late answer does no harm."""
    claims = Claims()
    bench = Bench(claims)
    bench.hears({TRUST_FEED: 9})

    [notice] = bench.pull.tick(GET_TIMEOUT_MS)
    assert isinstance(notice, Notice)
    other = object()
    assert claims.take(TRUST_FEED, other)
    claims.release(TRUST_FEED, other)
    assert bench.pull.on_batch(batch(TRUST_FEED, 0, 9, 9), GET_TIMEOUT_MS) == []
    assert gets(bench.pull.tick(GET_TIMEOUT_MS + RETRY_MS)) == [(TRUST_FEED, 0)]


def test_batches_that_bring_nothing_end_the_fetch() -> None:
    """A peer whose batches never add a leaf is left until it tells a new head."""
    bench = Bench()
    effects = bench.hears({TRUST_FEED: 9})
    rounds = 0
    while gets(effects) and rounds < 10:
        [ingest, *_] = bench.pull.on_batch(batch(TRUST_FEED, 0, 9, 9, request=rounds), 0)
        assert isinstance(ingest, Ingest)
        effects = bench.pull.ingested(ingest.token, 0, 0)
        rounds += 1

    assert rounds == 3
    assert gets(bench.hears({TRUST_FEED: 10})) == [(TRUST_FEED, 0)]


def test_a_full_list_replaces_what_was_told() -> None:
    """A feed that the full list leaves out is not there."""
    bench = Bench()
    bench.hears({TRUST_FEED: 9, FeedKey(PEER, TRADE, 0): 4})

    bench.hears({TRUST_FEED: 9}, is_full=True)

    assert bench.pull.theirs == {TRUST_FEED: 9}


def test_the_feeds_of_one_link_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A peer can't fill the memory with feeds that don't exist."""
    monkeypatch.setattr("protocol.gossip.pull.HEADS_PER_LINK_MAX", 3)
    bench = Bench()

    with pytest.raises(RemoteProtocolError) as caught:
        bench.hears({FeedKey(bytes([number]) * 32, TRUST, 0): 1 for number in range(4)})

    assert Code.TOO_MANY == caught.value.code


def test_live_batches_count_among_the_feeds_of_a_link(monkeypatch: pytest.MonkeyPatch) -> None:
    """Telling feeds one by one, unasked, goes no further than telling them in a list."""
    monkeypatch.setattr("protocol.gossip.pull.HEADS_PER_LINK_MAX", 3)
    bench = Bench()
    for epoch in range(3):
        bench.pull.on_batch(batch(FeedKey(PEER, TRUST, epoch), 5, 1, 6, request=None), 0)

    with pytest.raises(RemoteProtocolError) as caught:
        bench.pull.on_batch(batch(FeedKey(PEER, TRUST, 3), 5, 1, 6, request=None), 0)

    assert Code.TOO_MANY == caught.value.code


def test_a_link_gives_few_notices() -> None:
    """A peer that contradicts everything fills neither the memory nor the log."""
    bench = Bench()
    effects = bench.hears({FeedKey(OWN, TRUST, epoch): 5 for epoch in range(NOTICES_PER_LINK_MAX + 9)}, is_full=True)
    effects += bench.hears({FeedKey(OWN, CATALOG, epoch): 5 for epoch in range(9)}, is_full=True)

    assert sum(isinstance(effect, Notice) for effect in effects) == NOTICES_PER_LINK_MAX
