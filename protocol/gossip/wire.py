"""The bytes of messages: one frame, one canonical MessagePack array that begins with the type.

The fields have fixed places and strict types; whatever else arrives is a `RemoteProtocolError`. A well-formed array
of a type from 11 to 127 is `Unknown`: a session that is open passes over it, so that a later version can add messages
without a new number of its own.

    1 HELLO     version, agent record, epoch record, nonce, [frame bytes, GETs in flight, …]
    2 AUTH      host, signature
    3 FOLLOW    [[network or nil, [feed name, …]], …]
    4 HEADS     is full list, [[network, [[feed name, epoch, size, root], …]], …]
    5 GET       request, network, feed name, epoch, start, records, bytes
    6 BATCH     request or nil, network, feed name, epoch, start, entries, note or nil, [hash, …]
    7 DELIVER   bundle
    8 DELIVERED [record id, …]
    9 PING      number, is answer, digest
   10 BYE       code, sentence

An entry is [keys_at, record], the leaf's id being that of the record, or [keys_at, nil, record id or nil] for a leaf
whose record does not travel.

Source: spec/06-gossip G-1 to spec/06-gossip G-7.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import msgpack

from protocol.codec import decode_flat
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import feed_from_fields
from protocol.gossip.identity import is_host
from protocol.gossip.messages import (
    DIGEST_BYTES,
    Auth,
    Batch,
    Bye,
    Deliver,
    Delivered,
    Entry,
    Follow,
    Get,
    HeadEntry,
    Heads,
    Hello,
    Message,
    Ping,
    Unknown,
)
from protocol.limits import (
    BATCH_RECORDS_MAX,
    BUNDLE_BYTES_MAX,
    BYE_CHARS_MAX,
    DELIVERED_MAX,
    FOLLOW_SCOPES_MAX,
    FRAME_BYTES_MAX,
    FRAME_BYTES_MIN,
    HEADS_MAX,
    KIND_CHARS_MAX,
    PROOF_HASHES_MAX,
    RECORD_BYTES_MAX,
)
from protocol.merkle.checkpoint import origin_of, read_checkpoint
from protocol.units import INTEGER_MAX

UNKNOWN_TYPE_MAX = 127
_LIMITS_MAX = 16
_NAMES_MAX = 16


def encode_message(message: Message) -> bytes:
    """Give the canonical bytes of a message, one frame."""
    packed: bytes = msgpack.packb(_fields(message), use_bin_type=True)
    return packed


def decode_message(data: bytes) -> Message:
    """Read one frame.

    Args:
        data: All the bytes of a frame, at most 256 KiB.

    Returns:
        The message. Records inside are not decoded, and no signature is checked.

    Raises:
        RemoteProtocolError: `too_large`, `malformed`, `not_canonical`, `wrong_type`, `out_of_range` or `too_many`.
    """
    if len(data) > FRAME_BYTES_MAX:
        raise RemoteProtocolError(Code.TOO_LARGE, f"{len(data)} bytes; a frame has at most {FRAME_BYTES_MAX}")
    fields = decode_flat(data)
    if not fields or type(fields[0]) is not int or not 1 <= fields[0] <= UNKNOWN_TYPE_MAX:
        raise RemoteProtocolError(Code.MALFORMED, "a message is an array that begins with its type, 1 to 127")
    known = _DECODERS.get(fields[0])
    if known is None:
        return Unknown(fields[0])
    name, count, decoder = known
    if len(fields) != count + 1:
        raise RemoteProtocolError(Code.MALFORMED, f"{name} has {count} fields, this one {len(fields) - 1}")
    return decoder(fields)


def _fields(message: Message) -> list[Any]:
    match message:
        case Hello():
            limits = [message.frame_bytes_max, message.gets_max]
            return [1, message.version, message.agent_record, message.epoch_record, message.nonce, limits]
        case Auth():
            return [2, message.host, message.signature]
        case Follow():
            return [3, [[network, sorted(names)] for network, names in message.scopes]]
        case Heads():
            return [4, message.is_full, _heads_fields(message.entries)]
        case Get():
            return [5, message.request, *message.feed, message.start, message.records_max, message.bytes_max]
        case Batch():
            entries = [_entry_fields(entry) for entry in message.entries]
            return [6, message.request, *message.feed, message.start, entries, message.note, list(message.proof)]
        case Deliver():
            return [7, message.bundle]
        case Delivered():
            return [8, list(message.record_ids)]
        case Ping():
            return [9, message.number, message.is_answer, message.digest]
        case Bye():
            return [10, message.code, message.text]
        case Unknown():
            return [message.type]


def _entry_fields(entry: Entry) -> list[Any]:
    if entry.record is not None:
        return [entry.keys_at, entry.record]
    return [entry.keys_at, None, entry.record_id]


def _heads_fields(entries: Sequence[HeadEntry]) -> list[Any]:
    networks: dict[bytes, list[Any]] = {}
    for entry in entries:
        networks.setdefault(entry.feed.network, []).append([entry.feed.name, entry.feed.epoch, entry.size, entry.root])
    return [[network, feeds] for network, feeds in networks.items()]


def _hello(fields: list[Any]) -> Hello:
    limits = _array(fields[5], "limits", _LIMITS_MAX)
    if len(limits) < 2:
        raise RemoteProtocolError(Code.MALFORMED, "a HELLO states frame bytes and GETs in flight")
    return Hello(
        version=_integer(fields[1], "version", 1),
        agent_record=_bytes(fields[2], "agent", size_max=RECORD_BYTES_MAX),
        epoch_record=_bytes(fields[3], "epoch", size_max=RECORD_BYTES_MAX),
        nonce=_bytes(fields[4], "nonce", size=32),
        frame_bytes_max=_integer(limits[0], "frame bytes", FRAME_BYTES_MIN),
        gets_max=_integer(limits[1], "GETs in flight", 1),
    )


def _auth(fields: list[Any]) -> Auth:
    if not is_host(fields[1]):
        raise RemoteProtocolError(Code.WRONG_TYPE, "host is a lower-case host name, with a port where it isn't 443")
    return Auth(fields[1], _bytes(fields[2], "signature", size=64))


def _follow(fields: list[Any]) -> Follow:
    scopes = []
    for scope in _array(fields[1], "scopes", FOLLOW_SCOPES_MAX):
        network, names = _array_of(scope, "a scope", 2)
        if network is not None:
            _bytes(network, "network", size=32)
        for name in _array(names, "feed names", _NAMES_MAX):
            _text(name, "a feed's name", KIND_CHARS_MAX)
        if sorted(set(names)) != names:
            raise RemoteProtocolError(Code.NOT_CANONICAL, "the feed names of a scope are sorted and different")
        scopes.append((network, frozenset(names)))
    return Follow(tuple(scopes))


def _heads(fields: list[Any]) -> Heads:
    entries: list[HeadEntry] = []
    for item in _array(fields[2], "heads", HEADS_MAX):
        network, feeds = _array_of(item, "the heads of a network", 2)
        for feed in _array(feeds, "heads", HEADS_MAX):
            name, epoch, size, root = _array_of(feed, "a head", 4)
            key = feed_from_fields(network, name, epoch)
            entries.append(HeadEntry(key, _integer(size, "size", 0), _bytes(root, "root", size=32)))
    if len(entries) > HEADS_MAX:
        raise RemoteProtocolError(Code.TOO_MANY, f"{len(entries)} heads; a message has at most {HEADS_MAX}")
    return Heads(_boolean(fields[1], "is_full"), tuple(entries))


def _get(fields: list[Any]) -> Get:
    return Get(
        request=_integer(fields[1], "request", 0),
        feed=feed_from_fields(fields[2], fields[3], fields[4]),
        start=_integer(fields[5], "start", 0),
        records_max=_integer(fields[6], "records", 0),
        bytes_max=_integer(fields[7], "bytes", 0),
    )


def _batch(fields: list[Any]) -> Batch:
    request, start, note = fields[1], _integer(fields[5], "start", 0), fields[7]
    feed = feed_from_fields(fields[2], fields[3], fields[4])
    entries = tuple(_entry(item) for item in _array(fields[6], "entries", BATCH_RECORDS_MAX))
    proof = _array(fields[8], "proof", PROOF_HASHES_MAX)
    for item in proof:
        _bytes(item, "a hash of the proof", size=32)
    head_size, head_root = 0, b""
    if note is not None:
        checkpoint = read_checkpoint(_bytes(note, "note"))
        if checkpoint.origin != origin_of(feed):
            raise RemoteProtocolError(Code.WRONG_FEED, f"a head of {checkpoint.origin[:100]!r} with another feed")
        head_size, head_root = checkpoint.size, checkpoint.root
    elif entries or proof:
        raise RemoteProtocolError(Code.MALFORMED, "a BATCH without a head has neither entries nor a proof")
    end = start + len(entries)
    if note is not None and end > head_size:
        raise RemoteProtocolError(Code.MALFORMED, f"the entries end at {end}, behind their head of {head_size}")
    if proof and end in {0, head_size}:
        raise RemoteProtocolError(Code.MALFORMED, "a proof where none is needed")
    return Batch(
        request=None if request is None else _integer(request, "request", 0),
        feed=feed,
        start=start,
        entries=entries,
        note=note,
        head_size=head_size,
        head_root=head_root,
        proof=tuple(proof),
    )


def _entry(item: Any) -> Entry:
    if type(item) is not list or not 2 <= len(item) <= 3 or type(item[0]) is not int or not 0 <= item[0] <= INTEGER_MAX:
        raise RemoteProtocolError(Code.WRONG_TYPE, "an entry is [keys_at, record] or [keys_at, nil, record id]")
    if len(item) == 2:
        return Entry(item[0], _bytes(item[1], "record", size_max=RECORD_BYTES_MAX))
    if item[1] is not None:
        raise RemoteProtocolError(Code.WRONG_TYPE, "an entry is [keys_at, record] or [keys_at, nil, record id]")
    return Entry(item[0], None, None if item[2] is None else _bytes(item[2], "record id", size=32))


def _deliver(fields: list[Any]) -> Deliver:
    return Deliver(_bytes(fields[1], "bundle", size_max=BUNDLE_BYTES_MAX))


def _delivered(fields: list[Any]) -> Delivered:
    ids = _array(fields[1], "record ids", DELIVERED_MAX)
    return Delivered(tuple(_bytes(item, "record id", size=32) for item in ids))


def _ping(fields: list[Any]) -> Ping:
    return Ping(
        _integer(fields[1], "number", 0),
        _boolean(fields[2], "is_answer"),
        _bytes(fields[3], "digest", size=DIGEST_BYTES),
    )


def _bye(fields: list[Any]) -> Bye:
    return Bye(_text(fields[1], "code", KIND_CHARS_MAX), _text(fields[2], "sentence", BYE_CHARS_MAX, empty=True))


def _integer(value: Any, name: str, minimum: int) -> int:
    if type(value) is not int:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{name} is an integer")
    if not minimum <= value <= INTEGER_MAX:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, f"{name} is {value}; it lies between {minimum} and 2**53-1")
    return value


def _boolean(value: Any, name: str) -> bool:
    if type(value) is not bool:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{name} is true or false")
    return value


def _bytes(value: Any, name: str, *, size: int | None = None, size_max: int = FRAME_BYTES_MAX) -> bytes:
    if type(value) is not bytes or (size is not None and len(value) != size):
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{name} is {'bytes' if size is None else f'{size} bytes'}")
    if len(value) > size_max:
        raise RemoteProtocolError(Code.TOO_LARGE, f"{name} has {len(value)} bytes, more than {size_max}")
    return value


def _text(value: Any, name: str, chars_max: int, *, empty: bool = False) -> str:
    if type(value) is not str or not (value or empty):
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{name} is text")
    if len(value) > chars_max:
        raise RemoteProtocolError(Code.TOO_LARGE, f"{name} has {len(value)} characters, more than {chars_max}")
    return value


def _array(value: Any, name: str, count_max: int) -> list[Any]:
    if type(value) is not list:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{name}: an array was wanted")
    if len(value) > count_max:
        raise RemoteProtocolError(Code.TOO_MANY, f"{name}: {len(value)} items, more than {count_max}")
    return value


def _array_of(value: Any, name: str, count: int) -> list[Any]:
    if type(value) is not list or len(value) != count:
        raise RemoteProtocolError(Code.WRONG_TYPE, f"{name} is an array of {count}")
    return value


_DECODERS: dict[int, tuple[str, int, Callable[[list[Any]], Message]]] = {
    1: ("HELLO", 5, _hello),
    2: ("AUTH", 2, _auth),
    3: ("FOLLOW", 1, _follow),
    4: ("HEADS", 2, _heads),
    5: ("GET", 7, _get),
    6: ("BATCH", 8, _batch),
    7: ("DELIVER", 1, _deliver),
    8: ("DELIVERED", 1, _delivered),
    9: ("PING", 3, _ping),
    10: ("BYE", 2, _bye),
}
