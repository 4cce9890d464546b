"""A bundle proves its record by itself; whatever is changed in it is refused."""

from dataclasses import replace

import pytest

from protocol.bundle import Bundle, decode_bundle, encode_bundle, verify_bundle
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import TRADE, FeedKey
from protocol.merkle.checkpoint import origin_of, sign_checkpoint
from protocol.merkle.leaf import Leaf, encode_leaf
from protocol.merkle.proofs import inclusion_proof
from protocol.merkle.tree import leaf_hash, root_of
from protocol.record import Record
from tests.builders import Network, device, named, public

SERRA = Network("serra")


def bundle(*, agents: tuple[Record, ...] | None = None, by: str = "escola", feed: str = TRADE) -> Bundle:
    """Give the bundle of an event, third of four leaves."""
    body = {"order": named("order"), "action": "received", "rows": [{"row": 0, "quantity": 1}]}
    record = SERRA.by(by, "event", body, to=(SERRA.id, named("vila")))
    leaves = [encode_leaf(Leaf(named(f"other {number}"), 4)) for number in range(4)]
    leaves[2] = encode_leaf(Leaf(record.id, 4))
    hashes = [leaf_hash(leaf) for leaf in leaves]
    key = FeedKey(SERRA.id, feed, 0)
    note = sign_checkpoint(origin_of(key), size=4, root=root_of(hashes), seed=named("serra checkpoint"))

    def subtree(level: int, index: int) -> bytes:
        return root_of(hashes[index << level : (index + 1) << level])

    return Bundle(
        record=record,
        leaf=leaves[2],
        index=2,
        proof=tuple(inclusion_proof(2, 4, subtree)),
        note=note,
        agents=(SERRA.agent, SERRA.member("escola"), SERRA.epoch) if agents is None else agents,
    )


def code_of(item: Bundle) -> str:
    """Give the code that a bundle is refused with."""
    with pytest.raises(RemoteProtocolError) as caught:
        verify_bundle(item)
    return caught.value.code


def test_a_bundle_proves_its_record() -> None:
    """Author, place and head follow from the bundle alone, also after it travelled."""
    proven = verify_bundle(decode_bundle(encode_bundle(bundle())))

    assert (proven.feed, proven.leaf.keys_at, proven.size) == (FeedKey(SERRA.id, TRADE, 0), 4, 4)
    assert proven.author_keys == {public("escola")}
    assert proven.checkpoint_key == public("serra checkpoint")


def test_a_chain_of_keys_is_followed() -> None:
    """A revised agent is proven by every record from its first on, each signed by a key of the one before."""
    first = SERRA.member("escola")
    body = {"type": "person", "keys": [device("escola new")]}
    second = SERRA.by("escola", "agent", body, thing=first.id, previous=first.id)
    forged = SERRA.by("joana", "agent", body, thing=first.id, previous=first.id)
    proven = verify_bundle(bundle(agents=(SERRA.agent, first, second, SERRA.epoch)))

    assert proven.author_keys == {public("escola"), public("escola new")}
    assert code_of(bundle(agents=(SERRA.agent, first, forged, SERRA.epoch))) == Code.KEY_NOT_VALID
    assert code_of(bundle(agents=(SERRA.agent, second, SERRA.epoch))) == Code.UNKNOWN_AUTHOR


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (bundle(agents=()), Code.UNKNOWN_AUTHOR),
        (bundle(agents=(SERRA.agent, SERRA.member("escola"))), Code.KEY_NOT_VALID),
        (bundle(agents=(SERRA.agent, SERRA.member("escola"), Network("vila").epoch)), Code.KEY_NOT_VALID),
        (bundle(feed="ledger"), Code.WRONG_FEED),
        (replace(bundle(), index=1), Code.BAD_PROOF),
        (replace(bundle(), proof=()), Code.BAD_PROOF),
        (replace(bundle(), leaf=encode_leaf(Leaf(named("other"), 4))), Code.BAD_ID),
        (replace(bundle(), record=Network("vila").agent), Code.WRONG_HOME),
        (replace(bundle(), record=replace(bundle().record, signature=bytes(64))), Code.BAD_SIGNATURE),
    ],
)
def test_what_doesnt_fit_is_refused(changed: Bundle, code: Code) -> None:
    """Every link of the proof is needed."""
    assert code_of(changed) == code


def test_every_changed_byte_is_refused() -> None:
    """No byte of a bundle can be changed without notice."""
    data = encode_bundle(bundle())
    for at in range(0, len(data), 3):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        with pytest.raises(RemoteProtocolError):
            verify_bundle(decode_bundle(changed))
    for broken in (b"", data[:-1], data + b"\x00", b"x" * 300_000, b"\x96\xc0\xc0\xc0\xc0\xc0\xc0"):
        with pytest.raises(RemoteProtocolError):
            decode_bundle(broken)
