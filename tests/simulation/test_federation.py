"""Whole nodes in virtual time: whatever a seed does to them, what must hold holds, and the same seed does the same."""

from __future__ import annotations

import pytest

from tests.simulation.federation import run
from tests.simulation.plan import plan_from_json, plan_of


@pytest.mark.parametrize("seed", range(8))
def test_a_seed_finds_nothing(seed: int) -> None:
    """No invariant is violated, with every fault that the seed draws."""
    assert run(plan_of(seed)).violation is None


def test_the_same_seed_gives_the_same_trace() -> None:
    """A run depends on its plan alone."""
    assert run(plan_of(1)).trace == run(plan_of(1)).trace
    assert run(plan_of(1)).trace != run(plan_of(2)).trace


def test_a_plan_survives_its_file() -> None:
    """What is written is read back the same."""
    plan = plan_of(3)

    assert plan_from_json(plan.to_json()) == plan
