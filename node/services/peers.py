"""Peers: whom this node links to, and what it follows of them.

A peer is added by the operator with its address and its network's id, so that a link to another network at that
address is noticed. Nothing is followed that isn't listed here.

Source: DESIGN section 6; docs/concepts/feeds.md.
"""

from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from node.store import peers as store
from node.store.database import Connection, Database
from node.store.peers import RELATIONS, Peer
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import PUBLIC_FEED_NAMES, TRUST
from protocol.limits import PEERS_MAX, URL_CHARS_MAX

__all__ = ["RELATIONS", "Peer", "Peers"]

NAME_CHARS_MAX = 100


class Peers:
    """The list of peers, kept in memory beside the database.

    Attributes:
        on_change: Called after a peer was added, changed or removed.
    """

    def __init__(self, database: Database) -> None:
        """Use `open` instead."""
        self.on_change: list[Callable[[], None]] = []
        self._database = database
        self._peers: dict[bytes, Peer] = {}

    @classmethod
    async def open(cls, database: Database) -> "Peers":
        """Read the list."""
        peers = cls(database)
        async with database.read() as connection:
            peers._peers = {peer.network: peer for peer in await store.all_peers(connection)}
        return peers

    def list(self) -> list[Peer]:
        """Give all peers by name."""
        return sorted(self._peers.values(), key=lambda peer: (peer.name, peer.network))

    def get(self, network: bytes) -> Peer | None:
        """Give a network's entry, or None where it is no peer."""
        return self._peers.get(network)

    async def add(
        self,
        network: bytes,
        *,
        url: str,
        name: str = "",
        relation: str = "neighbour",
        scope: Sequence[str] = PUBLIC_FEED_NAMES,
    ) -> Peer:
        """Add a peer, or change what is said of it.

        Args:
            network: Its network's id, 32 bytes.
            url: Where it answers: http or https, a host, no path.
            name: For people; the URL's host where none is given.
            relation: neighbour, region or member.
            scope: The feeds of it to follow; its trust feed always goes along.

        Raises:
            RemoteProtocolError: `wrong_type` or `out_of_range` for what can't be used, `too_many` peers.
            DiskFullError: The disk is full.
        """
        if len(network) != 32:
            raise RemoteProtocolError(Code.WRONG_TYPE, "a network's id has 32 bytes")
        if relation not in RELATIONS:
            raise RemoteProtocolError(Code.OUT_OF_RANGE, f"relation is one of {', '.join(RELATIONS)}")
        unknown = set(scope) - set(PUBLIC_FEED_NAMES)
        if unknown:
            raise RemoteProtocolError(Code.OUT_OF_RANGE, f"feeds to follow are {', '.join(PUBLIC_FEED_NAMES)}")
        if network not in self._peers and len(self._peers) >= PEERS_MAX:
            raise RemoteProtocolError(Code.TOO_MANY, f"at most {PEERS_MAX} peers")
        host = _host_of(url)
        followed = tuple(feed for feed in PUBLIC_FEED_NAMES if feed == TRUST or feed in scope)
        shown = (name.strip() or host)[:NAME_CHARS_MAX]
        peer = Peer(network=network, url=url.rstrip("/"), name=shown, relation=relation, scope=followed)

        async def job(connection: Connection) -> None:
            await store.put(connection, peer)

        await self._database.write(job)
        self._peers[network] = peer
        self._tell()
        return peer

    async def remove(self, network: bytes) -> None:
        """Take a peer out; what was fetched from it stays.

        Raises:
            RemoteProtocolError: `not_found`.
        """
        if not await self._database.write(lambda connection: store.remove(connection, network)):
            raise RemoteProtocolError(Code.NOT_FOUND, "this network is no peer")
        self._peers.pop(network, None)
        self._tell()

    def _tell(self) -> None:
        for tell in self.on_change:
            tell()


def _host_of(url: str) -> str:
    """Check a peer's address and give its host and port.

    Raises:
        RemoteProtocolError: `out_of_range`.
    """
    parts = urlsplit(url) if len(url) <= URL_CHARS_MAX and url.isprintable() else None
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/"):
        raise RemoteProtocolError(Code.OUT_OF_RANGE, "url is like https://serra.example, without a path")
    if parts.query or parts.fragment or parts.username is not None:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, "url is like https://serra.example, without anything behind it")
    return parts.netloc
