"""The pages of the people: members and enterprises, seals, networks, categories, the server.

Tests: tests/node/web/test_pages.py
"""

from aiohttp import web

from node.services.views import NetworkView
from node.web import commands, pictures, shelves
from node.web.context import id_of, reading_of
from node.web.pages import PATHS, cursor_of, reader_of, text_of
from node.web.render import address, render_page
from protocol.categories import CATEGORIES

AGENTS_PER_PAGE = 24
CATEGORY_LISTINGS = 12


async def agents(request: web.Request) -> web.Response:
    """Search members, enterprises and groups."""
    reading = reading_of(request)
    network = await reading.network()
    query, cursor = text_of(request, "q"), cursor_of(request)
    page = await reading.agents(query=query, limit=AGENTS_PER_PAGE, cursor=cursor)
    values = {
        "query": query,
        "page": page,
        "first_href": address("/agents", {"q": query}) if cursor else None,
        "next_href": address("/agents", {"q": query, "cursor": page.cursor}) if page.cursor else None,
    }
    return render_page(request, "agents.html", network, values)


async def agent(request: web.Request) -> web.Response:
    """Show one member, enterprise or group with what it offers, needs, tells and was attested."""
    reading = reading_of(request)
    network = await reading.network()
    found = await reading.agent(id_of(request, "agent"))
    if found is None:
        raise web.HTTPNotFound
    words = reader_of(request, network).words
    # To be a member is said by "member since"; a task is what one does beyond it.
    roles = [role for role in found.roles if role != "member" and words.has(f"role.{role}")]
    return render_page(request, "agent.html", network, {"agent": found, "roles": roles})


async def seals(request: web.Request) -> web.Response:
    """List the seals."""
    reading = reading_of(request)
    network = await reading.network()
    return render_page(request, "seals.html", network, {"seals": await reading.seals()})


async def seal(request: web.Request) -> web.Response:
    """Show one seal: what it asks, who gives it, to what it was given, and by which visits."""
    reading = reading_of(request)
    network = await reading.network()
    found = await reading.seal(id_of(request, "seal"))
    if found is None:
        raise web.HTTPNotFound
    return render_page(request, "seal.html", network, {"seal": found})


async def networks(request: web.Request) -> web.Response:
    """Show this network and its neighbours, and how well they are heard."""
    reading = reading_of(request)
    network = await reading.network()
    neighbours = await reading.neighbours()
    values = {"neighbours": neighbours, "picture": pictures.network_picture(network, neighbours)}
    return render_page(request, "networks.html", network, values)


async def categories(request: web.Request) -> web.Response:
    """Show all subjects with what stands in each."""
    reading = reading_of(request)
    network = await reading.network()
    reader = reader_of(request, network)
    sums = shelves.counts_of(await reading.categories())
    values = {"trunks": [shelves.shelf(one, sums, reader, depth=1) for one in shelves.trunks()]}
    return render_page(request, "categories.html", network, values)


async def category(request: web.Request) -> web.Response:
    """Show one subject: what lies below it, what is needed, what is offered."""
    reading = reading_of(request)
    network = await reading.network()
    found = CATEGORIES.get(request.match_info["id"])
    if found is None:
        raise web.HTTPNotFound
    reader = reader_of(request, network)
    sums = shelves.counts_of(await reading.categories())
    blocks = [await _block(request, network, kind, found.id) for kind in ("need", "offer")]
    values = {
        "category": {"id": found.id, "name": reader.category_name(found.id), "is_essential": found.essential},
        "broader": {"id": found.broader, "name": reader.category_name(found.broader)} if found.broader else None,
        "children": [shelves.shelf(one, sums, reader) for one in shelves.children_of(found.id)],
        "blocks": blocks,
    }
    return render_page(request, "category.html", network, values)


async def server(request: web.Request) -> web.Response:
    """Tell about this server, and its operators what they need to compare."""
    reading = reading_of(request)
    network = await reading.network()
    neighbours = await reading.neighbours()
    feeds = await reading.feeds()
    values = {
        "neighbours": neighbours,
        "connected": sum(neighbour.state == "connected" for neighbour in neighbours),
        "feeds": feeds,
        "total": sum(feed.size for feed in feeds),
    }
    return render_page(request, "server.html", network, values)


async def offline(request: web.Request) -> web.Response:
    """The page that a device keeps for when it can reach nothing."""
    return render_page(request, "offline.html", await reading_of(request).network(), {})


async def _block(request: web.Request, network: NetworkView, kind: str, identifier: str) -> dict[str, object]:
    page = await reading_of(request).listings(kind, category=identifier, limit=CATEGORY_LISTINGS)
    words = reader_of(request, network).words
    return {
        "kind": kind,
        "listings": page.listings,
        "more_href": address(PATHS[kind], {"category": identifier}) if page.cursor else None,
        "command": commands.add_listing(network, words, kind, category=identifier),
    }
