"""Login documents: what is signed is read back, and everything else is a clear error."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol import codec, keys
from protocol.errors import RemoteProtocolError
from protocol.limits import LOGIN_LIFE_MS_MAX
from protocol.login import TAG, Login, check_login, read_login, sign_login

SEED = bytes(range(32))
NOW_MS = 1_700_000_000_000
LOGIN = Login(
    agent=b"a" * 32,
    expires_ms=NOW_MS + 60_000,
    key=keys.public_of(SEED),
    network=b"n" * 32,
    nonce=b"0" * 16,
    origin="https://vila.example",
)
ORIGINS = frozenset({"https://vila.example"})


def test_signed_login_is_read_back() -> None:
    """What was signed comes back field by field and passes the node's checks."""
    login = read_login(*sign_login(LOGIN, seed=SEED))

    assert login == LOGIN
    check_login(login, network=LOGIN.network, origins=ORIGINS, now_ms=NOW_MS)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"network": b"m" * 32}, "login_other_network"),
        ({"origin": "https://evil.example"}, "login_wrong_origin"),
        ({"expires_ms": NOW_MS}, "login_expired"),
        ({"expires_ms": NOW_MS + LOGIN_LIFE_MS_MAX + 1}, "login_expired"),
    ],
)
def test_login_for_elsewhere_is_refused(change: dict[str, object], code: str) -> None:
    """A document for another network, address or time is refused with its own code."""
    login = replace(LOGIN, **change)  # type: ignore[arg-type]

    with pytest.raises(RemoteProtocolError) as caught:
        check_login(login, network=LOGIN.network, origins=ORIGINS, now_ms=NOW_MS)

    assert caught.value.code == code


def test_every_flipped_byte_is_found() -> None:
    """A document or signature that differs in one byte is never accepted."""
    document, signature = sign_login(LOGIN, seed=SEED)

    for index in range(len(document)):
        broken = document[:index] + bytes([document[index] ^ 1]) + document[index + 1 :]
        with pytest.raises(RemoteProtocolError):
            read_login(broken, signature)
    for index in range(len(signature)):
        broken = signature[:index] + bytes([signature[index] ^ 1]) + signature[index + 1 :]
        with pytest.raises(RemoteProtocolError):
            read_login(document, broken)


@pytest.mark.parametrize("field", ["agent", "expires_ms", "key", "network", "nonce", "origin"])
@pytest.mark.parametrize("value", [None, 7.5, -1, "", b"", [], {}, "x" * 301])
def test_wrong_fields_are_named(field: str, value: object) -> None:
    """A signed document with a wrong field is refused by code, whatever stands there."""
    document, _ = sign_login(LOGIN, seed=SEED)
    fields = codec.decode(document)
    fields[field] = value if not isinstance(value, float) else 2**53 - 1
    if fields[field] == 2**53 - 1 and field == "expires_ms":
        return  # an integer is what belongs here
    broken = codec.encode(fields)

    with pytest.raises(RemoteProtocolError) as caught:
        read_login(broken, keys.sign(SEED, TAG, broken))

    assert caught.value.code in {"wrong_type", "bad_key"}


@given(st.binary(max_size=300), st.binary(max_size=80))
def test_arbitrary_bytes_are_refused(document: bytes, signature: bytes) -> None:
    """Nothing but RemoteProtocolError comes out of arbitrary bytes."""
    with pytest.raises(RemoteProtocolError):
        read_login(document, signature)
