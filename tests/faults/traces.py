"""What a traced node did to its folder and said to the world, read from the tracer's log as a list of operations.

The log has one line a call, or two where another thread came in between:

    PID pwrite64(5<PATH>, "…", 4096, 0) = 4096
    PID fdatasync(5<PATH> <unfinished ...>
    PID <... fdatasync resumed>) = 0

With `-xx` every string and path is written as `\\x2f…`, so no quote or bracket can stand inside one. A write counts
from the line where it began, since its bytes may reach the disk from then on; a sync counts when it has returned, and
covers what began before it did; what is sent counts when sending begins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

CALLS = (
    "openat,close,lseek,write,pwrite64,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat,"
    "sendto,sendmsg,writev"
)
"""The calls that are recorded."""

UNKNOWN = "pwritev,pwritev2,fallocate,copy_file_range,link,linkat,mkdir,mkdirat,truncate,sync_file_range"
"""Calls that would change a folder too and that no node makes; one on the folder is an error of the reader."""

OPTIONS = ("-xx", "-y", "-s", "4000000", "-e", f"trace={CALLS},{UNKNOWN}")

LEFT_OUT_SUFFIXES = (".log", "-shm", "lock")
"""Files of a folder that nobody needs after a loss of power: SQLite makes its shared memory anew."""

WAKE_UP = b"\0"
"""What a thread sends to the event loop of its own process."""

_LINE = re.compile(r"^(\d+) +(?:<\.\.\. (\w+) resumed>|(\w+)\()(.*)$", re.DOTALL)
_RESULT = re.compile(r"\) += (-?\d+)(?:<([^>]*)>)?(?: .*)?$")
_TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_FILE = re.compile(r"^(-?\d+|AT_FDCWD)<([^>]*)>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing that a node did.

    Attributes:
        what: write, truncate, sync, create, rename, unlink or send.
        name: The file's name below the folder; "" for the folder itself. Of a send, nothing.
        at: The offset of a write, the size of a truncation; of a sync, how many operations came before it began.
        data: The bytes of a write or send; of a rename, the new name.
    """

    what: str
    name: str = ""
    at: int = 0
    data: bytes = b""


@dataclass(slots=True)
class _Call:
    """One call as it stands in the log, with the place of what it began."""

    name: str
    arguments: str
    begun: int


class Reader:
    """Turns log lines into operations; `operations` holds them in order."""

    def __init__(self, folder: Path, known: Iterable[str]) -> None:
        """Name the folder that counts, as an absolute path without links, and the files in it before."""
        self.operations: list[Operation] = []
        self._folder = str(folder)
        self._open: dict[int, _Call] = {}
        self._places: dict[str, int] = {}
        self._known = set(known)

    def read(self, lines: Iterator[str]) -> None:
        """Read a whole log."""
        for line in lines:
            found = _LINE.match(line.rstrip("\n"))
            if found is None:
                continue  # signals and ends of processes
            pid, resumed, name, rest = int(found[1]), found[2], found[3], found[4]
            if resumed is not None:
                call = self._open.pop(pid)
                self._end(call, rest)
                continue
            call = _Call(name, rest.removesuffix(" <unfinished ...>"), len(self.operations))
            self._begin(call)
            if rest.endswith("<unfinished ...>"):
                self._open[pid] = call
            else:
                self._end(call, rest)

    def _begin(self, call: _Call) -> None:
        """Note what may have an effect before the call returns."""
        name = self._name_of(call.arguments)
        if _is_socket(call.arguments) and call.name in {"sendto", "sendmsg", "writev", "write"}:
            data = b"".join(_texts(call.arguments))
            if data != WAKE_UP:
                self.operations.append(Operation(what="send", data=data))
        elif name is None:
            return
        elif call.name == "pwrite64":
            data = _texts(call.arguments)[0]
            offset = int(_tail(call.arguments).rpartition(", ")[2])
            self.operations.append(Operation(what="write", name=name, at=offset, data=data))
        elif call.name == "write":
            data = _texts(call.arguments)[0]
            place = self._places.get(name, 0)
            self._places[name] = place + len(data)
            self.operations.append(Operation(what="write", name=name, at=place, data=data))
        elif call.name == "ftruncate":
            size = int(_tail(call.arguments).rpartition(", ")[2])
            self.operations.append(Operation(what="truncate", name=name, at=size))

    def _end(self, call: _Call, rest: str) -> None:
        """Note what holds once the call has returned."""
        result = _RESULT.search(rest)
        if result is None or int(result[1]) < 0:
            return
        if call.name in {"fsync", "fdatasync"} and (name := self._name_of(call.arguments)) is not None:
            self.operations.append(Operation(what="sync", name=name, at=call.begun))
        elif call.name == "openat":
            self._opened(_path(result[2] or ""), call.arguments)
        elif call.name.startswith("rename"):
            old, new = (self._below(part.decode()) for part in _texts(call.arguments)[:2])
            if old is not None and new is not None:
                self._known.discard(old)
                self._known.add(new)
                self.operations.append(Operation(what="rename", name=old, data=new.encode()))
        elif call.name.startswith("unlink"):
            name = self._below(_texts(call.arguments)[-1].decode())
            if name is not None:
                self._known.discard(name)
                self.operations.append(Operation(what="unlink", name=name))
        elif call.name in UNKNOWN.split(","):
            assert self._folder not in str(_texts(call.arguments)), f"the reader doesn't know {call.name}"
            assert self._name_of(call.arguments) is None, f"the reader doesn't know {call.name}"

    def _opened(self, path: str, arguments: str) -> None:
        name = self._below(path)
        if name is None or not name:
            return
        self._places[name] = 0
        if "O_CREAT" in arguments and name not in self._known:
            self._known.add(name)
            self.operations.append(Operation(what="create", name=name))
        elif "O_TRUNC" in arguments:
            self.operations.append(Operation(what="truncate", name=name, at=0))

    def _name_of(self, arguments: str) -> str | None:
        """Give the name of the file that a call's descriptor stands for; None where it isn't one of the folder."""
        found = _FILE.match(arguments)
        return None if found is None else self._below(_path(found[2]))

    def _below(self, path: str) -> str | None:
        if path == self._folder:
            return ""
        name = path.removeprefix(self._folder + "/")
        return None if name == path or name.endswith(LEFT_OUT_SUFFIXES) else name


def read_trace(log: Path, folder: Path, before: Path) -> list[Operation]:
    """Read what a traced node did.

    Args:
        log: the tracer's.
        folder: the node's folder, as an absolute path without links.
        before: a copy of the folder as it was before.
    """
    reader = Reader(folder, (path.relative_to(before).as_posix() for path in before.rglob("*")))
    with log.open(encoding="ascii", errors="replace") as lines:
        reader.read(iter(lines))
    return reader.operations


def _is_socket(arguments: str) -> bool:
    found = _FILE.match(arguments)
    return found is not None and _path(found[2]).startswith(("socket:", "TCP"))


def _texts(arguments: str) -> list[bytes]:
    """Give all quoted strings of a call."""
    found = list(_TEXT.finditer(_without_paths(arguments)))
    assert all(one[2] is None for one in found), "the tracer shortened a string"
    return [bytes.fromhex(one[1].replace("\\x", "")) for one in found]


def _without_paths(arguments: str) -> str:
    return re.sub(r"<[^>]*>", "", arguments, count=2)


def _tail(arguments: str) -> str:
    """Give the numbers behind a call's string, without its result."""
    return arguments.rpartition('"')[2].partition(")")[0]


def _path(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode(errors="replace") if text.startswith("\\x") else text
