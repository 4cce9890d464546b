"""The tree hashes as RFC 6962 says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from protocol.errors import RemoteProtocolError
from protocol.merkle.tree import EMPTY_ROOT, Frontier, leaf_hash, node_hash, root_of

VECTORS = json.loads((Path(__file__).parent.parent.parent / "vectors" / "rfc6962.json").read_text())
LEAVES = [leaf_hash(bytes.fromhex(text)) for text in VECTORS["leaves"]]


def _reference_root(hashes: list[bytes]) -> bytes:
    """The definition of RFC 6962 2.1, word by word."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return node_hash(_reference_root(hashes[:split]), _reference_root(hashes[split:]))


def test_published_roots() -> None:
    """The roots of the published eight leaves, for each size from 0 to 8."""
    assert VECTORS["roots"] == [root_of(LEAVES[:size]).hex() for size in range(9)]
    assert VECTORS["roots"][0] == EMPTY_ROOT.hex()


def test_every_size_up_to_256() -> None:
    """Appending one by one gives the root of the definition at every size."""
    hashes = [leaf_hash(bytes([index])) for index in range(256)]
    frontier = Frontier()
    for size in range(257):
        assert _reference_root(hashes[:size]) == frontier.root()
        assert size.bit_count() == len(frontier.hashes)
        if size < 256:
            frontier.append(hashes[size])


def test_a_frontier_is_read_again() -> None:
    """A stored frontier goes on where it stopped, and a copy leaves the first alone."""
    frontier = Frontier()
    for index in range(100):
        frontier = Frontier.from_bytes(frontier.size, frontier.to_bytes())
        copy = frontier.copy()
        frontier.append(leaf_hash(bytes([index])))
        assert index == copy.size

    assert root_of(leaf_hash(bytes([index])) for index in range(100)) == frontier.root()


@pytest.mark.parametrize(("size", "data"), [(0, bytes(32)), (1, b""), (3, bytes(32)), (2, bytes(31)), (2, bytes(64))])
def test_a_broken_frontier_is_refused(size: int, data: bytes) -> None:
    """As many hashes as the size has bits set, or none is read."""
    with pytest.raises(RemoteProtocolError):
        Frontier.from_bytes(size, data)
