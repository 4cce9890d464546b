"""`mutirao export journal`, `hledger` and `beancount`: the whole book of credit, for other programs.

Tests: tests/cli/commands/test_exporting.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.connection import desk
from cli.errors import UsageProblemError
from cli.output import counted
from cli.settings import Command, Settings, asynchronous

if TYPE_CHECKING:
    from cli.books.journal import Journal

OUT = click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("books"),
    show_default=True,
    help="The folder to write to; files of an earlier export are replaced.",
)
Files = dict[str, str]
"""Contents by file name."""


@click.command("journal", cls=Command)
@OUT
@asynchronous
async def export_journal(settings: Settings, out: Path) -> None:
    """Write all movements as CSV with `;` and decimal comma.

    Beside them stand the accounts, the units and the trial balance; for operator, treasurer and auditor.
    """
    await _export(settings, out, journal_files)


@click.command("hledger", cls=Command)
@OUT
@asynchronous
async def export_hledger(settings: Settings, out: Path) -> None:
    """Write the whole journal for hledger, with the map of its account names.

    The trial balance stands in it as assertions, which `hledger --strict` checks; for operator, treasurer and auditor.
    """
    await _export(settings, out, hledger_files)


@click.command("beancount", cls=Command)
@OUT
@asynchronous
async def export_beancount(settings: Settings, out: Path) -> None:
    """Write the whole journal for Beancount, with the map of its account names.

    The trial balance stands in it as assertions, which `bean-check` checks; for operator, treasurer and auditor.
    """
    await _export(settings, out, beancount_files)


def journal_files(journal: Journal) -> Files:
    """Give the files of the export as CSV."""
    from cli.books import tables

    names = {each["number"]: str(each["number"]) for each in journal.accounts}
    return {"journal.csv": tables.movements_csv(journal.movements, journal.codes()), **_maps(journal, names)}


def hledger_files(journal: Journal) -> Files:
    """Give the files of the export for hledger."""
    from cli.books import plaintext

    return {"ledger.journal": plaintext.to_hledger(journal), **_maps(journal, plaintext.hledger_names(journal))}


def beancount_files(journal: Journal) -> Files:
    """Give the files of the export for Beancount."""
    from cli.books import plaintext

    return {"ledger.beancount": plaintext.to_beancount(journal), **_maps(journal, plaintext.beancount_names(journal))}


def _maps(journal: Journal, names: dict[int, str]) -> Files:
    from cli.books import tables

    return {
        "accounts.csv": tables.accounts_csv(journal, names),
        "units.csv": tables.units_csv(journal),
        "trial.csv": tables.trial_csv(journal),
    }


async def _export(settings: Settings, out: Path, files_of: Callable[[Journal], Files]) -> None:
    from cli.books.journal import read_journal
    from cli.books.tables import BYTE_ORDER_MARK

    async with desk(settings) as at:
        await at.log_in()
        journal = await read_journal(at.client)
    files = files_of(journal)
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            mark = BYTE_ORDER_MARK if name.endswith(".csv") else ""
            (out / name).write_text(mark + text, encoding="utf-8", newline="")
    except OSError as error:
        raise UsageProblemError(
            f"{out} can't be written: {error.strerror}.", next_step="Choose another folder."
        ) from error
    trial = journal.trial
    answer = {
        "folder": str(out),
        "files": sorted(files),
        "accounts": len(journal.accounts),
        "movements": len(journal.movements),
        "size": trial["size"],
        "root": trial["root"],
    }
    said = f"{counted(len(journal.accounts), 'account')}, {counted(len(journal.movements), 'movement')}"
    settings.output.result(answer, [f"{said}, up to entry {trial['size']}.", f"Written: {out}: {', '.join(files)}"])
