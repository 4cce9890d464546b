"""The disk under a recorded run: what has reached the platters, and what a loss of power makes of the rest.

The rules are those that POSIX promises, with the order that the usual file systems of Linux keep for names:
- what a sync covers is there: of a file its bytes and length, of a folder the names in it;
- of every other write each sector is there or not, on its own, whatever the order of the calls was;
- of the names that were made, changed or removed since the folder's last sync, a first part is there.

The simulator's disk (`tests/simulation/disk.py`) is of the same kind, but makes its files itself; this one follows
calls that were recorded, names included.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.traces import Operation

SECTORS = (512, 4096)
CHANCES = (0.0, 0.2, 0.5, 0.8, 1.0)
"""How likely it is that a sector, or a name, is there; drawn once for each file, and once for the names."""


@dataclass(slots=True)
class _File:
    """The bytes of one file, whatever its name.

    Attributes:
        synced: What is on the platters.
        pending: What was done since: the number of the operation, and the operation.
    """

    synced: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Operation]] = field(default_factory=list)


class Power:
    """A folder, as a run of operations leaves it; `lose` gives what a loss of power leaves of it."""

    def __init__(self, before: Path) -> None:
        """Take the folder from before the run; all of it is on the platters."""
        self._names: dict[str, _File] = {}
        for path in before.rglob("*"):
            if path.is_file():
                self._names[path.relative_to(before).as_posix()] = _File(bytearray(path.read_bytes()))
        self._synced_names = dict(self._names)
        self._pending_names: list[tuple[int, Operation, _File]] = []
        self._count = 0

    def run(self, operations: Sequence[Operation]) -> None:
        """Do what was recorded, in its order."""
        for operation in operations:
            self._do(operation)
            self._count += 1

    def lose(self, chance: random.Random | None) -> dict[str, bytes]:
        """Give the files after a loss of power; the run can go on as if there had been none.

        Args:
            chance: decides what is left of all that wasn't synced; None for nothing.
        """
        names = dict(self._synced_names)
        kept = 0 if chance is None else _draw(chance, len(self._pending_names))
        for _, operation, file in self._pending_names[:kept]:
            _rename(names, operation, file)
        return {name: bytes(_after(file, chance)) for name, file in sorted(names.items())}

    def _do(self, operation: Operation) -> None:
        name = operation.name
        match operation.what:
            case "write" | "truncate":
                # Bytes may go to a file that has lost its name.
                if name in self._names:
                    self._names[name].pending.append((self._count, operation))
            case "create" | "rename" | "unlink":
                file = _File() if operation.what == "create" else self._names[name]
                self._pending_names.append((self._count, operation, file))
                _rename(self._names, operation, file)
            case "sync" if name == "":
                for number, pending, file in self._pending_names:
                    if number < operation.at:
                        _rename(self._synced_names, pending, file)
                self._pending_names = [one for one in self._pending_names if one[0] >= operation.at]
            case "sync" if name in self._names:
                file = self._names[name]
                for number, pending in file.pending:
                    if number < operation.at:
                        _apply(file.synced, pending.at, pending.data, pending.what)
                file.pending = [one for one in file.pending if one[0] >= operation.at]


def write_folder(files: dict[str, bytes], folder: Path) -> None:
    """Make a folder of the files that a loss of power has left."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(data)


def _draw(chance: random.Random, count: int) -> int:
    """Give how many of the first of `count` things are there."""
    return min(count, int(chance.choice(CHANCES) * (count + 1)))


def _rename(names: dict[str, _File], operation: Operation, file: _File) -> None:
    """Do to a folder's names what an operation does."""
    if operation.what == "create":
        names[operation.name] = file
    else:
        names.pop(operation.name, None)
        if operation.what == "rename":
            names[operation.data.decode()] = file


def _after(file: _File, chance: random.Random | None) -> bytearray:
    """Give the bytes of a file after a loss of power."""
    data = bytearray(file.synced)
    if chance is None:
        return data
    survives, sector = chance.choice(CHANCES), chance.choice(SECTORS)
    for _, operation in file.pending:
        if operation.what == "truncate":
            if chance.random() < survives:
                _apply(data, operation.at, b"", "truncate")
            continue
        at, end = operation.at, operation.at + len(operation.data)
        while at < end:
            # Sectors begin at multiples of their size in the file, not where a write begins.
            stop = min(end, at - at % sector + sector)
            if chance.random() < survives:
                _apply(data, at, operation.data[at - operation.at : stop - operation.at], "write")
            at = stop
    return data


def _apply(data: bytearray, at: int, new: bytes, what: str) -> None:
    end = at if what == "truncate" else at + len(new)
    if end > len(data):
        data.extend(bytes(end - len(data)))
    if what == "truncate":
        del data[at:]
    else:
        data[at:end] = new
