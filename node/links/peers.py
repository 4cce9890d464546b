"""What to follow at each peer, where it is dialled, and how its link stands.

Tests: tests/node/links/test_hub.py
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from node.services.peers import Peer
from protocol.gossip.identity import normal_host
from protocol.gossip.messages import Follow

REGION = "region"
"""The relation of a peer that carries many networks' feeds."""


def follows_of(peers: Collection[Peer], *, follow_all: bool) -> dict[bytes, Follow]:
    """Say what to follow at each peer.

    A region is asked for every network that it carries, and so is everybody where `follow_all` is set. Any other peer
    is asked for the networks of the list: its own, and those that it may hold newer than their own nodes can give now.

    Args:
        peers: The peer list.
        follow_all: The operator's setting, for regions.
    """
    listed = tuple((peer.network, frozenset(peer.scope)) for peer in peers)
    return {
        peer.network: Follow(((None, frozenset(peer.scope)),) if follow_all or peer.relation == REGION else listed)
        for peer in peers
    }


class LinkState(StrEnum):
    """How the link to a neighbour stands."""

    CONNECTED = "connected"
    CONNECTING = "connecting"
    UNREACHABLE = "unreachable"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatus:
    """A neighbour's link, for people.

    Attributes:
        network: Its id.
        url: Where it is dialled.
        state: How the link stands.
        since_ms: Since when, by the wall clock.
        behind: Leaves that the peer has, that this node follows and hasn't got yet.
        behind_there: Leaves of this network's own feeds that the peer follows and hasn't got yet.
        deliveries: Addressed records that the peer hasn't acknowledged.
        last_error: Code and sentence of how the last link ended; None where it was no error.
    """

    network: bytes
    url: str
    state: LinkState
    since_ms: int
    behind: int = 0
    behind_there: int = 0
    deliveries: int = 0
    last_error: str | None = None


def host_of(url: str) -> str:
    """Give host and port of an address as AUTH signs them."""
    return normal_host(urlsplit(url).netloc)


def gossip_url(url: str) -> str:
    """Give the WebSocket's address of a node.

    >>> gossip_url("https://vila.example")
    'wss://vila.example/gossip'
    """
    parts = urlsplit(url)
    scheme = "wss" if parts.scheme == "https" else "ws"
    return urlunsplit((scheme, parts.netloc, "/gossip", "", ""))
