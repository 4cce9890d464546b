"""`mutirao pay` and `mutirao ledger`: move credit, and read the books."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.amounts import money_text
from cli.commands import accounts, books
from cli.commands.options import IdentifierType
from cli.connection import Desk, connected, desk
from cli.errors import CliError, UsageProblemError
from cli.instructions import body_of, credit_of, day_text, items, official_of, still_open
from cli.output import counted
from cli.payments import read_payment, send_payment
from cli.records import Author, now_ms
from cli.settings import Command, Group, Settings, asynchronous
from protocol.identifiers import from_text, to_text
from protocol.record import Record

if TYPE_CHECKING:
    from cli.client import Outcome

PROPOSED = "proposed"
PAYMENT_LIFE_MS = 3600 * 1000


def transfer_record(
    payer: Author,
    payee: bytes,
    amount: int,
    unit: str,
    *,
    text: str | None = None,
    order: bytes | None = None,
    request: bytes | None = None,
    official: Mapping[str, Any] | None = None,
) -> Record:
    """Make the payer's instruction to move credit.

    Args:
        payer: who gives, and signs.
        payee: who receives, 32 bytes.
        amount: minor units.
        unit: the unit of the network's credit.
        text: what it is for.
        order: the order that it pays, 32 bytes.
        request: the request that it pays, 32 bytes.
        official: what was paid beside it in official money.
    """
    body: dict[str, Any] = {
        "ledger": payer.home,
        "payer": payer.agent,
        "payee": payee,
        "amount": amount,
        "unit": unit,
        "expires_ms": now_ms() + PAYMENT_LIFE_MS,
        "nonce": secrets.token_bytes(16),
    }
    given = (("text", text), ("order", order), ("request", request))
    purpose = {name: value for name, value in given if value is not None}
    more = {"purpose": purpose, "official": official}
    return payer.make("transfer", body | {name: value for name, value in more.items() if value})


@click.command(cls=Command)
@click.argument("payee", required=False, type=IdentifierType("agent"))
@click.argument("amount", required=False)
@click.option("--for", "text", help="What it is for.")
@click.option("--order", type=IdentifierType("order"), help="The order that it pays.")
@click.option(
    "--request", type=IdentifierType("request"), help="The request that it pays; in whole if no amount is given."
)
@click.option("--official", help="What you paid beside it in official money, such as “BRL 6,50”.")
@click.option("--keep", type=click.Path(dir_okay=False, path_type=Path), help="Write the signed payment here first.")
@click.option(
    "--again",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Send a kept payment once more: it counts once, and gets the first answer again.",
)
@asynchronous
async def pay(
    settings: Settings,
    *,
    payee: str | None,
    amount: str | None,
    text: str | None,
    order: str | None,
    request: str | None,
    official: str | None,
    keep: Path | None,
    again: Path | None,
) -> None:
    """Pay AMOUNT of your network's credit to PAYEE, signed with --key.

    If the connection breaks before the answer comes, the signed payment is kept in a file;
    `mutirao pay --again FILE` then asks what became of it, without paying twice.
    """
    if again is not None:
        async with connected(settings) as client:
            outcome = await client.submit_one(read_payment(again))
        settings.output.result(outcome.answer, _paid("The payment", outcome))
        return
    if (payee is None or amount is None) and request is None:
        raise UsageProblemError("Whom to pay, or how much, is missing.", next_step="mutirao pay PAYEE AMOUNT")
    async with desk(settings) as at:
        whom, money = await _to_pay(at, payee, amount, request)
        record = transfer_record(
            at.author,
            whom,
            money["amount"],
            money["unit"],
            text=text,
            order=from_text(order)[1] if order else None,
            request=from_text(request)[1] if request else None,
            official=official_of(at, official) if official else None,
        )
        outcome = await send_payment(at, settings, record, keep)
        warning = await _warning(at)
        said = {"symbol": at.credit.symbol or at.credit.name, "exponent": at.credit.exponent, **money}
    settings.output.result(
        {"transfer": to_text("transfer", record.id), **money, **outcome.answer, "warning": warning},
        [_paid(money_text(said), outcome), warning or ""],
    )


@click.group(cls=Group)
def ledger() -> None:
    """Read the books of the network's credit."""


ledger.add_command(books.statement)
ledger.add_command(accounts.account)
ledger.add_command(books.trial)
ledger.add_command(books.transactions)
ledger.add_command(books.statistics)


@ledger.command("show")
@asynchronous
async def show(settings: Settings) -> None:
    """Show the ledger as a whole; the sum of all balances is zero."""
    async with connected(settings) as client:
        view = await client.get("/ledger")
    sums = ", ".join(money_text(one) for one in view.get("sums", [])) or "0"
    lines = [f"{counted(view['accounts'], 'account')}, {counted(view['transfers'], 'transfer')}, sum {sums}"]
    settings.output.result(view, [*lines, f"{counted(view['size'], 'entry', 'entries')}, root {view['root']}"])


@ledger.command("balance")
@click.argument("agent", required=False, type=IdentifierType("agent"))
@asynchronous
async def balance(settings: Settings, agent: str | None) -> None:
    """Show your balance, and how far you may go; treasurers may name an AGENT."""
    async with desk(settings) as at:
        await at.log_in()
        whose = agent or to_text("agent", at.author.agent or at.author.home)
        one = (await at.client.get(f"/ledger/accounts/{whose}"))["balance"]
    settings.output.result(
        one,
        [
            f"{one['account']['name']}: {money_text(one['balance'])}",
            f"May spend {money_text(one['spendable'])}",
            f"From {money_text(one['limit_low'])} to {money_text(one['limit_high'])}",
            warning_text(one) or "",
        ],
    )


@ledger.command("items")
@click.option("--kind", help="Only of this kind, such as request, mandate, act or official.")
@click.option("--state", help="Only in this state, such as proposed.")
@click.option("--all", "closed_too", is_flag=True, help="Also what has ended.")
@asynchronous
async def list_items(settings: Settings, kind: str | None, state: str | None, closed_too: bool) -> None:
    """List what waits for you or for others: proposed acts, requests and the like, newest first."""
    async with desk(settings) as at:
        await at.log_in()
        views = [view for view in await items(at, kind, state) if closed_too or view["is_open"]]
    if settings.output.json_wanted:
        settings.output.result(views)
        return
    rows = [
        {
            "about": view["about"],
            "state": view["state"],
            "payer": view.get("payer", {}).get("name", ""),
            "payee": view.get("payee", {}).get("name", ""),
            "amount": money_text(view.get("amount")),
            "until": day_text(view.get("until_ms")),
            "id": view["id"],
        }
        for view in views
    ]
    columns = [
        ("about", "what"), ("state", "state"), ("payer", "gives"), ("payee", "receives"), ("amount", "amount>"),
        ("until", "until"), ("id", "id"),
    ]  # fmt: skip
    settings.output.table(rows, columns, empty="Nothing waits.")


def warning_text(view: dict[str, Any]) -> str | None:
    """Say that a balance is beyond a soft limit; None where it isn't."""
    for name, words in (("soft_low", "below"), ("soft_high", "above")):
        if name in view.get("warnings", []):
            return f"The balance is {words} {money_text(view[name])}; the treasurer sees it too."
    return None


async def _warning(at: Desk) -> str | None:
    """Ask whether the author's account is beyond a soft limit now. The payment is made: no answer is no warning."""
    try:
        await at.log_in()
        agent = to_text("agent", at.author.agent or at.author.home)
        return warning_text((await at.client.get(f"/ledger/accounts/{agent}", limit=1))["balance"])
    except CliError:
        return None


async def _to_pay(at: Desk, payee: str | None, amount: str | None, request: str | None) -> tuple[bytes, dict[str, Any]]:
    """Give the payee and the money, from a request where they aren't said."""
    if payee is not None and amount is not None:
        return from_text(payee)[1], credit_of(at, amount)
    assert request is not None, "neither a payee nor a request was given"
    await at.log_in()
    body = await body_of(at, request)
    left = await still_open(at, request)
    money = {"unit": body["unit"], "amount": left or body["amount"]}
    return from_text(payee)[1] if payee else body["payee"], money


def _paid(what: str, outcome: Outcome) -> str:
    if outcome.word == PROPOSED:
        return f"{what}: waits for a second signature; see mutirao ledger items."
    return f"{what}: paid before, this is the first answer again." if outcome.again else f"{what}: paid."
