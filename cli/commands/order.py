"""`mutirao order`: place an order, and carry it through accepted, separated, delivered, received."""

from __future__ import annotations

from typing import Any

import click

from cli.amounts import measure_text, money_text, price_text, quantity_of, quantity_text
from cli.commands.options import IdentifierType
from cli.connection import desk
from cli.errors import UsageProblemError
from cli.orders import event_record, order_record, regions_of, rows_given
from cli.settings import Group, Settings, asynchronous
from cli.values import ValueProblemError
from protocol.identifiers import to_text

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
