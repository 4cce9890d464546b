"""Who asks: the session of a request, by bearer token or by cookie.

A cookie travels by itself, so a request that changes something and carries one must come from this node's own pages:
its Origin must be ours. A bearer token is sent on purpose and needs no such check.
Source: docs/spec/08-http.md section 4.

Tests: tests/node/api/test_access.py
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from node.api.codes import ApiCode
from node.api.context import services_of
from node.api.failure import ApiError
from node.services.sessions import Session

COOKIE: Final = "mutirao_session"
_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


def token_of(request: web.Request) -> str | None:
    """Give the token that a request carries, None for a stranger's.

    Raises:
        ApiError: WRONG_ORIGIN for a cookie that came with another site's request.
    """
    header = request.headers.get("Authorization", "")
    scheme, _, token = header.partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    cookie = request.cookies.get(COOKIE) if "Cookie" in request.headers else None
    if cookie is None:
        return None
    origin = request.headers.get("Origin")
    if request.method not in _SAFE_METHODS and origin not in services_of(request).sessions.origins:
        raise ApiError(ApiCode.WRONG_ORIGIN, f"Origin is {(origin or 'missing')[:200]!r}")
    return cookie


async def session_of(request: web.Request, *, needed: bool) -> Session | None:
    """Find who asks.

    Args:
        request: The request.
        needed: Whether the route is for sessions only.

    Returns:
        The session; None for a stranger where none is needed.

    Raises:
        ApiError: SESSION_NEEDED, SESSION_ENDED or WRONG_ORIGIN.
    """
    token = token_of(request)
    if token is None:
        if needed:
            raise ApiError(ApiCode.SESSION_NEEDED)
        return None
    session = await services_of(request).sessions.find(token)
    if session is None and needed:
        raise ApiError(ApiCode.SESSION_ENDED)
    return session
