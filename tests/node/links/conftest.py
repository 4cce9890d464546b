"""Nodes on loopback that are stopped when the test ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.node.links.loopback import LoopbackNode

StartNodes = Callable[..., Awaitable[list[LoopbackNode]]]


@pytest.fixture
async def start_nodes() -> AsyncIterator[StartNodes]:
    """Give a function that starts nodes by name."""
    started: list[LoopbackNode] = []

    async def start(*names: str) -> list[LoopbackNode]:
        nodes = [LoopbackNode(name) for name in names]
        for node in nodes:
            await node.start()
            started.append(node)
        return nodes

    yield start
    for node in started:
        await node.stop()
