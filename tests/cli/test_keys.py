"""Key files: made once, for their owner only, never overwritten."""

import stat
from pathlib import Path

import pytest

from cli import keys
from cli.errors import FailedCheckError, UsageProblemError


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    """Keys, name and agent come back, with and without a passphrase."""
    signer = keys.new_signer("ana").enrolled(bytes(32), b"\x01" * 32)
    for passphrase in ("", "correct horse"):
        path = tmp_path / f"ana{passphrase}.key"
        keys.save(path, signer, passphrase)

        assert keys.load(path, passphrase) == signer
        assert keys.is_locked(path) is bool(passphrase)


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    """A key file has mode 0600, also after its agent's id was added."""
    path = tmp_path / "keys" / "ana.key"
    signer = keys.new_signer("ana")
    keys.save(path, signer, "")
    keys.save(path, signer.enrolled(bytes(32), bytes(32)), "", replacing=True)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [child.name for child in path.parent.iterdir()] == ["ana.key"]


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """A second key under the same name is refused, and the first stays."""
    path = tmp_path / "ana.key"
    first = keys.new_signer("ana")
    keys.save(path, first, "")

    with pytest.raises(UsageProblemError, match="never overwritten"):
        keys.save(path, keys.new_signer("ana"), "")
    assert keys.load(path, "") == first


def test_a_wrong_passphrase_is_a_failed_check(tmp_path: Path) -> None:
    """The file says that it can't be opened, not that it is broken."""
    path = tmp_path / "ana.key"
    keys.save(path, keys.new_signer("ana"), "right")

    with pytest.raises(FailedCheckError, match="passphrase"):
        keys.load(path, "wrong")


@pytest.mark.parametrize("content", [b"", b"{}", b"[1]", b"\xff\xfe", b'{"form": "mutirao/key/1"}', b"x" * 70_000])
def test_other_files_are_no_key_files(tmp_path: Path, content: bytes) -> None:
    """Whatever else a file holds, the error says so."""
    path = tmp_path / "ana.key"
    path.write_bytes(content)

    with pytest.raises(UsageProblemError, match="not a key file"):
        keys.load(path, "")


def test_secrets_never_show_in_messages() -> None:
    """Neither seed stands in what a debugger or a log would print."""
    signer = keys.new_signer("ana")

    assert signer.sign_seed.hex() not in repr(signer)
    assert repr(signer.sign_seed) not in repr(signer)
