"""The standard drill holds, over namespaces where the machine allows them and over proxies everywhere."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from cli.demo.processes import environment
from tests.faults import nets
from tests.faults.drill import FAULTS

DRILL_S = 150.0


async def drill(folder: Path, *words: str) -> tuple[int, list[dict[str, Any]], str]:
    """Run the drill; give its exit code, the lines that it printed and what it said on standard error."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.faults", "--json", *words),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment(TMPDIR=str(folder)),
    )
    try:
        async with asyncio.timeout(DRILL_S):
            output, errors = await process.communicate()
    except TimeoutError:
        process.terminate()
        raise
    lines = [json.loads(line) for line in output.decode().splitlines() if line.startswith('{"')]
    assert process.returncode is not None
    return process.returncode, lines, (output + errors).decode()[-4000:]


@pytest.mark.slow
async def test_three_nodes_survive_the_standard_drill(tmp_path: Path) -> None:
    """Partition, one-way loss, kill -9, a full disk and an old copy: equal roots, and nothing acknowledged is lost."""
    code, (network, *steps), said = await drill(tmp_path, "--hold", "1")

    assert code == 0, said
    assert ["start", "link", *(name for name, _ in FAULTS), "rest", "audit"] == [step["step"] for step in steps]
    assert all(step["ok"] and step["checked"] for step in steps)
    assert network["net"] == ("proxies" if nets.lacking() else "namespaces")
    assert [] == list(tmp_path.iterdir())


@pytest.mark.slow
async def test_proxies_cut_and_lose_as_namespaces_do(tmp_path: Path) -> None:
    """Where no namespaces are allowed, the faults of the network are those of proxies on loopback."""
    code, (network, *steps), said = await drill(
        tmp_path, "--hold", "0.5", "--net", "proxies", "--steps", "partition", "one_way_loss"
    )

    assert code == 0, said
    assert "proxies" == network["net"]
    assert ["start", "link", "partition", "one_way_loss", "rest", "audit"] == [step["step"] for step in steps]
