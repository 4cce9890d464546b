"""Messages and their bytes: what is written is read, and bytes either decode or are refused."""

from __future__ import annotations

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import FeedKey
from protocol.gossip.messages import Auth, Batch, Deliver, Get, Message, Ping, Unknown
from protocol.gossip.wire import decode_message, encode_message
from protocol.limits import BUNDLE_BYTES_MAX, FRAME_BYTES_MAX
from protocol.merkle.checkpoint import origin_of, sign_checkpoint
from tests.strategies import canonical_values, gossip_messages

NETWORK = bytes(range(32))
FEED = FeedKey(NETWORK, "catalog", 0)
NOTE = sign_checkpoint(origin_of(FEED), size=5, root=bytes(32), seed=bytes(32))


@given(gossip_messages())
def test_decoding_undoes_encoding(message: Message) -> None:
    """A message is read as it was written."""
    assert message == decode_message(encode_message(message))


@given(st.binary(max_size=200))
def test_any_bytes_decode_or_are_refused(data: bytes) -> None:
    """Arbitrary bytes cause no exception but RemoteProtocolError."""
    _decode_or_refuse(data)


@given(st.lists(canonical_values(), max_size=9), st.integers(1, 10))
def test_any_fields_decode_or_are_refused(fields: list[Any], kind: int) -> None:
    """Well-formed arrays of any type and fields cause no exception but RemoteProtocolError."""
    _decode_or_refuse(msgpack.packb([kind, *fields]))


@given(gossip_messages(), st.integers(0, 10_000), st.integers(0, 255))
def test_altered_bytes_decode_or_are_refused(message: Message, place: int, value: int) -> None:
    """One byte altered anywhere causes no exception but RemoteProtocolError."""
    data = bytearray(encode_message(message))
    data[place % len(data)] = value

    _decode_or_refuse(bytes(data))


@given(gossip_messages(), st.integers(0, 10_000))
def test_cut_and_lengthened_bytes_are_refused(message: Message, place: int) -> None:
    """A frame that ends early, or goes on behind its end, is refused."""
    data = encode_message(message)

    for broken in (data[: place % len(data)], data + b"\x00"):
        with pytest.raises(RemoteProtocolError):
            decode_message(broken)


def test_types_without_a_name_are_unknown() -> None:
    """A type of a later version is read as such, whatever its fields are."""
    assert Unknown(77) == decode_message(msgpack.packb([77, "anything", 3]))


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ([], Code.MALFORMED),
        ([0], Code.MALFORMED),
        ([128], Code.MALFORMED),
        (["9", 1, True, bytes(8)], Code.MALFORMED),
        ([True, 1], Code.MALFORMED),
        ([9, 1, True], Code.MALFORMED),
        ([9, 1, True, bytes(8), 0], Code.MALFORMED),
        ([9, -1, True, bytes(8)], Code.OUT_OF_RANGE),
        ([9, 2**53, True, bytes(8)], Code.OUT_OF_RANGE),
        ([9, 1.0, True, bytes(8)], Code.WRONG_TYPE),
        ([9, 1, 1, bytes(8)], Code.WRONG_TYPE),
        ([9, 1, True, bytes(7)], Code.WRONG_TYPE),
        ([9, True, True, bytes(8)], Code.WRONG_TYPE),
        ([2, "Vila.example", bytes(64)], Code.WRONG_TYPE),
        ([2, "vila.example:1 ", bytes(64)], Code.WRONG_TYPE),
        ([3, [[None, ["trade", "catalog"]]]], Code.NOT_CANONICAL),
        ([3, [[NETWORK[:31], []]]], Code.WRONG_TYPE),
        ([3, [[None, []]] * 4097], Code.TOO_MANY),
        ([4, True, [[NETWORK, [["catalog", 0, 1]]]]], Code.WRONG_TYPE),
        ([4, True, [[NETWORK, [["diary", 0, 1, bytes(32)]]]]], Code.WRONG_TYPE),
        ([4, True, [[NETWORK, [["trade", 0, 1, bytes(32)]] * 2049]] * 2], Code.TOO_MANY),
        ([5, 1, NETWORK, "catalog", 0, -1, 1, 1], Code.OUT_OF_RANGE),
        ([6, 1, *FEED, 0, [], None, [bytes(32)]], Code.MALFORMED),
        ([6, 1, *FEED, 0, [[0, b"x"]], None, []], Code.MALFORMED),
        ([6, 1, *FEED, 5, [[0, b"x"]], NOTE, []], Code.MALFORMED),
        ([6, 1, *FEED, 4, [[0, b"x"]], NOTE, [bytes(32)]], Code.MALFORMED),
        ([6, 1, *FEED, 0, [], NOTE, [bytes(32)]], Code.MALFORMED),
        ([6, 1, *FEED, 0, [[0, b"x", None]], NOTE, []], Code.WRONG_TYPE),
        ([6, 1, *FEED, 0, [[0, None, bytes(31)]], NOTE, []], Code.WRONG_TYPE),
        ([6, 1, *FEED, 0, [[-1, b"x"]], NOTE, []], Code.WRONG_TYPE),
        ([6, 1, *FEED, 0, [[0, bytes(16385)]], NOTE, []], Code.TOO_LARGE),
        ([6, 1, *FEED, 0, [[0, b""]] * 1025, NOTE, []], Code.TOO_MANY),
        ([6, 1, NETWORK, "trade", 0, 0, [], NOTE, []], Code.WRONG_FEED),
        ([6, 1, *FEED, 0, [], b"no note", []], Code.MALFORMED),
        ([7, bytes(BUNDLE_BYTES_MAX + 1)], Code.TOO_LARGE),
        ([8, [bytes(32)] * 1025], Code.TOO_MANY),
        ([10, "", ""], Code.WRONG_TYPE),
        ([10, "x" * 33, ""], Code.TOO_LARGE),
        ([1, 0, b"", b"", bytes(32), [262144, 4]], Code.OUT_OF_RANGE),
        ([1, 1, b"", b"", bytes(32), [1000, 4]], Code.OUT_OF_RANGE),
        ([1, 1, b"", b"", bytes(32), [262144]], Code.MALFORMED),
    ],
)
def test_each_fault_has_its_code(value: Any, code: Code) -> None:
    """A field that is missing, of the wrong type or out of its bounds is refused with the code that says so."""
    with pytest.raises(RemoteProtocolError) as caught:
        decode_message(msgpack.packb(value))

    assert code == caught.value.code


def test_maps_and_long_integers_are_refused() -> None:
    """Bytes that the codec would write otherwise, or not at all, are no message."""
    for data in (b"\x92\x09\x81\xa1a\x01", b"\x94\xcc\x09\x01\xc3\xc4\x08" + bytes(8)):
        with pytest.raises(RemoteProtocolError):
            decode_message(data)


def test_a_frame_has_a_bound() -> None:
    """A frame larger than its bound is refused before it is read."""
    with pytest.raises(RemoteProtocolError) as caught:
        decode_message(bytes(FRAME_BYTES_MAX + 1))

    assert Code.TOO_LARGE == caught.value.code


def test_a_live_batch_costs_little() -> None:
    """A bare GET, a PING and the empty parts of a BATCH stay within a few bytes of what they say."""
    get = Get(request=1, feed=FEED, start=0, records_max=1024, bytes_max=1 << 17)
    batch = Batch(request=None, feed=FEED, start=0, entries=(), note=NOTE, head_size=5, head_root=bytes(32), proof=())

    assert len(encode_message(get)) < 60
    assert len(encode_message(batch)) < len(NOTE) + 60
    assert len(encode_message(Ping(1, False, bytes(8)))) == 14
    assert len(encode_message(Deliver(b""))) == 4
    assert len(encode_message(Auth("vila.example", bytes(64)))) < 90


def _decode_or_refuse(data: bytes) -> None:
    try:
        message = decode_message(data)
    except RemoteProtocolError as error:
        assert error.code
        assert error.message
    else:
        if not isinstance(message, Unknown):
            assert decode_message(encode_message(message)) == message
