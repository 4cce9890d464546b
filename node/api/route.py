"""One row a route: what it reads, who may use it, what it answers; router and OpenAPI document both come from it.

A handler gets a `Call` whose query and body have been checked against the row's types, and gives back a msgspec Struct
(or a finished response). Checks run in this order: session, path, query, body; the first that fails answers.
Source: docs/spec/08-http.md section 1.

Tests: tests/node/api/test_routes.py
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any, Final

import msgspec
from aiohttp import web

from node.api import negotiation
from node.api.authorization import session_of
from node.api.codes import ApiCode
from node.api.context import services_of
from node.api.failure import ApiError
from node.services import Services
from node.services.sessions import Session

# Where all addresses begin that aren't somebody else's convention.
BASE: Final = "/api/v1"

# The largest body of a route that doesn't state its own bound: a login or a peer's address needs far less.
BODY_BYTES_MAX: Final = 16_384


class Access(Enum):
    """Who may use a route."""

    ANYBODY = "anybody"
    SESSION = "session"
    OPERATOR = "operator"


class NoQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The query of a route without parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request whose parts have been checked.

    Attributes:
        request: the request as it came.
        services: the node's services.
        query: an instance of the route's query type.
        body: the decoded body, converted to the route's body type, or None.
        session: who asks, None for a stranger.
    """

    request: web.Request
    services: Services
    query: Any
    body: Any
    session: Session | None

    def text(self, name: str) -> str:
        """Give a part of the path as text."""
        return self.request.match_info[name]

    @property
    def member(self) -> Session:
        """The session of a route that demands one."""
        assert self.session is not None, "the route's access is SESSION or OPERATOR"
        return self.session


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One address of the API.

    Attributes:
        method: GET, POST or DELETE.
        path: the address with `{name}` for parts that vary.
        handler: what carries it out.
        name: the operation's id in the OpenAPI document.
        summary: one sentence for the document.
        answer: the type of the answer; None for an answer that isn't JSON.
        query: the type of the query.
        body: the type of the body, None when the handler takes none or reads it itself.
        body_bytes_max: the largest body.
        access: who may use it.
        content_type: the answer's type when it isn't JSON or MessagePack.
        reads_body: the handler reads the body itself (records).
        status: the status of success.
        tag: the heading under which the document lists it.
    """

    method: str
    path: str
    handler: Callable[[Call], Awaitable[Any]]
    name: str
    summary: str
    answer: type | None = None
    query: type = NoQuery
    body: type | None = None
    body_bytes_max: int = BODY_BYTES_MAX
    access: Access = Access.ANYBODY
    content_type: str | None = None
    reads_body: bool = False
    status: int = 200
    tag: str = "catalogue"


def add_route(router: web.UrlDispatcher, route: Route) -> None:
    """Register a row with aiohttp.

    Args:
        router: the application's router.
        route: the row.
    """

    async def handle(request: web.Request) -> web.StreamResponse:
        if route.answer is not None:
            negotiation.wanted_type(request)  # before anything is done that can't be answered
        session = await session_of(request, needed=route.access is not Access.ANYBODY)
        if route.access is Access.OPERATOR and not (session and session.is_operator):
            raise ApiError(ApiCode.OPERATOR_NEEDED)
        query = read_query(request, route.query)
        body = await _read_body(request, route)
        call = Call(request=request, services=services_of(request), query=query, body=body, session=session)
        value = await route.handler(call)
        if isinstance(value, web.StreamResponse):
            return value
        return negotiation.answer(request, value, status=route.status)

    router.add_route(route.method, route.path, handle, name=route.name)


def read_query(request: web.Request, kind: type) -> Any:
    """Turn the address's parameters into a Struct.

    Args:
        request: the request.
        kind: a Struct that forbids unknown fields.

    Returns:
        An instance of `kind`.

    Raises:
        ApiError: UNKNOWN_PARAMETER, REPEATED_PARAMETER, BAD_PARAMETER.
    """
    known = _names(kind)
    values: dict[str, str] = {}
    for name, value in request.query.items() if request.query_string else ():
        if name not in known:
            accepted = ", ".join(sorted(known)) or "none"
            raise ApiError(ApiCode.UNKNOWN_PARAMETER, f"{_clean(name)!r}; accepted here: {accepted}")
        if name in values:
            raise ApiError(ApiCode.REPEATED_PARAMETER, repr(name))
        if _clean(value) != value:
            raise ApiError(ApiCode.BAD_PARAMETER, f"{name} is not UTF-8 text without control characters")
        values[name] = value
    try:
        return msgspec.convert(values, type=kind, strict=False)
    except msgspec.ValidationError as error:
        raise ApiError(ApiCode.BAD_PARAMETER, str(error)) from error


@cache
def _names(kind: type) -> frozenset[str]:
    """Give the parameters that a query type knows."""
    return frozenset(field.encode_name for field in msgspec.structs.fields(kind))


async def _read_body(request: web.Request, route: Route) -> Any:
    if route.reads_body:
        return None
    if route.body is None:
        if request.body_exists and await negotiation.read_bounded(request, 0):
            raise ApiError(ApiCode.BAD_BODY, "this route takes no body")
        return None
    value = await negotiation.read_value(request, route.body_bytes_max)
    try:
        return msgspec.convert(value, type=route.body)
    except msgspec.ValidationError as error:
        raise ApiError(ApiCode.BAD_BODY, str(error)) from error


def _clean(text: str) -> str:
    """Drop what no text for people contains: control characters, lone surrogates, the replacement of broken UTF-8."""
    return "".join(character for character in text[:1000] if character.isprintable() and character != "\ufffd")
