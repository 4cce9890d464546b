"""A delivered record with all that proves it, for networks that don't follow the feed that it stands in.

    bundle = [record, leaf, index, inclusion proof, head, [record, …]]

The last array holds the home's `agent` records, its `epoch` record and the author's `agent` records, each chain from
its first record on. With them nothing else is needed: the first `agent` of the home has the home's id, a later one is
signed by a key of the one before, the `epoch` by a key of the home, the head by the epoch's checkpoint key, and the
proof leads from the leaf, which names the record, to the head's root.

Source: DESIGN sections 4 to 6; docs/spec/05-merkle.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from protocol import codec
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import PUBLIC_FEED_NAMES, FeedKey
from protocol.identifiers import base32
from protocol.limits import BUNDLE_BYTES_MAX, BUNDLE_RECORDS_MAX, PROOF_HASHES_MAX
from protocol.merkle.checkpoint import origin_of, parse_checkpoint, read_checkpoint
from protocol.merkle.leaf import Leaf, decode_leaf
from protocol.merkle.proofs import verify_inclusion
from protocol.merkle.tree import leaf_hash
from protocol.record import Record, decode_record, encode_record, verify_record
from protocol.units import INTEGER_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """A record with its proof, as it travels.

    Attributes:
        record: The delivered record.
        leaf: The bytes of its leaf.
        index: Where the leaf stands.
        proof: Inclusion proof, hashes of 32 bytes.
        note: The signed head that the proof leads to.
        agents: The home's `agent` records and `epoch`, and the author's `agent` records.
    """

    record: Record
    leaf: bytes
    index: int
    proof: tuple[bytes, ...]
    note: bytes
    agents: tuple[Record, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a verified bundle shows.

    Attributes:
        feed: The feed that the record stands in.
        leaf: Its leaf, decoded.
        size: Of the head.
        root: Of the head, 32 bytes.
        author_keys: All signing keys that the author's records in the bundle ever listed. Whether the key held at
            the record's `keys_at` is the home's word, until its trust feed is read.
        epoch: The `epoch` record that the head's key is of.
        checkpoint_key: That key, 32 bytes.
    """

    feed: FeedKey
    leaf: Leaf
    size: int
    root: bytes
    author_keys: frozenset[bytes]
    epoch: Record
    checkpoint_key: bytes


def encode_bundle(bundle: Bundle) -> bytes:
    """Give the canonical bytes of a bundle."""
    return codec.encode(
        [
            encode_record(bundle.record),
            bundle.leaf,
            bundle.index,
            list(bundle.proof),
            bundle.note,
            [encode_record(record) for record in bundle.agents],
        ]
    )


def decode_bundle(data: bytes) -> Bundle:
    """Read the structure of a bundle; nothing is verified here.

    Raises:
        RemoteProtocolError: `too_large`, `too_many`, `malformed`, `not_canonical` or `wrong_type`.
    """
    if len(data) > BUNDLE_BYTES_MAX:
        raise RemoteProtocolError(Code.TOO_LARGE, f"{len(data)} bytes; a bundle has at most {BUNDLE_BYTES_MAX}")
    fields = codec.decode(data)
    if type(fields) is not list or len(fields) != 6:
        raise RemoteProtocolError(Code.MALFORMED, "a bundle is an array of 6")
    record, leaf, index, proof, note, agents = fields
    if type(record) is not bytes or type(leaf) is not bytes or type(note) is not bytes:
        raise RemoteProtocolError(Code.WRONG_TYPE, "record, leaf and head of a bundle are byte strings")
    if type(index) is not int or not 0 <= index <= INTEGER_MAX:
        raise RemoteProtocolError(Code.WRONG_TYPE, "a bundle's index is an integer from 0")
    return Bundle(
        record=decode_record(record),
        leaf=leaf,
        index=index,
        proof=tuple(_byte_strings(proof, PROOF_HASHES_MAX, "proof")),
        note=note,
        agents=tuple(decode_record(item) for item in _byte_strings(agents, BUNDLE_RECORDS_MAX, "records")),
    )


def verify_bundle(bundle: Bundle) -> Proven:
    """Check every signature, the chains of keys and the proof of a bundle.

    Raises:
        RemoteProtocolError: `bad_signature`, `key_not_valid`, `unknown_author`, `wrong_home`, `bad_id`, `bad_proof`
            or what reading a body raises.
    """
    header = bundle.record.header
    if header.home is None or header.author is None:
        raise RemoteProtocolError(Code.WRONG_HOME, "a delivered record names its home and its author")
    for record in (bundle.record, *bundle.agents):
        verify_record(record)
    _, home_keys = chain_keys(header.home, bundle.agents)
    author_keys, _ = chain_keys(header.author, bundle.agents, mapper=header.home, mapper_keys=home_keys)
    feed = _feed_of_note(bundle.note, header.home)
    epoch = _epoch(bundle.agents, header.home, feed.epoch, home_keys)
    key = checkpoint_key(epoch)
    head = parse_checkpoint(bundle.note, origin=origin_of(feed), public=key)
    leaf = decode_leaf(bundle.leaf)
    if leaf.record_id != bundle.record.id:
        raise RemoteProtocolError(Code.BAD_ID, "the bundle's leaf names another record")
    hashed = leaf_hash(bundle.leaf)
    verify_inclusion(leaf_hash=hashed, index=bundle.index, size=head.size, proof=list(bundle.proof), root=head.root)
    return Proven(
        feed=feed,
        leaf=leaf,
        size=head.size,
        root=head.root,
        author_keys=author_keys,
        epoch=epoch,
        checkpoint_key=key,
    )


def chain_keys(
    agent: bytes,
    records: Sequence[Record],
    *,
    mapper: bytes | None = None,
    mapper_keys: frozenset[bytes] = frozenset(),
) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Give the signing keys that a chain of `agent` records ever listed, and the same with recovery keys.

    Args:
        agent: The agent's id: that of the first record of the chain.
        records: Verified records, the chain's in order, others between them.
        mapper: The network that may have mapped the agent before it had keys.
        mapper_keys: The keys of that network, which sign until the agent has its own.

    Raises:
        RemoteProtocolError: `unknown_author` where the chain lacks its first record, `key_not_valid` where a record
            isn't signed by a key of the one before.
    """
    chain = [record for record in records if record.header.kind == "agent" and record.thing_id == agent]
    if not chain or chain[0].id != agent:
        raise RemoteProtocolError(Code.UNKNOWN_AUTHOR, f"the bundle lacks the first record of agent {base32(agent)}")
    signing: frozenset[bytes] = frozenset()
    may_sign: frozenset[bytes] = frozenset()
    ever: frozenset[bytes] = frozenset()
    for at, record in enumerate(chain):
        listed, recovery = _listed_keys(record)
        if not at:
            is_mapped = mapper is not None and record.header.author == mapper and not listed
            may_sign = mapper_keys if is_mapped else listed
        if record.header.key not in may_sign or (at and record.header.previous != chain[at - 1].id):
            raise RemoteProtocolError(Code.KEY_NOT_VALID, "a chain of agent records is signed by a key it doesn't list")
        may_sign = listed | recovery or may_sign
        signing |= listed
        ever |= may_sign
    return signing, ever


def checkpoint_key(epoch: Record) -> bytes:
    """Give the checkpoint key that an `epoch` record states, 32 bytes.

    Raises:
        RemoteProtocolError: `wrong_type`.
    """
    keys = epoch.body_value().get("keys")
    key = keys.get("checkpoint") if isinstance(keys, dict) else None
    if type(key) is not bytes or len(key) != 32:
        raise RemoteProtocolError(Code.WRONG_TYPE, "epoch.keys.checkpoint is 32 bytes")
    return key


def _listed_keys(record: Record) -> tuple[frozenset[bytes], frozenset[bytes]]:
    body = record.body_value()
    try:
        keys = frozenset(key["sign"] for key in body["keys"])
        recovery = body.get("recovery")
        return keys, frozenset() if recovery is None else frozenset({recovery["sign"]})
    except (KeyError, TypeError) as error:
        raise RemoteProtocolError(Code.WRONG_TYPE, "agent.keys is an array of maps with sign") from error


def _epoch(records: Sequence[Record], home: bytes, number: int, home_keys: frozenset[bytes]) -> Record:
    for record in records:
        header = record.header
        is_it = header.kind == "epoch" and header.author == home == header.home
        if is_it and header.key in home_keys and record.body_value().get("number") == number:
            return record
    raise RemoteProtocolError(Code.KEY_NOT_VALID, f"the bundle lacks the home's epoch {number}, signed by the home")


def _feed_of_note(note: bytes, home: bytes) -> FeedKey:
    origin = read_checkpoint(note).origin
    parts = origin.split("/")
    is_number = parts[-1].isascii() and parts[-1].isdigit() and len(parts[-1]) <= 15
    if len(parts) == 4 and parts[2] in PUBLIC_FEED_NAMES and is_number:
        feed = FeedKey(home, parts[2], int(parts[3]))
        if origin_of(feed) == origin:
            return feed
    raise RemoteProtocolError(Code.WRONG_FEED, "the bundle's head is not of a feed of the record's home")


def _byte_strings(value: Any, count_max: int, name: str) -> list[bytes]:
    if type(value) is not list or any(type(item) is not bytes for item in value):
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{name} of a bundle is an array of byte strings")
    if len(value) > count_max:
        raise RemoteProtocolError(Code.TOO_MANY, f"{name} of a bundle has at most {count_max} items")
    return value
