"""The cash book and closings on a real store: shown to readers, there again after a stop, and audited."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from node.services.cash import CashBook
from node.services.ledger import PlainNames
from node.store import agents
from node.store.agents import Span
from node.store.database import Connection
from protocol.errors import RemoteProtocolError
from protocol.record import Record
from tests.ledger_builders import LEDGER, named, signed
from tests.ledger_node import LedgerNode, word
from tests.node.audit.test_ledger import audited, change

ROLES = {"tina": "treasurer", "abel": "auditor"}


async def begin(node: LedgerNode) -> None:
    """Open an account, and give officers their roles."""
    await node.begin("ana")
    await node.enrol("tina", "abel")

    async def job(connection: Connection) -> None:
        await agents.write_roles(
            connection, {(LEDGER, named(name)): [Span(role, 0, None)] for name, role in ROLES.items()}
        )

    await node.database.write(job)


def cash(node: LedgerNode, amount: int, direction: str = "in", *, box: str = "Feira", at_ms: int = -1) -> Record:
    """Give signed money that goes into a box or out of it, given by somebody who is no agent."""
    day = node.clock.now_ms() if at_ms < 0 else at_ms
    body = {"box": box, "direction": direction, "amount": amount, "unit": "BRL", "purpose": "arroz", "at_ms": day}
    return signed("cash", "tina", {**body, "name": "Mercado"})


def count(node: LedgerNode, counted: int) -> Record:
    """Give a signed count."""
    return signed("count", "tina", {"box": "Feira", "unit": "BRL", "counted": counted, "at_ms": node.clock.now_ms()})


def closing(node: LedgerNode, until_ms: int) -> Record:
    """Give the signed closing of a period."""
    minutes = {"date": "2023-11-14", "number": "12", "hash": named("minutes")}
    body = {"until_ms": until_ms, "size": 1, "minutes": minutes, "auditors": [named("abel")]}
    return signed("closing", "tina", body)


def agreed(to: Record) -> Record:
    """Give the auditor's consent."""
    return signed("consent", "abel", {"instruction": to.id, "agree": True})


async def submit(node: LedgerNode, *records: Record) -> list[str]:
    """Submit one after another; give `opened` for what counts, or the code."""
    return [word((await node.ledger.submit([record]))[0]) for record in records]


async def make(node: LedgerNode) -> None:
    """Make lines of both kinds, two boxes and a closed period."""
    await begin(node)
    counted, closed = count(node, 70), closing(node, node.clock.now_ms() - 1)
    records = (cash(node, 100), cash(node, 25, "out"), cash(node, 5, box="Loja"), counted, agreed(counted))
    assert await submit(node, *records, closed, agreed(closed)) == ["opened"] * 7


def reader(node: LedgerNode) -> CashBook:
    """Give the service over a node."""
    return CashBook(node.database, node.ledger, PlainNames(LEDGER), network=LEDGER)


async def test_the_cash_book_is_shown_newest_first(tmp_path: Path) -> None:
    """Each line says what the box held after it, and a count how much was missing; pages follow one another."""
    async with LedgerNode(tmp_path) as node:
        await make(node)
        book = await reader(node).read()
        first = await reader(node).read(limit=3)
        rest = await reader(node).read(limit=3, cursor=first.cursor)

        assert [(box.box, box.held.amount, box.held.is_credit) for box in book.boxes] == [
            ("Feira", 75, False),
            ("Loja", 5, False),
        ]
        shown = [(line.kind, line.direction, line.amount.amount, line.held.amount) for line in book.lines]
        assert shown == [
            ("count", None, 70, 75),
            ("cash", "in", 5, 5),
            ("cash", "out", 25, 75),
            ("cash", "in", 100, 100),
        ]
        assert book.lines[0].difference is not None
        assert (book.lines[0].difference.amount, len(book.lines[0].signers)) == (-5, 2)
        assert first.lines + rest.lines == book.lines
        assert rest.cursor is None
        with pytest.raises(RemoteProtocolError):
            await reader(node).read(cursor="x")


async def test_closings_are_shown_with_those_who_signed(tmp_path: Path) -> None:
    """What was done and what waits, with the minutes."""
    async with LedgerNode(tmp_path) as node:
        await make(node)
        await submit(node, closing(node, node.clock.now_ms()))
        waiting, done = (await reader(node).closings()).closings

        assert (waiting.state, len(waiting.signers)) == ("proposed", 1)
        assert (done.state, len(done.signers), done.minutes.number) == ("done", 2, "12")


async def test_boxes_and_closed_periods_outlast_a_stop(tmp_path: Path) -> None:
    """After a start the box holds what it held, and the period is closed."""
    async with LedgerNode(tmp_path) as node:
        await make(node)
        before = await reader(node).read()
        until_ms = node.clock.now_ms() - 1
    async with LedgerNode(tmp_path) as node:
        assert await reader(node).read() == before
        late = cash(node, 1, at_ms=until_ms)
        assert await submit(node, late, cash(node, 76, "out"), cash(node, 75, "out")) == [
            "period_closed",
            "cash_short",
            "opened",
        ]


async def test_the_audit_finds_a_changed_box(tmp_path: Path) -> None:
    """The cash book follows from the leaves: sound as it was written, and a centavo more is named."""
    async with LedgerNode(tmp_path) as node:
        await make(node)

    assert await audited(tmp_path) == []
    connection = sqlite3.connect(tmp_path / "node.sqlite")
    (rows,) = connection.execute("SELECT count(*) FROM item WHERE kind = 'box'").fetchone()
    connection.close()
    change(tmp_path, "UPDATE item SET done = done + 1 WHERE kind = 'box'")
    assert [(finding.table, finding.column) for finding in await audited(tmp_path)] == [("item", "done")] * rows
