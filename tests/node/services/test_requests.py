"""Requests, mandates, reversals and official parts on a real file: in one batch, across restarts, under the audit."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

from node.audit.findings import Finding
from node.audit.ledger import audit_ledger
from node.services.outcomes import Recorded
from node.store.database import Database
from protocol.record import Record
from tests.ledger_builders import LEDGER, named, signed, transfer_body
from tests.ledger_node import UNIT, LedgerNode, word

DAY_MS = 24 * 3600 * 1000
NOW_MS = 1_700_000_000_000
DONE = "opened"
"""How `word` says that an instruction was not refused."""


def between(payer: str, payee: str, amount: int, **more: Any) -> dict[str, Any]:
    """Give the fields that every instruction here has."""
    return {"ledger": LEDGER, "payer": named(payer), "payee": named(payee), "amount": amount, "unit": UNIT, **more}


def paying(payer: str, payee: str, amount: int, *, by: str | None = None, **more: Any) -> Record:
    """Give a signed transfer with further fields."""
    return signed("transfer", by or payer, transfer_body(payer, payee, amount, unit=UNIT, **more))


def asking(payer: str, payee: str, amount: int) -> Record:
    """Give a signed request that is due in ten days."""
    return signed("request", payee, between(payer, payee, amount, due_ms=NOW_MS + 10 * DAY_MS))


def allowing(payer: str, payee: str, amount: int) -> Record:
    """Give a signed mandate by the day that ends in ten days."""
    return signed("mandate", payer, between(payer, payee, amount, period="day", until_ms=NOW_MS + 10 * DAY_MS))


def reversing(transfer: bytes, payer: str, payee: str, amount: int, *, by: str) -> Record:
    """Give a signed reversal."""
    return signed("reversal", by, between(payer, payee, amount, transfer=transfer))


def answering(by: str, record: Record, *, agree: bool = True) -> Record:
    """Give a signed consent."""
    return signed("consent", by, {"instruction": record.id, "agree": agree})


async def say(node: LedgerNode, *records: Record) -> list[str]:
    """Submit together, and give the answers in one word each."""
    return [word(outcome) for outcome in await node.ledger.submit(records)]


async def audited(folder: Path) -> list[Finding]:
    """Audit a data folder."""
    database = await Database.open(f"sqlite+aiosqlite:///{folder / 'node.sqlite'}")
    try:
        async with database.read() as connection:
            return await audit_ledger(connection)
    finally:
        await database.close()


async def test_open_items_stand_after_a_restart(tmp_path: Path) -> None:
    """What is half paid, half drawn, proposed or stated goes on where it was; what has ended stays ended."""
    request, mandate, paid = asking("ana", "bento", 30), allowing("ana", "bento", 50), paying("ana", "bento", 7)
    reversal = reversing(paid.id, "bento", "ana", 7, by="ana")
    stated = paying("ana", "bento", 3, official={"unit": "BRL", "amount": 650})
    part = paying("ana", "bento", 10, purpose={"request": request.id})
    drawn = paying("ana", "bento", 40, by="bento", mandate=mandate.id)
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        assert [DONE] * 5 == await say(node, request, mandate, paid, stated, part)
        assert [DONE] * 2 == await say(node, reversal, drawn)
    async with LedgerNode(tmp_path) as node:
        rest = paying("ana", "bento", 20, purpose={"request": request.id})
        too_much = paying("ana", "bento", 11, by="bento", mandate=mandate.id)
        again = paying("ana", "bento", 1, purpose={"request": request.id})
        assert [DONE, "mandate_limit"] == await say(node, rest, too_much)
        assert [DONE, DONE] == await say(node, answering("bento", reversal), answering("bento", stated))
        assert ["request_closed"] == await say(node, again)
    async with LedgerNode(tmp_path) as node:
        twice = reversing(paid.id, "bento", "ana", 5, by="bento")
        assert ["already_reversed", "already_ended"] == await say(node, twice, answering("bento", stated, agree=False))
        assert -(30 + 40 + 3) == await node.balance("ana")

    assert [] == await audited(tmp_path)


async def test_everything_in_one_batch_is_decided_as_one_after_another(tmp_path: Path) -> None:
    """What names an earlier instruction of the same batch finds it, as the audit does leaf by leaf."""
    request, mandate, paid = asking("ana", "bento", 30), allowing("ana", "bento", 50), paying("ana", "bento", 7)
    reversal = reversing(paid.id, "bento", "ana", 7, by="ana")
    stated = paying("ana", "bento", 3, official={"unit": "BRL", "amount": 650})
    batch = [
        request,
        mandate,
        paid,
        reversal,
        answering("bento", reversal),
        stated,
        answering("bento", stated),
        paying("ana", "bento", 30, by="bento", purpose={"request": request.id}, mandate=mandate.id),
        paying("ana", "bento", 30, purpose={"request": request.id}),
        reversing(paid.id, "bento", "ana", 6, by="bento"),
    ]
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")

        assert [DONE] * 8 + ["request_closed", "already_reversed"] == await say(node, *batch)
        assert -33 == await node.balance("ana")

    assert [] == await audited(tmp_path)


async def test_the_answer_says_what_became_of_it(tmp_path: Path) -> None:
    """The word of the leaf is in the answer, the first time and again: what is only proposed isn't taken for done."""
    request, paid = asking("ana", "bento", 30), paying("ana", "bento", 7)
    reversal = reversing(paid.id, "bento", "ana", 7, by="ana")
    refused = paying("ana", "bento", 31, purpose={"request": request.id})
    asked = [request, paid, reversal, answering("bento", reversal), answering("ana", request, agree=False), refused]
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        first, again = await node.ledger.submit(asked), await node.ledger.submit(asked)

        words = ["requested", "posted", "proposed", "reversed", "declined", "request_closed"]
        assert words == [each.outcome for each in first if isinstance(each, Recorded)]
        assert words == [each.outcome for each in again if isinstance(each, Recorded)]


async def test_fifty_payments_of_one_request_at_once_pay_it_once(tmp_path: Path) -> None:
    """Each is another payment, signed anew; one is posted and the others are told that it is paid."""
    request = asking("ana", "bento", 30)
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        await say(node, request)
        payments = [
            paying("ana", "bento", 30, purpose={"request": request.id}, nonce=bytes([number])) for number in range(50)
        ]

        answers = [word for (word,) in await asyncio.gather(*(say(node, payment) for payment in payments))]

        assert ["opened"] + ["request_closed"] * 49 == sorted(answers)
        assert -30 == await node.balance("ana")

    assert [] == await audited(tmp_path)


async def test_what_is_named_before_it_is_there_is_unknown_for_ever(tmp_path: Path) -> None:
    """A reversal that came before its transfer was refused then, and the audit finds the same."""
    paid = paying("ana", "bento", 7)
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        early = reversing(paid.id, "bento", "ana", 7, by="ana")
        assert ["unknown_transfer", DONE] == await say(node, early, paid)
        assert ["unknown_transfer"] == await say(node, early)

    assert [] == await audited(tmp_path)


async def test_a_new_day_counts_anew(tmp_path: Path) -> None:
    """By the time of the leaf, as the audit finds it again."""
    mandate = allowing("ana", "bento", 50)
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        draws = [paying("ana", "bento", 50, by="bento", mandate=mandate.id, nonce=bytes([n])) for n in range(3)]
        assert [DONE, DONE, "mandate_limit"] == await say(node, mandate, *draws[:2])
        node.clock.time_ms += DAY_MS
        assert [DONE] == await say(node, draws[2])

    assert [] == await audited(tmp_path)


async def test_somebody_elses_draw_or_request_leaves_no_leaf(tmp_path: Path) -> None:
    """Who isn't named can't sign it."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento", "carla")
        size = await node.size()
        wrong = [
            paying("ana", "bento", 5, by="bento"),
            paying("ana", "bento", 5, mandate=named("mandate")),
            signed("request", "ana", between("ana", "bento", 5, due_ms=NOW_MS)),
            signed("mandate", "bento", between("ana", "bento", 5, period="day", until_ms=NOW_MS + DAY_MS)),
            reversing(named("transfer"), "bento", "ana", 5, by="carla"),
        ]

        assert ["not_allowed"] * 5 == await say(node, *wrong)
        assert size == await node.size()


async def test_the_audit_names_what_was_changed(tmp_path: Path) -> None:
    """A request made half paid behind the node's back is found."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        await say(node, asking("ana", "bento", 30))
    connection = sqlite3.connect(tmp_path / "node.sqlite")
    connection.execute("UPDATE item SET done = 29, state = 'part_paid'")
    connection.commit()
    connection.close()

    assert {("item", "done"), ("item", "state")} == {(each.table, each.column) for each in await audited(tmp_path)}
