"""The home takes no event that contradicts what is known there; it takes what may be on its way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.services.outcomes import Recorded, Refused
from node.store.catalogue import open_catalogue
from protocol.errors import Code
from protocol.record import Record
from tests.builders import order_body
from tests.store_node import StoreNode


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[StoreNode]:
    """Open the node of a network in which a bakery sells and a cook buys."""
    async with StoreNode(tmp_path, "vila") as node:
        await open_catalogue(node.database)
        await node.enrol("padaria", "cozinha")
        yield node


async def placed(node: StoreNode) -> Record:
    """Publish an offer of the bakery and the cook's order of it."""
    network = node.network
    offer = node.offer("padaria", "Pão")
    body = order_body(offer.id, offer.id, seller=network.member("padaria").id, buyer=network.member("cozinha").id)
    order = network.by("cozinha", "order", body, to=(network.id,))
    await node.publish(offer, order)
    return order


def stated(node: StoreNode, order: Record, action: str, kilos: int = 10) -> Record:
    """Make an event of the side whose action it is."""
    body: dict[str, object] = {"order": order.id, "action": action}
    if action not in {"refused", "cancelled"}:
        body["rows"] = [{"row": 0, "quantity": kilos * 1000}]
    by = "cozinha" if action in {"received", "cancelled", "returned"} else "padaria"
    return node.network.by(by, "event", body, to=order.header.to)


async def codes(node: StoreNode, *records: Record) -> list[str]:
    """Submit records together; give the code of each refusal, and nothing for what was taken."""
    return [outcome.refusal.code if isinstance(outcome, Refused) else "" for outcome in await node.submit(*records)]


async def test_an_order_is_decided_once(vila: StoreNode) -> None:
    """What was accepted is neither refused nor cancelled after."""
    order = await placed(vila)
    assert await codes(vila, stated(vila, order, "delivered")) == [Code.CONFLICT]
    await vila.publish(stated(vila, order, "accepted"))

    for action in ("refused", "cancelled"):
        assert await codes(vila, stated(vila, order, action)) == [Code.CONFLICT]
    await vila.publish(stated(vila, order, "delivered"), stated(vila, order, "received"))


async def test_nothing_follows_the_end(vila: StoreNode) -> None:
    """A cancelled order isn't accepted any more, nor delivered or received."""
    order = await placed(vila)
    await vila.publish(stated(vila, order, "cancelled"))

    for action in ("accepted", "delivered", "received", "refused"):
        assert await codes(vila, stated(vila, order, action)) == [Code.CONFLICT]


async def test_events_of_one_submission_know_each_other(vila: StoreNode) -> None:
    """The second of two decisions sent together is refused, and what builds on the first is taken."""
    order = await placed(vila)

    found = await codes(
        vila, stated(vila, order, "accepted"), stated(vila, order, "refused"), stated(vila, order, "delivered")
    )

    assert found == ["", Code.CONFLICT, ""]


async def test_the_same_event_again_is_no_contradiction(vila: StoreNode) -> None:
    """A retry gets the first answer."""
    order = await placed(vila)
    accepted = stated(vila, order, "accepted")
    await vila.publish(accepted)

    (again,) = await vila.submit(accepted)

    assert isinstance(again, Recorded)
    assert again.again


async def test_goods_may_arrive_before_the_acceptance(vila: StoreNode) -> None:
    """A buyer can say what was received though the seller's word hasn't come yet."""
    order = await placed(vila)

    assert await codes(vila, stated(vila, order, "received")) == [""]
