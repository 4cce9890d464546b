"""`make soak`: the long runs: seeds of the simulator, rounds of the trade between real processes, faults done to them.

    make soak SEEDS=10000                     seeds of the simulator; what `make soak` does when nothing is asked for
    make soak SEEDS=500 ARGS="--from 20000"   … with what `python -m tests.simulation soak --help` lists
    make soak ARGS="--minutes 60"             `mutirao demo --once` again and again; `--rounds 10` counts them instead
    make soak ARGS="--faults"                 the long forms of the fault kit

Each that is asked for runs, in this order; it ends with the first that fails.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.simulation import soak

PROGRAM = Path(sys.executable).parent / "mutirao"
FAULTS = (
    ("tests.faults", "--hold", "60"),
    ("tests.faults.inject", "--points", "50"),
    ("tests.faults.recorded", "--losses", "500"),
)
"""Commands of the fault kit, in their long forms."""


def main(arguments: Sequence[str]) -> int:
    """Run what is asked for; 0 when all of it passed."""
    parser = argparse.ArgumentParser(
        prog="make soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter, allow_abbrev=False
    )
    parser.add_argument("--seeds", type=int, help="seeds of the simulator (default, without the others: 10000)")
    parser.add_argument("--minutes", type=float, help="begin no round of the trade after this time")
    parser.add_argument("--rounds", type=int, help="this many rounds of the trade")
    parser.add_argument("--faults", action="store_true", help="the long forms of the fault kit")
    options, others = parser.parse_known_args(arguments)
    is_trade = bool(options.minutes or options.rounds)
    if options.seeds is None and not is_trade and not options.faults:
        options.seeds = 10_000
    if others and not options.seeds:
        parser.error(f"only seeds have {' '.join(others)}")
    code = soak.main(["--seeds", str(options.seeds), *others], prog="make soak") if options.seeds else 0
    if code == 0 and is_trade:
        code = trade(minutes=options.minutes, rounds=options.rounds)
    if code == 0 and options.faults:
        code = next((found for command in FAULTS if (found := _run(command)) != 0), 0)
    return code


def trade(*, minutes: float | None, rounds: int | None) -> int:
    """Run the whole trade again and again, each time in a new temporary folder.

    A round is `mutirao demo --once --json`: enrolment, need, offer, order, relay, seal, payment, `kill -9`, catching
    up, and the audit of every folder.

    Args:
        minutes: No round begins after this time.
        rounds: How many there are, whatever the time.
    """
    begun = time.monotonic()
    slowest_s = 0.0
    count = 0
    while count < rounds if rounds else time.monotonic() - begun < (minutes or 0) * 60:
        count += 1
        round_begun = time.monotonic()
        done = subprocess.run([str(PROGRAM), "demo", "--once", "--json"], capture_output=True, text=True, check=False)
        seconds = time.monotonic() - round_begun
        slowest_s = max(slowest_s, seconds)
        steps = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        print(f"round {count}: {len(steps)} steps, {seconds:.1f} s, exit code {done.returncode}", flush=True)
        if done.returncode != 0 or not steps:
            print(done.stdout[-4000:], done.stderr[-4000:], sep="\n")
            return 1
    print(f"{count} rounds passed in {time.monotonic() - begun:.0f} s, the slowest in {slowest_s:.1f} s")
    return 0


def _run(command: Sequence[str]) -> int:
    print(f"── {' '.join(command)}", flush=True)
    return subprocess.run([sys.executable, "-m", *command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
