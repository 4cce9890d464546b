"""Merkle hashes of stored feeds: appending, roots and proofs out of leaves and tiles.

A tile is the hash of 256 complete children: of 256 leaves at level 8, of 256 such tiles at level 16, and so on.
Only those are stored, one row each; what lies between is computed from at most 255 neighbours. So an append writes
its leaf and, once in 256 times, one row more; a proof in a tree of a million leaves reads a few short ranges.

Source: RFC 6962 2.1; docs/spec/05-merkle.md.

Tests: tests/node/store/test_feeds.py
"""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.tables import leaf, tile
from protocol.errors import StorageError
from protocol.merkle import proofs
from protocol.merkle.proofs import Subtree
from protocol.merkle.tree import Frontier, leaf_hash, node_hash

TILE_LEVELS = 8

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
    return {subtree: await _subtree(connection, feed, *subtree) for subtree in sorted(wanted)}


async def _subtree(connection: AsyncConnection, feed: int, level: int, index: int) -> bytes:
    """Compute the hash of one complete subtree from the stored row or rows nearest below it."""
    base = level - level % TILE_LEVELS
    count = 1 << (level - base)
    start = index * count
    hashes: list[bytes]
    if base:
        query = select(tile.c.hash).where(
            tile.c.feed == feed,
            tile.c.level == base,
            tile.c.tile_index.between(start, start + count - 1),
        )
        rows = await connection.execute(query.order_by(tile.c.tile_index))
        hashes = list(rows.scalars())
    else:
        query = select(leaf.c.data).where(
            leaf.c.feed == feed,
            leaf.c.leaf_index.between(start, start + count - 1),
        )
        rows = await connection.execute(query.order_by(leaf.c.leaf_index))
        hashes = [leaf_hash(data) for data in rows.scalars()]
    if len(hashes) != count:
        raise StorageError(f"feed {feed} lacks hashes from {start} on at level {base}: run `mutirao verify data`")
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]
