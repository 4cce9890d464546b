"""Every address answers what the document says, to whom it may; everything else is an error of one shape."""

import base64
import io
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from node.api.route import Access, Route
from node.api.routes import ROUTES
from protocol import codec
from protocol.identifiers import to_text
from protocol.record import Record, decode_record, encode_record, verify_record
from tests.api_node import BASE, ApiNode, error_of
from tests.builders import broken_encodings, forged, named, order_body

MSGPACK = {"Content-Type": "application/msgpack"}


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[ApiNode]:
    """A network with two members, a stranger's order between them and an offer."""
    async with ApiNode(tmp_path, "vila") as node:
        await node.enrol("maria", "ana", "carla")
        await node.publish(node.network.by_network("profile", {"agent": node.network.id, "name": "Vila"}))
        yield node


def path_of(route: Route, **parts: str) -> str:
    """Give a route's address with these parts; an unknown id where none is given."""
    values = {"id": to_text("offer", named("?")), "name": "catalog", **parts}
    values.setdefault("network", to_text("agent", named("?")))
    values.setdefault("agent", to_text("agent", named("?")))
    return route.path.format(**values)


def encoded(record: Record) -> str:
    """Give a record as JSON carries it."""
    return base64.b64encode(encode_record(record)).decode()


async def order_between(node: ApiNode, seller: str, buyer: str) -> Record:
    """Publish an order."""
    offer = node.offer(seller, "Pão")
    body = order_body(offer.id, offer.id, seller=node.network.member(seller).id, buyer=node.network.member(buyer).id)
    order = node.network.by(buyer, "order", body, to=(node.network.id,))
    await node.publish(offer, order)
    return order


async def test_errors_have_one_shape(vila: ApiNode, subtests: pytest.Subtests) -> None:
    """An unknown parameter, a wrong method, a stranger where a session is needed: always the same three fields."""
    for route in ROUTES:
        path = path_of(route)
        with subtests.test(route.name):
            unknown = await vila.client.request(route.method, path, params={"colour": "red"})
            wrong_method = await vila.client.request("PATCH", path)

            is_open = route.access is Access.ANYBODY
            wanted = (400, "unknown_parameter") if is_open else (401, "session_needed")
            assert await error_of(unknown) == wanted
            assert await error_of(wrong_method) == (405, "method_not_allowed")
            assert route.method in wrong_method.headers["Allow"]


async def test_an_accept_that_nothing_fits_is_told(vila: ApiNode, subtests: pytest.Subtests) -> None:
    """Who wants only pictures learns in JSON that there are none."""
    for route in (route for route in ROUTES if route.answer):
        with subtests.test(route.name):
            answer = await vila.client.request(route.method, path_of(route), headers={"Accept": "image/png"})

            assert await error_of(answer) == (406, "not_acceptable")


async def test_what_is_read_has_its_type(vila: ApiNode, subtests: pytest.Subtests) -> None:
    """Both forms decode to the type that the document names, for the operator, on a node with one of each."""
    order = await order_between(vila, "maria", "ana")
    operator = await vila.log_in()
    ids = {
        "offer": to_text("offer", order.body_value()["offer"]),
        "order": to_text("order", order.id),
        "agent": to_text("agent", vila.network.member("maria").id),
    }
    for route, kind in itertools.product((route for route in ROUTES if route.method == "GET"), ("json", "msgpack")):
        wanted = next((name for name in ids if f"/{name}s/" in route.path), "offer")
        path = path_of(route, id=ids[wanted], network=to_text("agent", vila.network.id), agent=ids["agent"])
        query = {"read_consistency": {"old_size": "1"}, "read_due": {"period": "2027-03"}}.get(route.name, {})
        accept = {"Accept": f"application/{kind}"} if route.answer else {}
        answer_type: Any = route.answer
        with subtests.test(f"{route.name} {kind}"):
            answer = await vila.client.get(path, headers=operator | accept, params=query)
            data = await answer.read()

            if answer.status == 404 and any(part in path for part in ("seals/", "needs/", "accounts/", "rules/")):
                continue  # none of these is here
            assert answer.status == 200, data
            if answer_type is not None:
                decode = msgspec.json.decode if kind == "json" else msgspec.msgpack.decode
                assert isinstance(decode(data, type=answer_type), answer_type)
                assert answer.headers["Cache-Control"] == "no-store"


async def test_records_come_in_both_forms(vila: ApiNode) -> None:
    """JSON with base64 and canonical MessagePack are taken; again is the first answer; reading gives the same bytes."""
    one, two = vila.offer("maria", "Pão"), vila.offer("maria", "Bolo")
    first = await (await vila.client.post(f"{BASE}/records", json={"records": [encoded(one)]})).json()
    body = codec.encode([encode_record(one), encode_record(two)])
    second = await (await vila.client.post(f"{BASE}/records", data=body, headers=MSGPACK)).json()

    assert [result["recorded"]["again"] for result in first["results"] + second["results"]] == [False, True, False]
    assert first["results"][0]["id"] == to_text("record", one.id)
    answer = await vila.get(f"/records/{to_text('offer', one.id)}")
    record = decode_record(base64.b64decode(answer["data"]))
    verify_record(record)
    assert record.id == one.id
    assert (answer["feed"], answer["state"]) == ("catalog", "valid")


async def test_a_refused_record_says_why(vila: ApiNode) -> None:
    """Each record has its own result; a bad one doesn't stop a good one."""
    good, bad = vila.offer("maria", "Pão"), forged(vila.offer("maria", "Bolo"))
    body = {"records": [encoded(bad), encoded(good), "AAAA"]}
    results = (await (await vila.client.post(f"{BASE}/records", json=body)).json())["results"]

    assert results[0]["refused"]["code"] == "bad_signature"
    assert results[0]["refused"]["next_step"]
    assert results[1]["recorded"]["feed"] == "catalog"
    assert results[2]["id"] is None
    assert results[2]["refused"]["code"] in {"malformed", "not_canonical"}


async def test_broken_records_are_refused(vila: ApiNode, subtests: pytest.Subtests) -> None:
    """Every way to break a record's bytes has a code, and nothing is left behind."""
    for name, data in broken_encodings(vila.offer("maria", "Pão")).items():
        with subtests.test(name):
            answer = await vila.client.post(f"{BASE}/records", data=codec.encode([data]), headers=MSGPACK)

            assert answer.status == 200
            assert (await answer.json())["results"][0]["refused"]["code"]
    assert (await vila.get("/offers"))["listings"] == []


BODIES = [
    (b"", "json", "bad_body"),
    (b"{", "json", "bad_body"),
    (b"[]", "json", "bad_body"),
    (b"null", "json", "bad_body"),
    (b'{"records": []}', "json", "bad_body"),
    (b'{"records": ["AA"], "records": ["AA"]}', "json", "duplicate_key"),
    (b'{"records": ["AA"], "more": 1}', "json", "bad_body"),
    (b'{"records": "AA"}', "json", "bad_body"),
    (b'{"records": [1]}', "json", "bad_body"),
    (b'{"records": ["*"]}', "json", "bad_body"),
    (b'{"records": ["\\ud800"]}', "json", "bad_body"),
    (b'{"records": NaN}', "json", "bad_body"),
    (b"[" * 100_000, "json", "bad_body"),
    (b'{"records": ["\xff"]}', "json", "bad_body"),
    (b"", "msgpack", "malformed"),
    (b"\x90", "msgpack", "wrong_type"),
    (b"\x91\x01", "msgpack", "wrong_type"),
    (b"\x91\xc5\x00\x01a", "msgpack", "not_canonical"),
    (b"\x91\xc4\x01", "msgpack", "malformed"),
    (b"\x91\xc4\x01a\x00", "msgpack", "malformed"),
    (codec.encode([b"a"] * 101), "msgpack", "too_many"),
    (b"<xml/>", "xml", "unsupported_media_type"),
]
"""Bodies of a submission that can't be read: the bytes, their type, the code that they are answered with."""


async def test_bad_bodies_are_told(vila: ApiNode, subtests: pytest.Subtests) -> None:
    """A body that isn't what the route reads is an error with the code of what is wrong."""
    for body, kind, code in BODIES:
        with subtests.test(repr(body[:40])):
            headers = {"Content-Type": f"application/{kind}"}
            status, found = await error_of(await vila.client.post(f"{BASE}/records", data=body, headers=headers))

            assert 400 <= status < 500
            assert found == code or (code == "malformed" and found == "not_canonical")


async def test_large_bodies_are_cut_off(vila: ApiNode) -> None:
    """More than the route takes is refused, with or without a stated length, and the node goes on."""

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(400):
            yield bytes(10_000)

    stated = await vila.client.post(f"{BASE}/records", data=io.BytesIO(bytes(3_000_000)), headers=MSGPACK)
    unstated = await vila.client.post(f"{BASE}/records", data=endless(), headers=MSGPACK)
    small = await vila.client.post(f"{BASE}/session", data=b" " * 20_000, headers={"Content-Type": "application/json"})

    for answer in (stated, unstated, small):
        assert await error_of(answer) == (413, "body_too_large")
    assert (await vila.get("/network"))["name"] == "Vila"


QUERIES = [
    ("limit=0", "bad_parameter"),
    ("limit=101", "bad_parameter"),
    ("limit=x", "bad_parameter"),
    ("limit=1&limit=2", "repeated_parameter"),
    ("q=%00", "bad_parameter"),
    ("q=%ff", "bad_parameter"),
    ("q=" + "a" * 201, "bad_parameter"),
    ("cursor=x", "malformed"),
    ("cursor=" + "9" * 40, "malformed"),
    ("cursor=" + "9" * 41, "bad_parameter"),
    ("network=x", "malformed"),
    ("colour=red", "unknown_parameter"),
]
"""Searches that can't be understood, and the code that each is answered with."""


async def test_bad_parameters_are_told(vila: ApiNode, subtests: pytest.Subtests) -> None:
    """A parameter that isn't known, stands twice or lies outside its bounds has its own code."""
    for query, code in QUERIES:
        with subtests.test(query[:40]):
            answer = await vila.client.get(f"{BASE}/offers?{query}")

            assert await error_of(answer) == (400, code)


async def test_bad_ids_are_told(vila: ApiNode, subtests: pytest.Subtests) -> None:
    """What isn't an id is told apart from an id that isn't here."""
    long = "offer:" + "a" * 51
    for text in ("x", "offer:", "offer:x", "OFFER:" + "a" * 52, long + "b", "%00", "%ff"):
        for kind in ("records", "offers", "needs", "agents", "seals", "things"):
            with subtests.test(f"{kind} {text}"):
                answer = await vila.client.get(f"{BASE}/{kind}/{text}")
                assert await error_of(answer) == (400, "bad_identifier")
    unknown = to_text("offer", named("?"))
    for kind in ("records", "offers", "things"):
        assert await error_of(await vila.client.get(f"{BASE}/{kind}/{unknown}")) == (404, "not_found"), kind
