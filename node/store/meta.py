"""The few facts about a data folder itself, such as whose it is.

Source: docs/operating/storage.md.
"""

from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store import driver
from node.store.rowcheck import with_checks
from node.store.tables import meta

HOME = "home"
"""The network that this folder is the home of: 32 bytes."""

SELECT_VALUE = "SELECT value FROM meta WHERE key = ?"


async def get(connection: AsyncConnection, key: str) -> bytes | None:
    """Give a fact's bytes, or None where it was never set."""
    (rows,) = await driver.run(connection, [(SELECT_VALUE, (key,))])
    return rows[0][0] if rows else None


async def put(connection: AsyncConnection, key: str, value: bytes) -> None:
    """Set a fact, inside a writing job."""
    await connection.execute(delete(meta).where(meta.c.key == key))
    await connection.execute(insert(meta).values(with_checks(meta, {"key": key, "value": value})))
