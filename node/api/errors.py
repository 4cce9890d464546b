"""The one place that turns refusals and errors into HTTP, always in the same shape.

Source: docs/spec/08-http.md section 2.

Tests: tests/node/api/test_routes.py
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from node.api import negotiation
from node.api.codes import ApiCode
from node.api.failure import ApiError
from node.api.schemas import ErrorAnswer, Problem
from protocol.errors import Code, ProtocolError, Refusal, StorageError
from protocol.login import LoginCode

logger = logging.getLogger(__name__)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PREFIXES: Final = ("/api/", "/.well-known/", "/nodeinfo/", "/healthz", "/readyz", "/metrics")
"""The addresses of programs; everything else are pages, whose errors are pages."""

STATUS: Final[dict[str, int]] = {
    Code.NOT_FOUND: 404,
    Code.UNKNOWN_THING: 404,
    Code.UNAUTHORIZED: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_ALLOWED: 403,
    Code.NOT_ADMITTED: 403,
    Code.NOT_AUTHOR: 403,
    Code.UNKNOWN_AUTHOR: 403,
    Code.KEY_NOT_VALID: 403,
    Code.STALE: 409,
    Code.CONFLICT: 409,
    Code.TOO_LARGE: 413,
    Code.TOO_MANY: 429,
    Code.DISK_FULL: 507,
    Code.UNAVAILABLE: 503,
    **dict.fromkeys(LoginCode, 401),
}
"""Statuses that differ from 400."""


def problem_of(refusal: Refusal) -> Problem:
    """Give a refusal as the inner part of the one error shape."""
    return Problem(refusal.code, refusal.message, refusal.next_step)


@web.middleware
async def api_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every failure of an API address in the one shape."""
    if not request.path.startswith(PREFIXES):
        return await handler(request)
    try:
        return await handler(request)
    except ApiError as error:
        return _answer(request, error.code.status, Problem(error.code, error.message, error.code.next_step))
    except ProtocolError as error:
        return _answer(request, STATUS.get(error.code, 400), problem_of(error.refusal()))
    except StorageError as error:
        logger.warning("%s %s could not be carried out: %s", request.method, request.path, error)
        code = Code.DISK_FULL if type(error).__name__ == "DiskFullError" else Code.UNAVAILABLE
        return _answer(request, STATUS[code], problem_of(Refusal.of(code)))
    except web.HTTPException as error:
        return _http_error(request, error)
    except Exception:
        logger.exception("%s %s failed", request.method, request.path)
        return _answer(request, 500, _problem(ApiCode.INTERNAL))


def _http_error(request: web.Request, error: web.HTTPException) -> web.StreamResponse:
    if error.status == 404:
        return _answer(request, 404, _problem(ApiCode.NO_SUCH_ROUTE))
    if error.status == 405:
        response = _answer(request, 405, _problem(ApiCode.METHOD_NOT_ALLOWED))
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response
    if error.status == 413:
        return _answer(request, 413, _problem(ApiCode.BODY_TOO_LARGE))
    if error.status >= 400:
        return _answer(request, error.status, _problem(ApiCode.BAD_BODY))
    raise error


def _problem(code: ApiCode) -> Problem:
    return Problem(code, code.explanation, code.next_step)


def _answer(request: web.Request, status: int, problem: Problem) -> web.Response:
    try:
        return negotiation.answer(request, ErrorAnswer(problem), status=status)
    except ApiError:  # an Accept that names nothing we write must still learn why
        request = request.clone(headers={})
        return negotiation.answer(request, ErrorAnswer(problem), status=status)
