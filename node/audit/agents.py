"""The audit of keys, roles and epochs: fold the valid records of every trust feed again and compare.

Source: docs/spec/03-records.md; docs/operating/verify.md.

Tests: tests/node/audit/test_database.py
"""

from collections.abc import Mapping
from typing import Any

from node.audit.findings import Finding
from node.store import audit_reading as reading
from node.store import tables
from node.store.database import Connection
from node.store.records import VALID
from protocol.errors import RemoteProtocolError
from protocol.feeds import TRUST
from protocol.record import decode_record
from protocol.trust import KeyRing

EPOCH_KEYS = ("checkpoint", "cosignature", "credential", "link")

Rows = dict[tuple[Any, ...], dict[str, Any]]
"""Rows by primary key, their other columns by name."""


async def audit_agents(connection: Connection) -> list[Finding]:
    """Recompute every column of `agent_key`, `agent_role`, `epoch` and `network`.

    Args:
        connection: Reading; it must see one state throughout.
    """
    expected: dict[str, Rows] = {"agent_key": {}, "agent_role": {}, "epoch": {}, "network": {}}
    async for row in reading.rows(connection, tables.feed):
        if row["name"] == TRUST:
            await _fold(connection, row, expected)
    findings = []
    for table in (tables.agent_key, tables.agent_role, tables.epoch, tables.network):
        findings += await _compare(connection, table, expected[table.name])
    return findings


async def _fold(connection: Connection, feed: Mapping[str, Any], expected: dict[str, Rows]) -> None:
    """Fold a trust feed and note the rows that it makes."""
    network, ring = feed["network"], KeyRing()
    records: dict[int, bytes] = {}
    async for index, state, data in reading.placed_records(connection, feed["sequence"]):
        try:
            record = decode_record(data)
            known = set(ring.epochs)
            ring.apply(index, record if state == VALID else None)
        except (RemoteProtocolError, ValueError):
            continue  # the audit of records names it
        records.update(dict.fromkeys(set(ring.epochs) - known, record.id))
    for table, intervals in (("agent_key", ring.key_intervals()), ("agent_role", ring.role_intervals())):
        for item in intervals:
            key = (network, item.agent, item.what, item.from_size)
            expected[table][key] = {"valid_until": item.until_size}
    for number, epoch in ring.epochs.items():
        keys = {f"{name}_key": getattr(epoch.keys, name) for name in EPOCH_KEYS}
        expected["epoch"][network, number] = {"record_id": records[number], **keys}
    if ring.epochs:
        current = max(ring.epochs, default=0)
        before = expected["network"].get((network,), {"epoch": current})
        expected["network"][network,] = {"epoch": max(current, before["epoch"])}


async def _compare(connection: Connection, table: Any, expected: Rows) -> list[Finding]:
    """Compare the rows of a table with those that the feeds make."""
    findings = []
    names = [column.name for column in table.primary_key.columns]
    surplus: Rows = {}
    async for row in reading.rows(connection, table):
        key = tuple(row[name] for name in names)
        wanted = expected.pop(key, None)
        if wanted is None:
            surplus[key] = row
            continue
        findings += [
            Finding(table.name, show_key(key), name, "isn't what the trust feed says")
            for name, value in wanted.items()
            if row[name] != value
        ]
    for key in surplus:
        findings.append(Finding(table.name, show_key(key), _nearest(names, key, expected), "no such row is due"))
    findings += [
        Finding(table.name, show_key(key), "", "the row is missing") for key in expected if len(surplus) < len(expected)
    ]
    return findings


def show_key(key: tuple[Any, ...]) -> str:
    """Give a row's key as text: ids by their first bytes."""
    return "/".join(part[:8].hex() if isinstance(part, bytes) else ascii(part) for part in key)


def _nearest(names: list[str], key: tuple[Any, ...], missing: Rows) -> str:
    """Name the key column in which a surplus row differs from a missing one, where just one differs."""
    for other in missing:
        differing = [name for name, one, two in zip(names, key, other, strict=True) if one != two]
        if len(differing) == 1:
            return differing[0]
    return names[0]
