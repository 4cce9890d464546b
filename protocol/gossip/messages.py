"""The messages of a link, as values; `protocol.gossip.wire` gives them their bytes.

HELLO and AUTH open a session; FOLLOW and HEADS say what is wanted and what is there; GET and BATCH move ranges of
feeds; DELIVER and DELIVERED move records that are addressed to the receiver; PING and BYE keep and end the link.

Tests: tests/protocol/gossip/test_wire.py
Source: spec/06-gossip.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.feeds import FeedKey

VERSION = 1
DIGEST_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Hello:
    """The first message of both sides: who speaks, and within which bounds.

    Attributes:
        version: The highest version that the sender speaks, from 1; both go on with the lower one.
        agent_record: The network's first `agent` record.
        epoch_record: Its current `epoch` record.
        nonce: 32 random bytes, new for each link.
        frame_bytes_max: The largest frame that the sender reads, 64 to 256 KiB.
        gets_max: How many unanswered GETs the sender allows, from 1.
    """

    version: int = VERSION
    agent_record: bytes
    epoch_record: bytes
    nonce: bytes
    frame_bytes_max: int
    gets_max: int


@dataclass(frozen=True, slots=True)
class Auth:
    """The proof of the link key: `host` as it was dialled, and 64 bytes over `identity.auth_message`."""

    host: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Follow:
    """What the sender wants to hear of; replaces the FOLLOW before.

    Attributes:
        scopes: Network (None for every network that the other carries) and names of feeds.
    """

    scopes: tuple[tuple[bytes | None, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class HeadEntry:
    """Size and root of a feed that the sender holds; a hint, which the note of a BATCH proves."""

    feed: FeedKey
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class Heads:
    """What the sender holds: the whole list anew, or what changed since it last told."""

    is_full: bool
    entries: tuple[HeadEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Get:
    """Asks for a range; always answered by a BATCH of the same request.

    Attributes:
        request: A number that the sender has not used on this link; each is greater than the last.
        feed: Which feed.
        start: The first leaf wanted.
        records_max: At most so many entries, 0 to ask for head and proof only.
        bytes_max: At most so many bytes of leaves and records.
    """

    request: int
    feed: FeedKey
    start: int
    records_max: int
    bytes_max: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One leaf, with its record where it travels.

    Attributes:
        keys_at: Of the leaf.
        record: The record's bytes, or None.
        record_id: The leaf's id where `record` is None; itself None for a leaf that speaks of no record.
    """

    keys_at: int
    record: bytes | None
    record_id: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A range of a feed under a signed head; the one shape of all replication.

    Attributes:
        request: The GET that it answers; None for a live batch.
        feed: Which feed.
        start: Index of the first entry.
        entries: The leaves from `start` on.
        note: The signed head; None says that the sender does not hold this range.
        head_size: The size that `note` states, 0 without one. Not verified.
        head_root: The root that `note` states, empty without one. Not verified.
        proof: Consistency from the end of `entries` to the head, where they differ.
    """

    request: int | None
    feed: FeedKey
    start: int
    entries: tuple[Entry, ...]
    note: bytes | None
    head_size: int
    head_root: bytes
    proof: tuple[bytes, ...]

    @property
    def end(self) -> int:
        """The index behind the last entry."""
        return self.start + len(self.entries)


@dataclass(frozen=True, slots=True)
class Deliver:
    """A bundle of a record that is addressed to the receiver's network."""

    bundle: bytes


@dataclass(frozen=True, slots=True)
class Delivered:
    """These records are durably stored here."""

    record_ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Ping:
    """Asks for an answer, or is one.

    Attributes:
        number: Of the question; the answer repeats it.
        is_answer: Whether it answers.
        digest: 8 bytes: of all that the sender told (question) or heard (answer); see `heads.Digest`.
    """

    number: int
    is_answer: bool
    digest: bytes


@dataclass(frozen=True, slots=True)
class Bye:
    """The link ends: a code of `codes.ByeCode` or `protocol.errors`, and a sentence."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """A message of a type that this version has no name for; passed over."""

    type: int


Message = Hello | Auth | Follow | Heads | Get | Batch | Deliver | Delivered | Ping | Bye | Unknown
