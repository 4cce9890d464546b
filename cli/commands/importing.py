"""`mutirao import`: publish the tables that a network keeps in a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import click

from cli.connection import as_network, connected, load_signer
from cli.errors import FailedCheckError
from cli.importing.problems import PROBLEMS_SHOWN_MAX, Problem
from cli.output import counted
from cli.settings import Command, Settings, asynchronous


@click.command("import", cls=Command, short_help="Publish the CSV tables that a network keeps.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--member-keys",
    required=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the members' key files; new members' keys are made there.",
)
@click.option("--dry-run", is_flag=True, help="Check everything and say what would be done; change nothing.")
@asynchronous
async def import_tables(settings: Settings, paths: tuple[Path, ...], member_keys: Path, dry_run: bool) -> None:
    """Publish the CSV tables of PATHS, folders or files, in the network whose key is given with --key.

    Importing twice changes nothing; a row whose content has changed becomes a revision.
    The tables are described in docs/reference/csv.md.
    """
    signer = load_signer(settings)
    async with connected(settings) as client:
        from cli.importing.run import import_into

        view = await client.network()
        network = as_network(signer, await client.network_id())
        report = await import_into(
            client,
            network,
            view.get("unit"),
            paths,
            member_keys,
            passphrase=lambda path, new: settings.passphrase(path, new=new),
            output=settings.output,
            dry_run=dry_run,
        )
    would = "would be " if dry_run else ""
    created, revised = sum(report.created.values()), sum(report.revised.values())
    kinds = ", ".join(f"{count} {kind}" for kind, count in report.created.items())
    settings.output.result(
        {"dry_run": dry_run, **report.as_json()},
        [
            f"{would}published: {counted(created, 'record')}{f' ({kinds})' if kinds else ''}".capitalize(),
            f"{would}revised: {revised}; there already: {report.unchanged}".capitalize(),
        ],
    )
    if report.problems:
        raise problems_error(report.problems, "The node refused", settings)


def problems_error(problems: list[Problem], what: str, settings: Settings) -> FailedCheckError:
    """Show rows that are wrong, and give the error that ends the command.

    Args:
        problems: at least one.
        what: the beginning of the error's sentence.
        settings: the common options.
    """
    if not settings.output.json_wanted:
        for problem in problems[:PROBLEMS_SHOWN_MAX]:
            settings.output.note(f"  {problem}")
        if len(problems) > PROBLEMS_SHOWN_MAX:
            settings.output.note(f"  … and {len(problems) - PROBLEMS_SHOWN_MAX} more")
    return FailedCheckError(
        f"{what} {counted(len(problems), 'row')}.",
        code="rows",
        next_step="Correct the rows, then import again; what is right already isn't published twice.",
        details={"problems": [problem.as_json() for problem in problems]},
    )
