"""Holds through the sequencer, on real SQLite files: once, across restarts, and ending on a quiet ledger."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from node.audit.findings import Finding
from node.audit.ledger import audit_ledger
from node.services.outcomes import Outcome, Recorded
from node.store import agents
from node.store.agents import Span
from node.store.database import Connection
from node.store.engine import DiskFullError
from protocol.merkle.leaf import LedgerLeaf, decode_ledger_leaf
from protocol.record import Record
from tests.ledger_builders import LEDGER, named, signed
from tests.ledger_node import UNIT, LedgerNode, payment, posted, word
from tests.node.audit.test_ledger import audited, change

NOW_MS = 1_700_000_000_000
END_MS = NOW_MS + 100_000
PEOPLE = ("ana", "bento", "mara", "nilo")


def hold(amount: int = 30_00, *, nonce: str = "", **changes: Any) -> Record:
    """Give a signed hold of ana for bento."""
    body = {
        "ledger": LEDGER,
        "payer": named("ana"),
        "payee": named("bento"),
        "amount": amount,
        "unit": UNIT,
        "expires_ms": END_MS,
        **changes,
    }
    return signed("hold", "ana", body, nonce=nonce)


def resolution(of: Record, by: str, action: str = "post", amount: int | None = None, nonce: str = "") -> Record:
    """Give what somebody signs to become of a hold."""
    body = {"hold": of.id, "action": action} | ({} if amount is None else {"amount": amount})
    return signed("resolution", by, body, nonce=nonce)


async def begin(node: LedgerNode) -> None:
    """Open everybody's account, and make all of them members."""
    await node.begin(*PEOPLE)

    async def job(connection: Connection) -> None:
        spans = {(LEDGER, named(name)): [Span("member", 0, None)] for name in PEOPLE}
        await agents.write_roles(connection, spans)

    await node.database.write(job)


async def submit(node: LedgerNode, *asked: Record) -> list[str]:
    """Submit records one after the other, and give each answer in one word."""
    return [word(outcome) for each in asked for outcome in await node.ledger.submit([each])]


async def set_aside(node: LedgerNode) -> tuple[int, int]:
    """What is set aside from ana and for bento."""
    payer, payee = (node.ledger.book.account(named(name), UNIT) for name in ("ana", "bento"))
    assert payer is not None
    assert payee is not None
    return payer.debits_pending, payee.credits_pending


async def leaves(node: LedgerNode) -> list[LedgerLeaf]:
    """The leaves of the ledger."""
    async with node.database.read() as connection:
        rows = await connection.exec_driver_sql("SELECT data FROM leaf ORDER BY feed DESC, leaf_index")
        found = [row[0] for row in rows]
    return [decode_ledger_leaf(data) for data in found]


async def audit(node: LedgerNode) -> list[Finding]:
    """Audit the ledger of a running node."""
    async with node.database.read() as connection:
        return await audit_ledger(connection)


async def until(condition: Callable[[], bool]) -> None:
    """Let the node's tasks run until something is true, five seconds at most."""
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.005)
    pytest.fail("it didn't come in five seconds")


async def test_fifty_copies_of_a_resolution_post_once(tmp_path: Path) -> None:
    """Of fifty copies at once one is the first; all name the same leaf, and the amount moves once."""
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        await submit(node, hold())
        asked = resolution(hold(), "ana")

        outcomes: list[Outcome] = [
            one for (one,) in await asyncio.gather(*(node.ledger.submit([asked]) for _ in range(50)))
        ]

        assert all(posted(outcome) for outcome in outcomes)
        assert 1 == len({outcome.index for outcome in outcomes if isinstance(outcome, Recorded)})
        assert 1 == sum(not outcome.again for outcome in outcomes if isinstance(outcome, Recorded))
        assert (-30_00, 30_00) == (await node.balance("ana"), await node.balance("bento"))
        assert (0, 0) == await set_aside(node)
        assert [] == await audit(node)


async def test_of_fifty_resolutions_one_counts(tmp_path: Path) -> None:
    """Signed anew each time and sent at once, the first leaf posts; the others learn that it is paid already."""
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        await submit(node, hold())
        asked = [resolution(hold(), "ana", nonce=str(number)) for number in range(50)]

        outcomes = [one for (one,) in await asyncio.gather(*(node.ledger.submit([each]) for each in asked))]

        assert 1 == sum(posted(outcome) for outcome in outcomes)
        assert {"hold_posted"} == {word(outcome) for outcome in outcomes if not posted(outcome)}
        assert 30_00 == await node.balance("bento")


async def test_open_holds_outlast_a_restart(tmp_path: Path) -> None:
    """What is set aside counts, and can be paid, after a stop and a start; what ended stays ended."""
    second = hold(40_00)
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        await submit(node, hold(), second, resolution(second, "bento", "void"))
    async with LedgerNode(tmp_path) as node:
        assert (30_00, 30_00) == await set_aside(node)
        assert ["debit_limit"] == await submit(node, payment("ana", "bento", 70_01))
        assert ["hold_voided"] == await submit(node, resolution(second, "ana"))
        (outcome,) = await node.ledger.submit([resolution(hold(), "ana", amount=10_00)])
        assert posted(outcome)
        assert (-10_00, (0, 0)) == (await node.balance("ana"), await set_aside(node))
        assert [] == await audit(node)


async def test_a_hold_ends_on_a_quiet_ledger(tmp_path: Path) -> None:
    """Nobody asks anything; the node appends a leaf of the end's time, once, without a record."""
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        await submit(node, hold(), hold(1, nonce="later", expires_ms=END_MS + 5))
        size = await node.size()
        node.clock.time_ms = END_MS + 2
        node.ledger._sequencer._alarm.look_again()
        await until(lambda: node.ledger.book.size > size)

        last = (await leaves(node))[-1]
        assert (None, END_MS, "time") == (last.record_id, last.time_ms, last.outcome)
        assert (1, 1) == await set_aside(node)
        assert size + 1 == await node.size()
        assert ["hold_expired"] == await submit(node, resolution(hold(), "ana"))
        assert [] == await audit(node)


async def test_a_hold_that_ended_while_the_node_was_off_ends_at_its_start(tmp_path: Path) -> None:
    """The first thing that a node does is to let end what has come to its end."""
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        await submit(node, hold())
    node = LedgerNode(tmp_path)
    node.clock.time_ms = END_MS
    async with node:
        await until(lambda: node.ledger.book.due_ms is None)

        assert (0, 0) == await set_aside(node)
        assert "time" == (await leaves(node))[-1].outcome
        assert [] == await audit(node)


async def test_the_first_instruction_lets_it_end_too(tmp_path: Path) -> None:
    """Where an instruction brings the time, no leaf of time is needed, and it may use what is free again."""
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        await submit(node, hold(100_00))
        size = await node.size()
        node.clock.time_ms = END_MS
        (outcome,) = await node.ledger.submit([payment("ana", "bento", 100_00)])

        assert posted(outcome)
        assert size + 1 == await node.size()
        assert [] == await audit(node)


async def test_a_full_disk_lets_nothing_end_and_the_next_try_does(tmp_path: Path) -> None:
    """What couldn't be written didn't happen; the alarm rings again."""
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        await submit(node, hold())
        size = await node.size()
        tried = asyncio.Event()

        async def full(_connection: Connection) -> None:
            tried.set()
            raise DiskFullError("the disk is full")

        node.database.before_commit.append(full)
        node.clock.time_ms = END_MS
        node.ledger._sequencer._alarm.look_again()
        await asyncio.wait_for(tried.wait(), 5)
        node.database.before_commit.remove(full)
        assert ((30_00, 30_00), size) == (await set_aside(node), await node.size())

        node.ledger._sequencer._alarm.look_again()
        await until(lambda: node.ledger.book.size > size)
        assert (0, 0) == await set_aside(node)


async def test_mediators_decide_across_a_restart(tmp_path: Path) -> None:
    """One mediator signs, the node stops and starts, the other consents, and it is posted."""
    mediated = hold(mediators=[named("mara"), named("nilo")])
    decision = resolution(mediated, "mara", "post", 12_00)
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        await submit(node, mediated, resolution(mediated, "bento", "dispute"), decision)
        assert 0 == await node.balance("bento")
    async with LedgerNode(tmp_path) as node:
        consent = signed("consent", "nilo", {"instruction": decision.id, "agree": True})
        (outcome,) = await node.ledger.submit([consent])

        assert posted(outcome)
        assert (12_00, (0, 0)) == (await node.balance("bento"), await set_aside(node))
        assert [] == await audit(node)


async def test_nobody_sets_aside_what_is_another_member_s(tmp_path: Path) -> None:
    """A hold signed by somebody else than its payer is refused without a leaf."""
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        size = await node.size()
        body = hold().body_value()
        (outcome,) = await node.ledger.submit([signed("hold", "bento", body)])

        assert "not_allowed" == word(outcome)
        assert size == await node.size()


CHANGED = [
    ("kind", "'act'"),
    ("state", "'posted'"),
    ("is_open", "0"),
    ("made_by", f"x'{named('other').hex()}'"),
    ("opened_leaf", "1"),
    ("changed_leaf", "1"),
    ("amount", "amount + 1"),
    ("done", "1"),
    ("until_ms", "until_ms + 1"),
    ("until_ms", "NULL"),
    ("payer", f"x'{named('nilo').hex()}'"),
    ("payee", f"x'{named('nilo').hex()}'"),
    ("unit", "'agent:other'"),
    ("signers", "x''"),
]


@pytest.mark.parametrize(("column", "value"), CHANGED)
async def test_a_changed_item_is_named(tmp_path: Path, column: str, value: str) -> None:
    """One value changed in any column of a hold's row is found and named, by row and column."""
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        await submit(node, hold())
    change(tmp_path, f"UPDATE item SET {column} = {value} WHERE id = x'{hold().id.hex()}'")

    assert ("item", hold().id.hex(), column) in {
        (found.table, found.row, found.column) for found in await audited(tmp_path)
    }


async def test_pending_amounts_that_were_changed_are_named(tmp_path: Path) -> None:
    """What an account says is set aside follows from the leaves."""
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        await submit(node, hold())
    change(tmp_path, "UPDATE account SET debits_pending = 0 WHERE number = 1")

    assert {("account", "1", "debits_pending")} == {(one.table, one.row, one.column) for one in await audited(tmp_path)}


async def test_a_missing_and_an_added_item_are_named(tmp_path: Path) -> None:
    """A row that is gone, or that no leaf made, is found."""
    async with LedgerNode(tmp_path) as node:
        await begin(node)
        await submit(node, hold(), hold(5))
    columns = (
        "kind, state, is_open, made_by, opened_leaf, changed_leaf, amount, done, until_ms, payer, payee, unit, signers"
    )
    change(
        tmp_path,
        f"INSERT INTO item (id, {columns}) SELECT x'{named('new').hex()}', {columns} FROM item"
        f" WHERE id = x'{hold().id.hex()}'",
        f"DELETE FROM item WHERE id = x'{hold(5).id.hex()}'",
    )

    assert {hold(5).id.hex(), named("new").hex()} == {one.row for one in await audited(tmp_path) if one.table == "item"}
