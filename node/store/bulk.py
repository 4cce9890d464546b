"""Many rows in one statement: the hot path's way to write and look up.

`executemany` runs one step a row, and the driver's thread gives the interpreter lock away and waits for it again
at each step. While the event loop is busy that wait is the switch interval, so a hundred rows took 20 ms; the same
rows in one statement took 2.6 ms (measured on 2 cores with a busy loop, switch interval 0.5 ms; alone both take
0.8 ms). So rows are bound to one `VALUES` list whose length is the next power of two, filled up with rows of NULLs
that the statement leaves out: few distinct statements, each prepared once and kept by the driver.

The functions give statements for `node.store.driver.run`, which runs those of one step together.
Source: https://docs.python.org/3/library/sys.html#sys.setswitchinterval; https://sqlite.org/lang_select.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from node.store.driver import Statement

ROWS_PER_STATEMENT_MAX = 256
"""Rows bound at once; at up to 16 columns this stays far below SQLite's 32766 variables."""

Row = tuple[Any, ...]


def insert_rows(table: str, columns: tuple[str, ...], rows: Sequence[Row]) -> list[Statement]:
    """Give the statements that insert rows, whose first column is never NULL.

    Args:
        table: Its name.
        columns: The columns that each row has, in order.
        rows: As many as there are.
    """
    return [(_insert(table, columns, _length(part)), _bound(part, len(columns))) for part in _parts(rows)]


def update_rows(table: str, key: str, columns: tuple[str, ...], rows: Sequence[Row]) -> list[Statement]:
    """Give the statements that set columns of rows which are found by one key column.

    Args:
        table: Its name.
        key: The column that finds a row; first in each of `rows`.
        columns: The columns to set, in the order of the values behind the key.
        rows: (key, value, …), each key once.
    """
    return [(_update(table, key, columns, _length(part)), _bound(part, 1 + len(columns))) for part in _parts(rows)]


def select_rows(
    table: str,
    columns: tuple[str, ...],
    key: str,
    values: Sequence[Any],
    *,
    also: tuple[str, Any] | None = None,
    only: str = "",
) -> list[Statement]:
    """Give the statements that find the rows whose key column is one of `values`, in no order.

    Args:
        table: Its name.
        columns: What to read, in order.
        key: The column that finds a row.
        values: As many as there are.
        also: Another column that must have one value: its name and the value.
        only: A further condition in SQL, such as that of a partial index.
    """
    parts = list(_parts([(value,) for value in values]))
    if also is None:
        return [(_select(table, columns, key, only, _length(part)), _bound(part, 1)) for part in parts]
    condition = f"{also[0]} = ?{f' AND {only}' if only else ''}"
    return [(_select(table, columns, key, condition, _length(part)), (*_bound(part, 1), also[1])) for part in parts]


def _parts(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    if len(rows) <= ROWS_PER_STATEMENT_MAX:
        return (rows,) if rows else ()
    return (rows[at : at + ROWS_PER_STATEMENT_MAX] for at in range(0, len(rows), ROWS_PER_STATEMENT_MAX))


def _length(part: Sequence[object]) -> int:
    """Give the next power of two."""
    return 1 << (len(part) - 1).bit_length()


def _bound(part: Sequence[Row], width: int) -> tuple[Any, ...]:
    """Give all values one behind the other, filled up with NULLs to whole rows."""
    values = [value for row in part for value in row]
    values.extend([None] * ((_length(part) - len(part)) * width))
    return tuple(values)


def _values(width: int, length: int) -> str:
    row = f"({', '.join('?' * width)})"
    return ", ".join([row] * length)


@cache
def _insert(table: str, columns: tuple[str, ...], length: int) -> str:
    numbered = ", ".join(f"column{at}" for at in range(1, len(columns) + 1))
    return (
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {numbered} "
        f"FROM (VALUES {_values(len(columns), length)}) WHERE column1 IS NOT NULL"
    )


@cache
def _update(table: str, key: str, columns: tuple[str, ...], length: int) -> str:
    changes = ", ".join(f"{name} = given.column{at}" for at, name in enumerate(columns, start=2))
    return (
        f"UPDATE {table} SET {changes} "
        f"FROM (VALUES {_values(1 + len(columns), length)}) AS given WHERE {table}.{key} = given.column1"
    )


@cache
def _select(table: str, columns: tuple[str, ...], key: str, only: str, length: int) -> str:
    condition = f" AND {only}" if only else ""
    return f"SELECT {', '.join(columns)} FROM {table} WHERE {key} IN ({', '.join('?' * length)}){condition}"
