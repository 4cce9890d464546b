"""Facts about a folder are kept and replaced."""

from functools import partial
from pathlib import Path

from node.store import meta
from node.store.database import Database


async def test_a_fact_is_kept_and_replaced(tmp_path: Path) -> None:
    """The last value set counts; what was never set is None."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'node.sqlite'}")
    for value in (b"one", b"two"):
        await database.write(partial(meta.put, key=meta.HOME, value=value))

    async with database.read() as connection:
        assert await meta.get(connection, meta.HOME) == b"two"
        assert await meta.get(connection, "other") is None
    await database.close()
