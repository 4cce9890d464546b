"""Checking what a node shows: a record's signature, its leaf, the proof, the signed head and the keys behind it.

Nothing is taken on trust but the record's id and, through it, its home's: the bundle that a node gives is verified
here, by the same pure rules that another node would use. Source: docs/spec/05-merkle.md.
"""

from __future__ import annotations

from dataclasses import dataclass

from cli.client import MSGPACK, Client
from cli.errors import FailedCheckError
from protocol.bundle import Proven, decode_bundle, verify_bundle
from protocol.errors import RemoteProtocolError
from protocol.feeds import FeedKey
from protocol.identifiers import from_text, to_text
from protocol.merkle.checkpoint import Checkpoint, origin_of, parse_checkpoint
from protocol.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A record that a node showed, followed down to its network's keys.

    Attributes:
        record: The record.
        index: Its leaf in the feed.
        proven: Which feed, which head, which keys.
    """

    record: Record
    index: int
    proven: Proven


async def prove(client: Client, identifier: str) -> Shown:
    """Fetch a record with its proof from a node, and check all of it.

    Args:
        client: the node that is asked, whichever has the record.
        identifier: the record's id as text.

    Raises:
        FailedCheckError: something doesn't hold.
    """
    data = await client.get_bytes(f"/api/v1/records/{identifier}/bundle", accept=MSGPACK)
    try:
        bundle = decode_bundle(data)
        proven = verify_bundle(bundle)
    except RemoteProtocolError as error:
        raise FailedCheckError(
            f"{client.url} shows {identifier} with a proof that doesn't hold: {error.message}.",
            code=str(error.code),
            next_step="Ask another node, and tell this one's operator.",
        ) from error
    if bundle.record.id != from_text(identifier)[1]:
        raise FailedCheckError(f"{client.url} shows another record under {identifier}.", code="bad_id")
    if bundle.record.header.key not in proven.author_keys:
        raise FailedCheckError(f"{identifier} is signed by a key that its author doesn't list.", code="key_not_valid")
    return Shown(record=bundle.record, index=bundle.index, proven=proven)


async def head_of(client: Client, feed: FeedKey, checkpoint_key: bytes) -> Checkpoint:
    """Fetch a feed's newest signed head from a node and check its signature.

    Args:
        client: the node that is asked, the feed's home or a follower.
        feed: which feed.
        checkpoint_key: the key of the feed's epoch, 32 bytes, as a proof showed it.

    Raises:
        FailedCheckError: the head isn't this feed's, or isn't signed by the key.
    """
    note = await client.get_bytes(f"/api/v1/feeds/{to_text('agent', feed.network)}/{feed.name}/checkpoint")
    try:
        return parse_checkpoint(note, origin=origin_of(feed), public=checkpoint_key)
    except RemoteProtocolError as error:
        raise FailedCheckError(f"{client.url}: {error.message}.", code=str(error.code)) from error
