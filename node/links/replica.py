"""What a link needs of the node's store: the methods of the Replication service, as types.

The service has them over the database; tests have them over memory.

Tests: tests/node/links/test_link.py
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from protocol.feeds import FeedKey, Head
from protocol.gossip.batches import ReadEntry, StoredEntry

OnChange = Callable[[set[FeedKey], set[bytes]], None]
"""Called in the event loop after a commit: feeds that grew, networks that have new deliveries."""


class LoadedRange(Protocol):
    """A range of a feed under its head; `proof` leads from its end to the head."""

    @property
    def start(self) -> int:
        """Index of the first entry."""

    @property
    def entries(self) -> Sequence[StoredEntry]:
        """Leaves, with the records that the reader may have."""

    @property
    def head(self) -> Head:
        """The feed's newest head whose leaves are all here."""

    @property
    def proof(self) -> Sequence[bytes]:
        """Consistency proof from the end of the entries to the head."""


class Replica(Protocol):
    """The Replication service."""

    on_change: list[OnChange]

    async def holdings(
        self, feeds: Collection[FeedKey] | None = None
    ) -> tuple[dict[FeedKey, Head], dict[FeedKey, int]]:
        """Give the newest complete heads and how many leaves are here, of all public feeds or of these."""

    async def load(
        self, feed: FeedKey, start: int, max_bytes: int, max_records: int, reader: bytes
    ) -> LoadedRange | None:
        """Read a range as the network `reader` may have it; None where it is not here."""

    async def ingest_read(
        self, feed: FeedKey, start: int, entries: Sequence[ReadEntry], head_note: bytes, proof: Sequence[bytes]
    ) -> int:
        """Verify and durably store a range; give the feed's size here.

        Ranges of one feed are stored in the order of the calls.

        Raises:
            RemoteProtocolError: The bytes fail.
        """

    async def bundle(self, record_id: bytes) -> bytes:
        """Make the bundle of an addressed record.

        Raises:
            ProtocolError: It can't be made here.
        """

    async def deliver(self, bundle: bytes) -> bytes:
        """Verify and durably store a bundle; give the record's id.

        Raises:
            RemoteProtocolError: The bytes fail, or the record is not addressed to this network.
        """

    async def outbox(self, network: bytes) -> list[bytes]:
        """List the records that a network has not acknowledged."""

    async def acknowledged(self, network: bytes, record_ids: Sequence[bytes]) -> None:
        """Note that a network has these records."""
