"""The audit of the catalogue: make its tables anew from the records and name every value that differs.

Of the search index nothing is taken on trust either: its rows are ordinary ones and compared like the others.
Source: docs/concepts/catalogue.md.
"""

from __future__ import annotations

from collections.abc import Iterable

from node.audit.findings import Finding
from node.store.catalogue_check import Difference, Row, differences
from node.store.database import Connection

FINDINGS_MAX = 1000
"""Rows that are listed a table; one more finding says that there are more."""


async def audit_catalogue(connection: Connection) -> list[Finding]:
    """Recompute every column of the catalogue's tables from the records.

    Args:
        connection: Reading; it must see one state throughout. It is given back as it came.

    Returns:
        What differs, named by table, row and column; empty for a sound catalogue.
    """
    found = await differences(connection, rows_max=FINDINGS_MAX + 1)
    return [finding for difference in found for finding in _findings(difference)]


def _findings(difference: Difference) -> list[Finding]:
    table, key = difference.table, difference.key
    findings: list[Finding] = []
    left = difference.wanted[:FINDINGS_MAX]
    for row in difference.stored[:FINDINGS_MAX]:
        twin = _nearest(row, left)
        if twin is None:
            findings.append(Finding(table, _key(row, key), "", "no record makes this row"))
            continue
        left.remove(twin)
        findings += [
            Finding(table, _key(twin, key), name, f"holds {_shown(have)}, the records make it {_shown(want)}")
            for name, have, want in zip(difference.columns, row, twin, strict=True)
            if have != want
        ]
    findings += [Finding(table, _key(row, key), "", "the row is missing") for row in left]
    if max(len(difference.stored), len(difference.wanted)) > FINDINGS_MAX:
        findings.append(Finding(table, "", "", "there are more findings in this table"))
    return findings


def _nearest(row: Row, others: Iterable[Row]) -> Row | None:
    """Give the row that differs in the fewest columns; None where none shares half of them."""
    best, count = None, max(1, len(row) // 2) + 1
    for other in others:
        differing = sum(1 for one, two in zip(row, other, strict=True) if one != two)
        if differing < count:
            best, count = other, differing
            if count == 1:
                break
    return best


def _key(row: Row, key: tuple[int, ...]) -> str:
    return "/".join(_shown(row[at]) for at in key)


def _shown(value: str) -> str:
    """Write a value for people: numbers and text as they are, bytes in hexadecimal."""
    kind, _, data = value.partition(":")
    if kind == "null":
        return "NULL"
    raw = bytes.fromhex(data)
    return raw.hex() if kind == "blob" else raw.decode("utf-8", errors="backslashreplace")
