"""The catalogue made anew beside the stored one, for comparing the two.

The new tables are temporary ones of the same names, which SQLite finds before the stored ones; so the same projection
that writes the catalogue writes them. Values are compared as bytes, so that damaged text can't stop the comparison.
Source: docs/concepts/catalogue.md.

Tests: tests/node/audit/test_catalogue.py
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex, CreateTable

from node.store.catalogue import rebuild
from node.store.catalogue_tables import CATALOGUE_TABLES

Row = tuple[str, ...]
"""A row as text: each column's type, a colon and its bytes in hexadecimal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """How the stored rows of one table differ from those that the records make.

    Attributes:
        table: The table's name.
        columns: Its columns, in order.
        key: Where its primary key stands among them.
        stored: Rows that are stored and that no record makes.
        wanted: Rows that the records make and that are not stored.
    """

    table: str
    columns: tuple[str, ...]
    key: tuple[int, ...]
    stored: list[Row]
    wanted: list[Row]


async def differences(connection: AsyncConnection, *, rows_max: int) -> list[Difference]:
    """Make the catalogue anew and compare it with the stored one.

    Args:
        connection: Reading; it must see one state throughout. It is given back as it came.
        rows_max: Rows that are given for each side of a table.

    Returns:
        One for each table, also where nothing differs.
    """
    was_query_only = (await connection.execute(text("PRAGMA query_only"))).scalar_one()
    await connection.execute(text("PRAGMA query_only=OFF"))
    try:
        for table in CATALOGUE_TABLES:
            await _make_beside(connection, table)
        await rebuild(connection)
        return [await _compare(connection, table, rows_max) for table in CATALOGUE_TABLES]
    finally:
        for table in CATALOGUE_TABLES:
            await connection.execute(text(f"DROP TABLE IF EXISTS temp.{table.name}"))
        await connection.execute(text(f"PRAGMA query_only={int(was_query_only)}"))


async def _make_beside(connection: AsyncConnection, table: Table) -> None:
    dialect = connection.dialect
    made = str(CreateTable(table).compile(dialect=dialect))
    await connection.execute(text(made.replace("CREATE TABLE ", "CREATE TEMP TABLE ", 1)))
    for index in sorted(table.indexes, key=lambda item: str(item.name)):
        indexed = str(CreateIndex(index).compile(dialect=dialect))
        await connection.execute(text(indexed.replace(str(index.name), f"temp.{index.name}", 1)))


async def _compare(connection: AsyncConnection, table: Table, rows_max: int) -> Difference:
    names = tuple(column.name for column in table.columns)
    return Difference(
        table=str(table.name),
        columns=names,
        key=tuple(names.index(column.name) for column in table.primary_key.columns),
        stored=await _rows_only_in(connection, table, of="main", but="temp", rows_max=rows_max),
        wanted=await _rows_only_in(connection, table, of="temp", but="main", rows_max=rows_max),
    )


async def _rows_only_in(connection: AsyncConnection, table: Table, *, of: str, but: str, rows_max: int) -> list[Row]:
    columns = ", ".join(f'typeof("{column.name}") || \':\' || hex("{column.name}")' for column in table.columns)
    # NOT INDEXED: an index that holds every column would be read in place of the table, and damage be missed.
    one, other = (f"SELECT {columns} FROM {schema}.{table.name} NOT INDEXED" for schema in (of, but))
    rows = await connection.execute(text(f"{one} EXCEPT {other} LIMIT {rows_max}".replace(":'", "\\:'")))
    return [tuple(row) for row in rows]
