"""The Merkle tree of a log: leaf and node hashes, and the frontier that appends.

    leaf hash = SHA-256(0x00 ‖ data)      node hash = SHA-256(0x01 ‖ left ‖ right)

The tree over n leaves splits at the largest power of two below n. A frontier holds the hashes of the complete
subtrees that n leaves make, from the largest to the smallest: as many as n has bits set. It is all that appending
and the root need.

>>> frontier = Frontier()
>>> frontier.append(leaf_hash(b"a"))
>>> frontier.root() == leaf_hash(b"a")
True

Source: RFC 6962 2.1; RFC 9162 2.1.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import reduce

from protocol.errors import Code, RemoteProtocolError

HASH_BYTES = 32

EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of the tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """Give SHA-256(0x00 ‖ data), 32 bytes."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give SHA-256(0x01 ‖ left ‖ right), 32 bytes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The complete subtrees of a growing tree.

    Attributes:
        size: Number of leaves so far.
        hashes: 32-byte hashes of the complete subtrees, largest first.
    """

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """Begin with an empty tree, or go on from `size` and `hashes`."""
        self.size = size
        self.hashes = list(hashes)

    def append(self, hashed_leaf: bytes) -> None:
        """Add one leaf by its 32-byte hash; O(1) amortised."""
        node = hashed_leaf
        remaining = self.size
        while remaining & 1:
            node = node_hash(self.hashes.pop(), node)
            remaining >>= 1
        self.hashes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Give the 32-byte root of all leaves so far."""
        if not self.hashes:
            return EMPTY_ROOT
        return reduce(lambda right, left: node_hash(left, right), reversed(self.hashes))

    def copy(self) -> Frontier:
        """Give an independent copy."""
        return Frontier(self.size, self.hashes)

    def to_bytes(self) -> bytes:
        """Give the hashes one behind the other; the size is kept beside it."""
        return b"".join(self.hashes)

    @classmethod
    def from_bytes(cls, size: int, data: bytes) -> Frontier:
        """Read what `to_bytes` wrote for a tree of `size` leaves.

        Raises:
            RemoteProtocolError: `malformed`, where the number of hashes doesn't fit the size.
        """
        if len(data) != HASH_BYTES * size.bit_count():
            raise RemoteProtocolError(Code.MALFORMED, f"a frontier of {size} leaves has {size.bit_count()} hashes")
        return cls(size, (data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)))


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Give the root of the tree over these leaf hashes."""
    frontier = Frontier()
    for hashed in leaf_hashes:
        frontier.append(hashed)
    return frontier.root()
