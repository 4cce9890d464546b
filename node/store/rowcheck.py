"""The `checks` column: finds a changed byte in rows that nothing signed can rebuild.

For every other column of the row stand four bytes of SHA-256 over table, column, the row's key and the value;
behind them four bytes over all of that. So a changed value names its column, a changed key names the key column
(whose own digest leaves the row's key out), and a change in `checks` itself names `checks`.
It guards against damage, not against somebody who can write the database.

Source: docs/operating/storage.md.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table

from protocol import codec
from protocol.errors import LocalProtocolError

CHECKS = "checks"
DIGEST_BYTES = 4


def checks_of(table: Table, row: Mapping[str, Any]) -> bytes:
    """Give the bytes of the `checks` column for a row.

    Args:
        table: A table with a primary key and a `checks` column.
        row: All columns but `checks`: None, int, str or bytes.
    """
    key = [row[column.name] for column in table.primary_key.columns]
    digests = b"".join(_digest(table, name, key, row[name]) for name in _columns(table))
    return digests + hashlib.sha256(digests).digest()[:DIGEST_BYTES]


def with_checks(table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Give the row together with its `checks`, ready to be inserted."""
    return {**row, CHECKS: checks_of(table, row)}


def failing_columns(table: Table, row: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the columns of a stored row that are not what was written; empty for a sound row.

    Args:
        table: The table that the row was read from.
        row: All columns, `checks` among them.
    """
    names = _columns(table)
    stored = row[CHECKS]
    digests, own = stored[:-DIGEST_BYTES], stored[-DIGEST_BYTES:]
    if len(digests) != DIGEST_BYTES * len(names) or hashlib.sha256(digests).digest()[:DIGEST_BYTES] != own:
        return (CHECKS,)
    key_names = [column.name for column in table.primary_key.columns]
    key = [row[name] for name in key_names]
    failing = [
        name
        for at, name in enumerate(names)
        if digests[at * DIGEST_BYTES : (at + 1) * DIGEST_BYTES] != _digest(table, name, key, row[name])
    ]
    return tuple(name for name in failing if name in key_names) or tuple(failing)


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name != CHECKS]


def _digest(table: Table, name: str, key: list[Any], value: Any) -> bytes:
    bound = [] if table.columns[name].primary_key else key
    try:
        covered = codec.encode([str(table.name), str(name), bound, value])
    except LocalProtocolError:
        return b""  # text that is no UTF-8 any more: what was written had a digest
    return hashlib.sha256(covered).digest()[:DIGEST_BYTES]
