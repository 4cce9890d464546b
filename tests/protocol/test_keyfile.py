"""A key file opens with its passphrase and with no other."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import Code, RemoteProtocolError
from protocol.keyfile import KeyFile, is_locked, read_key_file, write_key_file

CONTENT = KeyFile("Maria", {"agent": "agent:x"}, {"sign": bytes(32), "seal": bytes([7] * 32)})


def _write(passphrase: str) -> str:
    return write_key_file(CONTENT, passphrase=passphrase, salt=bytes(16), nonce=bytes(12))


def test_locked_file() -> None:
    """With a passphrase the secrets are not in the text; the right one opens it and a wrong one says so."""
    text = _write("três gatos")

    assert is_locked(text)
    assert CONTENT == read_key_file(text, passphrase="três gatos")
    for wrong in ("", "quatro gatos"):
        with pytest.raises(RemoteProtocolError) as error:
            read_key_file(text, passphrase=wrong)
        assert error.value.code is Code.FORBIDDEN


def test_clear_file() -> None:
    """With an empty passphrase the file is in clear and says so."""
    text = _write("")

    assert not is_locked(text)
    assert CONTENT == read_key_file(text)


@pytest.mark.parametrize(
    "change",
    [
        {"form": "other/1"},
        {"clear": 7},
        {"clear": "***"},
        {"clear": "kA=="},
        {"clear": "gaRzaWduxAEA"},
        {"name": 7},
        {"about": {"agent": 7}},
        {"about": []},
        {"locked": "AAAA"},
    ],
)
def test_broken_files(change: dict[str, object]) -> None:
    """Each broken field is the protocol's own error."""
    with pytest.raises(RemoteProtocolError):
        read_key_file(json.dumps(json.loads(_write("")) | change))


@given(st.text(max_size=50))
def test_any_text_is_a_clear_no(text: str) -> None:
    """Arbitrary text never causes anything but the protocol's own error."""
    with pytest.raises(RemoteProtocolError):
        read_key_file(text)
