"""Who is at the other end: the two records of a HELLO, and what AUTH signs.

A network's first `agent` record has neither author nor home and is signed by one of the keys that it lists; its id is
the network's id. Its `epoch` record is signed by one of these keys, or by the recovery key, and lists the keys of the
epoch, among them the link key that signs AUTH. So a link key is bound to a network by signatures alone, without any
list of authorities.

AUTH signs, under the tag mutirao/link/1, the canonical array
[version, role, host, dialler's network, dialler's link key, listener's network, listener's link key, dialler's nonce,
listener's nonce]. The nonces make a replay useless, the host and both keys a forwarded one.

Source: spec/06-gossip G-11 to spec/06-gossip G-17; docs/concepts/gossip.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from protocol import codec, keys
from protocol.errors import RemoteProtocolError
from protocol.gossip.codes import ByeCode
from protocol.limits import HOST_CHARS_MAX, IDENTITIES_REMEMBERED_MAX
from protocol.record import Record, decode_record, verify_record
from protocol.units import INTEGER_MAX

LINK_TAG = "mutirao/link/1"
DIALLER = "dialler"
LISTENER = "listener"

_KEYS_MAX = 64


@dataclass(frozen=True, slots=True)
class Identity:
    """A network as its two records prove it.

    Attributes:
        network: The network's agent id, 32 bytes.
        epoch: Number of the epoch, from 0.
        link_key: Ed25519 public key of links, 32 bytes.
        checkpoint_key: Ed25519 public key that signs the heads of the network's feeds in this epoch, 32 bytes.
        agent_record: The first `agent` record, as it travels.
        epoch_record: The `epoch` record, as it travels.
    """

    network: bytes
    epoch: int
    link_key: bytes
    checkpoint_key: bytes
    agent_record: bytes
    epoch_record: bytes


@lru_cache(maxsize=IDENTITIES_REMEMBERED_MAX)
def identify(agent_record: bytes, epoch_record: bytes) -> Identity:
    """Read and check the two records of a network; answers are remembered, since peers come back.

    Args:
        agent_record: The network's first `agent` record.
        epoch_record: An `epoch` record of the network.

    Returns:
        What they prove.

    Raises:
        RemoteProtocolError: `bad_identity`, with what is wrong; or the code of a record's bytes.
    """
    agent = decode_record(agent_record)
    epoch = decode_record(epoch_record)
    signing_keys = _network_keys(agent)
    if epoch.header.kind != "epoch" or epoch.header.author != agent.id or epoch.header.home != agent.id:
        raise _bad("the second record is not an epoch of the network")
    if epoch.header.key not in signing_keys:
        raise _bad("the epoch is not signed by a key of the network")
    verify_record(agent)
    verify_record(epoch)
    body = epoch.body_value()
    number, named = body.get("number"), body.get("keys")
    if type(number) is not int or not 0 <= number <= INTEGER_MAX or not isinstance(named, dict):
        raise _bad("the epoch names no number or no keys")
    return Identity(
        network=agent.id,
        epoch=number,
        link_key=_public_key(named.get("link")),
        checkpoint_key=_public_key(named.get("checkpoint")),
        agent_record=agent_record,
        epoch_record=epoch_record,
    )


def auth_message(
    *,
    version: int,
    role: str,
    host: str,
    dialler: Identity,
    listener: Identity,
    dialler_nonce: bytes,
    listener_nonce: bytes,
) -> bytes:
    """Give the bytes that the AUTH of `role` signs under `LINK_TAG`.

    Args:
        version: The version that both speak.
        role: Of the one who signs: `DIALLER` or `LISTENER`.
        host: The host that was dialled, see `normal_host`.
        dialler: Who opened the connection.
        listener: Who accepted it.
        dialler_nonce: 32 bytes of the dialler's HELLO.
        listener_nonce: 32 bytes of the listener's HELLO.

    Returns:
        Canonical MessagePack.
    """
    return codec.encode(
        [
            version,
            role,
            host,
            dialler.network,
            dialler.link_key,
            listener.network,
            listener.link_key,
            dialler_nonce,
            listener_nonce,
        ]
    )


def normal_host(authority: str) -> str:
    """Give host and port of a URL's authority as AUTH signs them: lower case, without a final dot.

    >>> normal_host("Vila.Example.:8801")
    'vila.example:8801'
    """
    host, colon, port = authority.lower().rpartition(":")
    if not colon or not port.isdigit():
        host, port = authority.lower(), ""
    return f"{host.rstrip('.')}:{port}" if port else host.rstrip(".")


def is_host(value: object) -> bool:
    """Say whether `value` is a host as AUTH may carry it: 1 to 261 printable ASCII characters, normal already."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= HOST_CHARS_MAX
        and value.isascii()
        and value.isprintable()
        and " " not in value
        and normal_host(value) == value
    )


def _network_keys(agent: Record) -> frozenset[bytes]:
    header = agent.header
    if header.kind != "agent" or header.author is not None or header.home is not None or header.thing is not None:
        raise _bad("the first record is not a network's first agent record")
    body = agent.body_value()
    listed = body.get("keys")
    if body.get("type") != "network" or not isinstance(listed, list) or not 0 < len(listed) <= _KEYS_MAX:
        raise _bad("the first record is not the agent of a network with keys")
    signing_keys = frozenset(_public_key(item.get("sign")) for item in listed if isinstance(item, dict))
    if header.key not in signing_keys:
        raise _bad("the agent record is not signed by a key that it lists")
    recovery = body.get("recovery")
    return signing_keys | {_public_key(recovery.get("sign"))} if isinstance(recovery, dict) else signing_keys


def _public_key(value: Any) -> bytes:
    if type(value) is not bytes:
        raise _bad("a key is missing")
    keys.check_public_key(value)
    return value


def _bad(text: str) -> RemoteProtocolError:
    return RemoteProtocolError(ByeCode.BAD_IDENTITY, text)
