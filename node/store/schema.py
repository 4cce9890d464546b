"""The version of the schema: migrate an older database, refuse a newer one.

Source: docs/operating/storage.md; the revisions are in node/store/migrations/versions.

Tests: tests/node/store/test_database.py
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from protocol.errors import StorageError

MIGRATIONS = Path(__file__).parent / "migrations"


@cache
def head_revision() -> str:
    """Give the newest revision that this program knows."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    if revision is None:
        raise StorageError("no migration is installed with this program")
    return revision


async def migrate(engine: AsyncEngine) -> None:
    """Bring the schema to the newest revision, in one transaction.

    Raises:
        StorageError: The database was written by a newer version of the program.
    """
    async with engine.connect() as connection, connection.begin():
        await connection.run_sync(upgrade)


def upgrade(connection: Connection) -> None:
    """Bring the schema behind a connection to the newest revision; the caller commits.

    Raises:
        StorageError: The database was written by a newer version of the program.
    """
    current = MigrationContext.configure(connection).get_current_revision()
    if current == head_revision():
        return
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    known = {script.revision for script in scripts.walk_revisions()}
    if current is not None and current not in known:
        raise StorageError(
            f"the database has schema {current}, which this version doesn't know; install the newer version again"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@cache
def expected_schema() -> dict[str, str]:
    """Give the statements of the schema that the migrations make, by name, out of an empty database in memory."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        upgrade(connection)
        found = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
    engine.dispose()
    return {row[0]: row[1] for row in found}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    return config
