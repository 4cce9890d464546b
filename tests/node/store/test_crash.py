"""What was acknowledged is there after `kill -9`, and a disk that fills refuses without losing anything."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from node.audit.database import audit_database
from node.store.database import Database
from node.store.feeds import FeedStore
from protocol.feeds import FeedKey
from tests.builders import Network

ROOT = Path(__file__).parents[3]
HOME = Network("vila").id

WRITER = """
import asyncio, os, sys
from pathlib import Path
from protocol.record import encode_record
from tests.store_node import StoreNode

async def main() -> None:
    node = await StoreNode(Path(sys.argv[1]), "vila").__aenter__()
    await node.enrol("maria")
    number = 0

    async def publish(first: int) -> None:
        for number in range(first, 1_000_000, 5):
            (outcome,) = await node.submit(node.offer("maria", f"Pão {number}", about="x" * int(sys.argv[2])))
            print(outcome.index, number, flush=True)

    await asyncio.gather(*(publish(first) for first in range(5)))

asyncio.run(main())
"""


async def written(folder: Path) -> int:
    """Open the folder as a node does, audit it, and give the size of its catalog."""
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'vila' / 'node.sqlite'}")
    feeds = await FeedStore.open(database)
    async with database.read() as connection:
        state = await feeds.find(connection, FeedKey(HOME, "catalog", 0))
    await database.close()
    feeds.close()
    assert await audit_database(folder / "vila" / "node.sqlite", workers=0) == []
    return 0 if state is None else state.size


@pytest.mark.parametrize("after_lines", [1, 40, 150])
def test_acknowledged_records_survive_kill_9(tmp_path: Path, after_lines: int) -> None:
    """However the writer is killed, every index that it acknowledged is in the feed, and the folder is sound."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(tmp_path), "10"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(after_lines)]
    time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    rest = process.stdout.read()
    process.wait()
    process.stdout.close()
    whole = [line for line in [*lines, *rest.splitlines(keepends=True)] if line.endswith("\n")]
    acknowledged = [int(line.split()[0]) for line in whole]

    assert len(acknowledged) >= after_lines
    assert asyncio.run(written(tmp_path)) > max(acknowledged)


def test_a_full_disk_refuses_and_loses_nothing(tmp_path: Path) -> None:
    """On a file system of few megabytes the writer is refused at some point, and what it acknowledged is there."""
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(small)], check=False, timeout=10)
    limit = [] if mounted.returncode == 0 else ["prlimit", "--fsize=3000000"]
    try:
        process = subprocess.run(
            [*limit, sys.executable, "-c", WRITER, str(small), "1500"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        acknowledged = [int(line.split()[0]) for line in process.stdout.splitlines()]
        assert process.returncode != 0
        assert "DiskFullError" in process.stderr or limit
        assert len(acknowledged) > 100
        copy = tmp_path / "copy"
        subprocess.run(["cp", "-r", str(small), str(copy)], check=True, timeout=10)
        assert asyncio.run(written(copy)) > max(acknowledged)
    finally:
        if not limit:
            subprocess.run(["umount", "-l", str(small)], check=True, timeout=10)
