"""`mutirao history`: bring over what another system recorded.

Tests: tests/cli/commands/test_history.py
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.amounts import money_text
from cli.commands.importing import problems_error
from cli.commands.options import IdentifierType
from cli.connection import desk
from cli.errors import FailedCheckError, RefusedError
from cli.instructions import items
from cli.output import counted
from cli.settings import Command, Settings, asynchronous
from protocol.identifiers import from_text, to_text
from protocol.ledger.postings import PART, part_id

if TYPE_CHECKING:
    from cli.connection import Desk
    from cli.importing.history import Movement

THERE_BEFORE = "already_posted"


@click.command("history", cls=Command)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--rule", required=True, type=IdentifierType("rule"), help="The assembly's rule of type import.")
@click.option(
    "--member-keys",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of an earlier `mutirao import`, which knows the names; ids are understood without.",
)
@click.option("--dry-run", is_flag=True, help="Check everything and say what would be done; change nothing.")
@asynchronous
async def history(settings: Settings, *, file: Path, rule: str, member_keys: Path | None, dry_run: bool) -> None:
    """Post the rows of FILE (date, from, to, amount, note) under an import rule, signed by a treasurer.

    Limits don't bind what happened before. The same file twice changes nothing. The columns are described in
    docs/reference/csv.md.
    """
    from cli.importing.book import names_of
    from cli.importing.history import balances, parts, read_history
    from cli.importing.problems import Problems

    async with desk(settings) as at:
        problems = Problems()
        movements = read_history(file, names_of(member_keys, at.author.home), at.credit, problems)
        if problems:
            raise problems_error(problems.found, "Nothing was posted: something is wrong in", settings)
        cut = list(parts(movements))
        await at.log_in()
        there = await _check(at, from_text(rule)[1], cut)
        new = [] if dry_run else await _post(at, settings, from_text(rule)[1], cut, there)
        sums = balances(movements)
    view = {"symbol": at.credit.symbol or at.credit.name, "exponent": at.credit.exponent, "unit": at.credit.unit}
    volume = money_text({**view, "amount": sum(each.amount for each in movements)})
    settings.output.result(
        {
            "dry_run": dry_run,
            "rows": len(movements),
            "parts": len(cut),
            "there_before": len(there),
            "postings": new,
            "balances": {to_text("agent", agent): sums[agent] for agent in sorted(sums)},
        },
        [
            f"{counted(len(movements), 'row')}, {counted(len(cut), 'part')}, {counted(len(sums), 'account')}: {volume}",
            f"There before: {counted(len(there), 'part')}; "
            + ("nothing was posted" if dry_run else f"posted: {counted(len(new), 'part')}"),
        ],
    )


async def _check(at: Desk, rule: bytes, cut: list[list[Movement]]) -> set[int]:
    """Compare what was posted before with the same parts of the file; give their numbers.

    Raises:
        FailedCheckError: a part was posted with other rows.
    """
    from cli.importing.history import period_of

    known = {from_text(view["id"])[1]: view for view in await items(at, PART)}
    there: set[int] = set()
    for number, part in enumerate(cut, start=1):
        view = known.get(part_id(rule, period_of(number)))
        if view is None:
            continue
        there.add(number)
        said = (view["amount"]["amount"], view["done"]["amount"])
        if said != (sum(each.amount for each in part), len(part)):
            raise FailedCheckError(
                f"Part {number} of the file was imported before with other rows; nothing was posted now.",
                code="changed",
                next_step="Import the file as it was; bring new rows in a file of their own, under a rule of its own.",
            )
    return there


async def _post(at: Desk, settings: Settings, rule: bytes, cut: list[list[Movement]], there: set[int]) -> list[str]:
    """Post the parts that aren't there yet; give the ids of their postings.

    Raises:
        RefusedError: a part was refused; those before it are posted, and the same command goes on after it.
    """
    from cli.importing.history import period_of

    new: list[str] = []
    with settings.output.progress("Posting", len(cut)) as advance:
        for number, part in enumerate(cut, start=1):
            if number in there:
                continue
            body: dict[str, Any] = {
                "type": "imported",
                "rule": rule,
                "period": period_of(number),
                "lines": [each.line() for each in part],
            }
            record = at.author.make("posting", body)
            (outcome,) = await at.client.submit([record])
            advance(1)
            if outcome.code == THERE_BEFORE:
                continue
            if outcome.code:
                raise RefusedError(f"Part {number}: {outcome.message}", code=outcome.code, next_step=outcome.next_step)
            new.append(to_text("posting", record.id))
    return new
