"""Talking to a node: the one user of aiohttp on this side.

Rules: every answer is bounded and must have the shape that the API states; an error answer becomes a `RefusedError`
with the node's own code, message and next step; no answer becomes an `UnreachableError`. Records travel as the bytes
that were signed, in one canonical MessagePack array. Source: docs/spec/08-http.md.
"""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp

from cli.errors import CliError, FailedCheckError, RefusedError, UnreachableError
from protocol import codec
from protocol.errors import RemoteProtocolError
from protocol.identifiers import from_text
from protocol.limits import LOGIN_NONCE_BYTES, RECORDS_PER_SUBMIT_MAX
from protocol.login import Login, sign_login
from protocol.record import Record, encode_record

BASE = "/api/v1"
MSGPACK = "application/msgpack"
ANSWER_BYTES_MAX = 32 * 1024 * 1024
CONNECT_S = 5.0
TOTAL_S = 60.0
LOGIN_LIFE_MS = 5 * 60 * 1000
PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the node answered to one record.

    Attributes:
        record: The record's id as text, None where it couldn't be read.
        recorded: Whether it stands in a feed now.
        again: It stood there before; this is the first answer again.
        word: What the ledger made of an instruction, such as posted or proposed; "" for other records.
        code: The refusal's code, or "".
        message: The refusal's sentence, or "".
        next_step: What to do about it, or "".
        answer: The whole answer.
    """

    record: str | None
    recorded: bool
    again: bool
    word: str
    code: str
    message: str
    next_step: str
    answer: dict[str, Any]

    def check(self) -> Outcome:
        """Give the outcome back, or raise its refusal.

        Raises:
            RefusedError: the record was refused.
        """
        if not self.recorded or self.code:
            raise RefusedError(self.message, code=self.code, next_step=self.next_step, details={"record": self.record})
        return self


class Client:
    """One node's API.

    Args:
        url: its address, without a slash at the end.
        total_s: how long one answer may take, in seconds.
    """

    def __init__(self, url: str, *, total_s: float = TOTAL_S) -> None:
        self.url = url
        self._timeout = aiohttp.ClientTimeout(total=total_s, sock_connect=CONNECT_S)
        self._session: aiohttp.ClientSession | None = None
        self._token: str | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=self._timeout, headers={"Accept": "application/json"})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    # ------------------------------------------------------------------------------------------------------- reading

    async def get(self, path: str, **query: str | int | None) -> Any:
        """Fetch one JSON answer from under `/api/v1`.

        Args:
            path: with its leading slash.
            query: parameters; None is left out.

        Raises:
            RefusedError, UnreachableError, FailedCheckError: see the module.
        """
        parameters = {name: str(value) for name, value in query.items() if value is not None}
        return _parsed(await self._send("GET", BASE + path, params=parameters), self.url + path)

    async def get_bytes(self, path: str, *, accept: str = "*/*", **query: str | int | None) -> bytes:
        """Fetch one answer as it is, from a path as it stands (`/api/v1/…`, `/healthz`)."""
        parameters = {name: str(value) for name, value in query.items() if value is not None}
        return await self._send("GET", path, params=parameters, headers={"Accept": accept})

    async def pages(
        self, path: str, name: str, *, limit: int | None = None, **query: str | int | None
    ) -> AsyncIterator[dict[str, Any]]:
        """Go through a list page by page.

        Args:
            path: of the list.
            name: the field of the answer that holds the rows.
            limit: how many rows at most; None for all.
            query: further parameters.

        Yields:
            One row after another.
        """
        cursor: str | None = None
        given = 0
        while True:
            answer = _mapping(await self.get(path, limit=min(limit or PAGE, PAGE), cursor=cursor, **query), path)
            for row in answer.get(name) or []:
                yield row
                given += 1
                if limit is not None and given >= limit:
                    return
            cursor = answer.get("cursor")
            if cursor is None or not answer.get(name):
                return  # A page without rows is the last, whatever its cursor says.

    async def network(self) -> dict[str, Any]:
        """Give the network that the node serves."""
        return _mapping(await self.get("/network"), "/network")

    async def network_id(self) -> bytes:
        """Give the network's id, 32 bytes."""
        return from_text(str((await self.network())["id"]))[1]

    # ------------------------------------------------------------------------------------------------------- writing

    async def submit(self, records: Sequence[Record], advance: Callable[[int], None] | None = None) -> list[Outcome]:
        """Send records, in order, a hundred at once.

        Args:
            records: what was signed.
            advance: is told how many more were answered.

        Returns:
            One outcome for each record, refusals among them.
        """
        outcomes: list[Outcome] = []
        for start in range(0, len(records), RECORDS_PER_SUBMIT_MAX):
            batch = records[start : start + RECORDS_PER_SUBMIT_MAX]
            body = codec.encode([encode_record(record) for record in batch])
            data = await self._send("POST", BASE + "/records", data=body, headers={"Content-Type": MSGPACK})
            results = _mapping(_parsed(data, "/records"), "/records").get("results")
            if not isinstance(results, list) or len(results) != len(batch):
                raise FailedCheckError(f"{self.url} didn't answer every record.", code="bad_answer")
            outcomes.extend(_outcome(result) for result in results)
            if advance is not None:
                advance(len(batch))
        return outcomes

    async def submit_one(self, record: Record) -> Outcome:
        """Send one record.

        Raises:
            RefusedError: the node refused it.
        """
        return (await self.submit([record]))[0].check()

    async def post(self, path: str, value: Mapping[str, Any]) -> Any:
        """Send a JSON document to under `/api/v1`."""
        return _parsed(await self._send("POST", BASE + path, json=value), path)

    async def delete(self, path: str) -> Any:
        """Remove what a path names."""
        data = await self._send("DELETE", BASE + path)
        return _parsed(data, path) if data else None

    async def log_in(self, *, seed: bytes, public: bytes, agent: bytes) -> None:
        """Open a session by a signed document; later requests of this client belong to it.

        Args:
            seed: 32 bytes, the private key.
            public: 32 bytes, its public key.
            agent: 32 bytes, who logs in; the network itself for its operator.
        """
        offer = _mapping(await self.get("/session"), "/session")
        document, signature = sign_login(
            Login(
                agent=agent,
                expires_ms=int(offer["now_ms"]) + LOGIN_LIFE_MS,
                key=public,
                network=from_text(str(offer["network"]))[1],
                nonce=secrets.token_bytes(LOGIN_NONCE_BYTES),
                origin=str(offer["origin"]),
            ),
            seed=seed,
        )
        answer = _mapping(
            await self.post("/session", {"document": _base64(document), "signature": _base64(signature)}), "/session"
        )
        self._token = str(answer["token"])

    # ------------------------------------------------------------------------------------------------------ plumbing

    async def _send(self, method: str, path: str, **arguments: Any) -> bytes:
        assert self._session is not None, "a client is used inside `async with`"
        headers = dict(arguments.pop("headers", {}))
        if self._token is not None:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            async with self._session.request(
                method, self.url + path, headers=headers, allow_redirects=False, **arguments
            ) as answer:
                data = await _bounded(answer, self.url)
                if answer.status >= 300:
                    raise _error_of(answer.status, data, self.url)
                return data
        except TimeoutError as error:
            raise UnreachableError(
                f"{self.url} didn't answer in time.", code="timeout", next_step="Try again; see the node's log."
            ) from error
        except (aiohttp.ClientError, ConnectionError) as error:
            raise UnreachableError(
                f"Nothing answers at {self.url} ({_reason(error)}).",
                code="unreachable",
                next_step="Check the address, or start the node there: mutirao serve DIR.",
            ) from error


@asynccontextmanager
async def opened(url: str, *, total_s: float = TOTAL_S) -> AsyncIterator[Client]:
    """Open a client for the length of a block."""
    async with Client(url, total_s=total_s) as client:
        yield client


async def wait_until_ready(url: str, *, seconds: float, is_alive: Callable[[], bool]) -> None:
    """Wait until a node that is being started says that it is ready.

    Args:
        url: its address.
        seconds: how long to wait.
        is_alive: whether its process still runs.

    Raises:
        UnreachableError: it ended, or isn't ready in time.
    """
    async with Client(url, total_s=5) as client:
        try:
            async with asyncio.timeout(seconds):
                while is_alive():
                    try:
                        await client.get_bytes("/readyz")
                    except CliError:
                        await asyncio.sleep(0.05)
                    else:
                        return
        except TimeoutError as error:
            raise UnreachableError(f"The node at {url} isn't ready after {seconds:.0f} s.") from error
    raise UnreachableError(f"The node for {url} ended before it was ready.")


async def _bounded(answer: aiohttp.ClientResponse, url: str) -> bytes:
    data = bytearray()
    async for chunk in answer.content.iter_any():
        data += chunk
        if len(data) > ANSWER_BYTES_MAX:
            raise FailedCheckError(f"{url} answers with more than {ANSWER_BYTES_MAX} bytes.", code="bad_answer")
    return bytes(data)


def _error_of(status: int, data: bytes, url: str) -> CliError:
    try:
        shape = json.loads(data)["error"]
        code, message, next_step = str(shape["code"]), str(shape["message"]), str(shape["next_step"])
    except (ValueError, KeyError, TypeError):
        return UnreachableError(
            f"{url} answers with HTTP {status}, and not as a node of Mutirão does.",
            code="bad_answer",
            next_step="Check the address.",
        )
    kind = UnreachableError if status == 503 else RefusedError
    return kind(message, code=code, next_step=next_step, details={"status": status})


def _outcome(result: Any) -> Outcome:
    recorded = result.get("recorded")
    refusal = result.get("refused") or (recorded or {}).get("void") or {}
    return Outcome(
        record=result.get("id"),
        recorded=recorded is not None,
        again=bool((recorded or {}).get("again")),
        word=str((recorded or {}).get("outcome") or ""),
        code=str(refusal.get("code", "")),
        message=str(refusal.get("message", "")),
        next_step=str(refusal.get("next_step", "")),
        answer=result,
    )


def _parsed(data: bytes, path: str) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise FailedCheckError(
            f"The answer for {path} is not JSON.", code="bad_answer", next_step="Check the address of the node."
        ) from error


def _mapping(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FailedCheckError(f"The answer for {path} is not an object.", code="bad_answer")
    return value


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _reason(error: BaseException) -> str:
    cause = getattr(error, "os_error", None) or error
    return str(getattr(cause, "strerror", None) or cause or type(error).__name__)


def identifier_of(text: str, *kinds: str) -> bytes:
    """Read an id that a person typed.

    Args:
        text: like ``offer:bqx…``.
        kinds: what it may be of; any if none is given.

    Raises:
        CliError: it isn't an id, or one of another kind; exit code 2.
    """
    from cli.errors import UsageProblemError

    try:
        kind, identifier = from_text(text.strip())
    except RemoteProtocolError as error:
        raise UsageProblemError(
            error.message + ".", code=str(error.code), next_step="Copy the id as it is printed."
        ) from error
    if kinds and kind not in kinds:
        raise UsageProblemError(
            f"{text} begins with {kind}:, wanted is one with {': or '.join(kinds)}:.",
            code="wrong_kind",
            next_step="Copy the other id.",
        )
    return identifier
