"""Readers get heads and proofs that verify by themselves."""

from pathlib import Path

import pytest

from node.services.feeds import Feeds
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import CATALOG, LEDGER, TRUST, FeedKey
from protocol.merkle.checkpoint import origin_of, parse_checkpoint
from protocol.merkle.proofs import verify_consistency, verify_inclusion
from protocol.merkle.tree import leaf_hash
from tests.builders import public
from tests.store_node import StoreNode


async def test_heads_and_proofs_verify(tmp_path: Path) -> None:
    """The head is signed by the epoch's key, a record's proof leads to it, and it extends any earlier one."""
    async with StoreNode(tmp_path, "vila") as node:
        await node.enrol("maria")
        feeds = Feeds(node.database, node.feeds)
        first = await feeds.head(node.network.id, TRUST)
        await node.enrol("ana", "bento")
        offer = node.offer("maria", "Geleia")
        await node.publish(offer)

        head, proof = await feeds.consistency(node.feed(TRUST), old_size=first.size)
        root = first.root
        verify_consistency(old_size=first.size, old_root=root, new_size=head.size, new_root=head.root, proof=proof)
        key = public("vila checkpoint")
        assert parse_checkpoint(head.note, origin=origin_of(head.feed), public=key).size == head.size == 8
        found = await feeds.inclusion(offer.id)
        at = found.head
        hashed = leaf_hash(found.leaf)
        verify_inclusion(leaf_hash=hashed, index=found.index, size=at.size, proof=found.proof, root=at.root)
        assert {state.key.name: state.size for state in await feeds.all()} == {TRUST: 8, CATALOG: 1}


async def test_what_isnt_here_is_said_so(tmp_path: Path) -> None:
    """Unknown feeds and records are not found, the ledger is private, sizes must be of the past."""
    async with StoreNode(tmp_path, "vila") as node:
        feeds = Feeds(node.database, node.feeds)
        cases = [
            (feeds.head(b"x" * 32, TRUST), Code.NOT_FOUND),
            (feeds.head(node.network.id, TRUST, 7), Code.NOT_FOUND),
            (feeds.inclusion(b"x" * 32), Code.NOT_FOUND),
            (feeds.consistency(node.feed(LEDGER), old_size=0), Code.FORBIDDEN),
            (feeds.consistency(node.feed(TRUST), old_size=99), Code.OUT_OF_RANGE),
            (feeds.consistency(FeedKey(b"x" * 32, TRUST, 0), old_size=0), Code.NOT_FOUND),
        ]
        for attempt, code in cases:
            with pytest.raises(RemoteProtocolError) as caught:
                await attempt
            assert caught.value.code == code
