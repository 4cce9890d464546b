"""Agents, epochs, profiles and memberships hold what their rules say."""

from __future__ import annotations

from typing import Any

import pytest

from protocol.errors import Code, RemoteProtocolError
from protocol.kinds import read_body
from protocol.kinds.agents import Agent, Epoch
from tests.builders import bodies, device, epoch_body, named, public


def code_of(kind: str, body: dict[str, Any]) -> Code | None:
    """Give the code that a body is refused with, None if it is read."""
    try:
        read_body(kind, body)
    except RemoteProtocolError as error:
        return Code(error.code)
    return None


def test_an_agent_without_keys_is_mapped() -> None:
    """Anybody but a network may be known without keys."""
    mapped = read_body("agent", {"type": "public_body", "keys": []})

    assert isinstance(mapped, Agent)
    assert mapped.keys == ()
    assert code_of("agent", {"type": "network", "keys": []}) == Code.MISSING_FIELD


def test_a_key_stands_once() -> None:
    """One signing key is one device."""
    assert code_of("agent", {"type": "person", "keys": [device("a"), device("a")]}) == Code.OUT_OF_RANGE


def test_recovery_is_for_networks() -> None:
    """Only a network has recovery keys in its record, and they aren't record keys too."""
    assert code_of("agent", {"type": "network", "keys": [device("a")], "recovery": device("b")}) is None
    assert code_of("agent", {"type": "person", "keys": [device("a")], "recovery": device("b")}) == Code.OUT_OF_RANGE
    assert code_of("agent", {"type": "network", "keys": [device("a")], "recovery": device("a")}) == Code.OUT_OF_RANGE


def test_too_many_devices() -> None:
    """The number of devices is bounded."""
    keys = [device(f"device {number}") for number in range(17)]

    assert code_of("agent", {"type": "person", "keys": keys}) == Code.TOO_MANY


def test_an_unknown_type_is_refused() -> None:
    """The types are a closed list."""
    assert code_of("agent", {"type": "robot", "keys": []}) == Code.OUT_OF_RANGE


def test_an_epoch_has_four_keys() -> None:
    """Each purpose has a key of its own."""
    epoch = read_body("epoch", epoch_body("vila"))
    assert isinstance(epoch, Epoch)
    assert epoch.keys.link == public("vila link")

    same = {**epoch_body("vila")["keys"], "link": public("vila checkpoint")}
    assert code_of("epoch", {"number": 0, "keys": same}) == Code.OUT_OF_RANGE
    assert code_of("epoch", {"number": 0, "keys": {**same, "link": bytes(32)}}) == Code.BAD_KEY


def test_only_a_later_epoch_inherits() -> None:
    """The first epoch begins empty, and only feeds are inherited."""
    inherited = {"trust": {"size": 3, "root": named("root")}}

    assert code_of("epoch", {**epoch_body("vila"), "inherited": inherited}) == Code.OUT_OF_RANGE
    assert code_of("epoch", {**epoch_body("vila", 1), "inherited": inherited}) is None
    assert code_of("epoch", {**epoch_body("vila", 1), "inherited": {"x": inherited["trust"]}}) == Code.OUT_OF_RANGE


def test_a_witness_stands_once_with_a_safe_key() -> None:
    """A network can't count twice towards the quorum."""
    witness = {"agent": named("serra"), "key": public("serra cosignature"), "name": "Serra"}

    assert code_of("epoch", {**epoch_body("vila"), "witnesses": [witness]}) is None
    assert code_of("epoch", {**epoch_body("vila"), "witnesses": [witness, witness]}) == Code.OUT_OF_RANGE
    assert code_of("epoch", {**epoch_body("vila"), "witnesses": [{**witness, "key": bytes(32)}]}) == Code.BAD_KEY


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("colour", "red"),
        ("colour", "#B4552D"),
        ("language", "pt_BR"),
        ("latitude_e6", 90_000_001),
        ("longitude_e6", -180_000_001),
        ("categories", ["Bread"]),
        ("categories", ["bread", "bread"]),
        ("unit", {"name": "x", "symbol": "longer than 8", "exponent": 2}),
        ("unit", {"name": "x", "symbol": "x", "exponent": 7}),
    ],
)
def test_a_profile_has_bounds(field: str, value: object) -> None:
    """Colours, languages, positions, categories and units have their form."""
    assert code_of("profile", {**bodies()["profile"], field: value}) == Code.OUT_OF_RANGE


def test_an_active_member_has_a_role() -> None:
    """A membership that holds says what for; one that ended needs no role."""
    assert code_of("membership", {"agent": named("a"), "roles": []}) == Code.MISSING_FIELD
    assert code_of("membership", {"agent": named("a"), "roles": [], "state": "ended"}) is None
    assert code_of("membership", {"agent": named("a"), "roles": ["king"]}) == Code.OUT_OF_RANGE
    assert code_of("membership", {"agent": named("a"), "roles": ["clerk", "clerk"]}) == Code.OUT_OF_RANGE
