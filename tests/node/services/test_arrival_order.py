"""Whatever order feeds and bundles arrive in, every follower comes to the same verdicts."""

import asyncio
import random
from pathlib import Path

import pytest

from node.audit.database import audit_database
from node.store import audit_reading as reading
from node.store import tables
from protocol.feeds import CATALOG, TRADE, TRUST, FeedKey
from tests.builders import NOW_MS, device
from tests.store_node import StoreNode
from tests.trade import order_of


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with two networks that have traded, revised things, changed keys and ended memberships."""
    folder = tmp_path_factory.mktemp("sources")
    asyncio.run(_make(folder))
    return folder


async def _make(folder: Path) -> None:
    async with (
        StoreNode(folder, "vila") as vila,
        StoreNode(folder, "serra") as serra,
        StoreNode(folder, "regiao") as region,
    ):
        await vila.enrol("padaria", "maria")
        await serra.enrol("escola")
        offer = vila.offer("padaria", "Pão")
        await vila.publish(offer)
        await _revise(vila)
        for node in (serra, region):
            await node.follow(vila)
        order = order_of(serra, vila, region, offer.id)
        await serra.publish(order)
        await vila.follow(serra)
        rows = [{"row": 0, "quantity": 2000}]
        body = {"order": order.id, "action": "accepted", "rows": rows}
        await vila.publish(vila.network.by("padaria", "event", body, to=order.header.to))
        await serra.follow(vila)
        body = {"order": order.id, "action": "received", "rows": rows}
        await serra.publish(serra.network.by("escola", "event", body, to=order.header.to))


async def _revise(vila: StoreNode) -> None:
    """Revise an offer ten times, with a change of keys and a seal in between."""
    first = current = vila.offer("maria", "Geleia")
    await vila.publish(first)
    maria = vila.network.member("maria").id
    for number in range(10):
        body = {**first.body_value(), "title": f"Geleia {number}"}
        current = vila.network.by("maria", "offer", body, thing=first.id, previous=current.id)
        await vila.publish(current)
        if number == 4:
            keys = {"type": "person", "keys": [device("maria"), device("maria laptop")]}
            await vila.publish(vila.network.by("maria", "agent", keys, thing=maria, previous=maria))
    commission = vila.network.member("padaria").id
    seal = vila.network.by_network(
        "seal",
        {
            "name": "Sem veneno",
            "about": "Nada de veneno.",
            "criteria": ["sem veneno"],
            "commission": commission,
            "quorum": 1,
            "months": 12,
        },
    )
    await vila.publish(seal)
    visit = {"type": "visit", "seal": seal.id, "subject": first.id, "result": "pass", "conflict": False}
    await vila.publish(vila.network.by("padaria", "attestation", visit))
    await vila.publish(vila.network.membership(maria, state="ended", created_ms=NOW_MS + 1))


async def _verdicts(node: StoreNode, of: set[bytes]) -> dict[bytes, tuple[str, str | None]]:
    """Give state and code of every record of these networks."""
    async with node.database.read() as connection:
        return {
            row["id"]: (row["state"], row["code"])
            async for row in reading.rows(connection, tables.record)
            if row["network"] in of
        }


@pytest.mark.parametrize("seed", range(8))
async def test_the_order_of_arrival_changes_no_verdict(sources: Path, tmp_path: Path, seed: int) -> None:
    """Ranges of all feeds in random pieces and order, bundles in between, some of it twice: the same states."""
    draw = random.Random(seed)
    async with (
        StoreNode(sources, "vila") as vila,
        StoreNode(sources, "serra") as serra,
        StoreNode(tmp_path, "regiao") as region,
    ):
        todo: list[tuple[StoreNode, FeedKey]] = [
            (node, node.feed(name)) for node in (vila, serra) for name in (TRUST, CATALOG, TRADE)
        ]
        bundles = [
            await node.replication.bundle(record_id)
            for node in (vila, serra)
            for record_id in await node.replication.outbox(region.network.id)
        ]
        while todo:
            node, key = draw.choice(todo)
            if bundles and draw.random() < 0.2:
                await region.replication.deliver(draw.choice(bundles))
            async with region.database.read() as connection:
                state = await region.feeds.find(connection, key)
            size = 0 if state is None else state.size
            start = max(0, size - draw.choice((0, 0, 1, 3)))
            loaded = await node.replication.load(key, start, 100_000, draw.randint(2, 6), region.network.id)
            assert loaded is not None
            end = start + len(loaded.entries)
            note, proof = loaded.head.note, loaded.proof
            if await region.replication.ingest(key, start, loaded.entries, note, proof) >= end == loaded.head.size:
                todo.remove((node, key))
        found = await _verdicts(region, {vila.network.id, serra.network.id})

        assert {state for state, _ in found.values()} == {"valid"}
        own = region.network.id
        sizes = [size for key, (size, _) in (await region.roots()).items() if key.network != own]
        assert len(found) == sum(sizes)
        assert await audit_database(region.database.path, workers=0) == []
