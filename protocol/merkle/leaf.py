"""What stands in a feed: the leaf, a canonical array that is hashed as a whole.

A leaf of a public feed is [record id or nil, keys_at]; one of the ledger adds time, outcome and salt. `keys_at` is
the size of the home's trust feed at which the author's keys were read; it never decreases along a feed.

Source: spec/05-merkle; DESIGN of feeds in docs/concepts/feeds.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protocol import codec
from protocol.errors import Code, RemoteProtocolError
from protocol.limits import SALT_BYTES
from protocol.units import INTEGER_MAX

OUTCOME_CHARS_MAX = 64


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of a public feed.

    Attributes:
        record_id: 32 bytes, or None for a leaf that speaks of no record.
        keys_at: Size of the home's trust feed at which keys were read.
    """

    record_id: bytes | None
    keys_at: int


@dataclass(frozen=True, slots=True)
class LedgerLeaf:
    """One leaf of the private ledger.

    Attributes:
        record_id: The instruction (32 bytes), or None for a leaf that the node makes itself, such as an expiry.
        keys_at: Size of the home's trust feed at which keys were read.
        time_ms: The ledger's time; never decreases.
        outcome: What came of it: a word of `protocol.ledger`.
        salt: 16 bytes, so that a witness that holds the hash learns nothing.
    """

    record_id: bytes | None
    keys_at: int
    time_ms: int
    outcome: str
    salt: bytes


def encode_leaf(leaf: Leaf | LedgerLeaf) -> bytes:
    """Give the canonical array of a leaf."""
    if isinstance(leaf, Leaf):
        return codec.encode_flat([leaf.record_id, leaf.keys_at])
    return codec.encode_flat([leaf.record_id, leaf.keys_at, leaf.time_ms, leaf.outcome, leaf.salt])


def decode_leaf(data: bytes) -> Leaf:
    """Read a leaf of a public feed.

    Raises:
        RemoteProtocolError: `malformed`, `not_canonical` or `wrong_type`.
    """
    fields = _fields(data, 2)
    return Leaf(fields[0], fields[1])


def decode_ledger_leaf(data: bytes) -> LedgerLeaf:
    """Read a leaf of the ledger.

    Raises:
        RemoteProtocolError: `malformed`, `not_canonical` or `wrong_type`.
    """
    record_id, keys_at, time_ms, outcome, salt = _fields(data, 5)
    if type(time_ms) is not int or not 0 <= time_ms <= INTEGER_MAX:
        raise RemoteProtocolError(Code.WRONG_TYPE, "a leaf's time is an integer from 0")
    if type(outcome) is not str or not 1 <= len(outcome) <= OUTCOME_CHARS_MAX:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"a leaf's outcome is text of 1 to {OUTCOME_CHARS_MAX} characters")
    if type(salt) is not bytes or len(salt) != SALT_BYTES:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"a leaf's salt is {SALT_BYTES} bytes")
    return LedgerLeaf(record_id, keys_at, time_ms, outcome, salt)


def _fields(data: bytes, count: int) -> list[Any]:
    fields = codec.decode_flat(data)
    if len(fields) != count:
        raise RemoteProtocolError(Code.MALFORMED, f"a leaf is an array of {count}, not of {len(fields)}")
    record_id, keys_at = fields[0], fields[1]
    if record_id is not None and (type(record_id) is not bytes or len(record_id) != 32):
        raise RemoteProtocolError(Code.WRONG_TYPE, "a leaf's record id is nil or 32 bytes")
    if type(keys_at) is not int or not 0 <= keys_at <= INTEGER_MAX:
        raise RemoteProtocolError(Code.WRONG_TYPE, "a leaf's keys_at is an integer from 0")
    return fields
