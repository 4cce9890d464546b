"""Ids and keys have one text each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import RemoteProtocolError
from protocol.identifiers import did_key, did_sealing_key, from_text, public_from_did, to_text


@given(st.sampled_from(["offer", "need", "agent", "a_b"]), st.binary(min_size=32, max_size=32))
def test_text_of_an_id_is_read_again(kind: str, identifier: bytes) -> None:
    """Reading undoes writing."""
    assert (kind, identifier) == from_text(to_text(kind, identifier))


@given(st.binary(min_size=32, max_size=32))
def test_did_key_is_read_again(public: bytes) -> None:
    """Reading undoes writing, and a sealing key is not taken for a signing key."""
    assert public == public_from_did(did_key(public))
    with pytest.raises(RemoteProtocolError):
        public_from_did(did_sealing_key(public))


def test_did_key_of_the_method_specification() -> None:
    """The example key of the did:key method comes out as published there."""
    public = bytes.fromhex("2e6fcce36701dc791488e0d0b1745cc1e33a4c1c9fcc41c63bd343dbbe0970e6")

    assert did_key(public) == "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "offer",
        "offer:",
        "offer:" + "a" * 51,
        "offer:" + "a" * 53,
        "offer:" + "A" * 52,
        "Offer:" + "a" * 52,
        "offer:" + "a" * 51 + "1",
        "offer:" + "a" * 51 + "b",
        "offer:" + "a" * 52 + "\n",
        ":" + "a" * 52,
    ],
)
def test_other_text_is_refused(text: str) -> None:
    """Wrong length, letters, padding bits or a newline behind the end: no second text for one id."""
    with pytest.raises(RemoteProtocolError):
        from_text(text)


@given(st.text(max_size=80))
def test_any_text_is_a_key_or_a_clear_no(text: str) -> None:
    """No text causes anything but the protocol's own error."""
    for candidate in (text, "did:key:z" + text):
        with pytest.raises(RemoteProtocolError):
            public_from_did(candidate)
