"""A loss of power anywhere loses nothing that a node has said; and the kit would notice if it did."""

import asyncio
import random
import sys
from pathlib import Path

import pytest

from cli.demo.processes import environment
from tests.faults import strace
from tests.faults.inject import KILL, Point, strike
from tests.faults.power import Power, write_folder
from tests.faults.recorded import Recording, record, replay
from tests.faults.solo import Solo
from tests.faults.traces import OPTIONS, Operation, Reader, read_trace

LOSSES = 20
LOG = r"""
7 openat(AT_FDCWD<\x2f\x64>, "\x2f\x64\x2f\x61", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 3<\x2f\x64\x2f\x61>
7 pwrite64(3<\x2f\x64\x2f\x61>, "\x61\x62", 2, 512 <unfinished ...>
8 fdatasync(3<\x2f\x64\x2f\x61> <unfinished ...>
7 <... pwrite64 resumed>) = 2
7 sendto(9<socket:[12]>, "\x6f\x6b", 2, 0, NULL, 0) = 2
8 <... fdatasync resumed>) = 0
7 fsync(3<\x2f\x64\x2f\x61>) = -1 EIO (Input/output error) (INJECTED)
7 rename("\x2f\x64\x2f\x61", "\x2f\x64\x2f\x62") = 0
7 pwrite64(5<\x2f\x65>, "\x61", 1, 0) = 1
7 --- SIGCHLD {si_signo=SIGCHLD} ---
7 +++ exited with 0 +++
"""


@pytest.fixture(scope="module")
def recording(solo: Solo, tmp_path_factory: pytest.TempPathFactory) -> Recording | None:
    """Give one recorded run; None where nothing can be recorded."""
    if strace.lacking():
        return None
    return asyncio.run(record(solo, tmp_path_factory.mktemp("recorded") / "run"))


async def test_a_loss_of_power_loses_nothing_that_was_said(
    solo: Solo, recording: Recording | None, tmp_path: Path
) -> None:
    """At twenty moments the folder opens, holds each acknowledged record and each sent head, and the audit is clean."""
    if recording is None:  # the next best thing that needs no tracer: processes that are killed
        results = [await strike(solo, Point("", number, KILL), tmp_path) for number in (1, 4, 7)]
        assert [() for _ in results] == [result.found for result in results]
        return
    assert len(recording.acknowledged) >= 50
    assert len(recording.heads) >= 10

    for seed in range(LOSSES):
        assert [] == await replay(recording, seed, tmp_path / str(seed))


async def test_a_disk_that_does_not_sync_is_noticed(recording: Recording | None, tmp_path: Path) -> None:
    """With the syncs taken out of the recording, losses are found; so the test above can fail."""
    if recording is None:
        return
    kept = [one if one.what != "sync" else Operation(what="none") for one in recording.operations]
    lying = Recording(
        before=recording.before,
        operations=kept,
        known=recording.known,
        acknowledged=recording.acknowledged,
        heads=recording.heads,
    )

    found = [await replay(lying, seed, tmp_path / str(seed)) for seed in range(6)]
    assert any(found)


async def test_a_manifest_that_was_taken_away_stays_away(tmp_path: Path) -> None:
    """After a loss of power an old manifest would call a sound folder changed, and its node would not start."""
    folder, before, log = (tmp_path / name for name in ("folder", "before", "log"))
    for one in (folder, before):
        one.mkdir()
        (one / "manifest").write_text("old")
    prefix = () if strace.lacking() else strace.around(log, *OPTIONS)
    code = "import sys, pathlib, node.manifest; node.manifest.remove_manifest(pathlib.Path(sys.argv[1]))"
    words = [*prefix, sys.executable, "-c", code, str(folder)]
    process = await asyncio.create_subprocess_exec(*words, env=environment())
    assert 0 == await process.wait()
    assert [] == list(folder.iterdir())

    if prefix:
        power = Power(before)
        power.run(read_trace(log, folder, before))
        assert {} == power.lose(None)


def test_a_trace_is_read() -> None:
    """Calls of two threads, with the place where each began and where it counts."""
    reader = Reader(Path("/d"), [])
    reader.read(iter(LOG.strip().splitlines()))

    assert [
        Operation(what="create", name="a"),
        Operation(what="write", name="a", at=512, data=b"ab"),
        Operation(what="send", data=b"ok"),
        Operation(what="sync", name="a", at=2),
        Operation(what="rename", name="a", data=b"b"),
    ] == reader.operations


def test_only_what_was_synced_is_sure(tmp_path: Path) -> None:
    """Bytes need a sync of the file, names one of the folder, and a sync covers what began before it."""
    (tmp_path / "a").write_bytes(b"0" * 1024)
    power = Power(tmp_path)
    power.run(
        [
            Operation(what="write", name="a", at=0, data=b"1" * 512),
            Operation(what="write", name="a", at=512, data=b"2" * 512),
            Operation(what="sync", name="a", at=1),
            Operation(what="create", name="b"),
            Operation(what="write", name="b", at=0, data=b"3"),
            Operation(what="sync", name="b", at=5),
        ]
    )

    assert {"a": b"1" * 512 + b"0" * 512} == power.lose(None)
    left = [power.lose(random.Random(seed)) for seed in range(50)]
    assert {b"0" * 512, b"2" * 512} == {one["a"][512:] for one in left}
    assert {None, b"3"} == {one.get("b") for one in left}
    power.run([Operation(what="sync", at=6), Operation(what="unlink", name="a")])
    assert {"a", "b"} == set(power.lose(None))
    write_folder(power.lose(None), tmp_path / "left")
    assert b"3" == (tmp_path / "left" / "b").read_bytes()


def test_a_torn_write_leaves_sectors() -> None:
    """Of one write some sectors are there and others aren't, in every order."""
    power = Power(Path("/nowhere"))
    power.run([Operation(what="create", name="a"), Operation(what="sync", at=1)])
    power.run([Operation(what="write", name="a", at=100, data=b"x" * 2000)])

    left = {power.lose(random.Random(seed))["a"] for seed in range(200)}
    assert any(one[100:512] == bytes(412) and one.endswith(b"x") for one in left)
    assert any(one[100:512] == b"x" * 412 and len(one) < 2100 for one in left)
