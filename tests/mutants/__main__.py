"""`make plant`: plants one bug at a time into a copy of the tree and says which seed of the simulator finds it.

python -m tests.mutants                       all of tests/mutants/*.patch
python -m tests.mutants 03 limit --seeds 50   those whose name begins so, or holds the word
python -m tests.mutants --record              and write what was found to tests/mutants/seeds.json
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.mutants.hunting import CleanTree, Hunt, hunt
from tests.mutants.planting import Mutant, PlantingError, mutants

SEEDS_MAX = 1000
RECORD = Path(__file__).resolve().parent / "seeds.json"


def main(arguments: Sequence[str]) -> int:
    """Hunt the bugs that were asked for, or all; 0 when each was found."""
    parser = argparse.ArgumentParser(prog="make plant", description=__doc__.split("\n", 1)[0])
    parser.add_argument("name", nargs="*", help="the beginning of a name, or a word of it; all bugs without any")
    parser.add_argument("--seeds", type=int, default=SEEDS_MAX, help=f"seeds a bug at most (default: {SEEDS_MAX})")
    parser.add_argument("--jobs", type=int, default=2, help="bugs that are hunted at once (default: 2)")
    parser.add_argument("--json", action="store_true", help="a JSON line a bug instead of the table")
    parser.add_argument("--record", action="store_true", help="write the seeds that found them to seeds.json")
    options = parser.parse_args(arguments)
    try:
        chosen = [each for each in mutants() if _is_named(each, options.name)]
    except PlantingError as error:
        print(error, file=sys.stderr)
        return 1
    if not chosen:
        parser.error("no planted bug has such a name; see tests/mutants")
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="clean-") as folder, ThreadPoolExecutor(options.jobs) as pool:
        clean = CleanTree(Path(folder))
        hunts = list(pool.map(lambda mutant: _hunted(mutant, clean, options.seeds), chosen))
    done = [each for each in hunts if each is not None]
    if options.json:
        for each in done:
            print(json.dumps(fields_of(each)))
    else:
        print(table(done))
    found = [each for each in done if each.seed is not None]
    print(f"{len(found)} of {len(chosen)} found in {time.monotonic() - begun_s:.0f} s", file=sys.stderr)
    if options.record:
        record(found)
    return 0 if len(found) == len(chosen) else 1


def table(hunts: Sequence[Hunt]) -> str:
    """Give a row for each hunt: name, class, seed that found it, invariant, seeds run, processor time."""
    rows = [("bug", "class", "seed", "invariant", "seeds", "cpu s")]
    for each in hunts:
        seed = "none" if each.seed is None else str(each.seed)
        rows.append((each.mutant.name, each.mutant.kind, seed, each.invariant, str(each.seeds), f"{each.cpu_s:.1f}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def fields_of(each: Hunt) -> dict[str, Any]:
    """Give a hunt as it is printed in JSON."""
    return {
        "name": each.mutant.name,
        "class": each.mutant.kind,
        "breaks": each.mutant.breaks,
        "seed": each.seed,
        "invariant": each.invariant,
        "violation": each.violation,
        "seeds": each.seeds,
        "cpu_s": round(each.cpu_s, 1),
        "unclean": each.unclean,
    }


def recorded() -> dict[str, dict[str, Any]]:
    """Give what `--record` wrote: for each bug the seed, the invariant and the processor time of that seed."""
    found: dict[str, dict[str, Any]] = json.loads(RECORD.read_text("utf-8")) if RECORD.exists() else {}
    return found


def record(hunts: Sequence[Hunt]) -> None:
    """Write down which seed found what; bugs that were not hunted now keep their line."""
    lines = recorded()
    for each in hunts:
        lines[each.mutant.name] = {
            "seed": each.seed,
            "invariant": each.invariant,
            "cpu_s": round(each.seed_cpu_s, 1),
        }
    names = [mutant.name for mutant in mutants() if mutant.name in lines]
    text = ",\n".join(f"  {json.dumps(name)}: {json.dumps(lines[name])}" for name in names)
    RECORD.write_text(f"{{\n{text}\n}}\n", "utf-8")


def _is_named(mutant: Mutant, names: Sequence[str]) -> bool:
    return not names or any(mutant.name.startswith(name) or name in mutant.name for name in names)


def _hunted(mutant: Mutant, clean: CleanTree, seeds: int) -> Hunt | None:
    try:
        found = hunt(mutant, clean, count=seeds, tell=_tell)
    except PlantingError as error:
        _tell(f"{mutant.name}: {error}")
        return None
    said = "not found" if found.seed is None else f"seed {found.seed}: {found.violation.splitlines()[-1][:160]}"
    _tell(f"{mutant.name}: {said}")
    return found


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
