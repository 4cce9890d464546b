"""What one network puts into its own feeds changes nothing about another's things, whatever comes first."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from node.audit.database import audit_database
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import CATALOG, TRUST, Head
from protocol.merkle.checkpoint import origin_of, sign_checkpoint
from protocol.merkle.leaf import Leaf, encode_leaf
from protocol.merkle.tree import leaf_hash, root_of
from protocol.record import Record, encode_record
from tests.builders import device, named, order_body, signed
from tests.store_node import StoreNode


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[StoreNode]:
    """Open the node of a network with a bakery."""
    async with StoreNode(tmp_path, "vila") as node:
        await node.enrol("padaria")
        yield node


@pytest.fixture
async def serra(tmp_path: Path) -> AsyncIterator[StoreNode]:
    """Open the node of another network, which is hostile in these tests."""
    async with StoreNode(tmp_path, "serra") as node:
        await node.enrol("escola")
        yield node


@pytest.mark.parametrize("at_home", [True, False])
async def test_no_network_holds_up_another_ones_thing(
    tmp_path: Path, vila: StoreNode, serra: StoreNode, at_home: bool
) -> None:
    """A record that names another network's offer and then waits for ever does not keep its owner from revising it."""
    offers = [vila.offer("padaria", f"Pão {number}") for number in range(3)]
    await vila.publish(*offers)
    wedge = serra.network.by("escola", "offer", offers[2].body_value(), thing=offers[2].id, previous=named("nothing"))
    revised = vila.network.by(
        "padaria", "offer", {**offers[2].body_value(), "title": "Pão"}, thing=offers[2].id, previous=offers[2].id
    )
    async with StoreNode(tmp_path, "regiao") as region:
        for node in (vila, region):
            await node.follow(serra, TRUST)
            await insert(node, serra, CATALOG, wedge)
        if at_home:
            await vila.publish(revised)
        else:
            await region.follow(vila)
            async with StoreNode(tmp_path / "again", "vila") as twin:
                await twin.enrol("padaria")
                await twin.publish(*offers, revised)
                await region.follow(twin)
            assert await region.state(wedge) == "waiting"
            assert await region.state(revised) == "valid"


async def test_no_network_freezes_another_ones_keys(vila: StoreNode, serra: StoreNode) -> None:
    """A record that names another network's member as its thing does not keep that member from changing keys."""
    baker = vila.network.member("padaria")
    wedge = signed(
        "agent",
        {"type": "person", "keys": [device("escola")]},
        by="escola",
        author=serra.network.member("escola").id,
        home=serra.network.id,
        thing=baker.id,
        previous=named("nothing"),
    )
    leaves = [serra.network.agent, serra.network.epoch, wedge]
    await insert(vila, serra, TRUST, *leaves)
    new = {"type": "person", "keys": [device("padaria 2")]}

    await vila.publish(vila.network.by("padaria", "agent", new, thing=baker.id, previous=baker.id))


async def test_a_copy_of_an_offer_does_not_void_what_names_it(
    tmp_path: Path, vila: StoreNode, serra: StoreNode
) -> None:
    """An order waits for its offer, also where somebody has put a copy of the offer into a foreign feed before."""
    async with StoreNode(tmp_path, "regiao") as region, StoreNode(tmp_path, "feira") as other:
        offer = vila.offer("padaria", "Pão")
        await vila.publish(offer)
        await serra.follow(vila)
        await region.follow(other, TRUST)
        await insert(region, other, CATALOG, offer)
        order = order_of(serra, vila, offer, region.network.id)
        await serra.publish(order)
        await serra.deliver_to(region)
        before = await region.state(order)
        await region.follow(vila)

        assert (before, await region.state(offer), await region.state(order)) == ("waiting", "valid", "valid")


async def test_a_follower_judges_a_mapped_profile_as_its_home_did(vila: StoreNode, serra: StoreNode) -> None:
    """What the network told of a school stays valid for who comes after the school listed keys of its own."""
    school = serra.network.mapped("prefeitura")
    profile = serra.network.by_network("profile", {"agent": school.id, "name": "Prefeitura"})
    await serra.publish(school, profile)
    keys = {"type": "public_body", "keys": [device("prefeitura")]}
    await serra.publish(serra.network.by_network("agent", keys, thing=school.id, previous=school.id))
    await vila.follow(serra)

    assert (await serra.state(profile), await vila.state(profile)) == ("valid", "valid")
    assert await audit_database(vila.database.path, workers=0) == []


async def insert(node: StoreNode, source: StoreNode, name: str, *items: Record) -> None:
    """Make a node take a feed that the source signed over whatever it liked."""
    leaves = [encode_leaf(Leaf(item.id, 2)) for item in items]
    head = forged(source, leaves, name)
    entries = list(zip(leaves, map(encode_record, items), strict=True))
    assert await node.replication.ingest(head.feed, 0, entries, head.note, []) == len(items)


def forged(node: StoreNode, leaves: list[bytes], name: str) -> Head:
    """Sign a head of a node's feed over leaves that it never published."""
    key, root = node.feed(name), root_of(map(leaf_hash, leaves))
    note = sign_checkpoint(origin_of(key), size=len(leaves), root=root, seed=named(f"{node.network.name} checkpoint"))
    return Head(key, len(leaves), root, note)


def order_of(buyer: StoreNode, seller: StoreNode, offer: Record, *others: bytes) -> Record:
    """Give an order of the school for the bakery's bread."""
    agents = (seller.network.member("padaria").id, buyer.network.member("escola").id)
    body = order_body(offer.id, offer.id, seller=agents[0], buyer=agents[1])
    return buyer.network.by("escola", "order", body, to=(buyer.network.id, seller.network.id, *others))


@pytest.mark.parametrize("cut", [1, 2])
async def test_no_home_goes_back_to_keys_that_were_withdrawn(vila: StoreNode, serra: StoreNode, cut: int) -> None:
    """A leaf that reads keys at an earlier size than the leaf before it is refused, in one range or in two."""
    school = serra.network.member("escola")
    new = {"type": "person", "keys": [device("escola 2")]}
    await serra.publish(serra.network.by("escola", "agent", new, thing=school.id, previous=school.id))
    await vila.follow(serra, TRUST)
    body = {"title": "Mel", "category": "honey", "measure": "KGM", "per": 1000, "price": []}
    fresh = signed("offer", body, by="escola 2", author=school.id, home=serra.network.id)
    stolen = serra.network.by("escola", "offer", body)
    entries = [
        (encode_leaf(Leaf(item.id, keys_at)), encode_record(item)) for item, keys_at in ((fresh, 5), (stolen, 4))
    ]
    whole = forged(serra, [leaf for leaf, _ in entries], CATALOG)
    if cut == 1:
        first = forged(serra, [entries[0][0]], CATALOG)
        await vila.replication.ingest(first.feed, 0, entries[:1], first.note, [])
    with pytest.raises(RemoteProtocolError) as caught:
        await vila.replication.ingest(whole.feed, 2 - cut, entries[2 - cut :], whole.note, [])

    assert caught.value.code == Code.CONFLICT
    assert await vila.state(stolen) is None
