"""Recorded writes: one real run under the tracer, and any number of losses of power in the middle of it.

    python -m tests.faults.recorded --losses 2000 --seed 7      as `make soak` does, with more or fewer

`record` lets a node work on a folder and notes every call that changes it, every sync, and everything that it sends.
`replay` places a loss of power behind any of the calls: what was synced is there, of the rest what a seeded chance
leaves, torn at sectors and out of order. The folder must open, and nothing that the node had said by then may be lost:
no acknowledged record, no signed head.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.client import Client
from protocol.identifiers import base32
from protocol.record import Record
from tests.faults import strace
from tests.faults.power import Power, write_folder
from tests.faults.solo import Solo
from tests.faults.survey import survey
from tests.faults.traces import OPTIONS, Operation, read_trace

ROUNDS = 10
ANSWERS_AT_ONCE = 3
SYNCED_ONLY = 4
"""One loss of power in this many leaves nothing at all that wasn't synced."""

HEAD = re.compile(rb"mutirao/[a-z2-7]+/[a-z]+/\d+\n\d+\n[A-Za-z0-9+/=]+\n")


@dataclass(frozen=True, slots=True)
class Recording:
    """A run of a node.

    Attributes:
        before: The folder as it was.
        operations: What the node did, in order.
        known: What had been acknowledged before.
        acknowledged: What was acknowledged in the run, with its leaf and the number of the operation that said so.
        heads: Signed heads that were sent, with the number of that operation.
    """

    before: Path
    operations: list[Operation]
    known: list[tuple[Record, int]]
    acknowledged: list[tuple[Record, int, int]]
    heads: list[tuple[bytes, int]]


async def record(solo: Solo, folder: Path) -> Recording:
    """Let a copy of a node trade under the tracer, from its start to its clean stop.

    Args:
        solo: the node.
        folder: where the copy runs.
    """
    log = folder.with_name(folder.name + ".trace")
    node, people = solo.copy(folder.resolve(), prefix=strace.around(log, *OPTIONS))
    node.start()
    try:
        await node.wait_until_ready()
        async with people.busy(node.url, tasks=ANSWERS_AT_ONCE), Client(node.url) as client:
            for _ in range(ROUNDS):
                await people.trade(client, 1)
                await client.get_bytes(f"/api/v1/feeds/{solo.network}/catalog/checkpoint")
    finally:
        code = await node.stop()
    assert code == 0, f"the traced node ended with {code}:\n{node.tail()}"
    await _written(log)
    operations = read_trace(log, folder.resolve(), solo.directory)
    known = len(solo.people.acknowledged)
    sends = [(number, one.data) for number, one in enumerate(operations) if one.what == "send"]
    return Recording(
        before=solo.directory,
        operations=operations,
        known=people.acknowledged[:known],
        acknowledged=[(*pair, _said(sends, pair[0])) for pair in people.acknowledged[known:]],
        heads=[(note, number) for number, data in sends for note in HEAD.findall(data)],
    )


async def replay(recording: Recording, seed: int, folder: Path) -> list[str]:
    """Let the power fail once, and look at what is left.

    Args:
        recording: of a run.
        seed: decides when, and what is left.
        folder: where what is left is put; made here.

    Returns:
        What is wrong; empty where all is as it must be.
    """
    chance = random.Random(seed)
    count = chance.randrange(len(recording.operations) + 1)
    power = Power(recording.before)
    power.run(recording.operations[:count])
    write_folder(power.lose(None if seed % SYNCED_ONLY == 0 else chance), folder)
    said = [(record, index) for record, index, number in recording.acknowledged if number < count]
    heads = [note for note, number in recording.heads if number < count]
    found = await survey(folder, recording.known + said, heads)
    return [f"seed {seed}, after {count} of {len(recording.operations)} operations: {one}" for one in found]


async def _written(log: Path) -> None:
    """Wait until the tracer, which outlives the node by a moment, has written everything."""
    size = -1
    while size != log.stat().st_size:
        size = log.stat().st_size
        await asyncio.sleep(0.2)


def _said(sends: list[tuple[int, bytes]], record: Record) -> int:
    """Give the number of the operation by which the node acknowledged a record.

    Raises:
        AssertionError: the answer isn't in the trace; the reader of traces has missed it.
    """
    name = base32(record.id).encode()
    for number, data in sends:
        if name in data and b'"recorded"' in data:
            return number
    raise AssertionError(f"{name.decode()} was acknowledged, and the trace doesn't show it")


def main(arguments: Sequence[str]) -> int:
    """Record a run, and replay it with losses of power; 0 when nothing was lost."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.recorded", description=__doc__)
    parser.add_argument("--losses", type=int, default=200, help="losses of power (default: 200)")
    parser.add_argument("--seed", type=int, default=1, help="of the first; the others follow (default: 1)")
    options = parser.parse_args(arguments)
    if reason := strace.lacking():
        print(f"nothing can be recorded: {reason}", file=sys.stderr)
        return 2
    root = Path(tempfile.mkdtemp(prefix="mutirao-faults-"))
    try:
        return asyncio.run(_main(root, options.seed, options.losses))
    finally:
        shutil.rmtree(root, ignore_errors=True)


async def _main(root: Path, first: int, losses: int) -> int:
    recording = await record(await Solo.make(root), root / "recorded")
    said = (
        f"{len(recording.operations)} operations, {len(recording.acknowledged)} answers, {len(recording.heads)} heads"
    )
    print(f"recorded: {said}", flush=True)
    failures = 0
    for seed in range(first, first + losses):
        folder = root / "left"
        found = await replay(recording, seed, folder)
        shutil.rmtree(folder)
        failures += bool(found)
        for line in found:
            print(line, flush=True)
        if (seed - first + 1) % 50 == 0:
            print(f"{seed - first + 1} losses of power, {failures} with something wrong", flush=True)
    print(f"{losses} losses of power from seed {first}: {failures} with something wrong")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
