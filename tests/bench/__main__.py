"""`make bench`: finds tests/bench/bench_*.py, runs them one after the other and prints one table with the machine."""

import argparse
import importlib
import json
import os
import platform
import re
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.rows import Row, table

HERE = Path(__file__).resolve().parent
PAGE = HERE.parents[1] / "docs" / "figures.md"
MEASURED = re.compile(r"(<!-- measured -->\n).*(<!-- end -->)", re.DOTALL)


def subjects() -> list[str]:
    """The names of the benchmarks that exist, sorted."""
    return sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))


def machine() -> str:
    """One line that tells where the figures come from."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    return f"{len(os.sched_getaffinity(0))} cores of {model}, {memory_gib:.0f} GiB, {system}"


def main(arguments: Sequence[str]) -> int:
    """Run the chosen benchmarks, or all."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("subject", nargs="*", help=f"of: {', '.join(subjects()) or 'none yet'}")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds; the median counts (default: 5)")
    parser.add_argument("--json", action="store_true", help="one JSON line a row instead of the table")
    parser.add_argument("--write", action="store_true", help="put the table into docs/figures.md")
    options = parser.parse_args(arguments)
    chosen = options.subject or subjects()
    unknown = sorted(set(chosen) - set(subjects()))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(subjects()) or 'none yet'}")
    if not chosen:
        print("There is no benchmark yet: a module tests/bench/bench_<subject>.py would be found and run here.")
        return 0
    rows: list[Row] = []
    for subject in chosen:
        begun = time.monotonic()
        print(f"── {subject}", file=sys.stderr, flush=True)
        rows += importlib.import_module(f"tests.bench.bench_{subject}").main(options.rounds)
        print(f"   {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)
    if options.json:
        for row in rows:
            print(json.dumps(asdict(row) | {"figure": row.figure, "verdict": row.verdict}, ensure_ascii=False))
        return 0
    day = datetime.now(UTC).date()
    text = f"Measured on {day}, {machine()}; median of {options.rounds} alternating rounds.\n\n{table(rows)}\n"
    print(f"\n{text}")
    if options.write:
        PAGE.write_text(MEASURED.sub(lambda found: f"{found[1]}\n{text}\n{found[2]}", PAGE.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
