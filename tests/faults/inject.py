"""Faults at chosen calls of a real node: it is killed there, or the call fails with EIO or ENOSPC.

    python -m tests.faults.inject --all             every call of the scripted run; some twenty minutes
    python -m tests.faults.inject --points 50       as many, evenly spaced

The script is always the same: a node starts, two members publish and pay, it stops. A plain run under the tracer counts
the calls that change or sync the folder; a *point* is one of them with a fault. Afterwards the folder must open, all
that was acknowledged must be there, and the audit must be clean. A node whose disk failed must have ended, and after a
failed sync no sync of that file may follow: nobody knows what the disk then holds.

Without `strace` a point is a number of answers after which the node is killed, or after which its files can't grow.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import resource
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.demo.processes import NodeProcess
from cli.errors import CliError
from tests.faults import strace
from tests.faults.load import People
from tests.faults.solo import Solo, trade_until_it_fails
from tests.faults.survey import survey

CALLS = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "unlink")
SYNCS = ("fdatasync", "fsync")
KILL, EIO, ENOSPC, NO_GROWTH = "SIGKILL", "EIO", "ENOSPC", "EFBIG"
FAULTS = (KILL, EIO, ENOSPC)
FILES = ("", "node.sqlite", "node.sqlite-wal", "node.sqlite-shm", "checkpoints", "manifest", "manifest.tmp")
"""The files at whose calls faults happen, and the folder itself."""

ROUNDS = 4
ANSWERS_MAX = 2 * ROUNDS

_LINE = re.compile(r"^(\d+) +(\w+)\((.*)")
_INJECTED = " (INJECTED)"


@dataclass(frozen=True, slots=True, order=True)
class Point:
    """One fault at one place of the script.

    Attributes:
        call: The call; "" where the place is a number of answers.
        number: Which of these calls of its thread, or after how many answers, from 1.
        fault: SIGKILL, EIO, ENOSPC or EFBIG.
    """

    call: str
    number: int
    fault: str

    def __str__(self) -> str:
        place = f"{self.call} number {self.number}" if self.call else f"{self.number} answers"
        return f"{self.fault} at {place}"


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a run.

    Attributes:
        code: The node's exit code; negative for a signal.
        codes: Codes of refusals on the way.
        was_reached: Whether the fault happened.
        found: What is wrong; empty where all is as it must be.
    """

    code: int | None
    codes: frozenset[str]
    was_reached: bool
    found: tuple[str, ...]


async def count_calls(solo: Solo, root: Path) -> dict[str, int]:
    """Run the script once and count the calls of the thread that makes most of each kind.

    Args:
        solo: the node.
        root: where the copy runs.
    """
    log = root / "counting.trace"
    node, people = solo.copy(root / "counting")
    node.prefix = strace.around(log, *_watched(node))
    code, codes, _ = await _play(node, people)
    assert (code, codes) == (0, set()), f"a run without a fault ended with {code} and {codes}:\n{node.tail()}"
    by_thread = Counter((found[2], found[1]) for found in map(_LINE.match, _lines(log)) if found is not None)
    return {call: max((n for (name, _), n in by_thread.items() if name == call), default=0) for call in CALLS}


def points(calls: dict[str, int]) -> list[Point]:
    """Give all points of a run with these calls; without a tracer, those by answers."""
    if strace.lacking():
        return [Point("", number, fault) for number in range(1, ANSWERS_MAX) for fault in (KILL, NO_GROWTH)]
    return [Point(call, number, fault) for call in CALLS for number in range(1, calls[call] + 1) for fault in FAULTS]


def spread(whole: Sequence[Point], count: int) -> list[Point]:
    """Choose points so that each call meets each fault, and those of one pair are evenly spaced."""
    pairs: dict[tuple[str, str], list[Point]] = {}
    for point in whole:
        pairs.setdefault((point.call, point.fault), []).append(point)
    chosen: list[Point] = []
    for at, one in enumerate(pairs.values()):
        wanted = min(len(one), count * (at + 1) // len(pairs) - count * at // len(pairs))
        chosen += [one[len(one) * (2 * place + 1) // (2 * wanted)] for place in range(wanted)]
    return chosen


async def strike(solo: Solo, point: Point, root: Path) -> Result:
    """Run the script with one fault, and look at what is left.

    Args:
        solo: the node.
        point: the fault.
        root: where the copy runs; its folder is removed where nothing is wrong.
    """
    folder = root / "struck"
    log = root / "struck.trace"
    node, people = solo.copy(folder)
    if point.call:
        what = f"signal={point.fault}" if point.fault == KILL else f"error={point.fault}"
        inject = f"inject={point.call}:{what}:when={point.number}"
        node.prefix = strace.around(log, *_watched(node), "-e", inject)
    code, codes, was_up = await _play(node, people, None if point.call else point)
    lines = _lines(log) if point.call else []
    was_reached = code != 0 if point.fault in (KILL, NO_GROWTH) else any(_INJECTED in line for line in lines)
    found = [*_judge(point, code, codes, lines, was_reached=was_reached), *await survey(folder, people.acknowledged)]
    if found:
        found.append(f"up: {was_up}, exit code {code}, refusals {sorted(codes)}; the node said last:\n{node.tail()}")
    else:
        shutil.rmtree(folder)
    return Result(code, frozenset(codes), was_reached, tuple(found))


def _judge(point: Point, code: int | None, codes: set[str], lines: list[str], *, was_reached: bool) -> list[str]:
    """Hold the end of the process against what the fault must lead to."""
    found = []
    if not was_reached:
        return [] if code == 0 else [f"the fault didn't happen, and the node ended with {code}"]
    if point.fault == KILL:
        return [] if code == -9 else [f"the node ended with {code} in place of the signal"]
    hit = next((line for line in lines if _INJECTED in line), "")
    # SQLite cuts and deletes its folded log to save room, and goes on where it can't.
    saves_room = point.call in {"ftruncate", "unlink"} and "-wal" in hit
    must_end = (point.fault in (EIO, NO_GROWTH) or point.call in SYNCS) and not saves_room
    if must_end and code == 0:
        found.append("the node went on after its disk failed")
    if codes - {"disk_full", "unavailable"}:
        found.append(f"the node answered {sorted(codes)}")
    if point.call in SYNCS:
        file = hit.partition("<")[2].partition(">")[0]
        again = [
            line
            for line in lines[lines.index(hit) + 1 :]
            if f"<{file}>" in line and any(f"{one}(" in line for one in SYNCS)
        ]
        found += [f"a failed sync was tried again: {line}" for line in again]
    return found


async def _play(node: NodeProcess, people: People, point: Point | None = None) -> tuple[int | None, set[str], bool]:
    """Run the script.

    Returns:
        The node's exit code, the codes of refusals, and whether it was ready at some time.
    """
    codes: set[str] = set()
    node.start()
    try:
        await node.wait_until_ready()
        if point is None:
            codes, _ = await trade_until_it_fails(people, node.url, ROUNDS)
        else:
            await trade_until_it_fails(people, node.url, point.number // 2)
            if point.fault == KILL:
                await node.kill()
                return -9, codes, True
            _stop_growth(node)
            codes, _ = await trade_until_it_fails(people, node.url, ROUNDS * 50)
    except CliError:
        return await node.stop(), codes, False
    return await node.stop(), codes, True


def _stop_growth(node: NodeProcess) -> None:
    assert node.pid is not None, "the node runs"
    largest = max(path.stat().st_size for path in node.directory.glob("node.sqlite*"))
    _, hard = resource.prlimit(node.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(node.pid, resource.RLIMIT_FSIZE, (largest, hard))


def _watched(node: NodeProcess) -> list[str]:
    """Give the options by which the tracer looks at the calls on a node's files, and at no others."""
    paths = [word for name in FILES for word in ("-P", str(node.directory.resolve() / name))]
    return ["-y", "-s", "0", *paths, "-e", f"trace={','.join(CALLS)}"]


def _lines(log: Path) -> list[str]:
    return log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []


def main(arguments: Sequence[str]) -> int:
    """Strike at the chosen points; 0 when nothing was wrong after any."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.inject", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every point")
    parser.add_argument("--points", type=int, default=20, help="this many, evenly spaced (default: 20)")
    parser.add_argument("--keep", action="store_true", help="leave the folders of what went wrong")
    options = parser.parse_args(arguments)
    if reason := strace.lacking():
        print(f"points by answers, since calls can't be chosen: {reason}")
    root = Path(tempfile.mkdtemp(prefix="mutirao-faults-"))
    try:
        return asyncio.run(_main(root, None if options.all else options.points))
    finally:
        if not options.keep:
            shutil.rmtree(root, ignore_errors=True)


async def _main(root: Path, count: int | None) -> int:
    solo = await Solo.make(root)
    calls = {} if strace.lacking() else await count_calls(solo, root)
    print(f"calls of the script: {calls}", flush=True)
    whole = points(calls)
    failures = 0
    for point in whole if count is None else spread(whole, count):
        place = root / str(point).replace(" ", "-")
        place.mkdir()
        result = await strike(solo, point, place)
        failures += bool(result.found)
        reached = "" if result.was_reached else ", not reached"
        print(f"{'✗' if result.found else '✓'} {point}: exit code {result.code}{reached}", flush=True)
        for line in result.found:
            print(f"    {line}")
        if not result.found:
            shutil.rmtree(place)
    print(f"{failures} points with something wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
