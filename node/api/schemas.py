"""The shapes that only the HTTP interface has: bodies of requests, wrappers of lists, the one error shape.

What is shown of things stands in `node.services.views`.
Source: docs/spec/08-http.md sections 1 and 2.

Tests: tests/node/api/test_routes.py
"""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from node.services.views import FeedView, NeighbourView, PlaceView, PostView, SealView
from protocol.limits import LOGIN_BYTES_MAX, RECORD_BYTES_MAX, RECORDS_PER_SUBMIT_MAX, URL_CHARS_MAX


def _base64_of(bytes_max: int) -> Meta:
    return Meta(max_length=(bytes_max + 2) // 3 * 4, extra_json_schema={"contentEncoding": "base64"})


class Problem(Struct, frozen=True):
    """What went wrong and what to do about it; `code` never changes its meaning."""

    code: str
    message: str
    next_step: str


class ErrorAnswer(Struct, frozen=True):
    """The shape of every error answer."""

    error: Problem


class Submission(Struct, frozen=True, forbid_unknown_fields=True):
    """Signed records to be recorded, each in base64."""

    records: Annotated[
        list[Annotated[str, _base64_of(RECORD_BYTES_MAX)]], Meta(min_length=1, max_length=RECORDS_PER_SUBMIT_MAX)
    ]


class RecordedAt(Struct, frozen=True):
    """Where a record stands. `void` says why it does nothing there (an instruction that the ledger refused).

    `outcome` is what the ledger made of an instruction, such as `posted`, or `proposed` while others must sign; null in
    other feeds.
    """

    feed: str
    index: int
    again: bool
    void: Problem | None = None
    outcome: str | None = None


class Result(Struct, frozen=True):
    """What became of one record: `recorded` or `refused`. `id` is null where the bytes could not be read that far."""

    id: str | None
    recorded: RecordedAt | None = None
    refused: Problem | None = None


class Results(Struct, frozen=True):
    """One result for each submitted record, in their order."""

    results: list[Result]


class RecordAnswer(Struct, frozen=True):
    """A record as it is stored: its signed bytes in base64, and where it stands."""

    id: str
    kind: str
    network_id: str
    state: str
    code: str | None
    data: str
    feed: str | None = None
    index: int | None = None


class LoginOffer(Struct, frozen=True):
    """What a login document has to name: this network, this address, a time by this node's clock."""

    network: str
    origin: str
    now_ms: int


class LoginBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A login document and its signature, in base64."""

    document: Annotated[str, _base64_of(LOGIN_BYTES_MAX)]
    signature: Annotated[str, _base64_of(64)]


class SessionAnswer(Struct, frozen=True):
    """Who is logged in; `token` is given once, at login."""

    agent: str
    roles: list[str]
    expires_ms: int
    token: str | UnsetType = UNSET


class PeerBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A neighbour to keep a link to."""

    url: Annotated[str, Meta(max_length=URL_CHARS_MAX)]
    network: Annotated[str, Meta(max_length=100)]
    relation: str = "neighbour"
    name: Annotated[str, Meta(max_length=100)] = ""


class PeerAnswer(Struct, frozen=True):
    """A neighbour on this node's list, and which of its feeds are followed."""

    network_id: str
    url: str
    name: str
    relation: str
    feeds: list[str]


class Neighbours(Struct, frozen=True):
    """The neighbour networks."""

    neighbours: list[NeighbourView]


class FeedList(Struct, frozen=True):
    """The feeds that this node holds."""

    feeds: list[FeedView]


class FeedHead(Struct, frozen=True):
    """A feed's newest signed head: size, root in hex, and the signed note itself."""

    network_id: str
    name: str
    epoch: int
    size: int
    root: str
    checkpoint: str


class Consistency(Struct, frozen=True):
    """The proof (hashes in hex) that the head of `size` extends the feed's first `old_size` entries."""

    old_size: int
    size: int
    root: str
    proof: list[str]


class Entry(Struct, frozen=True):
    """A leaf and its record's bytes, in base64; `record` is null where it isn't here or isn't public."""

    leaf: str
    record: str | None


class Entries(Struct, frozen=True):
    """A range of a feed, the head that it folds to, and the proof (hashes in hex) from its end to that head."""

    start: int
    size: int
    root: str
    checkpoint: str
    entries: list[Entry]
    proof: list[str]


class InclusionProof(Struct, frozen=True):
    """The proof (hashes in hex) that a record's leaf stands in its feed under the signed head."""

    leaf: str
    index: int
    size: int
    root: str
    checkpoint: str
    proof: list[str]


class SealList(Struct, frozen=True):
    """The seals that are known here."""

    seals: list[SealView]


class PlaceList(Struct, frozen=True):
    """Pick-up points, fairs, shops and warehouses, the nearest first."""

    places: list[PlaceView]


class PostList(Struct, frozen=True):
    """Stories, guides and messages, the newest first."""

    posts: list[PostView]


class WellKnown(Struct, frozen=True):
    """What another node or program asks first: who is here, where, and in which version."""

    network: str
    name: str
    url: str
    api: str
    gossip: str
    software: str
    version: str


class Done(Struct, frozen=True):
    """It is done."""

    done: bool = True
