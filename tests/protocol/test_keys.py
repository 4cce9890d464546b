"""One acceptance rule for keys and signatures, frozen with vectors that both libraries agree on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from hypothesis import given
from hypothesis import strategies as st

from protocol import keys
from protocol.errors import Code, RemoteProtocolError

VECTORS = Path(__file__).parent.parent / "vectors"
PRIME = 2**255 - 19
CURVE_D = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME


def _load(name: str) -> list[dict[str, Any]]:
    vectors: list[dict[str, Any]] = json.loads((VECTORS / name).read_text())["vectors"]
    return vectors


def _accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        keys.verify_raw(public, message, signature)
    except RemoteProtocolError as error:
        assert error.code is Code.BAD_SIGNATURE
        return False
    return True


def _oracle_accepts(public: bytes, message: bytes, signature: bytes) -> bool:
    """The same rule by the other library: its verifier behind our guard on A and on R."""
    try:
        keys.check_public_key(public)
        keys.check_public_key(signature[:32])
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (RemoteProtocolError, InvalidSignature, ValueError):
        return False
    return True


@pytest.mark.parametrize("name", ["ed25519_wycheproof.json", "ed25519_speccheck.json"])
def test_both_libraries_give_the_frozen_verdict(name: str) -> None:
    """Each vector has one verdict, and PyNaCl and cryptography both give it."""
    vectors = _load(name)

    for vector in vectors:
        public, message, signature = (bytes.fromhex(vector[key]) for key in ("public", "message", "signature"))
        assert vector["accepted"] == _accepts(public, message, signature), vector
        assert vector["accepted"] == _oracle_accepts(public, message, signature), vector
    assert len(vectors) >= 10


def test_small_order_points_are_the_whole_torsion() -> None:
    """Doubling three times takes each point with a listed y to the neutral point, and no y is missing."""
    found = set()
    for y in keys.SMALL_ORDER_Y:
        x = _x_of(y)
        assert x is not None
        point = (x, y)
        for _ in range(3):
            point = _double(point)
        assert (0, 1) == point
        found |= {(x, y), (-x % PRIME, y)}

    assert 8 == len(found)


def test_small_order_sealing_keys_give_no_secret() -> None:
    """The other library refuses an exchange with each listed u, since the secret would be zero."""
    private = X25519PrivateKey.from_private_bytes(bytes(range(32)))
    for u in keys.SMALL_ORDER_U:
        with pytest.raises(ValueError):
            private.exchange(X25519PublicKey.from_public_bytes(u.to_bytes(32, "little")))
        with pytest.raises(RemoteProtocolError, match="small order"):
            keys.check_sealing_key(u.to_bytes(32, "little"))


@pytest.mark.parametrize(
    "public",
    [
        bytes([1]) + bytes(31),
        bytes.fromhex("ee" + "ff" * 30 + "7f"),
        bytes(32),
        bytes(31),
        bytes(33),
        b"",
        b"\x02" + bytes(31),
        *(y.to_bytes(32, "little") for y in sorted(keys.SMALL_ORDER_Y)),
        *((y | 1 << 255).to_bytes(32, "little") for y in sorted(keys.SMALL_ORDER_Y)),
        PRIME.to_bytes(32, "little"),
    ],
)
def test_unsafe_keys_are_refused(public: bytes) -> None:
    """Small order, not canonical, not on the curve or of the wrong length: no such key enters."""
    with pytest.raises(RemoteProtocolError) as error:
        keys.check_public_key(public)

    assert error.value.code is Code.BAD_KEY


def test_forged_signature_of_the_neutral_point_is_refused() -> None:
    """The signature that other verifiers accept on any message for the key 01 00…00 is refused."""
    forged = bytes([1]) + bytes(63)

    assert not _accepts(bytes([1]) + bytes(31), b"pay everything to me", forged)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_what_is_signed_verifies(seed: bytes, message: bytes) -> None:
    """Each key passes the guard, its signature verifies under its tag, and under no other tag, key or message."""
    public = keys.public_of(seed)
    signature = keys.sign(seed, "mutirao/test/1", message)

    keys.check_public_key(public)
    keys.verify(public, "mutirao/test/1", message, signature)
    with pytest.raises(RemoteProtocolError):
        keys.verify(public, "mutirao/test/2", message, signature)
    with pytest.raises(RemoteProtocolError):
        keys.verify(public, "mutirao/test/1", message + b"x", signature)
    with pytest.raises(RemoteProtocolError):
        keys.verify(keys.public_of(bytes(32) if seed != bytes(32) else bytes([1] * 32)), "t", message, signature)


@given(st.binary(max_size=80), st.binary(max_size=80), st.binary(max_size=80))
def test_any_bytes_are_a_clear_no(public: bytes, message: bytes, signature: bytes) -> None:
    """Whatever arrives as key and signature, nothing but the protocol's own error comes of it."""
    assert not _accepts(public, message, signature)


@given(st.binary(min_size=32, max_size=32))
def test_the_guard_agrees_with_the_library_on_random_points(public: bytes) -> None:
    """A canonical encoding passes the guard exactly where it is a point of the curve (decompressed here anew)."""
    y = int.from_bytes(public, "little") & ((1 << 255) - 1)
    wanted = y < PRIME and y not in keys.SMALL_ORDER_Y and _x_of(y) is not None

    try:
        keys.check_public_key(public)
        passed = True
    except RemoteProtocolError:
        passed = False
    assert wanted == passed


def _x_of(y: int) -> int | None:
    square = (y * y - 1) * pow(CURVE_D * y * y + 1, PRIME - 2, PRIME) % PRIME
    root = pow(square, (PRIME + 3) // 8, PRIME)
    for candidate in (root, root * pow(2, (PRIME - 1) // 4, PRIME) % PRIME):
        if candidate * candidate % PRIME == square:
            return candidate
    return None


def _double(point: tuple[int, int]) -> tuple[int, int]:
    x, y = point
    product = CURVE_D * x * x * y * y % PRIME
    return (
        2 * x * y * pow(1 + product, PRIME - 2, PRIME) % PRIME,
        (y * y + x * x) * pow(1 - product, PRIME - 2, PRIME) % PRIME,
    )
