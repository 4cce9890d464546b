"""Whatever keys an author has had, its records can be proven to whom they are addressed, within the bounds."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from node.services.outcomes import Refused
from protocol.bundle import decode_bundle, encode_bundle
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import CATALOG
from protocol.limits import AGENT_RECORDS_MAX, BUNDLE_BYTES_MAX
from protocol.merkle.checkpoint import origin_of, sign_checkpoint
from protocol.merkle.tree import leaf_hash
from protocol.record import Record
from tests.builders import device, named, order_body, signed
from tests.store_node import StoreNode


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[StoreNode]:
    """Open the node of a network with a bakery that offers bread."""
    async with StoreNode(tmp_path, "vila") as node:
        await node.enrol("padaria")
        await node.publish(node.offer("padaria", "Pão"))
        yield node


@pytest.fixture
async def serra(tmp_path: Path, vila: StoreNode) -> AsyncIterator[StoreNode]:
    """Open the node of a network that follows the first one."""
    async with StoreNode(tmp_path, "serra") as node:
        await node.enrol("escola")
        await node.follow(vila)
        yield node


async def test_an_agent_that_was_mapped_first_can_order_elsewhere(vila: StoreNode, serra: StoreNode) -> None:
    """The chain of an agent that its network mapped begins with a record that lists no key, signed by the network."""
    mapped = serra.network.mapped("prefeitura")
    again = serra.network.by_network("agent", {"type": "public_body", "keys": []}, thing=mapped.id, previous=mapped.id)
    listed = {"type": "public_body", "keys": [device("prefeitura")]}
    joined = serra.network.by_network("agent", listed, thing=mapped.id, previous=again.id)
    own = signed(
        "agent",
        {"type": "public_body", "keys": [device("prefeitura 2")]},
        by="prefeitura",
        author=mapped.id,
        home=serra.network.id,
        thing=mapped.id,
        previous=joined.id,
    )
    await serra.publish(mapped, again, joined, own, serra.network.membership(mapped.id))
    order = order_of(serra, vila, mapped.id, "prefeitura 2")
    await serra.publish(order)

    assert await serra.deliver_to(vila) == 1
    assert await vila.state(order) == "valid"


@pytest.mark.parametrize("padding", [0, 14_000])
async def test_an_agent_with_as_many_keys_as_it_may_have_had_is_provable(
    vila: StoreNode, serra: StoreNode, padding: int
) -> None:
    """A home takes no more records of an agent than a bundle has room for, so that no bundle fails at its receiver."""
    first = last = serra.network.member("escola")
    refused: str | None = None
    for number in range(AGENT_RECORDS_MAX + 5):
        body = {"type": "person", "keys": [device("escola")], "number": number, "padding": "x" * padding}
        revised = serra.network.by("escola", "agent", body, thing=first.id, previous=last.id)
        (outcome,) = await serra.submit(revised)
        if isinstance(outcome, Refused):
            refused = outcome.refusal.code
            break
        last = revised
    order = order_of(serra, vila, first.id, "escola")
    await serra.publish(order)

    assert refused == Code.TOO_MANY
    assert len(await serra.replication.bundle(order.id)) <= BUNDLE_BYTES_MAX
    assert await serra.deliver_to(vila) == 1
    assert await vila.state(order) == "valid"


async def test_a_bundle_of_a_foreign_feed_is_refused(vila: StoreNode, serra: StoreNode) -> None:
    """A home that proves its order in its catalogue is refused, and the right bundle is taken afterwards."""
    order = order_of(serra, vila, serra.network.member("escola").id, "escola")
    await serra.publish(order)
    good = await serra.replication.bundle(order.id)
    bundle = decode_bundle(good)
    note = sign_checkpoint(
        origin_of(serra.feed(CATALOG)), size=1, root=leaf_hash(bundle.leaf), seed=named("serra checkpoint")
    )
    with pytest.raises(RemoteProtocolError) as caught:
        await vila.replication.deliver(encode_bundle(replace(bundle, index=0, proof=(), note=note)))
    before = await vila.state(order)
    await vila.replication.deliver(good)

    assert (caught.value.code, before, await vila.state(order)) == (Code.WRONG_FEED, None, "valid")


def order_of(buyer: StoreNode, seller: StoreNode, agent: bytes, by: str) -> Record:
    """Give an order of an agent for the bakery's bread."""
    offer = seller.offer("padaria", "Pão").id
    body = order_body(offer, offer, seller=seller.network.member("padaria").id, buyer=agent)
    to = (buyer.network.id, seller.network.id)
    return signed("order", body, by=by, author=agent, home=buyer.network.id, to=to)
