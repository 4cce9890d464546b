"""A node is believed only what its proofs show."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from cli.client import Client
from cli.errors import FailedCheckError
from cli.proofs import head_of, prove
from protocol.bundle import Bundle, encode_bundle
from protocol.feeds import FeedKey
from protocol.identifiers import to_text
from protocol.merkle.checkpoint import origin_of, sign_checkpoint
from protocol.merkle.leaf import Leaf, encode_leaf
from protocol.merkle.tree import leaf_hash, node_hash
from tests.builders import Network, forged, named, public

VILA = Network("vila")
POST = VILA.by("ana", "post", {"type": "story", "title": "O forno", "text": "Em 2009."})
OTHER = leaf_hash(encode_leaf(Leaf(bytes(32), 2)))
FEED = FeedKey(VILA.id, "catalog", 0)
LEAF = encode_leaf(Leaf(POST.id, 3))
ROOT = node_hash(OTHER, leaf_hash(LEAF))
NOTE = sign_checkpoint(origin_of(FEED), size=2, root=ROOT, seed=named("vila checkpoint"))
BUNDLE = Bundle(
    record=POST,
    leaf=LEAF,
    index=1,
    proof=(OTHER,),
    note=NOTE,
    agents=(VILA.agent, VILA.epoch, VILA.member("ana")),
)


@dataclass
class Answers(Client):
    """A client whose node gives prepared bytes, and notes what was asked for."""

    data: bytes = b""
    asked: list[str] = field(default_factory=list)
    url: str = "http://here"

    async def get_bytes(self, path: str, *, accept: str = "*/*", **query: str | int | None) -> bytes:
        """Give the prepared bytes."""
        self.asked.append(path)
        return self.data


async def test_a_record_is_followed_down_to_its_networks_keys() -> None:
    """Record, leaf, proof, head, epoch and agent records fit, and the feed and its key come out."""
    node = Answers(data=encode_bundle(BUNDLE))
    shown = await prove(node, to_text("post", POST.id))

    assert (shown.record, shown.index, shown.proven.feed) == (POST, 1, FEED)
    assert shown.proven.checkpoint_key == public("vila checkpoint")
    assert node.asked == [f"/api/v1/records/{to_text('post', POST.id)}/bundle"]


@pytest.mark.parametrize(
    "change",
    [
        lambda bundle: replace(bundle, record=forged(POST)),
        lambda bundle: replace(bundle, index=0),
        lambda bundle: replace(bundle, proof=()),
        lambda bundle: replace(bundle, proof=(bytes(32),)),
        lambda bundle: replace(bundle, leaf=encode_leaf(Leaf(POST.id, 4))),
        lambda bundle: replace(bundle, leaf=encode_leaf(Leaf(bytes(32), 3))),
        lambda bundle: replace(bundle, agents=bundle.agents[1:]),
        lambda bundle: replace(bundle, agents=bundle.agents[:-1]),
        lambda bundle: replace(bundle, agents=(bundle.agents[0], bundle.agents[2])),
        lambda bundle: replace(bundle, record=VILA.by("ana", "post", {"title": "another"})),
        lambda bundle: replace(
            bundle, note=sign_checkpoint(origin_of(FEED), size=2, root=ROOT, seed=named("somebody"))
        ),
    ],
)
async def test_whatever_is_changed_the_proof_does_not_hold(change: Callable[[Bundle], Bundle]) -> None:
    """A forged signature, another place, a missing key, a foreign head: all are failed checks."""
    with pytest.raises(FailedCheckError):
        await prove(Answers(data=encode_bundle(change(BUNDLE))), to_text("post", POST.id))


async def test_another_record_than_was_asked_for_is_refused() -> None:
    """A good bundle of another record doesn't answer the question."""
    with pytest.raises(FailedCheckError, match="another record"):
        await prove(Answers(data=encode_bundle(BUNDLE)), to_text("post", bytes(32)))


async def test_garbage_is_no_proof() -> None:
    """Bytes that aren't a bundle are a failed check, not a traceback."""
    for data in (b"", b"\x00" * 50, encode_bundle(BUNDLE)[:-1], encode_bundle(BUNDLE) + b"\x00"):
        with pytest.raises(FailedCheckError):
            await prove(Answers(data=data), to_text("post", POST.id))


async def test_a_head_is_checked_by_the_proven_key() -> None:
    """The same feed's head passes; another feed's, or one by another key, doesn't."""
    head = await head_of(Answers(data=NOTE), FEED, public("vila checkpoint"))

    assert (head.size, head.root) == (2, ROOT)
    with pytest.raises(FailedCheckError):
        await head_of(Answers(data=NOTE), FEED, public("somebody"))
    with pytest.raises(FailedCheckError):
        await head_of(Answers(data=NOTE), FeedKey(VILA.id, "trust", 0), public("vila checkpoint"))
