"""Who lacks what: scopes, the order of fetching, claims and the digest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from protocol.feeds import CATALOG, LEDGER, PUBLIC_FEED_NAMES, SETTLEMENT, TRADE, TRUST, FeedKey
from protocol.gossip.heads import FOLLOW_ALL, Claims, Digest, Scope, is_ready, lacking
from protocol.gossip.messages import Follow

VILA, SERRA = bytes(32), bytes([1]) * 32


def test_a_scope_holds_what_was_named() -> None:
    """A scope includes the named feeds of the named networks, and nothing of others."""
    scope = Scope(Follow(((VILA, frozenset({CATALOG})), (SERRA, frozenset({TRADE})))))

    assert scope.includes(FeedKey(VILA, CATALOG, 0))
    assert scope.includes(FeedKey(VILA, CATALOG, 3))
    assert not scope.includes(FeedKey(VILA, TRADE, 0))
    assert not scope.includes(FeedKey(SERRA, CATALOG, 0))


def test_trust_comes_with_any_other_feed() -> None:
    """Whoever follows a feed follows its network's trust feed."""
    scope = Scope(Follow(((VILA, frozenset({CATALOG})), (SERRA, frozenset()))))

    assert scope.includes(FeedKey(VILA, TRUST, 0))
    assert not scope.includes(FeedKey(SERRA, TRUST, 0))


def test_the_ledger_is_in_no_scope() -> None:
    """A peer that follows the ledger by name or follows all does not get it."""
    for scope in (Scope(FOLLOW_ALL), Scope(Follow(((VILA, frozenset({LEDGER})),)))):
        assert not scope.includes(FeedKey(VILA, LEDGER, 0))


def test_trust_is_fetched_first() -> None:
    """Trust stands before catalog, catalog before trade, trade before settlement, whatever the networks are."""
    feeds = [FeedKey(network, name, 0) for network in (SERRA, VILA) for name in reversed(PUBLIC_FEED_NAMES)]
    here = {FeedKey(network, TRUST, 0): 4 for network in (VILA, SERRA)}

    found = lacking(feeds, here, dict.fromkeys(feeds, 5) | here | {FeedKey(VILA, TRUST, 0): 4})
    names = [feed.name for feed in found]

    assert names == [CATALOG, CATALOG, TRADE, TRADE, SETTLEMENT, SETTLEMENT]
    assert lacking(feeds, {}, dict.fromkeys(feeds, 5)) == [FeedKey(VILA, TRUST, 0), FeedKey(SERRA, TRUST, 0)]


def test_a_feed_waits_for_its_keys() -> None:
    """A catalog is fetched once agent and epoch are here and the trust feed is as long as the peer's."""
    trust, catalog = FeedKey(VILA, TRUST, 0), FeedKey(VILA, CATALOG, 0)

    assert not is_ready(catalog, {}, {})
    assert not is_ready(catalog, {trust: 1}, {})
    assert is_ready(catalog, {trust: 2}, {})
    assert not is_ready(catalog, {trust: 2}, {trust: 3})
    assert is_ready(catalog, {trust: 3}, {trust: 3})
    assert is_ready(trust, {}, {trust: 3})


def test_a_claim_has_one_owner() -> None:
    """A feed is fetched by one link at a time, and only that link gives it back."""
    claims, first, second = Claims(), object(), object()
    feed = FeedKey(VILA, TRUST, 0)

    assert claims.take(feed, first)
    assert claims.take(feed, first)
    assert not claims.take(feed, second)
    claims.release(feed, second)
    assert not claims.take(feed, second)
    claims.release(feed, first)
    assert claims.take(feed, second)


def test_a_claim_is_lost_by_silence() -> None:
    """A link that waits long for an answer loses the feed to another; one that was answered, or stores, keeps it."""
    claims, first, second = Claims(), object(), object()
    feed = FeedKey(VILA, TRUST, 0)
    claims.take(feed, first)
    claims.asks(feed, first, 100)
    claims.asks(feed, second, 0)

    assert not claims.take(feed, second, silent_since_ms=99)
    claims.hears(feed, first)
    assert not claims.take(feed, second, silent_since_ms=5000)
    claims.asks(feed, first, 200)
    assert claims.take(feed, second, silent_since_ms=200)
    assert not claims.take(feed, first, silent_since_ms=5000)
    claims.release(feed, first)
    assert not claims.take(feed, first)


@given(st.lists(st.tuples(st.sampled_from(PUBLIC_FEED_NAMES), st.integers(0, 3), st.integers(0, 9)), max_size=20))
def test_the_digest_depends_on_the_newest_heads_only(told: list[tuple[str, int, int]]) -> None:
    """Two sides that end with the same heads have the same digest, whatever came before and in which order."""
    one, other = Digest(), Digest()
    for name, epoch, size in told:
        one.put_head(FeedKey(VILA, name, epoch), size, bytes(32))
    newest = {(name, epoch): size for name, epoch, size in told}
    for (name, epoch), size in reversed(newest.items()):
        other.put_head(FeedKey(VILA, name, epoch), size, bytes(32))

    assert one.value() == other.value()
    assert len(one) == len(newest)


def test_the_digest_sees_each_difference() -> None:
    """Another size, root, network or FOLLOW gives another digest; a full list leaves the FOLLOW standing."""
    digest, values = Digest(), set[bytes]()
    values.add(digest.value())
    digest.put_follow(FOLLOW_ALL)
    followed = digest.value()
    for feed, size, root in (
        (FeedKey(VILA, TRUST, 0), 1, bytes(32)),
        (FeedKey(VILA, TRUST, 0), 2, bytes(32)),
        (FeedKey(VILA, TRUST, 0), 2, bytes([1]) * 32),
        (FeedKey(SERRA, TRUST, 0), 2, bytes(32)),
    ):
        digest.put_head(feed, size, root)
        values.add(digest.value())
    digest.clear_heads()

    assert len(values) == 5
    assert followed == digest.value()
