"""I1 and I12: once nothing is in the way, whoever follows a feed holds what its home holds, quiet feeds too.

Who must hold what follows from the links alone: a node holds its own feeds; from a neighbour it takes what that one
holds, all of it where it follows all, else the networks of its list. Nothing is asked of the feeds of a rogue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from node.links.peers import LinkState
from protocol.feeds import FeedKey, Head

if TYPE_CHECKING:
    from tests.simulation.federation import Federation


async def settled(federation: Federation) -> str | None:
    """Say what isn't as it must be yet; None where all is."""
    rogues = {rogue.network.id for rogue in federation.rogues.values()}
    heads: dict[str, dict[FeedKey, Head]] = {}
    for name, node in federation.nodes.items():
        if node.running is None:
            return f"{name} is down: {node.refused}"
        for status in node.running.links.status():
            if status.network in rogues:
                continue
            if status.state is not LinkState.CONNECTED:
                return f"{name} is not linked with {_name(federation, status.network)}: {status.last_error}"
            if status.deliveries and _name(federation, status.network) not in federation.forked:
                return f"{name} has {status.deliveries} deliveries left for {_name(federation, status.network)}"
        heads[name] = await node.running.services.replication.heads()
    for name, networks in scopes(federation).items():
        for other in networks - federation.forked:
            home = federation.nodes[other].network.id
            for feed, head in sorted(heads[other].items()):
                if feed.network != home:
                    continue
                held = heads[name].get(feed)
                if held is None or (held.size, held.root) != (head.size, head.root):
                    size = None if held is None else held.size
                    return f"{name} holds {size} leaves of {other}'s {feed.name}, which has {head.size}"
    return None


def scopes(federation: Federation) -> dict[str, set[str]]:
    """Say for each node whose networks' feeds it must hold."""
    plan = federation.plan
    neighbours: dict[str, set[str]] = {name: set() for name in plan.nodes}
    for one, other in plan.links:
        neighbours[one].add(other)
        neighbours[other].add(one)
    held = {name: {name} for name in plan.nodes}
    while True:
        before = {name: set(networks) for name, networks in held.items()}
        for name in plan.nodes:
            for neighbour in neighbours[name]:
                offered = before[neighbour]
                held[name] |= offered if name in plan.follow_all else offered & neighbours[name]
        if held == before:
            return held


def _name(federation: Federation, network: bytes) -> str:
    return next((name for name, node in federation.nodes.items() if node.network.id == network), network.hex()[:8])
