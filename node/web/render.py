"""Templates to answers: the one place where a page gets its frame, its language and its headers.

Rules:
- Autoescape always, unknown names are errors, and templates come from this package only.
- A page is the same for everybody who asks in the same language; it may be kept for seconds, never shared for long.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from functools import cache
from hashlib import sha256
from urllib.parse import quote, urlencode

from aiohttp import web
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from node.services.views import AgentRef, ListingView, NetworkView, ThingRef
from node.web import look, reader
from node.web.commands import commands
from node.web.context import language_of, now_ms
from node.web.emblems import emblem
from node.web.files import STATIC
from node.web.language import COOKIE, LANGUAGES, Words, words_of
from protocol.categories import CATEGORIES

YEAR_S = 31_536_000
# A page under a kilobyte gains nothing from compression.
COMPRESS_CHARACTERS_MIN = 1000

LANGUAGE_NAMES = {"pt-BR": ("Português", "PT"), "es": ("Español", "ES"), "en": ("English", "EN")}

# The five ways at the thumb: key of the word, address, icon.
WAYS = (
    ("ways.home", "/", "home"),
    ("ways.needs", "/needs", "need"),
    ("ways.offers", "/offers", "offer"),
    ("ways.agents", "/agents", "people"),
    ("ways.networks", "/networks", "network"),
)

# Where the page of a thing stands; a kind without a page has no link.
PAGES = {"offer": "/offers", "need": "/needs", "seal": "/seals", "agent": "/agents"}

ENVIRONMENT: web.AppKey[Environment] = web.AppKey("web_environment", Environment)


@dataclass(frozen=True, slots=True)
class Way:
    """One of the five ways; `is_current` where the reader stands on it or below it."""

    key: str
    href: str
    icon: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """A link that shows this page in another language."""

    code: str
    name: str
    short: str
    href: str


@cache
def make_environment() -> Environment:
    """Make the template environment with what doesn't depend on the reader; once a process."""
    environment = Environment(
        loader=PackageLoader("node.web"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        initials=look.initials,
        hue=look.hue,
        contact_href=reader.contact_href,
        web_address=reader.web_address,
        emblem=emblem,
        known_categories=CATEGORIES,
        href=href,
        href_of=href_of,
    )
    return environment


def render_page(
    request: web.Request,
    template: str,
    network: NetworkView,
    values: Mapping[str, object],
    *,
    status: int = 200,
    zone: tzinfo | None = None,
) -> web.Response:
    """Render a page in its reader's language.

    Args:
        request: decides language and address.
        template: name of the template.
        network: this node's network, for the frame.
        values: what the template shows beside the frame.
        status: the HTTP status.
        zone: the time zone of dates; None for the server's own.
    """
    words = words_of(language_of(request, network))
    moment_ms = now_ms(request)
    eyes = reader.Reader(words, now_ms=moment_ms, zone=zone)
    context = frame(request, network) | {
        "t": words,
        "show": eyes,
        "category_name": eyes.category_name,
        "neighbour_sentence": eyes.neighbour,
        "now_ms": moment_ms,
        "commands": commands(network, words),
    }
    return answer(
        request, request.app[ENVIRONMENT].get_template(template).render(context | dict(values)), words, status
    )


def render_bare(request: web.Request, status: int) -> web.Response:
    """Render the page that needs no service, for when the node can't even tell its own name."""
    words = words_of(language_of(request, None))
    template = request.app[ENVIRONMENT].get_template("bare.html")
    return answer(request, template.render(t=words, static=request.app[STATIC].path), words, status)


def answer(request: web.Request, text: str, words: Words, status: int) -> web.Response:
    """Wrap a rendered page: language, cache, compression, and the cookie where the reader chose a language."""
    response = web.Response(text=text, content_type="text/html", status=status)
    response.headers["Content-Language"] = words.language
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept-Language, Cookie, Accept-Encoding"
    if "lang" in request.query:
        response.set_cookie(
            COOKIE, words.language, max_age=YEAR_S, path="/", samesite="Lax", secure=request.secure, httponly=True
        )
    if len(text) >= COMPRESS_CHARACTERS_MIN:
        response.enable_compression()
    return response


def frame(request: web.Request, network: NetworkView) -> dict[str, object]:
    """Give the values of the frame that every page has."""
    path = request.path
    colour = look.clean_colour(network.colour)
    return {
        "network": network,
        "colour": colour,
        "look_version": sha256(f"{colour}{network.name}".encode()).hexdigest()[:8],
        "static": request.app[STATIC].path,
        "path": path,
        "ways": [
            Way(key, address, icon, path == address or (address != "/" and path.startswith(address + "/")))
            for key, address, icon in WAYS
        ],
        "languages": [
            LanguageLink(code, *LANGUAGE_NAMES[code], address(path, {**request.query, "lang": code}))
            for code in LANGUAGES
        ],
    }


def address(path: str, query: Mapping[str, str | None]) -> str:
    """Put an address of this site together; empty parts of the query are left out.

    A path that somebody made up stays here: browsers take two slashes, or backslashes, in front for another host.

    >>> address("//evil.example", {})
    '/evil.example'
    """
    here = "/" + quote(path.lstrip("/\\"))
    kept = {name: value for name, value in query.items() if value}
    return f"{here}?{urlencode(kept)}" if kept else here


def href_of(kind: str, identifier: str) -> str:
    """Give the address of a thing's page, "" for a kind that has none.

    Args:
        kind: the record kind.
        identifier: the id as text, `offer:bqx…`; the kind in front is left out of the address.
    """
    return f"{PAGES[kind]}/{identifier.rpartition(':')[2]}" if kind in PAGES else ""


def href(thing: AgentRef | ListingView | ThingRef) -> str:
    """Give the address of the page of whatever a view names."""
    return href_of("agent" if isinstance(thing, AgentRef) else thing.kind, thing.id)
