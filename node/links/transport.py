"""Connections to other nodes: WebSockets over HTTP; the simulator puts a network of its own in their place.

Source: docs/spec/06-gossip.md.

Tests: tests/node/links/test_hub.py
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from aiohttp import ClientError, ClientSession, ClientTimeout, ClientWSTimeout

from node.links.frames import SOCKET_BYTES_MAX, Socket
from node.links.peers import gossip_url

CONNECT_S = 10.0
"""How long it may take until the other side has answered with a WebSocket."""


class Transport(Protocol):
    """What opens connections."""

    async def start(self) -> None:
        """Get ready."""

    async def connect(self, url: str) -> Socket:
        """Open a connection to the node at `url`.

        Raises:
            OSError: It can't be reached.
            TimeoutError: It doesn't answer.
        """

    async def close(self) -> None:
        """Open no more."""


class WebSockets:
    """Connections of this machine."""

    def __init__(self) -> None:
        """Prepare; `start` must run in the event loop."""
        self._http: ClientSession | None = None

    async def start(self) -> None:
        """Make the session that nodes are dialled with."""
        self._http = ClientSession(timeout=ClientTimeout(total=None, connect=CONNECT_S), trust_env=False)

    async def connect(self, url: str) -> Socket:
        """Open a WebSocket to the node at `url`.

        Raises:
            OSError: It can't be reached, or answers otherwise.
            TimeoutError: It doesn't answer.
        """
        assert self._http is not None
        async with asyncio.timeout(CONNECT_S):
            try:
                return await self._http.ws_connect(
                    gossip_url(url), max_msg_size=SOCKET_BYTES_MAX, compress=0, timeout=ClientWSTimeout(ws_close=2.0)
                )
            except ClientError as error:
                raise ConnectionError(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Close the session."""
        if self._http is not None:
            await self._http.close()
            self._http = None
