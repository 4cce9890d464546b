"""What every page needs from the request: what there is to read, the reader's language, the clock.

Tests: tests/node/web/test_context.py
"""

from typing import Protocol

from aiohttp import web

from node.clock import Clock
from node.services.views import (
    AgentPage,
    AgentView,
    CategoryCount,
    FeedView,
    ListingPage,
    ListingView,
    NeighbourView,
    NetworkView,
    PlaceView,
    PostView,
    SealView,
)
from node.web.language import COOKIE, choose_language


class PageSource(Protocol):
    """What the pages read; `node.services.catalogue` and the links give it."""

    async def network(self) -> NetworkView:
        """Give this node's network."""
        ...

    async def listings(
        self, kind: str, *, query: str = "", category: str = "", limit: int = 24, cursor: str | None = None
    ) -> ListingPage:
        """Search offers or needs: local first, then near, then cheap."""
        ...

    async def listing(self, identifier: str) -> ListingView | None:
        """Give an offer or need by its id."""
        ...

    async def newest(self, limit: int) -> list[ListingView]:
        """Give the newest offers and needs."""
        ...

    async def agents(self, *, query: str = "", limit: int = 24, cursor: str | None = None) -> AgentPage:
        """Search agents."""
        ...

    async def agent(self, identifier: str) -> AgentView | None:
        """Give an agent with all that it published."""
        ...

    async def seals(self) -> list[SealView]:
        """Give the seals."""
        ...

    async def seal(self, identifier: str) -> SealView | None:
        """Give a seal with its attestations."""
        ...

    async def places(self, limit: int) -> list[PlaceView]:
        """Give places, the nearest first."""
        ...

    async def posts(self, limit: int) -> list[PostView]:
        """Give stories and messages, the newest first."""
        ...

    async def categories(self) -> list[CategoryCount]:
        """Count offers and needs a category."""
        ...

    async def neighbours(self) -> list[NeighbourView]:
        """Give the neighbour networks and how well they are heard."""
        ...

    async def feeds(self) -> list[FeedView]:
        """Give the feeds that this node holds."""
        ...


READING: web.AppKey[PageSource] = web.AppKey("web_reading", PageSource)
CLOCK: web.AppKey[Clock] = web.AppKey("web_clock", Clock)


def reading_of(request: web.Request) -> PageSource:
    """Give what the pages read."""
    return request.app[READING]


def id_of(request: web.Request, kind: str) -> str:
    """Give the id that an address names: `/offers/bqx…`, or `/offers/offer:bqx…` as the commands print ids."""
    return f"{kind}:{request.match_info['id'].removeprefix(kind + ':')}"


def now_ms(request: web.Request) -> int:
    """Give the time at which a page is made."""
    return request.app[CLOCK].now_ms()


def language_of(request: web.Request, network: NetworkView | None) -> str:
    """Choose the language of this request's answer."""
    return choose_language(
        asked=request.query.get("lang"),
        remembered=request.cookies.get(COOKIE),
        header=request.headers.get("Accept-Language"),
        network=network.language if network else None,
    )
