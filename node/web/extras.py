"""What stands beside the pages: Atom feed, manifest, service worker, the network's colours and flag, robots."""

import json
from xml.etree.ElementTree import Element, SubElement, tostring

from aiohttp import web

from node.services.views import ListingView, NetworkView
from node.web import formats, look
from node.web.context import language_of, reading_of
from node.web.files import STATIC
from node.web.pages import reader_of
from node.web.reader import Reader
from node.web.render import href

ATOM = "http://www.w3.org/2005/Atom"
FEED_ENTRIES = 30
ROBOTS = "User-agent: *\nDisallow: /api/\nDisallow: /*?cursor=\nCrawl-delay: 10\n"


async def atom(request: web.Request) -> web.Response:
    """Give the newest offers and needs as an Atom feed (RFC 4287)."""
    network = await reading_of(request).network()
    reader = reader_of(request, network)
    newest = await reading_of(request).newest(FEED_ENTRIES)
    feed = Element("feed", {"xmlns": ATOM, "xml:lang": reader.words.language})
    SubElement(feed, "id").text = f"urn:mutirao:{network.id}"
    SubElement(feed, "title").text = _clean(reader.words("feed.title", name=network.name))
    # A feed without entries is as old as anything can be, so that readers see the first entry as news.
    updated_ms = max((listing.created_ms for listing in newest), default=0)
    SubElement(feed, "updated").text = formats.machine_time(updated_ms)
    SubElement(feed, "link", {"rel": "self", "href": f"{network.url}/feed.atom"})
    SubElement(feed, "link", {"rel": "alternate", "href": f"{network.url}/"})
    author = SubElement(feed, "author")
    SubElement(author, "name").text = _clean(network.name)
    for listing in newest:
        feed.append(_entry(listing, network, reader))
    body = tostring(feed, encoding="utf-8", xml_declaration=True)
    headers = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Language, Cookie"}
    return web.Response(body=body, content_type="application/atom+xml", charset="utf-8", headers=headers)


async def manifest(request: web.Request) -> web.Response:
    """Tell a phone how to keep the network among its programs (W3C Web Application Manifest)."""
    network = await reading_of(request).network()
    value = {
        "id": "/",
        "name": network.name,
        "short_name": network.name[:24],
        "description": network.about or "",
        "lang": language_of(request, network),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": look.WALL_DAY,
        "theme_color": look.clean_colour(network.colour),
        "icons": [{"src": "/icon.svg", "sizes": "any", "type": "image/svg+xml", "purpose": "any"}],
    }
    text = json.dumps(value, ensure_ascii=False)
    return web.Response(text=text, content_type="application/manifest+json", headers={"Cache-Control": "no-cache"})


async def look_css(request: web.Request) -> web.Response:
    """Give the network's own colours."""
    network = await reading_of(request).network()
    headers = {"Cache-Control": "public, max-age=3600"}
    return web.Response(text=look.stylesheet(network.colour), content_type="text/css", headers=headers)


async def icon(request: web.Request) -> web.Response:
    """Give the network's flag with its initials."""
    network = await reading_of(request).network()
    headers = {"Cache-Control": "public, max-age=3600"}
    return web.Response(text=look.icon_svg(network.name, network.colour), content_type="image/svg+xml", headers=headers)


async def service_worker(request: web.Request) -> web.Response:
    """Give the service worker, with the addresses of today's files in front."""
    files = request.app[STATIC]
    source = files.get("service-worker.js")
    if source is None:
        raise web.HTTPNotFound
    kept = [files.path(name) for name in files.names() if name != "service-worker.js"]
    head = f"const VERSION = {json.dumps(files.digest)};\nconst STATIC = {json.dumps(kept)};\n"
    headers = {"Cache-Control": "no-cache"}
    return web.Response(text=head + source.content.decode(), content_type="text/javascript", headers=headers)


async def robots(_request: web.Request) -> web.Response:
    """Let search engines read the pages, slowly, and leave the API alone."""
    return web.Response(text=ROBOTS, headers={"Cache-Control": "public, max-age=86400"})


def _entry(listing: ListingView, network: NetworkView, reader: Reader) -> Element:
    words = reader.words
    entry = Element("entry")
    SubElement(entry, "id").text = f"urn:mutirao:{listing.id}"
    kind = words("listing.need" if listing.kind == "need" else "listing.offer")
    SubElement(entry, "title").text = _clean(f"{kind}: {listing.title}")
    SubElement(entry, "updated").text = formats.machine_time(listing.created_ms)
    SubElement(entry, "link", {"rel": "alternate", "href": network.url + href(listing)})
    author = SubElement(entry, "author")
    SubElement(author, "name").text = _clean(listing.author.name)
    SubElement(entry, "category", {"term": _clean(listing.category), "label": reader.category_name(listing.category)})
    price = reader.price(listing.price) if listing.price else ""
    SubElement(entry, "summary").text = _clean("\n".join(part for part in (price, listing.about or "") if part))
    return entry


def _clean(text: str) -> str:
    """Leave out what XML 1.0 can't hold: control characters other than tab and line ends, and lone surrogates."""
    return "".join(
        letter
        for letter in text
        if letter in "\t\n\r" or " " <= letter <= "\ud7ff" or "\ue000" <= letter <= "\ufffd" or letter >= "\U00010000"
    )
