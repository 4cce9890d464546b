"""The audit of rows that nothing signed can rebuild: by the digests in their `checks` column.

Source: node/store/rowcheck.py; docs/operating/verify.md.

Tests: tests/node/audit/test_database.py
"""

from typing import Any

from node.audit.agents import show_key
from node.audit.findings import Finding
from node.store import audit_reading as reading
from node.store import tables
from node.store.database import Connection
from node.store.rowcheck import CHECKS, failing_columns
from protocol.errors import RemoteProtocolError
from protocol.record import decode_record


async def audit_checked_rows(connection: Connection) -> list[Finding]:
    """Check every row of every table that has a `checks` column.

    Args:
        connection: Reading; it must see one state throughout.
    """
    findings = []
    for table in tables.metadata.sorted_tables:
        if CHECKS not in table.columns:
            continue
        names = [column.name for column in table.primary_key.columns]
        async for row in reading.rows(connection, table):
            key = show_key(tuple(row[name] for name in names))
            findings += [
                Finding(table.name, key, name, "isn't what was written") for name in failing_columns(table, row)
            ]
    return findings


async def audit_deliveries(connection: Connection, home: bytes | None) -> list[Finding]:
    """Compare the outbox with the addressed records: each network that a record names has its row.

    Args:
        connection: Reading; it must see one state throughout.
        home: The network of this folder.
    """
    due: set[tuple[bytes, bytes]] = set()
    async for row in reading.addressed_records(connection):
        try:
            record = decode_record(row)
        except RemoteProtocolError:
            continue  # the audit of records names it
        header = record.header
        if home == header.home or home in header.to:
            due.update((network, record.id) for network in header.to if network not in {home, header.home})
    findings: list[Finding] = []
    stored: set[tuple[Any, ...]] = set()
    async for found in reading.rows(connection, tables.delivery):
        key = (found["network"], found["record_id"])
        stored.add(key)
        if key not in due:
            findings.append(Finding("delivery", show_key(key), "network", "the record isn't addressed to it"))
    findings += [Finding("delivery", show_key(key), "", "the row is missing") for key in sorted(due - stored)]
    return findings
