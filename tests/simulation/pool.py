"""Seeds run on all cores: chunks of them in processes; their reports come in the order of the seeds, however many."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice

from tests.simulation.federation import Report, run
from tests.simulation.plan import plan_of

CHUNK = 5
"""Seeds that a process takes at a time."""

AHEAD = 4
"""Chunks for each process that are handed out before their turn."""


def run_seeds(seeds: Sequence[int]) -> list[Report]:
    """Run some seeds in this process."""
    return [run(plan_of(seed)) for seed in seeds]


def reports_of(seeds: Sequence[int], jobs: int) -> Generator[Report, None, None]:
    """Give the reports of seeds in their order.

    Args:
        seeds: Which.
        jobs: Processes at a time; 1 for this one.

    Raises:
        RuntimeError: A process died.
    """
    if jobs == 1:
        yield from (run(plan_of(seed)) for seed in seeds)
        return
    chunks = iter([seeds[at : at + CHUNK] for at in range(0, len(seeds), CHUNK)])
    with processes(jobs) as submit:
        waiting = [(chunk, submit(chunk)) for chunk in islice(chunks, jobs * AHEAD)]
        while waiting:
            chunk, future = waiting.pop(0)
            try:
                yield from future.result()
            except BrokenProcessPool as error:
                raise RuntimeError(
                    f"a process died; run seeds {chunk[0]} and following one by one: --jobs 1"
                ) from error
            waiting += [(more, submit(more)) for more in islice(chunks, 1)]


@contextmanager
def processes(jobs: int) -> Iterator[Callable[[Sequence[int]], Future[list[Report]]]]:
    """Start processes that run seeds; give the function that hands them out."""
    # New processes, not copies of this one: what this one did before must not matter.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin) as pool:
        try:
            yield lambda seeds: pool.submit(run_seeds, seeds)
        finally:
            pool.shutdown(cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who started us decides
