"""Signatures in worker processes and on the spot."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

from node.services import signatures
from node.services.signatures import BATCH_MAX, START_MIN, Signatures
from protocol.record import Record
from tests.ledger_builders import signed, transfer_body


def batch(count: int) -> tuple[list[Record], list[bool]]:
    """Give records of which every third carries another's signature, and which of them are sound."""
    good = signed("transfer", "ana", transfer_body("ana", "bento", 1))
    other = signed("transfer", "ana", transfer_body("ana", "bento", 2))
    forged = replace(good, signature=other.signature)
    return [forged if number % 3 == 0 else good for number in range(count)], [
        number % 3 != 0 for number in range(count)
    ]


async def test_a_few_signatures_start_no_process() -> None:
    """A lone payment on a quiet node is checked on the spot."""
    records, expected = batch(START_MIN - 1)
    async with Signatures() as checked:
        assert expected == await checked.check(records)
        assert not any(worker.is_running for worker in checked._workers)


async def test_a_batch_is_checked_by_workers_in_order() -> None:
    """Long batches are cut and shared; the answers come in the order of the records."""
    records, expected = batch(BATCH_MAX + START_MIN)
    async with Signatures(workers=2) as checked:
        assert expected == await checked.check(records)
        assert all(worker.is_running for worker in checked._workers)
        assert batch(5)[1] == await checked.check(batch(5)[0])


async def test_a_worker_that_is_killed_costs_no_answer() -> None:
    """Its batch is checked here, and the next batch starts another worker."""
    records, expected = batch(START_MIN)
    async with Signatures(workers=1) as checked:
        assert expected == await checked.check(records)
        process = checked._workers[0]._process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()

        assert expected == await checked.check(records)
        assert expected == await checked.check(records)


async def test_a_worker_that_cannot_start_costs_no_answer(monkeypatch: object) -> None:
    """Without processes the node checks by itself."""
    records, expected = batch(START_MIN)
    async with Signatures(workers=0) as checked:
        assert expected == await checked.check(records)


async def test_ctrl_c_reaches_the_node_and_not_its_workers() -> None:
    """A worker goes on answering after SIGINT, and ends when the node ends it."""
    records, expected = batch(START_MIN)
    async with Signatures(workers=1) as checked:
        await checked.check(records)
        process = checked._workers[0]._process
        assert process is not None
        os.kill(process.pid, signal.SIGINT)

        assert expected == await checked.check(records)
        assert process is checked._workers[0]._process


async def test_an_idle_worker_ends() -> None:
    """After a minute without a question the process is gone."""
    records, _ = batch(START_MIN)
    async with Signatures(workers=1) as checked:
        await checked.check(records)
        worker = checked._workers[0]

        worker._end_when_idle()
        for task in list(worker._ending):
            await task
        assert not worker.is_running


def test_worker_count_leaves_a_core_to_the_event_loop() -> None:
    """There is always one worker, and never more than three."""
    assert 1 <= signatures.worker_count() <= 3
