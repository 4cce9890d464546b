"""Feeds as they are stored: sizes, frontiers, heads and leaves, for whoever reads them.

Source: docs/concepts/feeds.md; docs/spec/05-merkle.md.

Tests: tests/node/store/test_feeds.py
"""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import driver
from node.store.limits import ENTRIES_PER_READ
from protocol.errors import StorageError
from protocol.feeds import FeedKey, Head
from protocol.merkle.checkpoint import read_checkpoint
from protocol.merkle.tree import Frontier


class FeedRow(NamedTuple):
    """A row of `feed` as the driver gives it."""

    sequence: int
    network: bytes
    name: str
    epoch: int
    size: int
    frontier: bytes
    head_size: int
    head_note: bytes | None
    seen_size: int
    seen_note: bytes | None


FEED_COLUMNS = ", ".join(FeedRow._fields)
SELECT_FEED = f"SELECT {FEED_COLUMNS} FROM feed WHERE sequence = ?"
SELECT_KEY = "SELECT network, name, epoch FROM feed WHERE sequence = ?"
SELECT_FEED_BY_KEY = f"SELECT {FEED_COLUMNS} FROM feed WHERE network = ? AND name = ? AND epoch = ?"
SELECT_CURRENT_FEED = f"SELECT {FEED_COLUMNS} FROM feed WHERE network = ? AND name = ? ORDER BY epoch DESC LIMIT 1"
SELECT_FEEDS = f"SELECT {FEED_COLUMNS} FROM feed ORDER BY sequence"
SELECT_LEAF = "SELECT data FROM leaf WHERE feed = ? AND leaf_index = ?"
SELECT_ENTRIES = (
    "SELECT leaf.data, record.data FROM leaf LEFT JOIN record ON record.id = leaf.record_id"
    " WHERE leaf.feed = ? AND leaf.leaf_index >= ? AND leaf.leaf_index < ? ORDER BY leaf.leaf_index"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """A feed as it is stored.

    Attributes:
        sequence: Its row number.
        key: Which feed.
        size: Leaves held.
        frontier: Of those leaves; copy before appending.
        head_size: Size of the newest signed head that is covered by the leaves held; 0 for none.
        head_note: Its signed note.
        seen_size: Size of the newest head known to extend what is held.
        seen_note: Its signed note.
    """

    sequence: int
    key: FeedKey
    size: int
    frontier: Frontier
    head_size: int
    head_note: bytes | None
    seen_size: int
    seen_note: bytes | None

    def head(self) -> Head | None:
        """Give the newest head whose leaves are all here."""
        if self.head_note is None:
            return None
        return Head(self.key, self.head_size, read_checkpoint(self.head_note).root, self.head_note)


class FeedReader:
    """Reads feeds over a connection that it is given."""

    async def find(self, connection: AsyncConnection, key: FeedKey) -> FeedState | None:
        """Give a feed as it is stored, or None where nothing of it is here."""
        (state,) = await self.find_each(connection, [key])
        return state

    async def find_each(self, connection: AsyncConnection, keys: Iterable[FeedKey]) -> list[FeedState | None]:
        """Give several feeds as they are stored, in the order of their keys; None for one of which nothing is here."""
        answers = await driver.run(connection, [(SELECT_FEED_BY_KEY, key) for key in keys])
        return [state_of(FeedRow(*rows[0])) if rows else None for rows in answers]

    async def find_current(self, connection: AsyncConnection, network: bytes, name: str) -> FeedState | None:
        """Give the feed of a network's newest epoch that is here."""
        (rows,) = await driver.run(connection, [(SELECT_CURRENT_FEED, (network, name))])
        return state_of(FeedRow(*rows[0])) if rows else None

    async def key_of(self, connection: AsyncConnection, sequence: int) -> FeedKey:
        """Give which feed a row number is of."""
        (((network, name, epoch),),) = await driver.run(connection, [(SELECT_KEY, (sequence,))])
        return FeedKey(network, name, epoch)

    async def entries(
        self, connection: AsyncConnection, sequence: int, start: int, end: int
    ) -> AsyncIterator[tuple[bytes, bytes | None]]:
        """Give the leaves [start, end) with their records' bytes, None where a record isn't here.

        They are read a few at a time, so that who stops early has read little.
        """
        for at in range(start, end, ENTRIES_PER_READ):
            upto = min(at + ENTRIES_PER_READ, end)
            (rows,) = await driver.run(connection, [(SELECT_ENTRIES, (sequence, at, upto))])
            for leaf, record in rows:
                yield leaf, record

    async def leaf(self, connection: AsyncConnection, sequence: int, index: int) -> bytes:
        """Give the bytes of one leaf.

        Raises:
            StorageError: It isn't there.
        """
        (rows,) = await driver.run(connection, [(SELECT_LEAF, (sequence, index))])
        if not rows:
            raise StorageError(f"leaf {index} of feed {sequence} is missing: run `mutirao verify data`")
        data: bytes = rows[0][0]
        return data

    async def all(self, connection: AsyncConnection) -> list[FeedState]:
        """Give all feeds, own and followed."""
        (rows,) = await driver.run(connection, [(SELECT_FEEDS, ())])
        return [state_of(FeedRow(*row)) for row in rows]


def state_of(row: FeedRow) -> FeedState:
    """Turn a row of `feed` into its state.

    Raises:
        StorageError: The frontier's bytes don't fit the size.
    """
    if len(row.frontier) != 32 * row.size.bit_count():
        raise StorageError(f"the frontier of feed {row.sequence} is damaged: run `mutirao verify data`")
    return FeedState(
        sequence=row.sequence,
        key=FeedKey(row.network, row.name, row.epoch),
        size=row.size,
        frontier=Frontier.from_bytes(row.size, row.frontier),
        head_size=row.head_size,
        head_note=row.head_note,
        seen_size=row.seen_size,
        seen_note=row.seen_note,
    )
