"""Signatures checked outside the event loop, in worker processes that start when there is enough to do.

One check takes some 55 µs, more than all other work on a transfer together. Threads don't help: the driver gives the
interpreter lock away for each check and waits the switch interval to get it back, 5 ms beside a busy loop (measured).
A worker process takes a whole batch through a pipe and answers with one byte a signature. A few signatures are
checked on the spot, so a quiet node has no worker; an idle worker ends after a minute.

    question = count (4 bytes) ‖ count × (key 32 ‖ signature 64 ‖ record id 32)      answer = count × (0 or 1)

A worker that dies costs nothing but time: its batch is checked here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from protocol import keys
from protocol.errors import RemoteProtocolError
from protocol.record import TAG, Record

logger = logging.getLogger(__name__)

BATCH_MIN = 4
"""Fewer signatures are checked on the spot: a question and its answer cost some 150 µs."""

START_MIN = 16
"""A batch of this size starts a worker; a lone payment never does."""

BATCH_MAX = 256
"""Signatures in one question, some 15 ms of work; longer batches are cut, so that workers share them."""

IDLE_S = 60.0
"""A worker without a question for this long ends, and gives its memory back."""

_ROOT = Path(__file__).resolve().parents[2]
_WORKER = Path(__file__).with_name("signature_worker.py")


def worker_count() -> int:
    """Give how many workers this machine feeds beside the event loop: its cores less one, at least 1, at most 3."""
    return max(1, min(3, len(os.sched_getaffinity(0)) - 1))


class Signatures:
    """Checks signatures of records, on the spot or in workers; ended by `close`."""

    def __init__(self, *, workers: int | None = None) -> None:
        """Prepare at most this many workers (by default those of `worker_count`); none is started yet."""
        self._workers = [_Worker() for _ in range(worker_count() if workers is None else workers)]

    async def check(self, records: Sequence[Record]) -> list[bool]:
        """Tell of each record whether its signature is one of its key over its id.

        Args:
            records: As many as there are; whether the key may sign is not asked here.
        """
        use_workers = len(records) >= START_MIN or (
            len(records) >= BATCH_MIN and any(worker.is_running for worker in self._workers)
        )
        if not use_workers or not self._workers:
            return [is_signed(record) for record in records]
        size = min(BATCH_MAX, max(START_MIN, -(-len(records) // len(self._workers))))
        parts = [records[at : at + size] for at in range(0, len(records), size)]
        answers = await asyncio.gather(*(self._ask(part) for part in parts))
        return [sound for answer in answers for sound in answer]

    async def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            await worker.close()

    async def __aenter__(self) -> Self:
        """Give itself."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the workers."""
        await self.close()

    async def _ask(self, part: Sequence[Record]) -> list[bool]:
        worker = min(self._workers, key=lambda each: each.waiting)
        try:
            return await worker.ask(part)
        except (OSError, EOFError) as error:
            logger.warning("a signature worker ended (%s); its batch is checked by the node itself", error)
            return [is_signed(record) for record in part]


def is_signed(record: Record) -> bool:
    """Tell whether the signature of a record is one of its key over its id."""
    try:
        keys.verify(record.header.key, TAG, record.id, record.signature)
    except RemoteProtocolError:
        return False
    return True


class _Worker:
    """One process and the questions that wait for it, answered in order.

    Attributes:
        waiting: Signatures asked about and not answered yet.
    """

    def __init__(self) -> None:
        self.waiting = 0
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None
        self._ending: set[asyncio.Task[None]] = set()

    @property
    def is_running(self) -> bool:
        return self._process is not None

    async def ask(self, part: Sequence[Record]) -> list[bool]:
        """Send one question and wait for its answer.

        Raises:
            OSError: The process could not be started or ended.
            EOFError: It ended before it answered.
        """
        question = len(part).to_bytes(4) + b"".join(record.header.key + record.signature + record.id for record in part)
        self.waiting += len(part)
        try:
            async with self._turn:
                return await asyncio.shield(asyncio.ensure_future(self._exchange(question, len(part))))
        finally:
            self.waiting -= len(part)

    async def close(self) -> None:
        """End the process and wait for it."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        async with self._turn:
            await self._end()

    async def _exchange(self, question: bytes, count: int) -> list[bool]:
        process = self._process or await self._start()
        assert process.stdin is not None, "a worker has its pipes"
        assert process.stdout is not None, "a worker has its pipes"
        try:
            process.stdin.write(question)
            await process.stdin.drain()
            answer = await process.stdout.readexactly(count)
        except (OSError, EOFError):
            await self._end()
            raise
        if self._idle is not None:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(IDLE_S, self._end_when_idle)
        return [byte == 1 for byte in answer]

    async def _start(self) -> asyncio.subprocess.Process:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",
            str(_WORKER),
            str(_ROOT),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
        return self._process

    def _end_when_idle(self) -> None:
        task = asyncio.get_running_loop().create_task(self.close(), name="end of an idle signature worker")
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            process.stdin.close()
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
