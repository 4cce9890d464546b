"""`mutirao reverse` and `mutirao consent`: propose to move a payment back, see what waits for you, and answer it."""

from __future__ import annotations

from typing import Any

import click

from cli.amounts import money_text
from cli.commands.options import IdentifierType
from cli.connection import desk
from cli.instructions import body_of, consent_record, credit_of, day_text, items, reversal_record
from cli.saying import said_of
from cli.settings import Command, Group, Settings, asynchronous
from protocol.identifiers import from_text, to_text

ACT = "act"
SIGNED = "signed"
CONTESTABLE = ("slip", "opening")
COLUMNS = [
    ("about", "what"), ("state", "state"), ("author", "by"), ("amount", "amount>"), ("sides", "from → to"),
    ("until", "until"), ("id", "id"),
]  # fmt: skip


class ConsentGroup(Group):
    """The group `consent`, which takes an id in the place of a command's name: `mutirao consent ID` gives it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the command in front of an id."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["give", *args]
        return super().parse_args(ctx, args)


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


@click.group(cls=ConsentGroup)
def consent() -> None:
    """Sign with others what takes more than one signature: `mutirao consent ID`, or `--no`."""


@consent.command("list")
@asynchronous
async def waiting(settings: Settings) -> None:
    """Show what waits for signatures, without what you have signed already."""
    async with desk(settings) as at:
        await at.log_in()
        views = await items(at, ACT, "proposed")
        me = to_text("agent", at.author.agent or at.author.home)
    views = [view for view in views if me not in {signer["id"] for signer in view.get("signers", [])}]
    _show(settings, views, empty="Nothing waits for a signature.")


@consent.command("slips")
@asynchronous
async def slips(settings: Settings) -> None:
    """Show slips and opening balances that may still be contested: your own, or all for officers."""
    async with desk(settings) as at:
        await at.log_in()
        views = [view for kind in CONTESTABLE for view in await items(at, kind, None) if view["is_open"]]
    _show(settings, views, empty="Nothing can be contested.")


@consent.command("show")
@click.argument("identifier", metavar="ID", type=IdentifierType())
@asynchronous
async def show(settings: Settings, identifier: str) -> None:
    """Show what ID says, before you sign it too."""
    async with desk(settings) as at:
        await at.log_in()
        body = await body_of(at, identifier)
        view = {"symbol": at.credit.symbol or at.credit.name, "exponent": at.credit.exponent, "unit": at.credit.unit}
    said = said_of(body, lambda amount: money_text({**view, "amount": amount}))
    settings.output.result({"id": identifier, "says": said}, said)


@consent.command("give")
@click.argument("identifier", metavar="ID", type=IdentifierType())
@click.option("--no", "declined", is_flag=True, help="Don't agree: it ends, or is contested.")
@click.option("--for", "text", help="In words.")
@asynchronous
async def give(settings: Settings, identifier: str, declined: bool, text: str | None) -> None:
    """Agree to what waits for your answer, signed with --key.

    That is a proposed act, such as a payment back or a rule, an opening balance, or a transfer whose part in official
    money you confirm. An act is posted with the last signature.
    """
    await _answer(settings, identifier, agree=not declined, text=text)


@consent.command("decline")
@click.argument("identifier", metavar="ID", type=IdentifierType())
@click.option("--for", "text", help="In words: why.")
@asynchronous
async def decline(settings: Settings, identifier: str, text: str | None) -> None:
    """Don't agree to what waits for your answer: it ends, or is contested; nothing is moved by that."""
    await _answer(settings, identifier, agree=False, text=text)


async def _answer(settings: Settings, identifier: str, *, agree: bool, text: str | None) -> None:
    async with desk(settings) as at:
        record = consent_record(at.author, from_text(identifier)[1], agree=agree, text=text)
        outcome = await at.client.submit_one(record)
    said = "Agreed" if agree else "Not agreed"
    settings.output.result(
        {"consent": to_text("consent", record.id), "about": identifier, "agree": agree, **outcome.answer},
        f"{said}; others must sign too." if outcome.word == SIGNED else f"{said}: {outcome.word}.",
    )


def _show(settings: Settings, views: list[dict[str, Any]], *, empty: str) -> None:
    if settings.output.json_wanted:
        settings.output.result(views)
        return
    rows = [
        {
            "about": view["about"],
            "state": view["state"],
            "author": view["author"]["name"],
            "amount": money_text(view["amount"]) if view.get("amount") else None,
            "sides": " → ".join(str(side["name"]) for side in (view.get("payer"), view.get("payee")) if side),
            "until": day_text(view.get("until_ms")),
            "id": view["id"],
        }
        for view in views
    ]
    settings.output.table(rows, COLUMNS, empty=empty)
