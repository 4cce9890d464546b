"""The catalogue over HTTP: offers, needs, agents, seals, places, posts, and orders for those who may read them.

Source: docs/spec/08-http.md section 3.

Tests: tests/node/api/test_routes.py
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from msgspec import Meta, Struct

from node.api.identifiers import record_id_of
from node.api.route import Call
from node.api.schemas import PlaceList, PostList, SealList
from node.services.views import (
    AgentPage,
    AgentView,
    ListingPage,
    ListingView,
    NetworkView,
    OrderPage,
    OrderView,
    SealView,
    ThingView,
)
from protocol.errors import Code, RemoteProtocolError
from protocol.limits import CATEGORY_CHARS_MAX, PAGE_ROWS_MAX, SEARCH_CHARS_MAX

T = TypeVar("T")

Limit = Annotated[int, Meta(ge=1, le=PAGE_ROWS_MAX)]
Text = Annotated[str, Meta(max_length=SEARCH_CHARS_MAX)]
Cursor = Annotated[str, Meta(max_length=40)]
Category = Annotated[str, Meta(max_length=CATEGORY_CHARS_MAX)]
Network = Annotated[str, Meta(max_length=58)]


class SearchQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """What to look for: words (accents don't matter), a category, a network; how many, and from where on."""

    q: Text = ""
    category: Category = ""
    network: Network = ""
    limit: Limit = 24
    cursor: Cursor | None = None


class PageQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """How many, and from where on."""

    limit: Limit = 24
    cursor: Cursor | None = None


class CountQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """How many."""

    limit: Limit = 24


class AgentQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which agents: by words of their name."""

    q: Text = ""
    limit: Limit = 24
    cursor: Cursor | None = None


async def network(call: Call) -> NetworkView:
    """Give this node's network."""
    return await call.services.catalogue.network()


async def offers(call: Call) -> ListingPage:
    """Search offers: local first, then near, then cheap."""
    return await _search(call, "offer")


async def needs(call: Call) -> ListingPage:
    """Search needs: local first, then near."""
    return await _search(call, "need")


async def offer(call: Call) -> ListingView:
    """Give an offer."""
    return await _listing(call, "offer")


async def need(call: Call) -> ListingView:
    """Give a need."""
    return await _listing(call, "need")


async def agents(call: Call) -> AgentPage:
    """Search agents."""
    query = call.query
    return await call.services.catalogue.agents(query=query.q, limit=query.limit, cursor=query.cursor)


async def agent(call: Call) -> AgentView:
    """Give an agent with all that it published."""
    text = call.text("id")
    record_id_of(text)
    return _there(await call.services.catalogue.agent(text), text)


async def thing(call: Call) -> ThingView:
    """Give any public thing, with the id of its current record."""
    text = call.text("id")
    record_id_of(text)
    return _there(await call.services.catalogue.thing(text), text)


async def seals(call: Call) -> SealList:
    """List the seals."""
    return SealList(await call.services.catalogue.seals())


async def seal(call: Call) -> SealView:
    """Give a seal with its attestations."""
    text = call.text("id")
    record_id_of(text)
    return _there(await call.services.catalogue.seal(text), text)


async def places(call: Call) -> PlaceList:
    """List places, the nearest first."""
    return PlaceList(await call.services.catalogue.places(call.query.limit))


async def posts(call: Call) -> PostList:
    """List posts, the newest first."""
    return PostList(await call.services.catalogue.posts(call.query.limit))


async def orders(call: Call) -> OrderPage:
    """List the reader's orders, or all of them for the operator."""
    member = call.member
    whose = None if member.is_operator else member.agent
    return await call.services.catalogue.orders(whose, limit=call.query.limit, cursor=call.query.cursor)


async def order(call: Call) -> OrderView:
    """Give an order to its parties or to the operator."""
    text = call.text("id")
    shown = await call.services.reading.find(record_id_of(text), call.session)
    return _there(await call.services.catalogue.order(shown.record.thing_id), text)


async def _search(call: Call, kind: str) -> ListingPage:
    query = call.query
    return await call.services.catalogue.listings(
        kind,
        query=query.q,
        category=query.category,
        network=query.network,
        limit=query.limit,
        cursor=query.cursor,
    )


async def _listing(call: Call, kind: str) -> ListingView:
    text = call.text("id")
    record_id_of(text)
    found = _there(await call.services.catalogue.listing(text), text)
    if found.kind != kind:
        raise RemoteProtocolError(Code.NOT_FOUND, f"{text} is no {kind}")
    return found


def _there(found: T | None, text: str) -> T:
    if found is None:
        raise RemoteProtocolError(Code.NOT_FOUND, f"{text} is not here")
    return found
