"""`mutirao catalog`, and of `mutirao export` what writes the catalogue of all networks that a node follows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from cli.commands import exporting
from cli.connection import connected
from cli.errors import UsageProblemError
from cli.listings import COLUMNS, listing_row
from cli.settings import Group, Settings, asynchronous

OUT = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file; printed if not given."
)
LIMIT = click.option("--limit", type=click.IntRange(1, 100_000), default=10_000, show_default=True)


@click.group(cls=Group)
def catalog() -> None:
    """Search and print what is offered and needed."""


@catalog.command("search")
@click.argument("query", required=False)
@click.option("--category", help="Only this category and those below it.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=30, show_default=True)
@asynchronous
async def search(settings: Settings, query: str | None, category: str | None, limit: int) -> None:
    """Find offers and needs, local ones first; QUERY ignores case and accents."""
    views = await _listings(settings, limit, q=query, category=category)
    if settings.output.json_wanted:
        settings.output.result(views)
        return
    rows = [{"kind": view["kind"], **listing_row(view)} for view in views]
    settings.output.table(rows, [("kind", "kind"), *COLUMNS], empty="Nothing fits.")


@catalog.command("print")
@OUT
@LIMIT
@asynchronous
async def print_catalogue(settings: Settings, out: Path | None, limit: int) -> None:
    """Write the catalogue for the wall: every supplier once."""
    from cli.catalogue import to_text

    async with connected(settings) as client:
        name = (await client.network())["name"]
    text = to_text(await _listings(settings, limit), f"Offers and needs: {name}")
    _deliver(settings, out, text)


@click.group(cls=Group)
def export() -> None:
    """Write the catalogue, or the books, for other programs."""


export.add_command(exporting.export_journal)
export.add_command(exporting.export_hledger)
export.add_command(exporting.export_beancount)


@export.command("csv")
@OUT
@LIMIT
@asynchronous
async def export_csv(settings: Settings, out: Path | None, limit: int) -> None:
    """Write the catalogue as CSV with `;` and decimal comma."""
    from cli.catalogue import to_csv

    _deliver(settings, out, "\ufeff" * (out is not None) + to_csv(await _listings(settings, limit)))


@export.command("jsonld")
@OUT
@LIMIT
@asynchronous
async def export_jsonld(settings: Settings, out: Path | None, limit: int) -> None:
    """Write the catalogue as JSON-LD in the words of Valueflows."""
    from cli.catalogue import to_jsonld

    document = to_jsonld(await _listings(settings, limit))
    _deliver(settings, out, json.dumps(document, ensure_ascii=False, indent=2) + "\n")


async def _listings(settings: Settings, limit: int, **query: str | None) -> list[dict[str, Any]]:
    async with connected(settings) as client:
        offers = [view async for view in client.pages("/offers", "listings", limit=limit, **query)]
        needs = [view async for view in client.pages("/needs", "listings", limit=limit, **query)]
    return offers + needs


def _deliver(settings: Settings, out: Path | None, text: str) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageProblemError(
            f"{out} can't be written: {error.strerror}.", next_step="Choose another file."
        ) from error
    settings.output.result({"file": str(out), "characters": len(text)}, f"Written: {out}")
