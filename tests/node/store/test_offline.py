"""A folder is read as a start would see it, and nothing of it changes."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from pathlib import Path

from sqlalchemy import text

from node.store.database import Connection, Database
from node.store.offline import integrity_faults, open_offline, schema_faults


def _digests(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


async def _folder(tmp_path: Path, *, killed: bool) -> Path:
    live, dead = tmp_path / "live", tmp_path / "dead"
    live.mkdir()
    dead.mkdir()
    database = await Database.open(f"sqlite+aiosqlite:///{live / 'node.sqlite'}")

    async def job(connection: Connection) -> None:
        await connection.execute(text("INSERT INTO network (id, epoch) VALUES (zeroblob(32), 7)"))

    await database.write(job)
    if killed:
        for name in ("node.sqlite", "node.sqlite-wal"):
            shutil.copyfile(live / name, dead / name)
    await database.close()
    if not killed:
        shutil.copyfile(live / "node.sqlite", dead / "node.sqlite")
    return dead / "node.sqlite"


async def test_what_was_committed_is_seen(tmp_path: Path) -> None:
    """After a kill the log is read with the file, after a stop the file alone; neither is changed."""
    for killed in (True, False):
        (tmp_path / str(killed)).mkdir()
        path = await _folder(tmp_path / str(killed), killed=killed)
        before = _digests(path.parent)
        async with open_offline(path) as connection:
            assert 7 == (await connection.execute(text("SELECT epoch FROM network"))).scalar_one()
            assert not await integrity_faults(connection)
            assert not await schema_faults(connection)
        assert before == _digests(path.parent)


async def test_a_changed_schema_is_named(tmp_path: Path) -> None:
    """A dropped index, a foreign table and another revision are each found."""
    path = await _folder(tmp_path, killed=False)
    connection = sqlite3.connect(path)
    connection.execute("DROP INDEX record_thing")
    connection.execute("CREATE TABLE intruder (a)")
    connection.execute("UPDATE alembic_version SET version_num = '0000'")
    connection.commit()
    connection.close()

    async with open_offline(path) as opened:
        faults = dict(await schema_faults(opened))

    assert {"record_thing", "intruder", "alembic_version version_num"} == set(faults)
