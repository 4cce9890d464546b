"""A head is read strictly, and only its feed's key makes it."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import keys
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import FeedKey
from protocol.merkle.checkpoint import origin_of, parse_checkpoint, read_checkpoint, sign_checkpoint

SEED = bytes(range(32))
PUBLIC = keys.public_of(SEED)
ORIGIN = origin_of(FeedKey(bytes(32), "catalog", 0))
NOTE = sign_checkpoint(ORIGIN, size=7, root=bytes([9] * 32), seed=SEED)


def test_a_head_is_read_again() -> None:
    """What is signed is read with the same origin, size and root."""
    checkpoint = parse_checkpoint(NOTE, origin=ORIGIN, public=PUBLIC)

    assert (ORIGIN, 7, bytes([9] * 32)) == (checkpoint.origin, checkpoint.size, checkpoint.root)
    assert checkpoint == read_checkpoint(NOTE)
    assert ORIGIN == "mutirao/" + "a" * 52 + "/catalog/0"


def test_lines_of_other_signers_are_kept_apart() -> None:
    """A cosignature behind ours changes nothing, wherever it stands."""
    other = "\u2014 witness.example " + base64.b64encode(bytes(76)).decode() + "\n"
    text, signature = NOTE.decode().split("\n\n")

    for note in (NOTE + other.encode(), f"{text}\n\n{other}{signature}".encode()):
        assert 7 == parse_checkpoint(note, origin=ORIGIN, public=PUBLIC).size


def test_every_altered_byte_shows() -> None:
    """Flip any byte: it is no head of this feed by this key."""
    for at in range(len(NOTE)):
        for bit in (0x01, 0x20):
            altered = bytearray(NOTE)
            altered[at] ^= bit
            with pytest.raises(RemoteProtocolError):
                parse_checkpoint(bytes(altered), origin=ORIGIN, public=PUBLIC)


def test_other_feed_or_key() -> None:
    """A head of another feed, or by another key, is refused with its code."""
    with pytest.raises(RemoteProtocolError) as error:
        parse_checkpoint(NOTE, origin=ORIGIN.replace("catalog", "trust"), public=PUBLIC)
    assert error.value.code is Code.WRONG_FEED
    with pytest.raises(RemoteProtocolError) as error:
        parse_checkpoint(NOTE, origin=ORIGIN, public=keys.public_of(bytes(32)))
    assert error.value.code is Code.BAD_SIGNATURE


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note.replace("\n7\n", "\n07\n"),
        lambda note: note.replace("\n7\n", "\n+7\n"),
        lambda note: note.replace("\n7\n", "\n٧\n"),
        lambda note: note.replace("\n7\n", "\n" + "9" * 17 + "\n"),
        lambda note: note.replace("\n7\n", "\n7\nextension\n"),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note[:-1],
        lambda note: note + "\n",
        lambda note: note.replace("\u2014 ", "- "),
        lambda note: note * 2,
        lambda note: note + "\u2014 w AAAA\n" * 16,
        lambda note: note + "x" * 9000,
        lambda note: note.replace("=\n\n", "\n\n"),
    ],
)
def test_other_spellings_are_refused(change: object) -> None:
    """What would be written otherwise is not read."""
    with pytest.raises(RemoteProtocolError):
        parse_checkpoint(change(NOTE.decode()).encode(), origin=ORIGIN, public=PUBLIC)  # type: ignore[operator]


@given(st.binary(max_size=100))
def test_any_bytes_are_a_clear_no(data: bytes) -> None:
    """Arbitrary bytes never cause anything but the protocol's own error."""
    with pytest.raises(RemoteProtocolError):
        read_checkpoint(data)
