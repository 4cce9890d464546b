"""The catalogue follows the records: every change is there after its commit, and a rebuild gives the same tables."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, delete, insert, select

from node.store import catalogue
from node.store.catalogue_tables import AGENTS, CATALOGUE_TABLES, NEEDS, OFFERS, order_state, posting, thing
from node.store.database import Connection
from node.store.search import groups_of, search
from protocol.feeds import CATALOG, TRADE, TRUST
from protocol.record import Record
from tests.builders import NOW_MS, order_body
from tests.store_node import StoreNode


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[StoreNode]:
    """A node with two members."""
    async with StoreNode(tmp_path, "vila") as node:
        await node.enrol("maria", "ana")
        yield node


async def titles(node: StoreNode, query: str = "", *, shelf: int = OFFERS, limit: int = 50) -> list[str]:
    """Search, and give the titles in the order in which they were found."""
    async with node.database.read() as connection:
        groups = await groups_of(connection, shelf, query)
        found = await search(connection, shelf=shelf, groups=groups, limit=limit, now_ms=NOW_MS)
        numbers = [number for _, number in found.positions]
        rows = await connection.execute(select(thing.c.number, thing.c.title).where(thing.c.number.in_(numbers)))
        by_number = {row.number: row.title for row in rows}
    return [by_number[number] for number in numbers]


async def tables(node: StoreNode) -> dict[str, set[tuple[Any, ...]]]:
    """Give everything that the catalogue holds."""
    async with node.database.read() as connection:
        return {str(table.name): await _rows(connection, table) for table in CATALOGUE_TABLES}


async def _rows(connection: Connection, table: Table) -> set[tuple[Any, ...]]:
    return {tuple(row) for row in await connection.execute(select(table))}


def profile(node: StoreNode, name: str, **fields: Any) -> Record:
    """Give a member's profile."""
    return node.network.by(name, "profile", {"agent": node.network.member(name).id, "name": name.title(), **fields})


async def test_accents_case_and_plurals_dont_matter(vila: StoreNode) -> None:
    """What people type finds what others wrote."""
    await vila.publish(vila.offer("maria", "Pães de açúcar"), vila.offer("maria", "Mel", category="honey"))

    assert await titles(vila, "PAO acucar") == ["Pães de açúcar"]
    assert await titles(vila, "acuc") == ["Pães de açúcar"]
    assert await titles(vila, "mel pão") == []
    assert sorted(await titles(vila)) == ["Mel", "Pães de açúcar"]


async def test_a_category_finds_what_is_in_it(vila: StoreNode) -> None:
    """A word that names a category finds its offers, in any of the languages, broader categories too."""
    await vila.publish(vila.offer("maria", "Filão caseiro", category="bread"))

    assert await titles(vila, "bread") == ["Filão caseiro"]
    assert await titles(vila, "alimentos") == ["Filão caseiro"]


async def test_a_revision_takes_the_place_of_the_first(vila: StoreNode) -> None:
    """The old words find nothing any more, the thing keeps its number."""
    first = vila.offer("maria", "Geleia de uva")
    await vila.publish(first)
    second = vila.network.by(
        "maria", "offer", {**first.body_value(), "title": "Doce de figo"}, thing=first.id, previous=first.id
    )
    await vila.publish(second)

    assert await titles(vila, "uva") == []
    assert await titles(vila, "figo") == ["Doce de figo"]
    assert await titles(vila) == ["Doce de figo"]


async def test_what_has_ended_is_not_found(vila: StoreNode) -> None:
    """An offer whose time is over is left out."""
    await vila.publish(vila.offer("maria", "Uva", until_ms=NOW_MS), vila.offer("maria", "Figo", until_ms=NOW_MS + 1))

    assert await titles(vila) == ["Figo"]


async def test_ranking_is_local_then_near_then_cheap(tmp_path: Path) -> None:
    """Own network first, whatever the distance; then kilometres; then the price; a later profile moves all of it."""
    async with StoreNode(tmp_path, "vila") as vila, StoreNode(tmp_path, "serra") as serra:
        await vila.enrol("maria")
        await serra.enrol("near", "far")
        await vila.publish(vila.offer("maria", "own", price=[{"unit": "BRL", "amount": 99_000}]))
        await serra.publish(
            serra.offer("far", "far", price=[{"unit": "BRL", "amount": 1}]),
            serra.offer("near", "near dear", price=[{"unit": "BRL", "amount": 500}]),
            serra.offer("near", "near cheap", price=[{"unit": "BRL", "amount": 400}]),
        )
        await vila.follow(serra, TRUST, CATALOG)
        assert await titles(vila) == ["own", "far", "near cheap", "near dear"]

        home = {"agent": vila.network.id, "name": "Vila", "latitude_e6": -29_700_000, "longitude_e6": -51_000_000}
        await vila.publish(vila.network.by_network("profile", home))
        await serra.publish(
            profile(serra, "near", latitude_e6=-29_000_000, longitude_e6=-51_000_000),
            profile(serra, "far", latitude_e6=-20_000_000, longitude_e6=-51_000_000),
        )
        await vila.follow(serra, TRUST, CATALOG)

        assert await titles(vila) == ["own", "near cheap", "near dear", "far"]
        before = await tables(vila)
        await vila.database.write(catalogue.rebuild)
        assert await tables(vila) == before


async def test_agents_are_found_by_their_profile(vila: StoreNode) -> None:
    """Name, town and category find an agent; what an old profile said doesn't."""
    first = profile(vila, "maria", city="Esperança", categories=["honey"])
    await vila.publish(first)
    assert await titles(vila, "esperanca", shelf=AGENTS) == ["Maria"]
    assert await titles(vila, "honey", shelf=AGENTS) == ["Maria"]

    body = {"agent": vila.network.member("maria").id, "name": "Maria Clara"}
    await vila.publish(vila.network.by("maria", "profile", body, thing=first.id, previous=first.id))

    assert await titles(vila, "esperanca", shelf=AGENTS) == []
    assert await titles(vila, "clara", shelf=AGENTS) == ["Maria Clara"]


async def test_newer_needs_come_first(vila: StoreNode) -> None:
    """Among needs of one place, the newest is on top."""
    body = {"category": "bread", "measure": "KGM", "firmness": "firm"}
    needs = [vila.network.by("maria", "need", {**body, "title": title}) for title in ("one", "two", "three")]
    await vila.publish(*needs)

    assert await titles(vila, shelf=NEEDS) == ["three", "two", "one"]


async def test_order_states_follow_their_events(vila: StoreNode) -> None:
    """The state is that of the fold, after each event."""
    seller, buyer = (vila.network.member(name).id for name in ("maria", "ana"))
    offer = vila.offer("maria", "Pão")
    order = vila.network.by(
        "ana", "order", order_body(offer.id, offer.id, seller=seller, buyer=buyer), to=(vila.network.id,)
    )
    await vila.publish(offer, order)
    states = [await _states(vila)]
    for by, action in (("maria", "accepted"), ("maria", "delivered"), ("ana", "received")):
        body = {"order": order.id, "action": action, "rows": [{"row": 0, "quantity": 10_000}]}
        await vila.publish(vila.network.by(by, "event", body, to=(vila.network.id,)))
        states.append(await _states(vila))

    assert states == [["placed"], ["accepted"], ["delivered"], ["received"]]
    before = await tables(vila)
    await vila.database.write(catalogue.rebuild)
    assert await tables(vila) == before


async def _states(node: StoreNode) -> list[str]:
    async with node.database.read() as connection:
        return list((await connection.execute(select(order_state.c.state))).scalars())


async def test_a_delivered_order_is_in_the_catalogue_of_its_network(tmp_path: Path) -> None:
    """An order that came as a bundle, before its feed did, has its state there too."""
    async with StoreNode(tmp_path, "vila") as vila, StoreNode(tmp_path, "serra") as serra:
        await vila.enrol("maria")
        await serra.enrol("ana")
        offer = vila.offer("maria", "Pão")
        await vila.publish(offer)
        await serra.follow(vila, TRUST, CATALOG)
        await vila.follow(serra, TRUST)
        body = order_body(
            offer.id, offer.id, seller=vila.network.member("maria").id, buyer=serra.network.member("ana").id
        )
        await serra.publish(serra.network.by("ana", "order", body, to=(vila.network.id, serra.network.id)))
        assert await serra.deliver_to(vila) == 1

        assert await _states(vila) == ["placed"]
        before = await tables(vila)
        await vila.follow(serra, TRADE)
        await vila.database.write(catalogue.rebuild)
        assert await tables(vila) == before


async def test_an_undone_job_leaves_nothing(vila: StoreNode) -> None:
    """A record whose job failed after it was judged is in no table of the catalogue."""

    async def fail(connection: Connection) -> None:
        await connection.execute(insert(posting).values(shelf=0, term="x", rank=1, thing=1))
        raise ValueError

    before = await tables(vila)
    with pytest.raises(ValueError):
        await vila.database.write(fail)
    await vila.publish(vila.offer("maria", "Figo"))

    assert len((await tables(vila))["thing"]) == len(before["thing"]) + 1


async def test_an_older_database_gets_its_catalogue(tmp_path: Path) -> None:
    """Records that were stored before there was a catalogue are in it after the next start."""

    async def forget(connection: Connection) -> None:
        for table in CATALOGUE_TABLES:
            await connection.execute(delete(table))

    async with StoreNode(tmp_path, "vila") as node:
        await node.enrol("maria")
        await node.publish(node.offer("maria", "Figo"))
        await node.database.write(forget)
        assert await titles(node) == []

    async with StoreNode(tmp_path, "vila") as node:
        assert await titles(node) == ["Figo"]
