"""`mutirao slip`: key in a paper slip of a member without a device.

Tests: tests/cli/commands/test_collect.py
"""

from __future__ import annotations

from typing import Any

import click

from cli.commands.options import IdentifierType, without_nothing
from cli.connection import desk
from cli.minutes import credit_amount
from cli.records import now_ms
from cli.settings import Command, Settings, asynchronous
from protocol.identifiers import from_text, to_text

SLIP_LIFE_MS = 30 * 24 * 3600 * 1000
"""As long as an act waits for its signatures."""


@click.command("slip", cls=Command)
@click.argument("number", type=click.IntRange(1, 10**9))
@click.argument("payer", type=IdentifierType("agent"))
@click.argument("payee", type=IdentifierType("agent"))
@click.argument("amount")
@click.option("--for", "text", help="What it is for.")
@asynchronous
async def slip(settings: Settings, number: int, payer: str, payee: str, amount: str, text: str | None) -> None:
    """Sign slip NUMBER as a clerk: PAYER, who has no device, gives AMOUNT to PAYEE.

    It is posted once a second clerk, a treasurer or an auditor has compared it with the paper and signed it too.
    """
    async with desk(settings) as at:
        body: dict[str, Any] = {
            "ledger": at.author.home,
            "payer": from_text(payer)[1],
            "payee": from_text(payee)[1],
            "amount": credit_amount(amount, at.credit),
            "unit": at.credit.unit,
            "expires_ms": now_ms() + SLIP_LIFE_MS,
            "purpose": None if text is None else {"text": text},
            "slip": number,
        }
        record = at.author.make("transfer", without_nothing(body))
        outcome = await at.client.submit_one(record)
    identifier = to_text("transfer", record.id)
    settings.output.result(
        {"transfer": identifier, "slip": number, "state": "proposed", **outcome.answer},
        [f"Slip {number}: signed.", f"It waits for a second person: mutirao consent give {identifier}"],
    )
