"""A damaged frame of the write-ahead log is told from the end of what was written."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from node.store.wal import check_wal


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The log of a database whose process died: twenty commits, some of them behind a restarted log."""
    live = tmp_path / "live.sqlite"
    connection = sqlite3.connect(live)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("CREATE TABLE t (a BLOB)")
    for number in range(30):
        connection.execute("INSERT INTO t VALUES (?)", (bytes([number]) * 3000,))
        connection.commit()
    connection.execute("PRAGMA wal_checkpoint(RESTART)")
    for number in range(10):
        connection.execute("INSERT INTO t VALUES (?)", (bytes([number]) * 300,))
        connection.commit()
    copy = tmp_path / "dead.sqlite-wal"
    shutil.copyfile(tmp_path / "live.sqlite-wal", copy)
    connection.close()
    return copy


def _current_bytes(log: Path) -> int:
    data = log.read_bytes()
    at = 32
    while data[at + 8 : at + 16] == data[16:24]:
        at += 24 + 4096
    return at


def test_a_whole_log_is_sound(log: Path, tmp_path: Path) -> None:
    """Frames of an older log behind the last one are no damage, nor is a missing or an empty log."""
    assert _current_bytes(log) < log.stat().st_size
    assert not check_wal(log)
    assert not check_wal(tmp_path / "none")
    (tmp_path / "empty").touch()
    assert not check_wal(tmp_path / "empty")


def test_flipped_bytes_are_found(log: Path) -> None:
    """Flip any byte of the frames that count: it is found, but for the last one's salts, which look like an old one."""
    data = log.read_bytes()
    end = _current_bytes(log)
    last_salts = range(end - 4096 - 24 + 8, end - 4096 - 24 + 16)
    for at in [*range(120), *range(120, end, 211), *range(end - 4130, end, 97)]:
        if at in last_salts:
            continue
        altered = bytearray(data)
        altered[at] ^= 0x40
        log.write_bytes(bytes(altered))
        assert check_wal(log), f"byte {at}"


def test_a_half_written_frame_is_found(log: Path) -> None:
    """A log cut inside its header is named."""
    log.write_bytes(log.read_bytes()[:20])

    assert ["20 bytes; a log begins with 32"] == check_wal(log)
