"""Virtual time: waits cost nothing, and a world that stands still is said to."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import pytest

from tests.simulation import loop as loops
from tests.simulation.loop import DeadlockError, LivelockError, VirtualLoop


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    made = VirtualLoop()
    yield made
    made.close()


def ended(loop: VirtualLoop, part: Coroutine[Any, Any, None], error: type[Exception]) -> None:
    """Run something that ends with an error of the loop's, and let go of it."""
    task = loop.create_task(part)
    with pytest.raises(error):
        loop.run_until_complete(task)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)


def test_a_day_takes_a_moment(loop: VirtualLoop) -> None:
    """Time moves to the next timer at once."""

    async def wait() -> int:
        await asyncio.gather(asyncio.sleep(86_400), asyncio.sleep(5))
        return loop.now_ms()

    assert loop.run_until_complete(wait()) == 86_400_000


def test_a_wait_that_nothing_ends_is_a_deadlock(loop: VirtualLoop) -> None:
    """Where everybody waits and no timer is set, it is said at once."""

    async def wait() -> None:
        await asyncio.Event().wait()

    ended(loop, wait(), DeadlockError)


def test_a_moment_without_end_is_a_livelock(loop: VirtualLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where tasks wake each other for ever and no time goes by, it is said after some turns."""
    monkeypatch.setattr(loops, "TURNS_MAX", 1000)

    async def spin() -> None:
        while True:  # noqa: ASYNC110 - never coming to an end is what it is for
            await asyncio.sleep(0)

    ended(loop, spin(), LivelockError)
