"""The records of a HELLO prove a network's keys, or are refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from protocol import keys
from protocol.errors import Code, RemoteProtocolError
from protocol.gossip.codes import ByeCode
from protocol.gossip.identity import auth_message, identify, is_host, normal_host
from protocol.record import Header, create, encode_record
from tests.simulation.spread.memory_replica import NetworkKeys, seed_of

VILA = NetworkKeys("vila")
SERRA = NetworkKeys("serra")
NAMED = {name: keys.public_of(seed_of("vila", name)) for name in ("checkpoint", "link")}


def test_both_records_give_the_identity() -> None:
    """Network, epoch and keys are those that the records state."""
    found = identify(VILA.identity.agent_record, VILA.identity.epoch_record)

    assert keys.public_of(VILA.link) == found.link_key
    assert keys.public_of(VILA.checkpoint) == found.checkpoint_key
    assert found.epoch == 0


def test_the_epoch_of_another_network_proves_nothing() -> None:
    """An epoch record of another network is refused."""
    assert ByeCode.BAD_IDENTITY == _code(VILA.identity.agent_record, SERRA.identity.epoch_record)


def test_an_epoch_signed_by_a_stranger_proves_nothing() -> None:
    """An epoch record with a key that the network doesn't list is refused, and so is one with a false signature."""
    stranger = _epoch({"number": 0, "keys": NAMED}, seed=seed_of("stranger"))
    altered = bytearray(VILA.identity.epoch_record)
    altered[-1] ^= 1

    assert ByeCode.BAD_IDENTITY == _code(VILA.identity.agent_record, stranger)
    assert Code.BAD_SIGNATURE == _code(VILA.identity.agent_record, bytes(altered))


def test_the_recovery_key_may_sign_an_epoch() -> None:
    """Where keys change, the recovery key signs."""
    recovery = seed_of("recovery")
    agent = _agent({"recovery": {"sign": keys.public_of(recovery), "seal": bytes(32)}})
    epoch = _epoch({"number": 3, "keys": NAMED}, seed=recovery, network=agent[0])

    assert identify(agent[1], epoch).epoch == 3


@pytest.mark.parametrize(
    "body",
    [
        {"number": -1, "keys": NAMED},
        {"number": "0", "keys": NAMED},
        {"number": 0, "keys": {"checkpoint": NAMED["checkpoint"]}},
        {"number": 0, "keys": {**NAMED, "link": "text"}},
        {"number": 0},
        {},
    ],
)
def test_an_epoch_names_number_and_keys(body: Mapping[str, Any]) -> None:
    """An epoch without its number or one of its keys is refused."""
    assert ByeCode.BAD_IDENTITY == _code(VILA.identity.agent_record, _epoch(body))


def test_a_small_order_key_is_refused() -> None:
    """A key that would accept forged signatures is no link key."""
    epoch = _epoch({"number": 0, "keys": {**NAMED, "link": bytes(32)}})

    assert Code.BAD_KEY == _code(VILA.identity.agent_record, epoch)


@pytest.mark.parametrize("extra", [{"type": "person"}, {"keys": []}, {"keys": [1]}, {"keys": None}])
def test_only_a_network_has_links(extra: Mapping[str, Any]) -> None:
    """An agent record of another type, or without the key that signed it, is refused."""
    network, agent = _agent(extra)

    assert ByeCode.BAD_IDENTITY == _code(agent, _epoch({"number": 0, "keys": NAMED}, network=network))


def test_hosts_are_compared_in_one_form() -> None:
    """Case and a final dot don't matter; only the normal form travels."""
    assert normal_host("VILA.example.") == "vila.example"
    assert normal_host("[::1]:8801") == "[::1]:8801"
    assert is_host("127.0.0.1:8801")
    assert not is_host("Vila.example")
    assert not is_host("")
    assert not is_host("a" * 300)


def test_every_field_changes_what_is_signed() -> None:
    """No two links sign the same bytes."""
    base: dict[str, Any] = {
        "version": 1,
        "role": "dialler",
        "host": "a",
        "dialler": VILA.identity,
        "listener": SERRA.identity,
        "dialler_nonce": bytes(32),
        "listener_nonce": bytes(31) + b"\x01",
    }
    changes: dict[str, Any] = {
        "version": 2,
        "role": "listener",
        "host": "b",
        "dialler": SERRA.identity,
        "listener": VILA.identity,
        "dialler_nonce": bytes(31) + b"\x02",
        "listener_nonce": bytes(31) + b"\x02",
    }

    signed = {auth_message(**base), *(auth_message(**{**base, name: value}) for name, value in changes.items())}

    assert len(signed) == 8


def _code(agent: bytes, epoch: bytes) -> str:
    with pytest.raises(RemoteProtocolError) as caught:
        identify(agent, epoch)
    return caught.value.code


def _agent(extra: Mapping[str, Any]) -> tuple[bytes, bytes]:
    public = keys.public_of(VILA.record)
    body = {"type": "network", "keys": [{"sign": public, "seal": bytes(32)}], **extra}
    header = Header(kind="agent", author=None, key=public, home=None, created_ms=1)
    record = create(header, body, seed=VILA.record, salt=bytes(16))
    return record.id, encode_record(record)


def _epoch(body: Mapping[str, Any], *, seed: bytes = VILA.record, network: bytes = VILA.identity.network) -> bytes:
    header = Header(kind="epoch", author=network, key=keys.public_of(seed), home=network, created_ms=1)
    return encode_record(create(header, body, seed=seed, salt=bytes(16)))
