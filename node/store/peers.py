"""The list of peers: other nodes that this one links to, and what it follows of them.

Source: DESIGN section 6; docs/concepts/feeds.md.

Tests: tests/node/services/test_peers.py
"""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.rowcheck import with_checks
from node.store.tables import peer

RELATIONS = ("neighbour", "region", "member")
"""What a peer is to this node: an equal, the region that it belongs to, or a member of it as a region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Another node.

    Attributes:
        network: Its network, 32 bytes.
        url: Where it answers, like https://serra.example.
        name: For people.
        relation: One of `RELATIONS`.
        scope: Names of its feeds that are followed here.
    """

    network: bytes
    url: str
    name: str
    relation: str
    scope: tuple[str, ...]


async def put(connection: AsyncConnection, item: Peer) -> None:
    """Add a peer, or replace what was said of it, inside a writing job."""
    await remove(connection, item.network)
    row = {
        "network": item.network,
        "url": item.url,
        "name": item.name,
        "relation": item.relation,
        "scope": ",".join(item.scope),
    }
    await connection.execute(insert(peer).values(with_checks(peer, row)))


async def remove(connection: AsyncConnection, network: bytes) -> bool:
    """Take a peer out, inside a writing job; tell whether it was there."""
    result = await connection.execute(delete(peer).where(peer.c.network == network).returning(peer.c.network))
    return result.first() is not None


async def all_peers(connection: AsyncConnection) -> list[Peer]:
    """Give all peers by name."""
    rows = await connection.execute(select(peer).order_by(peer.c.name, peer.c.network))
    return [
        Peer(
            network=row.network,
            url=row.url,
            name=row.name,
            relation=row.relation,
            scope=tuple(name for name in row.scope.split(",") if name),
        )
        for row in rows
    ]
