"""Frames over a WebSocket: messages in, messages out, with a bounded queue between the session and the socket.

What waits to be sent is counted in bytes. Ranges and bundles are loaded only while there is room, so the queue grows
beyond that by small messages alone; when it reaches its bound, the peer doesn't read, and the link ends.

Source: spec/06-gossip G-1 and spec/06-gossip G-2.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from aiohttp import WebSocketError, WSCloseCode, WSMessage, WSMsgType

from protocol.errors import Code, RemoteProtocolError
from protocol.gossip.codes import ByeCode
from protocol.gossip.messages import Message
from protocol.gossip.wire import decode_message, encode_message
from protocol.limits import FRAME_BYTES_MAX, OUTBOUND_BYTES_MAX, OUTBOUND_ROOM_BYTES


class Socket(Protocol):
    """An open WebSocket, of either side."""

    async def receive(self) -> WSMessage:
        """Wait for the next frame, or for the end."""

    async def send_bytes(self, data: bytes) -> None:
        """Send a binary frame; waits while the connection takes no more."""

    async def close(self) -> object:
        """Close the connection."""


SOCKET_BYTES_MAX = FRAME_BYTES_MAX + 32 * 1024
"""What aiohttp reads of one message: a little more than a frame, so that one just over the bound is told so."""


class Frames:
    """One WebSocket, spoken to in messages."""

    def __init__(self, socket: Socket) -> None:
        """Take an open WebSocket."""
        self._socket = socket
        self._queue: deque[bytes] = deque()
        self._queued_bytes = 0
        self._has_work = asyncio.Event()
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    async def receive(self) -> Message | None:
        """Wait for the next message; None once the connection is over.

        Raises:
            RemoteProtocolError: The frame is no message.
        """
        frame = await self._socket.receive()
        if frame.type is WSMsgType.BINARY:
            data: bytes = frame.data
            return decode_message(data)
        if frame.type is WSMsgType.TEXT:
            raise RemoteProtocolError(Code.MALFORMED, "a text frame; messages are binary")
        if frame.type is WSMsgType.ERROR:
            is_large = isinstance(frame.data, WebSocketError) and frame.data.code == WSCloseCode.MESSAGE_TOO_BIG
            raise RemoteProtocolError(Code.TOO_LARGE if is_large else Code.MALFORMED, str(frame.data))
        return None

    def send(self, message: Message) -> None:
        """Queue a message.

        Raises:
            RemoteProtocolError: `slow_reader`: too much waits already.
        """
        data = encode_message(message)
        if self._queued_bytes + len(data) > OUTBOUND_BYTES_MAX:
            text = f"{self._queued_bytes} bytes wait to be read by the peer"
            raise RemoteProtocolError(ByeCode.SLOW_READER, text)
        self._put(data)

    def send_last(self, message: Message) -> None:
        """Queue a BYE behind what waits; where the peer doesn't read, in its place."""
        if self._queued_bytes > OUTBOUND_ROOM_BYTES:
            self._queue.clear()
            self._queued_bytes = 0
        self._put(encode_message(message))

    async def write(self) -> None:
        """Send what is queued, for ever.

        Raises:
            ConnectionError: The connection is gone.
        """
        while True:
            await self._has_work.wait()
            while self._queue:
                data = self._queue.popleft()
                await self._socket.send_bytes(data)
                self._queued_bytes = max(0, self._queued_bytes - len(data))
                if self._queued_bytes <= OUTBOUND_ROOM_BYTES:
                    self._has_room.set()
            self._has_work.clear()
            self._is_empty.set()

    @property
    def queued_bytes(self) -> int:
        """How much waits to be sent."""
        return self._queued_bytes

    async def room(self) -> None:
        """Wait until little enough waits that a large message may be added."""
        await self._has_room.wait()

    async def drain(self) -> None:
        """Wait until nothing waits."""
        await self._is_empty.wait()

    async def close(self) -> None:
        """Close the WebSocket."""
        await self._socket.close()

    def _put(self, data: bytes) -> None:
        self._queue.append(data)
        self._queued_bytes += len(data)
        self._has_work.set()
        self._is_empty.clear()
        if self._queued_bytes > OUTBOUND_ROOM_BYTES:
            self._has_room.clear()
