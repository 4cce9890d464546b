"""The record: everything that a network publishes or a member instructs.

A record is a canonical array of four: header bytes, body, sealed part, signature. Either part may be absent (nil),
present ([salt, content]) or missing (its 32-byte hash stands in its place); so it can be erased alone and the rest
still verifies. The id covers the header and the hashes of both parts; the signature covers the id and is never part
of an identity, since signatures are not unique.

    id = SHA-256("mutirao/record/1\\n" ‖ header ‖ hash of body ‖ hash of sealed)
    hash of a part = SHA-256(salt ‖ content), or 32 zero bytes for an absent one

Source: spec/03-records; DESIGN of records in docs/concepts/records.md.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgpack

from protocol import codec, keys
from protocol.errors import Code, LocalProtocolError, RemoteProtocolError
from protocol.limits import KIND_CHARS_MAX, RECORD_BYTES_MAX, SALT_BYTES, TO_MAX
from protocol.units import INTEGER_MAX

VERSION = 1
TAG = "mutirao/record/1"
HASH_BYTES = 32
ABSENT = bytes(HASH_BYTES)

_ID_PREFIX = TAG.encode() + b"\n"
_HEADER_FIELDS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a record says of itself; never erased.

    Attributes:
        version: 1; a later one is kept and void.
        kind: What the record is, such as `offer`.
        author: The author's agent id (32 bytes); None in a first `agent` record.
        key: The Ed25519 public key that signed (32 bytes).
        home: The network whose feed it belongs in (32 bytes); None in a network's first `agent` record.
        to: The networks that it is addressed to, at most 4; empty for public records.
        created_ms: The author's clock; a claim, never validity.
        thing: The thing that this record revises; None in the first record of a thing.
        previous: The revision that it replaces; None in the first record of a thing.
    """

    version: int = VERSION
    kind: str
    author: bytes | None
    key: bytes
    home: bytes | None
    to: tuple[bytes, ...] = ()
    created_ms: int
    thing: bytes | None = None
    previous: bytes | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a record that is here.

    Attributes:
        salt: 16 random bytes, so that the hash of a short content can't be guessed.
        content: The bytes; of a body, a canonical map.
    """

    salt: bytes
    content: bytes

    def hash(self) -> bytes:
        """Give SHA-256(salt ‖ content)."""
        return hashlib.sha256(self.salt + self.content).digest()


PartState = Part | bytes | None
"""Present, missing (its 32-byte hash), or absent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One signed record; `decode_record` and `create` make them.

    Attributes:
        header: The header, decoded.
        header_bytes: The header as it was signed.
        body: The body part.
        sealed: The part that only named agents can read.
        signature: 64 bytes over the id.
        id: 32 bytes.
    """

    header: Header
    header_bytes: bytes
    body: PartState
    sealed: PartState
    signature: bytes
    id: bytes = field(compare=True)

    @property
    def thing_id(self) -> bytes:
        """The thing that this record is a revision of: its own id where it is the first."""
        return self.header.thing if self.header.thing is not None else self.id

    @property
    def has_body(self) -> bool:
        """Whether the body is here to be read."""
        return isinstance(self.body, Part)

    @property
    def is_missing_a_part(self) -> bool:
        """Whether a part is not here: its hash stands in its place."""
        return isinstance(self.body, bytes) or isinstance(self.sealed, bytes)

    def body_value(self) -> dict[str, Any]:
        """Give the body's map.

        Raises:
            RemoteProtocolError: `not_found` where the body is absent or missing, `not_canonical`, `malformed` or
                `wrong_type` where its bytes are not a canonical map.
        """
        if not isinstance(self.body, Part):
            raise RemoteProtocolError(Code.NOT_FOUND, "the record's body is not here")
        value = codec.decode(self.body.content)
        if not isinstance(value, dict):
            raise RemoteProtocolError(Code.WRONG_TYPE, "a record's body is a map")
        return value

    def without_body(self) -> Record:
        """Give the record with the body's hash in its place, as after an erasure."""
        return replace(self, body=self.body.hash()) if isinstance(self.body, Part) else self

    def without_sealed(self) -> Record:
        """Give the record with the sealed part's hash in its place."""
        return replace(self, sealed=self.sealed.hash()) if isinstance(self.sealed, Part) else self


def create(
    header: Header,
    body: Mapping[str, Any] | None,
    *,
    seed: bytes,
    salt: bytes,
    sealed: bytes | None = None,
    sealed_salt: bytes | None = None,
) -> Record:
    """Make and sign a record.

    Args:
        header: Its `key` must be the public key of `seed`.
        body: The body's map, or None for a record without one.
        seed: 32 bytes, the signing key.
        salt: 16 random bytes for the body.
        sealed: The sealed part's bytes, where there is one (see `protocol.sealed`).
        sealed_salt: 16 random bytes for the sealed part.

    Returns:
        The signed record.

    Raises:
        LocalProtocolError: The arguments don't fit one another, or the record would be larger than 16 KiB.
    """
    if keys.public_of(seed) != header.key:
        raise LocalProtocolError(Code.BAD_KEY, "the header names another key than the one that signs")
    if len(salt) != SALT_BYTES or (sealed is not None and len(sealed_salt or b"") != SALT_BYTES):
        raise LocalProtocolError(Code.OUT_OF_RANGE, f"a salt has {SALT_BYTES} bytes")
    header_bytes = encode_header(header)
    body_part = None if body is None else Part(salt, codec.encode(body))
    sealed_part = None if sealed is None else Part(sealed_salt or b"", sealed)
    identifier = record_id(header_bytes, body_part, sealed_part)
    record = Record(
        header=header,
        header_bytes=header_bytes,
        body=body_part,
        sealed=sealed_part,
        signature=keys.sign(seed, TAG, identifier),
        id=identifier,
    )
    if len(encode_record(record)) > RECORD_BYTES_MAX:
        raise LocalProtocolError(Code.TOO_LARGE, f"a record has at most {RECORD_BYTES_MAX} bytes")
    return record


def encode_header(header: Header) -> bytes:
    """Give the canonical array of nine that the id covers."""
    return codec.encode(
        [
            header.version,
            header.kind,
            header.author,
            header.key,
            header.home,
            list(header.to),
            header.created_ms,
            header.thing,
            header.previous,
        ]
    )


def encode_record(record: Record) -> bytes:
    """Give the record's bytes as they travel and are stored."""
    packed: bytes = msgpack.packb(
        [record.header_bytes, _part_value(record.body), _part_value(record.sealed), record.signature],
        use_bin_type=True,
    )
    return packed


def decode_record(data: bytes) -> Record:
    """Read a record's structure; the signature is not checked here.

    Args:
        data: At most 16 KiB, all the bytes of one record.

    Returns:
        The record, its id computed from the bytes. The body's map is not decoded.

    Raises:
        RemoteProtocolError: `too_large`, `malformed`, `not_canonical`, `wrong_type` or `out_of_range`.
    """
    if len(data) > RECORD_BYTES_MAX:
        raise RemoteProtocolError(Code.TOO_LARGE, f"{len(data)} bytes; a record has at most {RECORD_BYTES_MAX}")
    fields = codec.decode_flat(data)
    if len(fields) != 4:
        raise RemoteProtocolError(Code.MALFORMED, f"a record is an array of 4, not of {len(fields)}")
    header_bytes, body_value, sealed_value, signature = fields
    if type(header_bytes) is not bytes:
        raise RemoteProtocolError(Code.WRONG_TYPE, "a record's header is a byte string")
    if type(signature) is not bytes or len(signature) != keys.SIGNATURE_BYTES:
        raise RemoteProtocolError(Code.WRONG_TYPE, "a record's signature is 64 bytes")
    header = decode_header(header_bytes)
    body = _part_state(body_value, "body")
    sealed = _part_state(sealed_value, "sealed")
    return Record(
        header=header,
        header_bytes=header_bytes,
        body=body,
        sealed=sealed,
        signature=signature,
        id=record_id(header_bytes, body, sealed),
    )


def decode_header(data: bytes) -> Header:
    """Read a header from its canonical bytes.

    A header of a later version may have more fields behind the nine; it is kept, and void.

    Raises:
        RemoteProtocolError: `malformed`, `not_canonical`, `wrong_type` or `out_of_range`.
    """
    fields = codec.decode_flat(data)
    if not fields or type(fields[0]) is not int or not 1 <= fields[0] <= INTEGER_MAX:
        raise RemoteProtocolError(Code.WRONG_TYPE, "a header begins with its version, an integer from 1")
    if len(fields) < _HEADER_FIELDS or (fields[0] == VERSION and len(fields) != _HEADER_FIELDS):
        raise RemoteProtocolError(Code.MALFORMED, f"a header has {_HEADER_FIELDS} fields, this one {len(fields)}")
    version, kind, author, key, home, to, created_ms, thing, previous = fields[:_HEADER_FIELDS]
    if type(kind) is not str or not 1 <= len(kind) <= KIND_CHARS_MAX:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"kind is text of 1 to {KIND_CHARS_MAX} characters")
    if type(key) is not bytes or len(key) != keys.PUBLIC_BYTES:
        raise RemoteProtocolError(Code.WRONG_TYPE, "key is 32 bytes")
    if type(created_ms) is not int or not 0 <= created_ms <= INTEGER_MAX:
        raise RemoteProtocolError(Code.WRONG_TYPE, "created_ms is an integer from 0 to 2**53-1")
    if type(to) is not list or len(to) > TO_MAX or any(not _is_hash(item) for item in to):
        raise RemoteProtocolError(Code.WRONG_TYPE, f"to is an array of at most {TO_MAX} ids of 32 bytes")
    if any(a >= b for a, b in itertools.pairwise(to)):
        raise RemoteProtocolError(Code.NOT_CANONICAL, "the ids in to are sorted and different")
    for name, value in (("author", author), ("home", home), ("thing", thing), ("previous", previous)):
        if value is not None and not _is_hash(value):
            raise RemoteProtocolError(Code.WRONG_TYPE, f"{name} is nil or 32 bytes")
    if (thing is None) != (previous is None):
        raise RemoteProtocolError(Code.MALFORMED, "thing and previous stand together or not at all")
    return Header(
        version=version,
        kind=kind,
        author=author,
        key=key,
        home=home,
        to=tuple(to),
        created_ms=created_ms,
        thing=thing,
        previous=previous,
    )


def record_id(header_bytes: bytes, body: PartState, sealed: PartState) -> bytes:
    """Give the 32-byte id of a record with these parts."""
    return hashlib.sha256(_ID_PREFIX + header_bytes + _part_hash(body) + _part_hash(sealed)).digest()


def verify_record(record: Record) -> None:
    """Check the signature over the record's id.

    Raises:
        RemoteProtocolError: `bad_signature`.
    """
    keys.verify(record.header.key, TAG, record.id, record.signature)


def _is_hash(value: object) -> bool:
    return type(value) is bytes and len(value) == HASH_BYTES


def _part_hash(part: PartState) -> bytes:
    if part is None:
        return ABSENT
    return part if isinstance(part, bytes) else part.hash()


def _part_value(part: PartState) -> Any:
    return [part.salt, part.content] if isinstance(part, Part) else part


def _part_state(value: Any, name: str) -> PartState:
    if value is None or (_is_hash(value) and value != ABSENT):
        return value  # type: ignore[no-any-return]
    if (
        type(value) is list
        and len(value) == 2
        and type(value[0]) is bytes
        and len(value[0]) == SALT_BYTES
        and type(value[1]) is bytes
    ):
        return Part(value[0], value[1])
    raise RemoteProtocolError(Code.WRONG_TYPE, f"{name} is nil, [salt of 16 bytes, content] or a hash of 32 bytes")
