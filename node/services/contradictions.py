"""What a home refuses of its members' events because it contradicts what is known here.

A valid event counts or doesn't by the fold of `protocol.market.orders`, wherever it arrives. Its author's home can do
better: it knows what its member has stated, and what it has heard of the other side, and says so before anything
stands in the feed that would count for nothing.

Source: spec/09-market MK-17.
"""

from collections.abc import Iterable

from node.store.catalogue_orders import order_with_events
from node.store.database import Connection
from protocol.errors import Refusal
from protocol.kinds import read_record
from protocol.kinds.orders import Event
from protocol.market.orders import OrderEvent, conflict
from protocol.record import Record

NEWEST = 2**53
"""The leaf of an event that has none yet: behind all others."""


async def contradiction(connection: Connection, record: Record, beside: Iterable[Record] = ()) -> Refusal | None:
    """Say why the home doesn't take an event.

    Args:
        connection: The writer's, inside a job.
        record: A valid record.
        beside: Valid records before it in the same submission.

    Returns:
        The refusal; None for any other record, and where the catalogue doesn't hold the order, since its events are
        found there.
    """
    event = _event(record)
    found = None if event is None else await order_with_events(connection, event.order)
    if event is None or found is None:
        return None
    order, known = found
    for index, other in enumerate(beside):
        body = _event(other)
        if body is not None and body.order == event.order:
            author = other.header.author or other.id
            known.append(OrderEvent(id=other.id, author=author, index=NEWEST + index, body=body))
    return conflict(order, known, event)


def _event(record: Record) -> Event | None:
    body = read_record(record) if record.header.kind == "event" and record.has_body else None
    return body if isinstance(body, Event) else None
