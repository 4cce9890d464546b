"""`mutirao reverse` and `mutirao consent`: propose to move a payment back, and answer what waits for you."""

from __future__ import annotations

import click

from cli.commands.options import IdentifierType
from cli.connection import desk
from cli.instructions import body_of, consent_record, credit_of, reversal_record
from cli.settings import Command, Settings, asynchronous
from protocol.identifiers import from_text, to_text


@click.command(cls=Command)
@click.argument("transfer", type=IdentifierType("transfer"))
@click.argument("amount", required=False)
@click.option("--for", "text", help="Why.")
@asynchronous
async def reverse(settings: Settings, transfer: str, amount: str | None, text: str | None) -> None:
    """Propose to move a TRANSFER back, all of it or AMOUNT, signed with --key.

    It is moved when the other side has agreed, with `mutirao consent`.
    """
    async with desk(settings) as at:
        await at.log_in()
        paid = await body_of(at, transfer)
        wanted = paid["amount"] if amount is None else credit_of(at, amount)["amount"]
        record = reversal_record(at.author, from_text(transfer)[1], paid, wanted, text=text)
        outcome = await at.client.submit_one(record)
    identifier = to_text("reversal", record.id)
    settings.output.result(
        {"reversal": identifier, "transfer": transfer, "amount": wanted, **outcome.answer},
        ["Proposed; it is moved back when the other side agrees:", f"mutirao consent {identifier}"],
    )


@click.command(cls=Command)
@click.argument("identifier", metavar="ID", type=IdentifierType())
@click.option("--no", "declined", is_flag=True, help="Don't agree: it ends, or is contested.")
@click.option("--for", "text", help="In words.")
@asynchronous
async def consent(settings: Settings, identifier: str, declined: bool, text: str | None) -> None:
    """Agree to what waits for your answer, signed with --key.

    That is a proposed act, such as a payment back, or a transfer whose part in official money you confirm.
    """
    async with desk(settings) as at:
        record = consent_record(at.author, from_text(identifier)[1], agree=not declined, text=text)
        outcome = await at.client.submit_one(record)
    settings.output.result(
        {"consent": to_text("consent", record.id), "about": identifier, "agree": not declined, **outcome.answer},
        "Not agreed." if declined else "Agreed.",
    )
