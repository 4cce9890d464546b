"""`mutirao fund` and `mutirao write-off`: what leaves a fund, by decision of the assembly.

Tests: tests/cli/commands/test_collect.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cli.commands.options import IdentifierType, without_nothing
from cli.connection import desk
from cli.minutes import credit_amount, minutes_of, minutes_options
from cli.settings import Command, Group, Settings, asynchronous
from protocol.identifiers import from_text, to_text

WAITS = "It waits for an auditor: mutirao consent give {identifier}"


@click.group(cls=Group)
def fund() -> None:
    """Pay out of the network's funds, as the assembly decided."""


@fund.command("pay")
@click.argument("fund_id", metavar="FUND", type=IdentifierType("agent"))
@click.argument("payee", type=IdentifierType("agent"))
@click.argument("amount")
@minutes_options(required=True)
@click.option("--for", "text", help="What it is for.")
@asynchronous
async def pay(
    settings: Settings, *, fund_id: str, payee: str, amount: str, cited: str, minutes_file: Path, text: str | None
) -> None:
    """Propose to pay AMOUNT out of FUND to PAYEE; it is posted once an auditor has signed it too."""
    await _propose(settings, "fund", fund_id, payee, amount, cited=cited, minutes_file=minutes_file, text=text)


@click.command("write-off", cls=Command)
@click.argument("member", type=IdentifierType("agent"))
@click.argument("amount")
@click.option("--fund", "fund_id", required=True, type=IdentifierType("agent"), help="The fund that bears it.")
@minutes_options(required=True)
@click.option("--for", "text", help="Why, in words.")
@asynchronous
async def write_off(
    settings: Settings, *, member: str, amount: str, fund_id: str, cited: str, minutes_file: Path, text: str | None
) -> None:
    """Propose to write off AMOUNT of what MEMBER owes; it is posted once an auditor has signed it too."""
    await _propose(settings, "write_off", fund_id, member, amount, cited=cited, minutes_file=minutes_file, text=text)


async def _propose(
    settings: Settings,
    kind: str,
    payer: str,
    payee: str,
    amount: str,
    *,
    cited: str,
    minutes_file: Path,
    text: str | None,
) -> None:
    async with desk(settings) as at:
        line: dict[str, Any] = {
            "payer": from_text(payer)[1],
            "payee": from_text(payee)[1],
            "amount": credit_amount(amount, at.credit),
        }
        body = {"type": kind, "lines": [line], "minutes": minutes_of(cited, minutes_file), "text": text}
        record = at.author.make("posting", without_nothing(body))
        outcome = await at.client.submit_one(record)
    identifier = to_text("posting", record.id)
    settings.output.result(
        {"posting": identifier, "state": "proposed", **outcome.answer},
        ["Proposed; nothing has moved yet.", WAITS.format(identifier=identifier)],
    )
