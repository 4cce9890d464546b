"""The peer list as links use it, and how each neighbour stands.

Tests: tests/node/links/test_hub.py
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from protocol.feeds import PUBLIC_FEED_NAMES
from protocol.gossip.heads import FOLLOW_ALL
from protocol.gossip.identity import normal_host
from protocol.gossip.messages import Follow

SCOPE_ALL = "all"
"""Follow every network that the peer carries."""

SCOPE_NETWORK = "network"
"""Follow the peer's own network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerEntry:
    """A network on the peer list.

    Attributes:
        network: Its id, 32 bytes.
        url: Where to dial it, like https://vila.example; empty for one that only dials us.
        scope: `SCOPE_ALL` or `SCOPE_NETWORK`.
    """

    network: bytes
    url: str = ""
    scope: str = SCOPE_ALL

    def follow(self) -> Follow:
        """Give what to follow at this peer."""
        if self.scope == SCOPE_ALL:
            return FOLLOW_ALL
        return Follow(((self.network, frozenset(PUBLIC_FEED_NAMES)),))


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
