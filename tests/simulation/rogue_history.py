"""What a rogue publishes: feeds of its own, in as many versions as it likes, each signed with its right keys.

A `History` is one version. The faces `a` and `b` share their beginning and then differ; `c` differs in the trust feed,
`d` from the epoch on, so that even its keys are others. `odd` is drawn from a number: records that are void, that wait
for what never comes, that belong to somebody else, that stand twice, leaves that go back.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from protocol.bundle import Bundle
from protocol.feeds import CATALOG, TRADE, TRUST, FeedKey, Head
from protocol.gossip.batches import batch_of
from protocol.gossip.identity import Identity, identify
from protocol.gossip.messages import Batch
from protocol.kinds import feed_of
from protocol.merkle.checkpoint import origin_of, sign_checkpoint
from protocol.merkle.leaf import Leaf, encode_leaf
from protocol.merkle.proofs import consistency_proof, inclusion_proof, range_hash
from protocol.record import Record, create, encode_record
from tests.builders import NOW_MS, Network, brl, epoch_body, forged, named, order_body, public
from tests.simulation.node import network_of
from tests.simulation.spread.memory_replica import MemoryFeed

FACES = ("a", "b", "c", "d")
OFFERS = {"a": 4, "b": 6, "c": 5, "d": 5}
"""How many offers of its own a face has behind the three that all share."""


class History:
    """One version of a rogue's feeds.

    Attributes:
        network: Whose.
        identity: The records that its HELLO shows.
        link_seed: The link key of these.
        feeds: By name.
    """

    def __init__(self, network: Network, *, keys: str) -> None:
        """Begin with the network's two records; `keys` names what the keys of its epoch are derived from."""
        self.network = network
        self.feeds: dict[str, MemoryFeed] = {}
        self.link_seed = named(f"{keys} link")
        self._checkpoint_seed = named(f"{keys} checkpoint")
        epoch = network.epoch if keys == network.name else network.by_network("epoch", epoch_body(keys))
        self.identity: Identity = identify(encode_record(network.agent), encode_record(epoch))
        self.add(network.agent)
        self.add(epoch)

    def add(self, record: Record, *, feed: str | None = None, keys_at: int | None = None, travels: bool = True) -> None:
        """Append a record, to the feed of its kind where none is given."""
        name = feed or feed_of(record.header.kind) or CATALOG
        trust = len(self.feeds[TRUST].leaves) if TRUST in self.feeds else 0
        leaf = encode_leaf(Leaf(record.id, trust if keys_at is None else keys_at))
        self.feeds.setdefault(name, MemoryFeed()).append(leaf, encode_record(record) if travels else None)

    def add_leaf(self, feed: str, record_id: bytes | None, keys_at: int) -> None:
        """Append a leaf without a record."""
        self.feeds.setdefault(feed, MemoryFeed()).append(encode_leaf(Leaf(record_id, keys_at)), None)

    def key(self, name: str) -> FeedKey:
        """Give the key of a feed."""
        return FeedKey(self.network.id, name, 0)

    def size(self, name: str) -> int:
        """Give the size of a feed."""
        return len(self.feeds[name].leaves) if name in self.feeds else 0

    def head(self, name: str, size: int | None = None) -> Head:
        """Sign a head; of the first `size` leaves where not of all."""
        key, feed = self.key(name), self.feeds[name]
        wanted = len(feed.leaves) if size is None else size
        root = range_hash(0, wanted, feed.subtree)
        note = sign_checkpoint(origin_of(key), size=wanted, root=root, seed=self._checkpoint_seed)
        return Head(key, wanted, root, note)

    def batch(self, name: str, start: int, count: int, size: int | None = None) -> Batch:
        """Give a range as an honest node would, under the head of `size` leaves."""
        feed, head = self.feeds[name], self.head(name, size)
        end = min(start + count, head.size)
        entries = [(feed.leaves[index], feed.records.get(index)) for index in range(start, end)]
        proof = consistency_proof(end, head.size, feed.subtree) if 0 < end < head.size else []
        return batch_of(head, start, entries, proof)

    def bundle(self, record: Record, *, agents: tuple[Record, ...]) -> Bundle:
        """Prove a record of the trade feed."""
        feed, head = self.feeds[TRADE], self.head(TRADE)
        index = next(index for index, data in feed.records.items() if data == encode_record(record))
        proof = tuple(inclusion_proof(index, head.size, feed.subtree))
        return Bundle(record=record, leaf=feed.leaves[index], index=index, proof=proof, note=head.note, agents=agents)


@lru_cache(maxsize=64)
def history_of(name: str, face: str) -> History:
    """Give a face of a network; it is not changed afterwards."""
    network = network_of(name)
    history = History(network, keys=f"{name} other" if face == "d" else name)
    if face == "c":
        _enrol(history, "carla")
    for member in ("ana", "bento"):
        _enrol(history, member)
    for number in range(3):
        history.add(_offer(network, f"{name} ana", f"{number}"))
    for number in range(OFFERS[face]):
        history.add(_offer(network, f"{name} bento", f"{face} {number}"))
    return history


def odd_history(name: str, number: int, honest: tuple[str, ...]) -> History:
    """Give a history that is odd in three to eight ways, drawn from a number.

    Args:
        name: The rogue's network.
        number: Decides.
        honest: Names of honest networks, whose records it meddles with.
    """
    network = network_of(name)
    history = History(network, keys=name)
    _enrol(history, "ana")
    history.add(_offer(network, f"{name} ana", "0"))
    chance = random.Random(number)
    for at in range(chance.randint(3, 8)):
        chance.choice(ODDITIES)(history, network_of(chance.choice(honest)), at)
    if chance.random() < BREAKING_SHARE:
        chance.choice(BREAKING)(history, network_of(chance.choice(honest)), 0)
    history.add(_offer(network, f"{name} ana", "last"))
    return history


def order_to(history: History, receivers: tuple[Network, ...], number: int) -> Record:
    """Append an order of the rogue's member to its trade feed, addressed to others."""
    network = history.network
    buyer, seller = network.member(f"{network.name} ana").id, receivers[0].id
    body = order_body(named(f"offer {number}"), named(f"offer {number}"), seller=seller, buyer=buyer)
    to = tuple(dict.fromkeys([network.id, *(other.id for other in receivers)]))[:4]
    record = network.by(f"{network.name} ana", "order", body, to=to, created_ms=NOW_MS + number)
    history.add(record)
    return record


def _enrol(history: History, member: str) -> None:
    network = history.network
    agent = network.member(f"{network.name} {member}")
    history.add(agent)
    history.add(network.membership(agent.id))


def _offer(network: Network, by: str, title: str) -> Record:
    body = {"title": title, "category": "bread", "measure": "KGM", "per": 1000, "price": [brl(650)]}
    return network.by(by, "offer", body)


def _unknown_kind(history: History, _victim: Network, at: int) -> None:
    history.add(history.network.by_network("boat", {"sails": at}), feed=CATALOG)


def _later_version(history: History, _victim: Network, at: int) -> None:
    network = history.network
    header = replace(_offer(network, f"{network.name} ana", f"v {at}").header, version=2)
    history.add(create(header, {"title": "x"}, seed=named(f"{network.name} ana"), salt=bytes(16)))


def _bad_body(history: History, _victim: Network, at: int) -> None:
    history.add(history.network.by(f"{history.network.name} ana", "offer", {"title": at}))


def _twice(history: History, _victim: Network, at: int) -> None:
    record = _offer(history.network, f"{history.network.name} ana", f"twice {at}")
    history.add(record)
    history.add(record)


def _of_another(history: History, victim: Network, at: int) -> None:
    """Publish somebody else's records as if they stood here."""
    agent = victim.member(f"{victim.name} ana")
    for record in (victim.agent, victim.epoch, agent, victim.membership(agent.id)):
        history.add(record, feed=TRUST if at % 2 else CATALOG)


def _in_anothers_name(history: History, victim: Network, at: int) -> None:
    """Say in one's own feed what only somebody else may say: new keys for their member, a membership with them."""
    network, agent = history.network, victim.member(f"{victim.name} ana")
    header = replace(
        agent.header, author=agent.id, key=public(network.name), thing=agent.id, previous=agent.id, created_ms=NOW_MS
    )
    body = {**agent.body_value(), "keys": []}
    for home in (victim.id, network.id):
        claimed = replace(header, home=home)
        history.add(create(claimed, body, seed=named(network.name), salt=named(f"{at}")[:16]), feed=TRUST)


def _without_author(history: History, _victim: Network, at: int) -> None:
    """Let a stranger's key sign for a member."""
    network = history.network
    header = replace(_offer(network, f"{network.name} ana", f"s {at}").header, key=public("stranger"))
    history.add(create(header, {"title": "x"}, seed=named("stranger"), salt=bytes(16)))


def _revision_of_nothing(history: History, _victim: Network, at: int) -> None:
    """Revise a thing that nobody ever hears of."""
    network = history.network
    body = {"title": "x", "category": "bread", "measure": "KGM", "per": 1000, "price": [brl(1)]}
    missing = {"thing": named(f"never {at}"), "previous": named(f"never {at} {at}")}
    first = network.by(f"{network.name} ana", "offer", body, **missing)
    history.add(first)
    history.add(network.by(f"{network.name} ana", "offer", body, thing=missing["thing"], previous=first.id))


def _revisions_at_once(history: History, _victim: Network, at: int) -> None:
    """Revise a thing twice from the same revision."""
    network, by = history.network, f"{history.network.name} ana"
    first = _offer(network, by, f"chain {at}")
    history.add(first)
    for title in ("one", "other"):
        history.add(network.by(by, "offer", {**first.body_value(), "title": title}, thing=first.id, previous=first.id))


def _order_of_nothing(history: History, victim: Network, at: int) -> None:
    order_to(history, (victim,), at)


def _keys_of_tomorrow(history: History, _victim: Network, at: int) -> None:
    """Read keys at a size of the trust feed that it never reaches."""
    history.add(_offer(history.network, f"{history.network.name} ana", f"t {at}"), keys_at=100_000)


def _keys_of_yesterday(history: History, _victim: Network, at: int) -> None:
    """Go back with `keys_at`."""
    record = _offer(history.network, f"{history.network.name} ana", f"y {at}")
    history.add(record)
    history.add_leaf(CATALOG, named(f"y {at}"), 1)


def _bare(history: History, _victim: Network, at: int) -> None:
    """Name records that don't travel, and no record at all."""
    history.add(_offer(history.network, f"{history.network.name} ana", f"bare {at}"), travels=False)
    history.add_leaf(CATALOG, None, 100_000 if at % 2 else history.size(TRUST))


def _forged(history: History, _victim: Network, at: int) -> None:
    history.add(forged(_offer(history.network, f"{history.network.name} ana", f"f {at}")))


def _without_body(history: History, _victim: Network, at: int) -> None:
    history.add(_offer(history.network, f"{history.network.name} ana", f"w {at}").without_body())


def _second_epoch(history: History, _victim: Network, at: int) -> None:
    """State another epoch of the same number, and one of a later number, in the trust feed."""
    network = history.network
    for number in (0, 1 + at):
        history.add(network.by_network("epoch", epoch_body(f"{network.name} {at}", number)))


def _expelled(history: History, _victim: Network, at: int) -> None:
    """End the membership of the member who goes on publishing."""
    network = history.network
    agent = network.member(f"{network.name} ana")
    history.add(network.membership(agent.id, state="ended", created_ms=NOW_MS + at))


ODDITIES: tuple[Callable[[History, Network, int], None], ...] = (
    _unknown_kind,
    _later_version,
    _bad_body,
    _twice,
    _of_another,
    _of_another,
    _in_anothers_name,
    _without_author,
    _revision_of_nothing,
    _revisions_at_once,
    _order_of_nothing,
    _bare,
    _second_epoch,
    _expelled,
)
"""Ways in which a feed may be odd although its bytes are right; all of it is taken."""

BREAKING = (_keys_of_tomorrow, _keys_of_yesterday, _forged, _without_body)
"""Ways in which a feed may be wrong; nothing from there on is taken."""

BREAKING_SHARE = 0.3
