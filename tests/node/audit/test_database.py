"""The audit finds every changed byte of every column, names it, and finds nothing in a sound folder."""

import asyncio
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from node.audit.database import audit_database
from node.audit.findings import Finding
from node.services.ledger import Ledger
from node.services.outcomes import Recorded
from node.services.peers import Peers
from node.services.sessions import Sessions
from node.store import tables
from node.store.checkpoints import SLOT_BYTES
from protocol.errors import StorageError
from protocol.limits import LOGIN_NONCE_BYTES
from protocol.login import Login, sign_login
from protocol.record import Record
from tests.builders import NOW_MS, named, public
from tests.store_node import StoreNode
from tests.trade import misbehave, trade

TABLES = tables.metadata.sorted_tables
"""Every table that any part of the store defines."""


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the stopped folder of a region that has rows in every table of records and feeds."""
    return asyncio.run(_make(tmp_path_factory.mktemp("sound")))


async def _make(folder: Path) -> Path:
    async with (
        StoreNode(folder, "vila") as vila,
        StoreNode(folder, "serra") as serra,
        StoreNode(folder, "regiao") as region,
    ):
        for number in range(3):
            await vila.enrol("padaria")
            await vila.publish(*(vila.offer("padaria", f"Bolo {number} {at}") for at in range(90)))
        profile = {"agent": vila.network.member("padaria").id, "name": "Padaria", "city": "Vila"}
        position = {"latitude_e6": -23_550_000, "longitude_e6": -46_630_000}
        need = {"title": "Farinha", "category": "flour", "measure": "KGM", "firmness": "firm"}
        await vila.publish(
            vila.network.by("padaria", "profile", profile | position),
            vila.network.by("padaria", "need", need | {"until_ms": NOW_MS + 60_000}),
        )
        await trade(vila, serra, region)
        await misbehave(serra, region)
        peers = await Peers.open(region.database)
        await peers.add(serra.network.id, url="http://127.0.0.1:8802", name="Serra")
        await _keep_books(region)
        return region.folder


async def _keep_books(region: StoreNode) -> None:
    """Give the region two members with accounts, payments in both directions, and a session."""
    await region.enrol("ana", "bento")
    members = {name: region.network.member(name).id for name in ("ana", "bento")}
    ledger = await Ledger.open(region.database, region.feeds, region.signatures, region.clock)
    limits = {
        "action": "open",
        "limit_low": -500,
        "limit_high": 500,
        "soft_low": -300,
        "soft_high": 300,
        "reason": "assembly of 3 May",
    }
    opened = [region.network.by_network("account", {"account": agent, **limits}) for agent in members.values()]
    payments = [
        region.network.by(
            payer,
            "transfer",
            {
                "ledger": region.network.id,
                "payer": members[payer],
                "payee": members[payee],
                "amount": amount,
                "unit": region.network.unit,
                "expires_ms": NOW_MS + 60_000,
                "nonce": bytes(16),
            },
        )
        for payer, payee, amount in (("ana", "bento", 70), ("bento", "ana", 20), ("ana", "bento", 900))
    ]
    holds = [_hold(region, amount, until_ms) for amount, until_ms in ((30, NOW_MS + 60_000), (5, NOW_MS + 1_000))]
    part = region.network.by("ana", "resolution", {"hold": holds[0].id, "action": "post", "amount": 10})
    for outcome in await ledger.submit([*opened, *payments, *holds, part]):
        assert isinstance(outcome, Recorded), outcome
    region.clock.time_ms += 1_000
    open_hold = _hold(region, 7, NOW_MS + 90_000)
    for outcome in await ledger.submit([open_hold]):
        assert isinstance(outcome, Recorded), outcome
    await ledger.close()
    sessions = Sessions(
        database=region.database, clock=region.clock, network=region.network.id, origins=frozenset({"http://a"})
    )
    login = Login(
        agent=members["ana"],
        expires_ms=NOW_MS + 60_000,
        key=public("ana"),
        network=region.network.id,
        nonce=bytes(LOGIN_NONCE_BYTES),
        origin="http://a",
    )
    await sessions.open(*sign_login(login, seed=named("ana")))


def _hold(region: StoreNode, amount: int, until_ms: int) -> Record:
    """Give what ana sets aside for bento."""
    body = {
        "ledger": region.network.id,
        "payer": region.network.member("ana").id,
        "payee": region.network.member("bento").id,
        "amount": amount,
        "unit": region.network.unit,
        "expires_ms": until_ms,
    }
    return region.network.by("ana", "hold", body)


def audited(folder: Path) -> list[Finding]:
    """Audit a folder."""
    return asyncio.run(audit_database(folder / "node.sqlite", workers=0))


def test_a_sound_folder_has_no_findings(sound: Path) -> None:
    """What the node wrote is what the signed bytes make."""
    assert audited(sound) == []


def test_every_table_of_the_database_is_tried(sound: Path) -> None:
    """No table of a folder is left out of the next test, but SQLite's own and the schema's revision."""
    connection = sqlite3.connect(sound / "node.sqlite")
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()

    assert {table.name for table in TABLES} == {n for n in names if not n.startswith("sqlite_")} - {"alembic_version"}


@pytest.mark.parametrize(
    ("table", "column"),
    [(table.name, column.name) for table in TABLES for column in table.columns],
)
def test_a_changed_byte_of_any_column_is_named(sound: Path, tmp_path: Path, table: str, column: str) -> None:
    """One byte changed in a row: a finding names that table and that column."""
    folder = tmp_path / "changed"
    shutil.copytree(sound, folder)
    assert flip(folder / "node.sqlite", table, column, "ASC" if len(column) % 2 else "DESC"), "NULL in every row"

    places = {(finding.table, finding.column) for finding in audited(folder)}
    assert (table, column) in places, places


def flip(path: Path, table: str, column: str, which: str) -> bool:
    """Change one byte of a column in the first or last row that has one; false where none has."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA ignore_check_constraints=ON")
    key = [name for name, _ in _columns(connection, table) if _ in range(1, 10)] or ["rowid"]
    order = ", ".join(f"{name} {which}" for name in key)
    query = (
        f"SELECT {', '.join(key)}, {column} FROM {table}"
        f" WHERE length(CAST({column} AS BLOB)) > 0 ORDER BY {order} LIMIT 1"
    )
    row = connection.execute(query).fetchone()
    if row is not None:
        where = " AND ".join(f"{name} = ?" for name in key)
        connection.execute(f"UPDATE {table} SET {column} = ? WHERE {where}", (_changed(row[-1]), *row[:-1]))
        connection.commit()
    connection.close()
    return row is not None


def _columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, int]]:
    return [(row[1], row[5]) for row in connection.execute(f"PRAGMA table_info({table})")]


def _changed(value: Any) -> Any:
    if isinstance(value, int):
        return value ^ 4096
    if isinstance(value, str):
        return chr(ord(value[0]) ^ 1) + value[1:]
    middle = len(value) // 2
    return value[:middle] + bytes([value[middle] ^ 4]) + value[middle + 1 :]


@pytest.mark.parametrize("at", [0, 33, 45, 60, 700, 4095, SLOT_BYTES + 5, 2 * SLOT_BYTES - 1])
def test_a_changed_byte_of_the_checkpoint_file_is_named(sound: Path, tmp_path: Path, at: int) -> None:
    """Every byte of both slots counts."""
    folder = tmp_path / "changed"
    shutil.copytree(sound, folder)
    data = bytearray((folder / "checkpoints").read_bytes())
    data[at] ^= 1
    (folder / "checkpoints").write_bytes(data)

    assert [finding.table for finding in audited(folder)] == ["checkpoints"]


def test_an_older_database_and_a_missing_file_are_named(sound: Path, tmp_path: Path) -> None:
    """The checkpoint file knows what the database should hold."""
    folder = tmp_path / "changed"
    shutil.copytree(sound, folder)
    connection = sqlite3.connect(folder / "node.sqlite")
    connection.execute("DELETE FROM leaf WHERE feed = 1 AND leaf_index = 1")
    connection.commit()
    connection.close()
    assert {"feed", "record", "checkpoints"} <= {finding.table for finding in audited(folder)}
    (folder / "checkpoints").unlink()
    assert Finding("checkpoints", "", "", "the file is missing") in audited(folder)
    with pytest.raises(StorageError, match="there is no"):
        audited(folder / "nowhere")


def test_what_is_no_database_is_said_so(tmp_path: Path) -> None:
    """A file of other bytes is one finding, not an error."""
    (tmp_path / "node.sqlite").write_bytes(b"bread" * 1000)

    assert [finding.table for finding in audited(tmp_path)] == ["node.sqlite"]


@pytest.mark.parametrize("statement", ["UPDATE alembic_version SET version_num = '0000'", "DROP INDEX record_thing"])
def test_another_schema_is_named(sound: Path, tmp_path: Path, statement: str) -> None:
    """Revision and statements of the schema are compared with those that the program makes."""
    shutil.copytree(sound, tmp_path / "changed")
    connection = sqlite3.connect(tmp_path / "changed" / "node.sqlite")
    connection.execute(statement)
    connection.commit()
    connection.close()

    (finding,) = audited(tmp_path / "changed")
    assert finding.table in {"alembic_version", "sqlite_schema"}
