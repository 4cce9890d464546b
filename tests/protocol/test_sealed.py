"""Only the named readers open a sealed part, and an altered one opens for nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codec, keys, sealed
from protocol.errors import Code, LocalProtocolError, RemoteProtocolError

READER, OTHER = bytes([1] * 32), bytes([2] * 32)


def _seal(plaintext: bytes, *seeds: bytes) -> bytes:
    return sealed.seal_for(
        [keys.sealing_public_of(seed) for seed in seeds],
        plaintext,
        ephemeral_seed=bytes([3] * 32),
        content_key=bytes([4] * 32),
        nonce=bytes(12),
    )


@given(st.binary(max_size=200))
def test_each_reader_opens_it(plaintext: bytes) -> None:
    """Every named reader gets the plaintext."""
    data = _seal(plaintext, READER, OTHER)

    assert plaintext == sealed.open_sealed(READER, data)
    assert plaintext == sealed.open_sealed(OTHER, data)


def test_nobody_else_opens_it() -> None:
    """A key that is not named is told that it is not its own."""
    with pytest.raises(RemoteProtocolError) as error:
        sealed.open_sealed(OTHER, _seal(b"Rua das Flores 7", READER))

    assert error.value.code is Code.FORBIDDEN


def test_every_altered_byte_shows() -> None:
    """Flip any byte: nothing opens."""
    data = _seal(b"Rua das Flores 7", READER)
    for at in range(len(data)):
        altered = bytearray(data)
        altered[at] ^= 0x01
        with pytest.raises(RemoteProtocolError):
            sealed.open_sealed(READER, bytes(altered))


@given(st.binary(max_size=100))
def test_any_bytes_are_a_clear_no(data: bytes) -> None:
    """Arbitrary bytes never cause anything but the protocol's own error."""
    with pytest.raises(RemoteProtocolError):
        sealed.open_sealed(READER, data)


@pytest.mark.parametrize(
    "fields",
    [
        [2, bytes(12), b"", []],
        [1, bytes(12), b"", []],
        [1, bytes(12), b"", [7]],
        [1, bytes(12), b"", [[b"", b""]]],
        [1, bytes(11), b"", [[bytes(32), bytes(32), b""]]],
        [1, bytes(12), 7, [[bytes(32), bytes(32), b""]]],
        [1, bytes(12), b"", [[keys.sealing_public_of(READER), bytes(32), b""]]],
    ],
)
def test_hostile_shapes(fields: list[object]) -> None:
    """Wrong versions, types and small-order ephemeral keys are refused."""
    with pytest.raises(RemoteProtocolError):
        sealed.open_sealed(READER, codec.encode(fields))


def test_readers_are_bounded() -> None:
    """No reader, or more than sixteen, is our own caller's fault; an unsafe key is the giver's."""
    with pytest.raises(LocalProtocolError):
        _seal(b"x")
    with pytest.raises(LocalProtocolError):
        _seal(b"x", *(bytes([n]) * 32 for n in range(17)))
    with pytest.raises(RemoteProtocolError):
        sealed.seal_for([bytes(32)], b"x", ephemeral_seed=READER, content_key=OTHER, nonce=bytes(12))
