"""The federation simulator's commands.

    python -m tests.simulation soak --seeds 200 [--from 1000] [--jobs 2] [--json]    many seeds: see `soak --help`
    python -m tests.simulation seed 7 [--frames] [--shrink]                          one seed, told step by step
    python -m tests.simulation replay FILE [--frames]                                the same of a replay file

They end with 0 where every invariant held.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.output import Output
from tests.simulation import soak
from tests.simulation.federation import run
from tests.simulation.plan import plan_of
from tests.simulation.replay import read_replay, replay_of, timeline, write_replay
from tests.simulation.shrink import shrink


def main(arguments: Sequence[str]) -> int:
    """Run a command."""
    if arguments[:1] == ["soak"]:
        return soak.main(arguments[1:])
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("soak", help="run many seeds", add_help=False)
    seed = commands.add_parser("seed", help="run one seed and tell what happens")
    seed.add_argument("seed", type=int)
    seed.add_argument(
        "--shrink", action="store_true", help="shorten its plan where it fails, and write the replay file"
    )
    replay = commands.add_parser("replay", help="run a replay file and tell what happens")
    replay.add_argument("file", type=Path)
    for command in (seed, replay):
        command.add_argument("--frames", action="store_true", help="tell every frame, too")
    options = parser.parse_args(arguments)
    if options.command == "replay":
        return _replay(options.file, with_frames=options.frames)
    return _seed(options.seed, with_frames=options.frames, is_shortened=options.shrink)


def _replay(path: Path, *, with_frames: bool) -> int:
    found = read_replay(path)
    print(f"seed {found.plan.seed}: {found.about}")
    if found.found:
        print(f"found at commit {found.found['commit']}: {found.found['violation'].strip().splitlines()[-1]}")
    return int(timeline(found.plan, print, with_frames=with_frames).violation is not None)


def _seed(seed: int, *, with_frames: bool, is_shortened: bool) -> int:
    plan = plan_of(seed)
    report = timeline(plan, print, with_frames=with_frames)
    if report.violation is None:
        return 0
    if is_shortened:
        with Output().steps(f"Shortening seed {seed}") as tell:
            shrunk = shrink(report, run, advance=tell)
        print(f"again: python -m tests.simulation replay {write_replay(replay_of(shrunk, len(plan.steps)))}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
