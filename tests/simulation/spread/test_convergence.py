"""Nodes end with equal feeds after cuts, losses and detours, whatever the seed."""

from __future__ import annotations

from itertools import pairwise

import pytest

from protocol.feeds import CATALOG, TRADE
from protocol.gossip.messages import Batch, Get
from tests.simulation.spread.memory_net import MemoryNode, World


def test_feeds_travel_through_the_region() -> None:
    """Two networks without a link of their own hold each other's feeds, by way of the region."""
    world, (vila, serra, regiao) = _world(1)
    world.link(vila, regiao)
    world.link(serra, regiao)
    vila.offer(1)
    serra.offer(1)

    world.run(5000)

    assert vila.roots() == serra.roots() == regiao.roots()
    assert len(vila.roots()) == 5


def test_an_order_travels_through_the_region() -> None:
    """With the direct link cut, an addressed record reaches its network by the region, which it names too."""
    world, (vila, serra, regiao) = _world(2)
    world.link(vila, regiao)
    world.link(serra, regiao)
    world.run(2000)
    named = [node.replica.network for node in (vila, serra, regiao)]
    order = serra.replica.keys.record_of("order", {"rows": []}, to=named)

    serra.publish(order)
    world.run(3000)

    assert order.id in vila.replica.delivered
    assert order.id in regiao.replica.delivered
    assert regiao.replica.outbox(vila.replica.network) == []


def test_a_partition_heals() -> None:
    """What both sides published while they were apart is everywhere after the next link."""
    world, (vila, serra, regiao) = _world(3)
    world.link(vila, regiao)
    cut = world.link(serra, regiao)
    world.run(2000)
    cut.cut()
    for number in range(1, 20):
        vila.offer(number)
        serra.offer(number)
        world.run(200)
    assert vila.roots() != serra.roots()

    world.link(serra, vila)
    world.run(5000)

    assert vila.roots() == serra.roots() == regiao.roots()


def test_a_triangle_moves_each_record_once() -> None:
    """Where three nodes are linked with one another, leaves that a node gets twice stay rare."""
    world, nodes = _world(4)
    vila, serra, regiao = nodes
    links = [world.link(vila, serra), world.link(serra, regiao), world.link(regiao, vila)]
    world.run(2000)
    for number in range(1, 101):
        nodes[number % 3].offer(number)
        world.run(50)
    world.run(5000)

    ends = [end for link in links for end in (link.dialler, link.listener)]
    moved = sum(
        len(message.entries)
        for end in ends
        for message in end.sent
        if isinstance(message, Batch) and message.feed.name == CATALOG
    )
    assert vila.roots() == serra.roots() == regiao.roots()
    assert moved / 200 - 1 <= 0.1


@pytest.mark.parametrize("seed", range(25))
def test_any_seed_converges(seed: int) -> None:
    """With lost frames, cuts and new links at random times, all nodes end with equal roots and empty outboxes."""
    world, nodes = _world(seed, count=3 + seed % 4, loss=0.05)
    random = world.random
    for number in range(1, 60):
        node = random.choice(nodes)
        if random.random() < 0.3:
            one, other = random.sample(nodes, 2)
            if _are_linked(world, one, other):
                _cut(world, one, other)
            else:
                world.link(one, other)
        if random.random() < 0.2:
            target = random.choice([other for other in nodes if other is not node])
            order = node.replica.keys.record_of("order", {"n": number}, to=[target.replica.network], created_ms=number)
            node.publish(order)
        else:
            node.offer(number)
        world.run(random.randint(1, 2000))
    world.loss = 0.0
    for link in world.links:
        link.cut()
    for one, other in pairwise(nodes):
        world.link(one, other)
    world.link(nodes[-1], nodes[0])
    world.run(120_000)

    assert all(node.roots() == nodes[0].roots() for node in nodes)
    for one, other in pairwise(nodes):
        assert one.replica.outbox(other.replica.network) == []


def test_the_same_seed_gives_the_same_run() -> None:
    """A run depends on its seed alone: the same messages in the same order."""
    assert _trace(7) == _trace(7)
    assert _trace(7) != _trace(8)


def test_a_long_feed_is_fetched_in_bounded_pieces() -> None:
    """A node that comes late fetches thousands of leaves, four GETs at most being open at any time."""
    world, (vila, serra, _) = _world(5)
    for number in range(3000):
        vila.replica.offer(number)

    link = world.link(serra, vila)
    world.run(10_000)

    assert vila.roots() == serra.roots()
    gets = [message for message in link.dialler.sent if isinstance(message, Get) and message.feed.name == CATALOG]
    assert 3 <= len(gets) <= 12
    assert serra.replica.feeds[vila.replica.feed(CATALOG)].records.keys() == set(range(3000))
    assert vila.replica.feed(TRADE) not in serra.roots()


def _world(seed: int, *, count: int = 3, loss: float = 0.0) -> tuple[World, list[MemoryNode]]:
    world = World(seed, loss=loss)
    names = ("vila", "serra", "regiao", "norte", "litoral", "planalto")
    return world, [world.node(name) for name in names[:count]]


def _between(world: World, one: MemoryNode, other: MemoryNode) -> list[int]:
    wanted = {id(one), id(other)}
    return [
        at
        for at, link in enumerate(world.links)
        if {id(link.dialler.node), id(link.listener.node)} == wanted and not link.is_cut and link.dialler.closed is None
    ]


def _are_linked(world: World, one: MemoryNode, other: MemoryNode) -> bool:
    return bool(_between(world, one, other))


def _cut(world: World, one: MemoryNode, other: MemoryNode) -> None:
    for at in _between(world, one, other):
        world.links[at].cut()


def _trace(seed: int) -> list[str]:
    world, nodes = _world(seed)
    links = [world.link(nodes[0], nodes[1]), world.link(nodes[1], nodes[2])]
    for number in range(10):
        world.random.choice(nodes).offer(number)
        world.run(world.random.randint(1, 500))
    world.run(5000)
    return [repr(message) for link in links for end in (link.dialler, link.listener) for message in end.sent]
