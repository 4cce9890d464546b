"""`mutirao request`: ask somebody for credit, see what is asked, decline or withdraw it."""

from __future__ import annotations

from typing import Any

import click

from cli.amounts import money_text
from cli.commands.options import DAY, IdentifierType
from cli.connection import desk
from cli.errors import UsageProblemError
from cli.instructions import (
    body_of,
    consent_record,
    credit_of,
    day_text,
    instalments_of,
    items,
    official_of,
    request_record,
    still_open,
)
from cli.settings import Group, Settings, asynchronous
from protocol.identifiers import from_text, to_text
from protocol.kinds import read_as
from protocol.kinds.requests import Request
from protocol.ledger.requests import open_parts

REQUEST = IdentifierType("request")


@click.group(cls=Group)
def request() -> None:
    """Ask somebody for credit, in one sum or in instalments."""


@request.command("ask")
@click.argument("payer", type=IdentifierType("agent"))
@click.argument("amount")
@click.option("--due", type=DAY, help="Until which day, such as 2027-03-31; not with instalments.")
@click.option("--instalment", "parts", multiple=True, help="A day and its part, such as 2027-01-31=20,00.")
@click.option("--for", "text", help="What it is for.")
@click.option("--order", type=IdentifierType("order"), help="The order that it is for.")
@click.option("--official", help="What is asked beside it in official money, such as “6,50 BRL”.")
@asynchronous
async def ask(
    settings: Settings,
    *,
    payer: str,
    amount: str,
    due: int | None,
    parts: tuple[str, ...],
    text: str | None,
    order: str | None,
    official: str | None,
) -> None:
    """Ask PAYER for AMOUNT of your network's credit, signed with --key.

    Nothing moves until it is paid.
    """
    if (due is None) == (not parts):
        raise UsageProblemError("Give the day with --due, or each instalment with its day.", next_step="--due DAY")
    async with desk(settings) as at:
        money = credit_of(at, amount)
        instalments = instalments_of(at, parts)
        record = request_record(
            at.author,
            from_text(payer)[1],
            money,
            due_ms=instalments[-1][0] if due is None else due,
            instalments=instalments,
            order=from_text(order)[1] if order else None,
            text=text,
            official=official_of(at, official) if official else None,
        )
        outcome = await at.client.submit_one(record)
        said = {"symbol": at.credit.symbol or at.credit.name, "exponent": at.credit.exponent, **money}
    identifier = to_text("request", record.id)
    settings.output.result(
        {"request": identifier, **money, **outcome.answer}, [f"Asked for: {money_text(said)}", identifier]
    )


@request.command("list")
@click.option("--all", "closed_too", is_flag=True, help="Also what was paid, declined, withdrawn or has ended.")
@asynchronous
async def list_requests(settings: Settings, closed_too: bool) -> None:
    """List what you ask and what you are asked for, newest first."""
    async with desk(settings) as at:
        await at.log_in()
        views = [view for view in await items(at, "request") if closed_too or view["is_open"]]
    if settings.output.json_wanted:
        settings.output.result(views)
        return
    rows = [
        {
            "payer": view["payer"]["name"],
            "payee": view["payee"]["name"],
            "state": view["state"],
            "due": day_text(view.get("due_ms")),
            "text": view.get("text"),
            "amount": money_text(view["amount"]),
            "paid": money_text(view["done"]),
            "id": view["id"],
        }
        for view in views
    ]
    columns = [
        ("payee", "asks"), ("payer", "is asked"), ("amount", "amount>"), ("paid", "paid>"), ("due", "by"),
        ("state", "state"), ("text", "for"), ("id", "id"),
    ]  # fmt: skip
    settings.output.table(rows, columns, empty="Nothing is asked.")


@request.command("show")
@click.argument("identifier", metavar="REQUEST", type=REQUEST)
@asynchronous
async def show(settings: Settings, identifier: str) -> None:
    """Show a request: what it is for, and which parts are still to be paid by when."""
    async with desk(settings) as at:
        await at.log_in()
        body = read_as(Request, await body_of(at, identifier))
        left = await still_open(at, identifier)
        parts: list[dict[str, Any]] = [
            {"due_ms": due_ms, "unit": body.unit, "amount": amount, "symbol": at.credit.symbol or at.credit.name,
             "exponent": at.credit.exponent}
            for due_ms, amount in open_parts(body, body.amount - left)
        ]  # fmt: skip
    purpose = "" if body.purpose is None else body.purpose.text or ""
    lines = [f"{day_text(part['due_ms'])}: {money_text(part)}" for part in parts]
    settings.output.result(
        {"request": identifier, "open": left, "amount": body.amount, "parts": parts, "purpose": purpose},
        [purpose, *(lines or ["Nothing is open."])],
    )


@request.command("decline")
@click.argument("identifier", metavar="REQUEST", type=REQUEST)
@click.option("--for", "text", help="Why.")
@asynchronous
async def decline(settings: Settings, identifier: str, text: str | None) -> None:
    """Decline a request that you are asked, or withdraw your own; what was paid stays paid."""
    async with desk(settings) as at:
        record = consent_record(at.author, from_text(identifier)[1], agree=False, text=text)
        outcome = await at.client.submit_one(record)
    settings.output.result({"request": identifier, **outcome.answer}, "It is no longer asked.")
