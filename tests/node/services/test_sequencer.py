"""Group commit: durable before answered, once per id, nothing half done; on real SQLite files."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from node.services import sequencer
from node.services.outcomes import Recorded, Refused
from node.store.database import Connection
from node.store.engine import DiskFullError
from protocol import record
from protocol.errors import StorageError
from protocol.ledger import LedgerCode
from tests.ledger_builders import account_body, named, seed_of, signed, transfer_body
from tests.ledger_node import UNIT, LedgerNode, payment, posted, word

ROOT = Path(__file__).resolve().parents[3]


async def test_a_payment_moves_both_balances(tmp_path: Path) -> None:
    """What the payer gives the payee has, the leaf comes after the two openings, and the sum is zero."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")

        (outcome,) = await node.ledger.submit([payment("ana", "bento", 30_00)])

        assert isinstance(outcome, Recorded)
        assert (2, False, None) == (outcome.index, outcome.again, outcome.void)
        assert (-30_00, 30_00) == (await node.balance("ana"), await node.balance("bento"))
        assert [0] == [each.amount for each in (await node.ledger.summary()).sums]


async def test_a_refusal_is_recorded_and_repeated_after_a_restart(tmp_path: Path) -> None:
    """A payment over the limit gets the same answer each time, also once the payer could afford it."""
    asked = payment("ana", "bento", 100_01)
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        (first,) = await node.ledger.submit([asked])
        await node.ledger.submit([payment("bento", "ana", 50_00)])
    async with LedgerNode(tmp_path) as node:
        (again,) = await node.ledger.submit([asked])

        assert isinstance(first, Recorded)
        assert LedgerCode.DEBIT_LIMIT.refusal() == first.void
        assert replace(first, again=True) == again
        assert 50_00 == await node.balance("ana")


async def test_a_restart_goes_on_from_the_same_book(tmp_path: Path) -> None:
    """Balances, size and the clock of the ledger are those before the stop."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        node.clock.time_ms += 5_000
        await node.ledger.submit([payment("ana", "bento", 10), payment("ana", "bento", 20)])
        before = await node.ledger.trial_balance()
    async with LedgerNode(tmp_path) as node:
        assert before == await node.ledger.trial_balance()
        assert 1_700_000_005_000 == node.ledger._sequencer.book.time_ms


async def test_fifty_copies_at_once_post_once(tmp_path: Path) -> None:
    """One of fifty concurrent copies is the first; all name the same leaf."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        asked = payment("ana", "bento", 1_00)

        outcomes = [answer for (answer,) in await asyncio.gather(*(node.ledger.submit([asked]) for _ in range(50)))]

        assert all(posted(outcome) for outcome in outcomes)
        assert {2} == {outcome.index for outcome in outcomes if isinstance(outcome, Recorded)}
        assert 1 == sum(not outcome.again for outcome in outcomes if isinstance(outcome, Recorded))
        assert (1_00, 3) == (await node.balance("bento"), await node.size())


async def test_copies_inside_one_submission_post_once(tmp_path: Path) -> None:
    """A batch that names an instruction twice gets the same answer twice."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")

        outcomes = await node.ledger.submit([payment("ana", "bento", 5)] * 3 + [payment("ana", "bento", 7)])

        assert [2, 2, 2, 3] == [outcome.index for outcome in outcomes if isinstance(outcome, Recorded)]
        assert [False, True, True, False] == [outcome.again for outcome in outcomes if isinstance(outcome, Recorded)]
        assert 12 == await node.balance("bento")


async def test_the_same_request_with_other_bytes_is_another_payment(tmp_path: Path) -> None:
    """What is signed anew has a new id and counts anew; the limit stops it, not the likeness."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento", low=-10)

        first, second = [
            (await node.ledger.submit([payment("ana", "bento", 10, nonce=nonce)]))[0] for nonce in ("a", "b")
        ]

        assert posted(first)
        assert "debit_limit" == word(second)


async def test_a_retry_during_the_commit_waits_for_it(tmp_path: Path) -> None:
    """Neither copy is answered before the commit of the first one is durable."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        reached, go_on = asyncio.Event(), asyncio.Event()

        async def hold(_connection: Connection) -> None:
            reached.set()
            await go_on.wait()

        node.database.before_commit.append(hold)
        asked = payment("ana", "bento", 1_00)
        first = asyncio.create_task(node.ledger.submit([asked]))
        await reached.wait()
        retry = asyncio.create_task(node.ledger.submit([asked]))
        for _ in range(50):
            await asyncio.sleep(0)

        assert not first.done()
        assert not retry.done()
        assert 0 == await node.balance("bento")
        go_on.set()
        (one,), (two,) = await first, await retry
        assert isinstance(one, Recorded)
        assert replace(one, again=True) == two
        assert 1_00 == await node.balance("bento")


async def test_a_failed_commit_rolls_memory_back(tmp_path: Path) -> None:
    """When the commit fails, balances are as before, nothing is acknowledged, and the next payment counts."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento", low=-10)

        async def fail(_connection: Connection) -> None:
            raise ValueError("no")

        node.database.before_commit.append(fail)
        with pytest.raises(ValueError, match="no"):
            await node.ledger.submit([payment("ana", "bento", 10)])
        node.database.before_commit.remove(fail)

        assert (0, 2) == (await node.balance("ana"), await node.size())
        (outcome,) = await node.ledger.submit([payment("ana", "bento", 10)])
        assert isinstance(outcome, Recorded)
        assert (2, False) == (outcome.index, outcome.again)


async def test_a_full_disk_refuses_and_reads_go_on(tmp_path: Path) -> None:
    """Payments get a code, accounts can be read, and the same payment counts once there is room."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")

        async def full(_connection: Connection) -> None:
            raise DiskFullError("the disk is full")

        node.database.before_commit.append(full)
        (refused,) = await node.ledger.submit([payment("ana", "bento", 10)])
        node.database.before_commit.remove(full)

        assert isinstance(refused, Refused)
        assert "disk_full" == refused.refusal.code
        assert 0 == await node.balance("ana")
        assert [True] == [posted(each) for each in await node.ledger.submit([payment("ana", "bento", 10)])]


async def test_what_is_not_validly_signed_leaves_no_leaf(tmp_path: Path) -> None:
    """A wrong signature, key, author, payer or home is answered with its code, and the feed stays as it was."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        good, other = payment("ana", "bento", 1), payment("ana", "bento", 2)
        outcomes = await node.ledger.submit(
            [
                replace(good, signature=other.signature),
                payment("zeca", "bento", 1),
                signed("transfer", "ana", transfer_body("ana", "bento", 1, unit=UNIT), key="carla"),
                payment("bento", "ana", 1, signer="ana"),
                signed("account", "ana", account_body("ana")),
                signed("transfer", "ana", {}, home=named("serra")),
                good.without_body(),
            ]
        )

        assert [
            "bad_signature",
            "unknown_author",
            "key_not_valid",
            "not_allowed",
            "not_allowed",
            "wrong_home",
            "not_found",
        ] == [word(outcome) for outcome in outcomes]
        assert all(isinstance(outcome, Refused) for outcome in outcomes)
        assert 2 == await node.size()


async def test_too_many_waiting_payments_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line has a bound, and who finds it full is told so."""
    monkeypatch.setattr(sequencer, "WAITING_MAX", 2)
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")

        outcomes = await node.ledger.submit([payment("ana", "bento", amount) for amount in (1, 2, 3)])

        assert ["unavailable"] * 3 == [word(outcome) for outcome in outcomes]


async def test_closing_answers_what_waits(tmp_path: Path) -> None:
    """A stop leaves nobody without an answer, and takes nothing new."""
    node = LedgerNode(tmp_path)
    await node.open()
    await node.begin("ana", "bento")
    asked = [asyncio.create_task(node.ledger.submit([payment("ana", "bento", amount)])) for amount in (1, 2, 3)]
    await asyncio.sleep(0)
    await node.close()

    assert [True] * 3 == [posted((await each)[0]) for each in asked]
    with pytest.raises(StorageError, match="closed"):
        await node.ledger.submit([payment("ana", "bento", 4)])


async def test_a_caller_that_goes_away_undoes_nothing(tmp_path: Path) -> None:
    """The payment of a caller that was cut off is posted, and its retry gets the answer."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        asked = payment("ana", "bento", 9)
        gone = asyncio.create_task(node.ledger.submit([asked]))
        await asyncio.sleep(0)
        gone.cancel()

        (again,) = await node.ledger.submit([asked])

        assert isinstance(again, Recorded)
        assert (2, 9) == (again.index, await node.balance("bento"))


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
async def test_a_stop_at_any_moment_of_the_commit_keeps_the_books(tmp_path: Path, moment: str) -> None:
    """The files as they are just before and just after COMMIT open to books that add up, whole or without the batch."""
    async with LedgerNode(tmp_path / "live") as node:
        await node.begin("ana", "bento")

        async def copy(*_: object) -> None:
            shutil.copytree(tmp_path / "live", tmp_path / "copy", ignore=shutil.ignore_patterns("lock", "*-shm"))

        getattr(node.database, moment).append(copy)
        await node.ledger.submit([payment("ana", "bento", 10), payment("bento", "ana", 4)])
        getattr(node.database, moment).remove(copy)

    async with LedgerNode(tmp_path / "copy") as again:
        expected = {"before_commit": (0, 2), "after_commit": (6, 4)}[moment]
        assert expected == (await again.balance("bento"), await again.size())


async def test_books_that_contradict_themselves_are_not_opened(tmp_path: Path) -> None:
    """A balance that its entries don't give stops the start, and says what to run."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        await node.ledger.submit([payment("ana", "bento", 10)])

        async def damage(connection: Connection) -> None:
            await connection.exec_driver_sql("UPDATE account SET balance = balance + 1 WHERE number = 2")

        await node.database.write(damage)

    with pytest.raises(StorageError, match="mutirao verify data"):
        await LedgerNode(tmp_path).open()


SCRIPT = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from tests.ledger_node import LedgerNode, payment

async def pay():
    node = LedgerNode(Path({folder!r}))
    await node.open()
    await node.begin("ana", "bento", low=-10**9, high=10**9)
    async def one(first):
        for number in range(first, 100_000, 20):
            (outcome,) = await node.ledger.submit([payment("ana", "bento", 1, nonce=str(number))])
            print(outcome.id.hex(), outcome.index, flush=True)
    await asyncio.gather(*(one(first) for first in range(20)))

asyncio.run(pay())
"""


async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Every payment that a killed process had acknowledged stands in the same leaf after the restart."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SCRIPT.format(root=str(ROOT), folder=str(tmp_path / "data")),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    acknowledged = [await process.stdout.readline() for _ in range(60)]
    os.kill(process.pid, signal.SIGKILL)
    acknowledged += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()

    async with LedgerNode(tmp_path / "data") as node:
        async with node.database.read() as connection:
            rows = await connection.exec_driver_sql(
                "SELECT record_id, leaf_index FROM leaf WHERE record_id IS NOT NULL"
            )
            known = {record_id.hex(): index for record_id, index in map(tuple, rows)}
        whole = [line.decode().split() for line in acknowledged if line.endswith(b"\n")]
        assert len(whole) >= 60
        assert all(known[identifier] == int(index) for identifier, index in whole)
        assert await node.size() - 2 == await node.balance("bento")


async def test_a_clock_that_jumped_ahead_leaves_nothing_behind(tmp_path: Path) -> None:
    """While the clock stands at 2040 nothing is taken, and when it is right again payments go on and don't expire."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        (before,) = await node.ledger.submit([payment("ana", "bento", 1)])
        node.clock.time_ms += 14 * 365 * 24 * 3600 * 1000
        asked = soon("ana", "bento", 2)
        meanwhile, again = await node.ledger.submit([asked, payment("ana", "bento", 1)])
        node.clock.time_ms -= 14 * 365 * 24 * 3600 * 1000
        (after,) = await node.ledger.submit([asked])

        assert (posted(before), word(meanwhile), posted(again), posted(after)) == (True, "clock_far_off", True, True)
        assert isinstance(again, Recorded)
        assert again.again
        assert 3 == await node.balance("bento")


async def test_an_instruction_of_a_later_version_is_not_carried_out(tmp_path: Path) -> None:
    """Nobody knows what a later version means, so no money moves."""
    async with LedgerNode(tmp_path) as node:
        await node.begin("ana", "bento")
        today = payment("ana", "bento", 5)
        header = replace(today.header, version=2)
        later = record.create(header, today.body_value(), seed=seed_of("ana"), salt=bytes(16))

        (outcome,) = await node.ledger.submit([later])

        assert ("unknown_version", 0) == (word(outcome), await node.balance("bento"))


def soon(payer: str, payee: str, amount: int) -> record.Record:
    """Give a transfer that expires in an hour."""
    body = {**transfer_body(payer, payee, amount, unit=UNIT), "expires_ms": 1_700_003_600_000}
    return signed("transfer", payer, body)
