"""Disks that fill: a node's folder on a file system of few megabytes, or on one that says so from some moment on.

- `tmpfs`: the real thing, where mounting is allowed; a filler takes the room, and goes again.
- `strace`: every write to the folder's database is answered with ENOSPC while a tracer is attached.
- `limit`: the last resort of a machine that has neither. The kernel refuses to let any file grow (EFBIG),
  which SQLite tells as a failed disk, not as a full one: the node must end, and lose nothing.
"""

from __future__ import annotations

import asyncio
import resource
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from cli.demo.processes import NodeProcess
from tests.faults.strace import may_attach

ROOM_BYTES = 6 * 1024 * 1024
LEFT_BYTES = 192 * 1024
FILLER = "filler.tmp"
"""Named so that the manifest of a folder at rest leaves it out."""

ATTACH_S = 10.0
DATABASE_FILES = ("node.sqlite", "node.sqlite-wal")
TMPFS, STRACE, LIMIT = KINDS = ("tmpfs", "strace", "limit")


@dataclass(slots=True)
class SmallDisk:
    """A node's disk, which can be made full and free again; `close` puts the folder back to where it was.

    Attributes:
        node: Whose.
        kind: One of `KINDS`; where none is asked for, the best that this machine allows.
    """

    node: NodeProcess
    kind: str = ""
    _tracer: asyncio.subprocess.Process | None = field(default=None, repr=False)

    def open(self) -> None:
        """Move the folder of a node that is off to the small disk, where there is one."""
        self.kind = self.kind or _best()
        if self.kind == TMPFS:
            directory = self.node.directory
            kept = directory.with_name(directory.name + ".kept")
            directory.rename(kept)
            directory.mkdir(mode=0o700)
            used = sum(path.stat().st_size for path in kept.rglob("*") if path.is_file())
            subprocess.run(_mounting(directory, used + ROOM_BYTES), check=True, capture_output=True)
            shutil.copytree(kept, directory, dirs_exist_ok=True)
            shutil.rmtree(kept)

    async def fill(self) -> None:
        """Leave next to no room."""
        match self.kind:
            case "tmpfs":
                room = shutil.disk_usage(self.node.directory).free - LEFT_BYTES
                with (self.node.directory / FILLER).open("ab") as filler:
                    filler.write(bytes(max(0, room)))
            case "strace":
                await self._attach()
            case _:
                largest = max(path.stat().st_size for path in self.node.directory.glob("node.sqlite*"))
                self._limit(largest)

    async def free(self) -> None:
        """Make room again."""
        match self.kind:
            case "tmpfs":
                (self.node.directory / FILLER).unlink()
            case "strace":
                await self._detach()
            case _:
                if self.node.pid is not None:
                    self._limit(resource.RLIM_INFINITY)

    async def close(self) -> None:
        """Move the folder of a node that is off back from the small disk."""
        await self._detach()
        if self.kind == TMPFS:
            directory = self.node.directory
            kept = directory.with_name(directory.name + ".kept")
            shutil.copytree(directory, kept)
            _unmount(directory)
            directory.rmdir()
            kept.rename(directory)

    async def _attach(self) -> None:
        """Let a tracer answer for the disk, and wait until it has taken hold of every thread."""
        assert self.node.pid is not None, "a disk fills under a node that runs"
        words = ["strace", "-f", "-qq", "-o", "/dev/null", "-p", str(self.node.pid)]
        words += [word for name in DATABASE_FILES for word in ("-P", str(self.node.directory / name))]
        words += ["-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC"]
        nothing = asyncio.subprocess.DEVNULL
        self._tracer = await asyncio.create_subprocess_exec(*words, stdin=nothing, stderr=nothing)
        async with asyncio.timeout(ATTACH_S):
            while any(_tracer_of(task) != self._tracer.pid for task in Path(f"/proc/{self.node.pid}/task").iterdir()):
                assert self._tracer.returncode is None, "the tracer could not attach"
                await asyncio.sleep(0.05)

    async def _detach(self) -> None:
        if self._tracer is not None:
            self._tracer.terminate()
            await self._tracer.wait()
            self._tracer = None

    def _limit(self, size: int) -> None:
        assert self.node.pid is not None, "a limit is set for a node that runs"
        _, hard = resource.prlimit(self.node.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.node.pid, resource.RLIMIT_FSIZE, (size, hard))


def _best() -> str:
    """Give the best kind of disk that this machine allows."""
    with tempfile.TemporaryDirectory() as place:
        trial = subprocess.run(_mounting(Path(place), ROOM_BYTES), capture_output=True, check=False)
        if trial.returncode == 0:
            _unmount(Path(place))
            return TMPFS
    return STRACE if may_attach() else LIMIT


def _mounting(place: Path, size: int) -> list[str]:
    return ["mount", "-t", "tmpfs", "-o", f"size={size},mode=700", "tmpfs", str(place)]


def _unmount(place: Path) -> None:
    subprocess.run(["umount", "-l", str(place)], check=True, capture_output=True)


def _tracer_of(task: Path) -> int:
    for line in (task / "status").read_text(encoding="ascii").splitlines():
        if line.startswith("TracerPid:"):
            return int(line.split()[1])
    return 0
