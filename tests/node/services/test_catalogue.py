"""Readers are shown what the records say: listings, agents, seals, orders, the network and its neighbours."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from node.config import Config
from node.services.catalogue import Catalogue
from node.services.names import CatalogueNames
from node.services.neighbours import LinkReport
from node.services.peers import Peers
from node.store.catalogue import open_catalogue
from protocol.errors import RemoteProtocolError
from protocol.feeds import CATALOG, TRUST
from protocol.identifiers import to_text
from protocol.record import Record
from tests.builders import DAY_MS, NOW_MS, named, order_body
from tests.store_node import StoreNode


@dataclass
class Reader:
    """A node with its catalogue."""

    node: StoreNode
    catalogue: Catalogue
    peers: Peers

    def id(self, name: str) -> bytes:
        """Give a member's id."""
        return self.node.network.member(name).id


@dataclass
class Report:
    """A link's report."""

    network: bytes
    state: str = "connected"
    since_ms: int = NOW_MS
    behind: int = 3
    last_error: str | None = None


async def reader(node: StoreNode, reports: list[LinkReport] | None = None) -> Reader:
    """Open the catalogue of a node."""
    await open_catalogue(node.database)
    peers = await Peers.open(node.database)
    config = Config(directory=node.folder, url="http://127.0.0.1:8801")
    catalogue = Catalogue(
        database=node.database,
        home=node.network.id,
        config=config,
        clock=node.clock,
        peers=peers,
        links=lambda: reports or [],
    )
    return Reader(node, catalogue, peers)


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[Reader]:
    """A network with a profile, two members and a place."""
    async with StoreNode(tmp_path, "vila") as node:
        await node.enrol("maria", "ana")
        profile = {
            "agent": node.network.id,
            "name": "Vila Esperança",
            "city": "Esperança",
            "unit": {"name": "sabiá", "symbol": "SB", "exponent": 2},
            "latitude_e6": -29_760_000,
            "longitude_e6": -51_148_000,
        }
        await node.publish(node.network.by_network("profile", profile))
        maria = {"agent": node.network.member("maria").id, "name": "Maria", "city": "São Leopoldo"}
        await node.publish(node.network.by("maria", "profile", maria))
        yield await reader(node)


def offer(at: Reader, **fields: Any) -> Record:
    """Give a full offer of Maria's."""
    unit = at.node.network.unit
    price = [{"unit": "BRL", "amount": 650}, {"unit": unit, "amount": 400}]
    composition = [{"part": "work", "unit": "BRL", "amount": 300, "note": "duas horas"}]
    return at.node.offer("maria", "Pão integral", price=price, composition=composition, **fields)


async def test_every_official_currency_is_money_and_no_credit(vila: Reader) -> None:
    """Euros and pesos are official money like reais, each with its own decimals."""
    price = [{"unit": "EUR", "amount": 300}, {"unit": "CLP", "amount": 2500}]
    record = vila.node.offer("maria", "Bolo", price=price)
    await vila.node.publish(record)

    found = await vila.catalogue.listing(to_text("offer", record.id))

    assert found is not None
    assert found.price is not None
    assert [("EUR", 2, False), ("CLP", 0, False)] == [
        (part.symbol, part.exponent, part.is_credit) for part in found.price.parts
    ]


async def test_a_listing_tells_all_that_was_signed(vila: Reader) -> None:
    """Title, price with its symbols, composition, author, town, distance, what it answers."""
    network = vila.node.network
    need = network.by("ana", "need", {"title": "Merenda", "category": "bread", "measure": "KGM", "firmness": "firm"})
    place = {"name": "Feira", "type": "fair", "latitude_e6": -29_770_000, "longitude_e6": -51_148_000}
    fair = network.by("maria", "place", place)
    record = offer(vila, answers=need.id, place=fair.id, quantity=5000)
    await vila.node.publish(need, fair, record)

    found = await vila.catalogue.listing(to_text("offer", record.id))
    answered = await vila.catalogue.listing(to_text("need", need.id))

    assert found is not None
    assert answered is not None
    assert (found.title, found.author.name, found.city, found.quantity) == (
        "Pão integral",
        "Maria",
        "São Leopoldo",
        5000,
    )
    assert found.is_local
    assert found.distance_m is not None
    assert 1000 < found.distance_m < 1200
    assert found.price is not None
    assert [(part.symbol, part.amount, part.is_credit) for part in found.price.parts] == [
        ("R$", 650, False),
        ("SB", 400, True),
    ]
    assert [(part.part, part.amount.amount, part.note) for part in found.composition] == [("work", 300, "duas horas")]
    assert found.place is not None
    assert found.place.name == "Feira"
    assert found.answers is not None
    assert found.answers.title == "Merenda"
    assert answered.firmness == "firm"
    assert [ref.id for ref in answered.answered_by] == [found.id]
    assert [view.name for view in await vila.catalogue.places(5)] == ["Feira"]


async def test_pages_follow_one_another(vila: Reader) -> None:
    """The cursor goes on where the page ended, and nothing is shown twice or left out."""
    await vila.node.publish(*(vila.node.offer("maria", f"Pão {number}") for number in range(7)))
    seen: list[str] = []
    cursor = None
    pages = 0
    while pages == 0 or cursor is not None:
        page = await vila.catalogue.listings("offer", query="pao", limit=3, cursor=cursor)
        seen += [view.title for view in page.listings]
        cursor = page.cursor
        pages += 1

    assert pages == 3
    assert sorted(seen) == [f"Pão {number}" for number in range(7)]
    assert (await vila.catalogue.listings("offer", limit=3)).total == 7


@pytest.mark.parametrize("cursor", ["", "x", "1", "1-", "-1", "1-x", "9" * 20 + "-1", "١-١", "1-1-1"])
async def test_a_foreign_cursor_is_refused(vila: Reader, cursor: str) -> None:
    """Whatever isn't a cursor of ours is an error with a code."""
    with pytest.raises(RemoteProtocolError) as caught:
        await vila.catalogue.listings("offer", cursor=cursor)

    assert caught.value.code == "malformed"


async def test_categories_and_networks_narrow_a_search(vila: Reader) -> None:
    """A category takes in what is below it; a network only what is its own."""
    await vila.node.publish(offer(vila), vila.node.offer("maria", "Mel", category="honey"))
    own = to_text("agent", vila.node.network.id)

    assert [v.title for v in (await vila.catalogue.listings("offer", category="honey")).listings] == ["Mel"]
    assert len((await vila.catalogue.listings("offer", category="food")).listings) == 2
    assert len((await vila.catalogue.listings("offer", network=own)).listings) == 2
    assert (await vila.catalogue.listings("offer", network=to_text("agent", named("x")))).listings == []
    assert {c.id: c.offers for c in await vila.catalogue.categories()}["food"] == 2


async def test_an_agent_shows_what_it_published(vila: Reader) -> None:
    """Profile, roles, offers, needs and posts, under its own name."""
    post = vila.node.network.by(
        "maria", "post", {"type": "story", "title": "O forno", "text": "Em 2009", "about": vila.id("maria")}
    )
    await vila.node.publish(offer(vila), post)

    found = await vila.catalogue.agent(to_text("agent", vila.id("maria")))

    assert found is not None
    assert (found.ref.name, found.ref.type, found.ref.network_name) == ("Maria", "person", "Vila Esperança")
    assert not found.ref.is_mapped
    assert found.roles == ["member"]
    assert [view.title for view in found.offers] == ["Pão integral"]
    assert [view.title for view in found.posts] == ["O forno"]
    assert found.posts[0].about is not None
    assert found.posts[0].about.title == "Maria"
    assert [view.ref.name for view in (await vila.catalogue.agents(query="maria")).agents] == ["Maria"]


async def test_a_seal_is_shown_until_it_is_revoked(vila: Reader) -> None:
    """Pending with a visit, valid with the award, revoked after the revocation; on the seal and on the offer."""
    network = vila.node.network
    await vila.node.enrol("visitor", "commission")
    commission = network.member("commission").id
    body = {"name": "Selo", "about": "Feito aqui", "criteria": ["limpo"], "quorum": 1, "months": 12}
    seal = network.by("commission", "seal", {**body, "commission": commission})
    record = offer(vila)
    await vila.node.publish(seal, record)
    about = {"seal": seal.id, "subject": record.id, "conflict": False}
    visit = network.by("visitor", "attestation", {**about, "type": "visit", "result": "pass"})
    until_ms = NOW_MS + 90 * DAY_MS
    award = network.by(
        "commission", "attestation", {**about, "type": "award", "visits": [visit.id], "until_ms": until_ms}
    )
    revocation = network.by(
        "commission", "attestation", {**about, "type": "revocation", "award": award.id, "note": "mudou"}
    )
    states: list[str] = []
    view = None
    for step in (visit, award, revocation):
        await vila.node.publish(step)
        shown = await vila.catalogue.listing(to_text("offer", record.id))
        view = await vila.catalogue.seal(to_text("seal", seal.id))
        assert shown is not None
        assert view is not None
        assert [ref.state for ref in shown.seals] == [view.subjects[0].state]
        states.append(view.subjects[0].state)

    assert states == ["pending", "valid", "revoked"]
    assert view is not None
    assert view.subjects[0].owner is not None
    assert view.subjects[0].owner.name == "Maria"
    assert view.subjects[0].revoked_by is not None
    assert [a.type for a in view.subjects[0].attestations] == ["visit", "award", "revocation"]
    assert [v.name for v in await vila.catalogue.seals()] == ["Selo"]


async def test_an_order_shows_its_five_quantities(vila: Reader) -> None:
    """Each side's numbers, the events in their order, and what is due."""
    record = offer(vila)
    body = order_body(record.id, record.id, seller=vila.id("maria"), buyer=vila.id("ana"))
    order = vila.node.network.by("ana", "order", body, to=(vila.node.network.id,))
    await vila.node.publish(record, order)
    for by, action, quantity in (("maria", "accepted", 9000), ("maria", "delivered", 8000), ("ana", "received", 7500)):
        event = {"order": order.id, "action": action, "rows": [{"row": 0, "quantity": quantity}]}
        await vila.node.publish(vila.node.network.by(by, "event", event, to=(vila.node.network.id,)))

    found = await vila.catalogue.order(order.id)
    assert found is not None
    row = found.rows[0]
    assert (row.ordered, row.accepted, row.separated, row.delivered, row.received) == (10_000, 9000, None, 8000, 7500)
    assert found.state == "received"
    assert [event.action for event in found.events] == ["accepted", "delivered", "received"]
    assert [(part.symbol, part.amount) for part in found.total] == [("R$", 4875)]
    assert [v.id for v in (await vila.catalogue.orders(vila.id("ana"))).orders] == [found.id]
    assert [v.id for v in (await vila.catalogue.orders(None)).orders] == [found.id]
    assert (await vila.catalogue.orders(vila.node.network.id)).orders == []
    assert await vila.catalogue.order(record.id) is None
    assert await vila.catalogue.thing(found.id) is None


async def test_orders_come_in_pages(vila: Reader) -> None:
    """Newest first, and the cursor goes on."""
    record = offer(vila)
    await vila.node.publish(record)
    for kilos in range(1, 6):
        body = order_body(record.id, record.id, seller=vila.id("maria"), buyer=vila.id("ana"), kilos=kilos)
        await vila.node.publish(vila.node.network.by("ana", "order", body, to=(vila.node.network.id,)))
    first = await vila.catalogue.orders(None, limit=3)
    second = await vila.catalogue.orders(None, limit=3, cursor=first.cursor)

    assert [v.rows[0].ordered for v in (*first.orders, *second.orders)] == [5000, 4000, 3000, 2000, 1000]
    assert second.cursor is None


async def test_the_network_shows_itself(vila: Reader) -> None:
    """Name, unit and counts."""
    await vila.node.publish(offer(vila), vila.node.network.mapped("escola"))

    view = await vila.catalogue.network()

    assert (view.name, view.city, view.members, view.mapped, view.offers, view.needs) == (
        "Vila Esperança",
        "Esperança",
        2,
        1,
        1,
        0,
    )
    assert view.unit is not None
    assert (view.unit.symbol, view.unit.exponent) == ("SB", 2)


async def test_neighbours_and_feeds_are_listed(tmp_path: Path) -> None:
    """A neighbour shows how its link stands and how much of it is here."""
    async with StoreNode(tmp_path, "vila") as node, StoreNode(tmp_path, "serra") as serra:
        await serra.enrol("ana")
        await serra.publish(serra.offer("ana", "Mel"))
        vila = await reader(node, [Report(serra.network.id)])
        await vila.peers.add(serra.network.id, url="http://127.0.0.1:8802", name="Serra", relation="neighbour")
        await node.follow(serra, TRUST, CATALOG)

        (view,) = await vila.catalogue.neighbours()
        feeds = await vila.catalogue.feeds()

    assert (view.name, view.state, view.behind, view.offers) == ("Serra", "connected", 3, 1)
    assert [(feed.name, feed.size) for feed in view.feeds] == [("trust", 4), ("catalog", 1)]
    assert {feed.network_name for feed in feeds if feed.is_own} != {""}
    assert all(feed.name != "ledger" for feed in feeds)


async def test_what_is_not_there_is_not_found(vila: Reader) -> None:
    """Text that is no id, an unknown id, and an id under another kind all find nothing."""
    record = offer(vila)
    await vila.node.publish(record)

    for text in ("", "offer", "offer:x", to_text("offer", named("no")), to_text("need", record.id), "\x00" * 60):
        assert await vila.catalogue.listing(text) is None
        assert await vila.catalogue.agent(text) is None
        assert await vila.catalogue.seal(text) is None
    assert await vila.catalogue.thing(to_text("offer", record.id)) is not None
    assert len(await vila.catalogue.newest(5)) == 1


async def test_names_are_given_for_every_agent(vila: Reader) -> None:
    """Who has no profile is named by its id; a unit without a network too."""
    names = CatalogueNames(vila.node.database)
    refs = await names.agents([vila.id("maria"), vila.id("ana"), named("nobody")])

    assert refs[vila.id("maria")].name == "Maria"
    assert refs[vila.id("ana")].id.startswith(f"agent:{refs[vila.id('ana')].name}")
    assert refs[named("nobody")].name
    assert (await names.unit(vila.node.network.unit)).symbol == "SB"
    assert (await names.unit("BRL")).symbol == "R$"
    assert (await names.unit(to_text("agent", named("x")))).exponent == 2
    assert (await names.unit("agent:?")).symbol == "?"
