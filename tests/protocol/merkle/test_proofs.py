"""Every index of every tree up to 256 is proved, and every altered proof is refused."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Code, LocalProtocolError, RemoteProtocolError
from protocol.merkle import proofs
from protocol.merkle.tree import EMPTY_ROOT, leaf_hash, root_of

VECTORS = json.loads((Path(__file__).parent.parent.parent / "vectors" / "rfc6962.json").read_text())
LEAVES = [leaf_hash(index.to_bytes(2, "big")) for index in range(256)]


@cache
def _subtree(level: int, index: int) -> bytes:
    return root_of(LEAVES[index << level : (index + 1) << level])


@cache
def _root(size: int) -> bytes:
    return root_of(LEAVES[:size])


@pytest.mark.parametrize("size", [*range(1, 40), 63, 64, 65, 100, 127, 128, 129, 200, 255, 256])
def test_inclusion_of_every_index(size: int) -> None:
    """Each leaf is proved in its tree, and nowhere else."""
    for index in range(size):
        proof = proofs.inclusion_proof(index, size, _subtree)
        proofs.verify_inclusion(leaf_hash=LEAVES[index], index=index, size=size, proof=proof, root=_root(size))
        wrong: list[dict[str, Any]] = [
            {"index": index ^ 1},
            {"leaf_hash": LEAVES[(index + 1) % 256]},
            {"root": _root(size)[::-1]},
            {"proof": [*proof, bytes(32)]},
            {"proof": proof[:-1] if proof else [bytes(32)]},
            {"proof": [*proof[:-1], proof[-1][::-1]] if proof else [b"short"]},
        ]
        for change in wrong:
            good: dict[str, Any] = {"leaf_hash": LEAVES[index], "index": index, "size": size}
            good |= {"proof": proof, "root": _root(size)}
            with pytest.raises(RemoteProtocolError) as error:
                proofs.verify_inclusion(**(good | change))
            assert error.value.code is Code.BAD_PROOF


@pytest.mark.parametrize("new_size", [*range(1, 33), 63, 64, 65, 128, 200, 255, 256])
def test_consistency_of_every_prefix(new_size: int) -> None:
    """Each prefix is proved, and no altered root, size or proof is."""
    for old_size in range(1, new_size + 1):
        proof = proofs.consistency_proof(old_size, new_size, _subtree)
        good: dict[str, Any] = {
            "old_size": old_size,
            "old_root": _root(old_size),
            "new_size": new_size,
            "new_root": _root(new_size),
            "proof": proof,
        }
        proofs.verify_consistency(**good)
        wrong: list[dict[str, Any]] = [
            {"old_root": bytes(32)},
            {"new_root": bytes(32)},
            {"proof": [*proof, bytes(32)]},
            {"proof": [b"short"]},
        ]
        if proof:
            wrong += [{"proof": proof[:-1]}, {"proof": [proof[0][::-1], *proof[1:]]}]
        for change in wrong:
            with pytest.raises(RemoteProtocolError):
                proofs.verify_consistency(**(good | change))


def test_the_empty_tree_is_a_prefix_of_all() -> None:
    """From size 0 no proof is needed, and none is taken."""
    proofs.verify_consistency(old_size=0, old_root=EMPTY_ROOT, new_size=7, new_root=_root(7), proof=[])
    changes: list[dict[str, Any]] = [
        {"old_root": bytes(32)},
        {"proof": [bytes(32)]},
        {"old_size": 8},
        {"old_size": -1},
    ]
    for change in changes:
        arguments: dict[str, Any] = {
            "old_size": 0,
            "old_root": EMPTY_ROOT,
            "new_size": 7,
            "new_root": _root(7),
            "proof": [],
        }
        with pytest.raises(RemoteProtocolError):
            proofs.verify_consistency(**(arguments | change))


def test_published_proofs() -> None:
    """The published proofs over the eight leaves come out byte by byte."""
    leaves = [leaf_hash(bytes.fromhex(text)) for text in VECTORS["leaves"]]

    def get(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : (index + 1) << level])

    for vector in VECTORS["inclusion"]:
        assert vector["proof"] == [h.hex() for h in proofs.inclusion_proof(vector["index"], vector["size"], get)]
    for vector in VECTORS["consistency"]:
        assert vector["proof"] == [h.hex() for h in proofs.consistency_proof(vector["old"], vector["new"], get)]


@given(st.integers(0, 2**40), st.integers(1, 2**40))
def test_ranges_are_made_of_complete_subtrees(index: int, size: int) -> None:
    """At any size each range of a proof is covered exactly by aligned subtrees."""
    if index >= size:
        with pytest.raises(LocalProtocolError):
            proofs.inclusion_ranges(index, size)
        return
    ranges = proofs.inclusion_ranges(index, size)
    for start, end in ranges:
        at = start
        for level, position in proofs.subtrees(start, end):
            assert at == position << level
            at += 1 << level
        assert end == at
    assert size - 1 == sum(end - start for start, end in ranges)
    assert proofs.needed(ranges) == {subtree for start, end in ranges for subtree in proofs.subtrees(start, end)}


@pytest.mark.parametrize(("old", "new"), [(0, 5), (6, 5), (-1, 5)])
def test_no_proof_backwards(old: int, new: int) -> None:
    """Asking for a proof that can't exist is our own caller's fault."""
    with pytest.raises(LocalProtocolError):
        proofs.consistency_ranges(old, new)


def test_the_hash_of_no_leaves() -> None:
    """An empty range has the root of the empty tree."""
    assert EMPTY_ROOT == proofs.range_hash(3, 3, _subtree)
