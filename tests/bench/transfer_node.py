"""The node of the transfer benchmark: a real one, founded, enrolled and served by its own process; and its requests.

Transfers are signed beforehand, by as many processes as there are cores, and written as whole HTTP requests.
"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

import msgpack

from node import keystore
from node.app import init_node
from node.config import Config
from protocol import keys, record
from protocol.ledger import credit_unit
from protocol.record import Header, encode_record

MEMBERS = 1000
LIMIT = 10**12
SEED = 20261123
SERVE = "import sys; from pathlib import Path; from node.app import serve; serve(Path(sys.argv[1]))"
ROOT = Path(__file__).resolve().parents[2]


class Served:
    """A founded network whose node runs in a process of its own.

    Attributes:
        network: Its id.
        port: Where it listens.
        pid: The process.
    """

    def __init__(self, folder: Path, network: bytes, port: int, pid: int) -> None:
        """Take a node that listens already."""
        self.network = network
        self.port = port
        self.pid = pid
        self._record_seed = keystore.read_keys(folder, "").record

    def submit(self, records: Sequence[bytes]) -> None:
        """Submit records that must all be recorded."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/records",
            data=msgpack.packb(list(records), use_bin_type=True),
            headers={"Content-Type": "application/msgpack", "Accept": "application/json"},
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - our own node on loopback
            results = json.load(answer)["results"]
        assert all("recorded" in result for result in results), results

    def enrol(self, count: int) -> list[tuple[bytes, bytes]]:
        """Take members in and open their accounts; give their seeds and agent ids."""
        members = []
        for at in range(0, count, 25):
            batch = []
            for number in range(at, min(at + 25, count)):
                seed = _bytes(f"member {number}", 32)
                device = {"sign": keys.public_of(seed), "seal": keys.sealing_public_of(_bytes(f"seal {number}", 32))}
                agent = _signed("agent", {"type": "person", "keys": [device]}, seed, None, self.network)
                membership = {"agent": agent.id, "roles": ["member"], "state": "active"}
                account = {"account": agent.id, "action": "open", "limit_low": -LIMIT, "limit_high": LIMIT}
                batch += [agent, self._by_network("membership", membership), self._by_network("account", account)]
                members.append((seed, agent.id))
            self.submit([encode_record(item) for item in batch])
        return members

    def _by_network(self, kind: str, body: Mapping[str, object]) -> record.Record:
        return _signed(kind, body, self._record_seed, self.network, self.network)


@contextmanager
def served(folder: Path) -> Iterator[Served]:
    """Found a network and run its node; stop it at the end."""
    import asyncio

    port = _free_port()
    config = Config(directory=folder / "node", url=f"http://127.0.0.1:{port}", port=port, log_level="warning")
    founded = asyncio.run(init_node(config, profile={"name": "Vila"}))
    process = subprocess.Popen([sys.executable, "-c", SERVE, str(config.directory)], cwd=ROOT)
    try:
        _wait_for(port, process)
        yield Served(config.directory, founded.network, port, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def write_requests(
    path: Path, network: bytes, members: Sequence[tuple[bytes, bytes]], *, first: int, count: int, per_request: int
) -> None:
    """Sign transfers between random members and write them as requests.

    Args:
        path: The file for `tests.bench.transfer_load`.
        network: Whose ledger.
        members: Seeds and agent ids.
        first: Number of the first transfer, so that no two files hold the same one.
        count: How many.
        per_request: Transfers in one request.
    """
    workers = len(os.sched_getaffinity(0))
    size = -(-count // (workers * 4))
    spans = [(at, min(at + size, first + count)) for at in range(first, first + count, size)]
    with ProcessPoolExecutor(workers) as pool:
        signed = list(pool.map(_sign_span, [(network, tuple(members), *span) for span in spans]))
    transfers = [item for part in signed for item in part]
    with path.open("wb") as file:
        for at in range(0, count, per_request):
            some = transfers[at : at + per_request]
            body = msgpack.packb(some, use_bin_type=True)
            head = (
                "POST /api/v1/records HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/msgpack\r\n"
                f"Content-Type: application/msgpack\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode()
            file.write((len(head) + len(body)).to_bytes(4) + len(some).to_bytes(4) + head + body)


def _sign_span(span: tuple[bytes, tuple[tuple[bytes, bytes], ...], int, int]) -> list[bytes]:
    network, members, first, end = span
    source = Random(SEED + first)
    unit = credit_unit(network)
    made = []
    for number in range(first, end):
        (seed, payer), (_, payee) = source.sample(members, 2)
        body = {
            "ledger": network,
            "payer": payer,
            "payee": payee,
            "amount": source.randint(1, 100),
            "unit": unit,
            "expires_ms": int(time.time() * 1000) + 3_600_000,
            "nonce": number.to_bytes(8),
        }
        made.append(encode_record(_signed("transfer", body, seed, payer, network)))
    return made


def _signed(kind: str, body: Mapping[str, object], seed: bytes, author: bytes | None, home: bytes) -> record.Record:
    now_ms = int(time.time() * 1000)
    header = Header(kind=kind, author=author, key=keys.public_of(seed), home=home, created_ms=now_ms)
    return record.create(header, body, seed=seed, salt=os.urandom(16))


def _bytes(name: str, count: int) -> bytes:
    return Random(f"{SEED} {name}").randbytes(count)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
    return port


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        if process.poll() is not None:
            raise RuntimeError(f"the node ended with {process.returncode} before it listened")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("the node did not listen within 30 s")
