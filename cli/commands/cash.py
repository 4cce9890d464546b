"""`mutirao cash`: the cash book of official money."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli.amounts import money_text
from cli.books.days import FROM, TO, PastDayType
from cli.cash import agree_record, is_within, moment_of, official_of, pieces_of, read_cash, who_text
from cli.commands.options import IdentifierType, without_nothing
from cli.connection import Desk, desk
from cli.errors import UsageProblemError
from cli.settings import Group, Settings, asynchronous
from protocol.identifiers import from_text, to_text

BOX = click.option("--box", required=True, help="The box that it lies in; the first money makes it.")
WHO = click.option("--who", type=IdentifierType("agent"), help="The agent who gave or took the money.")
NAME = click.option("--name", help="Who gave or took the money, where that is no agent.")
FOR = click.option("--for", "text", required=True, help="What it is for.")
ROUND = click.option("--round", "round_id", type=IdentifierType(), help="The offer or order that it belongs to.")
ON = click.option("--on", "day_ms", type=PastDayType(is_end=False), help="The day; today if not given.")


@click.group(cls=Group)
def cash() -> None:
    """Keep the cash book: official money, beside the credit and never mixed with it.

    Treasurer and clerk book, and count with a second person; operator and auditor read.
    """


@cash.command("in")
@click.argument("amount")
@BOX
@WHO
@NAME
@FOR
@ROUND
@ON
@asynchronous
async def money_in(settings: Settings, /, *, amount: str, **said: Any) -> None:
    """Book that AMOUNT, such as "120,00 BRL", came into a box."""
    await _book(settings, "in", amount, **said)


@cash.command("out")
@click.argument("amount")
@BOX
@WHO
@NAME
@FOR
@ROUND
@ON
@asynchronous
async def money_out(settings: Settings, /, *, amount: str, **said: Any) -> None:
    """Book that AMOUNT, such as "120,00 BRL", was taken out of a box."""
    await _book(settings, "out", amount, **said)


@cash.command("count")
@click.argument("box")
@click.argument("counted")
@click.option("--pieces", multiple=True, help="Notes or coins, such as 3x50,00; may be repeated.")
@click.option("--second", type=IdentifierType("agent"), help="Who counted too and signs; any officer if not given.")
@click.option("--note", help="In words, such as how a difference came about.")
@ON
@asynchronous
async def count(
    settings: Settings,
    *,
    box: str,
    counted: str,
    pieces: tuple[str, ...],
    second: str | None,
    note: str | None,
    day_ms: int | None,
) -> None:
    """Say that COUNTED, such as "120,00 BRL", lies in BOX; a second person then signs with `mutirao cash confirm`."""
    async with desk(settings) as at:
        money = official_of(counted, at.credit)
        body = {
            "box": box,
            "unit": money["unit"],
            "counted": money["amount"],
            "at_ms": moment_of(day_ms),
            "denominations": pieces_of(pieces, money["unit"]),
            "second": from_text(second)[1] if second else None,
            "note": note,
        }
        record = at.author.make("count", without_nothing(body))
        outcome = await at.client.submit_one(record)
    identifier = to_text("count", record.id)
    settings.output.result(
        {"count": identifier, **outcome.answer},
        ["Counted. It stands when a second person has signed:", f"mutirao cash confirm {identifier}"],
    )


@cash.command("confirm")
@click.argument("count_id", type=IdentifierType("count"))
@click.option("--no", "declined", is_flag=True, help="It was counted otherwise: the count falls.")
@click.option("--for", "text", help="In words.")
@asynchronous
async def confirm(settings: Settings, count_id: str, *, declined: bool, text: str | None) -> None:
    """Sign a count as the second person, with your own --key."""
    async with desk(settings) as at:
        record = agree_record(at.author, from_text(count_id)[1], agree=not declined, text=text)
        outcome = await at.client.submit_one(record)
    settings.output.result(
        {"count": count_id, "agree": not declined, **outcome.answer},
        "Not signed; the count falls." if declined else "Signed: the count stands.",
    )


@cash.command("book")
@click.option("--box", help="Only this box.")
@click.option("--round", "round_id", type=IdentifierType(), help="Only what belongs to this offer or order.")
@FROM
@TO
@click.option("--format", "form", type=click.Choice(("text", "csv")), default="text", show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file; printed if not given."
)
@asynchronous
async def book(
    settings: Settings,
    *,
    box: str | None,
    round_id: str | None,
    from_ms: int | None,
    until_ms: int | None,
    form: str,
    out: Path | None,
) -> None:
    """Show the cash book, the oldest line first, and what each box holds."""
    async with desk(settings) as at:
        await at.log_in()
        boxes, lines = await read_cash(at.client)
    wanted = from_text(round_id)[1] if round_id else None
    lines = [
        line
        for line in lines
        if box in {None, line["box"]}
        and (wanted is None or ("round" in line and from_text(line["round"])[1] == wanted))
        and is_within(line, from_ms, until_ms)
    ]
    boxes = [one for one in boxes if box in {None, one["box"]}]
    if form == "csv":
        _deliver(settings, out, lines)
    elif settings.output.json_wanted:
        settings.output.result({"boxes": boxes, "lines": lines})
    else:
        _show(settings, boxes, lines)


async def _book(
    settings: Settings,
    direction: str,
    amount: str,
    *,
    box: str,
    who: str | None,
    name: str | None,
    text: str,
    round_id: str | None,
    day_ms: int | None,
) -> None:
    if (who is None) == (name is None):
        raise UsageProblemError(
            "Who gave or took the money isn't said, or is said twice.", next_step="Give either --who ID or --name NAME."
        )
    async with desk(settings) as at:
        money = official_of(amount, at.credit)
        body = {
            "box": box,
            "direction": direction,
            **money,
            "purpose": text,
            "at_ms": moment_of(day_ms),
            "who": from_text(who)[1] if who else None,
            "name": name,
            "round": from_text(round_id)[1] if round_id else None,
        }
        record = at.author.make("cash", without_nothing(body))
        outcome = await at.client.submit_one(record)
        held = await _held(at, box, money["unit"])
    settings.output.result(
        {"cash": to_text("cash", record.id), "held": held, **outcome.answer},
        f"Booked. The box {box} holds {money_text(held)}.",
    )


async def _held(at: Desk, box: str, unit: str) -> dict[str, Any]:
    await at.log_in()
    boxes = (await at.client.get("/ledger/cash", limit=1))["boxes"]
    return next(dict(one["held"]) for one in boxes if (one["box"], one["held"]["unit"]) == (box, unit))


def _show(settings: Settings, boxes: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
    from cli.books.journal import day_of

    rows = [
        {
            "day": day_of(line["at_ms"]),
            "box": line["box"],
            "in": money_text(line["amount"]) if line.get("direction") == "in" else "",
            "out": money_text(line["amount"]) if line.get("direction") == "out" else "",
            "held": money_text(line["held"]),
            "counted": _counted(line),
            "who": who_text(line),
            "text": line.get("text"),
        }
        for line in lines
    ]
    columns = [("day", "day (UTC)"), ("box", "box"), ("in", "in>"), ("out", "out>"), ("held", "then>")]
    columns += [("counted", "counted>"), ("who", "who"), ("text", "for")]
    settings.output.table(rows, columns, empty="Nothing stands in the cash book.")
    for one in boxes:
        settings.output.note(f"{one['box']} holds {money_text(one['held'])}")


def _counted(line: dict[str, Any]) -> str:
    difference = line.get("difference")
    if difference is None:
        return ""
    extra = f" ({money_text(difference)})" if difference["amount"] else ""
    return money_text(line["amount"]) + extra


def _deliver(settings: Settings, out: Path | None, lines: list[dict[str, Any]]) -> None:
    from cli.books.tables import BYTE_ORDER_MARK, cash_csv

    text = cash_csv(lines)
    if out is None:
        settings.output.script({"text": text}, text.removesuffix("\n"))
        return
    try:
        out.write_text(BYTE_ORDER_MARK + text, encoding="utf-8", newline="")
    except OSError as error:
        raise UsageProblemError(
            f"{out} can't be written: {error.strerror}.", next_step="Choose another file."
        ) from error
    settings.output.result({"file": str(out)}, f"Written: {out}")
