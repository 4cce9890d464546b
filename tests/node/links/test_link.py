"""A hostile or slow peer ends its own link and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from node.links.peers import gossip_url, host_of
from protocol.gossip.codes import ByeCode
from protocol.gossip.handshake import Handshake, Own
from protocol.gossip.messages import Auth, Batch, Bye, Deliver, Delivered, Entry, Get, Hello, Message, Ping
from protocol.gossip.wire import decode_message, encode_message
from protocol.limits import FRAME_BYTES_MAX
from tests.node.links.conftest import StartNodes
from tests.node.links.loopback import LoopbackNode, peer_of, until
from tests.simulation.spread.memory_replica import MemoryReplica, seed_of

STRANGER = MemoryReplica("estranho")


@asynccontextmanager
async def dialled(node: LoopbackNode) -> AsyncIterator[ClientWebSocketResponse]:
    """Open a bare WebSocket to a node."""
    async with ClientSession() as http, http.ws_connect(gossip_url(node.url), max_msg_size=0) as socket:
        yield socket


@asynccontextmanager
async def opened(node: LoopbackNode) -> AsyncIterator[ClientWebSocketResponse]:
    """Open a WebSocket as the admitted network `estranho`, past AUTH."""
    node.links.set_peers([peer_of(STRANGER.network)])
    own = Own(identity=STRANGER.keys.identity, link_seed=STRANGER.keys.link, hosts=frozenset(), admitted={node.network})
    handshake = Handshake(own, nonce=seed_of(node.url), host=host_of(node.url), expected=None)
    async with dialled(node) as socket:
        await socket.send_bytes(encode_message(handshake.hello()))
        hello = await received(socket, Hello)
        assert isinstance(hello, Hello)
        auth = handshake.on_hello(hello)
        assert auth is not None
        await socket.send_bytes(encode_message(auth))
        answer = await received(socket, Auth)
        assert isinstance(answer, Auth)
        handshake.on_auth(answer)
        yield socket


async def received(socket: ClientWebSocketResponse, kind: type[Message]) -> Message:
    """Wait for a message of a kind, passing over others."""
    async with asyncio.timeout(10):
        while True:
            frame = await socket.receive()
            assert frame.type is WSMsgType.BINARY, frame
            message = decode_message(frame.data)
            if isinstance(message, kind):
                return message


async def bye(socket: ClientWebSocketResponse) -> str:
    """Wait for the BYE and give its code."""
    message = await received(socket, Bye)
    assert isinstance(message, Bye)
    return message.code


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"", "malformed"),
        (b"\xc1", "malformed"),
        (b"\x94\xcc\x09\x01\xc3\xc4\x08" + bytes(8), "not_canonical"),
        (encode_message(Ping(1, False, bytes(8))), "unexpected"),
        (bytes(FRAME_BYTES_MAX + 1), "too_large"),
    ],
)
async def test_bad_first_frames_end_the_link(
    start_nodes: StartNodes, caplog: pytest.LogCaptureFixture, frame: bytes, code: str
) -> None:
    """Whatever comes first and is no HELLO is answered by BYE with its code, and one line of log."""
    [node] = await start_nodes("vila")

    async with dialled(node) as socket:
        await socket.send_bytes(frame)
        assert code == await bye(socket)

    await until(lambda: not node.links._links)
    assert sum(code in record.getMessage() for record in caplog.records) == 1


async def test_a_text_frame_ends_the_link(start_nodes: StartNodes) -> None:
    """Messages are binary."""
    [node] = await start_nodes("vila")

    async with dialled(node) as socket:
        await socket.send_str("hello")
        assert await bye(socket) == "malformed"


async def test_a_huge_frame_ends_the_link(start_nodes: StartNodes) -> None:
    """A frame far over the bound is not even read."""
    [node] = await start_nodes("vila")

    async with dialled(node) as socket:
        await socket.send_bytes(bytes(4 * FRAME_BYTES_MAX))
        async with asyncio.timeout(10):
            while (await socket.receive()).type is WSMsgType.BINARY:
                pass

    await until(lambda: not node.links._links)


async def test_an_altered_batch_ends_only_its_link(start_nodes: StartNodes) -> None:
    """A live batch whose record is altered gets BYE with its code; the others go on and nothing is kept."""
    vila, serra = await start_nodes("vila", "serra")
    async with opened(vila) as socket:
        vila.links.set_peers([peer_of(STRANGER.network), peer_of(serra.network, serra.url)])
        serra.knows(vila)
        feed = STRANGER.feed("trust")
        head = STRANGER.heads[feed]
        records = [bytearray(record) for record in STRANGER.feeds[feed].records.values()]
        records[1][-1] ^= 1
        await socket.send_bytes(
            encode_message(
                Batch(
                    request=None,
                    feed=feed,
                    start=0,
                    entries=(Entry(0, bytes(records[0])), Entry(1, bytes(records[1]))),
                    note=head.note,
                    head_size=head.size,
                    head_root=head.root,
                    proof=(),
                )
            )
        )
        assert await bye(socket) == "bad_signature"

    assert feed not in vila.replica.memory.heads
    vila.replica.offer(1)
    await until(lambda: vila.replica.memory.heads.keys() == serra.replica.memory.heads.keys())


async def test_a_bad_bundle_ends_the_link(start_nodes: StartNodes) -> None:
    """A bundle that proves nothing gets BYE with its code."""
    [node] = await start_nodes("vila")

    async with opened(node) as socket:
        await socket.send_bytes(encode_message(Deliver(b"\x90")))
        assert await bye(socket) == "malformed"


async def test_a_bundle_is_acknowledged_once_it_is_stored(start_nodes: StartNodes) -> None:
    """DELIVERED names the record, also for one that was there already."""
    [node] = await start_nodes("vila")
    order = STRANGER.keys.record_of("order", {"rows": []}, to=[node.network])
    STRANGER.publish(order)
    bundle = STRANGER.bundle(order.id)
    assert bundle is not None

    async with opened(node) as socket:
        for _ in range(2):
            await socket.send_bytes(encode_message(Deliver(bundle)))
            assert await received(socket, Delivered) == Delivered((order.id,))

    assert order.id in node.replica.memory.delivered


async def test_every_get_is_answered(start_nodes: StartNodes) -> None:
    """A GET of what is not there says so, and one too many ends the link."""
    [node] = await start_nodes("vila")

    async with opened(node) as socket:
        feed = STRANGER.feed("trade")
        await socket.send_bytes(encode_message(Get(request=0, feed=feed, start=0, records_max=9, bytes_max=9)))
        answer = await received(socket, Batch)
        assert isinstance(answer, Batch)
        assert answer.note is None

        node.replica.delay_s = 5.0
        own = node.replica.memory.feed("trust")
        for request in range(1, 6):
            await socket.send_bytes(encode_message(Get(request=request, feed=own, start=0, records_max=9, bytes_max=9)))
        assert await bye(socket) == "too_many"


async def test_a_peer_that_never_reads_is_left(start_nodes: StartNodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits for a peer that doesn't read is bounded; then the link ends."""
    monkeypatch.setattr("node.links.frames.OUTBOUND_BYTES_MAX", 50_000)
    monkeypatch.setattr("node.links.frames.OUTBOUND_ROOM_BYTES", 20_000)
    monkeypatch.setattr("node.links.link.FLUSH_S", 0.2)
    [node] = await start_nodes("vila")

    async with opened(node) as socket:
        transport = socket._writer.transport
        assert transport is not None
        transport.pause_reading()
        ping = encode_message(Ping(1, False, bytes(8)))
        async with asyncio.timeout(20):
            while node.links._links:
                try:
                    await socket.send_bytes(ping)
                except ConnectionError:
                    break

    await until(lambda: not node.links._links)


async def test_an_error_of_our_own_ends_only_the_link(
    start_nodes: StartNodes, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fault of this node is logged with its trace, told as `internal`, and the node goes on."""
    [node] = await start_nodes("vila")

    async def broken(_bundle: bytes) -> bytes:
        raise ZeroDivisionError

    monkeypatch.setattr(node.replica, "deliver", broken)
    async with opened(node) as socket:
        await socket.send_bytes(encode_message(Deliver(b"x")))
        assert await bye(socket) == ByeCode.INTERNAL

    assert "ZeroDivisionError" in caplog.text
    async with dialled(node) as socket:
        assert isinstance(await received(socket, Hello), Hello)


async def test_news_of_deliveries_dont_pile_up(start_nodes: StartNodes) -> None:
    """However often something is addressed to a peer, one look at its outbox waits, and the next one comes after it."""
    [node] = await start_nodes("vila")
    async with opened(node):
        await until(lambda: any(link.peer is not None for link in node.links.list()))
        (link,) = node.links.list()

        for _ in range(100):
            link.has_deliveries()

        assert link.open_jobs <= 1
        await until(lambda: link.open_jobs == 0)
        link.has_deliveries()
        assert link.open_jobs == 1
