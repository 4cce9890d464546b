"""Records keep their id when a part is erased, and every altered byte shows."""

from __future__ import annotations

from dataclasses import replace

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codec, keys, record
from protocol.errors import Code, LocalProtocolError, RemoteProtocolError
from protocol.limits import RECORD_BYTES_MAX

SEED = bytes(range(32))
SALT = bytes(range(16))
FROZEN_ID = "a975f1e688cbb092e2f05e41bdd125e114a036d2ee8068913e29817d9f90027e"
HEADER = record.Header(
    kind="offer", author=b"a" * 32, key=keys.public_of(SEED), home=b"h" * 32, created_ms=1_700_000_000_000
)


def _record(**changes: object) -> record.Record:
    arguments = {"body": {"title": "Pão"}, "seed": SEED, "salt": SALT} | changes
    return record.create(HEADER, **arguments)  # type: ignore[arg-type]


def test_a_record_is_read_again() -> None:
    """What is written decodes to the same record, and its signature holds."""
    made = _record(sealed=b"locked", sealed_salt=SALT[::-1])

    read = record.decode_record(record.encode_record(made))

    assert made == read
    assert {"title": "Pão"} == read.body_value()
    record.verify_record(read)


def test_the_id_is_frozen() -> None:
    """The id and the length of a known record never change."""
    made = _record()

    assert made.id == record.record_id(made.header_bytes, made.body, None)
    assert FROZEN_ID == made.id.hex()


@pytest.mark.parametrize("erase", ["without_body", "without_sealed"])
def test_an_erased_part_keeps_id_and_signature(erase: str) -> None:
    """With one part gone, the id is the same and the signature still verifies."""
    made = _record(sealed=b"locked", sealed_salt=SALT)

    erased = record.decode_record(record.encode_record(getattr(made, erase)()))

    assert made.id == erased.id
    record.verify_record(erased)


def test_an_erased_body_is_not_found() -> None:
    """Reading a body that is not here says so."""
    with pytest.raises(RemoteProtocolError) as error:
        _record().without_body().body_value()

    assert error.value.code is Code.NOT_FOUND


def test_the_signature_is_no_part_of_the_identity() -> None:
    """Another signature over the same content has the same id."""
    made = _record()

    assert made.id == record.decode_record(record.encode_record(replace(made, signature=bytes(64)))).id


def test_every_altered_byte_shows() -> None:
    """Flip any byte of a record: it no longer decodes, or its signature fails."""
    data = record.encode_record(_record(sealed=b"locked", sealed_salt=SALT))
    for at in range(len(data)):
        altered = bytearray(data)
        altered[at] ^= 0x01
        with pytest.raises(RemoteProtocolError):
            record.verify_record(record.decode_record(bytes(altered)))


@given(st.binary(max_size=120))
def test_any_bytes_are_a_clear_no(data: bytes) -> None:
    """Arbitrary bytes never cause anything but the protocol's own error."""
    with pytest.raises(RemoteProtocolError):
        record.decode_record(data)


@pytest.mark.parametrize(
    ("position", "value", "code"),
    [
        (0, 0, Code.WRONG_TYPE),
        (0, "1", Code.WRONG_TYPE),
        (0, True, Code.WRONG_TYPE),
        (1, "", Code.WRONG_TYPE),
        (1, "x" * 33, Code.WRONG_TYPE),
        (1, b"offer", Code.WRONG_TYPE),
        (2, b"short", Code.WRONG_TYPE),
        (3, None, Code.WRONG_TYPE),
        (3, b"k" * 31, Code.WRONG_TYPE),
        (4, "home", Code.WRONG_TYPE),
        (5, None, Code.WRONG_TYPE),
        (5, [b"x" * 32] * 2, Code.NOT_CANONICAL),
        (5, [b"y" * 32, b"x" * 32], Code.NOT_CANONICAL),
        (5, [bytes([n]) * 32 for n in range(5)], Code.WRONG_TYPE),
        (6, -1, Code.WRONG_TYPE),
        (6, 1.5, Code.WRONG_TYPE),
        (6, 2**53, Code.WRONG_TYPE),
        (7, b"t" * 32, Code.MALFORMED),
        (8, b"t" * 32, Code.MALFORMED),
    ],
)
def test_hostile_headers(position: int, value: object, code: Code) -> None:
    """Each field of a header of the wrong type or range is refused with its code."""
    fields = codec.decode(_record().header_bytes)
    fields[position] = value

    with pytest.raises(RemoteProtocolError) as error:
        record.decode_header(msgpack.packb(fields))

    assert code is error.value.code


def test_headers_of_later_versions_are_kept() -> None:
    """A later version may add fields; of version 1 it is exactly nine."""
    fields = codec.decode(_record().header_bytes)

    assert 2 == record.decode_header(codec.encode([2, *fields[1:], "more"])).version
    for broken in ([*fields, "more"], fields[:-1]):
        with pytest.raises(RemoteProtocolError):
            record.decode_header(codec.encode(broken))


@pytest.mark.parametrize(
    ("position", "value"),
    [
        (0, [1]),
        (1, b"x" * 31),
        (1, bytes(32)),
        (1, [SALT]),
        (1, [SALT[:15], b"x"]),
        (1, [SALT, "x"]),
        (2, 7),
        (3, b"x" * 63),
        (3, None),
    ],
)
def test_hostile_parts(position: int, value: object) -> None:
    """A part of the wrong shape is refused; an absent part can't be passed off as an erased one."""
    fields = codec.decode(record.encode_record(_record()))
    fields[position] = value

    with pytest.raises(RemoteProtocolError):
        record.decode_record(codec.encode(fields))


def test_size_is_bounded() -> None:
    """Nobody makes or reads a record above 16 KiB."""
    with pytest.raises(LocalProtocolError):
        _record(body={"text": "x" * RECORD_BYTES_MAX})
    with pytest.raises(RemoteProtocolError) as error:
        record.decode_record(bytes(RECORD_BYTES_MAX + 1))

    assert error.value.code is Code.TOO_LARGE


def test_the_maker_must_hold_the_key() -> None:
    """A header that names another key than the signer's is our own caller's fault, as is a wrong salt."""
    with pytest.raises(LocalProtocolError):
        _record(seed=bytes(32))
    with pytest.raises(LocalProtocolError):
        _record(salt=b"short")


def test_a_body_that_is_no_map_is_refused() -> None:
    """The bytes of a body are a canonical map, or reading says what they are."""
    for content, code in ((codec.encode([1]), Code.WRONG_TYPE), (b"\xcc\x01", Code.NOT_CANONICAL)):
        with pytest.raises(RemoteProtocolError) as error:
            replace(_record(), body=record.Part(SALT, content)).body_value()
        assert code is error.value.code
