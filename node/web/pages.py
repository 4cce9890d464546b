"""The pages of the market: home, needs and offers, one of them, the catalogue to print."""

from aiohttp import web

from node.services.views import AgentRef, ListingView, NetworkView
from node.web import commands, pictures, shelves
from node.web.context import id_of, language_of, now_ms, reading_of
from node.web.emblems import emblem
from node.web.language import words_of
from node.web.reader import Reader, trunk
from node.web.render import address, href, render_page
from node.web.shelves import Chip, Shelf
from protocol.categories import CATEGORIES

LISTINGS_PER_PAGE = 24
HOME_LISTINGS = 6
# Among how many of the first in rank those for the first screen are chosen.
HOME_CHOICE = 48
HOME_NEIGHBOURS = 6
HOME_PLACES = 6
HOME_POSTS = 2
# The printed catalogue of a network fits a few sheets; a region's would not, and says so.
PRINTED_MAX = 600
PRINTED_STEP = 100
QUERY_CHARACTERS_MAX = 100
CURSOR_CHARACTERS_MAX = 400

ESSENTIAL = frozenset(category.id for category in CATEGORIES.values() if category.essential)

PATHS = {"offer": "/offers", "need": "/needs"}
WORDS_PREFIX = {"offer": "offers", "need": "needs"}


async def home(request: web.Request) -> web.Response:
    """Show a visitor who we are: what we need, what we offer, where to find us, how to join."""
    reading = reading_of(request)
    network = await reading.network()
    sums = shelves.counts_of(await reading.categories())
    reader = reader_of(request, network)
    values = {
        "needs": varied((await reading.listings("need", limit=HOME_CHOICE)).listings),
        "offers": varied((await reading.listings("offer", limit=HOME_CHOICE)).listings),
        "categories": [found for one in shelves.trunks() if (found := shelves.shelf(one, sums, reader)).total],
        "places": await reading.places(HOME_PLACES),
        "posts": await reading.posts(HOME_POSTS),
        "neighbours": (await reading.neighbours())[:HOME_NEIGHBOURS],
    }
    return render_page(request, "home.html", network, values)


async def offers(request: web.Request) -> web.Response:
    """Search what is offered."""
    return await _listings(request, "offer")


async def needs(request: web.Request) -> web.Response:
    """Search what is needed."""
    return await _listings(request, "need")


async def offer(request: web.Request) -> web.Response:
    """Show one offer."""
    return await _listing(request, "offer")


async def need(request: web.Request) -> web.Response:
    """Show one need."""
    return await _listing(request, "need")


async def catalogue(request: web.Request) -> web.Response:
    """Show all offers and needs as one catalogue, made for paper."""
    reading = reading_of(request)
    network = await reading.network()
    found, is_cut = await _all_listings(request, "offer")
    needed, is_needs_cut = await _all_listings(request, "need")
    reader = reader_of(request, network)
    by_trunk: dict[str, list[ListingView]] = {}
    for listing in found:
        by_trunk.setdefault(trunk(listing.category), []).append(listing)
    order = [*shelves.trunks(), *sorted(set(by_trunk) - set(shelves.trunks()))]
    values = {
        "groups": [
            {"id": one, "name": reader.category_name(one), "listings": by_trunk[one]}
            for one in order
            if one in by_trunk
        ],
        "needs": needed,
        "suppliers": _suppliers(found),
        "is_cut": is_cut or is_needs_cut,
    }
    return render_page(request, "catalogue.html", network, values)


def varied(listings: list[ListingView]) -> list[ListingView]:
    """Choose what stands on the first screen: essentials first, and not twice of one author or subject if it can be.

    Args:
        listings: in the order of rank, which holds among equals.
    """
    essential_first = sorted(listings, key=lambda one: one.category not in ESSENTIAL)
    chosen: list[ListingView] = []
    authors, subjects = set(), set()
    for one in essential_first:
        subject = emblem(one.category)
        if one.author.id not in authors and subject not in subjects and len(chosen) < HOME_LISTINGS:
            authors.add(one.author.id)
            subjects.add(subject)
            chosen.append(one)
    rest = [one for one in essential_first if one not in chosen]
    return [*chosen, *rest][:HOME_LISTINGS]


def reader_of(request: web.Request, network: NetworkView) -> Reader:
    """Give the eyes of whoever asks."""
    return Reader(words_of(language_of(request, network)), now_ms=now_ms(request), zone=None)


def text_of(request: web.Request, name: str, *, characters_max: int = QUERY_CHARACTERS_MAX) -> str:
    """Read a text from the query: cut at its bound, without what can't be shown."""
    return "".join(letter for letter in request.query.get(name, "")[:characters_max] if letter.isprintable()).strip()


def cursor_of(request: web.Request) -> str | None:
    """Read where in a list the reader stands; None at its beginning."""
    return text_of(request, "cursor", characters_max=CURSOR_CHARACTERS_MAX) or None


async def _listings(request: web.Request, kind: str) -> web.Response:
    reading = reading_of(request)
    network = await reading.network()
    query, category, cursor = text_of(request, "q"), text_of(request, "category"), cursor_of(request)
    page = await reading.listings(kind, query=query, category=category, limit=LISTINGS_PER_PAGE, cursor=cursor)
    reader = reader_of(request, network)
    path = PATHS[kind]
    sums = shelves.counts_of(await reading.categories())
    values = {
        "kind": kind,
        "words_prefix": WORDS_PREFIX[kind],
        "heading": reader.words(f"{WORDS_PREFIX[kind]}.title"),
        "query": query,
        "category": category,
        "page": page,
        "chips": _chips(reader, kind, query, category, sums),
        "category_options": shelves.options(reader, also=category),
        "first_href": address(path, {"q": query, "category": category}) if cursor else None,
        "next_href": address(path, {"q": query, "category": category, "cursor": page.cursor}) if page.cursor else None,
    }
    return render_page(request, "listings.html", network, values)


def _chips(reader: Reader, kind: str, query: str, category: str, sums: dict[str, tuple[int, int]]) -> list[Chip]:
    """Give the links that narrow or widen a list: the trunks, or what lies below the chosen category and beside it."""
    path = PATHS[kind]
    found = CATEGORIES.get(category)
    below = shelves.children_of(category) if found else shelves.trunks()
    above = (found.broader if found else None) or ""
    chips = [
        Chip(
            name=reader.category_name(above) if above else reader.words("search.all"),
            href=address(path, {"q": query, "category": above}),
            is_current=not category,
        )
    ]
    if found:
        chips.append(
            Chip(
                name=reader.category_name(category),
                href=address(path, {"q": query, "category": category}),
                is_current=True,
            )
        )
    for one in below:
        shelf: Shelf = shelves.shelf(one, sums, reader)
        count = shelf.offers if kind == "offer" else shelf.needs
        if count:
            href_of_chip = address(path, {"q": query, "category": one})
            icon = None if found else emblem(one).icon
            # Beside a search, the whole shelf's number would promise what the search doesn't find.
            chips.append(Chip(name=shelf.name, href=href_of_chip, icon=icon, count=None if query else count))
    return chips


async def _listing(request: web.Request, kind: str) -> web.Response:
    reading = reading_of(request)
    network = await reading.network()
    listing = await reading.listing(id_of(request, kind))
    if listing is None or listing.kind != kind:
        raise web.HTTPNotFound
    reader = reader_of(request, network)
    answer = commands.add_listing(network, reader.words, "offer", category=listing.category, answers=listing.id)
    values = {
        "listing": listing,
        "bars": pictures.composition_bars(listing.composition),
        "command": commands.order(network, reader, listing) if kind == "offer" else answer,
    }
    return render_page(request, "listing.html", network, values)


async def _all_listings(request: web.Request, kind: str) -> tuple[list[ListingView], bool]:
    """Collect the listings of a kind up to the bound of print; tell also whether there were more."""
    found: list[ListingView] = []
    cursor = None
    while len(found) < PRINTED_MAX:
        page = await reading_of(request).listings(kind, limit=PRINTED_STEP, cursor=cursor)
        found += page.listings
        cursor = page.cursor
        if cursor is None:
            return found, False
    return found[:PRINTED_MAX], True


def _suppliers(listings: list[ListingView]) -> list[dict[str, str | None]]:
    """Name every supplier once, in the order of the alphabet."""
    seen: dict[str, tuple[AgentRef, str | None]] = {}
    for listing in listings:
        seen.setdefault(listing.author.id, (listing.author, listing.city))
    return [
        {"name": agent.name, "network_name": agent.network_name, "city": city, "href": href(agent)}
        for agent, city in sorted(seen.values(), key=lambda pair: pair[0].name.casefold())
    ]
