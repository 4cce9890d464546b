"""Proxies on loopback between nodes, for machines that allow no network namespaces.

Every node listens on one port and tells its neighbours another, where a proxy of this process stands. Who dials a
proxy is found in the kernel's table of sockets, so that a fault holds for one pair of nodes and one direction.

TCP hides loss and gives delay instead, and so does the proxy: what a fault takes waits and is sent on later, in order.
A cut stops both directions, and new connections are taken but not carried on: to the dialler they hang. Bytes are
never lost out of the middle of a stream, since no real network does that to a TCP connection either.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from pathlib import Path

from cli.demo.federation import Federation
from cli.demo.processes import HOST, free_ports

CHUNK_BYTES = 16 * 1024
RESEND_S = 0.2
"""The least time after which TCP sends a lost packet again on Linux."""

ESTABLISHED = "01"


class Proxies:
    """The kind of network that needs no rights."""

    kind = "proxies"

    def __init__(self, seed: int = 1) -> None:
        """Make nothing yet.

        Args:
            seed: of the chance by which chunks are lost.
        """
        self._random = random.Random(seed)
        self._losses: dict[tuple[str, str], int] = {}
        self._changed = asyncio.Condition()
        self._servers: list[asyncio.Server] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, federation: Federation) -> None:
        """Put a proxy before every node."""
        ports = free_ports(2 * len(federation.nodes))
        for node, own, front in zip(federation.nodes.values(), ports[::2], ports[1::2], strict=True):
            node.port = own
            node.public = f"http://{HOST}:{front}"

            def accept(
                reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, name: str = node.name, port: int = own
            ) -> None:
                task = asyncio.create_task(self._carry(federation, name, port, reader, writer))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

            self._servers.append(await asyncio.start_server(accept, HOST, front))

    async def cut(self, one: str, other: str) -> None:
        """Hold back everything between two nodes."""
        await self._set({(one, other): 100, (other, one): 100})

    async def lose(self, source: str, target: str, *, percent: int) -> None:
        """Hold back what one node sends to another, each time with this chance for as long as TCP needs."""
        await self._set({(source, target): percent})

    async def heal(self) -> None:
        """Let everything pass."""
        async with self._changed:
            self._losses.clear()
            self._changed.notify_all()

    async def close(self) -> None:
        """Stop the proxies and drop their connections."""
        for server in self._servers:
            server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _set(self, losses: dict[tuple[str, str], int]) -> None:
        async with self._changed:
            self._losses.update(losses)
            self._changed.notify_all()

    async def _carry(
        self,
        federation: Federation,
        target: str,
        port: int,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        """Carry one connection until either side ends it."""
        source = _owner(federation, writer.get_extra_info("peername")[1])
        back: asyncio.StreamWriter | None = None
        try:
            await self._pass(source, target)
            answers, back = await asyncio.open_connection(HOST, port)
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, back, source, target))
                group.create_task(self._pump(answers, writer, target, source))
        except* OSError:
            pass  # a node that is down refuses, and the dialler's connection ends too
        finally:
            for end in (writer, back):
                if end is not None:
                    end.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, source: str, target: str) -> None:
        while data := await reader.read(CHUNK_BYTES):
            await self._pass(source, target)
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError("one side has ended")

    async def _pass(self, source: str, target: str) -> None:
        """Wait until the next bytes from one node to another may pass."""
        while (percent := self._losses.get((source, target), 0)) > 0:
            if percent >= 100:
                async with self._changed:
                    await self._changed.wait_for(lambda: self._losses.get((source, target), 0) < 100)
            elif self._random.randrange(100) < percent:
                await asyncio.sleep(RESEND_S)
            else:
                return


def _owner(federation: Federation, port: int) -> str:
    """Give the name of the node whose process has a local port; "" where it is somebody else's."""
    inode = _inode(port)
    for name, node in federation.nodes.items():
        if node.pid is None or inode is None:
            continue
        for entry in Path(f"/proc/{node.pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                if str(entry.readlink()) == f"socket:[{inode}]":
                    return name
    return ""


def _inode(port: int) -> str | None:
    """Give the inode of the established socket on loopback that has a local port."""
    for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]:
        fields = line.split()
        if int(fields[1].rpartition(":")[2], 16) == port and fields[3] == ESTABLISHED:
            return fields[9]
    return None
