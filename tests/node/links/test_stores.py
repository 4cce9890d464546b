"""The real store under the links: three networks on loopback, each with its database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from node.links.peers import LinkState
from protocol.feeds import FeedKey
from protocol.record import Record
from tests.node.links.loopback import LoopbackNode, until
from tests.store_node import StoreNode

Nodes = dict[str, tuple[StoreNode, LoopbackNode]]


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[Nodes]:
    """Start Vila, Serra and the region; the first two are linked with the region only."""
    async with AsyncExitStack() as stack:
        found: Nodes = {}
        for name, members in (("vila", ["padaria"]), ("serra", ["escola"]), ("regiao", [])):
            store = await stack.enter_async_context(StoreNode(tmp_path, name))
            await store.enrol(*members)
            node = LoopbackNode(name, store=store)
            await node.start()
            stack.push_async_callback(node.stop)
            found[name] = (store, node)
        region = found["regiao"][1]
        region.knows(found["vila"][1], found["serra"][1], dials=False)
        for name in ("vila", "serra"):
            found[name][1].knows(region)
        yield found


async def roots(nodes: Nodes) -> list[dict[FeedKey, tuple[int, bytes]]]:
    """Give size and root of every feed with leaves, of every node."""
    found = [await store.roots() for store, _ in nodes.values()]
    return [{feed: at for feed, at in each.items() if at[0]} for each in found]


async def are_equal(nodes: Nodes, *, feeds: int) -> bool:
    """Tell whether all nodes hold the same."""
    found = await roots(nodes)
    return len(found[0]) == feeds and all(each == found[0] for each in found)


async def wait(nodes: Nodes, *, feeds: int) -> None:
    """Wait until all nodes hold the same feeds."""
    for _ in range(400):
        if await are_equal(nodes, feeds=feeds):
            return
        await _pause()
    pytest.fail(f"the nodes hold {await roots(nodes)}")


async def test_an_offer_becomes_an_order_through_the_region(nodes: Nodes) -> None:
    """Catalogues are equal everywhere; an order reaches its seller by the region and counts as valid there."""
    (vila, _), (serra, _), (region, _) = nodes.values()
    await wait(nodes, feeds=3)
    offer = vila.offer("padaria", "Pão francês")
    await vila.publish(offer)
    await wait(nodes, feeds=4)
    order = order_of(serra, vila, region, offer)

    await serra.publish(order)

    await wait(nodes, feeds=5)
    for store in (vila, serra, region):
        assert await store.state(order) == "valid"
    assert await serra.state(offer) == "valid"
    await _until_empty(serra, region, vila)


async def test_a_node_that_was_away_catches_up(nodes: Nodes) -> None:
    """After a break, hundreds of records published meanwhile are there, with the same root."""
    (vila, _), _, (_, region) = nodes.values()
    await wait(nodes, feeds=3)
    await region.stop()
    for batch in range(5):
        await vila.publish(*(vila.offer("padaria", f"Pão {batch}-{number}") for number in range(60)))
    assert not await are_equal(nodes, feeds=4)

    await region.start()
    region.knows(nodes["vila"][1], nodes["serra"][1], dials=False)

    await wait(nodes, feeds=4)
    await until(lambda: all(status.state is LinkState.CONNECTED for status in region.links.status()))
    assert all(status.behind == 0 for status in region.links.status())


def order_of(buyer: StoreNode, seller: StoreNode, region: StoreNode, offer: Record) -> Record:
    """Make an order of the buyer's member on an offer of the seller's."""
    body = {
        "offer": offer.id,
        "offer_record": offer.id,
        "seller": offer.header.author,
        "buyer": buyer.network.member("escola").id,
        "rows": [
            {
                "title": "Pão francês",
                "measure": "KGM",
                "quantity": 5000,
                "price": [{"unit": "BRL", "amount": 650}],
                "per": 1000,
            }
        ],
    }
    to = tuple(sorted([buyer.network.id, seller.network.id, region.network.id]))
    return buyer.network.by("escola", "order", body, to=to)


async def _pause() -> None:
    await asyncio.sleep(0.02)


async def _until_empty(serra: StoreNode, region: StoreNode, vila: StoreNode) -> None:
    for _ in range(200):
        if not await serra.replication.outbox(region.network.id) and not await region.replication.outbox(
            vila.network.id
        ):
            return
        await _pause()
    pytest.fail("an outbox is not empty")
