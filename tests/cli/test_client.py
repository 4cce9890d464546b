"""What the client makes of a node's answers, good and bad."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cli import keys
from cli.client import Client, identifier_of
from cli.errors import CliError, ExitCode, RefusedError, UnreachableError, UsageProblemError
from cli.records import Author
from protocol import codec
from protocol.identifiers import to_text
from protocol.login import read_login
from protocol.record import decode_record

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
NETWORK = to_text("agent", b"\x07" * 32)


@pytest.fixture
async def node() -> AsyncIterator[TestServer]:
    """A server that answers as a node does, and as none should."""

    async def network(_request: web.Request) -> web.Response:
        return web.json_response({"id": NETWORK, "name": "Vila"})

    async def refused(_request: web.Request) -> web.Response:
        error = {"code": "not_found", "message": "Nothing here.", "next_step": "Check the id."}
        return web.json_response({"error": error}, status=404)

    async def page(request: web.Request) -> web.Response:
        start = int(request.query.get("cursor", "0"))
        rows = [{"n": at} for at in range(start, min(start + int(request.query["limit"]), 250))]
        following = start + len(rows)
        return web.json_response({"listings": rows, "cursor": str(following) if following < 250 else None})

    async def records(request: web.Request) -> web.Response:
        given = [decode_record(data) for data in codec.decode(await request.read())]
        return web.json_response({"results": [_result(at, record.id) for at, record in enumerate(given)]})

    async def challenge(_request: web.Request) -> web.Response:
        return web.json_response({"network": NETWORK, "origin": "http://here", "now_ms": 1_000})

    async def login(request: web.Request) -> web.Response:
        import base64

        body = await request.json()
        read = read_login(base64.b64decode(body["document"]), base64.b64decode(body["signature"]))
        assert (read.origin, read.network) == ("http://here", b"\x07" * 32)
        return web.json_response({"token": "secret"})

    async def whoami(request: web.Request) -> web.Response:
        return web.json_response({"authorization": request.headers.get("Authorization")})

    async def broken(_request: web.Request) -> web.Response:
        return web.Response(text="<html>nginx</html>", status=502)

    async def not_json(_request: web.Request) -> web.Response:
        return web.Response(text="hello")

    application = web.Application()
    application.router.add_get("/api/v1/network", network)
    application.router.add_get("/api/v1/refused", refused)
    application.router.add_get("/api/v1/page", page)
    application.router.add_post("/api/v1/records", records)
    application.router.add_get("/api/v1/session", challenge)
    application.router.add_post("/api/v1/session", login)
    application.router.add_get("/api/v1/whoami", whoami)
    application.router.add_get("/api/v1/broken", broken)
    application.router.add_get("/api/v1/text", not_json)
    server = TestServer(application)
    await server.start_server()
    yield server
    await server.close()


def _result(at: int, identifier: bytes) -> dict[str, object]:
    text = to_text("post", identifier)
    if at % 2:
        return {"id": text, "refused": {"code": "stale", "message": "Old.", "next_step": "Read."}}
    return {"id": text, "recorded": {"feed": "catalog", "index": at, "again": at == 2}}


def url_of(node: TestServer) -> str:
    """The server's address without a slash at the end."""
    return str(node.make_url("/")).rstrip("/")


async def test_an_error_answer_keeps_its_words(node: TestServer) -> None:
    """Code, message and next step of the node reach the person."""
    async with Client(url_of(node)) as client:
        with pytest.raises(RefusedError, match="Nothing here") as caught:
            await client.get("/refused")

    assert (caught.value.code, caught.value.next_step) == ("not_found", "Check the id.")


@pytest.mark.parametrize(("path", "exit_code"), [("/broken", ExitCode.UNREACHABLE), ("/text", ExitCode.REFUSED)])
async def test_what_is_no_node_is_said(node: TestServer, path: str, exit_code: ExitCode) -> None:
    """A proxy's page or a text in place of JSON is an error with an exit code, never a traceback."""
    async with Client(url_of(node)) as client:
        with pytest.raises(CliError) as caught:
            await client.get(path)

    assert caught.value.exit_code == exit_code


async def test_nobody_at_the_address() -> None:
    """A closed port is unreachable, and the next step names how to start a node."""
    async with Client("http://127.0.0.1:9") as client:
        with pytest.raises(UnreachableError) as caught:
            await client.network()

    assert "mutirao serve" in caught.value.next_step


async def test_lists_are_read_page_by_page(node: TestServer) -> None:
    """All rows come once and in order, or as many as were asked for."""
    async with Client(url_of(node)) as client:
        every = [row["n"] async for row in client.pages("/page", "listings")]
        some = [row["n"] async for row in client.pages("/page", "listings", limit=130)]

    assert every == list(range(250))
    assert some == list(range(130))


async def test_records_get_their_own_answers(node: TestServer) -> None:
    """Each record has its outcome in order, across submissions of a hundred."""
    author = Author(signer=keys.new_signer("ana"), agent=bytes(32), home=b"\x07" * 32)
    records = [author.make("post", {"type": "story", "title": str(at), "text": "Era uma vez."}) for at in range(101)]
    done: list[int] = []
    async with Client(url_of(node)) as client:
        outcomes = await client.submit(records, done.append)

    assert done == [100, 1]
    assert [outcome.record for outcome in outcomes] == [to_text("post", record.id) for record in records]
    assert [outcome.code for outcome in outcomes[:3]] == ["", "stale", ""]
    assert [outcome.again for outcome in outcomes[:3]] == [False, False, True]
    with pytest.raises(RefusedError, match="Old"):
        outcomes[1].check()


async def test_a_session_belongs_to_later_requests(node: TestServer) -> None:
    """The login is signed for this node's origin and network, and its token travels as a bearer."""
    signer = keys.new_signer("ana")
    async with Client(url_of(node)) as client:
        await client.log_in(seed=signer.sign_seed, public=signer.public, agent=bytes(32))
        seen = await client.get("/whoami")

    assert seen == {"authorization": "Bearer secret"}


def test_ids_are_checked_as_they_are_typed() -> None:
    """Another kind or a cut id is a usage problem."""
    text = to_text("offer", bytes(32))

    assert identifier_of(text, "offer") == bytes(32)
    for wrong in (text[:-1], text.upper(), "offer:", to_text("need", bytes(32))):
        with pytest.raises(UsageProblemError):
            identifier_of(wrong, "offer")


def test_json_is_what_the_client_sends_back_unharmed() -> None:
    """Outcomes keep the whole answer for --json."""
    assert json.loads(json.dumps(_result(0, bytes(32))))["recorded"]["index"] == 0
