"""`mutirao pay` and `mutirao ledger`: move credit, and read the books."""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import keys
from cli.amounts import money_of, money_text
from cli.commands import books
from cli.commands.options import IdentifierType
from cli.connection import as_network, connected, desk, load_signer
from cli.enrolment import account_record
from cli.errors import UnreachableError, UsageProblemError
from cli.output import counted
from cli.records import Author, now_ms
from cli.settings import Command, Group, Settings, asynchronous
from cli.values import ValueProblemError, scaled
from protocol.errors import RemoteProtocolError
from protocol.identifiers import from_text, to_text
from protocol.record import Record, decode_record, encode_record

if TYPE_CHECKING:
    from cli.client import Outcome

PAYMENT_LIFE_MS = 3600 * 1000
FORM = "mutirao/payment/1"


def transfer_record(
    payer: Author, payee: bytes, amount: int, unit: str, *, text: str | None = None, order: bytes | None = None
) -> Record:
    """Make the payer's instruction to move credit.

    Args:
        payer: who gives, and signs.
        payee: who receives, 32 bytes.
        amount: minor units.
        unit: the unit of the network's credit.
        text: what it is for.
        order: the order that it pays, 32 bytes.
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
    purpose = {name: value for name, value in (("text", text), ("order", order)) if value is not None}
    return payer.make("transfer", {**body, "purpose": purpose} if purpose else body)


@click.command(cls=Command)
@click.argument("payee", required=False, type=IdentifierType("agent"))
@click.argument("amount", required=False)
@click.option("--for", "text", help="What it is for.")
@click.option("--order", type=IdentifierType("order"), help="The order that it pays.")
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
    keep: Path | None,
    again: Path | None,
) -> None:
    """Pay AMOUNT of your network's credit to PAYEE, signed with --key.

    If the connection breaks before the answer comes, the signed payment is kept in a file;
    `mutirao pay --again FILE` then asks what became of it, without paying twice.
    """
    if again is not None:
        async with connected(settings) as client:
            outcome = await client.submit_one(_read_payment(again))
        settings.output.result(outcome.answer, _paid("The payment", outcome))
        return
    if payee is None or amount is None:
        raise UsageProblemError("Whom to pay, or how much, is missing.", next_step="mutirao pay PAYEE AMOUNT")
    async with desk(settings) as at:
        try:
            money = money_of(amount, at.credit)
        except ValueProblemError as error:
            raise UsageProblemError(error.message, next_step=error.next_step) from error
        record = transfer_record(
            at.author,
            from_text(payee)[1],
            money["amount"],
            money["unit"],
            text=text,
            order=from_text(order)[1] if order else None,
        )
        if keep is not None:
            _write_payment(keep, record)
        try:
            outcome = await at.client.submit_one(record)
        except UnreachableError as error:
            kept = keep or settings.key_path().with_suffix(f".{to_text('payment', record.id)[-8:]}.payment")
            if keep is None:
                _write_payment(kept, record)
            error.next_step = f"Ask what became of it with: mutirao pay --again {kept}"
            raise
        said = {"symbol": at.credit.symbol or at.credit.name, "exponent": at.credit.exponent, **money}
    settings.output.result(
        {"transfer": to_text("transfer", record.id), **money, **outcome.answer}, _paid(money_text(said), outcome)
    )


@click.group(cls=Group)
def ledger() -> None:
    """Read the books of the network's credit."""


ledger.add_command(books.statement)
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
        ],
    )


@ledger.command("account")
@click.argument("agent", type=IdentifierType("agent"))
@click.argument("action", type=click.Choice(("open", "limit")))
@click.option("--low", required=True, help="How far below zero, such as -300.")
@click.option("--high", required=True, help="How far above zero.")
@click.option("--reason", required=True, help="Why, for the books: the assembly's minutes.")
@asynchronous
async def account(settings: Settings, agent: str, action: str, low: str, high: str, reason: str) -> None:
    """Open AGENT's account or change its limits, signed with the network's record key."""
    signer = load_signer(settings)
    async with connected(settings) as client:
        view = await client.network()
        exponent = int((view.get("unit") or {}).get("exponent", 2))
        try:
            limits = (scaled(low, exponent, comma_is_decimal=True), scaled(high, exponent, comma_is_decimal=True))
        except ValueProblemError as error:
            raise UsageProblemError(error.message, next_step=error.next_step) from error
        network = as_network(signer, await client.network_id())
        record = account_record(network, from_text(agent)[1], action, limits, reason)
        outcome = await client.submit_one(record)
    settings.output.result({"agent": agent, **outcome.answer}, f"The account of {agent} has its limits.")


def _paid(what: str, outcome: Outcome) -> str:
    return f"{what}: paid before, this is the first answer again." if outcome.again else f"{what}: paid."


def _write_payment(path: Path, record: Record) -> None:
    document = {"form": FORM, "record": base64.b64encode(encode_record(record)).decode()}
    keys.write_private(path, json.dumps(document) + "\n")


def _read_payment(path: Path) -> Record:
    try:
        document = json.loads(path.read_bytes())
        if document["form"] != FORM:
            raise ValueError("another form")
        return decode_record(base64.b64decode(document["record"], validate=True))
    except (OSError, ValueError, KeyError, TypeError, RemoteProtocolError) as error:
        raise UsageProblemError(
            f"{path} is not a kept payment.", next_step="Give the file that `mutirao pay --keep` wrote."
        ) from error
