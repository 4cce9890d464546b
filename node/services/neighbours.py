"""Neighbour networks for readers: who they are, how well they are heard, and how much of theirs is here.

Source: docs/concepts/catalogue.md.

Tests: tests/node/services/test_catalogue.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from node.services.peers import Peer
from node.services.views import FeedView, NeighbourView
from node.store import catalogue_reads as reads
from node.store.catalogue_index import network_term
from node.store.catalogue_profiles import profiles_of
from node.store.catalogue_tables import NEEDS, OFFERS
from node.store.database import Connection
from protocol.identifiers import to_text


class LinkReport(Protocol):
    """How the link to one neighbour stands."""

    @property
    def network(self) -> bytes:
        """The neighbour's id, 32 bytes."""

    @property
    def state(self) -> str:
        """connected, connecting, unreachable or refused."""

    @property
    def since_ms(self) -> int:
        """Since when, by the wall clock; 0 where it never changed."""

    @property
    def behind(self) -> int:
        """Leaves that the neighbour has, that this node follows and hasn't got yet."""

    @property
    def last_error(self) -> str | None:
        """Code and sentence of how the last link ended; None where it was no error."""


LinkReports = Callable[[], Sequence[LinkReport]]
"""Gives the present reports, one a neighbour."""


def no_links() -> Sequence[LinkReport]:
    """Give no reports, for a node whose links are not started."""
    return ()


async def neighbour_views(
    connection: Connection, peers: Sequence[Peer], *, links: Iterable[LinkReport], feeds: Sequence[FeedView]
) -> list[NeighbourView]:
    """Give neighbours as readers see them.

    Args:
        connection: Any connection.
        peers: The list of peers.
        links: How the links stand; a peer without one is being connected.
        feeds: The feeds that are held here.
    """
    standing = {link.network: link for link in links}
    profiles = await profiles_of(connection, [peer.network for peer in peers])
    views = []
    for peer in peers:
        link = standing.get(peer.network)
        profile = profiles.get(peer.network) or {}
        identifier = to_text("agent", peer.network)
        views.append(
            NeighbourView(
                network_id=identifier,
                name=profile.get("name") or peer.name,
                url=peer.url,
                relation=peer.relation,
                state=str(link.state) if link is not None else "connecting",
                since_ms=link.since_ms if link is not None else None,
                behind=link.behind if link is not None else 0,
                last_error=link.last_error if link is not None else None,
                city=profile.get("city"),
                latitude_e6=profile.get("latitude_e6"),
                longitude_e6=profile.get("longitude_e6"),
                offers=await reads.count_of_term(connection, OFFERS, network_term(peer.network)),
                needs=await reads.count_of_term(connection, NEEDS, network_term(peer.network)),
                feeds=[feed for feed in feeds if feed.network_id == identifier],
            )
        )
    return views
