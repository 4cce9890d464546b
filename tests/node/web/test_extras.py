"""Feed, manifest, service worker, colours, flag and robots."""

import json
from xml.etree.ElementTree import fromstring

from msgspec.structs import replace

from tests.node.web.conftest import Site
from tests.node.web.reading import HandReading
from tests.node.web.views import LISTINGS, NETWORK, OFFER_BREAD

ATOM = "{http://www.w3.org/2005/Atom}"


async def test_the_feed_has_what_rfc_4287_asks_for(site: Site) -> None:
    """Feed and entries have id, title and updated; links are absolute; the newest stands first."""
    answer = await site.get("/feed.atom")
    feed = fromstring(await answer.read())  # noqa: S314 -- our own
    entries = feed.findall(f"{ATOM}entry")

    assert "application/atom+xml" == answer.content_type
    assert len(LISTINGS) == len(entries)
    for element in [feed, *entries]:
        for name in ("id", "title", "updated", "author"):
            assert element.find(f"{ATOM}{name}") is not None
    updated = [entry.findtext(f"{ATOM}updated") or "" for entry in entries]
    assert sorted(updated, reverse=True) == updated
    links = [link.get("href", "") for entry in entries for link in entry.findall(f"{ATOM}link")]
    assert all(link.startswith("http://127.0.0.1:8801/") for link in links)
    assert any("R$\u00a06,00" in (entry.findtext(f"{ATOM}summary") or "") for entry in entries)


async def test_hostile_text_leaves_the_feed_readable(site: Site, reading: HandReading) -> None:
    """Control characters and markup in a title don't break the feed."""
    reading.all = [replace(OFFER_BREAD, title="<b>\x00\x0bPão & mel]]>\ufffe\U0001f35e", about="\ud800")]
    feed = fromstring(await (await site.get("/feed.atom")).read())  # noqa: S314 -- our own

    assert "Ofereço: <b>Pão & mel]]>\U0001f35e" == feed.findtext(f"{ATOM}entry/{ATOM}title")


async def test_a_feed_without_entries_is_valid(site: Site, reading: HandReading) -> None:
    """Nothing published: still a feed."""
    reading.all = []
    feed = fromstring(await (await site.get("/feed.atom")).read())  # noqa: S314 -- our own

    assert "1970-01-01T00:00:00Z" == feed.findtext(f"{ATOM}updated")


async def test_the_manifest_names_the_network(site: Site) -> None:
    """A phone keeps the network under its name, colour and flag, in the reader's language."""
    answer = await site.get("/manifest.webmanifest", headers={"Accept-Language": "es"})
    manifest = json.loads(await answer.text())

    assert "application/manifest+json" == answer.content_type
    assert NETWORK.name == manifest["name"]
    assert "#b8432b" == manifest["theme_color"]
    assert "es" == manifest["lang"]
    for icon in manifest["icons"]:
        assert 200 == (await site.get(icon["src"])).status


async def test_the_service_worker_keeps_files_that_exist(site: Site) -> None:
    """All addresses that it fetches at installation are answered, and it may work for the whole site."""
    answer = await site.get("/service-worker.js")
    text = await answer.text()
    kept = json.loads(text.partition("const STATIC = ")[2].partition(";\n")[0])

    assert "text/javascript" == answer.content_type
    assert "no-cache" == answer.headers["Cache-Control"]
    assert kept
    for path in [*kept, "/offline"]:
        assert 200 == (await site.get(path)).status


async def test_the_network_has_its_own_colour(site: Site) -> None:
    """The small stylesheet carries the network's colour."""
    assert "#b8432b" in await (await site.get("/look.css")).text()


async def test_robots_may_read_pages(site: Site) -> None:
    """Search engines are let in to the pages and kept out of the API."""
    text = await (await site.get("/robots.txt")).text()

    assert "Disallow: /api/" in text
    assert "Disallow: /\n" not in text
