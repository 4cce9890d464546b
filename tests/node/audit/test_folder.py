"""Any changed byte of a folder at rest is found, and the file is named."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from node.app import init_node
from node.audit import audit_folder
from node.config import Config
from node.manifest import remove_manifest
from tests.faults.flips import files_that_count, flip_bit


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """The folder of a new network, off."""
    config = Config(directory=tmp_path / "vila", url="http://127.0.0.1:1")
    await init_node(config, profile={"name": "Vila", "language": "pt-BR"})
    return config.directory


async def test_a_new_folder_is_sound(folder: Path) -> None:
    """Nothing is found with the manifest, nor without it."""
    parts: list[str] = []
    assert not (await audit_folder(folder, parts.append, workers=0)).findings
    remove_manifest(folder)
    assert not (await audit_folder(folder, workers=0)).findings
    assert parts[:2] == ["files", "write-ahead log"]


async def test_a_flipped_byte_in_any_file_is_found(folder: Path, tmp_path: Path) -> None:
    """Three places in every file but settings, log and lock: the file is named each time."""
    draw = random.Random(7)
    files = files_that_count(folder)
    assert {"node.sqlite", "checkpoints", "manifest", "keys/network.key", "keys/node.key"} <= set(files)
    for name in files:
        for _ in range(3):
            copy = tmp_path / "copy"
            shutil.copytree(folder, copy)
            flip_bit(copy / name, draw)
            found = {finding.table for finding in (await audit_folder(copy, workers=0)).findings}
            assert name in found or "manifest" in found, name
            shutil.rmtree(copy)


@pytest.mark.parametrize("name", ["node.sqlite", "checkpoints", "keys/network.key", "keys/node.key"])
async def test_a_missing_file_is_found(folder: Path, name: str) -> None:
    """Also without a manifest each file that a node needs is missed."""
    remove_manifest(folder)
    (folder / name).unlink()

    assert name in {finding.table for finding in (await audit_folder(folder, workers=0)).findings}


async def test_a_truncated_database_is_found(folder: Path) -> None:
    """A database that is no database any more is a finding, not a crash."""
    remove_manifest(folder)
    (folder / "node.sqlite").write_bytes(b"SQLite format 3\x00" + bytes(50))

    assert "node.sqlite" in {finding.table for finding in (await audit_folder(folder, workers=0)).findings}
