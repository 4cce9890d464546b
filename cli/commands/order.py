"""`mutirao order`: place an order, carry it through accepted, separated, delivered, received, and pay it."""

from __future__ import annotations

from typing import Any

import click

from cli.amounts import measure_text, money_text, price_text, quantity_of, quantity_text
from cli.commands.ledger import transfer_record
from cli.commands.options import DAY, IdentifierType
from cli.connection import Desk, desk
from cli.errors import UsageProblemError
from cli.holds import DAY_MS, HOLD_DAYS, due_of, hold_record, open_hold_of, resolution_record
from cli.orders import event_record, order_record, regions_of, rows_given
from cli.records import now_ms
from cli.settings import Group, Settings, asynchronous
from cli.values import ValueProblemError
from protocol.identifiers import from_text, to_text
from protocol.record import Record

ORDER = IdentifierType("order")
STEPS = {
    "accept": ("accepted", "Promise the order, or part of it; for the seller."),
    "separate": ("separated", "Say that the goods are set aside; for the seller."),
    "deliver": ("delivered", "Say that the goods were handed over; for the seller."),
    "receive": ("received", "Say what arrived; for the buyer."),
    "refuse": ("refused", "Refuse the whole order; for the seller."),
    "cancel": ("cancelled", "Withdraw the whole order; for the buyer."),
}


@click.group(cls=Group)
def order() -> None:
    """Place orders and carry them through."""


@order.command("place")
@click.argument("offer", type=IdentifierType("offer"))
@click.argument("quantity")
@click.option("--note", help="A word to the seller.")
@click.option("--without-region", is_flag=True, help="Don't let the common region read it.")
@asynchronous
async def place(settings: Settings, offer: str, quantity: str, note: str | None, without_region: bool) -> None:
    """Order QUANTITY, such as “2,5 kg”, of an OFFER of any network that your node follows."""
    async with desk(settings) as at:
        view = await at.client.get(f"/offers/{offer}")
        thousandths = _quantity(quantity, view["measure"])
        regions = [] if without_region else regions_of((await at.client.get("/neighbours"))["neighbours"])
        record = order_record(at.author, view, thousandths, regions=regions, note=note)
        await at.client.submit_one(record)
    text = to_text("order", record.id)
    settings.output.result(
        {"order": text, "offer": offer, "to": [to_text("agent", network) for network in record.header.to]},
        [f"Ordered: {quantity_text(thousandths, view['measure'])} of {view['title']}", text],
    )


@order.command("list")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@asynchronous
async def list_orders(settings: Settings, limit: int) -> None:
    """List the orders that you are a party of, newest first."""
    async with desk(settings) as at:
        await at.log_in()
        views = [view async for view in at.client.pages("/orders", "orders", limit=limit)]
    if settings.output.json_wanted:
        settings.output.result(views)
        return
    rows = [
        {
            "id": view["id"],
            "offer": view["offer"]["title"],
            "seller": view["seller"]["name"],
            "buyer": view["buyer"]["name"],
            "state": view["state"],
            "total": " + ".join(map(money_text, view.get("total", []))),
        }
        for view in views
    ]
    columns = [
        ("offer", "offer"), ("seller", "seller"), ("buyer", "buyer"), ("state", "state"), ("total", "total>"),
        ("id", "id"),
    ]  # fmt: skip
    settings.output.table(rows, columns, empty="There is no order yet.")


@order.command("show")
@click.argument("identifier", metavar="ORDER", type=ORDER)
@asynchronous
async def show(settings: Settings, identifier: str) -> None:
    """Show one order with its rows and events."""
    async with desk(settings) as at:
        await at.log_in()
        view = await at.client.get(f"/orders/{identifier}")
    settings.output.result(view, order_lines(view))


def order_lines(view: dict[str, Any]) -> list[str]:
    """Describe an order for a reader."""
    lines = [f"{view['offer']['title']}: {view['state']}"]
    lines.append(f"{view['buyer']['name']} orders from {view['seller']['name']}")
    for row in view["rows"]:
        said = [
            f"{name} {quantity_text(row[name], row['measure'])}"
            for name in ("ordered", "accepted", "separated", "delivered", "received")
            if row.get(name) is not None
        ]
        lines.append(f"  {row['title']}, {price_text(row.get('price'))}: {', '.join(said)}")
    lines.extend(
        f"  {event['author']['name']}: {event['action']}" + (f" ({event['note']})" if event.get("note") else "")
        for event in view.get("events", [])
    )
    return [*lines, f"Total: {' + '.join(map(money_text, view.get('total', [])))}", view["id"]]


@order.command("pay")
@click.argument("identifier", metavar="ORDER", type=ORDER)
@click.option("--hold", "aside", is_flag=True, help="Set it aside now, and pay it by the same command later.")
@click.option("--until", type=DAY, help=f"The last day of what is set aside; {HOLD_DAYS} days if not given.")
@asynchronous
async def pay(settings: Settings, identifier: str, aside: bool, until: int | None) -> None:
    """Pay what an order costs in your network's credit: out of what is set aside for it, if something is."""
    async with desk(settings) as at:
        await at.log_in()
        view = await at.client.get(f"/orders/{identifier}")
        due = due_of(view, at.credit.unit)
        money = {"unit": at.credit.unit, "amount": due}
        seller, order_id = from_text(view["seller"]["id"])[1], from_text(identifier)[1]
        assert at.author.agent is not None, "the author of a desk is known"
        held = await open_hold_of(at.client, identifier, at.author.agent)
        if aside and held is not None:
            raise UsageProblemError(
                f"{money_text(held['amount'])} is set aside for this order already.", next_step="mutirao hold list"
            )
        if aside:
            ends_ms = until + 1 if until is not None else now_ms() + HOLD_DAYS * DAY_MS
            records = [hold_record(at.author, seller, money, expires_ms=ends_ms, order=order_id)]
        else:
            records = _payments(at, held, seller, due, order_id)
        for outcome in await at.client.submit(records):
            outcome.check()
    said = money_text({"symbol": at.credit.symbol or at.credit.name, "exponent": at.credit.exponent, **money})
    made = {record.header.kind: to_text(record.header.kind, record.id) for record in records}
    settings.output.result({"order": identifier, **money, **made}, f"{said}: {'set aside' if aside else 'paid'}.")


def _payments(at: Desk, held: dict[str, Any] | None, seller: bytes, due: int, order_id: bytes) -> list[Record]:
    """Give what pays an order: what is set aside for it, at most what is due, and a transfer of the rest."""
    set_aside = 0 if held is None else int(held["amount"]["amount"])
    records = []
    if held is not None:
        part = due if due < set_aside else None
        records.append(resolution_record(at.author, str(held["id"]), "post", amount=part))
    if due > set_aside:
        records.append(transfer_record(at.author, seller, due - set_aside, at.credit.unit, order=order_id))
    return records


def _add_step(name: str, action: str, sentence: str) -> None:
    """Give the group one command that states a step."""

    @order.command(name, help=sentence)
    @click.argument("identifier", metavar="ORDER", type=ORDER)
    @click.option("--row", "rows", multiple=True, help="Other quantities, such as 0=2,5 for the first row.")
    @click.option("--note", help="In words.")
    @asynchronous
    async def step(settings: Settings, identifier: str, rows: tuple[str, ...], note: str | None) -> None:
        async with desk(settings) as at:
            await at.log_in()
            view = await at.client.get(f"/orders/{identifier}")
            record = event_record(at.author, view, action, quantities=rows_given(rows), note=note)
            await at.client.submit_one(record)
        settings.output.result(
            {"order": identifier, "event": to_text("event", record.id), "action": action}, f"{identifier}: {action}."
        )


def _quantity(text: str, measure: str) -> int:
    try:
        thousandths, given = quantity_of(text)
    except ValueProblemError as error:
        raise UsageProblemError(error.message, next_step=error.next_step) from error
    if given is not None and given != measure:
        raise UsageProblemError(
            f"The offer is in {measure_text(measure)}, not in {measure_text(given)}.",
            next_step=f"Give the quantity in {measure_text(measure)}.",
        )
    return thousandths


for _name, (_action, _sentence) in STEPS.items():
    _add_step(_name, _action, _sentence)
