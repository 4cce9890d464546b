"""Instructions to the ledger beyond a payment: from what was typed to signed records, and back.

Source: docs/spec/04-ledger.md L-47 to L-49, L-60 to L-69.

Tests: tests/cli/commands/test_requests.py, tests/cli/commands/test_mandates.py
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cli.amounts import money_of
from cli.connection import Desk
from cli.errors import UsageProblemError
from cli.records import Author, now_ms
from cli.values import ValueProblemError, day_ms
from protocol.errors import RemoteProtocolError
from protocol.identifiers import from_text
from protocol.record import Record, decode_record

NONCE_BYTES = 16
ITEMS_MAX = 500
DRAW_LIFE_MS = 3600 * 1000


def request_record(
    payee: Author,
    payer: bytes,
    money: Mapping[str, Any],
    *,
    due_ms: int,
    instalments: Iterable[tuple[int, int]] = (),
    order: bytes | None = None,
    text: str | None = None,
    official: Mapping[str, Any] | None = None,
) -> Record:
    """Make a payee's request for credit.

    Args:
        payee: who asks, and signs.
        payer: who is asked, 32 bytes.
        money: unit and minor units, all instalments together.
        due_ms: until when; of instalments the last one's day.
        instalments: days and minor units.
        order: the order that it is for, 32 bytes.
        text: what it is for.
        official: what is asked beside it in official money.
    """
    purpose = {name: value for name, value in (("order", order), ("text", text)) if value is not None}
    parts = [{"due_ms": day, "amount": amount} for day, amount in instalments]
    more = {"purpose": purpose, "instalments": parts, "official": official}
    body = {**_between(payee.home, payer, payee.agent, money), "due_ms": due_ms}
    return payee.make("request", body | {name: value for name, value in more.items() if value})


def mandate_record(
    payer: Author, payee: bytes, money: Mapping[str, Any], *, period: str, until_ms: int, text: str | None = None
) -> Record:
    """Make a payer's mandate.

    Args:
        payer: from whose account, and who signs.
        payee: who may draw, 32 bytes.
        money: unit and minor units a period.
        period: day, week or month.
        until_ms: until when.
        text: what it is for.
    """
    body = {**_between(payer.home, payer.agent, payee, money), "period": period, "until_ms": until_ms}
    return payer.make("mandate", body | ({"text": text} if text else {}))


def draw_record(
    payee: Author,
    mandate: tuple[bytes, Mapping[str, Any]],
    money: Mapping[str, Any],
    *,
    text: str | None = None,
    request: bytes | None = None,
) -> Record:
    """Make the transfer by which a payee draws on a mandate.

    Args:
        payee: who draws, and signs.
        mandate: its id, 32 bytes, and its body.
        money: unit and minor units.
        text: what it is for.
        request: the request that it pays, 32 bytes.
    """
    identifier, allowed = mandate
    purpose = {name: value for name, value in (("request", request), ("text", text)) if value is not None}
    body = {**_between(payee.home, allowed["payer"], allowed["payee"], money), "mandate": identifier}
    body["expires_ms"] = now_ms() + DRAW_LIFE_MS
    return payee.make("transfer", body | ({"purpose": purpose} if purpose else {}))


def reversal_record(
    author: Author, transfer: bytes, paid: Mapping[str, Any], amount: int, *, text: str | None = None
) -> Record:
    """Make the proposal to move a transfer back.

    Args:
        author: one of its two sides.
        transfer: its id, 32 bytes.
        paid: its body.
        amount: minor units that go back.
        text: why.
    """
    money = {"unit": paid["unit"], "amount": amount}
    body = {**_between(author.home, paid["payee"], paid["payer"], money), "transfer": transfer}
    return author.make("reversal", body | ({"text": text} if text else {}))


def consent_record(author: Author, identifier: bytes, *, agree: bool, text: str | None = None) -> Record:
    """Make an answer to what waits for one: an act, a request, a mandate, an official part.

    Args:
        author: who answers.
        identifier: what is answered, 32 bytes.
        agree: yes or no.
        text: in words.
    """
    body: dict[str, Any] = {"instruction": identifier, "agree": agree}
    return author.make("consent", body | ({"text": text} if text else {}))


async def body_of(at: Desk, identifier: str) -> dict[str, Any]:
    """Read what an instruction says, as one of its sides; the desk is logged in.

    Raises:
        UsageProblemError: its body can't be read.
    """
    view = await at.client.get(f"/records/{identifier}")
    try:
        return dict(decode_record(base64.b64decode(view["data"])).body_value())
    except (RemoteProtocolError, ValueError, KeyError) as error:
        raise UsageProblemError(f"{identifier} can't be read.", next_step="Check the id.") from error


async def items(at: Desk, kind: str | None = None, state: str | None = None) -> list[dict[str, Any]]:
    """Read what the ledger remembers for a member, newest first; the desk is logged in."""
    view = await at.client.get("/ledger/items", kind=kind, state=state, limit=ITEMS_MAX)
    return list(view["items"])


async def still_open(at: Desk, request: str) -> int:
    """Give what is still to be paid of a request, in minor units; all of it where the node no longer lists it."""
    wanted = from_text(request)[1]
    for view in await items(at, "request"):
        if from_text(view["id"])[1] == wanted:
            return int(view["amount"]["amount"]) - int(view["done"]["amount"])
    return int((await body_of(at, request))["amount"])


def credit_of(at: Desk, text: str) -> dict[str, Any]:
    """Read an amount of the network's credit.

    Raises:
        UsageProblemError: it can't be read.
    """
    try:
        return money_of(text, at.credit)
    except ValueProblemError as error:
        raise UsageProblemError(error.message, next_step=error.next_step) from error


def official_of(at: Desk, text: str) -> dict[str, Any]:
    """Read an amount of official money, such as ``BRL 6,50``.

    Raises:
        UsageProblemError: it can't be read, or is credit.
    """
    money = credit_of(at, text)
    if money["unit"].startswith("agent:"):
        raise UsageProblemError(
            f"“{text[:40]}” is no official money.", next_step="Write it with its currency, such as “6,50 BRL”."
        )
    return money


def instalments_of(at: Desk, texts: Iterable[str]) -> list[tuple[int, int]]:
    """Read instalments such as ``2027-01-31=20,00``, in the order of their days.

    Raises:
        UsageProblemError: one can't be read.
    """
    found = []
    for text in texts:
        day, sign, amount = text.partition("=")
        if not sign:
            raise UsageProblemError(f"“{text[:40]}” has no amount.", next_step="Write it like 2027-01-31=20,00.")
        try:
            found.append((day_ms(day), credit_of(at, amount)["amount"]))
        except ValueProblemError as error:
            raise UsageProblemError(error.message, next_step=error.next_step) from error
    return sorted(found)


def day_text(time_ms: int | None) -> str:
    """Write the day of a time, in UTC; nothing for None."""
    return "" if time_ms is None else datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d")


def _between(ledger: bytes, payer: bytes | None, payee: bytes | None, money: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ledger": ledger,
        "payer": payer,
        "payee": payee,
        "unit": money["unit"],
        "amount": money["amount"],
        "nonce": secrets.token_bytes(NONCE_BYTES),
    }
