"""What a session asks the node to do.

The node carries them out in order. Those that name an answer (`Load`, `Ingest`, …) are answered by calling the
session's method of that name, at any time later and in any order.

Tests: tests/protocol/gossip/test_session.py
Source: spec/06-gossip.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.feeds import FeedKey
from protocol.gossip.identity import Identity
from protocol.gossip.messages import Batch, Message


@dataclass(frozen=True, slots=True)
class Send:
    """Send this message to the peer."""

    message: Message


@dataclass(frozen=True, slots=True)
class Opened:
    """The peer has proved who it is and is admitted; answer with `deliveries`, whenever there are any."""

    peer: Identity


@dataclass(frozen=True, slots=True)
class Load:
    """Read a range of a feed; answer with `loaded(token, …)`.

    Attributes:
        token: Names the answer.
        feed: Which feed.
        start: First leaf wanted.
        records_max: At most so many entries.
        bytes_max: At most so many bytes of leaves and records, one entry being allowed to exceed it.
    """

    token: int
    feed: FeedKey
    start: int
    records_max: int
    bytes_max: int


@dataclass(frozen=True, slots=True)
class Ingest:
    """Verify a batch and store it durably; answer with `ingested(token, …)`."""

    token: int
    batch: Batch


@dataclass(frozen=True, slots=True)
class LoadBundle:
    """Make the bundle of an addressed record; answer with `bundle_loaded(record_id, …)`."""

    record_id: bytes


@dataclass(frozen=True, slots=True)
class Accept:
    """Verify a delivered bundle and store it durably; answer with `accepted(…)`."""

    bundle: bytes


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The peer has these records durably: cross them off its outbox. If more remain, call `deliveries` again."""

    record_ids: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that an operator should know; the link goes on."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Close:
    """Close the link after what was sent before; the session is over.

    Attributes:
        code: A code of BYE.
        text: One sentence.
        is_ours: Whether this side ended it.
    """

    code: str
    text: str
    is_ours: bool


Effect = Send | Opened | Load | Ingest | LoadBundle | Accept | Acknowledge | Notice | Close
