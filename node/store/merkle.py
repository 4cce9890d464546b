"""Merkle hashes of stored feeds: appending, roots and proofs out of leaves and tiles.

A tile is the hash of 256 complete children: of 256 leaves at level 8, of 256 such tiles at level 16, and so on.
Only those are stored, one row each; what lies between is computed from at most 255 neighbours. So an append writes
its leaf and, once in 256 times, one row more; a proof in a tree of a million leaves reads a few short ranges.

Source: RFC 6962 2.1; docs/spec/05-merkle.md.

Tests: tests/node/store/test_feeds.py
"""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import driver
from node.store.driver import Statement
from protocol.errors import StorageError
from protocol.merkle import proofs
from protocol.merkle.proofs import Subtree
from protocol.merkle.tree import Frontier, leaf_hash, node_hash

TILE_LEVELS = 8

SELECT_LEAVES = "SELECT data FROM leaf WHERE feed = ? AND leaf_index >= ? AND leaf_index < ? ORDER BY leaf_index"
SELECT_TILES = (
    "SELECT hash FROM tile WHERE feed = ? AND level = ? AND tile_index >= ? AND tile_index < ? ORDER BY tile_index"
)

Tile = tuple[int, int, bytes]
"""(level, index, hash of 32 bytes)."""


def fold(frontier: Frontier, leaves: Iterable[bytes]) -> list[Tile]:
    """Append leaves to a frontier and give the tiles that became complete.

    Args:
        frontier: Changed in place.
        leaves: Encoded leaves, in order.
    """
    hashes, size = frontier.hashes, frontier.size
    tiles: list[Tile] = []
    for data in leaves:
        node = leaf_hash(data)
        remaining, level = size, 0
        while remaining & 1:
            node = node_hash(hashes.pop(), node)
            remaining >>= 1
            level += 1
            if not level % TILE_LEVELS:
                tiles.append((level, remaining, node))
        hashes.append(node)
        size += 1
    frontier.size = size
    return tiles


async def inclusion_proof(connection: AsyncConnection, feed: int, *, index: int, size: int) -> list[bytes]:
    """Give the proof that leaf `index` is in the first `size` leaves of a stored feed.

    Args:
        connection: Reading or writing.
        feed: The feed's row number.
        index: Below `size`.
        size: At most the stored size.
    """
    ranges = proofs.inclusion_ranges(index, size)
    found = await _hashes(connection, feed, proofs.needed(ranges))
    return [proofs.range_hash(start, end, lambda *at: found[at]) for start, end in ranges]


async def consistency_proof(connection: AsyncConnection, feed: int, *, old_size: int, new_size: int) -> list[bytes]:
    """Give the proof that the first `old_size` leaves are a prefix of the first `new_size`; empty for 0 or equal."""
    if old_size in {0, new_size}:
        return []
    ranges = proofs.consistency_ranges(old_size, new_size)
    found = await _hashes(connection, feed, proofs.needed(ranges))
    return [proofs.range_hash(start, end, lambda *at: found[at]) for start, end in ranges]


async def root_at(connection: AsyncConnection, feed: int, size: int) -> bytes:
    """Give the root of the first `size` leaves, which are stored: 32 bytes."""
    found = await _hashes(connection, feed, set(proofs.subtrees(0, size)))
    return proofs.range_hash(0, size, lambda *at: found[at])


async def frontier_at(connection: AsyncConnection, feed: int, size: int) -> Frontier:
    """Give the frontier of the first `size` leaves, which are stored."""
    wanted = proofs.subtrees(0, size)
    found = await _hashes(connection, feed, set(wanted))
    return Frontier(size, (found[subtree] for subtree in wanted))


async def _hashes(connection: AsyncConnection, feed: int, wanted: set[Subtree]) -> dict[Subtree, bytes]:
    """Compute the hashes of complete subtrees from the rows nearest below each, read in one visit to the driver."""
    subtrees = sorted(wanted)
    statements = [_rows_below(feed, level, index) for level, index in subtrees]
    found: dict[Subtree, bytes] = {}
    for (level, index), rows in zip(subtrees, await driver.run(connection, statements), strict=True):
        base = level - level % TILE_LEVELS
        hashes = [row[0] if base else leaf_hash(row[0]) for row in rows]
        if len(hashes) != 1 << (level - base):
            at = index << level
            raise StorageError(f"feed {feed} lacks hashes from leaf {at} on: run `mutirao verify data`")
        while len(hashes) > 1:
            hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
        found[level, index] = hashes[0]
    return found


def _rows_below(feed: int, level: int, index: int) -> Statement:
    """Give the statement that reads the leaves or tiles which a complete subtree is made of, in order."""
    base = level - level % TILE_LEVELS
    start = index << (level - base)
    end = (index + 1) << (level - base)
    if base:
        return SELECT_TILES, (feed, base, start, end)
    return SELECT_LEAVES, (feed, start, end)
