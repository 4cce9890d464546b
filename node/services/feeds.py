"""Feeds for readers: sizes, roots, checkpoints and proofs of what is kept here.

Source: docs/spec/05-merkle.md.
"""

from dataclasses import dataclass

from node.store import merkle, records
from node.store.database import Database
from node.store.feed_reading import FeedState
from node.store.feeds import FeedStore
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import LEDGER, FeedKey, Head


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """The proof that a record stands in a feed.

    Attributes:
        leaf: The leaf's bytes.
        index: Where it stands.
        proof: Hashes of 32 bytes, from the leaf upwards.
        head: The signed head that it leads to.
    """

    leaf: bytes
    index: int
    proof: list[bytes]
    head: Head


class Feeds:
    """Reads feeds for the API and the pages."""

    def __init__(self, database: Database, feeds: FeedStore) -> None:
        """Read from a database."""
        self._database = database
        self._feeds = feeds

    async def all(self) -> list[FeedState]:
        """Give every feed that is kept here, own and followed, the private ledger's size included."""
        async with self._database.read() as connection:
            return await self._feeds.all(connection)

    async def head(self, network: bytes, name: str, epoch: int | None = None) -> Head:
        """Give the newest signed head of a feed whose leaves are all here.

        Args:
            network: The network, 32 bytes.
            name: The feed's name.
            epoch: Of this epoch; of the newest one where None.

        Raises:
            RemoteProtocolError: `not_found`.
        """
        async with self._database.read() as connection:
            if epoch is None:
                state = await self._feeds.find_current(connection, network, name)
            else:
                state = await self._feeds.find(connection, FeedKey(network, name, epoch))
        head = None if state is None else state.head()
        if head is None:
            raise RemoteProtocolError(Code.NOT_FOUND, f"no signed head of a feed {name!r} of this network is here")
        return head

    async def inclusion(self, record_id: bytes) -> Inclusion:
        """Prove that a record stands in its feed, under the newest head.

        Raises:
            RemoteProtocolError: `not_found` where it isn't here, or no head covers it yet.
        """
        async with self._database.read() as connection:
            row = await records.find_one(connection, record_id)
            if row is None or row.feed is None or row.leaf_index is None:
                raise RemoteProtocolError(Code.NOT_FOUND, "the record stands in no feed that is kept here")
            key = await self._feeds.key_of(connection, row.feed)
            state = await self._feeds.find(connection, key)
            head = None if state is None else state.head()
            if head is None or head.size <= row.leaf_index:
                raise RemoteProtocolError(Code.NOT_FOUND, "no signed head covers the record yet")
            return Inclusion(
                leaf=await self._feeds.leaf(connection, row.feed, row.leaf_index),
                index=row.leaf_index,
                proof=await merkle.inclusion_proof(connection, row.feed, index=row.leaf_index, size=head.size),
                head=head,
            )

    async def consistency(self, key: FeedKey, *, old_size: int) -> tuple[Head, list[bytes]]:
        """Prove that the newest head of a feed extends its first `old_size` leaves.

        Raises:
            RemoteProtocolError: `not_found`, or `forbidden` for the private ledger, or `out_of_range`.
        """
        if key.name == LEDGER:
            raise RemoteProtocolError(Code.FORBIDDEN, "the ledger's feed is private")
        async with self._database.read() as connection:
            state = await self._feeds.find(connection, key)
            head = None if state is None else state.head()
            if state is None or head is None:
                raise RemoteProtocolError(Code.NOT_FOUND, "no signed head of this feed is here")
            if not 0 <= old_size <= head.size:
                raise RemoteProtocolError(Code.OUT_OF_RANGE, f"the head has {head.size} leaves, not {old_size}")
            proof = await merkle.consistency_proof(connection, state.sequence, old_size=old_size, new_size=head.size)
        return head, proof
