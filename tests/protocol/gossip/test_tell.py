"""Telling: only what was followed, only what changed, and every GET is answered."""

from __future__ import annotations

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import CATALOG, LEDGER, TRUST, FeedKey, Head
from protocol.gossip.effects import Effect, Load, Send
from protocol.gossip.heads import FOLLOW_ALL
from protocol.gossip.messages import Batch, Entry, Follow, Get, Heads
from protocol.gossip.tell import Tell
from protocol.limits import BATCH_BYTES_MAX, FRAME_BYTES_MIN, GETS_IN_FLIGHT_MAX, LIVE_INTERVAL_MS

OWN, PEER, OTHER = bytes([9]) * 32, bytes([1]) * 32, bytes([2]) * 32
OWN_FEED = FeedKey(OWN, CATALOG, 0)


class Bench:
    """A Tell, what is here, and what the peer told."""

    def __init__(self, follow: Follow | None = FOLLOW_ALL) -> None:
        """Begin, and let the peer follow."""
        self.heads: dict[FeedKey, Head] = {}
        self.theirs: dict[FeedKey, int] = {}
        self.tell = Tell(network=OWN, heads=self.heads, theirs=self.theirs)
        self.tell.begin(PEER, FOLLOW_ALL)
        self.grow(OWN_FEED, 3)
        self.first = [] if follow is None else self.tell.on_follow(follow, 0)

    def grow(self, feed: FeedKey, size: int) -> None:
        """Let a feed be here."""
        self.heads[feed] = Head(feed, size, bytes(32), b"note")

    def changed(self, feed: FeedKey, size: int, now_ms: int) -> list[Effect]:
        """Let a feed grow."""
        self.grow(feed, size)
        return self.tell.changed([feed], now_ms)


def told(effects: list[Effect]) -> list[tuple[FeedKey, int]]:
    """Give the heads that are told."""
    messages = [item.message for item in effects if isinstance(item, Send) and isinstance(item.message, Heads)]
    return [(entry.feed, entry.size) for message in messages for entry in message.entries]


def live(start: int, count: int, feed: FeedKey = OWN_FEED) -> Batch:
    """Make a range as the node loads it."""
    entries = (Entry(0, b"r"),) * count
    return Batch(
        request=None,
        feed=feed,
        start=start,
        entries=entries,
        note=b"note",
        head_size=start + count,
        head_root=bytes(32),
        proof=(),
    )


def test_nothing_is_told_before_a_follow() -> None:
    """A peer that has not said what it wants hears nothing."""
    bench = Bench(follow=None)

    assert bench.first == []
    assert bench.changed(OWN_FEED, 4, 1000) == []


def test_a_follow_is_answered_by_the_full_list() -> None:
    """All feeds in scope are told; the first message says that the list begins anew."""
    bench = Bench()

    assert told(bench.first) == [(OWN_FEED, 3)]
    assert isinstance(bench.first[0], Send)
    assert isinstance(bench.first[0].message, Heads)
    assert bench.first[0].message.is_full


def test_only_what_is_followed_is_told() -> None:
    """Other feeds stay silent, except those of the peer's own network."""
    bench = Bench(Follow(((OWN, frozenset({TRUST})),)))

    assert told(bench.first) == []
    assert bench.changed(OWN_FEED, 4, 1000) == []
    assert told(bench.changed(FeedKey(OWN, TRUST, 0), 4, 1000)) == [(FeedKey(OWN, TRUST, 0), 4)]
    assert told(bench.changed(FeedKey(PEER, CATALOG, 0), 4, 2000)) == [(FeedKey(PEER, CATALOG, 0), 4)]


def test_the_ledger_is_neither_told_nor_served() -> None:
    """Nobody hears of the ledger, and a GET of it finds nothing."""
    bench = Bench()
    ledger = FeedKey(OWN, LEDGER, 0)

    assert bench.changed(ledger, 4, 1000) == []
    [answer] = bench.tell.on_get(Get(request=0, feed=ledger, start=0, records_max=1, bytes_max=1))
    assert isinstance(answer, Send)
    assert isinstance(answer.message, Batch)
    assert answer.message.note is None


def test_changes_are_gathered() -> None:
    """Heads go out at most once in the interval, and then with their newest size."""
    bench = Bench()
    feed = FeedKey(OTHER, CATALOG, 0)

    assert told(bench.changed(feed, 1, 1000)) == [(feed, 1)]
    assert bench.changed(feed, 2, 1001) == []
    assert bench.changed(feed, 3, 1002) == []
    assert bench.tell.next_ms() == 1000 + LIVE_INTERVAL_MS
    assert told(bench.tell.tick(1000 + LIVE_INTERVAL_MS)) == [(feed, 3)]
    assert bench.tell.next_ms() is None


def test_a_feed_without_a_complete_head_is_not_told() -> None:
    """A feed that is being fetched for the first time has grown, and there is nothing to tell of it yet."""
    bench = Bench()
    feed = FeedKey(PEER, CATALOG, 0)

    assert bench.tell.changed([feed], 1000) == []
    assert bench.tell.next_ms() is None
    assert told(bench.changed(feed, 5, 2000)) == [(feed, 5)]


def test_what_the_peer_has_is_not_told() -> None:
    """A head that came from the peer does not go back to it."""
    bench = Bench()
    feed = FeedKey(OTHER, CATALOG, 0)
    bench.theirs[feed] = 5

    assert bench.changed(feed, 5, 1000) == []
    assert told(bench.changed(feed, 6, 2000)) == [(feed, 6)]


def test_new_leaves_of_own_feeds_go_out_unasked() -> None:
    """A follower that has what was told before gets a live batch; one that lags behind is told the head."""
    bench = Bench()

    assert told(bench.changed(OWN_FEED, 4, 1000)) == [(OWN_FEED, 4)]
    bench.theirs[OWN_FEED] = 4
    [load] = bench.changed(OWN_FEED, 6, 2000)
    assert isinstance(load, Load)
    assert (load.start, load.feed) == (4, OWN_FEED)
    [sent] = bench.tell.loaded(load.token, live(4, 2), 2000)
    assert sent == Send(live(4, 2))


def test_live_batches_are_bounded() -> None:
    """A follower that says nothing gets a few live batches and then only heads."""
    bench = Bench()
    bench.theirs[OWN_FEED] = 3
    kinds = []
    for number in range(3, 10):
        [effect] = bench.changed(OWN_FEED, number + 1, number * 1000)
        kinds.append(type(effect))
        if isinstance(effect, Load):
            assert effect.start == number
            bench.tell.loaded(effect.token, live(number, 1), number * 1000)

    assert kinds == [Load] * 4 + [Send] * 3


def test_a_batch_that_is_being_loaded_is_not_loaded_twice() -> None:
    """Leaves that come meanwhile go with the next batch."""
    bench = Bench()
    bench.theirs[OWN_FEED] = 3
    [load] = bench.changed(OWN_FEED, 4, 1000)
    assert isinstance(load, Load)
    assert bench.changed(OWN_FEED, 5, 2000) == []

    assert len(bench.tell.loaded(load.token, live(3, 1), 2000)) == 1
    [again] = bench.tell.tick(2000 + LIVE_INTERVAL_MS)
    assert isinstance(again, Load)
    assert again.start == 4


def test_every_get_is_answered() -> None:
    """By its range, or by a BATCH that says that it is not here."""
    bench = Bench()
    [load] = bench.tell.on_get(Get(request=5, feed=OWN_FEED, start=1, records_max=9999, bytes_max=1 << 30))
    assert isinstance(load, Load)
    [answer] = bench.tell.loaded(load.token, live(1, 2), 0)
    assert isinstance(answer, Send)
    assert isinstance(answer.message, Batch)
    assert answer.message.request == 5
    assert load.bytes_max == BATCH_BYTES_MAX

    for request, feed, start in ((6, FeedKey(OTHER, CATALOG, 0), 0), (7, OWN_FEED, 4)):
        [nothing] = bench.tell.on_get(Get(request=request, feed=feed, start=start, records_max=9, bytes_max=9))
        assert isinstance(nothing, Send)
        assert isinstance(nothing.message, Batch)
        assert (nothing.message.request, nothing.message.note) == (request, None)


def test_a_range_that_is_gone_is_answered_too() -> None:
    """Where the node can't load, the peer is told that it is not here."""
    bench = Bench()
    [load] = bench.tell.on_get(Get(request=5, feed=OWN_FEED, start=1, records_max=9, bytes_max=9))
    assert isinstance(load, Load)

    [answer] = bench.tell.loaded(load.token, None, 0)

    assert isinstance(answer, Send)
    assert isinstance(answer.message, Batch)
    assert answer.message.note is None


def test_a_peer_with_small_frames_gets_small_batches() -> None:
    """A batch fits the largest frame that the peer reads."""
    bench = Bench()
    bench.tell.frame_bytes_max = FRAME_BYTES_MIN

    [load] = bench.tell.on_get(Get(request=5, feed=OWN_FEED, start=1, records_max=9, bytes_max=1 << 30))

    assert isinstance(load, Load)
    assert load.bytes_max < FRAME_BYTES_MIN


def test_unanswered_gets_are_bounded() -> None:
    """One GET too many, or a number used before, ends the link."""
    bench = Bench()
    for request in range(GETS_IN_FLIGHT_MAX):
        bench.tell.on_get(Get(request=request, feed=OWN_FEED, start=0, records_max=9, bytes_max=9))

    for request, code in ((GETS_IN_FLIGHT_MAX, Code.TOO_MANY), (0, Code.MALFORMED)):
        with pytest.raises(RemoteProtocolError) as caught:
            bench.tell.on_get(Get(request=request, feed=OWN_FEED, start=0, records_max=9, bytes_max=9))
        assert code == caught.value.code


def test_the_lag_counts_own_leaves_that_the_peer_lacks() -> None:
    """An operator sees how far the neighbour is behind."""
    bench = Bench()
    bench.theirs[OWN_FEED] = 1

    assert bench.tell.lag() == 2
