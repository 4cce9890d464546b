"""Making a failing plan shorter while the same invariant stays violated, so that a person can read what is left.

Delta debugging: a half of the nodes is left out with their steps and links, then quarters, down to single ones, until
none of what is left can go. The same is done with steps, with links, and with whoever follows all; at last steps get
fewer records. All of it is tried again as long as something went. Draws are named, so what is left out changes nothing
else by itself.

    shrunk = shrink(run(plan), run)
    shrunk.report.plan      # the shortest plan that was found; shrunk.report.violation says what it violates

The same plan shrinks to the same one, unless the bound of processor time ends it.

Source: Zeller and Hildebrandt, Simplifying and Isolating Failure-Inducing Input, IEEE TSE 28(2), 2002, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from tests.simulation.federation import Report
from tests.simulation.plan import Plan, Step

Item = TypeVar("Item")

RUNS_MAX = 300
CPU_S_MAX = 600.0


class _SpentError(Exception):
    """The bound is reached."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """What came of shrinking.

    Attributes:
        report: The run of the shortest failing plan.
        runs: How many plans were run.
        cpu_s: How much processor time they took.
        is_done: Whether nothing of the plan can be left out any more; False where a bound ended it before.
    """

    report: Report
    runs: int
    cpu_s: float
    is_done: bool


def shrink(
    found: Report,
    run: Callable[[Plan], Report],
    *,
    runs_max: int = RUNS_MAX,
    cpu_s_max: float = CPU_S_MAX,
    advance: Callable[[str], None] = lambda _text: None,
) -> Shrunk:
    """Shorten the plan of a failing run.

    Args:
        found: What came of running the whole plan; it violates something.
        run: Runs a plan.
        runs_max: After so many runs the best plan so far is given.
        cpu_s_max: After so much processor time, in seconds, too.
        advance: Told, after each run, how far it is.
    """
    shrinker = _Shrinker(found, run, runs_max, cpu_s_max, advance)
    try:
        shrinker.all_of_it()
    except _SpentError:
        return Shrunk(shrinker.best, shrinker.runs, shrinker.cpu_s, is_done=False)
    return Shrunk(shrinker.best, shrinker.runs, shrinker.cpu_s, is_done=True)


def kind_of(report: Report) -> str | None:
    """Say what a run violates: the invariant, with the type of the exception where it is one."""
    if report.invariant != "no-exception" or not report.violation:
        return report.invariant
    last = report.violation.strip().rsplit("\n", maxsplit=1)[-1]
    return f"no-exception {last.partition(':')[0]}"


def minimal(items: Sequence[Item], fails: Callable[[tuple[Item, ...]], bool]) -> tuple[Item, ...]:
    """Leave out as many items as possible while it fails: none of what is given can go alone.

    Args:
        items: With all of them it fails.
        fails: Whether it fails with some of them, in the same order.
    """
    left = tuple(items)
    if left and fails(()):
        return ()
    size = max(1, len(left) // 2)
    while True:
        at, before = 0, len(left)
        while at < len(left):
            fewer = left[:at] + left[at + size :]
            if fails(fewer):
                left = fewer
            else:
                at += size
        if size == 1 and len(left) == before:
            return left
        size = max(1, size // 2)


def among(plan: Plan, kept: Iterable[str], links: tuple[tuple[str, str], ...] | None = None) -> Plan:
    """Give the plan for some of its nodes: without the others' steps and links.

    Args:
        plan: The plan.
        kept: Names.
        links: Links among them, in place of those that are left.
    """
    gone = set(plan.nodes) - set(kept)
    if links is None:
        links = tuple(pair for pair in plan.links if not gone & set(pair))
    steps = tuple(step for each in plan.steps if (step := _without(each, gone)) is not None)
    lists: dict[str, Any] = {
        field.name: tuple(item for item in value if item not in gone)
        for field in fields(plan)
        if field.name not in {"links", "steps"} and isinstance(value := getattr(plan, field.name), tuple)
    }
    return replace(plan, links=links, steps=steps, **lists)


def _without(step: Step, gone: set[str]) -> Step | None:
    """Give a step that names none of some nodes; None where nothing of it is left."""
    if step.node in gone:
        return None
    left: dict[str, Any] = {}
    for name, value in step.fields.items():
        if isinstance(value, str) and value in gone:
            return None
        left[name] = value
        if isinstance(value, list) and value:
            left[name] = [item for item in value if item not in gone]
            if not left[name]:
                return None
    return replace(step, fields=left)


def _bridged(plan: Plan, node: str) -> tuple[tuple[str, str], ...]:
    """Give the links without a node, its neighbours linked with the first of them."""
    links = [pair for pair in plan.links if node not in pair]
    neighbours = list(dict.fromkeys(name for pair in plan.links if node in pair for name in pair if name != node))
    for other in neighbours[1:]:
        if (neighbours[0], other) not in links and (other, neighbours[0]) not in links:
            links.append((other, neighbours[0]))
    return tuple(links)


class _Shrinker:
    """The search; `best` is the shortest failing run so far."""

    def __init__(
        self,
        found: Report,
        run: Callable[[Plan], Report],
        runs_max: int,
        cpu_s_max: float,
        advance: Callable[[str], None],
    ) -> None:
        self.best = found
        self.runs = 0
        self.cpu_s = 0.0
        self._kind = kind_of(found)
        self._run = run
        self._runs_max = runs_max
        self._cpu_s_max = cpu_s_max
        self._advance = advance
        self._tried: dict[str, bool] = {}

    def all_of_it(self) -> None:
        """Do everything that makes the plan shorter, until nothing does."""
        self._drop_the_end()
        before = None
        while before != self.best.plan:
            before = self.best.plan
            self._drop_nodes()  # first, since a run of few nodes takes little time
            plan = self.best.plan
            minimal(plan.steps, lambda steps, plan=plan: self._fails(plan.with_steps(steps)))  # type: ignore[misc]
            plan = self.best.plan
            minimal(plan.links, lambda links, plan=plan: self._fails(replace(plan, links=links)))  # type: ignore[misc]
            plan = self.best.plan
            minimal(
                plan.follow_all,
                lambda names, plan=plan: self._fails(replace(plan, follow_all=names)),  # type: ignore[misc]
            )
            self._lighten()

    def _drop_the_end(self) -> None:
        """Leave out all that comes after the violation, and no more where that isn't enough."""
        plan = self.best.plan
        self._fails(plan.with_steps(tuple(step for step in plan.steps if step.at_ms <= self.best.virtual_ms)))

    def _drop_nodes(self) -> None:
        plan = self.best.plan
        minimal(plan.nodes, lambda kept: bool(kept) and self._fails(among(plan, kept)))
        for node in reversed(self.best.plan.nodes):
            plan = self.best.plan
            others = [name for name in plan.nodes if name != node]
            if others:
                self._fails(among(plan, others, _bridged(plan, node)))

    def _lighten(self) -> None:
        """Let steps do less: one record in place of many, a killed process in place of a loss of power."""
        for at in range(len(self.best.plan.steps)):
            for name, least in (("count", 1), ("power", False), ("whole", False)):
                plan = self.best.plan
                step = plan.steps[at]
                if step.fields.get(name, least) != least:
                    lighter = replace(step, fields={**step.fields, name: least})
                    self._fails(plan.with_steps((*plan.steps[:at], lighter, *plan.steps[at + 1 :])))

    def _fails(self, plan: Plan) -> bool:
        """Run a plan; keep it where it violates the same.

        Raises:
            _SpentError: No more runs are allowed.
        """
        if plan == self.best.plan:
            return True
        name = plan.to_json()
        if name in self._tried:
            return self._tried[name]
        if self.runs >= self._runs_max or self.cpu_s >= self._cpu_s_max:
            raise _SpentError
        report = self._run(plan)
        self.runs += 1
        self.cpu_s += report.cpu_s
        self._tried[name] = kind_of(report) == self._kind
        if self._tried[name]:
            self.best = report
        best = self.best.plan
        self._advance(f"{self.runs} runs, {len(best.steps)} steps at {len(best.nodes)} nodes are left")
        return self._tried[name]
