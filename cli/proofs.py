"""Checking what a node shows: a record's signature, its leaf, the proof, the signed head and the keys behind it.

Nothing is taken on trust but the network's id: its first `agent` record must hash to that id, its `epoch` must be
signed by a key that the agent record lists, the head by the epoch's checkpoint key, and the leaf must be in the tree
of the head. Source: spec/05-merkle; RFC 9162 2.1.3.

Tests: tests/cli/test_client.py
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.client import Client
from cli.errors import FailedCheckError
from protocol.errors import RemoteProtocolError
from protocol.feeds import FeedKey
from protocol.identifiers import from_text
from protocol.kinds import feed_of
from protocol.merkle.checkpoint import Checkpoint, origin_of, parse_checkpoint
from protocol.merkle.leaf import decode_leaf
from protocol.merkle.proofs import verify_inclusion
from protocol.merkle.tree import leaf_hash
from protocol.record import Record, decode_record, verify_record

MSGPACK = "application/msgpack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """A record that was followed down to its network's keys.

    Attributes:
        record: The record.
        index: Its leaf in the feed.
        checkpoint: The signed head.
    """

    record: Record
    index: int
    checkpoint: Checkpoint


async def fetch_record(client: Client, identifier: str) -> Record:
    """Fetch a record and check its id and signature.

    Args:
        client: any node that has it.
        identifier: the record's id as text.

    Raises:
        FailedCheckError: the node shows something else.
    """
    answer = await client.get(f"/records/{identifier}")
    record = _record(answer["record"], client.url)
    if record.id != from_text(identifier)[1]:
        raise FailedCheckError(f"{client.url} shows another record under {identifier}.", code="bad_id")
    return record


async def network_keys(client: Client, network: bytes) -> bytes:
    """Fetch a network's first records and give the key that signs its heads.

    Args:
        client: any node that follows the network.
        network: the network's id, 32 bytes.

    Returns:
        The checkpoint key of the newest epoch, 32 bytes.

    Raises:
        FailedCheckError: the records aren't those of the network.
    """
    answer = await client.get(f"/agents/{_agent_text(network)}/keys")
    agent = _record(answer["agent"], client.url)
    epoch = _record(answer["epoch"], client.url)
    if agent.id != network or agent.header.author is not None or agent.header.home is not None:
        raise FailedCheckError(f"{client.url} shows another agent record for the network.", code="bad_id")
    record_keys = {entry["sign"] for entry in agent.body_value()["keys"]}
    if epoch.header.author != network or epoch.header.key not in record_keys:
        raise FailedCheckError("The epoch isn't signed by a record key of the network.", code="bad_signature")
    key = epoch.body_value()["keys"]["checkpoint"]
    assert isinstance(key, bytes)
    return key


async def prove(client: Client, identifier: str) -> Proven:
    """Fetch a public record with its proof from any node, and check all of it.

    Args:
        client: the node that is asked.
        identifier: the record's id as text.

    Raises:
        FailedCheckError: something doesn't hold.
    """
    record = await fetch_record(client, identifier)
    home = record.header.home
    name = feed_of(record.header.kind)
    if home is None or name is None:
        raise FailedCheckError(f"{identifier} stands in no feed.", code="wrong_feed")
    answer = await client.get(f"/records/{identifier}/proof")
    try:
        note = _bytes(answer["checkpoint"])
        origin = origin_of(FeedKey(home, name, int(answer["epoch"])))
        checkpoint = parse_checkpoint(note, origin=origin, public=await network_keys(client, home))
        leaf = _bytes(answer["leaf"])
        if decode_leaf(leaf).record_id != record.id:
            raise FailedCheckError("The leaf names another record.", code="bad_proof")
        verify_inclusion(
            leaf_hash=leaf_hash(leaf),
            index=int(answer["index"]),
            size=checkpoint.size,
            proof=[_bytes(one) for one in answer["proof"]],
            root=checkpoint.root,
        )
    except RemoteProtocolError as error:
        raise FailedCheckError(f"{client.url}: {error.message}.", code=str(error.code)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise FailedCheckError(f"{client.url} gives no proof that can be read.", code="bad_answer") from error
    return Proven(record=record, index=int(answer["index"]), checkpoint=checkpoint)


async def head_of(client: Client, network: bytes, feed: str) -> Checkpoint:
    """Fetch a feed's newest head from a node and check its signature.

    Args:
        client: the node that is asked.
        network: whose feed, 32 bytes.
        feed: its name.
    """
    text = _agent_text(network)
    answer: Mapping[str, Any] = await client.get(f"/feeds/{text}/{feed}")
    note = await client.get_bytes(f"/api/v1/feeds/{text}/{feed}/checkpoint")
    try:
        checkpoint = parse_checkpoint(
            note,
            origin=origin_of(FeedKey(network, feed, int(answer["epoch"]))),
            public=await network_keys(client, network),
        )
    except RemoteProtocolError as error:
        raise FailedCheckError(f"{client.url}: {error.message}.", code=str(error.code)) from error
    return checkpoint


def _record(text: Any, url: str) -> Record:
    try:
        record = decode_record(_bytes(text))
        verify_record(record)
    except RemoteProtocolError as error:
        raise FailedCheckError(f"{url} shows a record that fails: {error.message}.", code=str(error.code)) from error
    return record


def _bytes(text: Any) -> bytes:
    try:
        return base64.b64decode(str(text), validate=True)
    except (binascii.Error, ValueError) as error:
        raise FailedCheckError("The node's answer isn't base64 where it should be.", code="bad_answer") from error


def _agent_text(network: bytes) -> str:
    from protocol.identifiers import to_text

    return to_text("agent", network)
