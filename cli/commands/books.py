"""What of `mutirao ledger` reads the books: transactions, statements, trial balances of any day, statistics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cli.amounts import CreditUnit, money_text
from cli.books.days import FROM, TO, PastDayType
from cli.commands.options import IdentifierType
from cli.connection import desk
from cli.errors import UsageProblemError
from cli.output import counted
from cli.records import now_ms
from cli.settings import Command, Settings, asynchronous
from cli.values import ValueProblemError, scaled
from protocol.identifiers import to_text

OUT = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file; printed if not given."
)
LANGUAGE = click.option(
    "--language", type=click.Choice(("pt-BR", "es", "en")), help="Of the page; the network's own if not given."
)
SOFT_LIMITS = {"soft_low": "below", "soft_high": "above"}
"""Where an account stands that is beyond a soft limit."""

MOVEMENT_COLUMNS = [
    ("when", "when (UTC)"),
    ("payer", "from"),
    ("payee", "to"),
    ("amount", "amount>"),
    ("kind", "kind"),
    ("text", "for"),
]


@click.command("transactions", cls=Command)
@click.option("--agent", type=IdentifierType("agent"), help="Only what this agent gave or received.")
@FROM
@TO
@click.option("--kind", help="Only of this kind of record, such as transfer, or of this type, such as dues.")
@click.option("--text", help="Only with these words in it, or in a name; case and accents don't matter.")
@click.option("--at-least", metavar="AMOUNT", help="Only of at least so much credit.")
@click.option("--at-most", metavar="AMOUNT", help="Only of at most so much credit.")
@click.option("--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="How many.")
@click.option("--format", "form", type=click.Choice(("text", "csv")), default="text", show_default=True)
@OUT
@asynchronous
async def transactions(settings: Settings, /, *, limit: int, form: str, out: Path | None, **filters: Any) -> None:
    """Show all movements of credit, newest first; members see their own.

    For operator, treasurer and auditor these are those of everybody; each option leaves out what doesn't fit it.
    """
    from cli.books import tables
    from cli.books.journal import minute_of, movements

    async with desk(settings) as at:
        await at.log_in()
        for name, option in (("amount_low", "at_least"), ("amount_high", "at_most")):
            filters[name] = _minor(filters.pop(option), at.credit)
        views = [view async for view in movements(at.client, limit=limit, **filters)]
        codes = {at.credit.unit: at.credit.symbol}
    if form == "csv":
        _deliver(settings, out, tables.movements_csv(views, codes), mark=tables.BYTE_ORDER_MARK)
        return
    if settings.output.json_wanted:
        settings.output.result(views)
        return
    rows = [
        {
            "when": minute_of(view["time_ms"]),
            "payer": view["payer"]["name"],
            "payee": view["payee"]["name"],
            "amount": money_text(view["amount"]),
            "kind": view.get("type") or view["kind"],
            "text": view.get("text"),
        }
        for view in views
    ]
    settings.output.table(rows, MOVEMENT_COLUMNS, empty="Nothing fits.")
    if len(views) == limit:
        settings.output.note(f"Only the newest {counted(limit, 'movement')}; --limit gives more.")


@click.command("statement", cls=Command)
@click.argument("agent", required=False, type=IdentifierType("agent"))
@FROM
@TO
@click.option("--format", "form", type=click.Choice(("text", "csv", "html")), default="text", show_default=True)
@OUT
@LANGUAGE
@asynchronous
async def statement(
    settings: Settings,
    *,
    agent: str | None,
    from_ms: int | None,
    until_ms: int | None,
    form: str,
    out: Path | None,
    language: str | None,
) -> None:
    """Show the movements of your account, the oldest first; officers may name an AGENT.

    As text, as CSV for a spreadsheet, or as a page to print, which is one file that needs nothing beside it.
    """
    from cli.books import page, tables
    from cli.books.statement import read_statement

    async with desk(settings) as at:
        await at.log_in()
        whose = agent or to_text("agent", at.author.agent or at.author.home)
        network = str(at.network["name"])
        made = await read_statement(at.client, network, whose, from_ms=from_ms, until_ms=until_ms)
        language = language or at.network.get("language")
    if form == "csv":
        _deliver(settings, out, tables.statement_csv(made.entries), mark=tables.BYTE_ORDER_MARK)
    elif form == "html":
        _deliver(settings, out, page.statement_page(made, language=language, today_ms=now_ms()))
    elif settings.output.json_wanted:
        settings.output.result(made.as_json())
    else:
        _show_statement(settings, made.entries, made.period)


@click.command("trial", cls=Command)
@click.option("--size", type=click.IntRange(0), help="After so many entries of the ledger.")
@click.option("--at", "at_ms", type=PastDayType(is_end=True), help="At the end of this day (UTC).")
@asynchronous
async def trial(settings: Settings, *, size: int | None, at_ms: int | None) -> None:
    """Show every account and their sum, now or at any time past; for operator, treasurer and auditor."""
    async with desk(settings) as at:
        await at.log_in()
        if size is None and at_ms is None:
            view = await at.client.get("/ledger/trial")
        else:
            view = await at.client.get("/ledger/trial/past", size=size, at_ms=at_ms)
    if settings.output.json_wanted:
        settings.output.result(view)
    elif size is None and at_ms is None:
        _show_trial(settings, view)
    else:
        _show_past_trial(settings, view)


@click.command("statistics", cls=Command)
@click.option("--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw them too, to a file .svg or .html.")
@LANGUAGE
@asynchronous
async def statistics(settings: Settings, *, plot: Path | None, language: str | None) -> None:
    """Show how credit flows month by month, and who is stuck at a limit; for operator, treasurer and auditor."""
    from cli.books import page

    if plot is not None and plot.suffix.lower() not in {".svg", ".html"}:
        raise UsageProblemError(f"{plot} ends in neither .svg nor .html.", next_step="Name it such as credit.html.")
    async with desk(settings) as at:
        await at.log_in()
        view = await at.client.get("/ledger/statistics")
        language = language or at.network.get("language")
        network = str(at.network["name"])
    if plot is not None:
        is_page = plot.suffix.lower() == ".html"
        drawn = page.statistics_page(view, network=network, language=language) if is_page else ""
        _write(plot, drawn or page.statistics_picture(view, language=language))
    if settings.output.json_wanted:
        settings.output.result(view)
        return
    _show_statistics(settings, view)
    if plot is not None:
        settings.output.note(f"Drawn: {plot}")


def _minor(text: str | None, credit: CreditUnit) -> int | None:
    if text is None:
        return None
    try:
        return scaled(text, credit.exponent, comma_is_decimal=True)
    except ValueProblemError as error:
        raise UsageProblemError(error.message, next_step=error.next_step) from error


def _show_statement(settings: Settings, entries: list[dict[str, Any]], period: Mapping[str, Any]) -> None:
    from cli.books.journal import minute_of

    rows = [
        {
            "day": minute_of(entry["time_ms"]),
            "other": entry["other"]["name"],
            "amount": money_text(entry["amount"]),
            "after": money_text(entry["balance_after"]),
            "purpose": entry.get("purpose"),
        }
        for entry in entries
    ]
    columns = [("day", "when (UTC)"), ("other", "who"), ("amount", "amount>"), ("after", "then>"), ("purpose", "for")]
    settings.output.table(rows, columns, empty="Nothing has moved in this time.")
    words = ("opening", "received", "given", "closing")
    settings.output.note(", ".join(f"{word} {money_text(period[word])}" for word in words))


def _show_trial(settings: Settings, view: Mapping[str, Any]) -> None:
    rows = [
        {
            "name": one["account"]["name"],
            "balance": money_text(one["balance"]),
            "low": money_text(one["limit_low"]),
            "high": money_text(one["limit_high"]),
            "beyond": ", ".join(SOFT_LIMITS.get(each, each) for each in one.get("warnings") or ()),
            "id": one["account"]["id"],
        }
        for one in view["balances"]
    ]
    columns = [("name", "account"), ("balance", "balance>"), ("low", "down to>"), ("high", "up to>"), ("id", "id")]
    if any(row["beyond"] for row in rows):
        columns.insert(4, ("beyond", "soft limit"))
    settings.output.table(rows, columns, empty="There is no account yet.")
    settings.output.note("Sum: " + (", ".join(money_text(one) for one in view["ledger"].get("sums", [])) or "0"))


def _show_past_trial(settings: Settings, view: Mapping[str, Any]) -> None:
    rows = [
        {
            "number": one["number"],
            "name": one["account"]["name"],
            "given": money_text(one["debits"]),
            "received": money_text(one["credits"]),
            "balance": money_text(one["balance"]),
        }
        for one in view["accounts"]
    ]
    columns = [
        ("number", "no.>"),
        ("name", "account"),
        ("given", "given>"),
        ("received", "received>"),
        ("balance", "balance>"),
    ]
    settings.output.table(rows, columns, empty="There was no account yet.")
    settings.output.note("Sum: " + (", ".join(money_text(one) for one in view["sums"]) or "0"))
    settings.output.note(f"{counted(view['size'], 'entry', 'entries')}, root {view['root']}")


def _show_statistics(settings: Settings, view: Mapping[str, Any]) -> None:
    from cli.books.journal import day_of
    from cli.books.page import turns_text

    months = [
        {
            "month": one["month"],
            "movements": one["movements"],
            "active": one["active"],
            "volume": money_text(one["volume"]),
            "positive": money_text(one["positive"]),
            "turns": turns_text(one["turns"]),
        }
        for one in view["months"]
    ]
    columns = [
        ("month", "month"),
        ("movements", "movements>"),
        ("active", "accounts>"),
        ("volume", "volume>"),
        ("positive", "in hands>"),
        ("turns", "changes hands a year>"),
    ]
    settings.output.table(months, columns, empty="Nothing has moved yet.")
    stuck = [
        {
            "name": one["account"]["name"],
            "side": "can't pay" if one["side"] == "low" else "can't receive",
            "balance": money_text(one["balance"]),
            "since": "" if one["since_ms"] is None else day_of(one["since_ms"]),
            "refused": one["refused"],
            "id": one["account"]["id"],
        }
        for one in view["stuck"]
    ]
    columns = [
        ("name", "stuck at a limit"),
        ("side", "how"),
        ("balance", "balance>"),
        ("since", "since"),
        ("refused", "refused>"),
        ("id", "id"),
    ]
    click.echo()
    settings.output.table(stuck, columns, empty="Nobody is stuck at a limit.")


def _deliver(settings: Settings, out: Path | None, text: str, *, mark: str = "") -> None:
    """Print a text, or write it to a file with its byte order mark."""
    if out is None:
        settings.output.script({"text": text}, text.removesuffix("\n"))
        return
    _write(out, mark + text)
    settings.output.result({"file": str(out)}, f"Written: {out}")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise UsageProblemError(
            f"{path} can't be written: {error.strerror}.", next_step="Choose another file."
        ) from error
