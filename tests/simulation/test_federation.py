"""Whole nodes in virtual time: whatever a seed does to them, what must hold holds, and the same seed does the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import Future
from itertools import islice

import pytest

from tests.simulation.federation import Report, run
from tests.simulation.plan import Plan, plan_from_json, plan_of
from tests.simulation.pool import processes
from tests.tools.tree import ROOT

A_DISK_JUST_FULL = "42"
"""A seed where one page more or less decides what still finds room, and so the order in which rows are written."""

FIRST = 1_000_000
"""The first seed of the test; `make soak` begins at 0."""

CHUNKS, CHUNK = 12, 25

TRACES = """
import json, sys
from tests.simulation.federation import run
from tests.simulation.plan import plan_of
reports = [run(plan_of(int(seed))) for seed in sys.argv[1:]]
print(json.dumps({report.plan.seed: [report.trace, report.events, report.counts] for report in reports}))
"""


@pytest.fixture(scope="module")
def chunks(request: pytest.FixtureRequest) -> Iterator[dict[int, Future[list[Report]]]]:
    """Have the chunks that were asked for run on all cores."""
    parameters = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    numbers = dict.fromkeys(found["chunk"] for found in parameters if "chunk" in found)
    with processes(os.cpu_count() or 1) as submit:
        yield {number: submit(range(FIRST + number * CHUNK, FIRST + (number + 1) * CHUNK)) for number in numbers}


@pytest.mark.slow
@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_seeds_find_nothing(chunk: int, chunks: dict[int, Future[list[Report]]]) -> None:
    """No invariant is violated, with every fault that the seeds draw."""
    found = [
        f"python -m tests.simulation seed {report.plan.seed}    # {report.violation}"
        for report in chunks[chunk].result()
        if report.violation is not None
    ]

    assert not found, "step by step, and with --shrink the shortest schedule:\n" + "\n".join(found)


@pytest.mark.slow
def test_a_seed_is_the_same_in_every_process() -> None:
    """Seeds with many nodes, crashes and orders do the same alone and after others, whatever sets iterate like."""
    seeds = [*(str(seed) for seed in islice(filter(_is_varied, range(FIRST, 2 * FIRST)), 4)), A_DISK_JUST_FULL]
    orders = {"1": seeds, "2": seeds[::-1], "3": seeds[2:3]}

    started = [
        subprocess.Popen(
            (sys.executable, "-c", TRACES, *order),
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for hash_seed, order in orders.items()
    ]
    one, other, alone = (json.loads(process.communicate()[0]) for process in started)

    assert one == other
    assert alone == {seeds[2]: one[seeds[2]]}


def test_the_same_plan_gives_the_same_trace() -> None:
    """A run depends on its plan alone."""
    assert run(plan_of(1)).trace == run(plan_of(1)).trace
    assert run(plan_of(1)).trace != run(plan_of(2)).trace


def test_a_plan_survives_its_file() -> None:
    """What is written is read back the same."""
    plan = plan_of(3)

    assert plan_from_json(plan.to_json()) == plan


def _is_varied(seed: int) -> bool:
    plan: Plan = plan_of(seed)
    actions = {step.action for step in plan.steps}
    return len(plan.nodes) > 5 and {"crash_at", "order", "offer", "rogue"} <= actions
