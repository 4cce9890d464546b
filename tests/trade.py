"""A small trade between three nodes without sockets, so that their folders hold rows in every table.

Vila's bakery offers bread in many revisions, Serra's school orders it; one record waits, one is void, one is mapped.
"""

from __future__ import annotations

from protocol.feeds import CATALOG, TRADE, TRUST
from protocol.merkle.checkpoint import origin_of, sign_checkpoint
from protocol.merkle.leaf import Leaf, encode_leaf
from protocol.merkle.tree import leaf_hash, root_of
from protocol.record import Record, encode_record
from tests.builders import NOW_MS, device, named
from tests.store_node import StoreNode


async def trade(vila: StoreNode, serra: StoreNode, region: StoreNode) -> Record:
    """Let the three trade and replicate; give the order."""
    await vila.enrol("padaria", "maria")
    await serra.enrol("escola")
    maria = vila.network.member("maria").id
    keys = {"type": "person", "keys": [device("maria"), device("maria laptop")]}
    left = {"type": "person", "keys": [device("maria laptop")]}
    more = vila.network.by("maria", "agent", keys, thing=maria, previous=maria)
    await vila.publish(more, vila.network.by("maria", "agent", left, thing=maria, previous=more.id))
    await vila.publish(vila.network.membership(maria, state="ended", created_ms=NOW_MS + 2))
    await vila.publish(
        vila.network.mapped("escola"),
        vila.network.membership(maria, "member", "treasurer", created_ms=NOW_MS + 1),
        *(vila.offer("padaria", f"Pão {number}") for number in range(20)),
    )
    offer = vila.offer("padaria", "Pão")
    await vila.publish(offer)
    for node in (serra, region):
        await node.follow(vila)
    order = order_of(serra, vila, region, offer.id)
    await serra.publish(order)
    for node in (vila, region):
        await node.follow(serra, TRUST)
        await serra.deliver_to(node)
    await vila.follow(serra, CATALOG, TRADE)
    body = {"order": order.id, "action": "accepted", "rows": [{"row": 0, "quantity": 2000}]}
    await vila.publish(vila.network.by("padaria", "event", body, to=order.header.to))
    return order


async def misbehave(source: StoreNode, follower: StoreNode) -> None:
    """Append to a network's catalog, as only its own key could, a void record and one that waits, and pass them on."""
    loaded = await source.replication.load(source.feed(CATALOG), 0, 1_000_000, 1000, follower.network.id)
    before = [] if loaded is None else loaded.entries
    void = source.network.by("joana", "offer", {"title": 7})
    waits = source.network.by("escola", "profile", {"agent": named("nobody"), "name": "Ninguém"}, created_ms=NOW_MS + 5)
    fresh = [(encode_leaf(Leaf(item.id, 4)), encode_record(item)) for item in (void, waits)]
    entries = [*before, *fresh]
    size, root = len(entries), root_of(leaf_hash(leaf) for leaf, _ in entries)
    key = source.feed(CATALOG)
    note = sign_checkpoint(origin_of(key), size=size, root=root, seed=named(f"{source.network.name} checkpoint"))
    await follower.replication.ingest(key, len(before), fresh, note, [])


def order_of(buyer: StoreNode, seller: StoreNode, region: StoreNode, offer: bytes) -> Record:
    """Give an order of the school for the bakery's bread, addressed to both networks and the region."""
    rows = [
        {"title": "Pão", "measure": "KGM", "quantity": 2000, "price": [{"unit": "BRL", "amount": 650}], "per": 1000}
    ]
    body = {
        "offer": offer,
        "offer_record": offer,
        "seller": seller.network.member("padaria").id,
        "buyer": buyer.network.member("escola").id,
        "rows": rows,
    }
    to = tuple({buyer.network.id, seller.network.id, region.network.id})
    return buyer.network.by("escola", "order", body, to=to)
