"""The document describes what the node does: it is whole, its answers fit it, and no request that it allows, nor any
that it doesn't, makes the node fail.
"""

import asyncio
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from node.api import openapi
from node.api.route import Access, Route
from node.api.routes import ROUTES
from protocol import codec
from protocol.identifiers import to_text
from protocol.limits import RECORD_BYTES_MAX
from protocol.record import encode_record
from tests.api_node import ApiNode
from tests.builders import named

DOCUMENT = openapi.document(ROUTES, version="1")
OPERATIONS = [
    (method, path, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
]
NAMES = {route.name: route for route in ROUTES}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
TEXT = st.text(st.characters(exclude_categories=()), max_size=30)
SURROGATES = "surrogatepass"


def test_the_document_names_every_route_once() -> None:
    """Operation ids are unique, and there is one operation for each row of the table."""
    names = [operation["operationId"] for _, _, operation in OPERATIONS]

    assert sorted(names) == sorted(NAMES)
    assert DOCUMENT["openapi"] == "3.1.0"


def test_references_lead_somewhere() -> None:
    """No schema refers to one that isn't there."""
    schemas = DOCUMENT["components"]["schemas"]

    gone = [name for name in _references(DOCUMENT) if name.removeprefix("#/components/schemas/") not in schemas]

    assert not gone


def test_operations_are_described() -> None:
    """Every operation has a sentence, a tag, a success and the one error shape; private ones name their session."""
    for method, path, operation in OPERATIONS:
        route = NAMES[operation["operationId"]]
        assert operation["summary"].endswith("."), path
        assert operation["tags"], path
        assert str(route.status) in operation["responses"], path
        assert "ErrorAnswer" in str(operation["responses"]["default"]), path
        assert ("security" in operation) == (route.access is not Access.ANYBODY), path
        in_path = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        assert all(f"{{{name}}}" in path for name in in_path), (method, path)


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """Give a request: each part of it mostly as the document has it, sometimes anything at all."""
    method, path, operation = draw(st.sampled_from(OPERATIONS))
    parts = {p["name"]: draw(_path_part(p["name"])) for p in operation["parameters"] if p["in"] == "path"}
    optional = [p for p in operation["parameters"] if p["in"] == "query" and draw(st.booleans())]
    query = [(parameter["name"], draw(_parameter(parameter["schema"]))) for parameter in optional]
    if draw(st.integers(0, 9)) == 0:
        query.append((draw(TEXT), draw(TEXT)))
    body, kind = draw(_body(operation))
    headers = {
        "Accept": draw(st.sampled_from(["*/*", "application/json", "application/msgpack", "text/html;q=x", ","]))
    }
    headers |= {"Content-Type": kind} if kind else {}
    return {
        "name": operation["operationId"],
        "method": draw(st.sampled_from([method.upper()] * 9 + ["PUT"])),
        "path": path,
        "parts": parts,
        "query": query,
        "body": body,
        "headers": headers,
        "session": draw(st.sampled_from(["nobody", "maria", "vila", "bad"])),
    }


KNOWN = ["offer", "agent", "need", "order", "seal", "record", "transfer"]


def _path_part(name: str) -> st.SearchStrategy[str]:
    if name == "name":
        return st.sampled_from(["trust", "catalog", "trade", "ledger", "settlement"]) | TEXT
    ids = st.builds(to_text, st.sampled_from(KNOWN), st.sampled_from([named("?"), named("offer"), b"\xff" * 32]))
    return ids | st.sampled_from(["@offer", "@maria", "@vila", "@order"]) | TEXT


def _parameter(schema: dict[str, Any]) -> st.SearchStrategy[str]:
    good: st.SearchStrategy[str] = st.text(max_size=20)
    if "integer" in str(schema):
        low, high = schema.get("minimum", 0), schema.get("maximum", 2**53)
        good = st.integers(low - 1, high + 1).map(str)
    return good | st.sampled_from(["", "0-0", "1-1", "9" * 30, "a" * 201, "pão feijão", "'", "%", "١"]) | TEXT


def _body(operation: dict[str, Any]) -> st.SearchStrategy[tuple[bytes | None, str | None]]:
    absent: st.SearchStrategy[tuple[bytes | None, str | None]] = st.just((None, None))
    if "requestBody" not in operation:
        return absent
    kinds = st.sampled_from(["application/json", "application/msgpack", "text/plain"])
    shaped = st.dictionaries(
        st.sampled_from(["records", "document", "signature", "url", "network", "relation", "name"]),
        TEXT | st.lists(st.text("ABC=+/", max_size=12) | TEXT, max_size=3),
        max_size=4,
    ).map(lambda value: msgspec.json.encode(_sayable(value)))
    packed = st.lists(st.binary(max_size=60), max_size=3).map(codec.encode)
    anything = JSON.map(lambda value: msgspec.json.encode(_sayable(value)))
    return absent | st.tuples(shaped | packed | anything | st.binary(max_size=80), kinds)


def _sayable(value: Any) -> Any:
    """Give the value without lone surrogates in its texts, which JSON's encoder would refuse."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [_sayable(item) for item in value]
    if isinstance(value, dict):
        return {_sayable(key): _sayable(item) for key, item in value.items()}
    return value


@pytest.fixture
def vila(tmp_path: Path) -> Iterator[tuple[asyncio.Runner, ApiNode, dict[str, Any]]]:
    """A node in a loop of its own, so that Hypothesis may ask it many times; sessions and known ids by name."""
    with asyncio.Runner() as runner:
        node = ApiNode(tmp_path, "vila")
        known = runner.run(_prepare(node))
        yield runner, node, known
        runner.run(node.close())


async def _prepare(node: ApiNode) -> dict[str, Any]:
    await node.__aenter__()
    await node.enrol("maria")
    offer = node.offer("maria", "Pão de açúcar")
    await node.publish(offer)
    return {
        "nobody": {},
        "bad": {"Authorization": "Bearer nothing"},
        "maria": await node.log_in("maria"),
        "vila": await node.log_in(),
        "@offer": to_text("offer", offer.id),
        "@order": to_text("order", offer.id),
        "@maria": to_text("agent", node.network.member("maria").id),
        "@vila": to_text("agent", node.network.id),
    }


def test_no_request_makes_the_node_fail(vila: tuple[asyncio.Runner, ApiNode, dict[str, Any]]) -> None:
    """Whatever is sent, the answer is a success of the stated type or an error of the one shape, never a 5xx."""
    runner, node, known = vila
    seen: set[int] = set()

    @settings(suppress_health_check=list(HealthCheck))
    @given(requests())
    def ask(request: dict[str, Any]) -> None:
        seen.add(runner.run(_ask(node, known, request)))

    ask()
    assert runner.run(node.get("/offers"))["listings"], "the node goes on"
    assert 200 in seen


async def _ask(node: ApiNode, known: dict[str, Any], request: dict[str, Any]) -> int:
    parts = {
        name: quote(
            (known[part] if part.startswith("@") and part in known else part).encode("utf-8", SURROGATES) or b"-",
            safe=":",
        )
        for name, part in request["parts"].items()
    }
    path = request["path"].format(**parts)
    query = urlencode([(k.encode("utf-8", SURROGATES), v.encode("utf-8", SURROGATES)) for k, v in request["query"]])
    url = URL(f"{node.client.make_url('/')}"[:-1] + path + (f"?{query}" if query else ""), encoded=True)
    headers = request["headers"] | known[request["session"]]
    async with node.client.session.request(
        request["method"], url, data=request["body"], headers=headers, allow_redirects=False
    ) as answer:
        data = await answer.read()
        kind = answer.content_type
    assert answer.status < 500, (request, data)
    if answer.status >= 400:
        value = msgspec.json.decode(data) if kind == "application/json" else msgspec.msgpack.decode(data)
        assert set(value) == {"error"}, (request, data)
        assert set(value["error"]) == {"code", "message", "next_step"}, (request, data)
        return answer.status
    route: Route = NAMES[request["name"]]
    answer_type: Any = route.answer
    if answer_type is not None:
        decode = msgspec.json.decode if kind == "application/json" else msgspec.msgpack.decode
        assert isinstance(decode(data, type=answer_type), answer_type)
    return answer.status


def test_every_bound_of_the_document_is_ours() -> None:
    """A submission in the document has the bounds of a submission."""
    records = DOCUMENT["components"]["schemas"]["Submission"]["properties"]["records"]

    assert records["maxItems"] == 100
    assert records["items"]["maxLength"] == (RECORD_BYTES_MAX + 2) // 3 * 4
    assert len(encode_record(ApiNode(Path(), "vila").offer("maria", "x"))) < RECORD_BYTES_MAX


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        value = list(value.values())
    if isinstance(value, list):
        yield from itertools.chain.from_iterable(_references(item) for item in value)
