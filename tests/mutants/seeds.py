"""Runs seeds one after the other in the tree that it stands in, until something is violated; a JSON line a seed.

Started by `tests.mutants.hunting` in a copy of the tree, as a process of its own: a planted bug must not stay behind.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import node
from tests.simulation.federation import run
from tests.simulation.plan import plan_of

SEED_CPU_S_MAX = 240
"""Processor time after which a run counts as one that doesn't end; the longest one takes a tenth of it."""


class EndlessError(KeyboardInterrupt):
    """A run takes too long; of a kind that an event loop doesn't keep to itself."""


def main(arguments: Sequence[str]) -> int:
    """Run seeds from the first on."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    options = parser.parse_args(arguments)
    found_in = Path(node.__file__).resolve().parents[1]
    if found_in != Path.cwd().resolve():
        print(f"the node is that of {found_in}", file=sys.stderr)
        return 2
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGPROF, _end)
    for seed in range(options.first, options.first + options.count):
        begun_s = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, SEED_CPU_S_MAX)
        try:
            report = run(plan_of(seed))
            invariant, violation = report.invariant, report.violation
        except EndlessError:
            invariant, violation = "ends", f"the run takes more than {SEED_CPU_S_MAX} s"
        signal.setitimer(signal.ITIMER_PROF, 0)
        line = {"seed": seed, "invariant": invariant, "violation": violation, "cpu_s": time.process_time() - begun_s}
        print(json.dumps(line), flush=True)
        if invariant is not None:
            break
    return 0


def _end(_number: int, _frame: FrameType | None) -> None:
    raise EndlessError


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
