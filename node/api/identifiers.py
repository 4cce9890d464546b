"""Ids in addresses: `offer:bqx…` as the node writes them.

Source: docs/spec/08-http.md section 1.

Tests: tests/node/api/test_routes.py
"""

from __future__ import annotations

from node.api.codes import ApiCode
from node.api.failure import ApiError
from protocol.errors import RemoteProtocolError
from protocol.identifiers import from_text


def record_id_of(text: str) -> bytes:
    """Read an id of any kind, 32 bytes.

    Raises:
        ApiError: BAD_IDENTIFIER.
    """
    try:
        return from_text(text)[1]
    except RemoteProtocolError as error:
        raise ApiError(ApiCode.BAD_IDENTIFIER, error.message) from error


def agent_id_of(text: str) -> bytes:
    """Read the id of an agent or network, 32 bytes.

    Raises:
        ApiError: BAD_IDENTIFIER, also for an id of another kind.
    """
    if not text.startswith("agent:"):
        raise ApiError(ApiCode.BAD_IDENTIFIER, f"{text[:80]!r} is not the id of an agent")
    return record_id_of(text)
