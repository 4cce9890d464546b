"""`make soak`: the whole trade between real processes, again and again, until a check fails or the time is over.

Each round is `mutirao demo --once --json` in a new temporary folder: enrolment, need, offer, order, relay, seal,
payment, `kill -9`, catching up, and the audit of every folder.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "mutirao"


def main(arguments: Sequence[str]) -> int:
    """Run the rounds; 0 when all of them passed."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="begin no round after this time (default: 10)")
    parser.add_argument("--rounds", type=int, help="this many rounds instead")
    options = parser.parse_args(arguments)
    begun = time.monotonic()
    slowest_s = 0.0
    count = 0
    while count < options.rounds if options.rounds else time.monotonic() - begun < options.minutes * 60:
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


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
