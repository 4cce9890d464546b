"""`mutirao year`: the assembly closes a period, with its auditors, and prints it on two pages."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.books.days import PastDayType
from cli.cash import agree_record
from cli.commands.options import IdentifierType
from cli.connection import Desk, desk
from cli.errors import FailedCheckError, RefusedError, UsageProblemError
from cli.minutes import minutes_of, minutes_options
from cli.records import now_ms
from cli.settings import Group, Settings, asynchronous
from protocol.identifiers import from_text, to_text

if TYPE_CHECKING:
    from cli.books.year import Year

NOW = "now"


class EndType(PastDayType):
    """The last day of a period, or `now`."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Read a day, or `now`."""
        return now_ms() if value == NOW else super().convert(value, param, ctx)


UNTIL = click.option(
    "--until",
    "until_ms",
    required=True,
    type=EndType(is_end=True),
    help="The last day of the period (UTC), such as 2026-12-31; or `now`.",
)
FROM = click.option(
    "--from",
    "from_ms",
    type=PastDayType(is_end=False),
    help="The first day; behind the last closed period if not given.",
)
LANGUAGE = click.option(
    "--language", type=click.Choice(("pt-BR", "es", "en")), help="Of the pages; the network's own if not given."
)


@click.group(cls=Group)
def year() -> None:
    """Close a year: the assembly decides, treasurer and auditors sign, and nothing enters it any more."""


@year.command("pages")
@UNTIL
@FROM
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=Path("year"), show_default=True)
@LANGUAGE
@asynchronous
async def pages(settings: Settings, *, until_ms: int, from_ms: int | None, out: Path, language: str | None) -> None:
    """Write the two pages of a period, for the assembly before it decides; for operator, treasurer and auditor.

    One says in plain words what happened and names no member's balance; the other holds the books for the auditors.
    """
    async with desk(settings) as at:
        made = await _read(at, from_ms, until_ms)
        language = language or at.network.get("language")
    files = _write_pages(out, made, language, None)
    settings.output.result(
        {"folder": str(out), "files": files, "size": made.size, "balances_hash": made.balances.hex()},
        f"Written: {out}: {', '.join(files)}",
    )


@year.command("close")
@UNTIL
@FROM
@minutes_options(required=True)
@click.option(
    "--auditor", "auditors", multiple=True, required=True, type=IdentifierType("agent"), help="Who signs; repeat it."
)
@click.option("--pages", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write the two pages here.")
@LANGUAGE
@asynchronous
async def close(
    settings: Settings,
    *,
    until_ms: int,
    from_ms: int | None,
    cited: str,
    minutes_file: Path,
    auditors: tuple[str, ...],
    folder: Path | None,
    language: str | None,
) -> None:
    """Close a period as the assembly decided; it stands when every auditor named has signed with `mutirao year sign`.

    Afterwards what is dated into it is refused. It can't be opened again.
    """
    minutes = minutes_of(cited, minutes_file)
    async with desk(settings) as at:
        made = await _read(at, from_ms, until_ms)
        body = {
            "until_ms": until_ms,
            "size": made.size,
            "minutes": minutes,
            "auditors": [from_text(auditor)[1] for auditor in auditors],
            "balances_hash": made.balances,
        }
        record = at.author.make("closing", body)
        outcome = await at.client.submit_one(record)
        language = language or at.network.get("language")
    identifier = to_text("closing", record.id)
    files = _write_pages(folder, made, language, minutes) if folder else []
    said = [f"Written: {folder}: {', '.join(files)}"] if folder else []
    settings.output.result(
        {"closing": identifier, "size": made.size, "balances_hash": made.balances.hex(), "files": files}
        | outcome.answer,
        [*said, "Proposed. It stands when every auditor has signed:", f"mutirao year sign {identifier}"],
    )


@year.command("sign")
@click.argument("closing_id", type=IdentifierType("closing"))
@click.option("--no", "declined", is_flag=True, help="Don't agree: it falls.")
@click.option("--for", "text", help="In words.")
@asynchronous
async def sign(settings: Settings, closing_id: str, *, declined: bool, text: str | None) -> None:
    """Sign a closing as auditor, with your own --key, after the balances were added up again and compared."""
    from cli.books.year import hash_of

    async with desk(settings) as at:
        await at.log_in()
        if not declined:
            closing = await _closing(at, closing_id)
            trial = await at.client.get("/ledger/trial/past", size=closing["size"])
            off = [each for each in trial["sums"] if each["amount"]]
            if off or hash_of(trial).hex() != closing.get("balances_hash"):
                raise FailedCheckError(
                    "The balances are not those that the closing names.",
                    code="balances_differ",
                    next_step="Sign nothing; compare the books with the treasurer, and decline with --no.",
                )
        record = agree_record(at.author, from_text(closing_id)[1], agree=not declined, text=text)
        outcome = await at.client.submit_one(record)
        state = (await _closing(at, closing_id))["state"]
    said = {"done": "Signed: the period is closed.", "proposed": "Signed; others must sign too."}
    settings.output.result(
        {"closing": closing_id, "agree": not declined, "state": state, **outcome.answer},
        said.get(state, "Not signed; the closing falls."),
    )


@year.command("list")
@asynchronous
async def list_closings(settings: Settings) -> None:
    """List the periods that were closed or are proposed to be."""
    from cli.books.journal import minute_of

    async with desk(settings) as at:
        await at.log_in()
        found = (await at.client.get("/ledger/closings"))["closings"]
    if settings.output.json_wanted:
        settings.output.result(found)
        return
    rows = [
        {
            "until": minute_of(one["until_ms"]),
            "state": "closed" if one["state"] == "done" else one["state"],
            "minutes": f"{one['minutes']['date']}/{one['minutes']['number']}",
            "signers": ", ".join(signer["name"] for signer in one["signers"]),
            "id": one["id"],
        }
        for one in found
    ]
    columns = [("until", "until (UTC)"), ("state", "state"), ("minutes", "minutes"), ("signers", "signed by")]
    settings.output.table(rows, [*columns, ("id", "id")], empty="No period was closed yet.")


async def _read(at: Desk, from_ms: int | None, until_ms: int) -> Year:
    from cli.books.year import begins_ms, read_year

    await at.log_in()
    begin = from_ms if from_ms is not None else await begins_ms(at.client, until_ms)
    return await read_year(at.client, network=str(at.network["name"]), from_ms=begin, until_ms=until_ms)


async def _closing(at: Desk, identifier: str) -> dict[str, Any]:
    wanted = from_text(identifier)[1]
    for one in (await at.client.get("/ledger/closings"))["closings"]:
        if from_text(one["id"])[1] == wanted:
            return dict(one)
    raise RefusedError("No closing of that id is known here.", code="not_found", next_step="mutirao year list")


def _write_pages(folder: Path, made: Year, language: str | None, minutes: Mapping[str, Any] | None) -> list[str]:
    from cli.books.year_pages import year_pages

    files = year_pages(made, language=language, minutes=minutes)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblemError(
            f"{folder} can't be written: {error.strerror}.", next_step="Choose another folder."
        ) from error
    return sorted(files)
