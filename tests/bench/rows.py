"""The rows that a benchmark gives back, and how they are printed and compared.

A benchmark is a module `tests/bench/bench_<subject>.py` with `main(rounds: int) -> list[Row]`. It measures its own side
and the baseline in alternating rounds, so that a machine that slows down slows both; `rate` and `baseline` are the
medians. What a baseline does not do (no signature, no network, no log) stands in its `missing`.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table.

    Attributes:
        name: what was measured, as in the table of figures in docs/.
        rate: our median, in `unit`.
        unit: such as "transfers/s", "records/s", "ms p99".
        baseline_name: what it is compared with; empty for none.
        baseline: the baseline's median in the same unit; None for none.
        floor: the ratio rate / baseline (or the bare figure, without a baseline) that must be reached to ship.
        aim: the ratio, or figure, that is wanted.
        lower_is_better: True for times and sizes.
        missing: the duties that the baseline does not have.
    """

    name: str
    rate: float
    unit: str
    baseline_name: str = ""
    baseline: float | None = None
    floor: float | None = None
    aim: float | None = None
    lower_is_better: bool = False
    missing: str = ""

    @property
    def figure(self) -> float:
        """What floor and aim are compared with: the ratio to the baseline, or the bare rate."""
        return self.rate / self.baseline if self.baseline else self.rate

    @property
    def verdict(self) -> str:
        """One of "aim", "floor", "below floor", or "" where no floor is set."""
        if self.floor is None:
            return ""
        if self.aim is not None and self._reaches(self.aim):
            return "aim"
        return "floor" if self._reaches(self.floor) else "below floor"

    def _reaches(self, wanted: float) -> bool:
        return self.figure <= wanted if self.lower_is_better else self.figure >= wanted


def alternate(sides: Sequence[Callable[[], float]], rounds: int) -> list[float]:
    """Measure several sides in turn, `rounds` times each.

    Args:
        sides: each measures one round and gives its figure.
        rounds: how often; an odd number has a true median.

    Returns:
        The median of each side, in the order of `sides`.
    """
    figures: list[list[float]] = [[] for _ in sides]
    for _ in range(rounds):
        for kept, side in zip(figures, sides, strict=True):
            kept.append(side())
    return [statistics.median(kept) for kept in figures]


def table(rows: Sequence[Row]) -> str:
    """A Markdown table, as it stands in docs/."""
    lines = [
        "| what | ours | baseline | ratio | floor | aim | reached |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows:
        baseline = f"{_number(row.baseline)} ({row.baseline_name})" if row.baseline else "–"
        ratio = f"{row.figure:.2f}×" if row.baseline else "–"
        cells = (
            row.name,
            f"{_number(row.rate)} {row.unit}",
            baseline,
            ratio,
            _bound(row, row.floor),
            _bound(row, row.aim),
            row.verdict or "–",
        )
        lines.append(f"| {' | '.join(cells)} |")
    duties = dict.fromkeys((row.baseline_name, row.missing) for row in rows if row.missing)
    notes = [f"\nThe baseline “{name}” does without: {missing}." for name, missing in duties]
    return "\n".join([*lines, *notes])


def _bound(row: Row, bound: float | None) -> str:
    if bound is None:
        return "–"
    return f"{bound:g}×" if row.baseline else f"{bound:g} {row.unit}"


def _number(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
