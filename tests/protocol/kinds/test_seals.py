"""Seals and attestations hold what their rules say."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body
from tests.builders import NOW_MS, bodies, named

VALID: dict[str, dict[str, Any]] = {
    "visit": {"seal": named("seal"), "result": "fail"},
    "award": {"seal": named("seal"), "visits": [named("v1"), named("v2")], "until_ms": NOW_MS},
    "revocation": {"seal": named("seal"), "award": named("award"), "note": "mudou de dono"},
    "complaint": {"note": "veio mofado"},
    "check": {"result": "pass"},
    "rating": {"rating": 5},
}


def code_of(kind: str, body: dict[str, Any]) -> Code | None:
    """Give the code that a body is refused with, None if it is read."""
    try:
        read_body(kind, body)
    except RemoteProtocolError as error:
        return Code(error.code)
    return None


@pytest.mark.parametrize("type_name", sorted(VALID))
def test_each_type_needs_its_fields(type_name: str) -> None:
    """An attestation with the fields of its type is read, and without any of them it isn't."""
    body = {"type": type_name, "subject": named("padaria"), **VALID[type_name]}

    assert code_of("attestation", body) is None
    for field in VALID[type_name]:
        without = {key: value for key, value in body.items() if key != field}
        assert code_of("attestation", without) == Code.MISSING_FIELD, field


@pytest.mark.parametrize("type_name", sorted(VALID))
def test_each_type_has_no_other_type_s_fields(type_name: str) -> None:
    """A complaint can't carry a visit's result, nor a visit an award's end."""
    every = {"result": "pass", "visits": [named("v")], "award": named("a"), "rating": 3, "until_ms": NOW_MS}
    body = {"type": type_name, "subject": named("padaria"), **VALID[type_name]}
    for field, value in every.items():
        if field not in VALID[type_name]:
            assert code_of("attestation", {**body, field: value}) == Code.OUT_OF_RANGE, field


def test_a_visit_counts_once() -> None:
    """An award can't name one visit twice."""
    body = {"type": "award", "subject": named("x"), **VALID["award"], "visits": [named("v"), named("v")]}

    assert code_of("attestation", body) == Code.OUT_OF_RANGE


@pytest.mark.parametrize(
    ("field", "value"),
    [("criteria", []), ("criteria", [7]), ("quorum", 0), ("quorum", 31), ("months", 0), ("months", 61)],
)
def test_a_seal_has_bounds(field: str, value: object) -> None:
    """A seal has criteria, a quorum and an end."""
    assert code_of("seal", {**bodies()["seal"], field: value}) in {Code.OUT_OF_RANGE, Code.WRONG_TYPE}


@pytest.mark.parametrize("rating", [0, 6])
def test_a_rating_is_one_to_five(rating: int) -> None:
    """The scale is closed."""
    assert code_of("attestation", {"type": "rating", "subject": named("x"), "rating": rating}) == Code.OUT_OF_RANGE
