"""Turns answers into bytes and bodies into values, in JSON or MessagePack as the request asks.

Rules kept here: JSON is read strictly (no duplicate key, no NaN, no lone surrogate); bodies are bounded before they are
parsed; an answer that isn't cacheable says so. `*/*` and a missing Accept mean JSON.
Source: docs/spec/08-http.md section 1.

Tests: tests/node/api/test_routes.py
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any, Final

import msgspec
from aiohttp import web

from node.api.codes import ApiCode
from node.api.failure import ApiError
from protocol import codec

JSON_TYPE: Final = "application/json"
MSGPACK_TYPE: Final = "application/msgpack"
MSGPACK_NAMES: Final = frozenset({MSGPACK_TYPE, "application/x-msgpack", "application/vnd.msgpack"})
_ANY_NAMES: Final = frozenset({"*/*", "application/*"})
# Accept lists are short; a longer one is not read past this many items.
_ACCEPT_ITEMS_MAX: Final = 16
_ACCEPT_CHARS_MAX: Final = 1000

_to_json = msgspec.json.Encoder().encode
_to_msgpack = msgspec.msgpack.Encoder().encode


def wanted_type(request: web.Request) -> str:
    """Pick the type of the answer from Accept.

    Args:
        request: the request.

    Returns:
        `application/json` or `application/msgpack`; JSON where both are equally welcome.

    Raises:
        ApiError: NOT_ACCEPTABLE when Accept names neither.
    """
    header = ",".join(request.headers.getall("Accept", ()))
    kind = _preferred(header[:_ACCEPT_CHARS_MAX])
    if kind is None:
        raise ApiError(ApiCode.NOT_ACCEPTABLE, f"Accept is {header[:200]!r}")
    return kind


@lru_cache(maxsize=256)
def _preferred(header: str) -> str | None:
    """Give the type that an Accept header prefers, None for neither; clients send few different ones."""
    if not header.strip():
        return JSON_TYPE
    best: dict[str, float] = {}
    for item in header.split(",")[:_ACCEPT_ITEMS_MAX]:
        name, quality = _accept_item(item)
        if name in MSGPACK_NAMES:
            best[MSGPACK_TYPE] = max(best.get(MSGPACK_TYPE, 0.0), quality)
        elif name == JSON_TYPE or name in _ANY_NAMES:
            best[JSON_TYPE] = max(best.get(JSON_TYPE, 0.0), quality)
    if not best or max(best.values()) <= 0:
        return None
    return max(best, key=lambda name: (best[name], name == JSON_TYPE))


def answer(request: web.Request, value: object, *, status: int = 200) -> web.Response:
    """Write `value` in the type that the request wants.

    Args:
        request: the request.
        value: a msgspec Struct or plain values.
        status: the HTTP status.

    Returns:
        The response, not to be stored by caches between node and reader.

    Raises:
        ApiError: NOT_ACCEPTABLE, see `wanted_type`.
    """
    kind = wanted_type(request)
    body = _to_msgpack(value) if kind == MSGPACK_TYPE else _to_json(value)
    headers = {"Cache-Control": "no-store", "Vary": "Accept"}
    return web.Response(body=body, status=status, content_type=kind, headers=headers)


async def read_bounded(request: web.Request, bytes_max: int) -> bytes:
    """Read a body of at most `bytes_max` bytes, without holding more than that.

    Args:
        request: the request.
        bytes_max: the largest body that is accepted.

    Returns:
        The body.

    Raises:
        ApiError: BODY_TOO_LARGE, BAD_BODY when the connection ended before the stated length.
    """
    if (request.content_length or 0) > bytes_max:
        raise ApiError(ApiCode.BODY_TOO_LARGE, f"the body has {request.content_length} bytes, accepted are {bytes_max}")
    data = bytearray()
    try:
        async for chunk in request.content.iter_any():
            data += chunk
            if len(data) > bytes_max:
                raise ApiError(ApiCode.BODY_TOO_LARGE, f"the body has more than {bytes_max} bytes")
    except (ConnectionError, web.RequestPayloadError) as error:
        raise ApiError(ApiCode.BAD_BODY, "the body ended early") from error
    return bytes(data)


async def read_value(request: web.Request, bytes_max: int) -> Any:
    """Read the body as plain values by its Content-Type.

    Args:
        request: the request.
        bytes_max: the largest body that is accepted.

    Returns:
        The decoded JSON or canonical MessagePack.

    Raises:
        ApiError: UNSUPPORTED_MEDIA_TYPE, BODY_TOO_LARGE, BAD_BODY, DUPLICATE_KEY.
        RemoteProtocolError: MessagePack that isn't canonical.
    """
    kind = request.content_type if "Content-Type" in request.headers else JSON_TYPE
    if kind not in MSGPACK_NAMES and kind != JSON_TYPE:
        raise ApiError(ApiCode.UNSUPPORTED_MEDIA_TYPE, f"Content-Type is {kind[:100]!r}")
    data = await read_bounded(request, bytes_max)
    if kind in MSGPACK_NAMES:
        return codec.decode(data)
    return parse_json(data)


def parse_json(data: bytes) -> Any:
    """Parse strict JSON.

    Args:
        data: UTF-8 text of one document.

    Returns:
        Plain values.

    Raises:
        ApiError: BAD_BODY, DUPLICATE_KEY.

    >>> parse_json(b'{"a": 1}')
    {'a': 1}
    """
    try:
        value = json.loads(data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse_constant)
        _to_json(value)  # a lone surrogate, written as an escape, has no UTF-8 form and is found here
    except (ValueError, RecursionError, msgspec.MsgspecError, TypeError, OverflowError) as error:
        raise ApiError(ApiCode.BAD_BODY, f"the body is not JSON: {str(error)[:200]}") from error
    return value


def _accept_item(item: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in item.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return name, min(1.0, max(0.0, float(parameter[2:])))
            except ValueError:
                return name, 0.0
    return name, 1.0


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        repeated = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise ApiError(ApiCode.DUPLICATE_KEY, f"the key {repeated[:100]!r} stands twice")
    return value


def _refuse_constant(text: str) -> None:
    raise ValueError(f"{text} is not a JSON value")
