"""Neighbours over HTTP: everybody sees them, the operator adds and removes them.

Source: docs/spec/08-http.md section 6.

Tests: tests/node/api/test_access.py
"""

from __future__ import annotations

from node.api.identifiers import agent_id_of
from node.api.route import Call
from node.api.schemas import Done, Neighbours, PeerAnswer
from node.services.peers import Peer
from protocol.errors import Code, RemoteProtocolError
from protocol.identifiers import to_text


async def neighbours(call: Call) -> Neighbours:
    """List the neighbour networks and how well they are heard."""
    return Neighbours(await call.services.catalogue.neighbours())


async def add(call: Call) -> PeerAnswer:
    """Keep a link to a neighbour, or change what is known of it."""
    body = call.body
    network = agent_id_of(body.network)
    if network == call.services.home:
        raise RemoteProtocolError(Code.OUT_OF_RANGE, "this is the node's own network")
    peer = await call.services.peers.add(network, url=body.url, name=body.name, relation=body.relation)
    return _answer(peer)


async def remove(call: Call) -> Done:
    """End the link to a neighbour; what was followed stays."""
    await call.services.peers.remove(agent_id_of(call.text("network")))
    return Done()


def _answer(peer: Peer) -> PeerAnswer:
    return PeerAnswer(to_text("agent", peer.network), peer.url, peer.name, peer.relation, list(peer.scope))
