"""`mutirao hold`: set credit aside for somebody, and pay it, give it back or dispute it later."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli.amounts import money_of, money_text
from cli.commands.options import DAY, IdentifierType
from cli.connection import Desk, desk
from cli.errors import UsageProblemError
from cli.holds import DAY_MS, HOLD_DAYS, hold_record, hold_row, mediators_of, resolution_record
from cli.minutes import minutes_if_any, minutes_options
from cli.records import now_ms
from cli.settings import Group, Settings, asynchronous
from cli.values import ValueProblemError
from protocol.identifiers import from_text, to_text

HOLD = IdentifierType("hold")
AGENT = IdentifierType("agent")
COLUMNS = [
    ("payer", "from"), ("payee", "for"), ("amount", "amount>"), ("state", "state"), ("until", "until (UTC)"),
    ("for", "what for"), ("id", "id"),
]  # fmt: skip


@click.group(cls=Group)
def hold() -> None:
    """Set credit aside for somebody, and say later what becomes of it."""


@hold.command("add")
@click.argument("payee", type=AGENT)
@click.argument("amount")
@click.option("--for", "text", help="What it is for.")
@click.option("--order", type=IdentifierType("order"), help="The order that it pays.")
@click.option("--until", type=DAY, help=f"The last day; {HOLD_DAYS} days from now if not given.")
@click.option("--payee-from", type=DAY, help="From this day on PAYEE may take it alone, unless it is disputed.")
@click.option("--mediator", "mediators", type=AGENT, multiple=True, help="Who decides a dispute; give two.")
@asynchronous
async def add(
    settings: Settings,
    *,
    payee: str,
    amount: str,
    text: str | None,
    order: str | None,
    until: int | None,
    payee_from: int | None,
    mediators: tuple[str, ...],
) -> None:
    """Set AMOUNT of your credit aside for PAYEE; it moves when you, or whom you name, say so."""
    named = mediators_of(mediators)
    async with desk(settings) as at:
        money = _money(amount, at)
        record = hold_record(
            at.author,
            from_text(payee)[1],
            money,
            expires_ms=until + 1 if until is not None else now_ms() + HOLD_DAYS * DAY_MS,
            text=text,
            order=from_text(order)[1] if order else None,
            payee_posts_from_ms=None if payee_from is None else payee_from + 1 - DAY_MS,
            mediators=named,
        )
        outcome = await at.client.submit_one(record)
        said = money_text({"symbol": at.credit.symbol or at.credit.name, "exponent": at.credit.exponent, **money})
    identifier = to_text("hold", record.id)
    settings.output.result({"hold": identifier, **money, **outcome.answer}, [f"Set aside: {said}.", identifier])


@hold.command("list")
@click.option("--all", "with_ended", is_flag=True, help="Those that have ended too.")
@click.option("--limit", type=click.IntRange(1, 500), default=100, show_default=True)
@asynchronous
async def list_holds(settings: Settings, *, with_ended: bool, limit: int) -> None:
    """List what is set aside by you or for you, newest first; officers see all."""
    async with desk(settings) as at:
        await at.log_in()
        views = (await at.client.get("/ledger/items", kind="hold", limit=limit))["items"]
    shown = [view for view in views if with_ended or view.get("is_open")]
    if settings.output.json_wanted:
        settings.output.result(shown)
        return
    settings.output.table(list(map(hold_row, shown)), COLUMNS, empty="Nothing is set aside.")


@hold.command("post")
@click.argument("identifier", metavar="HOLD", type=HOLD)
@click.argument("amount", required=False)
@click.option("--note", help="In words.")
@minutes_options(required=False)
@asynchronous
async def post(
    settings: Settings,
    *,
    identifier: str,
    amount: str | None,
    note: str | None,
    cited: str | None,
    minutes_file: Path | None,
) -> None:
    """Pay what is set aside, or AMOUNT of it; the rest is free again.

    A part of what the payee could also get from the mediators, or alone from some day on, waits for the payee's
    consent. A mediator's decision waits for that of the other one, and that of the assembly, which a treasurer signs
    with its minutes, for an auditor's.
    """
    await _resolve(settings, identifier, "post", amount, note, minutes_if_any(cited, minutes_file))


@hold.command("void")
@click.argument("identifier", metavar="HOLD", type=HOLD)
@click.option("--note", help="In words.")
@minutes_options(required=False)
@asynchronous
async def void(
    settings: Settings, *, identifier: str, note: str | None, cited: str | None, minutes_file: Path | None
) -> None:
    """Give back what is set aside for you; two mediators, or the assembly, may do so where it is disputed."""
    await _resolve(settings, identifier, "void", None, note, minutes_if_any(cited, minutes_file))


@hold.command("dispute")
@click.argument("identifier", metavar="HOLD", type=HOLD)
@click.option("--note", help="What is wrong, in words.")
@asynchronous
async def dispute(settings: Settings, *, identifier: str, note: str | None) -> None:
    """Say that you disagree: the payee can't take it alone any more, and the mediators decide."""
    await _resolve(settings, identifier, "dispute", None, note)


async def _resolve(
    settings: Settings,
    identifier: str,
    action: str,
    amount: str | None,
    note: str | None,
    minutes: dict[str, Any] | None = None,
) -> None:
    async with desk(settings) as at:
        minor = None if amount is None else int(_money(amount, at)["amount"])
        record = resolution_record(at.author, identifier, action, amount=minor, text=note, minutes=minutes)
        outcome = await at.client.submit_one(record)
        await at.log_in()
        items = (await at.client.get("/ledger/items", limit=500))["items"]
    states = {each["id"]: str(each["state"]) for each in items}
    text = to_text("resolution", record.id)
    waits = states.get(text) == "proposed"
    state = states.get(identifier, "sent")
    settings.output.result(
        {"hold": identifier, "resolution": text, "state": state, "waits": waits, **outcome.answer},
        ["Signed; it waits until the other one agrees:", f"mutirao consent {text}"]
        if waits
        else f"{identifier}: {state}.",
    )


def _money(text: str, at: Desk) -> dict[str, str | int]:
    try:
        return money_of(text, at.credit)
    except ValueProblemError as error:
        raise UsageProblemError(error.message, next_step=error.next_step) from error
