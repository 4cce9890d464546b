"""The addresses of the pages, and what happens where one fails."""

import logging
from collections.abc import Awaitable, Callable

from aiohttp import web

from node.clock import Clock
from node.web import community, extras, pages
from node.web.context import CLOCK, READING, PageSource, reading_of
from node.web.files import STATIC, StaticFiles, static_file
from node.web.headers import add_security_headers
from node.web.render import ENVIRONMENT, make_environment, render_bare, render_page
from protocol.errors import Code, RemoteProtocolError

logger = logging.getLogger(__name__)

# Addresses of machines: their errors keep the shape of the API.
MACHINE_PATHS = ("/api/", "/.well-known/", "/nodeinfo/", "/static/", "/healthz", "/readyz", "/metrics", "/openapi")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_pages(app: web.Application, reading: PageSource, clock: Clock) -> None:
    """Add the pages to an application.

    Args:
        app: the application, not yet started.
        reading: what the pages read.
        clock: the node's clock.
    """
    app[READING] = reading
    app[CLOCK] = clock
    app[STATIC] = StaticFiles()
    app[ENVIRONMENT] = make_environment()
    app.middlewares.append(page_errors)
    app.on_response_prepare.append(add_security_headers)
    app.router.add_routes(
        [
            web.get("/", pages.home),
            web.get("/needs", pages.needs),
            web.get("/needs/{id}", pages.need),
            web.get("/offers", pages.offers),
            web.get("/offers/{id}", pages.offer),
            web.get("/catalogue", pages.catalogue),
            web.get("/agents", community.agents),
            web.get("/agents/{id}", community.agent),
            web.get("/seals", community.seals),
            web.get("/seals/{id}", community.seal),
            web.get("/networks", community.networks),
            web.get("/categories", community.categories),
            web.get("/categories/{id}", community.category),
            web.get("/server", community.server),
            web.get("/offline", community.offline),
            web.get("/feed.atom", extras.atom),
            web.get("/manifest.webmanifest", extras.manifest),
            web.get("/look.css", extras.look_css),
            web.get("/icon.svg", extras.icon),
            web.get("/service-worker.js", extras.service_worker),
            web.get("/robots.txt", extras.robots),
            web.get("/static/{digest}/{name}", static_file),
        ]
    )


@web.middleware
async def page_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn what fails on a page into a page; machines' addresses are left alone."""
    if request.path.startswith(MACHINE_PATHS):
        return await handler(request)
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return await _error_page(request, error.status)
    except RemoteProtocolError as error:
        # What the reader sent, such as a cursor that is none, isn't a fault of ours.
        return await _error_page(request, 404 if error.code == Code.NOT_FOUND else 400)
    except Exception:
        logger.exception("page %s failed", request.path)
        return await _error_page(request, 500)


async def _error_page(request: web.Request, status: int) -> web.Response:
    key = "error.failure" if status >= 500 else "error.missing" if status == 404 else "error.request"
    try:
        network = await reading_of(request).network()
        return render_page(request, "error.html", network, {"key": key, "status": status}, status=status)
    except Exception:
        logger.exception("error page of %s failed", request.path)
        return render_bare(request, status)
