"""Ed25519 keys: one acceptance rule, signing and verifying under a domain tag.

The rule, frozen with vectors (spec/02-keys): S is canonical; A and R are canonical encodings of points that are
not of small order; the equation is the cofactorless one. PyNaCl (libsodium) keeps it by itself and verifies; it is
the only verifier, and never falls back to another. `cryptography` signs. A public key is checked wherever it enters,
since other verifiers accept forged signatures for keys of small order.

Every signature covers a domain tag: the signed bytes are `tag`, a newline, and the message.

Source: RFC 8032 5.1; Chalkias, Garillot, Nikolaenko, "Taming the many EdDSAs" (2020), for the edge cases.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from nacl.bindings import crypto_sign_open
from nacl.exceptions import CryptoError

from protocol.errors import Code, RemoteProtocolError

SEED_BYTES = 32
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64

FIELD_PRIME = 2**255 - 19

SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        FIELD_PRIME - 1,
        int.from_bytes(bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"),
        int.from_bytes(bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"),
    }
)
"""The y of all points whose order divides 8 (a test proves it by doubling)."""

SMALL_ORDER_U = frozenset(
    {
        0,
        1,
        FIELD_PRIME - 1,
        325606250916557431795983626356110631294008115727848805560023387167927233504,
        39382357235489614581723060781553021112529911719440698176882885853963445705823,
    }
)
"""The u of all X25519 points of small order; a shared secret with one of them is zero."""


def check_public_key(public: bytes) -> None:
    """Refuse what is not a canonical Ed25519 point or is one of small order.

    Args:
        public: 32 bytes, the encoded point A.

    Raises:
        RemoteProtocolError: `bad_key`, with the reason.
    """
    if len(public) != PUBLIC_BYTES:
        raise RemoteProtocolError(Code.BAD_KEY, f"a public key has 32 bytes, this one {len(public)}")
    encoded = int.from_bytes(public, "little")
    y = encoded & ((1 << 255) - 1)
    if y >= FIELD_PRIME:
        raise RemoteProtocolError(Code.BAD_KEY, "the public key is not in its canonical encoding")
    if y in SMALL_ORDER_Y:
        raise RemoteProtocolError(Code.BAD_KEY, "the public key is a point of small order")
    if not _is_on_curve(y):
        raise RemoteProtocolError(Code.BAD_KEY, "the public key is not a point of the curve")


def check_sealing_key(public: bytes) -> None:
    """Refuse what is not a canonical X25519 u-coordinate or is one of small order.

    Raises:
        RemoteProtocolError: `bad_key`, with the reason.
    """
    if len(public) != PUBLIC_BYTES:
        raise RemoteProtocolError(Code.BAD_KEY, f"a sealing key has 32 bytes, this one {len(public)}")
    u = int.from_bytes(public, "little")
    if u >= FIELD_PRIME or u in SMALL_ORDER_U:
        raise RemoteProtocolError(Code.BAD_KEY, "the sealing key is not canonical or of small order")


def public_of(seed: bytes) -> bytes:
    """Give the 32-byte Ed25519 public key of a 32-byte `seed`."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sealing_public_of(seed: bytes) -> bytes:
    """Give the 32-byte X25519 public key of a 32-byte `seed`."""
    return X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, tag: str, message: bytes) -> bytes:
    """Sign `message` under the domain `tag`.

    Args:
        seed: 32 bytes, the private key.
        tag: Like "mutirao/record/1".
        message: Any bytes.

    Returns:
        64 bytes, R ‖ S.
    """
    return sign_raw(seed, tagged(tag, message))


def sign_raw(seed: bytes, message: bytes) -> bytes:
    """Sign `message` as it is; only for formats whose standard fixes the bytes (checkpoints, credentials)."""
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def verify(public: bytes, tag: str, message: bytes, signature: bytes) -> None:
    """Check a signature made by `sign`.

    Raises:
        RemoteProtocolError: `bad_signature`, by the one acceptance rule.
    """
    verify_raw(public, tagged(tag, message), signature)


def verify_raw(public: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature over `message` as it is.

    Args:
        public: 32 bytes.
        message: Any bytes.
        signature: 64 bytes, R ‖ S.

    Raises:
        RemoteProtocolError: `bad_signature`, also for keys and points that the rule refuses.
    """
    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        raise RemoteProtocolError(Code.BAD_SIGNATURE, "a key has 32 bytes and a signature 64")
    try:
        crypto_sign_open(signature + message, public)
    except (CryptoError, ValueError) as error:
        raise RemoteProtocolError(Code.BAD_SIGNATURE) from error


def tagged(tag: str, message: bytes) -> bytes:
    """Give the bytes that a signature under `tag` covers."""
    return tag.encode() + b"\n" + message


def _is_on_curve(y: int) -> bool:
    """Say whether some x makes (x, y) a point: -x² + y² = 1 + d·x²·y² (RFC 8032 5.1.3)."""
    d = -121665 * pow(121666, FIELD_PRIME - 2, FIELD_PRIME) % FIELD_PRIME
    numerator = (y * y - 1) % FIELD_PRIME
    denominator = (d * y * y + 1) % FIELD_PRIME
    square = numerator * pow(denominator, FIELD_PRIME - 2, FIELD_PRIME) % FIELD_PRIME
    return square == 0 or pow(square, (FIELD_PRIME - 1) // 2, FIELD_PRIME) == 1
