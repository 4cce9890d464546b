"""Feeds over HTTP: what is held, signed heads, proofs that a head extends an older one.

Source: docs/spec/08-http.md section 3.

Tests: tests/node/api/test_access.py
"""

from __future__ import annotations

import base64
from typing import Annotated

from aiohttp import web
from msgspec import Meta, Struct

from node.api.identifiers import agent_id_of
from node.api.route import Call
from node.api.schemas import Consistency, Entries, Entry, FeedHead, FeedList
from node.services.reading import without_sealed
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import LEDGER, PUBLIC_FEED_NAMES, Head
from protocol.identifiers import to_text
from protocol.limits import ENTRIES_BYTES_MAX, ENTRIES_PER_PAGE_MAX
from protocol.units import INTEGER_MAX


class ConsistencyQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """From which size on the proof is wanted."""

    old_size: Annotated[int, Meta(ge=0, le=INTEGER_MAX)]


class EntriesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """From which entry on, and how many at most."""

    start: Annotated[int, Meta(ge=0, le=INTEGER_MAX)] = 0
    limit: Annotated[int, Meta(ge=1, le=ENTRIES_PER_PAGE_MAX)] = 100


async def listing(call: Call) -> FeedList:
    """List the feeds that this node holds."""
    return FeedList(await call.services.catalogue.feeds())


async def head(call: Call) -> FeedHead:
    """Give a feed's newest signed head."""
    found = await _head(call)
    feed = found.feed
    return FeedHead(
        network_id=to_text("agent", feed.network),
        name=feed.name,
        epoch=feed.epoch,
        size=found.size,
        root=found.root.hex(),
        checkpoint=found.note.decode(),
    )


async def checkpoint(call: Call) -> web.Response:
    """Give the signed note alone, as text."""
    return web.Response(text=(await _head(call)).note.decode(), headers={"Cache-Control": "no-store"})


async def consistency(call: Call) -> Consistency:
    """Prove that the newest head extends an older size."""
    found = await _head(call)
    newest, proof = await call.services.feeds.consistency(found.feed, old_size=call.query.old_size)
    return Consistency(
        old_size=call.query.old_size,
        size=newest.size,
        root=newest.root.hex(),
        proof=[item.hex() for item in proof],
    )


async def entries(call: Call) -> Entries:
    """Give a range of a feed as a stranger may see it: addressed records stay away, their leaves don't."""
    found = await _head(call)
    query = call.query
    loaded = await call.services.replication.load(found.feed, query.start, ENTRIES_BYTES_MAX, query.limit, None)
    if loaded is None:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, f"start is {query.start}, the feed has {found.size} entries")
    return Entries(
        start=loaded.start,
        size=loaded.head.size,
        root=loaded.head.root.hex(),
        checkpoint=loaded.head.note.decode(),
        entries=[
            Entry(_base64(leaf), None if record is None else _base64(without_sealed(record)))
            for leaf, record in loaded.entries
        ],
        proof=[item.hex() for item in loaded.proof],
    )


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


async def _head(call: Call) -> Head:
    name = call.text("name")
    if name not in {*PUBLIC_FEED_NAMES, LEDGER}:
        raise RemoteProtocolError(Code.NOT_FOUND, f"feeds are {', '.join(PUBLIC_FEED_NAMES)}, not {name[:40]!r}")
    return await call.services.feeds.head(agent_id_of(call.text("network")), name)
