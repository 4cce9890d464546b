"""The audit of the ledger names what was changed, table, row and column."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from node.audit.findings import Finding
from node.audit.ledger import audit_ledger
from node.store.database import Database
from tests.ledger_builders import LEDGER, account_body, named, signed
from tests.ledger_node import LedgerNode, payment


async def make(folder: Path) -> None:
    """Make a ledger with every kind of leaf: openings, payments, refusals, a limit, a closing, a second opening."""
    async with LedgerNode(folder) as node:
        await node.begin("ana", "bento", "carla")
        await node.ledger.submit([payment("ana", "bento", 10), payment("ana", "bento", 500_00)])
        await node.ledger.submit(
            [
                payment("bento", "carla", 4),
                signed("account", "vila", account_body("ana", "limit", low=-50, high=90)),
                payment("carla", "bento", 4),
                signed("account", "vila", account_body("carla", "close")),
                signed("account", "vila", account_body("carla", low=-1, high=1, type="fund")),
            ]
        )


async def audited(folder: Path) -> list[Finding]:
    """Audit a data folder."""
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'node.sqlite'}")
    try:
        async with database.read() as connection:
            return await audit_ledger(connection)
    finally:
        await database.close()


def change(folder: Path, *statements: str) -> None:
    """Change a database behind the node's back, whatever its checks say."""
    connection = sqlite3.connect(folder / "node.sqlite")
    connection.execute("PRAGMA ignore_check_constraints=ON")
    for statement in statements:
        assert connection.execute(statement).rowcount
    connection.commit()
    connection.close()


async def test_a_sound_ledger_has_no_findings(tmp_path: Path) -> None:
    """What the sequencer wrote is what the leaves make."""
    await make(tmp_path)

    assert [] == await audited(tmp_path)


async def test_a_node_without_a_ledger_has_no_findings(tmp_path: Path) -> None:
    """An empty database is sound."""
    async with LedgerNode(tmp_path):
        pass

    assert [] == await audited(tmp_path)


CHANGED = [
    ("account", "number", "99", "1"),
    ("account", "agent", f"x'{named('zeca').hex()}'", "1"),
    ("account", "unit", "'agent:other'", "1"),
    ("account", "kind", "'fund'", "1"),
    ("account", "state", "'closed'", "1"),
    ("account", "balance", "balance + 1", "1"),
    ("account", "limit_low", "-51", "1"),
    ("account", "limit_high", "91", "1"),
    ("account", "opened_leaf", "1", "1"),
    ("account", "changed_leaf", "1", "1"),
    ("entry", "account", "77", "1/3/0"),
    ("entry", "leaf_index", "2", "1/3/0"),
    ("entry", "other", "3", "1/3/0"),
    ("entry", "debit", "11", "1/3/0"),
    ("entry", "credit", "1", "1/3/0"),
    ("entry", "balance", "-11", "1/3/0"),
]


@pytest.mark.parametrize(("table", "column", "value", "row"), CHANGED)
async def test_a_changed_column_is_named(tmp_path: Path, table: str, column: str, value: str, row: str) -> None:
    """One value changed in any column of the derived tables is found and named."""
    await make(tmp_path)
    where = "number = 1" if table == "account" else "account = 1 AND leaf_index = 3"
    change(tmp_path, f"UPDATE {table} SET {column} = {value} WHERE {where}")

    findings = await audited(tmp_path)

    assert any((finding.table, finding.column) == (table, column) for finding in findings), findings
    moved = column in {"number", "account", "leaf_index"}
    assert moved or {row} == {finding.row for finding in findings}


async def test_missing_and_added_rows_are_named(tmp_path: Path) -> None:
    """A row that is gone, or that no leaf made, is found."""
    await make(tmp_path)
    change(
        tmp_path,
        "DELETE FROM entry WHERE account = 1",
        "DELETE FROM account WHERE number = 3",
        "INSERT INTO entry VALUES (2, 99, 0, 1, 0, 5, 5)",
        "INSERT INTO account SELECT 8, agent, 'agent:x', kind, state, 0, 0, 0, 0, 0, NULL, NULL, 0, 0"
        " FROM account WHERE number = 1",
    )

    found = {(finding.table, finding.row) for finding in await audited(tmp_path)}

    assert {("entry", "1/3/0"), ("account", "3"), ("entry", "2/99/0"), ("account", "8")} == found


async def test_a_missing_leaf_and_a_missing_record_are_named(tmp_path: Path) -> None:
    """What the fold needs and lacks is named; balances that depended on it follow."""
    await make(tmp_path)
    (transfer,) = [payment("bento", "carla", 4)]
    change(
        tmp_path,
        "DELETE FROM leaf WHERE leaf_index = 3",
        f"UPDATE record SET id = x'{named('x').hex()}' WHERE id = x'{transfer.id.hex()}'",
    )

    found = [(finding.table, finding.row, finding.column) for finding in await audited(tmp_path)]

    assert any(table == "leaf" and row.endswith("/3") for table, row, _ in found)
    assert ("record", transfer.id.hex(), "") in found
    assert any(table == "account" and column == "balance" for table, _, column in found)


async def test_a_forged_outcome_is_named(tmp_path: Path) -> None:
    """A leaf that says `posted` of a payment over the limit is found, and the balance that follows from it too."""
    await make(tmp_path)
    connection = sqlite3.connect(tmp_path / "node.sqlite")
    (data,) = connection.execute("SELECT data FROM leaf WHERE leaf_index = 4").fetchone()
    connection.close()
    forged = data.replace(b"\xabdebit_limit", b"\xa6posted")
    assert forged != data
    change(tmp_path, f"UPDATE leaf SET data = x'{forged.hex()}' WHERE leaf_index = 4")

    (finding,) = await audited(tmp_path)

    assert ("leaf", "data") == (finding.table, finding.column)
    assert "outcome: the leaf says 'posted', the rules say 'debit_limit'" == finding.what


async def test_a_key_that_was_not_valid_is_named(tmp_path: Path) -> None:
    """A payment signed by a key that its author did not have at the leaf's trust size is found."""
    await make(tmp_path)
    change(tmp_path, f"UPDATE agent_key SET valid_from = 9 WHERE agent = x'{named('carla').hex()}'")

    (finding,) = await audited(tmp_path)

    assert ("record", payment("carla", "bento", 4).id.hex(), "data") == (finding.table, finding.row, finding.column)


async def test_a_second_ledger_is_named(tmp_path: Path) -> None:
    """One node keeps one ledger."""
    await make(tmp_path)
    change(
        tmp_path,
        "INSERT INTO feed (network, name, epoch, size, frontier, head_size, seen_size)"
        f" VALUES (x'{LEDGER.hex()}', 'ledger', 7, 0, x'', 0, 0)",
    )

    assert {"feed"} == {finding.table for finding in await audited(tmp_path)}
