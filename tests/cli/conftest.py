"""A real node in a process of its own, for the commands that talk to one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.demo.processes import NodeProcess, free_ports
from tests.cli.live import Live, command


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A network called Vila with three members: ana, bia and the bakery (padaria)."""
    root = tmp_path_factory.mktemp("live")
    node = NodeProcess("vila", root / "vila", free_ports(1)[0])
    words = ["--name", "Rede Vila", "--url", node.url, "--port", str(node.port)]
    unit = ["--unit-name", "sabiá", "--unit-symbol", "SB"]
    made = command("init", str(node.directory), *words, *unit, "--no-passphrase")
    assert made.exit_code == 0, made.output
    node.start()
    try:
        asyncio.run(node.wait_until_ready())
        live = Live(root, node)
        for short, name, options in (
            ("ana", "Ana Weber", ()),
            ("bia", "Bia Lopes", ()),
            ("padaria", "Padaria Pão da Gente", ("--type", "enterprise", "--city", "São Leopoldo")),
        ):
            live.enrol(short, name, *options)
        yield live
    finally:
        code = asyncio.run(node.stop())
    assert code == 0, node.tail()


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
