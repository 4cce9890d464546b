"""The few facts about a data folder itself, such as whose it is.

Source: docs/operating/storage.md.
"""

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from node.store.rowcheck import with_checks
from node.store.tables import meta

HOME = "home"
"""The network that this folder is the home of: 32 bytes."""


async def get(connection: AsyncConnection, key: str) -> bytes | None:
    """Give a fact's bytes, or None where it was never set."""
    value: bytes | None = (await connection.execute(select(meta.c.value).where(meta.c.key == key))).scalar_one_or_none()
    return value


async def put(connection: AsyncConnection, key: str, value: bytes) -> None:
    """Set a fact, inside a writing job."""
    await connection.execute(delete(meta).where(meta.c.key == key))
    await connection.execute(insert(meta).values(with_checks(meta, {"key": key, "value": value})))
