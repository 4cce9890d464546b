"""Failing plans get shorter: what a failure needs stays, nothing else, and the search keeps its bounds."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.simulation.federation import Report
from tests.simulation.plan import Plan, Step
from tests.simulation.shrink import among, kind_of, minimal, shrink

NAMES = ("n00", "n01", "n02", "n03", "n04")
LINKS = (("n01", "n00"), ("n02", "n01"), ("n03", "n02"), ("n04", "n03"))


def plan_with(steps: int) -> Plan:
    """Give a plan of so many steps of twenty records each, at five nodes in a line."""
    made = tuple(Step(at * 100, "offer", NAMES[at % 5], {"number": at, "count": 20}) for at in range(steps))
    return Plan(1, NAMES, LINKS, NAMES, made)


def runner(fails: Callable[[Plan], bool], runs: list[Plan]) -> Callable[[Plan], Report]:
    """Give something that violates I1 where `fails` says so, and counts how often it is asked."""

    def run(plan: Plan) -> Report:
        runs.append(plan)
        if fails(plan):
            return Report(plan, violation="I1: it differs", invariant="I1", virtual_ms=10_000)
        return Report(plan)

    return run


def needs(*numbers: int) -> Callable[[Plan], bool]:
    """Fail with all of these steps."""
    return lambda plan: set(numbers) <= {step.fields["number"] for step in plan.steps}


def test_two_steps_of_forty_are_left() -> None:
    """Only what the failure needs is left, with one record each, at the nodes that are named."""
    runs: list[Plan] = []
    run = runner(needs(7, 31), runs)

    shrunk = shrink(run(plan_with(40)), run)

    plan = shrunk.report.plan
    assert [7, 31] == [step.fields["number"] for step in plan.steps]
    assert [1, 1] == [step.fields["count"] for step in plan.steps]
    assert ("n01", "n02") == plan.nodes
    assert not plan.links
    assert not plan.follow_all
    assert shrunk.is_done
    assert shrunk.runs == len(runs) - 1 < 80


def test_a_plan_that_fails_by_itself_loses_all_steps() -> None:
    """Where no step is needed, none is left, and one node at least."""
    run = runner(lambda _plan: True, [])

    plan = shrink(run(plan_with(40)), run).report.plan

    assert ((), 1) == (plan.steps, len(plan.nodes))


def test_steps_after_the_violation_go_first() -> None:
    """What was to come after the violation is left out at once."""
    runs: list[Plan] = []
    run = runner(needs(3), runs)
    found = run(plan_with(400))

    shrink(found, run, runs_max=1)

    assert 101 == len(runs[1].steps)


def test_another_violation_is_another_failure() -> None:
    """A shorter plan that violates something else isn't taken."""

    def run(plan: Plan) -> Report:
        invariant = "I1" if needs(2, 9)(plan) else "I3"
        return Report(plan, violation=f"{invariant}: wrong", invariant=invariant)

    assert [2, 9] == [step.fields["number"] for step in shrink(run(plan_with(12)), run).report.plan.steps]


def test_nodes_in_between_go_and_leave_a_link() -> None:
    """A node whose neighbours must stay linked is left out, and they are linked with each other."""

    def linked(plan: Plan) -> bool:
        reached = {"n00"}
        for _ in plan.nodes:
            reached |= {name for pair in plan.links if reached & set(pair) for name in pair}
        return "n04" in reached

    run = runner(linked, [])

    plan = shrink(run(plan_with(3)), run).report.plan

    assert {"n00", "n04"} == set(plan.nodes)
    assert {"n00", "n04"} == set(plan.links[0])
    assert 1 == len(plan.links)


def test_the_search_keeps_its_bound() -> None:
    """After the allowed runs the best plan so far is given, and said to be unfinished; the same each time."""
    runs: list[Plan] = []
    run = runner(needs(7, 31), runs)
    found = run(plan_with(40))

    shrunk = shrink(found, run, runs_max=5)

    assert (5, False) == (shrunk.runs, shrunk.is_done)
    assert "I1" == shrunk.report.invariant
    assert shrink(found, run, runs_max=5).report.plan == shrunk.report.plan


def test_processor_time_ends_the_search() -> None:
    """The bound of processor time counts what the runs took."""

    def run(plan: Plan) -> Report:
        return Report(plan, violation="I1: wrong", invariant="I1" if len(plan.steps) > 30 else None, cpu_s=2.0)

    assert 3 == shrink(run(plan_with(40)), run, cpu_s_max=6).runs


@pytest.mark.parametrize("needed", [(), (0,), (9,), (0, 9), (3, 4, 5), tuple(range(10))])
def test_minimal_leaves_what_is_needed(needed: tuple[int, ...]) -> None:
    """Exactly the needed items are left, in their order."""
    assert needed == minimal(range(10), lambda items: set(needed) <= set(items))


def test_steps_that_name_a_dropped_node_go_with_it() -> None:
    """A step at, to or from a dropped node goes; a group loses the name."""
    steps = (
        Step(0, "order", "n00", {"seller": "n01", "number": 1}),
        Step(1, "loss", "n02", {"to": "n00", "value": 1}),
        Step(2, "partition", "n02", {"group": ["n01", "n02"]}),
        Step(3, "partition", "n02", {"group": ["n01"]}),
        Step(4, "crash", "n01", {"power": True}),
    )
    plan = Plan(1, NAMES, LINKS, ("n01", "n02"), steps)

    left = among(plan, ["n00", "n02"])

    assert ("n00", "n02") == left.nodes
    assert ("n02",) == left.follow_all
    assert () == left.links
    assert (steps[1], Step(2, "partition", "n02", {"group": ["n02"]})) == left.steps


def test_exceptions_are_told_apart_by_their_type() -> None:
    """Two exceptions of different types are two failures."""
    plan = plan_with(1)
    one = Report(plan, invariant="no-exception", violation="no-exception: Traceback\n  x\nKeyError: 'a'\n")
    other = Report(plan, invariant="no-exception", violation="no-exception: Traceback\n  x\nTypeError: b\n")

    assert "no-exception KeyError" == kind_of(one)
    assert kind_of(one) != kind_of(other)
    assert "I1" == kind_of(Report(plan, invariant="I1", violation="I1: x"))
