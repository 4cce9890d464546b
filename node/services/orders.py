"""Orders for readers: how far each is, and the five quantities of its rows.

Who may see an order is decided by whoever asks, see `node.services.reading`.
Source: docs/spec/08-http.md section 5; spec/09-market MK-10 to MK-16.

Tests: tests/node/services/test_catalogue.py
"""

from collections.abc import Mapping, Sequence

from node.services.names import agent_refs, money, unit_views
from node.services.views import (
    AgentRef,
    MoneyView,
    OrderEventView,
    OrderPage,
    OrderRowView,
    OrderView,
    PriceView,
    ThingRef,
    UnitView,
)
from node.store import catalogue_reads as reads
from node.store.catalogue_orders import events_of, order_of, state_of
from node.store.catalogue_reads import Thing
from node.store.database import Connection
from protocol.identifiers import to_text
from protocol.kinds.orders import Order
from protocol.market.orders import OrderEvent, OrderState, RowState
from protocol.record import Record

Events = Sequence[tuple[Record, OrderEvent]]


async def order_page(connection: Connection, *, party: bytes | None, before: int | None, limit: int) -> OrderPage:
    """Give orders, the newest first.

    Args:
        connection: Any connection.
        party: Only those of this buyer or seller; None for all that are here.
        before: The number that the last page ended with.
        limit: How many at most.
    """
    numbers = await reads.order_numbers(connection, party=party, before=before, limit=limit + 1)
    things = await reads.by_numbers(connection, numbers[:limit])
    cursor = str(numbers[limit - 1]) if len(numbers) > limit else None
    return OrderPage(orders=await order_views(connection, things), cursor=cursor)


async def order_views(connection: Connection, orders: Sequence[Thing]) -> list[OrderView]:
    """Give orders as readers see them; those whose body was erased are left out."""
    bodies = {item.id: body for item in orders if (body := order_of(item.record)) is not None}
    events = await events_of(connection, list(bodies))
    offers = await reads.by_ids(connection, {body.offer for body in bodies.values()})
    agents = {agent for body in bodies.values() for agent in (body.seller, body.buyer)}
    agents |= {event.author for found in events.values() for _, event in found}
    names = await agent_refs(connection, agents)
    units = await unit_views(
        connection, {part.unit for body in bodies.values() for row in body.rows for part in row.price}
    )
    return [
        _view(item, bodies[item.id], events.get(item.id, ()), offers.get(bodies[item.id].offer), names, units)
        for item in orders
        if item.id in bodies
    ]


def _view(
    item: Thing,
    body: Order,
    events: Events,
    offer: Thing | None,
    names: Mapping[bytes, AgentRef],
    units: Mapping[str, UnitView],
) -> OrderView:
    state = state_of(item.record, [event for _, event in events])
    assert state is not None, "the body was read before"
    title = offer.title if offer is not None else body.rows[0].title
    ordered = sorted(events, key=lambda pair: pair[0].header.created_ms)
    return OrderView(
        id=to_text("order", item.id),
        offer=ThingRef(id=to_text("offer", body.offer), kind="offer", title=title),
        buyer=names[body.buyer],
        seller=names[body.seller],
        state=str(state.state),
        created_ms=item.record.header.created_ms,
        to=[to_text("agent", network) for network in item.record.header.to],
        rows=[_row(body, state, at, units) for at in range(len(body.rows))],
        events=[
            OrderEventView(
                id=to_text("event", record.id),
                action=str(event.body.action),
                author=names[event.author],
                created_ms=record.header.created_ms,
                note=event.body.note,
            )
            for record, event in ordered
        ],
        total=[money(units[part.unit], part.amount) for part in state.due],
    )


def _row(body: Order, state: OrderState, at: int, units: Mapping[str, UnitView]) -> OrderRowView:
    row, now = body.rows[at], state.rows[at]
    parts: list[MoneyView] = [money(units[part.unit], part.amount) for part in row.price]
    return OrderRowView(
        title=row.title,
        measure=row.measure,
        price=PriceView(parts=parts, per=row.per, measure=row.measure),
        ordered=now.ordered,
        **_stated(now),
    )


def _stated(now: RowState) -> dict[str, int | None]:
    """Give the quantities that somebody has stated; 0 says that nothing was stated yet."""
    names = ("accepted", "separated", "delivered", "received")
    return {name: getattr(now, name) or None for name in names}
