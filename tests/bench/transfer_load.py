"""The load generator of the transfer benchmark: sends prepared requests over keep-alive connections, one process.

It speaks HTTP/1.1 over plain asyncio protocols, so that it takes little of the cores that it shares with the node
(some 25 µs a request). Each connection sends its next request when the last one is answered. Every answer must be 200
and name as many recorded transfers as were sent.

    python -m tests.bench.transfer_load PORT FILE CONNECTIONS
    FILE = length (4 bytes) ‖ request, again and again; prints {"seconds", "p50_ms", "p99_ms", "cpu_seconds"}
"""

import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

RECORDED = b"recorded"
"""Stands once in the answer for each record that was recorded."""


class Connection(asyncio.Protocol):
    """One connection that sends request after request."""

    def __init__(self, requests: Iterator[tuple[bytes, int]], times: list[float]) -> None:
        """Take requests from the common pile until none is left."""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._requests = requests
        self._times = times
        self._received = bytearray()
        self._sent_at = 0.0
        self._count = 0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        """Send the next request once the answer is whole."""
        self._received += data
        end = self._received.find(b"\r\n\r\n")
        if end < 0:
            return
        head = bytes(self._received[:end]).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(self._received) < end + 4 + length:
            return
        if not head.startswith(b"http/1.1 200") or self._received.count(RECORDED) != self._count:
            self._end(RuntimeError(bytes(self._received[:1000]).decode("utf-8", "replace")))
            return
        self._times.append(time.perf_counter() - self._sent_at)
        self._received.clear()
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell whoever waits that the connection is gone."""
        self._end(exc or ConnectionError("the node closed the connection"))

    def _send(self) -> None:
        found = next(self._requests, None)
        if found is None:
            self._end(None)
            self._transport.close()
            return
        request, self._count = found
        self._sent_at = time.perf_counter()
        self._transport.write(request)

    def _end(self, error: Exception | None) -> None:
        if self.ended.done():
            return
        if error is not None:
            self.ended.set_exception(error)
        else:
            self.ended.set_result(None)


def read_requests(path: Path) -> list[tuple[bytes, int]]:
    """Give the requests of a file, each with the number of its records."""
    data = path.read_bytes()
    found, at = [], 0
    while at < len(data):
        length, count = int.from_bytes(data[at : at + 4]), int.from_bytes(data[at + 4 : at + 8])
        found.append((data[at + 8 : at + 8 + length], count))
        at += 8 + length
    return found


async def run(port: int, path: Path, connections: int) -> dict[str, float]:
    """Send all requests of a file; give the seconds that it took and how long single requests took."""
    requests = iter(read_requests(path))
    times: list[float] = []
    loop = asyncio.get_running_loop()
    begun, cpu = time.perf_counter(), time.process_time()
    made = [
        (await loop.create_connection(lambda: Connection(requests, times), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(connection.ended for connection in made))
    seconds = time.perf_counter() - begun
    cuts = statistics.quantiles(times, n=100) if len(times) > 1 else times * 100
    return {
        "seconds": seconds,
        "p50_ms": cuts[49] * 1000,
        "p99_ms": cuts[98] * 1000,
        "cpu_seconds": time.process_time() - cpu,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(int(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])))))
