"""Agents and their posts for readers: who somebody is, what they published, and what vouches for them.

Source: docs/concepts/catalogue.md.

Tests: tests/node/services/test_catalogue.py
"""

from collections.abc import Sequence
from typing import Final

from node.services.listings import listing_views, position_of, thing_ref
from node.services.names import agent_refs
from node.services.seals import seal_refs
from node.services.views import AgentView, ListingView, PostView, RevisionRef
from node.store import catalogue_reads as reads
from node.store.catalogue_profiles import profiles_of
from node.store.catalogue_reads import Thing
from node.store.database import Connection
from protocol.identifiers import to_text
from protocol.market.ranking import distance_m

PUBLISHED_MAX: Final = 50
"""Offers, needs and posts that the page of one agent shows."""


async def agent_views(
    connection: Connection, agents: Sequence[Thing], *, home: bytes, now_ms: int, is_whole: bool = False
) -> list[AgentView]:
    """Give agents as readers see them.

    Args:
        connection: Any connection.
        agents: Things of the kind agent.
        home: This node's network: distances are from its place.
        now_ms: The reader's clock.
        is_whole: With what each published; for a page of one.
    """
    ids = [item.id for item in agents]
    names = await agent_refs(connection, ids)
    profiles = await profiles_of(connection, ids)
    seals = await seal_refs(connection, ids, now_ms=now_ms)
    memberships = await reads.mentioning(connection, ids, ["membership.agent"])
    here = await position_of(connection, home)
    views = []
    for item in agents:
        profile = profiles.get(item.id) or {}
        latitude, longitude = item.position or (None, None)
        active = [each for each in memberships.get(item.id, ()) if each.body.get("state") == "active"]
        views.append(
            AgentView(
                ref=names[item.id],
                about=profile.get("about"),
                city=profile.get("city"),
                state=profile.get("state"),
                contact=profile.get("contact"),
                distance_m=distance_m(here, item.position),
                latitude_e6=latitude,
                longitude_e6=longitude,
                roles=sorted({role for each in active for role in each.body.get("roles", ())}),
                membership=_revision(active[-1]) if active else None,
                member_since_ms=min((each.record.header.created_ms for each in active), default=None),
                seals=seals.get(item.id, []),
                offers=await _listed(connection, "offer", item.id, home, now_ms) if is_whole else [],
                needs=await _listed(connection, "need", item.id, home, now_ms) if is_whole else [],
                posts=await _posted(connection, item.id) if is_whole else [],
            )
        )
    return views


def _revision(item: Thing) -> RevisionRef:
    kind = item.record.header.kind
    return RevisionRef(thing=to_text(kind, item.id), previous=to_text(kind, item.record.id))


async def post_views(connection: Connection, posts: Sequence[Thing]) -> list[PostView]:
    """Give stories and messages as readers see them."""
    names = await agent_refs(connection, {item.author for item in posts})
    about = await reads.by_ids(connection, {item.body["about"] for item in posts if item.body.get("about")})
    return [
        PostView(
            id=to_text("post", item.id),
            type=item.category or "",
            title=item.title,
            text=item.body.get("text", ""),
            author=names[item.author],
            created_ms=item.record.header.created_ms,
            about=thing_ref(about[item.body["about"]]) if item.body.get("about") in about else None,
        )
        for item in posts
    ]


async def _listed(connection: Connection, kind: str, agent: bytes, home: bytes, now_ms: int) -> list[ListingView]:
    things = await reads.newest(connection, kind, author=agent, limit=PUBLISHED_MAX, now_ms=now_ms)
    return await listing_views(connection, things, home=home, now_ms=now_ms)


async def _posted(connection: Connection, agent: bytes) -> list[PostView]:
    return await post_views(connection, await reads.newest(connection, "post", author=agent, limit=PUBLISHED_MAX))
