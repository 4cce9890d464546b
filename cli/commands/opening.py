"""`mutirao opening`: bring over the balances of a paper book.

Tests: tests/cli/commands/test_opening.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli.amounts import money_text
from cli.commands.importing import problems_error
from cli.commands.options import IdentifierType, without_nothing
from cli.connection import desk
from cli.errors import FailedCheckError
from cli.minutes import minutes_if_any, minutes_options
from cli.output import counted
from cli.settings import Command, Settings, asynchronous
from protocol.identifiers import from_text, to_text


@click.command("opening", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--member-keys", type=click.Path(file_okay=False, path_type=Path), help="As of `mutirao import`.")
@click.option("--difference-to", type=IdentifierType("agent"), help="The account that bears what is off zero.")
@minutes_options(required=False)
@click.option("--dry-run", is_flag=True, help="Check everything and say what would be done; change nothing.")
@asynchronous
async def opening(
    settings: Settings,
    *,
    file: Path,
    member_keys: Path | None,
    difference_to: str | None,
    cited: str | None,
    minutes_file: Path | None,
    dry_run: bool,
) -> None:
    """Post the opening balances of FILE (account, balance), signed by a treasurer; members confirm or contest them.

    They must come to zero. What they are off is posted to the account of --difference-to, and cites minutes.
    """
    from cli.importing.book import names_of
    from cli.importing.opening import Opening, difference, read_openings
    from cli.importing.problems import Problems

    minutes = minutes_if_any(cited, minutes_file)
    async with desk(settings) as at:
        problems = Problems()
        openings = read_openings(file, names_of(member_keys, at.author.home), at.credit, problems)
        if problems:
            raise problems_error(problems.found, "Nothing was posted: something is wrong in", settings)
        view = {"symbol": at.credit.symbol or at.credit.name, "exponent": at.credit.exponent, "unit": at.credit.unit}
        off = difference(openings)
        if off and (difference_to is None or minutes is None):
            raise FailedCheckError(
                f"The balances are {money_text({**view, 'amount': off})} off zero; nothing was posted.",
                code="opening_not_zero",
                next_step="Find the mistake, or give --difference-to, --minutes and --minutes-file.",
                details={"difference": off},
            )
        count = len(openings)
        if off and difference_to is not None:
            openings.append(Opening(agent=from_text(difference_to)[1], balance=-off))
        body: dict[str, Any] = {"type": "opening", "lines": [each.line() for each in openings], "minutes": minutes}
        record = at.author.make("posting", without_nothing(body))
        if not dry_run:
            await at.client.submit_one(record)
    above = sum(each.balance for each in openings if each.balance > 0)
    settings.output.result(
        {
            "dry_run": dry_run,
            "accounts": count,
            "difference": off,
            "total": above,
            "posting": None if dry_run else to_text("posting", record.id),
        },
        [
            f"{counted(count, 'balance')}, {money_text({**view, 'amount': above})} above zero and as much below.",
            "Nothing was posted." if dry_run else "Posted; members confirm or contest: mutirao consent slips",
        ],
    )
