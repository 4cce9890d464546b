"""Feeds on disk: appending leaves, signing heads once per commit, the marks of the checkpoint file.

Rules kept here:
- leaves are only ever appended;
- the head of an own feed is signed once per transaction, just before COMMIT, by the epoch's checkpoint key;
- after a durable COMMIT the checkpoint file is written before anybody is told;
- at opening, own feeds are compared with that file: a database that is behind it, or that differs, signs nothing.

Source: DESIGN sections 5 and 13; docs/concepts/feeds.md; docs/spec/05-merkle.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import driver, merkle, meta
from node.store.bulk import insert_rows
from node.store.checkpoints import CheckpointFile, Mark
from node.store.database import Database
from node.store.driver import Statement
from node.store.feed_reading import FEED_COLUMNS, SELECT_FEED, FeedReader, FeedRow, FeedState, state_of
from node.store.limits import LEAF_DIGEST_BYTES
from protocol.errors import StorageError
from protocol.feeds import FeedKey
from protocol.merkle.checkpoint import origin_of, sign_checkpoint
from protocol.merkle.tree import Frontier, leaf_hash

LEAF_COLUMNS = ("feed", "leaf_index", "record_id", "held", "data", "digest")
TILE_COLUMNS = ("feed", "level", "tile_index", "hash")

INSERT_FEED = (
    "INSERT INTO feed (network, name, epoch, size, frontier, head_size, seen_size)"
    f" VALUES (?, ?, ?, 0, x'', 0, 0) RETURNING {FEED_COLUMNS}"
)
UPDATE_SIZE = "UPDATE feed SET size = ?, frontier = ? WHERE sequence = ?"
UPDATE_HEAD = "UPDATE feed SET head_size = ?, head_note = ?, seen_size = ?, seen_note = ? WHERE sequence = ?"


@dataclass(frozen=True, slots=True)
class NewLeaf:
    """A leaf to append: the record that it names, whether that record is here, and its canonical bytes."""

    record_id: bytes | None
    held: bool
    data: bytes


class FeedStore(FeedReader):
    """All feeds of a node, own and followed.

    Attributes:
        home: The network whose feeds are signed here, once it is known.
        epoch: The number of its current epoch.
    """

    def __init__(self, database: Database, checkpoints: CheckpointFile) -> None:
        """Hook into the database's commits; see `open`."""
        self.home: bytes | None = None
        self.epoch = 0
        self._seed: bytes | None = None
        self._checkpoints = checkpoints
        self._files = database.files
        self._grown: dict[FeedKey, tuple[int, Frontier | None]] = {}
        self._signed: dict[FeedKey, Mark] = {}
        database.before_commit.append(self._sign_heads)
        database.after_commit.append(self._confirm)
        database.after_rollback.append(self._doubt)

    @classmethod
    async def open(cls, database: Database, path: Path | None = None) -> "FeedStore":
        """Open the feeds of a database and its checkpoint file.

        Args:
            database: Open.
            path: The checkpoint file; `checkpoints` beside the database where not given.

        Raises:
            StorageError: The checkpoint file is missing or damaged, or says that this node has signed more than the
                database holds.
        """
        async with database.read() as connection:
            home = await meta.get(connection, meta.HOME)
        path = path or database.path.with_name("checkpoints")
        checkpoints = CheckpointFile(path, may_be_made=home is None, files=database.files)
        store = cls(database, checkpoints)
        store.home = home
        try:
            async with database.read() as connection:
                await store._compare(connection)
        except BaseException:
            checkpoints.close()
            raise
        return store

    def sign_as(self, *, home: bytes, epoch: int, seed: bytes) -> None:
        """Say whose feeds are the own ones.

        Args:
            home: The network, 32 bytes.
            epoch: Its current epoch's number.
            seed: The epoch's checkpoint key, 32 bytes.
        """
        self.home, self.epoch, self._seed = home, epoch, seed

    def own(self, name: str) -> FeedKey:
        """Give the key of an own feed in the current epoch.

        Raises:
            StorageError: No network was made here yet.
        """
        if self.home is None:
            raise StorageError("this folder has no network yet; make one with `mutirao init`")
        return FeedKey(self.home, name, self.epoch)

    def is_own(self, key: FeedKey) -> bool:
        """Tell whether this node signs the heads of a feed."""
        return key.network == self.home and key.epoch == self.epoch

    def close(self) -> None:
        """Close the checkpoint file, after the database."""
        self._checkpoints.close()

    async def append(self, connection: AsyncConnection, key: FeedKey, leaves: Sequence[NewLeaf]) -> int:
        """Append leaves to a feed; its head is signed before COMMIT when it is an own one.

        Args:
            connection: The writer's, inside a job.
            key: Which feed; made when it is new.
            leaves: In order.

        Returns:
            The index of the first of them.
        """
        state = await self.ensure(connection, key)
        await self.append_to(connection, state, leaves)
        return state.size

    async def append_to(self, connection: AsyncConnection, state: FeedState, leaves: Sequence[NewLeaf]) -> None:
        """Append leaves to a feed as the job found it."""
        await driver.run(connection, self.extend(state, leaves))

    def extend(self, state: FeedState, leaves: Sequence[NewLeaf]) -> list[Statement]:
        """Give the statements that append leaves to a feed, for a job that runs them together with its own.

        Args:
            state: The feed as the job found it.
            leaves: In order.
        """
        frontier = state.frontier.copy()
        tiles = merkle.fold(frontier, (leaf.data for leaf in leaves))
        if self.is_own(state.key):
            self._grown[state.key] = (state.sequence, frontier)
        return _leaf_statements(state, leaves, frontier, tiles)

    async def store_leaves(
        self,
        connection: AsyncConnection,
        state: FeedState,
        leaves: Sequence[NewLeaf],
        frontier: Frontier,
        tiles: Sequence[merkle.Tile],
        *,
        head_size: int,
        head_note: bytes,
    ) -> FeedState:
        """Write leaves of a followed feed that were folded already, and the verified head that they came with.

        The head is served once all its leaves are here.

        Args:
            connection: The writer's, inside a job.
            state: The feed before them.
            leaves: In order, the first at `state.size`.
            frontier: After them.
            tiles: What `merkle.fold` gave for them.
            head_size: The head's.
            head_note: Its signed note.

        Returns:
            The feed after them.
        """
        after = replace(state, size=frontier.size, frontier=frontier)
        if state.head_size < head_size <= after.size:
            after = replace(after, head_size=head_size, head_note=head_note)
        if state.seen_size < head_size:
            after = replace(after, seen_size=head_size, seen_note=head_note)
        statements = _leaf_statements(state, leaves, frontier, tiles) if leaves else []
        if after.seen_note != state.seen_note or after.head_note != state.head_note:
            heads = (after.head_size, after.head_note, after.seen_size, after.seen_note)
            statements.append((UPDATE_HEAD, (*heads, state.sequence)))
        await driver.run(connection, statements)
        return after

    async def ensure(self, connection: AsyncConnection, key: FeedKey) -> FeedState:
        """Give a feed as it is stored, making an empty one where nothing of it is here."""
        state = await self.find(connection, key)
        if state is not None:
            return state
        ((row,),) = await driver.run(connection, [(INSERT_FEED, key)])
        return state_of(FeedRow(*row))

    async def _sign_heads(self, connection: AsyncConnection) -> None:
        """Sign the heads of the own feeds that grew in this transaction."""
        self._signed = {}
        grown, self._grown = self._grown, {}
        if grown and self._seed is None:
            raise StorageError("the node's key isn't open, so no head can be signed")
        changes: list[Statement] = []
        for key, (number, known) in grown.items():
            frontier = known or await self._unsigned(connection, number)
            if frontier is None or self._seed is None:
                continue  # the job that grew it was undone
            root = frontier.root()
            note = sign_checkpoint(origin_of(key), size=frontier.size, root=root, seed=self._seed)
            changes.append((UPDATE_HEAD, (frontier.size, note, frontier.size, note, number)))
            self._signed[key] = Mark(frontier.size, root)
        await driver.run(connection, changes)

    async def _unsigned(self, connection: AsyncConnection, number: int) -> Frontier | None:
        """Read the frontier of a feed from its row; None where its head covers it already."""
        (rows,) = await driver.run(connection, [(SELECT_FEED, (number,))])
        state = state_of(FeedRow(*rows[0])) if rows else None
        return None if state is None or state.head_size == state.size else state.frontier

    def _doubt(self) -> None:
        """Read feeds before signing them: a job was undone, and it isn't known which of them it had grown."""
        self._grown = {key: (number, None) for key, (number, _) in self._grown.items()}

    async def _confirm(self) -> None:
        """Write what was signed and committed into the checkpoint file, before anybody is told."""
        if self._signed:
            marks = {**self._checkpoints.marks, **self._signed}
            self._signed = {}
            await self._files.wait_for(self._checkpoints.write, marks)

    async def _compare(self, connection: AsyncConnection) -> None:
        """Compare own feeds with the checkpoint file.

        Raises:
            StorageError: The database is behind it or differs from it, or a frontier isn't that of its leaves.
        """
        for key, mark in self._checkpoints.marks.items():
            state = await self.find(connection, key)
            size = 0 if state is None else state.size
            if state is None or size < mark.size:
                raise StorageError(
                    f"the database is older than what this node has signed: {key.name} has {size} leaves, "
                    f"the checkpoint file says {mark.size}. Put the newest copy of the data folder back; "
                    "signing on from here would contradict what neighbours hold"
                )
            if await merkle.root_at(connection, state.sequence, mark.size) != mark.root:
                raise StorageError(
                    f"the database differs from what this node has signed: the first {mark.size} leaves of {key.name} "
                    "have another root. Run `mutirao verify data` and put the newest sound copy back"
                )
            folded = await merkle.frontier_at(connection, state.sequence, state.size)
            if folded.hashes != state.frontier.hashes:
                raise StorageError(
                    f"the frontier of {key.name} is damaged, and what it would sign next would contradict itself. "
                    "Run `mutirao verify data` and put the newest sound copy back"
                )


def _leaf_statements(
    state: FeedState, leaves: Sequence[NewLeaf], frontier: Frontier, tiles: Sequence[merkle.Tile]
) -> list[Statement]:
    """Give the statements that write leaves: rows, tiles and the feed's new size and frontier."""
    number = state.sequence
    rows = [
        (number, at, item.record_id, int(item.held), item.data, leaf_hash(item.data)[:LEAF_DIGEST_BYTES])
        for at, item in enumerate(leaves, start=state.size)
    ]
    return [
        *insert_rows("leaf", LEAF_COLUMNS, rows),
        *insert_rows("tile", TILE_COLUMNS, [(number, *item) for item in tiles]),
        (UPDATE_SIZE, (frontier.size, frontier.to_bytes(), number)),
    ]
