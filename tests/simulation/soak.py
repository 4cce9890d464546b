"""`make soak SEEDS=n`: seed after seed on all cores, what happened by kind, and a replay file of what failed."""

from __future__ import annotations

import argparse
import hashlib
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cli.output import Output
from tests.simulation.federation import Report, run
from tests.simulation.plan import plan_of
from tests.simulation.pool import reports_of
from tests.simulation.replay import REPLAYS, commit, replay_of, write_replay
from tests.simulation.shrink import RUNS_MAX, shrink

HOUR_MS = 3600 * 1000

GROUPS = {"fault": "faults", "rogue": "rogues", "step": "steps", "refused": "refused"}
"""What is before the colon of a count, and the heading that it stands under."""


@dataclass(slots=True)
class Totals:
    """What came of many seeds.

    Attributes:
        seeds: How many.
        events: Things that happened in virtual time.
        virtual_ms: Virtual time.
        cpu_s: Processor time.
        counts: What happened how often, by `Report.counts`.
        failed: The runs that violated something.
    """

    seeds: int = 0
    events: int = 0
    virtual_ms: int = 0
    cpu_s: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    failed: list[Report] = field(default_factory=list)
    _trace: Any = field(default_factory=lambda: hashlib.blake2b(digest_size=16))

    def add(self, report: Report) -> None:
        """Add a run; the order decides the trace."""
        self.seeds += 1
        self.events += report.events
        self.virtual_ms += report.virtual_ms
        self.cpu_s += report.cpu_s
        self.counts += report.counts
        self._trace.update(f"{report.plan.seed} {report.trace}\n".encode())
        if report.violation is not None:
            self.failed.append(report)

    @property
    def trace(self) -> str:
        """The hash of all traces, hexadecimal."""
        return str(self._trace.hexdigest())

    def grouped(self) -> dict[str, dict[str, int]]:
        """Give the counts by group, the most frequent first."""
        groups: dict[str, dict[str, int]] = {heading: {} for heading in (*GROUPS.values(), "other")}
        for name, number in sorted(self.counts.items(), key=lambda item: (-item[1], item[0])):
            group, colon, what = name.partition(": ")
            if colon and group in GROUPS:
                groups[GROUPS[group]][what] = number
            else:
                groups["other"][name] = number
        return groups

    def as_json(self) -> dict[str, Any]:
        """Give all figures to programs."""
        return {
            "seeds": self.seeds,
            "events": self.events,
            "events_a_cpu_second": round(self.events / max(self.cpu_s, 1e-9)),
            "virtual_hours": round(self.virtual_ms / HOUR_MS, 2),
            "cpu_s": round(self.cpu_s, 1),
            "trace": self.trace,
            **self.grouped(),
        }

    def lines(self) -> list[str]:
        """Give all figures to people."""
        figures = self.as_json()
        lines = [
            f"{'seeds':<16}{self.seeds:,}, {len(self.failed) or 'none'} of them failed",
            f"{'virtual events':<16}{self.events:,}, {figures['events_a_cpu_second']:,} a CPU-second",
            f"{'virtual time':<16}{figures['virtual_hours']:,} hours",
            f"{'processor time':<16}{self.cpu_s:,.1f} s",
        ]
        for heading, counts in self.grouped().items():
            lines += _wrapped(heading, [f"{what} {number:,}" for what, number in counts.items()])
        return [*lines, f"{'trace':<16}{self.trace}"]


def main(arguments: Sequence[str], prog: str = "python -m tests.simulation soak") -> int:
    """Run the seeds; 0 where nothing was violated."""
    options = _parser(prog).parse_args(arguments)
    output = Output(json_wanted=options.json)
    totals = Totals()
    seeds = range(options.first, options.first + options.seeds)
    begun_s = time.monotonic()
    is_cut = False
    with output.progress("Seeds", len(seeds)) as advance:
        reports = reports_of(seeds, options.jobs)
        try:
            for report in reports:
                totals.add(report)
                advance(1)
                if report.violation is not None:
                    output.note(f"seed {report.plan.seed}: {_first_line(report.violation)}")
                if len(totals.failed) >= options.keep_going:
                    break
        except KeyboardInterrupt:
            is_cut = True
        finally:
            reports.close()
    wall_s = time.monotonic() - begun_s
    failures = [] if is_cut else [_shortened(report, options, output) for report in totals.failed]
    figures = {"commit": commit(), **totals.as_json(), "wall_s": round(wall_s, 1), "failed": failures}
    told = [line for failure in failures for line in _told(failure)]
    output.script(figures, "\n".join([*totals.lines(), f"{'time':<16}{wall_s:,.1f} s", *told]))
    return 130 if is_cut else int(bool(totals.failed))


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=prog, description=__doc__)
    parser.add_argument("--seeds", type=int, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--from", dest="first", type=int, default=0, help="the first one (default: %(default)s)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: %(default)s)")
    parser.add_argument(
        "--keep-going", type=int, default=1, metavar="N", help="end at the Nth failing seed (default: 1)"
    )
    parser.add_argument("--shrink-runs", type=int, default=RUNS_MAX, help="runs to shorten each (default: %(default)s)")
    parser.add_argument("--replays", type=Path, default=REPLAYS, metavar="FOLDER", help="where replay files go")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the text")
    return parser


def _shortened(found: Report, options: argparse.Namespace, output: Output) -> dict[str, Any]:
    """Shorten a failing plan, write its replay file, and say what it is."""
    seed = found.plan.seed
    with output.steps(f"Shortening seed {seed}") as tell:
        shrunk = shrink(found, run, runs_max=options.shrink_runs, advance=tell)
    replay = replay_of(shrunk, len(found.plan.steps))
    path = write_replay(replay, options.replays)
    return {
        "seed": seed,
        **replay.found,
        "steps": len(shrunk.report.plan.steps),
        "nodes": len(shrunk.report.plan.nodes),
        "schedule": [
            f"{step.at_ms} ms {step.node}: {step.action} {step.fields or ''}".rstrip()
            for step in shrunk.report.plan.steps
        ],
        "file": os.path.relpath(path),
    }


def _told(failure: dict[str, Any]) -> list[str]:
    """Say what failed and how to run it again."""
    whole = plan_of(failure["seed"])
    steps, nodes = f"{failure['steps']} of {len(whole.steps)}", f"{failure['nodes']} of {len(whole.nodes)}"
    bound = "" if failure["is_shortest"] else ", the bound"
    return [
        "",
        f"seed {failure['seed']} at commit {failure['commit']} violates {failure['invariant']}",
        *str(failure["violation"]).strip().splitlines()[-12:],
        f"left after {failure['runs']} runs{bound}: {steps} steps, {nodes} nodes",
        *(f"  {line}" for line in failure["schedule"]),
        f"again: python -m tests.simulation replay {failure['file']}",
    ]


def _first_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[0] if len(lines) == 1 else f"{lines[0]} … {lines[-1]}"


def _wrapped(heading: str, words: list[str], width: int = 104) -> list[str]:
    """Lay words out behind a heading, as many on a line as fit."""
    lines: list[str] = []
    line = ""
    for word in words:
        if line and len(line) + len(word) + 2 > width:
            lines.append(f"{line},")
            line = ""
        line += (", " if line else "") + word
    lines += [line] if line else []
    return [f"{heading if at == 0 else '':<16}{line}" for at, line in enumerate(lines)]
