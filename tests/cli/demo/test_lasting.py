"""The demonstration that stays: first start, second start, Ctrl-C, a taken port."""

import asyncio
import json
import signal
import subprocess
from pathlib import Path

import pytest

from cli.client import Client
from cli.demo.processes import command, environment, free_ports, run_command


async def started(directory: Path, port: int, *options: str) -> tuple[asyncio.subprocess.Process, dict[str, str]]:
    """Start the demonstration and wait for its addresses."""
    process = await asyncio.create_subprocess_exec(
        *command(), "demo", "--dir", str(directory), "--port", str(port), "--json", *options,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    line = await process.stdout.readline()
    if not line:
        raise AssertionError((await process.stderr.read()).decode())
    return process, json.loads(line)["networks"]


async def stopped(process: asyncio.subprocess.Process) -> None:
    """Press Ctrl-C and wait for the end."""
    process.send_signal(signal.SIGINT)
    said, errors = await process.communicate()
    assert process.returncode == 0, (said + errors).decode()


async def counts(addresses: dict[str, str]) -> dict[str, tuple[int, int, int]]:
    """How many members, offers and needs each network shows."""
    found = {}
    for place, url in addresses.items():
        async with Client(url) as client:
            view = await client.network()
        found[place] = (view["members"], view["offers"], view["needs"])
    return found


@pytest.mark.slow
async def test_a_second_start_goes_on_from_the_data(tmp_path: Path) -> None:
    """The sample federation is there after the first start, and the same after the second."""
    directory, port = tmp_path / "demo", free_ports(3)[0]
    process, addresses = await started(directory, port)
    try:
        first = await counts(addresses)
        taken = await run_command("demo", "--dir", str(tmp_path / "other"), "--port", str(port))
        async with Client(addresses["vila"]) as client:
            offers = [view async for view in client.pages("/offers", "listings")]
            networks = {view["author"]["network_name"] for view in offers}
    finally:
        await stopped(process)
    again, _ = await started(directory, port)
    try:
        second = await counts(addresses)
    finally:
        await stopped(again)

    assert set(addresses) == {"vila", "serra", "regiao"}
    assert second == first
    assert sum(members for members, _, _ in first.values()) >= 60
    assert len(networks) == 3
    assert taken.code == 2
    assert f"Port {port}" in taken.errors


@pytest.mark.slow
async def test_an_interrupted_first_start_is_completed_by_the_next(tmp_path: Path) -> None:
    """Ctrl-C while the networks are being made ends cleanly, and the next start has all of the sample in it."""
    directory, port = tmp_path / "demo", free_ports(3)[0]
    process = await asyncio.create_subprocess_exec(
        *command(), "demo", "--dir", str(directory), "--port", str(port),
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment(),
    )  # fmt: skip
    assert process.stderr is not None
    while b"Importing the sample tables of Rede Serra" not in await process.stderr.readline():
        assert process.returncode is None
    await stopped(process)
    again, addresses = await started(directory, port)
    try:
        found = await counts(addresses)
    finally:
        await stopped(again)

    assert sum(members for members, _, _ in found.values()) >= 60
    assert sum(offers + needs for _, offers, needs in found.values()) >= 150


async def test_another_folder_is_never_touched(tmp_path: Path) -> None:
    """Not even with --fresh is a folder deleted that holds no demonstration."""
    (tmp_path / "letters.txt").write_text("dear")
    done = await run_command("demo", "--dir", str(tmp_path), "--fresh")

    assert done.code == 2
    assert (tmp_path / "letters.txt").read_text() == "dear"


async def test_options_of_once_need_once() -> None:
    """--corrupt without --once is a usage problem."""
    assert (await run_command("demo", "--corrupt", "balance")).code == 2
