"""Sessions over HTTP: what to sign, logging in, who am I, logging out.

Source: docs/spec/08-http.md section 4.

Tests: tests/node/api/test_access.py
"""

from __future__ import annotations

import base64
import binascii

from aiohttp import web

from node.api import negotiation
from node.api.authorization import COOKIE, token_of
from node.api.codes import ApiCode
from node.api.failure import ApiError
from node.api.route import Call
from node.api.schemas import Done, LoginOffer, SessionAnswer
from protocol.identifiers import to_text


async def offer(call: Call) -> LoginOffer:
    """Say what a login document has to name."""
    services = call.services
    return LoginOffer(
        network=to_text("agent", services.home), origin=services.config.url, now_ms=services.sessions.now_ms()
    )


async def open_session(call: Call) -> web.Response:
    """Turn a signed login document into a session: a token, and the same as a cookie."""
    try:
        document = base64.b64decode(call.body.document, validate=True)
        signature = base64.b64decode(call.body.signature, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(ApiCode.BAD_BODY, "document and signature are base64") from error
    token, session = await call.services.sessions.open(document, signature)
    answer = SessionAnswer(to_text("agent", session.agent), sorted(session.roles), session.expires_ms, token)
    response = negotiation.answer(call.request, answer, status=201)
    response.set_cookie(
        COOKIE,
        token,
        httponly=True,
        samesite="Strict",
        secure=call.services.config.url.startswith("https:"),
        path="/",
    )
    return response


async def who(call: Call) -> SessionAnswer:
    """Say whose session this is."""
    session = call.member
    return SessionAnswer(to_text("agent", session.agent), sorted(session.roles), session.expires_ms)


async def end_session(call: Call) -> web.Response:
    """End the session."""
    token = token_of(call.request)
    if token is not None:
        await call.services.sessions.end(token)
    response = negotiation.answer(call.request, Done())
    response.del_cookie(COOKIE, path="/")
    return response
