"""Two nodes hold the same after they replicated, whatever comes in which order; bytes that fail leave nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from node.audit.database import audit_database
from node.store.database import Connection
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import CATALOG, LEDGER, TRADE, TRUST, Head
from protocol.merkle.checkpoint import origin_of, sign_checkpoint
from protocol.merkle.leaf import Leaf, encode_leaf
from protocol.merkle.tree import leaf_hash, root_of
from protocol.record import Record, decode_record, encode_record
from tests.builders import named
from tests.store_node import StoreNode


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[StoreNode]:
    """Open the node of a network with two members."""
    async with StoreNode(tmp_path, "vila") as node:
        await node.enrol("maria", "padaria")
        yield node


@pytest.fixture
async def serra(tmp_path: Path) -> AsyncIterator[StoreNode]:
    """Open the node of a network with one member."""
    async with StoreNode(tmp_path, "serra") as node:
        await node.enrol("escola")
        yield node


async def test_a_follower_holds_the_same_roots_and_states(vila: StoreNode, serra: StoreNode) -> None:
    """After pulling in small pieces, every record and every root is the follower's too."""
    offers = [vila.offer("padaria", f"Pão {number}") for number in range(30)]
    await vila.publish(*offers)
    await serra.pull(vila, vila.feed(TRUST), count=3)
    await serra.pull(vila, vila.feed(CATALOG), count=7)

    assert {await serra.state(offer) for offer in offers} == {"valid"}
    there = await vila.roots()
    assert {key: root for key, root in (await serra.roots()).items() if key in there} == there


async def test_records_wait_for_the_trust_feed(vila: StoreNode, serra: StoreNode) -> None:
    """What comes before the keys that it was signed with waits, and counts once they are here."""
    offer = vila.offer("padaria", "Pão")
    await vila.publish(offer)
    await serra.pull(vila, vila.feed(TRUST), count=2)
    await serra.pull(vila, vila.feed(TRUST), count=2)
    loaded = await vila.replication.load(vila.feed(TRUST), 0, 10_000, 2, serra.network.id)
    assert loaded is not None
    third = await StoreNode(serra.folder, "feira").__aenter__()
    await third.replication.ingest(vila.feed(TRUST), 0, loaded.entries, loaded.head.note, loaded.proof)
    await third.pull(vila, vila.feed(CATALOG))
    before = await third.state(offer)
    await third.pull(vila, vila.feed(TRUST))

    assert (before, await third.state(offer)) == ("waiting", "valid")
    await third.close()


async def test_an_order_travels_by_bundle_to_whom_it_is_addressed(
    tmp_path: Path, vila: StoreNode, serra: StoreNode
) -> None:
    """An order reaches its networks, also through the region; followers see its id and nothing more."""
    async with StoreNode(tmp_path, "regiao") as region, StoreNode(tmp_path, "feira") as other:
        offer = vila.offer("padaria", "Pão")
        await vila.publish(offer)
        for node in (serra, region, other):
            await node.follow(vila)
        order = order_of(serra, vila, region, offer.id)
        await serra.publish(order)
        await serra.deliver_to(region)
        for node in (vila, region, other):
            await node.follow(serra, TRUST)
        await other.follow(serra)

        assert await region.state(order) == "valid"
        assert await vila.state(order) is None
        assert await region.deliver_to(vila) == 1
        assert await vila.state(order) == "valid"
        await vila.follow(serra)
        row = await vila.stored(order.id)
        assert row is not None
        assert row.leaf_index == 0
        assert await serra.deliver_to(vila) == 1
        assert await serra.replication.outbox(vila.network.id) == []
        assert await other.state(order) is None
        loaded = await serra.replication.load(serra.feed(TRADE), 0, 10_000, 10, other.network.id)
        assert loaded is not None
        assert [record for _, record in loaded.entries] == [None]


async def test_a_bundle_convinces_who_follows_nothing(tmp_path: Path, vila: StoreNode, serra: StoreNode) -> None:
    """The records of keys in a bundle are enough; what the order names is what it still waits for."""
    async with StoreNode(tmp_path, "regiao") as region:
        offer = vila.offer("padaria", "Pão")
        await vila.publish(offer)
        await serra.follow(vila)
        order = order_of(serra, vila, region, offer.id)
        await serra.publish(order)
        await serra.deliver_to(region)
        waiting = await region.state(order)
        await region.follow(vila)

        assert (waiting, await region.state(order)) == ("waiting", "valid")


@pytest.mark.parametrize("harm", ["record", "leaf", "stripped", "root", "signature", "proof", "beyond"])
async def test_bytes_that_fail_leave_nothing_behind(vila: StoreNode, serra: StoreNode, harm: str) -> None:
    """A range with one wrong byte is refused whole, and the right one is taken afterwards."""
    await vila.publish(*(vila.offer("padaria", f"Pão {number}") for number in range(10)))
    await serra.pull(vila, vila.feed(TRUST))
    key = vila.feed(CATALOG)
    loaded = await vila.replication.load(key, 0, 100_000, 6, serra.network.id)
    assert loaded is not None
    entries, note, proof = list(loaded.entries), loaded.head.note, list(loaded.proof)
    leaf, data = entries[2]
    assert data is not None
    if harm == "record":
        entries[2] = (leaf, data[:-1] + bytes([data[-1] ^ 1]))
    elif harm == "stripped":
        entries[2] = (leaf, encode_record(decode_record(data).without_body()))
    elif harm == "leaf":
        entries[2] = (leaf[:-1] + bytes([leaf[-1] ^ 1]), data)
    elif harm == "root":
        entries[1], entries[2] = entries[2], entries[1]
    elif harm == "signature":
        note = note[:-10] + b"A" + note[-9:] if note[-10:-9] != b"A" else note[:-10] + b"B" + note[-9:]
    elif harm == "proof":
        proof[0] = bytes(32)
    else:
        entries = entries * 2

    with pytest.raises(RemoteProtocolError):
        await serra.replication.ingest(key, 0, entries, note, proof)
    async with serra.database.read() as connection:
        assert await serra.feeds.find(connection, key) is None
    assert await serra.pull(vila, key) == 10


async def test_a_gap_or_an_unknown_network_takes_nothing(vila: StoreNode, serra: StoreNode) -> None:
    """What can't be folded onto what is here is asked for again, without an error."""
    await vila.publish(*(vila.offer("padaria", f"Pão {number}") for number in range(4)))
    key = vila.feed(CATALOG)
    loaded = await vila.replication.load(key, 2, 100_000, 10, serra.network.id)
    assert loaded is not None

    assert await serra.replication.ingest(key, 2, loaded.entries, loaded.head.note, loaded.proof) == 0
    await serra.pull(vila, vila.feed(TRUST))
    assert await serra.replication.ingest(key, 2, loaded.entries, loaded.head.note, loaded.proof) == 0
    assert await serra.pull(vila, key) == 4
    assert await serra.replication.ingest(key, 2, loaded.entries, loaded.head.note, loaded.proof) == 4


async def test_a_home_that_signs_two_histories_is_refused(vila: StoreNode, serra: StoreNode) -> None:
    """A second head that can't be of the same log is refused; what was taken first stays."""
    await vila.publish(vila.offer("padaria", "Pão"))
    await serra.follow(vila)
    key = vila.feed(CATALOG)
    other = vila.offer("padaria", "Bolo")
    leaf = encode_leaf(Leaf(other.id, 6))
    head = forged(vila, [leaf])

    with pytest.raises(RemoteProtocolError) as caught:
        await serra.replication.ingest(key, 0, [(leaf, encode_record(other))], head.note, [])
    assert caught.value.code == Code.CONFLICT
    assert await serra.state(other) is None
    assert (await serra.roots())[key] == (await vila.roots())[key]


async def test_who_holds_another_history_is_not_accused(vila: StoreNode, serra: StoreNode) -> None:
    """A longer range of another history than the one here contradicts it; who passes it on is not to blame."""
    await vila.publish(vila.offer("padaria", "Pão"))
    await serra.follow(vila)
    key = vila.feed(CATALOG)
    others = [vila.offer("padaria", f"Bolo {number}") for number in range(3)]
    leaves = [encode_leaf(Leaf(other.id, 6)) for other in others]
    head = forged(vila, leaves)
    behind = [(leaf, encode_record(other)) for leaf, other in zip(leaves, others, strict=True)][1:]
    foreign = head.note.replace(head.note.splitlines()[-1][-20:], b"A" * 16 + head.note.splitlines()[-1][-4:])

    for start, note in ((1, head.note), (1, foreign)):
        with pytest.raises(RemoteProtocolError) as caught:
            await serra.replication.ingest(key, start, behind, note, [])
        assert caught.value.code == Code.CONFLICT
    assert (await serra.roots())[key] == (await vila.roots())[key]


async def test_what_breaks_a_rule_is_kept_void(vila: StoreNode, serra: StoreNode) -> None:
    """A home that appends what its rules forbid stops nothing: the record is kept, with a code."""
    await serra.pull(vila, vila.feed(TRUST))
    key = vila.feed(CATALOG)
    good = vila.offer("padaria", "Pão")
    unknown = vila.network.by("padaria", "poem", {"text": "pão"})
    stranger = vila.network.by("joana", "offer", {**good.body_value(), "title": "Bolo"})
    replayed = serra.offer("escola", "Sopa")
    items = [unknown, stranger, replayed, good]
    leaves = [encode_leaf(Leaf(item.id, 6)) for item in items]
    head = forged(vila, leaves)
    entries = list(zip(leaves, map(encode_record, items), strict=True))

    assert await serra.replication.ingest(key, 0, entries, head.note, []) == 4
    rows = [await serra.stored(item.id) for item in items]
    assert [(row.state, row.code) for row in rows if row is not None] == [
        ("void", "unknown_kind"),
        ("void", "unknown_author"),
        ("void", "wrong_home"),
        ("valid", None),
    ]
    loaded = await serra.replication.load(key, 0, 100_000, 10, None)
    assert loaded is not None
    assert loaded.entries == entries


async def test_a_copy_in_a_foreign_feed_spoils_nothing(vila: StoreNode, serra: StoreNode, tmp_path: Path) -> None:
    """A network that copies another's records first can't make them void where they belong."""
    offer = vila.offer("padaria", "Pão")
    revised = vila.network.by(
        "padaria", "offer", {**offer.body_value(), "title": "Pão de milho"}, thing=offer.id, previous=offer.id
    )
    await vila.publish(offer, revised)
    async with StoreNode(tmp_path, "regiao") as region:
        await region.pull(serra, serra.feed(TRUST))
        leaf = encode_leaf(Leaf(offer.id, 4))
        note = forged(serra, [leaf]).note
        assert await region.replication.ingest(serra.feed(CATALOG), 0, [(leaf, encode_record(offer))], note, []) == 1
        before = await region.state(offer)
        await region.follow(vila)

        assert (before, await region.state(offer), await region.state(revised)) == ("void", "valid", "valid")
        assert (await region.roots())[vila.feed(CATALOG)] == (await vila.roots())[vila.feed(CATALOG)]
        assert await audit_database(region.database.path, workers=0) == []


async def test_a_copy_in_a_foreign_trust_feed_gives_no_keys(vila: StoreNode, serra: StoreNode, tmp_path: Path) -> None:
    """Who copies another network's member into its own trust feed gets neither keys nor findings of the audit."""
    await vila.enrol("padaria")
    agent = vila.network.member("padaria")
    copied = [agent, vila.network.membership(agent.id)]
    async with StoreNode(tmp_path, "regiao") as region:
        await region.follow(vila)
        trust = [serra.network.agent, serra.network.epoch, *copied]
        leaves = [encode_leaf(Leaf(record.id, index)) for index, record in enumerate(trust)]
        note = forged(serra, leaves, TRUST).note
        entries = [(leaf, encode_record(record)) for leaf, record in zip(leaves, trust, strict=True)]
        assert await region.replication.ingest(serra.feed(TRUST), 0, entries, note, []) == 4

        assert await audit_database(region.database.path, workers=0) == []


async def test_copies_in_a_foreign_trust_feed_spoil_nothing_behind_them(
    vila: StoreNode, serra: StoreNode, tmp_path: Path
) -> None:
    """Who copies the first records of a network can't make those void that stand behind them at home."""
    await vila.enrol("padaria")
    async with StoreNode(tmp_path, "regiao") as region:
        trust = [serra.network.agent, serra.network.epoch, vila.network.agent, vila.network.epoch]
        leaves = [encode_leaf(Leaf(record.id, index)) for index, record in enumerate(trust)]
        entries = [(leaf, encode_record(record)) for leaf, record in zip(leaves, trust, strict=True)]
        await region.replication.ingest(serra.feed(TRUST), 0, entries, forged(serra, leaves, TRUST).note, [])
        before = await region.state(vila.network.agent)
        await region.follow(vila)
        member = vila.network.member("padaria")

        assert (before, await region.state(vila.network.membership(member.id))) == ("void", "valid")
        assert await audit_database(region.database.path, workers=0) == []


async def test_a_copy_in_a_foreign_trade_feed_spoils_no_bundle(
    vila: StoreNode, serra: StoreNode, tmp_path: Path
) -> None:
    """An order that somebody addressed copied into another feed still counts when its bundle comes."""
    async with StoreNode(tmp_path, "regiao") as region:
        offer = vila.offer("padaria", "Pão")
        await vila.publish(offer)
        await serra.follow(vila)
        await region.follow(vila)
        order = order_of(serra, vila, region, offer.id)
        await serra.publish(order)
        leaf = encode_leaf(Leaf(order.id, 6))
        note = forged(vila, [leaf], TRADE).note
        await region.replication.ingest(vila.feed(TRADE), 0, [(leaf, encode_record(order))], note, [])
        before = await region.state(order)
        await serra.deliver_to(region)

        assert (before, await region.state(order)) == ("void", "valid")
        await region.follow(serra)
        row = await region.stored(order.id)
        assert row is not None
        assert (row.state, row.leaf_index) == ("valid", 0)
        assert await audit_database(region.database.path, workers=0) == []


async def test_a_bundle_for_others_or_with_wrong_bytes_is_refused(
    tmp_path: Path, vila: StoreNode, serra: StoreNode
) -> None:
    """Only what is addressed here and proven is taken; nothing of the rest stays."""
    async with AsyncExitStack() as stack:
        region = await stack.enter_async_context(StoreNode(tmp_path, "regiao"))
        other = await stack.enter_async_context(StoreNode(tmp_path, "feira"))
        offer = vila.offer("padaria", "Pão")
        await vila.publish(offer)
        await serra.follow(vila)
        order = order_of(serra, vila, region, offer.id)
        await serra.publish(order)
        data = await serra.replication.bundle(order.id)
        with pytest.raises(RemoteProtocolError) as caught:
            await other.replication.deliver(data)
        assert caught.value.code == Code.WRONG_HOME
        for at in range(0, len(data), 61):
            changed = bytearray(data)
            changed[at] ^= 1
            with pytest.raises(RemoteProtocolError):
                await region.replication.deliver(bytes(changed))
            assert await region.state(order) is None
        assert await region.replication.deliver(data) == await region.replication.deliver(data) == order.id


async def test_the_private_ledger_is_not_given_away(vila: StoreNode) -> None:
    """No peer reads the ledger's feed, and none may send one."""
    with pytest.raises(RemoteProtocolError, match="private"):
        await vila.replication.load(vila.feed(LEDGER), 0, 1000, 10, None)
    with pytest.raises(RemoteProtocolError):
        await vila.replication.ingest(vila.feed(LEDGER), 0, [], b"", [])
    assert LEDGER not in {key.name for key in await vila.replication.heads()}


async def test_changes_are_told_after_they_are_durable(vila: StoreNode, serra: StoreNode) -> None:
    """Links hear which feeds grew and who has something to be delivered."""
    vila.told.clear()
    offer = vila.offer("padaria", "Pão")
    await vila.publish(offer)
    await serra.follow(vila)
    serra.told.clear()
    await serra.publish(order_of(serra, vila, vila, offer.id))

    assert vila.told == [({vila.feed(CATALOG)}, set())]
    assert serra.told == [({serra.feed(TRADE)}, {vila.network.id})]


async def test_what_is_stored_for_a_link_that_ended_is_told(vila: StoreNode, serra: StoreNode) -> None:
    """A range that becomes durable after its link has gone is news for all others all the same."""
    await serra.follow(vila)
    await vila.publish(vila.offer("padaria", "Pão"))
    key = vila.feed(CATALOG)
    loaded = await vila.replication.load(key, 0, 200_000, 100, serra.network.id)
    assert loaded is not None
    serra.told.clear()
    taking = asyncio.create_task(serra.replication.ingest(key, 0, loaded.entries, loaded.head.note, loaded.proof))

    async def leave(_: Connection) -> None:
        taking.cancel()

    serra.database.before_commit.append(leave)
    with pytest.raises(asyncio.CancelledError):
        await taking
    serra.database.before_commit.remove(leave)
    await serra.enrol("ana")

    assert ({key}, set()) in serra.told


async def test_a_node_presents_its_first_records(vila: StoreNode) -> None:
    """HELLO carries the network's agent and epoch."""
    identity = await vila.replication.identity()

    assert (identity.network, identity.epoch) == (vila.network.id, 0)
    assert identity.agent_record == encode_record(vila.network.agent)
    assert identity.epoch_record == encode_record(vila.network.epoch)


def order_of(buyer: StoreNode, seller: StoreNode, region: StoreNode, offer: bytes) -> Record:
    """Give an order of the school for the bakery's bread, addressed to both networks and the region."""
    row = {"title": "Pão", "measure": "KGM", "quantity": 2000, "price": [{"unit": "BRL", "amount": 650}], "per": 1000}
    body = {
        "offer": offer,
        "offer_record": offer,
        "seller": seller.network.member("padaria").id,
        "buyer": buyer.network.member("escola").id,
        "rows": [row],
    }
    to = tuple({buyer.network.id, seller.network.id, region.network.id})
    return buyer.network.by("escola", "order", body, to=to)


def forged(node: StoreNode, leaves: list[bytes], name: str = CATALOG) -> Head:
    """Sign a head of a node's feed over leaves that it never published."""
    key, root = node.feed(name), root_of(map(leaf_hash, leaves))
    seed = named(f"{node.network.name} checkpoint")
    note = sign_checkpoint(origin_of(key), size=len(leaves), root=root, seed=seed)
    return Head(key, len(leaves), root, note)
