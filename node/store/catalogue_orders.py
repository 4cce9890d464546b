"""How far each order is: the fold of its events, kept beside it so that lists need not fold.

The fold itself is `protocol.market.orders`; it depends on the set of events only, not on their arrival.
Source: docs/concepts/catalogue.md; spec/09-market MK-10 to MK-16.

Tests: tests/node/store/test_catalogue.py
"""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.catalogue_tables import mention, order_state, thing
from node.store.limits import VARIABLES_PER_QUERY
from node.store.tables import bundle
from node.store.tables import record as record_table
from protocol.bundle import decode_bundle
from protocol.errors import RemoteProtocolError
from protocol.kinds import read_body
from protocol.kinds.orders import Event, Order
from protocol.market.orders import OrderEvent, OrderState, fold
from protocol.record import Record, decode_record


async def refresh_orders(connection: AsyncConnection, orders: Iterable[bytes]) -> None:
    """Compute anew how far these orders are.

    Args:
        connection: Inside the transaction; rows of `thing` and `mention` are up to date.
        orders: Orders that are new or have a new event.
    """
    wanted = sorted(orders)
    for start in range(0, len(wanted), VARIABLES_PER_QUERY):
        chunk = wanted[start : start + VARIABLES_PER_QUERY]
        query = (
            select(thing.c.number, thing.c.id, record_table.c.data)
            .join(record_table, record_table.c.sequence == thing.c.current)
            .where(thing.c.id.in_(chunk), thing.c.kind == "order")
        )
        rows = (await connection.execute(query)).all()
        events = await events_of(connection, [row.id for row in rows])
        states = [
            {"thing": row.number, "state": str(state.state)}
            for row in rows
            if (state := state_of(decode_record(row.data), [event for _, event in events.get(row.id, ())]))
        ]
        await connection.execute(delete(order_state).where(order_state.c.thing.in_([row.number for row in rows])))
        if states:
            await connection.execute(insert(order_state), states)


async def events_of(
    connection: AsyncConnection, orders: Sequence[bytes]
) -> Mapping[bytes, list[tuple[Record, OrderEvent]]]:
    """Give the known events of orders, with their records.

    Args:
        connection: Any connection.
        orders: At most VARIABLES_PER_QUERY ids.
    """
    query = (
        select(mention.c.target, record_table.c.data, record_table.c.leaf_index, bundle.c.data.label("bundle_data"))
        .join(thing, thing.c.number == mention.c.source)
        .join(record_table, record_table.c.sequence == thing.c.current)
        .outerjoin(bundle, bundle.c.record_id == record_table.c.id)
        .where(mention.c.target.in_(orders), mention.c.role == "event.order")
        .order_by(thing.c.number)
    )
    found: dict[bytes, list[tuple[Record, OrderEvent]]] = {}
    for target, data, leaf_index, bundle_data in await connection.execute(query):
        try:
            record = decode_record(data)
            body = read_body("event", record.body_value())
            index = decode_bundle(bundle_data).index if leaf_index is None else leaf_index
        except RemoteProtocolError:
            continue  # erased, or damaged: the audit of records names it
        if isinstance(body, Event):
            author = record.header.author or record.id
            event = OrderEvent(id=record.id, author=author, index=index, body=body)
            found.setdefault(target, []).append((record, event))
    return found


async def order_with_events(connection: AsyncConnection, order: bytes) -> tuple[Order, list[OrderEvent]] | None:
    """Give an order and its known events; None where it isn't in the catalogue or its body was erased."""
    query = select(record_table.c.data).join(thing, thing.c.current == record_table.c.sequence)
    data = (await connection.execute(query.where(thing.c.id == order, thing.c.kind == "order"))).scalar_one_or_none()
    body = None if data is None else order_of(decode_record(data))
    if body is None:
        return None
    return body, [event for _, event in (await events_of(connection, [order])).get(order, ())]


def state_of(record: Record, events: Iterable[OrderEvent]) -> OrderState | None:
    """Fold an order; None where its body was erased.

    Args:
        record: The order's record.
        events: Its known events.
    """
    body = order_of(record)
    return fold(body, events) if body is not None else None


def order_of(record: Record) -> Order | None:
    """Give an order's body; None where it was erased."""
    try:
        body = read_body("order", record.body_value())
    except RemoteProtocolError:
        return None
    return body if isinstance(body, Order) else None
