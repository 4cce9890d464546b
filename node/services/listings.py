"""Offers and needs for readers: who, where, how far, what it costs, and what vouches for it.

A page of listings is built in a fixed number of queries, whatever its length.
Source: docs/concepts/catalogue.md.

Tests: tests/node/services/test_catalogue.py
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from node.services.names import agent_refs, money, unit_views
from node.services.seals import seal_refs
from node.services.views import (
    AgentRef,
    CompositionPart,
    ListingView,
    PlaceView,
    PriceView,
    SealRef,
    ThingRef,
    UnitView,
)
from node.store import catalogue_reads as reads
from node.store.catalogue_profiles import profiles_of
from node.store.catalogue_reads import Thing
from node.store.database import Connection
from protocol.identifiers import to_text
from protocol.market.ranking import Position, distance_m

ANSWERS_MAX = 100
"""Offers that are listed as answers to one need."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What stands around a page of listings, each by its id."""

    home: bytes
    here: Position | None
    names: Mapping[bytes, AgentRef]
    units: Mapping[str, UnitView]
    profiles: Mapping[bytes, Mapping[str, Any]]
    places: Mapping[bytes, Thing]
    positions: Mapping[bytes, Position]
    seals: Mapping[bytes, list[SealRef]]


async def listing_views(
    connection: Connection, listings: Sequence[Thing], *, home: bytes, now_ms: int, is_whole: bool = False
) -> list[ListingView]:
    """Give offers and needs as readers see them.

    Args:
        connection: Any connection.
        listings: Offers and needs, in the order in which they are wanted.
        home: This node's network: distances are from its place.
        now_ms: The reader's clock.
        is_whole: With what an offer answers, and with the answers to a need; for a page of one.
    """
    around = await _around(connection, listings, home, now_ms)
    if not is_whole:
        return [_view(item, around) for item in listings]
    answers = await reads.mentioning(connection, [item.id for item in listings], ["offer.answers"], limit=ANSWERS_MAX)
    needs = await reads.by_ids(connection, {item.body["answers"] for item in listings if item.body.get("answers")})
    return [
        _view(item, around, need=needs.get(item.body.get("answers", b"")), answers=answers.get(item.id, ()))
        for item in listings
    ]


async def position_of(connection: Connection, agent: bytes) -> Position | None:
    """Give the place of an agent; None where it states none."""
    item = (await reads.by_ids(connection, [agent])).get(agent)
    return None if item is None else item.position


def place_view(item: Thing, profile: Mapping[str, Any] | None) -> PlaceView:
    """Give a place.

    Args:
        item: The thing.
        profile: Of whoever stated it.
    """
    latitude, longitude = item.position or (None, None)
    return PlaceView(
        id=to_text("place", item.id),
        name=item.title,
        type=item.category or "",
        address=item.body.get("address"),
        hours=item.body.get("hours"),
        city=(profile or {}).get("city"),
        latitude_e6=latitude,
        longitude_e6=longitude,
    )


def thing_ref(item: Thing) -> ThingRef:
    """Give a thing in one line."""
    return ThingRef(id=to_text(item.kind, item.id), kind=item.kind, title=item.title)


def price_view(
    parts: Sequence[Mapping[str, Any]], *, per: int, measure: str, units: Mapping[str, UnitView]
) -> PriceView:
    """Give a price together with how its parts are written."""
    shown = [money(units[part["unit"]], part["amount"]) for part in parts]
    return PriceView(parts=shown, per=per, measure=measure)


async def _around(connection: Connection, listings: Sequence[Thing], home: bytes, now_ms: int) -> _Around:
    authors = {item.author for item in listings}
    places = await reads.by_ids(connection, {item.body["place"] for item in listings if item.body.get("place")})
    stated_by = authors | {place.author for place in places.values()}
    located = await reads.by_ids(connection, authors | {item.network for item in listings} | {home})
    vouched = {item.id for item in listings} | authors
    vouched |= {item.body["item"] for item in listings if item.body.get("item")}
    units = {
        part["unit"]
        for item in listings
        for part in (*(item.body.get("price") or ()), *(item.body.get("composition") or ()))
    }
    positions = {
        identifier: item.position
        for identifier, item in (*located.items(), *places.items())
        if item.position is not None
    }
    return _Around(
        home=home,
        here=positions.get(home),
        names=await agent_refs(connection, authors),
        units=await unit_views(connection, units),
        profiles=await profiles_of(connection, sorted(stated_by)),
        places=places,
        positions=positions,
        seals=await seal_refs(connection, vouched, now_ms=now_ms),
    )


def _view(item: Thing, around: _Around, *, need: Thing | None = None, answers: Sequence[Thing] = ()) -> ListingView:
    body = item.body
    profile = around.profiles.get(item.author) or {}
    place = around.places.get(body.get("place", b""))
    lies = (body.get("place", b""), item.author, item.network)
    at = next((around.positions[key] for key in lies if key in around.positions), None)
    parts = body.get("price") or ()
    measure = str(body.get("measure") or "")
    price = price_view(parts, per=body.get("per") or 1000, measure=measure, units=around.units) if parts else None
    seals: dict[str, SealRef] = {}
    for vouched in (item.id, body.get("item", b""), item.author):
        for ref in around.seals.get(vouched, ()):
            seals.setdefault(ref.id, ref)
    return ListingView(
        id=to_text(item.kind, item.id),
        record=to_text(item.kind, item.record.id),
        kind=item.kind,
        title=item.title,
        category=item.category or "",
        about=body.get("about"),
        author=around.names[item.author],
        quantity=body.get("quantity"),
        measure=measure,
        price=price,
        city=profile.get("city"),
        distance_m=distance_m(around.here, at),
        is_local=item.network == around.home,
        created_ms=item.record.header.created_ms,
        until_ms=body.get("until_ms"),
        firmness=body.get("firmness"),
        seals=list(seals.values()),
        composition=[
            CompositionPart(
                part=part["part"], amount=money(around.units[part["unit"]], part["amount"]), note=part.get("note")
            )
            for part in body.get("composition") or ()
        ],
        place=None if place is None else place_view(place, around.profiles.get(place.author)),
        answers=None if need is None else thing_ref(need),
        answered_by=[thing_ref(each) for each in answers],
    )
