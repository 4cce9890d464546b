"""Ids and keys as text: `offer:bqx…` and `did:key:z6Mk…`.

An id in text is its kind, a colon and lower-case base32 without padding (RFC 4648 6); a key is a `did:key` (W3C
did:key method, multicodec 0xed for Ed25519 and 0xec for X25519, base58btc). Both are read strictly: what would be
written otherwise is refused.

>>> to_text("offer", bytes(32))
'offer:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'
>>> from_text(to_text("offer", bytes(32))) == ("offer", bytes(32))
True
"""

from __future__ import annotations

import base64
import re

from protocol.errors import Code, RemoteProtocolError

IDENTIFIER_BYTES = 32

_TEXT = re.compile(r"([a-z][a-z_]{0,31}):([a-z2-7]{52})\Z")
_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_PREFIX = b"\xed\x01"
_X25519_PREFIX = b"\xec\x01"


def base32(data: bytes) -> str:
    """Give lower-case base32 without padding."""
    return base64.b32encode(data).decode().rstrip("=").lower()


def to_text(kind: str, identifier: bytes) -> str:
    """Give the text of a 32-byte id, like `offer:bqx…`."""
    return f"{kind}:{base32(identifier)}"


def from_text(text: str) -> tuple[str, bytes]:
    """Read an id from its text.

    Returns:
        The kind and the 32 bytes.

    Raises:
        RemoteProtocolError: `malformed` for what `to_text` doesn't write.
    """
    found = _TEXT.match(text)
    if found is None:
        raise RemoteProtocolError(Code.MALFORMED, f"{text[:80]!r} is not an id like offer:bqx…")
    kind, encoded = found.groups()
    identifier = base64.b32decode(encoded.upper() + "====")
    if base32(identifier) != encoded:
        raise RemoteProtocolError(Code.NOT_CANONICAL, f"{text[:80]!r} is not the canonical text of an id")
    return kind, identifier


def did_key(public: bytes) -> str:
    """Give the `did:key` of a 32-byte Ed25519 public key."""
    return "did:key:z" + _base58(_ED25519_PREFIX + public)


def did_sealing_key(public: bytes) -> str:
    """Give the `did:key` of a 32-byte X25519 public key."""
    return "did:key:z" + _base58(_X25519_PREFIX + public)


def public_from_did(text: str) -> bytes:
    """Read the 32-byte Ed25519 public key from a `did:key`.

    Raises:
        RemoteProtocolError: `malformed` for other text or another key type.
    """
    data = _unbase58(text.removeprefix("did:key:z")) if text.startswith("did:key:z") else b""
    if len(data) != len(_ED25519_PREFIX) + IDENTIFIER_BYTES or not data.startswith(_ED25519_PREFIX):
        raise RemoteProtocolError(Code.MALFORMED, f"{text[:80]!r} is not the did:key of an Ed25519 key")
    return data[len(_ED25519_PREFIX) :]


def _base58(data: bytes) -> str:
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, remainder = divmod(number, 58)
        digits = _BASE58[remainder] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


def _unbase58(text: str) -> bytes:
    if not text or len(text) > 100 or any(character not in _BASE58 for character in text):
        return b""
    number = 0
    for character in text:
        number = number * 58 + _BASE58.index(character)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")
