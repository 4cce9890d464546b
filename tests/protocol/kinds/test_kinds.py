"""The registry: every kind has a feed and a class, and a body is read exactly or refused with a code."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given

from protocol import codec
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import FEED_NAMES
from protocol.kinds import KINDS, feed_of, read_as, read_body, read_record, to_map
from protocol.kinds.posts import Post
from protocol.record import Part
from tests import strategies
from tests.builders import Network, bodies

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "kinds.json").read_text("utf-8"))


def refused(kind: str, body: dict[str, Any]) -> RemoteProtocolError:
    """Give the error that a body is refused with."""
    with pytest.raises(RemoteProtocolError) as caught:
        read_body(kind, body)
    return caught.value


def test_every_kind_stands_in_one_feed() -> None:
    """A kind names one of the feeds, and an unknown kind none."""
    assert {kind.feed for kind in KINDS.values()} <= set(FEED_NAMES)
    assert feed_of("poem") is None
    assert Code.UNKNOWN_KIND == refused("poem", {}).code


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: vector["name"])
def test_valid_vectors_are_read(vector: dict[str, str]) -> None:
    """The frozen bodies, which any other implementation is held to, are read."""
    assert read_body(vector["kind"], codec.decode(bytes.fromhex(vector["body"]))) is not None


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_refused_vectors_are_refused(vector: dict[str, str]) -> None:
    """The frozen bodies that break one rule are refused with its code."""
    assert vector["code"] == refused(vector["kind"], codec.decode(bytes.fromhex(vector["body"]))).code


def test_every_kind_has_a_vector() -> None:
    """No kind is left out of the vectors."""
    assert set(KINDS) == {vector["kind"] for vector in VECTORS["valid"]}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_full_body_is_read_and_written_again(kind: str) -> None:
    """Writing undoes reading, and what is written is canonical."""
    body = read_body(kind, bodies()[kind])

    assert body == read_body(kind, codec.decode(codec.encode(to_map(body))))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_unknown_keys_are_ignored(kind: str) -> None:
    """A newer program's field doesn't stop an older one."""
    assert read_body(kind, bodies()[kind]) == read_body(kind, {**bodies()[kind], "zz_new": [1, {"a": b""}]})


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_field_of_a_wrong_type_is_named(kind: str) -> None:
    """A value of a wrong type is refused, and the message says which field it is."""
    for field in bodies()[kind]:
        error = refused(kind, {**bodies()[kind], field: [None, 1.5 and 7, {}]})

        assert error.code in {Code.WRONG_TYPE, Code.OUT_OF_RANGE, Code.TOO_MANY}
        assert field in error.message


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_field_that_is_needed_is_missed(kind: str) -> None:
    """A field without a default is refused as missing, by name."""
    needed = {field.name for field in msgspec.structs.fields(KINDS[kind].body) if field.required}
    assert needed <= set(bodies()[kind])

    for name in needed:
        error = refused(kind, {key: value for key, value in bodies()[kind].items() if key != name})

        assert (error.code, error.message) == (Code.MISSING_FIELD, f"{kind}.{name}: is missing")


def test_an_id_as_text_is_refused() -> None:
    """Base64 text is no byte string, even where it would decode to 32 bytes."""
    text = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

    assert Code.WRONG_TYPE == refused("membership", {**bodies()["membership"], "agent": text}).code


def test_a_float_is_refused_without_blaming_us() -> None:
    """What a form or JSON may bring along is the sender's error."""
    assert Code.WRONG_TYPE == refused("offer", {**bodies()["offer"], "per": 0.5}).code


def test_the_message_names_the_path() -> None:
    """A person can find the field that is wrong."""
    body = {**bodies()["offer"], "price": [{"unit": "BRL", "amount": -1}]}

    assert refused("offer", body).message == "offer.price[0].amount: Expected `int` >= 0"


@given(strategies.valid_bodies())
def test_valid_bodies_are_read(kind_and_body: tuple[str, dict[str, Any]]) -> None:
    """Whatever the strategies call valid is read, and reading what was written gives the same."""
    kind, body = kind_and_body
    value = read_body(kind, body)

    assert value == read_body(kind, to_map(value))


@given(strategies.changed_bodies())
def test_changed_bodies_are_read_or_refused(kind_and_body: tuple[str, dict[str, Any]]) -> None:
    """A body with parts replaced is either read or refused with RemoteProtocolError, never anything else."""
    kind, body = kind_and_body
    try:
        read_body(kind, body)
    except RemoteProtocolError as error:
        message = error.message
    else:
        message = kind

    assert message.startswith(kind)


@given(strategies.values)
def test_arbitrary_maps_are_read_or_refused(value: Any) -> None:
    """Any map under any kind is read or refused."""
    for kind in KINDS:
        try:
            read_body(kind, value if isinstance(value, dict) else {"title": value})
        except RemoteProtocolError:
            continue


def test_a_record_s_body_is_read_from_its_bytes() -> None:
    """Reading a record gives what reading its map gives; a body that isn't here or isn't a canonical map is refused."""
    vila = Network("vila")
    post = vila.by("maria", "post", bodies()["post"])
    assert read_record(post) == read_body("post", post.body_value()) == read_as(Post, post.body_value())

    broken = {
        Code.NOT_FOUND: post.without_body(),
        Code.WRONG_TYPE: replace(post, body=Part(bytes(16), codec.encode([1]))),
        Code.NOT_CANONICAL: replace(post, body=Part(bytes(16), b"\x81\xa1a\xcd\x00\x01")),
        Code.MISSING_FIELD: replace(post, body=Part(bytes(16), b"\x80")),
        Code.UNKNOWN_KIND: vila.by("maria", "poem", {}),
    }
    for code, record in broken.items():
        with pytest.raises(RemoteProtocolError) as caught:
            read_record(record)
        assert caught.value.code == code
