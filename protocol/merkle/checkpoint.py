"""The signed head of a feed: a C2SP checkpoint in a signed note.

    mutirao/<network in base32>/<feed>/<epoch>
    <size>
    <root in base64>

    — <the same first line> <base64 of key id ‖ signature>

The text up to and with the newline before the empty line is signed as it is, with the checkpoint key of the epoch.
The key id is the first four bytes of SHA-256(name ‖ "\\n" ‖ 0x01 ‖ public key). Lines of other signers may follow
and are kept. What would be written otherwise is refused.

Source: c2sp.org/tlog-checkpoint, c2sp.org/signed-note; spec/05-merkle.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from protocol import keys
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import FeedKey
from protocol.identifiers import base32
from protocol.limits import NOTE_BYTES_MAX, NOTE_SIGNATURES_MAX
from protocol.units import INTEGER_MAX

_DASH = "\u2014 "
_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a head says.

    Attributes:
        origin: The log's name.
        size: Number of leaves.
        root: 32 bytes.
    """

    origin: str
    size: int
    root: bytes


def origin_of(feed: FeedKey) -> str:
    """Give the log's name, like `mutirao/bqx…/catalog/0`."""
    return f"mutirao/{base32(feed.network)}/{feed.name}/{feed.epoch}"


def key_id(name: str, public: bytes) -> bytes:
    """Give the 4 bytes that name an Ed25519 key in a note."""
    return hashlib.sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def sign_checkpoint(origin: str, *, size: int, root: bytes, seed: bytes) -> bytes:
    """Make the signed note of a head.

    Args:
        origin: See `origin_of`.
        size: Number of leaves.
        root: 32 bytes.
        seed: The epoch's checkpoint key, 32 bytes.

    Returns:
        The note's bytes, UTF-8.
    """
    text = _text(Checkpoint(origin, size, root))
    signature = key_id(origin, keys.public_of(seed)) + keys.sign_raw(seed, text.encode())
    return f"{text}\n{_DASH}{origin} {base64.b64encode(signature).decode()}\n".encode()


def parse_checkpoint(note: bytes, *, origin: str, public: bytes) -> Checkpoint:
    """Read a note and check that it is this log's, signed by this key.

    Args:
        note: At most 8 KiB.
        origin: The log's name that is expected.
        public: The epoch's checkpoint key, 32 bytes.

    Returns:
        What the head says.

    Raises:
        RemoteProtocolError: `too_large`, `malformed`, `not_canonical`, `wrong_feed` or `bad_signature`.
    """
    checkpoint, text, signatures = _split_note(note)
    if checkpoint.origin != origin:
        raise RemoteProtocolError(Code.WRONG_FEED, f"a head of {checkpoint.origin[:100]!r}, not of {origin!r}")
    wanted = key_id(origin, public)
    for name, data in signatures:
        if name == origin and data[:4] == wanted:
            keys.verify_raw(public, text, data[4:])
            return checkpoint
    raise RemoteProtocolError(Code.BAD_SIGNATURE, "the head has no signature of the feed's key")


def read_checkpoint(note: bytes) -> Checkpoint:
    """Read a note without checking its signature, to learn which key to check it with.

    Raises:
        RemoteProtocolError: `too_large`, `malformed` or `not_canonical`.
    """
    return _split_note(note)[0]


def _text(checkpoint: Checkpoint) -> str:
    return f"{checkpoint.origin}\n{checkpoint.size}\n{base64.b64encode(checkpoint.root).decode()}\n"


def _split_note(note: bytes) -> tuple[Checkpoint, bytes, list[tuple[str, bytes]]]:
    if len(note) > NOTE_BYTES_MAX:
        raise RemoteProtocolError(Code.TOO_LARGE, f"a head has at most {NOTE_BYTES_MAX} bytes")
    try:
        text, signed = note.decode().split("\n\n")
    except ValueError as error:
        raise RemoteProtocolError(Code.MALFORMED, "a head is a text, an empty line and signatures") from error
    lines = text.split("\n")
    if len(lines) != 3 or not lines[1].isascii() or not lines[1].isdigit() or len(lines[1]) > 16:
        raise RemoteProtocolError(Code.MALFORMED, "a head's text is origin, size and root")
    checkpoint = Checkpoint(lines[0], int(lines[1]), _base64(lines[2]))
    if len(checkpoint.root) != 32 or checkpoint.size > INTEGER_MAX or _text(checkpoint) != text + "\n":
        raise RemoteProtocolError(Code.NOT_CANONICAL, "the head would be written otherwise")
    return checkpoint, (text + "\n").encode(), _signatures(signed)


def _signatures(signed: str) -> list[tuple[str, bytes]]:
    if not signed.endswith("\n"):
        raise RemoteProtocolError(Code.MALFORMED, "a head ends with a newline")
    lines = signed[:-1].split("\n")
    if len(lines) > NOTE_SIGNATURES_MAX:
        raise RemoteProtocolError(Code.TOO_MANY, f"a head has at most {NOTE_SIGNATURES_MAX} signatures")
    found: list[tuple[str, bytes]] = []
    for line in lines:
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        if not line.startswith(_DASH) or not name:
            raise RemoteProtocolError(Code.MALFORMED, "a signature line is a dash, a name and base64")
        found.append((name, _base64(encoded)))
    return found


def _base64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise RemoteProtocolError(Code.MALFORMED, "not base64") from error
    if base64.b64encode(data).decode() != text:
        raise RemoteProtocolError(Code.NOT_CANONICAL, "base64 that would be written otherwise")
    return data
