"""Holds and resolutions as signed records, and holds as a node shows them, for a reader.

Source: docs/spec/04-ledger.md L-50 to L-58.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cli.amounts import money_text
from cli.errors import RefusedError, UsageProblemError
from cli.records import Author
from protocol.identifiers import from_text
from protocol.record import Record

if TYPE_CHECKING:
    from cli.client import Client

DAY_MS = 24 * 3600 * 1000
HOLD_DAYS = 30
"""Days for which credit is set aside where nothing else is said."""


def hold_record(
    payer: Author,
    payee: bytes,
    money: Mapping[str, Any],
    *,
    expires_ms: int,
    text: str | None = None,
    order: bytes | None = None,
    payee_posts_from_ms: int | None = None,
    mediators: Sequence[bytes] = (),
) -> Record:
    """Make the payer's instruction to set credit aside.

    Args:
        payer: whose credit it is, and who signs.
        payee: for whom, 32 bytes.
        money: unit and minor units.
        expires_ms: when what wasn't paid is free again.
        text: what it is for.
        order: the order that it pays, 32 bytes.
        payee_posts_from_ms: from when on the payee may take it alone.
        mediators: the two who decide a dispute.
    """
    body: dict[str, Any] = {
        "ledger": payer.home,
        "payer": payer.agent,
        "payee": payee,
        "amount": money["amount"],
        "unit": money["unit"],
        "expires_ms": expires_ms,
    }
    purpose = {name: value for name, value in (("text", text), ("order", order)) if value is not None}
    if purpose:
        body["purpose"] = purpose
    if payee_posts_from_ms is not None:
        body["payee_posts_from_ms"] = payee_posts_from_ms
    if mediators:
        body["mediators"] = list(mediators)
    return payer.make("hold", body)


def resolution_record(
    author: Author,
    hold: str,
    action: str,
    *,
    amount: int | None = None,
    text: str | None = None,
    minutes: Mapping[str, Any] | None = None,
) -> Record:
    """Make what somebody says becomes of a hold.

    Args:
        author: payer, payee or mediator, or a treasurer for the assembly.
        hold: its id as text.
        action: post, void or dispute.
        amount: how many minor units are posted; None for the whole.
        text: why.
        minutes: where the assembly decided it.
    """
    body: dict[str, Any] = {"hold": from_text(hold)[1], "action": action}
    if amount is not None:
        body["amount"] = amount
    if text:
        body["text"] = text
    if minutes is not None:
        body["minutes"] = dict(minutes)
    return author.make("resolution", body)


def mediators_of(identifiers: Sequence[str]) -> list[bytes]:
    """Read the mediators that were given: two, or nobody.

    Raises:
        UsageProblemError: there is one, or more than two.
    """
    if len(identifiers) not in {0, 2}:
        raise UsageProblemError(
            f"Two mediators decide together; {len(identifiers)} given.", next_step="Give --mediator twice, or not."
        )
    return [from_text(identifier)[1] for identifier in identifiers]


async def open_hold_of(client: Client, order: str, payer: bytes) -> dict[str, Any] | None:
    """Give the payer's open hold for an order, as its view; None where there is none.

    Args:
        client: logged in.
        order: its id as text.
        payer: 32 bytes.
    """
    views = (await client.get("/ledger/items", kind="hold", limit=500))["items"]
    for view in views:
        is_ours = view.get("order") == order and from_text(view["payer"]["id"])[1] == payer
        if is_ours and view.get("is_open"):
            return dict(view)
    return None


def due_of(order: Mapping[str, Any], unit: str) -> int:
    """Give what an order costs in a unit, in minor units.

    Raises:
        RefusedError: nothing of it is to be paid in that unit.
    """
    amount = sum(int(part["amount"]) for part in order.get("total", []) if part["unit"] == unit)
    if amount <= 0:
        raise RefusedError(
            "Nothing of this order is to be paid in your network's credit.",
            code="nothing_due",
            next_step="Look at its total with: mutirao order show ORDER.",
        )
    return amount


def hold_row(view: Mapping[str, Any]) -> dict[str, Any]:
    """Give the row of a hold in a list."""
    return {
        "payer": view["payer"]["name"],
        "payee": view["payee"]["name"],
        "amount": money_text(view["amount"]),
        "state": view["state"],
        "until": day_of(view.get("until_ms")),
        "for": view.get("text") or view.get("order"),
        "id": view["id"],
    }


def day_of(time_ms: int | None) -> str:
    """Write a time for a reader, to the minute; a dash where there is none."""
    return "-" if time_ms is None else datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
