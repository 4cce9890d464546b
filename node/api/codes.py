"""Codes that only the HTTP interface gives, each with its explanation, its next step and its status.

Records, ledger and gossip have code lists of their own; what is listed here can go wrong before any of those is
reached.
A code never changes its meaning, since programs compare it.
Source: docs/spec/08-http.md section 2.

Tests: tests/node/api/test_routes.py
"""

from __future__ import annotations

from typing import Self

from protocol.errors import CodeEnum


class ApiCode(CodeEnum):
    """Why a request was not carried out.

    Attributes:
        explanation: one sentence for a person.
        next_step: what that person can do about it.
        status: the HTTP status that the code travels with.
    """

    explanation: str
    next_step: str
    status: int

    def __new__(cls, value: str, status: int, explanation: str, next_step: str) -> Self:
        """Build a member whose text is its wire code."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.status = status
        member.explanation = explanation
        member.next_step = next_step
        return member

    NO_SUCH_ROUTE = (
        "no_such_route",
        404,
        "This node has no such address.",
        "Look the address up in /api/v1/openapi.json.",
    )
    METHOD_NOT_ALLOWED = (
        "method_not_allowed",
        405,
        "This address exists, but not for that method.",
        "Use one of the methods in the Allow header.",
    )
    BAD_IDENTIFIER = (
        "bad_identifier",
        400,
        "The id in the address can't be read.",
        "Give the id as the node writes it, such as offer:bqx… in lower case.",
    )
    UNKNOWN_PARAMETER = (
        "unknown_parameter",
        400,
        "The address carries a parameter that this route doesn't know.",
        "Remove it, or look the parameters up in /api/v1/openapi.json.",
    )
    REPEATED_PARAMETER = (
        "repeated_parameter",
        400,
        "A parameter stands in the address more than once.",
        "Give each parameter once.",
    )
    BAD_PARAMETER = (
        "bad_parameter",
        400,
        "A parameter has a value that this route doesn't accept.",
        "Correct the value; the message says what is accepted.",
    )
    BAD_CURSOR = (
        "bad_cursor",
        400,
        "The cursor was not given by this node for this question.",
        "Begin again without a cursor and take `next` from each answer as it is.",
    )
    BAD_BODY = (
        "bad_body",
        400,
        "The body of the request can't be read.",
        "Send one complete JSON or MessagePack document of the shape in /api/v1/openapi.json.",
    )
    DUPLICATE_KEY = (
        "duplicate_key",
        400,
        "The body names a key twice.",
        "Send each key once.",
    )
    BODY_TOO_LARGE = (
        "body_too_large",
        413,
        "The body is larger than this route accepts.",
        "Split it; the message states the limit in bytes.",
    )
    UNSUPPORTED_MEDIA_TYPE = (
        "unsupported_media_type",
        415,
        "The body is of a type that this route doesn't read.",
        "Send Content-Type: application/json or application/msgpack.",
    )
    NOT_ACCEPTABLE = (
        "not_acceptable",
        406,
        "None of the types in Accept can be given.",
        "Ask for application/json or application/msgpack.",
    )
    SESSION_NEEDED = (
        "session_needed",
        401,
        "This is shown only to a member of the network who has logged in.",
        "Log in by POST /api/v1/session, then send the token as Authorization: Bearer.",
    )
    SESSION_ENDED = (
        "session_ended",
        401,
        "The session is unknown here or has ended.",
        "Log in again by POST /api/v1/session.",
    )
    OPERATOR_NEEDED = (
        "operator_needed",
        403,
        "Only the network's operator may do this.",
        "Log in with the network's record key, or as a member with the role operator.",
    )
    NOT_YOURS = (
        "not_yours",
        403,
        "This belongs to somebody else.",
        "Log in as the agent that it belongs to.",
    )
    WRONG_ORIGIN = (
        "wrong_origin",
        403,
        "The request or the login was made for another address than this node's.",
        "Use the address that GET /api/v1/session states as origin.",
    )
    STORAGE_FAILED = (
        "storage_failed",
        503,
        "The node can't write at the moment.",
        "Try again later; the operator finds the cause in the node's log.",
    )
    NOT_READY = (
        "not_ready",
        503,
        "The node is starting or stopping.",
        "Try again in some seconds.",
    )
    INTERNAL = (
        "internal",
        500,
        "The node failed in a way that it didn't foresee.",
        "Tell the operator the time and the address; the cause is in the node's log.",
    )
