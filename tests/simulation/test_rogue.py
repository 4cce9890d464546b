"""A peer that misbehaves on purpose changes nothing among honest nodes, whatever it does."""

from __future__ import annotations

import pytest

from tests.simulation.federation import run
from tests.simulation.plan import ROGUE_KINDS, Plan, Step
from tests.simulation.rogue_acts import ACTS

NODES = ("n00", "n01", "n02")
LINKS = (("n01", "n00"), ("n02", "n01"), ("n02", "n00"))


def rogue_plan(kind: str, *, number: int, everybody: bool) -> Plan:
    """Give a plan in which a rogue does one kind of thing to two nodes, while members of the third publish."""
    steps = []
    for at_ms in (1000, 4000, 8000):
        fields = {"member": "ana", "count": 2, "number": at_ms + number}
        steps.append(Step(at_ms, "offer", "n02", fields))
    for at, node in enumerate(("n00", "n01", "n00")):
        fields = {"name": "x00", "kind": kind, "number": number + at, "dialled": bool(number & 1)}
        # Two are told at the same moment, so that neither hears from the other first.
        steps.append(Step(500 + 3000 * (at // 2), "rogue", node, fields))
    steps.sort(key=lambda step: step.at_ms)
    return Plan(number, NODES, LINKS, NODES if everybody else (), tuple(steps))


def test_a_plan_can_draw_every_act() -> None:
    """Nothing that a rogue can do is left out of the plans."""
    assert set(ROGUE_KINDS) == set(ACTS)


@pytest.mark.parametrize("number", [3, 54])
@pytest.mark.parametrize("kind", ROGUE_KINDS)
def test_honest_nodes_come_together_beside_a_rogue(kind: str, number: int) -> None:
    """Every invariant holds among the honest, whatever one peer does to two of them."""
    report = run(rogue_plan(kind, number=number, everybody=True))

    assert report.violation is None
    assert report.counts[f"rogue: {kind}"] == 3


def test_a_rogue_does_the_same_again() -> None:
    """A run with a rogue depends on its plan alone, too."""
    plan = rogue_plan("odd", number=3, everybody=False)

    assert run(plan).trace == run(plan).trace
