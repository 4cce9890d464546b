"""While a node is off, every changed byte of its folder is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.manifest import check_manifest, remove_manifest, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder with its manifest."""
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "node.key").write_text("secret")
    (tmp_path / "node.sqlite").write_bytes(bytes(range(256)) * 20)
    (tmp_path / "node.toml").write_text("url = 'http://a'")
    (tmp_path / "node.log").write_text("line")
    write_manifest(tmp_path)
    return tmp_path


def test_an_untouched_folder_is_sound(folder: Path) -> None:
    """Nothing is found, and settings and log may change."""
    (folder / "node.toml").write_text("url = 'http://b'")
    (folder / "node.log").write_text("another line")

    assert not check_manifest(folder)


def test_an_empty_write_ahead_log_is_no_change(folder: Path) -> None:
    """An audit that read the database leaves one; a log that holds something is found."""
    log = folder / "node.sqlite-wal"
    log.touch()

    assert not check_manifest(folder)
    log.write_bytes(b"frame")
    assert [name for name, _ in check_manifest(folder)] == ["node.sqlite-wal"]


@pytest.mark.parametrize("name", ["node.sqlite", "keys/node.key", "manifest"])
def test_every_flipped_byte_is_found(folder: Path, name: str) -> None:
    """Flip any byte of any file, the manifest among them: the file is named."""
    data = (folder / name).read_bytes()
    for at in range(0, len(data), max(1, len(data) // 60)):
        altered = bytearray(data)
        altered[at] ^= 0x10
        (folder / name).write_bytes(bytes(altered))
        found = [path for path, _ in check_manifest(folder)]
        assert name in found or "manifest" in found, at
    (folder / name).write_bytes(data)
    assert not check_manifest(folder)


def test_missing_and_new_files_are_found(folder: Path) -> None:
    """A file that is gone, and one that came, are both named."""
    (folder / "keys" / "node.key").unlink()
    (folder / "node.sqlite-wal").write_bytes(b"x")

    assert {"keys/node.key", "node.sqlite-wal"} == {path for path, _ in check_manifest(folder)}


def test_no_manifest_says_nothing(folder: Path) -> None:
    """A running or killed node has none, and that is no fault."""
    remove_manifest(folder)
    remove_manifest(folder)

    assert not check_manifest(folder)
