"""Hunting a planted bug: seeds in a tree that carries it, until one finds it that is clean in the tree without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.mutants.planting import Mutant, PlantingError, copy_tree, plant

Line = dict[str, Any]
Tell = Callable[[str], None]

PROGRESS_SEEDS = 25


@dataclass(slots=True)
class Hunt:
    """What came of a hunt.

    Attributes:
        mutant: What was hunted.
        seed: Which seed found it; None where none did.
        invariant: What didn't hold there.
        violation: How.
        seeds: How many seeds ran.
        cpu_s: Processor time of all of them.
        seed_cpu_s: That of the seed that found it.
        unclean: Seeds that find something without the bug too.
    """

    mutant: Mutant
    seed: int | None = None
    invariant: str = ""
    violation: str = ""
    seeds: int = 0
    cpu_s: float = 0.0
    seed_cpu_s: float = 0.0
    unclean: tuple[int, ...] = ()


class CleanTree:
    """A copy of the tree without a planted bug, and which seeds find nothing there; one for all hunts."""

    def __init__(self, folder: Path) -> None:
        """Copy the tree to a folder."""
        copy_tree(folder)
        self._folder = folder
        self._known: dict[int, bool] = {}
        self._lock = threading.Lock()

    def is_clean(self, seed: int) -> bool:
        """Say whether a seed finds nothing; runs it the first time."""
        with self._lock:
            if seed not in self._known:
                self._known[seed] = all(line["invariant"] is None for line in run_seeds(self._folder, seed, 1))
            return self._known[seed]


def hunt(mutant: Mutant, clean: CleanTree, *, first: int = 0, count: int, tell: Tell = lambda _: None) -> Hunt:
    """Run seeds against a planted bug until one finds it.

    Args:
        mutant: Which.
        clean: The tree without it.
        first: The first seed.
        count: How many at most.
        tell: Told of progress.

    Raises:
        PlantingError: Its patch doesn't apply, or the tree with it doesn't run.
    """
    found = Hunt(mutant)
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        with_bug = Path(name)
        copy_tree(with_bug)
        plant(mutant, with_bug)
        at = first
        while at < first + count and found.seed is None:
            for line in run_seeds(with_bug, at, first + count - at):
                at = line["seed"] + 1
                found.seeds += 1
                found.cpu_s += line["cpu_s"]
                if found.seeds % PROGRESS_SEEDS == 0:
                    tell(f"{mutant.name}: {found.seeds} seeds, {found.cpu_s:.0f} s")
                if line["invariant"] is None:
                    continue
                if not clean.is_clean(line["seed"]):
                    found.unclean = (*found.unclean, line["seed"])
                    tell(f"{mutant.name}: seed {line['seed']} finds something without it too")
                    continue
                found.seed, found.invariant, found.violation = line["seed"], line["invariant"], line["violation"]
                found.seed_cpu_s = line["cpu_s"]
    return found


def run_seeds(folder: Path, first: int, count: int) -> Iterator[Line]:
    """Run seeds in a tree, in a process of its own; give what each came to.

    Raises:
        PlantingError: The tree doesn't run.
    """
    command = [sys.executable, "-m", "tests.mutants.seeds", str(first), str(count)]
    settings = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": ""}
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, cwd=folder, env=settings, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert process.stdout is not None
        try:
            for line in process.stdout:
                yield json.loads(line)
            if process.wait():
                errors.seek(0)
                raise PlantingError(f"the tree doesn't run from seed {first} on:\n{errors.read()[-2000:]}")
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
