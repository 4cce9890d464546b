"""`mutirao mandate`: let somebody draw from your account, draw on a mandate, end it."""

from __future__ import annotations

from pathlib import Path

import click

from cli.amounts import money_text
from cli.commands.options import DAY, IdentifierType
from cli.connection import desk
from cli.instructions import body_of, consent_record, credit_of, day_text, draw_record, items, mandate_record
from cli.payments import send_payment
from cli.settings import Group, Settings, asynchronous
from protocol.identifiers import from_text, to_text
from protocol.kinds.requests import Period

MANDATE = IdentifierType("mandate")


@click.group(cls=Group)
def mandate() -> None:
    """Let somebody draw from your account up to an amount a day, week or month."""


@mandate.command("allow")
@click.argument("payee", type=IdentifierType("agent"))
@click.argument("amount")
@click.option("--each", "period", required=True, type=click.Choice([each.value for each in Period]))
@click.option("--until", required=True, type=DAY, help="Until which day, such as 2027-12-31.")
@click.option("--for", "text", help="What it is for.")
@asynchronous
async def allow(settings: Settings, *, payee: str, amount: str, period: str, until: int, text: str | None) -> None:
    """Let PAYEE draw up to AMOUNT each day, week or month from your account, signed with --key."""
    async with desk(settings) as at:
        money = credit_of(at, amount)
        record = mandate_record(at.author, from_text(payee)[1], money, period=period, until_ms=until, text=text)
        outcome = await at.client.submit_one(record)
        said = {"symbol": at.credit.symbol or at.credit.name, "exponent": at.credit.exponent, **money}
    identifier = to_text("mandate", record.id)
    settings.output.result(
        {"mandate": identifier, "period": period, **money, **outcome.answer},
        [f"Allowed: {money_text(said)} each {period}, until {day_text(until)}", identifier],
    )


@mandate.command("draw")
@click.argument("identifier", metavar="MANDATE", type=MANDATE)
@click.argument("amount")
@click.option("--for", "text", help="What it is for.")
@click.option("--request", type=IdentifierType("request"), help="Your request that it pays.")
@click.option("--keep", type=click.Path(dir_okay=False, path_type=Path), help="Write the signed payment here first.")
@asynchronous
async def draw(
    settings: Settings, *, identifier: str, amount: str, text: str | None, request: str | None, keep: Path | None
) -> None:
    """Draw AMOUNT on a MANDATE that was given to you, signed with --key.

    If the connection breaks before the answer comes, `mutirao pay --again FILE` asks what became of it.
    """
    async with desk(settings) as at:
        await at.log_in()
        record = draw_record(
            at.author,
            (from_text(identifier)[1], await body_of(at, identifier)),
            credit_of(at, amount),
            text=text,
            request=from_text(request)[1] if request else None,
        )
        outcome = await send_payment(at, settings, record, keep)
    settings.output.result({"transfer": to_text("transfer", record.id), **outcome.answer}, "Drawn.")


@mandate.command("list")
@click.option("--all", "ended_too", is_flag=True, help="Also those that have ended.")
@asynchronous
async def list_mandates(settings: Settings, ended_too: bool) -> None:
    """List the mandates that you gave or hold, newest first."""
    async with desk(settings) as at:
        await at.log_in()
        views = [view for view in await items(at, "mandate") if ended_too or view["is_open"]]
    if settings.output.json_wanted:
        settings.output.result(views)
        return
    rows = [
        {
            "payer": view["payer"]["name"],
            "payee": view["payee"]["name"],
            "amount": money_text(view["amount"]),
            "drawn": money_text(view["done"]),
            "state": view["state"],
            "period": view.get("period"),
            "text": view.get("text"),
            "id": view["id"],
        }
        for view in views
    ]
    columns = [
        ("payer", "from"), ("payee", "draws"), ("amount", "amount>"), ("period", "each"),
        ("drawn", "drawn in this one>"), ("state", "state"), ("text", "for"), ("id", "id"),
    ]  # fmt: skip
    settings.output.table(rows, columns, empty="There is no mandate.")


@mandate.command("end")
@click.argument("identifier", metavar="MANDATE", type=MANDATE)
@click.option("--for", "text", help="Why.")
@asynchronous
async def end(settings: Settings, identifier: str, text: str | None) -> None:
    """End a mandate that you gave or hold; nothing can be drawn after that."""
    async with desk(settings) as at:
        record = consent_record(at.author, from_text(identifier)[1], agree=False, text=text)
        outcome = await at.client.submit_one(record)
    settings.output.result({"mandate": identifier, **outcome.answer}, "The mandate has ended.")
