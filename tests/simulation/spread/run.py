"""Runs the worlds of a plan, each in a process of its own, and puts together what they give.

How many processes there are changes nothing in what is found: a world depends on the plan and its number alone.
"""

from __future__ import annotations

import gc
import multiprocessing
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from multiprocessing.sharedctypes import Synchronized

from tests.simulation.spread.plan import Part, Plan
from tests.simulation.spread.report import Report, report_of
from tests.simulation.spread.wave import Advance, Wave

LOOK_S = 0.5
"""How often the progress of the processes is looked at."""

_GARBAGE_THRESHOLDS = (200_000, 50, 100)
"""A world is millions of small objects that live to its end; looking through them often would take most of the time."""

_done: Synchronized[int] | None = None


def run(plan: Plan, *, processes: int = 1, advance: Advance = lambda _: None) -> Report:
    """Simulate a plan.

    Args:
        plan: What.
        processes: How many worlds run at a time; 1 runs them in this process, one after the other.
        advance: Called with the number of deliveries since the last call.
    """
    begun_s = time.monotonic()
    if processes == 1:
        parts = [Wave(plan, part, advance).perform() for part in range(plan.worlds)]
    else:
        parts = _run_apart(plan, processes, advance)
    return report_of(plan, parts, wall_s=time.monotonic() - begun_s, processes=processes)


def _run_apart(plan: Plan, processes: int, advance: Advance) -> list[Part]:
    context = multiprocessing.get_context("spawn")
    done: Synchronized[int] = context.Value("q", 0)
    told = 0
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_begin, initargs=(done,)) as pool:
        futures = [pool.submit(_run_part, plan, part) for part in range(plan.worlds)]
        waiting = set(futures)
        while waiting:
            _, waiting = wait(waiting, timeout=LOOK_S, return_when=FIRST_COMPLETED)
            value = done.value
            advance(value - told)
            told = value
        return [future.result() for future in futures]


def _begin(done: Synchronized[int]) -> None:
    global _done  # noqa: PLW0603 -- a process of the pool is told once
    _done = done
    gc.set_threshold(*_GARBAGE_THRESHOLDS)


def _run_part(plan: Plan, part: int) -> Part:
    def advance(count: int) -> None:
        assert _done is not None
        with _done.get_lock():
            _done.value += count

    return Wave(plan, part, advance).perform()
