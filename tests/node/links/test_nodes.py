"""Whole nodes, as `mutirao serve` runs them: they find one another by their peer lists, and end cleanly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from node.app import Node, init_node
from node.audit import audit_folder
from node.config import Config
from node.links.peers import LinkState
from tests.ports import free_port


@pytest.fixture
async def nodes(tmp_path: Path) -> AsyncIterator[list[Node]]:
    """Start Vila, Serra and the region, none of which knows another."""
    async with AsyncExitStack() as stack:
        found = []
        for name in ("vila", "serra", "regiao"):
            port = free_port()
            config = Config(
                directory=tmp_path / name,
                url=f"http://127.0.0.1:{port}",
                port=port,
                reconnect_ms_min=50,
                reconnect_ms_max=500,
            )
            await init_node(config, profile={"name": name.title(), "language": "pt-BR"})
            node = await Node.open(config)
            await node.start()
            stack.push_async_callback(node.close)
            found.append(node)
        yield found


async def introduce(node: Node, *others: Node) -> None:
    """Put others on a node's peer list, as the operator does."""
    for other in others:
        await node.services.peers.add(
            other.services.home, url=other.services.config.url, relation="neighbour", name="x"
        )


async def test_nodes_meet_by_their_peer_lists(nodes: list[Node]) -> None:
    """Once all list one another they are linked, and hold one another's feeds."""
    for node in nodes:
        await introduce(node, *(other for other in nodes if other is not node))

    await _until_equal(nodes)

    for node in nodes:
        assert [LinkState.CONNECTED] * 2 == [status.state for status in node.links.status()]


async def test_two_networks_meet_in_the_region(nodes: list[Node]) -> None:
    """Vila and Serra list the region only; each ends with the other's feeds."""
    vila, serra, region = nodes
    await introduce(region, vila, serra)
    for node in (vila, serra):
        await node.services.peers.add(
            region.services.home, url=region.services.config.url, relation="region", name="Região"
        )

    await _until_equal(nodes)


# Vila dials again at once. A connection that arrives while aiohttp is ending is taken and then forgotten by it, which
# the interpreter remarks upon when it collects the transport; a process that really stops is gone by then.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_node_stops_while_others_are_linked(nodes: list[Node]) -> None:
    """A clean stop says BYE at once; the folder is sound, and the neighbour sees the node gone."""
    vila, serra, _ = nodes
    await introduce(vila, serra)
    await introduce(serra, vila)
    async with asyncio.timeout(10):
        while vila.links.status()[0].state is not LinkState.CONNECTED:  # noqa: ASYNC110 - a state, not an event
            await asyncio.sleep(0.01)

    async with asyncio.timeout(8):
        await serra.close()

    report = await audit_folder(serra.services.config.directory)
    assert not report.findings
    async with asyncio.timeout(10):
        while vila.links.status()[0].state is LinkState.CONNECTED:  # noqa: ASYNC110 - a state, not an event
            await asyncio.sleep(0.01)


async def _until_equal(nodes: list[Node]) -> None:
    """Wait until all nodes hold the same feeds with leaves, those of all three networks."""
    async with asyncio.timeout(20):
        while True:
            found = [await node.services.replication.heads() for node in nodes]
            held = [{feed: (head.size, head.root) for feed, head in each.items() if head.size} for each in found]
            if all(each == held[0] for each in held) and len({feed.network for feed in held[0]}) == len(nodes):
                return
            await asyncio.sleep(0.02)
