"""Signed, durable transfers over HTTP against PostgreSQL: one a request and a hundred a request.

The node is a real one in its own process; transfers are signed beforehand; the load generator runs on the same cores.
Rounds alternate between pgbench's TPC-B-like transaction, the prepared plain-SQL ledger, and the node both ways.
Latency is that of one transfer a request over 128 connections.

`MUTIRAO_BENCH_TRANSFERS` sets how many transfers a round has at one a request (three times as many at a hundred);
20,000 by default. Source: docs/figures.md.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from tests.bench import postgres
from tests.bench.rows import Row, alternate
from tests.bench.transfer_node import MEMBERS, ROOT, Served, served, write_requests

TRANSFERS_DEFAULT = 20_000
BASELINE_SECONDS = 5
CONNECTIONS = {1: 128, 100: 16}
"""Connections by transfers in a request."""

TPC_B = "pgbench TPC-B, 32 clients"
PLAIN_SQL = "prepared plain SQL, 32 clients"
MISSING = "signatures, HTTP and a log that others can check"


def main(rounds: int) -> list[Row]:
    """Measure; see `tests/bench/rows.py`."""
    count = int(os.environ.get("MUTIRAO_BENCH_TRANSFERS", TRANSFERS_DEFAULT))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        node = stack.enter_context(served(folder))
        sides = _Sides(node, folder, count=count, rounds=rounds)
        try:
            server = stack.enter_context(postgres.server())
        except FileNotFoundError as error:
            figures = alternate([sides.single, sides.batch], rounds)
            return [replace(row, name=f"{row.name} ({error})") for row in _rows(sides, *figures)]
        server.prepare()
        figures = alternate(
            [
                lambda: server.tpc_b(BASELINE_SECONDS),
                lambda: server.ledger(BASELINE_SECONDS),
                sides.single,
                sides.batch,
            ],
            rounds,
        )
        tpc_b, plain, single, batch = figures
        return _rows(sides, single, batch, tpc_b=tpc_b, plain=plain)


class _Sides:
    """Our side of the rounds: files of requests written beforehand, one file a round and way.

    Attributes:
        p50_ms: Of each round at one transfer a request.
        p99_ms: The same.
    """

    def __init__(self, node: Served, folder: Path, *, count: int, rounds: int) -> None:
        """Enrol members and sign everything that the rounds will send."""
        self.p50_ms: list[float] = []
        self.p99_ms: list[float] = []
        self._node = node
        self._counts = {1: count, 100: 3 * count}
        self._files: dict[int, list[Path]] = {1: [], 100: []}
        members = node.enrol(MEMBERS)
        first = 0
        for number in range(rounds):
            for per_request, size in self._counts.items():
                path = folder / f"requests-{per_request}-{number}"
                write_requests(path, node.network, members, first=first, count=size, per_request=per_request)
                self._files[per_request].append(path)
                first += size

    def single(self) -> float:
        """Give the transfers a second of one round at one a request."""
        return self._send(1)

    def batch(self) -> float:
        """Give the transfers a second of one round at a hundred a request."""
        return self._send(100)

    def _send(self, per_request: int) -> float:
        path = self._files[per_request].pop(0)
        command = [sys.executable, "-m", "tests.bench.transfer_load", str(self._node.port), str(path)]
        done = subprocess.run(
            [*command, str(CONNECTIONS[per_request])], cwd=ROOT, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"the load generator failed: {done.stderr.strip()[-800:]}")
        said = json.loads(done.stdout)
        if per_request == 1:
            self.p50_ms.append(said["p50_ms"])
            self.p99_ms.append(said["p99_ms"])
        path.unlink()
        rate: float = self._counts[per_request] / said["seconds"]
        return rate


def _rows(
    sides: _Sides, single: float, batch: float, *, tpc_b: float | None = None, plain: float | None = None
) -> list[Row]:
    one = Row(name="signed, durable transfers over HTTP, one a request", rate=single, unit="transfers/s")
    many = Row(name="signed, durable transfers over HTTP, 100 a request", rate=batch, unit="transfers/s")
    latency = f"one transfer a request, {CONNECTIONS[1]} connections"
    p50 = Row(name=f"{latency}, p50", rate=statistics.median(sides.p50_ms), unit="ms", lower_is_better=True)
    p99 = Row(name=f"{latency}, p99", rate=statistics.median(sides.p99_ms), unit="ms", lower_is_better=True)
    if tpc_b is None or plain is None:
        return [one, many, p50, p99]
    return [
        replace(one, baseline_name=TPC_B, baseline=tpc_b, floor=2.0, aim=3.0, missing=MISSING),
        replace(one, baseline_name=PLAIN_SQL, baseline=plain, floor=1.0, aim=1.3, missing=MISSING),
        replace(many, baseline_name=TPC_B, baseline=tpc_b, floor=5.0, aim=8.0, missing=MISSING),
        replace(many, baseline_name=PLAIN_SQL, baseline=plain),
        p50,
        p99,
    ]
