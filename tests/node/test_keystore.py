"""A network's keys are written once, readable by their owner only, and a broken file says what to do."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from node.clock import Clock, FixedClock
from node.keystore import make_keys, read_keys, recovery_seed, write_keys
from protocol.errors import ConfigError


@pytest.mark.parametrize("passphrase", ["", "três gatos"])
def test_keys_are_read_again(tmp_path: Path, passphrase: str) -> None:
    """What is written is read with the same passphrase, and nobody else may read the files."""
    made = make_keys("Vila", Clock())
    write_keys(tmp_path, made, network=bytes(32), passphrase=passphrase, clock=Clock())

    assert made == read_keys(tmp_path, passphrase)
    for name in ("network.key", "node.key"):
        assert stat.S_IMODE((tmp_path / "keys" / name).stat().st_mode) == 0o600


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    """A second network in the same folder is refused and the first one's keys stay."""
    first = make_keys("Vila", Clock())
    write_keys(tmp_path, first, network=bytes(32), passphrase="", clock=Clock())

    with pytest.raises(ConfigError, match="can't be written"):
        write_keys(tmp_path, make_keys("Serra", Clock()), network=bytes(32), passphrase="", clock=Clock())
    assert first == read_keys(tmp_path, "")


def test_wrong_passphrase_and_broken_files(tmp_path: Path) -> None:
    """Each failure names the file and the next step."""
    write_keys(tmp_path, make_keys("Vila", Clock()), network=bytes(32), passphrase="um", clock=Clock())

    with pytest.raises(ConfigError, match="MUTIRAO_PASSPHRASE"):
        read_keys(tmp_path, "dois")
    (tmp_path / "keys" / "node.key").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match=r"node\.key.*copy of the folder"):
        read_keys(tmp_path, "um")
    (tmp_path / "keys" / "network.key").unlink()
    with pytest.raises(ConfigError, match=r"network\.key"):
        read_keys(tmp_path, "um")


def test_a_key_file_of_a_member_is_not_the_nodes(tmp_path: Path) -> None:
    """A file that lacks one of the keys says which."""
    made = make_keys("Vila", FixedClock())
    write_keys(tmp_path, made, network=bytes(32), passphrase="", clock=Clock())
    (tmp_path / "keys" / "node.key").write_text((tmp_path / "keys" / "network.key").read_text())

    with pytest.raises(ConfigError, match="'checkpoint'"):
        read_keys(tmp_path, "")


def test_recovery_keys_differ_by_purpose() -> None:
    """Signing and sealing keys come from one secret and are not the same, nor the secret itself."""
    secret = bytes(range(32))

    assert len({secret, recovery_seed(secret, "sign"), recovery_seed(secret, "seal")}) == 3
    assert recovery_seed(secret, "sign") == recovery_seed(secret, "sign")
