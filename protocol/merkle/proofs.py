"""Inclusion and consistency proofs.

A proof is a list of hashes of ranges of leaves. Which ranges is pure arithmetic (`inclusion_ranges`,
`consistency_ranges`), and each range is a few complete subtrees (`subtrees`); so whoever stores hashes fetches what
`needed` lists and then calls `range_hash`. A subtree is named (level, index): level 0 are leaves, and it covers the
leaves from index·2^level on.

Source: RFC 9162 2.1.3 and 2.1.4 (the same proofs as RFC 6962 2.1.1 and 2.1.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from protocol.errors import Code, LocalProtocolError, RemoteProtocolError
from protocol.merkle.tree import EMPTY_ROOT, node_hash

Subtree = tuple[int, int]
"""(level, index) of a complete subtree."""

Range = tuple[int, int]
"""[start, end) of leaves."""

GetSubtree = Callable[[int, int], bytes]
"""Gives the 32-byte hash of a complete subtree by level and index."""


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """List the ranges whose hashes prove leaf `index` in a tree of `size`, from the leaf upwards.

    Raises:
        LocalProtocolError: `index` is not below `size`.
    """
    if not 0 <= index < size:
        raise LocalProtocolError(Code.OUT_OF_RANGE, f"leaf {index} is not in a tree of {size}")
    ranges: list[Range] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, new_size: int) -> list[Range]:
    """List the ranges whose hashes prove that the tree of `old_size` is a prefix of that of `new_size`.

    Raises:
        LocalProtocolError: `old_size` is below 1 or above `new_size`.
    """
    if not 0 < old_size <= new_size:
        raise LocalProtocolError(Code.OUT_OF_RANGE, f"no consistency proof from {old_size} to {new_size}")
    ranges: list[Range] = []
    start, end, is_whole = 0, new_size, True
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
            is_whole = False
    if not is_whole:
        ranges.append((start, end))
    return ranges[::-1]


def subtrees(start: int, end: int) -> list[Subtree]:
    """Split [start, end) into complete subtrees, left to right.

    The range must be one that a proof names: it begins at a multiple of a power of two not below its length.
    """
    found: list[Subtree] = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def needed(ranges: Iterable[Range]) -> set[Subtree]:
    """Give all the subtrees that the hashes of `ranges` are made of."""
    return {subtree for start, end in ranges for subtree in subtrees(start, end)}


def range_hash(start: int, end: int, get: GetSubtree) -> bytes:
    """Give the tree hash of the leaves [start, end), 32 bytes."""
    parts = subtrees(start, end)
    if not parts:
        return EMPTY_ROOT
    result = get(*parts[-1])
    for level, index in reversed(parts[:-1]):
        result = node_hash(get(level, index), result)
    return result


def inclusion_proof(index: int, size: int, get: GetSubtree) -> list[bytes]:
    """Give the proof that leaf `index` is in the tree of `size` leaves; at most 53 hashes."""
    return [range_hash(start, end, get) for start, end in inclusion_ranges(index, size)]


def consistency_proof(old_size: int, new_size: int, get: GetSubtree) -> list[bytes]:
    """Give the proof that the first `old_size` leaves are a prefix of the `new_size`."""
    return [range_hash(start, end, get) for start, end in consistency_ranges(old_size, new_size)]


def verify_inclusion(*, leaf_hash: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> None:
    """Check an inclusion proof (RFC 9162 2.1.3.2).

    Args:
        leaf_hash: 32 bytes.
        index: Of the leaf, below `size`.
        size: Of the tree.
        proof: Hashes of 32 bytes, from the leaf upwards.
        root: 32 bytes.

    Raises:
        RemoteProtocolError: `bad_proof`.
    """
    if not 0 <= index < size or any(len(item) != 32 for item in proof):
        raise RemoteProtocolError(Code.BAD_PROOF, f"no proof of leaf {index} in a tree of {size}")
    at, last, result = index, size - 1, leaf_hash
    for item in proof:
        if last == 0:
            raise RemoteProtocolError(Code.BAD_PROOF, "the inclusion proof is too long")
        if at & 1 or at == last:
            result = node_hash(item, result)
            if not at & 1:
                while at and not at & 1:
                    at >>= 1
                    last >>= 1
        else:
            result = node_hash(result, item)
        at >>= 1
        last >>= 1
    if last != 0 or result != root:
        raise RemoteProtocolError(Code.BAD_PROOF, f"leaf {index} is not in the tree of {size} with this root")


def verify_consistency(*, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: list[bytes]) -> None:
    """Check that the tree of `old_size` is a prefix of the tree of `new_size` (RFC 9162 2.1.4.2).

    Every tree extends the empty one, without a proof.

    Raises:
        RemoteProtocolError: `bad_proof`.
    """
    if old_size > new_size or old_size < 0 or any(len(item) != 32 for item in proof):
        raise RemoteProtocolError(Code.BAD_PROOF, f"no proof leads from {old_size} to {new_size} leaves")
    if old_size in {0, new_size}:
        is_same = old_root == (EMPTY_ROOT if old_size == 0 else new_root)
        if proof or not is_same:
            raise RemoteProtocolError(Code.BAD_PROOF, "two different trees of the same size")
        return
    path = proof if old_size & (old_size - 1) else [old_root, *proof]
    if not path:
        raise RemoteProtocolError(Code.BAD_PROOF, "the consistency proof is too short")
    at, last = old_size - 1, new_size - 1
    while at & 1:
        at >>= 1
        last >>= 1
    old_result = new_result = path[0]
    for item in path[1:]:
        if last == 0:
            raise RemoteProtocolError(Code.BAD_PROOF, "the consistency proof is too long")
        if at & 1 or at == last:
            old_result = node_hash(item, old_result)
            new_result = node_hash(item, new_result)
            while at and not at & 1:
                at >>= 1
                last >>= 1
        else:
            new_result = node_hash(new_result, item)
        at >>= 1
        last >>= 1
    if last != 0 or old_result != old_root or new_result != new_root:
        raise RemoteProtocolError(Code.BAD_PROOF, f"the tree of {new_size} does not extend the one of {old_size}")


def _split(size: int) -> int:
    """Give the largest power of two below `size` (which is at least 2)."""
    return 1 << ((size - 1).bit_length() - 1)
