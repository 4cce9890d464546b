"""A leaf is one canonical array."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codec
from protocol.errors import RemoteProtocolError
from protocol.merkle.leaf import Leaf, LedgerLeaf, decode_leaf, decode_ledger_leaf, encode_leaf

IDS = st.none() | st.binary(min_size=32, max_size=32)
NUMBERS = st.integers(0, 2**53 - 1)


@given(IDS, NUMBERS)
def test_leaves_are_read_again(record_id: bytes | None, keys_at: int) -> None:
    """Reading undoes writing, for both forms, and neither is taken for the other."""
    leaf = Leaf(record_id, keys_at)
    ledger_leaf = LedgerLeaf(record_id, keys_at, 5, "posted", bytes(16))

    assert leaf == decode_leaf(encode_leaf(leaf))
    assert ledger_leaf == decode_ledger_leaf(encode_leaf(ledger_leaf))
    with pytest.raises(RemoteProtocolError):
        decode_leaf(encode_leaf(ledger_leaf))
    with pytest.raises(RemoteProtocolError):
        decode_ledger_leaf(encode_leaf(leaf))


@pytest.mark.parametrize(
    "fields",
    [[], [None], [b"x", 0], ["x" * 32, 0], [None, -1], [None, None], [None, True], [None, 0, 0]],
)
def test_hostile_leaves(fields: list[object]) -> None:
    """Each wrong field is refused."""
    with pytest.raises(RemoteProtocolError):
        decode_leaf(codec.encode(fields))


@pytest.mark.parametrize(
    "fields",
    [
        [None, 0, -1, "posted", bytes(16)],
        [None, 0, 0, "", bytes(16)],
        [None, 0, 0, "x" * 65, bytes(16)],
        [None, 0, 0, b"posted", bytes(16)],
        [None, 0, 0, "posted", bytes(15)],
        [None, 0, 0, "posted", None],
    ],
)
def test_hostile_ledger_leaves(fields: list[object]) -> None:
    """Each wrong field is refused."""
    with pytest.raises(RemoteProtocolError):
        decode_ledger_leaf(codec.encode(fields))
