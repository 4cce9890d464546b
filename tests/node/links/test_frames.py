"""The queue between session and socket has bounds, and a BYE always finds its place."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from node.links.frames import Frames
from protocol.errors import RemoteProtocolError
from protocol.gossip.messages import Bye, Deliver, Ping
from protocol.gossip.wire import decode_message
from protocol.limits import OUTBOUND_BYTES_MAX, OUTBOUND_ROOM_BYTES

LARGE = Deliver(bytes(200_000))


class PausedSocket:
    """A socket whose writes wait until they are let go."""

    def __init__(self) -> None:
        """Begin paused."""
        self.goes = asyncio.Event()
        self.sent: list[bytes] = []

    async def send_bytes(self, data: bytes) -> None:
        """Wait, then take the frame."""
        await self.goes.wait()
        self.sent.append(data)


async def test_frames_keep_their_order() -> None:
    """What is queued is sent in order, and `drain` waits for all of it."""
    socket = PausedSocket()
    frames = Frames(cast("Any", socket))
    for number in range(5):
        frames.send(Ping(number, False, bytes(8)))
    task = asyncio.create_task(frames.write())
    socket.goes.set()

    await frames.drain()
    task.cancel()

    assert [cast("Ping", decode_message(data)).number for data in socket.sent] == list(range(5))


async def test_there_is_room_until_enough_waits() -> None:
    """Large messages wait while more than the bound is queued, and go on when it has been sent."""
    socket = PausedSocket()
    frames = Frames(cast("Any", socket))
    task = asyncio.create_task(frames.write())
    queued = 0
    while queued <= OUTBOUND_ROOM_BYTES:
        await asyncio.wait_for(frames.room(), 1)
        frames.send(LARGE)
        queued += 200_000
    waiting = asyncio.create_task(frames.room())
    await asyncio.sleep(0)
    assert not waiting.done()

    socket.goes.set()

    await asyncio.wait_for(waiting, 1)
    task.cancel()


async def test_a_queue_that_is_full_ends_the_link() -> None:
    """More than the bound is refused; a BYE takes the place of what nobody reads."""
    frames = Frames(cast("Any", PausedSocket()))
    for _ in range(OUTBOUND_BYTES_MAX // 200_100):
        frames.send(LARGE)

    with pytest.raises(RemoteProtocolError) as caught:
        frames.send(LARGE)

    assert caught.value.code == "slow_reader"
    frames.send_last(Bye("slow_reader", ""))
    assert len(frames._queue) == 1
