"""The pages over a real catalogue: signed records go in, pages come out, and every link of them leads somewhere."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from node.clock import FixedClock
from node.config import Config
from node.services.catalogue import Catalogue
from node.services.peers import Peers
from node.store.catalogue import open_catalogue
from node.web.routes import add_pages
from protocol.identifiers import to_text
from tests.builders import NOW_MS, bodies
from tests.node.web.conftest import Site
from tests.node.web.markup import Page
from tests.node.web.test_routes import FORBIDDEN
from tests.store_node import StoreNode

PAGES_MAX = 200
# Belong to the API, which isn't part of this application.
OF_PROGRAMS = ("/api/", "/.well-known/", "/healthz")


async def publish(node: StoreNode) -> None:
    """Fill a network with one of everything that pages show."""
    network, body = node.network, bodies(node.network)
    await node.enrol("padaria", "maria", "ana", "comissao")
    by_network = {"agent": network.id, "name": "Vila Esperança", "city": "Esperança", "colour": "#1f6b4a"}
    unit = {"name": "sabiá", "symbol": "SB", "exponent": 2}
    place = {"latitude_e6": -29_760_000, "longitude_e6": -51_148_000}
    school = network.mapped("escola")
    of_school = {"agent": school.id, "name": "Escola Paulo Freire", "city": "Esperança"}
    bakery = network.member("padaria").id
    names = {"agent": bakery, "name": "Padaria Comunitária", "city": "Esperança", "about": "Pães de casca grossa."}
    await node.publish(
        school,
        network.by_network("profile", {**by_network, **place, "unit": unit}),
        network.by_network("profile", of_school),
        network.by("padaria", "profile", names),
    )
    fair = network.by("padaria", "place", body["place"])
    need = network.by("maria", "need", {**body["need"], "place": fair.id})
    await node.publish(fair, need)
    plain = {name: value for name, value in body["offer"].items() if name != "item"}
    offer = network.by("padaria", "offer", {**plain, "answers": need.id, "place": fair.id})
    seal = network.by("comissao", "seal", {**body["seal"], "commission": network.member("comissao").id})
    post = network.by("padaria", "post", {**body["post"], "about": bakery})
    await node.publish(offer, seal, post)
    visit = {"type": "visit", "seal": seal.id, "subject": offer.id, "result": "pass", "conflict": False}
    await node.publish(network.by("maria", "attestation", visit), network.by("ana", "attestation", visit))


@pytest.fixture
async def real(tmp_path: Path) -> AsyncIterator[Site]:
    """A browser in front of the pages of a real node."""
    async with StoreNode(tmp_path, "vila") as node:
        await publish(node)
        await open_catalogue(node.database)
        catalogue = Catalogue(
            database=node.database,
            home=node.network.id,
            config=Config(directory=node.folder, url="http://127.0.0.1:8801"),
            clock=node.clock,
            peers=await Peers.open(node.database),
        )
        app = web.Application()
        add_pages(app, catalogue, FixedClock(NOW_MS))
        async with TestClient(TestServer(app)) as client:
            yield client


async def test_walking_along_the_links_reaches_everything(real: Site) -> None:
    """From the first page every link of this network is answered by a well-formed page in plain words."""
    waiting, seen = ["/"], {"/"}
    texts = {}
    while waiting and len(seen) < PAGES_MAX:
        path = waiting.pop(0)
        answer = await real.get(path)
        assert 200 == answer.status, path
        if answer.content_type != "text/html":
            continue
        page = Page(await answer.text())
        assert [] == page.faults, path
        texts[path] = page.text
        for link in page.links:
            if link.startswith("/") and not link.startswith(OF_PROGRAMS) and "lang=" not in link and link not in seen:
                seen.add(link)
                waiting.append(link)
    everything = " ".join(texts.values()).replace("\u00a0", " ")

    for expected in (
        "Pão de trigo integral",
        "R$ 6,50 + 4,00 SB por kg",
        "Pão para a merenda",
        "Padaria Comunitária",
        "Escola Paulo Freire",
        "Mapeado, ainda não entrou",
        "Feito na Vila",
        "Visitas feitas; falta a decisão da comissão",
        "O forno",
        "Feira da Esperança",
        "trigo da serra",
    ):
        assert expected in everything, expected
    commands = ("mutirao ", "--node ")
    for path, text in texts.items():
        if path != "/server" and not any(command in text for command in commands):
            assert [] == FORBIDDEN.findall(text), path


async def test_search_ignores_accents(real: Site) -> None:
    """Words without accents, and in capitals, find what was written with them."""
    for query in ("PAO", "p%C3%A3o", "integral+pao"):
        page = Page(await (await real.get(f"/offers?q={query}")).text())

        assert "Pão de trigo integral" in page.text, query


async def test_what_readers_send_is_never_our_failure(real: Site) -> None:
    """Cursors, ids and searches that make no sense get a page that says so, never a failure."""
    odd = ["\x00", "a" * 300, "%", "' OR 1=1 --", "🍞", "../../etc/passwd", "NEAR(", '"*"', "９９", "-1", "1-1-1"]
    for value in odd:
        for path in ("/offers", "/needs", "/agents"):
            for name in ("q", "cursor", "category"):
                answer = await real.get(path, params={name: value})
                assert answer.status in (200, 400), (path, name, value)
                assert [] == Page(await answer.text()).faults
    identifiers = [to_text("offer", b"o" * 32), "offer:zzz", "a" * 52, "%00", "é"]
    for identifier in identifiers:
        for path in ("/offers", "/needs", "/agents", "/seals", "/categories"):
            assert 404 == (await real.get(f"{path}/{identifier}")).status, (path, identifier)
