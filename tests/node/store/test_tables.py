"""The migrations make exactly the tables that the code describes."""

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from node.store import catalogue_tables, ledger_tables, sessions
from node.store.database import Database
from node.store.tables import metadata

DESCRIBED_ELSEWHERE = (catalogue_tables, ledger_tables, sessions)
"""Modules that define tables of their own on the same metadata; importing them is what adds the tables."""


def schema_of(path: Path) -> dict[str, str]:
    """Give the statements of a schema with their parts in order."""
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {name: " ".join(sorted(part.strip() for part in sql.replace("\n", " ").split(","))) for name, sql in rows}


async def test_the_migrations_make_the_tables_of_the_code(tmp_path: Path) -> None:
    """Columns, types, keys, checks and indexes are the same both ways."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'migrated.sqlite'}")
    await database.close()
    engine = create_engine(f"sqlite:///{tmp_path / 'described.sqlite'}")
    metadata.create_all(engine)
    engine.dispose()
    migrated = schema_of(tmp_path / "migrated.sqlite")
    migrated.pop("alembic_version")

    for name, described in schema_of(tmp_path / "described.sqlite").items():
        assert sorted(migrated[name].split()) == sorted(described.split()), name


@pytest.mark.parametrize("table", sorted(metadata.tables))
async def test_every_table_is_strict(tmp_path: Path, table: str) -> None:
    """SQLite keeps values of the declared types only."""
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path / 'node.sqlite'}")
    await database.close()

    assert "STRICT" in schema_of(tmp_path / "node.sqlite")[table]
