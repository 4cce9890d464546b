"""The outbox: which addressed record still has to reach which network.

A row is made in the transaction that stores the record, and says so until that network acknowledged it.

Source: DESIGN section 6; docs/concepts/feeds.md.

Tests: tests/node/services/test_replication.py
"""

from collections.abc import Iterable

from sqlalchemy import and_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.records import portions
from node.store.rowcheck import CHECKS, checks_of
from node.store.tables import delivery, record
from protocol.feeds import TRADE
from protocol.kinds import feed_of
from protocol.record import Record

INSERT_DELIVERY = (
    "INSERT INTO delivery (network, record_id, acknowledged, checks) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
)


async def address(connection: AsyncConnection, items: Iterable[Record], *, home: bytes) -> set[bytes]:
    """Note for stored records that they have to reach the networks that they are addressed to.

    Args:
        connection: The writer's, inside a job.
        items: Stored records; those of the kinds of trade feeds are addressed, others are passed over.
        home: This network, which has them; their own homes have them too.

    Returns:
        The networks that have something new to be delivered.
    """
    rows = [
        _row(network, item.id, acknowledged=0)
        for item in items
        if feed_of(item.header.kind) == TRADE
        for network in item.header.to
        if network not in {home, item.header.home}
    ]
    if rows:
        await connection.exec_driver_sql(INSERT_DELIVERY, [tuple(row.values()) for row in rows])
    return {row["network"] for row in rows if isinstance(row["network"], bytes)}


async def outbox(connection: AsyncConnection, network: bytes, *, count_max: int) -> list[bytes]:
    """Give the ids that a network has not acknowledged yet, oldest first."""
    query = (
        select(delivery.c.record_id)
        .join(record, record.c.id == delivery.c.record_id)
        .where(delivery.c.network == network, delivery.c.acknowledged == 0)
        .order_by(record.c.sequence)
        .limit(count_max)
    )
    return list((await connection.execute(query)).scalars())


async def acknowledge(connection: AsyncConnection, network: bytes, ids: Iterable[bytes]) -> None:
    """Note that a network has these records durably; ids that were never meant for it are passed over."""
    for some in portions(set(ids)):
        here = and_(delivery.c.network == network, delivery.c.record_id.in_(some), delivery.c.acknowledged == 0)
        for record_id in list((await connection.execute(select(delivery.c.record_id).where(here))).scalars()):
            row = _row(network, record_id, acknowledged=1)
            one = and_(delivery.c.network == network, delivery.c.record_id == record_id)
            await connection.execute(update(delivery).where(one).values(acknowledged=1, checks=row[CHECKS]))


def _row(network: bytes, record_id: bytes, *, acknowledged: int) -> dict[str, bytes | int]:
    row: dict[str, bytes | int] = {"network": network, "record_id": record_id, "acknowledged": acknowledged}
    return {**row, CHECKS: checks_of(delivery, row)}
