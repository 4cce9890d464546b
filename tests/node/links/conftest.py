"""Nodes on loopback that are stopped when the test ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from tests.node.links.loopback import LoopbackNode

SETTLE_S = 0.05

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
    # A connection that is closed now is gone some turns of the loop later; the loop must not end before.
    await asyncio.sleep(SETTLE_S)
