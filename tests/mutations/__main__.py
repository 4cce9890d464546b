"""`make mutants`: breaks the rules of the ledger in one place at a time and says which test notices.

python -m tests.mutations                 all of tests/mutations/table.py
python -m tests.mutations limit --jobs 1  those with the word in their name
"""

from __future__ import annotations

import argparse
import queue
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutations.mutating import Mutation, MutationError, Verdict, copy_tree, fails_unchanged, judge
from tests.mutations.table import MUTATIONS


def main(arguments: Sequence[str]) -> int:
    """Judge the mutations that were asked for, or all; 0 when each was killed."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__.split("\n", 1)[0])
    parser.add_argument("name", nargs="*", help="a word of a name; all without any")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once (default: 2)")
    options = parser.parse_args(arguments)
    chosen = [each for each in MUTATIONS if not options.name or any(word in each.name for word in options.name)]
    if not chosen:
        parser.error("no mutation has such a name; see tests/mutations")
    begun_s = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutations-") as name:
        try:
            verdicts, errors = judged(chosen, Path(name), options.jobs)
        except MutationError as error:
            print(error, file=sys.stderr)
            return 1
    killed = [each for each in verdicts if each.killer]
    for wrong in errors:
        print(f"ERROR     {wrong}")
    print(f"{len(killed)} of {len(chosen)} killed in {time.monotonic() - begun_s:.0f} s")
    return 0 if len(killed) == len(chosen) else 1


def judged(chosen: Sequence[Mutation], folder: Path, jobs: int) -> tuple[list[Verdict], list[MutationError]]:
    """Judge mutations side by side, each in a copy of its own, printing each as soon as it is known.

    Args:
        chosen: Which.
        folder: An empty one, for the copies.
        jobs: How many at once.

    Raises:
        MutationError: The tests fail without any mutation.
    """
    copies: queue.SimpleQueue[Path] = queue.SimpleQueue()
    for number in range(jobs):
        copy_tree(folder / str(number))
        copies.put(folder / str(number))
    already = fails_unchanged(folder / "0")
    if already:
        raise MutationError(f"{already} fails without any mutation")

    def one(mutation: Mutation) -> Verdict | MutationError:
        copy = copies.get()
        try:
            verdict = judge(mutation, copy)
        except MutationError as error:
            return error
        finally:
            copies.put(copy)
        said = f"killed    {mutation.name}: {verdict.killer}" if verdict.killer else f"SURVIVED  {mutation.name}"
        print(said, flush=True)
        return verdict

    with ThreadPoolExecutor(jobs) as pool:
        found = list(pool.map(one, chosen))
    return [each for each in found if isinstance(each, Verdict)], [
        each for each in found if isinstance(each, MutationError)
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
