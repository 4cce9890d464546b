"""Feeds on disk: roots and proofs of every size, heads signed once a commit, an older database found out."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import merkle, meta
from node.store.database import Database
from node.store.feed_reading import FeedState
from node.store.feeds import FeedStore, NewLeaf
from protocol import keys
from protocol.errors import StorageError
from protocol.feeds import FeedKey
from protocol.merkle.checkpoint import origin_of, parse_checkpoint
from protocol.merkle.leaf import Leaf, encode_leaf
from protocol.merkle.proofs import verify_consistency, verify_inclusion
from protocol.merkle.tree import leaf_hash, root_of

HOME = b"h" * 32
SEED = b"s" * 32


class Folder:
    """A data folder that can be opened and closed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    async def open(self) -> "Folder":
        """Open the database and its feeds."""
        self.database = await Database.open(f"sqlite+aiosqlite:///{self.path / 'node.sqlite'}")
        try:
            self.feeds = await FeedStore.open(self.database)
        except BaseException:
            await self.database.close()
            raise
        self.feeds.sign_as(home=HOME, epoch=0, seed=SEED)
        await self.database.write(lambda c: meta.put(c, meta.HOME, HOME))
        return self

    async def append(self, count: int, start: int, name: str = "catalog") -> int:
        """Append leaves with these numbers."""
        leaves = [new_leaf(number) for number in range(start, start + count)]
        return await self.database.write(lambda c: self.feeds.append(c, self.feeds.own(name), leaves))

    async def close(self) -> None:
        """Close both."""
        await self.database.close()
        self.feeds.close()


def new_leaf(number: int) -> NewLeaf:
    """Give a leaf that names record number so-and-so."""
    record_id = number.to_bytes(32, "big")
    return NewLeaf(record_id, True, encode_leaf(Leaf(record_id, number)))


def hashes(size: int) -> list[bytes]:
    """Give the hashes of the first leaves."""
    return [leaf_hash(new_leaf(number).data) for number in range(size)]


@pytest.fixture
async def folder(tmp_path: Path) -> AsyncIterator[Folder]:
    """Open a folder for one test."""
    opened = await Folder(tmp_path).open()
    yield opened
    await opened.close()


async def test_roots_and_proofs_hold_across_tiles(folder: Folder) -> None:
    """A stored tree gives the root, inclusion and consistency proofs of RFC 6962 at any size."""
    size = 700
    await folder.append(300, 0)
    for start in range(300, size, 80):
        await folder.append(80, start)
    roots = {n: root_of(hashes(n)) for n in (1, 2, 255, 256, 257, 300, 511, 512, 513, size)}
    async with folder.database.read() as connection:
        state = await folder.feeds.find(connection, folder.feeds.own("catalog"))
        assert state is not None
        assert state.frontier.root() == roots[size]
        for n, root in roots.items():
            assert await merkle.root_at(connection, state.sequence, n) == root
            for index in {0, n // 3, n - 1}:
                proof = await merkle.inclusion_proof(connection, state.sequence, index=index, size=n)
                verify_inclusion(leaf_hash=hashes(n)[index], index=index, size=n, proof=proof, root=root)
            proof = await merkle.consistency_proof(connection, state.sequence, old_size=n, new_size=size)
            verify_consistency(old_size=n, old_root=root, new_size=size, new_root=roots[size], proof=proof)


async def test_several_feeds_are_found_in_the_order_asked_for(folder: Folder) -> None:
    """Each key gets its own feed's state or None, and the current feed of a name is that of its newest epoch."""
    await folder.append(3, 0, "trust")
    await folder.append(2, 0)
    catalog, trust = folder.feeds.own("catalog"), folder.feeds.own("trust")
    later = FeedKey(HOME, "trust", 7)
    await folder.database.write(lambda c: folder.feeds.ensure(c, later))
    async with folder.database.read() as connection:
        found = await folder.feeds.find_each(connection, [catalog, FeedKey(HOME, "trade", 0), trust])
        current = await folder.feeds.find_current(connection, HOME, "trust")
    assert [state and (state.key, state.size) for state in found] == [(catalog, 2), None, (trust, 3)]
    assert current is not None
    assert current.key == later


async def test_a_followed_range_is_stored_with_its_head(folder: Folder) -> None:
    """What is given back is what a later read finds: a head ahead of the leaves is seen, and served once they came."""
    key = FeedKey(b"n" * 32, "catalog", 0)

    async def store(connection: AsyncConnection, count: int, head_size: int) -> FeedState:
        state = await folder.feeds.ensure(connection, key)
        leaves = [new_leaf(number) for number in range(state.size, state.size + count)]
        frontier = state.frontier.copy()
        tiles = merkle.fold(frontier, (leaf.data for leaf in leaves))
        note = b"note of %d" % head_size
        return await folder.feeds.store_leaves(
            connection, state, leaves, frontier, tiles, head_size=head_size, head_note=note
        )

    for count, head_size, served, seen in ((2, 5, 0, 5), (0, 2, 2, 5), (0, 1, 2, 5), (3, 5, 5, 5), (0, 5, 5, 5)):
        after = await folder.database.write(lambda c, given=(count, head_size): store(c, *given))  # type: ignore[misc]
        async with folder.database.read() as connection:
            found = await folder.feeds.find(connection, key)
        assert found is not None
        assert (found.size, found.head_size, found.head_note) == (after.size, after.head_size, after.head_note)
        assert found.frontier.hashes == after.frontier.hashes
        assert (found.head_size, found.seen_size, found.seen_note) == (served, seen, b"note of %d" % seen)


async def test_levels_above_the_first_tile_row_are_kept(tmp_path: Path) -> None:
    """A tree of more than 65,536 leaves has a tile of tiles, and its proofs hold."""
    folder = await Folder(tmp_path).open()
    size = 66_000
    await folder.append(size, 0)
    async with folder.database.read() as connection:
        state = await folder.feeds.find(connection, folder.feeds.own("catalog"))
        assert state is not None
        root = root_of(hashes(size))
        assert await merkle.root_at(connection, state.sequence, size) == root
        proof = await merkle.inclusion_proof(connection, state.sequence, index=65_000, size=size)
        verify_inclusion(leaf_hash=hashes(size)[65_000], index=65_000, size=size, proof=proof, root=root)
        restored = await merkle.frontier_at(connection, state.sequence, size)
        assert restored.hashes == state.frontier.hashes
    await folder.close()


async def test_a_head_is_signed_once_a_commit(folder: Folder) -> None:
    """However many jobs share a commit, the feed's head covers all of them under one signature."""
    await asyncio.gather(*(folder.append(1, number) for number in range(20)))

    async with folder.database.read() as connection:
        state = await folder.feeds.find(connection, folder.feeds.own("catalog"))
    assert state is not None
    head = state.head()
    assert head is not None
    assert head.note
    checkpoint = parse_checkpoint(head.note, origin=origin_of(head.feed), public=keys.public_of(SEED))
    assert (checkpoint.size, checkpoint.root) == (20, state.frontier.root())
    assert state.size == head.size == 20


async def test_an_undone_job_leaves_neither_leaf_nor_head(folder: Folder) -> None:
    """A job that fails after appending takes its leaf back; the head stays."""

    async def fail(connection: AsyncConnection) -> None:
        await folder.feeds.append(connection, folder.feeds.own("catalog"), [new_leaf(1)])
        raise ValueError("no")

    await folder.append(1, 0)
    with pytest.raises(ValueError, match="no"):
        await folder.database.write(fail)
    await folder.append(1, 1)

    async with folder.database.read() as connection:
        state = await folder.feeds.find(connection, folder.feeds.own("catalog"))
    assert state is not None
    assert (state.size, state.head_size) == (2, 2)
    assert state.frontier.root() == root_of(hashes(2))


async def test_a_followed_feed_is_not_signed(folder: Folder) -> None:
    """Only the home's key signs, and only for its own feeds."""
    key = FeedKey(b"o" * 32, "catalog", 0)
    await folder.database.write(lambda c: folder.feeds.append(c, key, [new_leaf(0)]))

    async with folder.database.read() as connection:
        state = await folder.feeds.find(connection, key)
    assert state is not None
    assert state.head() is None


async def test_an_older_database_signs_nothing(tmp_path: Path) -> None:
    """Putting an old database beside a newer checkpoint file is found at opening, and told."""
    folder = await Folder(tmp_path).open()
    await folder.append(3, 0)
    await folder.close()
    shutil.copy(tmp_path / "node.sqlite", tmp_path / "old.sqlite")
    await folder.open()
    await folder.append(2, 3)
    await folder.close()
    shutil.copy(tmp_path / "old.sqlite", tmp_path / "node.sqlite")

    with pytest.raises(StorageError, match="catalog has 3 leaves, the checkpoint file says 5"):
        await folder.open()


async def test_another_history_of_the_same_length_is_found(tmp_path: Path) -> None:
    """A database with other leaves than those signed is refused."""
    folder = await Folder(tmp_path).open()
    await folder.append(1, 0)
    await folder.close()
    shutil.copy(tmp_path / "node.sqlite", tmp_path / "old.sqlite")
    shutil.copy(tmp_path / "checkpoints", tmp_path / "old")
    await folder.open()
    await folder.append(2, 1)
    await folder.close()
    shutil.copy(tmp_path / "checkpoints", tmp_path / "newer")
    shutil.copy(tmp_path / "old.sqlite", tmp_path / "node.sqlite")
    shutil.copy(tmp_path / "old", tmp_path / "checkpoints")
    await folder.open()
    await folder.append(2, 7)
    await folder.close()
    shutil.copy(tmp_path / "newer", tmp_path / "checkpoints")

    with pytest.raises(StorageError, match="differs"):
        await folder.open()


async def test_a_damaged_frontier_signs_nothing(tmp_path: Path) -> None:
    """What the next head would be computed from is compared with the leaves before anything is signed."""
    folder = await Folder(tmp_path).open()
    await folder.append(300, 0)
    await folder.close()
    connection = sqlite3.connect(tmp_path / "node.sqlite")
    (frontier,) = connection.execute("SELECT frontier FROM feed").fetchone()
    connection.execute("UPDATE feed SET frontier = ?", (bytes([frontier[0] ^ 1]) + frontier[1:],))
    connection.commit()
    connection.close()

    with pytest.raises(StorageError, match="frontier"):
        await folder.open()


async def test_a_missing_checkpoint_file_is_not_made_anew(tmp_path: Path) -> None:
    """Once a network lives in the folder, the file must be there."""
    folder = await Folder(tmp_path).open()
    await folder.append(1, 0)
    await folder.close()
    (tmp_path / "checkpoints").unlink()

    with pytest.raises(StorageError, match="missing"):
        await folder.open()
