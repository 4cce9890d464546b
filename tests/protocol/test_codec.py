"""One value has one encoding, and every other encoding is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codec
from protocol.errors import Code, LocalProtocolError, RemoteProtocolError
from protocol.limits import DEPTH_MAX
from tests.strategies import canonical_values

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "codec.json").read_text())


@given(canonical_values())
def test_decoding_undoes_encoding(value: Any) -> None:
    """What is encoded decodes to the same value, and encodes to the same bytes again."""
    data = codec.encode(value)

    assert value == codec.decode(data)
    assert data == codec.encode(codec.decode(data))


@given(st.binary(max_size=64))
def test_any_bytes_decode_canonically_or_are_refused(data: bytes) -> None:
    """Arbitrary bytes are either the canonical encoding of a value or a clear error."""
    try:
        value = codec.decode(data)
    except RemoteProtocolError as error:
        assert error.code in {Code.MALFORMED, Code.NOT_CANONICAL}
    else:
        assert data == codec.encode(value)


@given(st.binary(max_size=64))
def test_flat_arrays_of_any_bytes(data: bytes) -> None:
    """The fast path accepts nothing that is not a canonical array without maps."""
    try:
        value = codec.decode_flat(data)
    except RemoteProtocolError as error:
        assert error.code in {Code.MALFORMED, Code.NOT_CANONICAL}
    else:
        assert data == msgpack.packb(value)


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["name"])
def test_frozen_encodings(vector: dict[str, Any]) -> None:
    """The frozen vectors, which any other implementation is held to, encode and decode as written."""
    data = bytes.fromhex(vector["bytes"])

    assert data == codec.encode(codec.decode(data))
    if "value" in vector:
        assert vector["value"] == codec.decode(data)


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_frozen_refusals(vector: dict[str, Any]) -> None:
    """Each frozen hostile encoding is refused with its frozen code."""
    with pytest.raises(RemoteProtocolError) as error:
        codec.decode(bytes.fromhex(vector["bytes"]))

    assert vector["code"] == error.value.code


@pytest.mark.parametrize(
    "value", [1.5, 2**53, -(2**53), {1: 2}, {b"a": 1}, object(), "\ud800", {1, 2}, bytearray(b"a")]
)
def test_values_without_an_encoding_are_our_own_fault(value: Any) -> None:
    """A caller that asks for what has no canonical form is told so."""
    with pytest.raises(LocalProtocolError):
        codec.encode(value)


def test_depth_is_bounded() -> None:
    """Nesting beyond the bound is refused, on both sides and without exhausting the stack."""
    value: Any = 1
    for _ in range(DEPTH_MAX):
        value = [value]
    assert value == codec.decode(codec.encode(value))

    with pytest.raises(LocalProtocolError):
        codec.encode([value])
    for deep in (b"\x91" * (DEPTH_MAX + 1) + b"\x01", b"\x91" * 100_000 + b"\x01"):
        with pytest.raises(RemoteProtocolError):
            codec.decode(deep)
        with pytest.raises(RemoteProtocolError):
            codec.decode_flat(b"\x91" * 100_000 + b"\x01")


@given(canonical_values())
def test_truncated_and_trailing_bytes_are_refused(value: Any) -> None:
    """A value cut short, or with a byte behind it, is refused."""
    data = codec.encode(value)

    for broken in (data[:-1], data + b"\x00"):
        with pytest.raises(RemoteProtocolError):
            codec.decode(broken)
