"""Replay files: a plan that once failed, kept as JSON, so that a test runs it for ever and a person can read it.

    {"about": what it found and what was mended, "found": {invariant, violation, trace, commit, …}, …the plan}

A file is named after its seed and the invariant. `timeline` runs a plan and tells what happens, line by line.

Source: docs/contributing/simulation.md.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.simulation.federation import Report, run
from tests.simulation.plan import Plan, plan_from_json
from tests.simulation.shrink import Shrunk

REPLAYS = Path(__file__).resolve().parent / "replays"

UNTOLD = "Not mended."
"""What `about` says until somebody has found the cause."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A plan that failed.

    Attributes:
        about: What it found, and what was mended.
        found: What it violated then: `invariant`, `violation`, `trace`, `commit`, and what shortening took.
        plan: The plan.
    """

    about: str
    found: dict[str, Any]
    plan: Plan

    @property
    def name(self) -> str:
        """The name of its file."""
        invariant = re.sub(r"[^\w-]+", "-", str(self.found["invariant"]))
        return f"{self.plan.seed}-{invariant}.json"

    def to_json(self) -> str:
        """Write it; the plan's steps stand on a line each."""
        head = json.dumps({"about": self.about, "found": self.found}, indent=2, ensure_ascii=False)
        return head.rstrip("}\n") + "},\n" + self.plan.to_json().removeprefix("{\n")


def replay_of(shrunk: Shrunk, steps: int) -> Replay:
    """Make the replay of a failure.

    Args:
        shrunk: The shortest plan and its run.
        steps: How many steps the whole plan had.
    """
    report = shrunk.report
    found = {
        "invariant": report.invariant,
        "violation": report.violation,
        "trace": report.trace,
        "commit": commit(),
        "steps_before": steps,
        "runs": shrunk.runs,
        "is_shortest": shrunk.is_done,
    }
    return Replay(UNTOLD, found, report.plan)


def read_replay(path: Path) -> Replay:
    """Read a file; one that holds a plan alone has nothing to tell."""
    text = path.read_text("utf-8")
    fields = json.loads(text)
    return Replay(fields.get("about", UNTOLD), fields.get("found", {}), plan_from_json(text))


def write_replay(replay: Replay, folder: Path = REPLAYS) -> Path:
    """Write a replay under its name; give where."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / replay.name
    path.write_text(replay.to_json(), "utf-8")
    return path


def timeline(plan: Plan, tell: Callable[[str], None], *, with_frames: bool = False) -> Report:
    """Run a plan, and tell what happens when.

    Args:
        plan: What is done.
        tell: Called with each line.
        with_frames: Whether frames are told, too.
    """
    frames = 0

    def watch(now_ms: int, what: tuple[object, ...]) -> None:
        nonlocal frames
        frames += what[0] == "frame"
        line = _line(what)
        if line is not None and (with_frames or what[0] != "frame"):
            tell(f"{now_ms / 1000:10.3f} s  {line}")

    report = run(plan, watch)
    ended = f"violated: {report.violation.strip()}" if report.violation else "every invariant holds"
    tell(f"{report.virtual_ms / 1000:10.3f} s  {ended}")
    tell(f"{frames} frames, {report.events} events, {report.cpu_s:.1f} s of processor time, trace {report.trace}")
    return report


def _line(what: tuple[object, ...]) -> str | None:
    match what:
        case ("step", action, node, list() as fields):
            return f"{node}: {action} {' '.join(f'{name}={value}' for name, value in fields)}".rstrip()
        case ("start", node):
            return f"{node} starts"
        case ("up", node):
            return f"{node} is up"
        case ("down", node, reason):
            return f"{node} does not come up{'' if reason is None else f': {reason}'}"
        case ("crash", node, how):
            return f"{node} is off: {how}"
        case ("connect", one, other):
            return f"{one} is linked with {other}"
        case ("frame", one, other, bytes() as digest):
            return f"{one} → {other}  frame {digest.hex()}"
        case ("restore", node, is_whole):
            return f"{node} has its old {'folder' if is_whole else 'database'} back"
        case ("healed",):
            return "all faults are over"
    return " ".join(map(str, what))


def commit() -> str:
    """Name the commit of the tree, `+` behind it where something was changed since; empty outside a repository."""
    folder = Path(__file__).resolve().parent
    words = []
    for command in (("rev-parse", "--short=12", "HEAD"), ("status", "--porcelain", "--untracked-files=no")):
        done = subprocess.run(("git", *command), cwd=folder, capture_output=True, text=True, check=False)
        words.append(done.stdout.strip())
    return f"{words[0]}{'+' if words[1] else ''}"
