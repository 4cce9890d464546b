"""A folder becomes a running node and ends sound, and every obstacle at the start is named."""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from unittest.mock import patch

import pytest
from aiohttp import ClientSession

from node.app import Node, init_node
from node.audit import audit_folder
from node.config import Config
from protocol.errors import ConfigError, StorageError
from tests.ports import free_port


@pytest.fixture
async def config(tmp_path: Path) -> Config:
    """The settings of a network that was made in a folder of its own."""
    port = free_port()
    made = Config(directory=tmp_path / "vila", url=f"http://127.0.0.1:{port}", port=port)
    founded = await init_node(made, profile={"name": "Vila", "language": "pt-BR"})
    assert len(founded.shares) == 3
    return made


async def test_a_node_serves_its_network(config: Config) -> None:
    """The API, a page and the health check answer, and the folder is sound after the stop."""
    node = await Node.open(config)
    await node.start()
    try:
        async with ClientSession() as client:
            for path in ("/healthz", "/readyz", "/api/v1/network", "/.well-known/mutirao", "/", "/metrics"):
                async with client.get(config.url + path) as answer:
                    assert answer.status == 200, path
                    text = await answer.text()
            assert "mutirao_members 0" in text
    finally:
        await node.close()

    report = await audit_folder(config.directory)
    assert not report.findings
    assert (config.directory / "manifest").exists()


async def test_a_second_process_is_refused(config: Config) -> None:
    """Two nodes on one folder would sign two histories: the second one is told so."""
    node = await Node.open(config)
    try:
        with pytest.raises(StorageError, match="in use"):
            await Node.open(config)
    finally:
        await node.close()


async def test_a_taken_port_is_named(config: Config) -> None:
    """Another program on the port is a setting's fault, and the message says what to do."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", config.port))
        other.listen()
        node = await Node.open(config)
        try:
            with pytest.raises(ConfigError, match=f"port {config.port}"):
                await node.start()
        finally:
            await node.close()


async def test_a_changed_file_is_found_at_the_start(config: Config) -> None:
    """A byte that changed while the node was off stops the start, and names the file."""
    path = config.directory / "node.sqlite"
    data = bytearray(path.read_bytes())
    data[5000] ^= 0x01
    path.write_bytes(bytes(data))

    with pytest.raises(StorageError, match=r"node\.sqlite"):
        await Node.open(config)


async def test_init_never_overwrites(config: Config) -> None:
    """A folder that holds a node stays as it is."""
    with pytest.raises(ConfigError, match="holds a node already"):
        await init_node(config, profile={"name": "Other"})


@pytest.mark.parametrize("is_there", [False, True])
async def test_a_founding_that_fails_leaves_nothing(tmp_path: Path, is_there: bool) -> None:
    """A disk that fails leaves no key and no database, and what was in the folder before stays."""
    directory = tmp_path / "x"
    if is_there:
        directory.mkdir()
        (directory / "notes.txt").write_text("ours")
    config = Config(directory=directory, url="http://127.0.0.1:1")

    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("node.init.write_config", side_effect=full), pytest.raises(ConfigError, match="No space left"):
        await init_node(config, profile={"name": "X"})

    assert directory.exists() is is_there
    if is_there:
        assert [path.name for path in directory.iterdir()] == ["notes.txt"]
    await init_node(config, profile={"name": "X"})


async def test_a_profile_that_breaks_a_rule_is_refused(tmp_path: Path) -> None:
    """The field is named before anything is made."""
    config = Config(directory=tmp_path / "x", url="http://127.0.0.1:1")

    with pytest.raises(ConfigError, match=r"profile\.latitude_e6"):
        await init_node(config, profile={"name": "X", "latitude_e6": "north"})
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(("threshold", "officers"), [(0, 3), (4, 3), (1, 3), (2, 17)])
async def test_shares_that_make_no_sense(tmp_path: Path, threshold: int, officers: int) -> None:
    """A threshold that the officers can't meet, or that any one of many meets alone, is refused."""
    config = Config(directory=tmp_path / "x", url="http://127.0.0.1:1")

    with pytest.raises(ConfigError, match="officers"):
        await init_node(config, profile={"name": "X"}, threshold=threshold, officers=officers)
    assert not (tmp_path / "x").exists()


async def test_a_wrong_passphrase_is_named(tmp_path: Path) -> None:
    """A node whose keys are locked starts with its passphrase only."""
    config = Config(directory=tmp_path / "x", url="http://127.0.0.1:1")
    await init_node(config, profile={"name": "X"}, passphrase="três gatos")

    with pytest.raises(ConfigError, match="MUTIRAO_PASSPHRASE"):
        await Node.open(config, passphrase="dois gatos")
