"""`mutirao rule`: what the assembly decided for the books.

Tests: tests/cli/commands/test_collect.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli.amounts import money_text
from cli.commands.options import DAY, IdentifierType, without_nothing
from cli.connection import desk
from cli.minutes import ROW_FORM, credit_amount, limit_row, minutes_of, minutes_options
from cli.settings import Group, Settings, asynchronous
from protocol.identifiers import from_text, to_text
from protocol.kinds.postings import LevyBase, RuleType

WAITS = "It waits for an auditor: mutirao consent give {identifier}"


@click.group(cls=Group)
def rule() -> None:
    """Read the assembly's rules for the books, and propose new ones."""


@rule.command("list")
@asynchronous
async def show(settings: Settings) -> None:
    """Show the rules in force, with the minutes that they cite."""
    async with desk(settings) as at:
        await at.log_in()
        views = (await at.client.get("/ledger/rules"))["rules"]
    if settings.output.json_wanted:
        settings.output.result(views)
        return
    rows = [
        {
            "type": view["type"],
            "title": view["title"],
            "terms": terms_text(view),
            "minutes": f"{view['minutes']['date']}/{view['minutes']['number']}",
            "id": view["id"],
        }
        for view in views
    ]
    columns = [("type", "type"), ("title", "title"), ("terms", "says"), ("minutes", "minutes"), ("id", "id")]
    settings.output.table(rows, columns, empty="The assembly has given no rule yet.")


@rule.command("add")
@click.argument("type_", metavar="TYPE", type=click.Choice([str(kind) for kind in RuleType]))
@click.argument("title")
@minutes_options(required=True)
@click.option("--amount", help="Dues: what each pays. Levy, circulation: the most. Slips: a day. Signatures: above it.")
@click.option("--per-mille", type=click.IntRange(1, 1000), help="Levy, circulation: parts of a thousand.")
@click.option("--base", type=click.Choice([str(base) for base in LevyBase]), help="Levy: of what.")
@click.option("--above", help="Circulation: only what stands above this counts.")
@click.option("--payee", type=IdentifierType("agent"), help="The account that receives it.")
@click.option("--row", "rows", multiple=True, metavar=ROW_FORM, help="Limits of a kind of member; may be repeated.")
@click.option("--replaces", type=IdentifierType("rule"), help="The rule whose place it takes.")
@click.option("--until", "until_ms", type=DAY, help="The last day on which it holds.")
@asynchronous
async def add(  # noqa: PLR0913 - one argument an option
    settings: Settings,
    *,
    type_: str,
    title: str,
    cited: str,
    minutes_file: Path,
    amount: str | None,
    per_mille: int | None,
    base: str | None,
    above: str | None,
    payee: str | None,
    rows: tuple[str, ...],
    replaces: str | None,
    until_ms: int | None,
) -> None:
    """Propose a rule of TYPE that members call TITLE; it is in force once an auditor has signed it too.

    Limits, assisted (slips) and signatures are there once: a new rule takes the place of the one before.
    """
    async with desk(settings) as at:
        body = {
            "type": type_,
            "title": title,
            "minutes": minutes_of(cited, minutes_file),
            "amount": None if amount is None else credit_amount(amount, at.credit),
            "per_mille": per_mille,
            "base": base,
            "above": None if above is None else credit_amount(above, at.credit),
            "payee": None if payee is None else from_text(payee)[1],
            "rows": [limit_row(row, at.credit) for row in rows] or None,
            "replaces": None if replaces is None else from_text(replaces)[1],
            "until_ms": until_ms,
        }
        record = at.author.make("rule", without_nothing(body))
        outcome = await at.client.submit_one(record)
    identifier = to_text("rule", record.id)
    settings.output.result(
        {"rule": identifier, "state": "proposed", **outcome.answer},
        [f"{title}: proposed.", WAITS.format(identifier=identifier)],
    )


def terms_text(view: dict[str, Any]) -> str:
    """Say in one line what a rule says."""
    said = []
    if view.get("amount"):
        said.append(money_text(view["amount"]))
    if view.get("per_mille"):
        said.append(f"{view['per_mille']}/1000" + (f" of what is {view['base']}" if view.get("base") else ""))
    if view.get("above"):
        said.append(f"above {money_text(view['above'])}")
    said.extend(
        f"{row['policy']}{' step ' + str(row['step']) if row.get('step') else ''}:"
        f" {money_text(row['low'])} to {money_text(row['high'])}"
        for row in view.get("rows", [])
    )
    if view.get("payee"):
        said.append(f"to {view['payee']['name']}")
    return ", ".join(said)
