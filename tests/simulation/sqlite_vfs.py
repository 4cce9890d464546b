"""SQLite on the disks of the simulator: a VFS in Python, registered with the library that `sqlite3` uses.

The real SQLite reads, writes, locks and syncs; only the bytes lie in a `tests.simulation.disk.Disk`. A file
`/NAME/REST` lies on the disk that was added under NAME. Connections live in one process and one thread, so locks are
counts, and the shared memory of the WAL is a buffer; it is gone when its last connection closes, or with `drop`.

Source: https://www.sqlite.org/vfs.html, https://www.sqlite.org/c3ref/io_methods.html and
https://www.sqlite.org/c3ref/vfs.html (version 1 of `sqlite3_vfs`, version 2 of `sqlite3_io_methods`).
"""

from __future__ import annotations

import _sqlite3
import ctypes
import random
from collections.abc import Callable
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_double, c_int, c_int64, c_void_p
from dataclasses import dataclass, field
from functools import cache, wraps
from typing import Any

from tests.simulation.disk import Disk, DiskError, DiskFullError

NAME = "mutirao-simulation"

OK, BUSY, CANTOPEN, FULL, NOTFOUND = 0, 5, 14, 13, 12
IOERR_READ, IOERR_SHORT_READ, IOERR_WRITE, IOERR_FSYNC, IOERR_TRUNCATE, IOERR_DELETE = 266, 522, 778, 1034, 1546, 2570
OPEN_CREATE = 0x4
UNLOCKED, SHARED, RESERVED, PENDING, EXCLUSIVE = range(5)
SHM_UNLOCK, SHM_EXCLUSIVE = 1, 8
POWERSAFE_OVERWRITE = 0x1000


@dataclass(slots=True)
class _Shared:
    """What all connections to one file share: locks and the memory of the WAL's index."""

    levels: dict[int, int] = field(default_factory=dict)
    regions: list[Any] = field(default_factory=list)
    shm: dict[tuple[int, int], bool] = field(default_factory=dict)


@dataclass(slots=True)
class _Open:
    """One open file of one connection."""

    number: int
    disk: Disk
    name: str
    shared: _Shared


class _IoMethods(Structure):
    pass


class _File(Structure):
    _fields_ = (("methods", POINTER(_IoMethods)), ("number", c_int64))


class _Vfs(Structure):
    pass


_FileP, _VfsP = POINTER(_File), POINTER(_Vfs)

_METHODS: tuple[tuple[str, Any], ...] = (
    ("close", CFUNCTYPE(c_int, _FileP)),
    ("read", CFUNCTYPE(c_int, _FileP, c_void_p, c_int, c_int64)),
    ("write", CFUNCTYPE(c_int, _FileP, c_void_p, c_int, c_int64)),
    ("truncate", CFUNCTYPE(c_int, _FileP, c_int64)),
    ("sync", CFUNCTYPE(c_int, _FileP, c_int)),
    ("file_size", CFUNCTYPE(c_int, _FileP, POINTER(c_int64))),
    ("lock", CFUNCTYPE(c_int, _FileP, c_int)),
    ("unlock", CFUNCTYPE(c_int, _FileP, c_int)),
    ("check_reserved_lock", CFUNCTYPE(c_int, _FileP, POINTER(c_int))),
    ("file_control", CFUNCTYPE(c_int, _FileP, c_int, c_void_p)),
    ("sector_size", CFUNCTYPE(c_int, _FileP)),
    ("device_characteristics", CFUNCTYPE(c_int, _FileP)),
    ("shm_map", CFUNCTYPE(c_int, _FileP, c_int, c_int, c_int, POINTER(c_void_p))),
    ("shm_lock", CFUNCTYPE(c_int, _FileP, c_int, c_int, c_int)),
    ("shm_barrier", CFUNCTYPE(None, _FileP)),
    ("shm_unmap", CFUNCTYPE(c_int, _FileP, c_int)),
)
_IoMethods._fields_ = (("version", c_int), *_METHODS)

_CALLS: tuple[tuple[str, Any], ...] = (
    ("open", CFUNCTYPE(c_int, _VfsP, c_char_p, _FileP, c_int, POINTER(c_int))),
    ("delete", CFUNCTYPE(c_int, _VfsP, c_char_p, c_int)),
    ("access", CFUNCTYPE(c_int, _VfsP, c_char_p, c_int, POINTER(c_int))),
    ("full_pathname", CFUNCTYPE(c_int, _VfsP, c_char_p, c_int, c_void_p)),
    ("dl_open", c_void_p),
    ("dl_error", c_void_p),
    ("dl_sym", c_void_p),
    ("dl_close", c_void_p),
    ("randomness", CFUNCTYPE(c_int, _VfsP, c_int, c_void_p)),
    ("sleep", CFUNCTYPE(c_int, _VfsP, c_int)),
    ("current_time", CFUNCTYPE(c_int, _VfsP, POINTER(c_double))),
    ("get_last_error", CFUNCTYPE(c_int, _VfsP, c_int, c_void_p)),
)
_Vfs._fields_ = (
    ("version", c_int),
    ("file_bytes", c_int),
    ("path_bytes_max", c_int),
    ("next", c_void_p),
    ("name", c_char_p),
    ("data", c_void_p),
    *_CALLS,
)


def _guarded(failure: int) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Turn what a disk refuses into SQLite's codes; an error must not cross into the library."""

    def decorate(call: Callable[..., int]) -> Callable[..., int]:
        @wraps(call)
        def guarded(*arguments: Any) -> int:
            try:
                return call(*arguments)
            except DiskFullError:
                return FULL
            except (DiskError, KeyError):
                return failure

        return guarded

    return decorate


class SimulationVfs:
    """The VFS of this process; see `installed`."""

    def __init__(self) -> None:
        """Build the tables of functions that SQLite calls, and register them."""
        self._disks: dict[str, Disk] = {}
        self._open_files: dict[int, _Open] = {}
        self._shared: dict[tuple[str, str], _Shared] = {}
        self._numbers = 0
        self._random = random.Random(0)
        self._io = _IoMethods(2, *(kind(getattr(self, f"_{name}")) for name, kind in _METHODS))
        calls = [kind() if kind is c_void_p else kind(getattr(self, f"_{name}")) for name, kind in _CALLS]
        self._vfs = _Vfs(1, ctypes.sizeof(_File), 512, None, NAME.encode(), None, *calls)
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_register.argtypes = (_VfsP, c_int)
        library.sqlite3_vfs_register(ctypes.byref(self._vfs), 0)

    def add(self, name: str, disk: Disk) -> None:
        """Let the files `/NAME/…` lie on a disk."""
        self._disks[name] = disk

    def remove(self, name: str) -> None:
        """Take a disk away."""
        self.drop(name)
        self._disks.pop(name, None)

    def drop(self, name: str) -> None:
        """Forget all locks and shared memory of a disk, as when its process was killed."""
        for key in [key for key in self._shared if key[0] == name]:
            del self._shared[key]

    # Files

    @_guarded(CANTOPEN)
    def _open(self, _vfs: Any, path: bytes | None, file: Any, flags: int, out_flags: Any) -> int:
        self._numbers += 1
        if path is None:
            place, disk = ("", f"temporary {self._numbers}"), Disk()
        else:
            _, owner, name = path.decode().split("/", 2)
            place, disk = (owner, name), self._disks[owner]
        if disk.is_dead or (place[1] not in disk.files and not flags & OPEN_CREATE):
            return CANTOPEN
        disk.create(place[1])
        shared = self._shared.setdefault(place, _Shared())
        self._open_files[self._numbers] = _Open(self._numbers, disk, place[1], shared)
        file.contents.number = self._numbers
        file.contents.methods = ctypes.pointer(self._io)
        if out_flags:
            out_flags[0] = flags
        return OK

    def _close(self, file: Any) -> int:
        opened = self._open_files.pop(file.contents.number)
        self._set_level(opened, UNLOCKED)
        return OK

    @_guarded(IOERR_READ)
    def _read(self, file: Any, buffer: int, amount: int, offset: int) -> int:
        opened = self._of(file)
        data = bytes(opened.disk.files[opened.name].seen[offset : offset + amount])
        ctypes.memmove(buffer, data, len(data))
        if len(data) < amount:
            ctypes.memset(buffer + len(data), 0, amount - len(data))
            return IOERR_SHORT_READ
        return OK

    @_guarded(IOERR_WRITE)
    def _write(self, file: Any, buffer: int, amount: int, offset: int) -> int:
        opened = self._of(file)
        opened.disk.write(opened.name, offset, ctypes.string_at(buffer, amount))
        return OK

    @_guarded(IOERR_TRUNCATE)
    def _truncate(self, file: Any, size: int) -> int:
        opened = self._of(file)
        opened.disk.truncate(opened.name, size)
        return OK

    @_guarded(IOERR_FSYNC)
    def _sync(self, file: Any, _flags: int) -> int:
        opened = self._of(file)
        opened.disk.sync(opened.name)
        return OK

    @_guarded(IOERR_READ)
    def _file_size(self, file: Any, size: Any) -> int:
        opened = self._of(file)
        size[0] = len(opened.disk.files[opened.name].seen)
        return OK

    def _file_control(self, _file: Any, _operation: int, _argument: Any) -> int:
        return NOTFOUND

    def _sector_size(self, _file: Any) -> int:
        return 4096

    def _device_characteristics(self, _file: Any) -> int:
        return POWERSAFE_OVERWRITE

    # Locks of the file

    def _lock(self, file: Any, level: int) -> int:
        opened = self._of(file)
        mine = opened.shared.levels.get(opened.number, UNLOCKED)
        others = [held for number, held in opened.shared.levels.items() if number != opened.number]
        if level <= mine:
            return OK
        highest = max(others, default=UNLOCKED)
        is_free = highest < (PENDING if level == SHARED else RESERVED if level == RESERVED else SHARED)
        if not is_free:
            return BUSY
        self._set_level(opened, level)
        return OK

    def _unlock(self, file: Any, level: int) -> int:
        self._set_level(self._of(file), level)
        return OK

    def _check_reserved_lock(self, file: Any, result: Any) -> int:
        result[0] = int(any(level >= RESERVED for level in self._of(file).shared.levels.values()))
        return OK

    @staticmethod
    def _set_level(opened: _Open, level: int) -> None:
        if level == UNLOCKED:
            opened.shared.levels.pop(opened.number, None)
        else:
            opened.shared.levels[opened.number] = level

    # Shared memory of the WAL

    def _shm_map(self, file: Any, region: int, size: int, is_write: int, out: Any) -> int:
        regions = self._of(file).shared.regions
        while is_write and len(regions) <= region:
            regions.append(ctypes.create_string_buffer(size))
        out[0] = ctypes.addressof(regions[region]) if region < len(regions) else None
        return OK

    def _shm_lock(self, file: Any, offset: int, count: int, flags: int) -> int:
        opened = self._of(file)
        held = opened.shared.shm
        for slot in range(offset, offset + count):
            others = [
                is_exclusive for (number, at), is_exclusive in held.items() if at == slot and number != opened.number
            ]
            if not flags & SHM_UNLOCK and (any(others) or (flags & SHM_EXCLUSIVE and others)):
                return BUSY
        for slot in range(offset, offset + count):
            if flags & SHM_UNLOCK:
                held.pop((opened.number, slot), None)
            else:
                held[opened.number, slot] = bool(flags & SHM_EXCLUSIVE)
        return OK

    def _shm_barrier(self, _file: Any) -> None:
        return None

    def _shm_unmap(self, file: Any, _delete: int) -> int:
        opened = self._of(file)
        for key in [key for key in opened.shared.shm if key[0] == opened.number]:
            del opened.shared.shm[key]
        return OK

    # Names and the rest

    @_guarded(IOERR_DELETE)
    def _delete(self, _vfs: Any, path: bytes, _sync_folder: int) -> int:
        _, owner, name = path.decode().split("/", 2)
        self._disks[owner].delete(name)
        return OK

    @_guarded(IOERR_READ)
    def _access(self, _vfs: Any, path: bytes, _flags: int, result: Any) -> int:
        _, owner, name = path.decode().split("/", 2)
        result[0] = int(name in self._disks[owner].files)
        return OK

    def _full_pathname(self, _vfs: Any, path: bytes, _size: int, out: int) -> int:
        ctypes.memmove(out, path + b"\0", len(path) + 1)
        return OK

    def _randomness(self, _vfs: Any, count: int, out: int) -> int:
        ctypes.memmove(out, self._random.randbytes(count), count)
        return count

    def _sleep(self, _vfs: Any, microseconds: int) -> int:
        return microseconds

    def _current_time(self, _vfs: Any, out: Any) -> int:
        out[0] = 2460000.5
        return OK

    def _get_last_error(self, _vfs: Any, _size: int, _out: int) -> int:
        return 0

    def _of(self, file: Any) -> _Open:
        return self._open_files[file.contents.number]


@cache
def installed() -> SimulationVfs:
    """Give this process's VFS, registering it at the first call."""
    return SimulationVfs()
