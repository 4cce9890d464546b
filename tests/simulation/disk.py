"""A disk in memory: what processes see, what has reached the platters, and what a loss of power makes of the rest.

Every write, truncation, sync, creation and deletion is an *effect* and has a number, so that a crash can be placed at
each of them. A killed process loses nothing that it wrote. A loss of power keeps what was synced; of every write since
then, each sector of 512 bytes is kept or lost on its own, in whatever order the disk liked.

Source: https://www.sqlite.org/atomiccommit.html (sections 2 and 3); docs/contributing/simulation.md.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

SECTOR_BYTES = 512


class Effect(Enum):
    """What is done to a disk."""

    WRITE = "write"
    TRUNCATE = "truncate"
    SYNC = "sync"
    CREATE = "create"
    DELETE = "delete"


class DiskError(OSError):
    """The disk refuses: full, failed, or gone with its machine."""


class DiskFullError(DiskError):
    """There is no room for more bytes."""


@dataclass(slots=True)
class File:
    """One file.

    Attributes:
        seen: Its bytes as every process sees them.
        synced: Its bytes as they were when it was last synced; None where its name isn't on the disk yet.
        pending: What happened since then: writes as (offset, bytes), truncations as (size, None).
    """

    seen: bytearray = field(default_factory=bytearray)
    synced: bytearray | None = None
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def copy(self) -> File:
        """Give a copy that shares nothing."""
        synced = None if self.synced is None else bytearray(self.synced)
        return File(bytearray(self.seen), synced, list(self.pending))


def _apply(data: bytearray, offset: int, new: bytes | None) -> None:
    """Do one write or truncation."""
    if new is None:
        if offset < len(data):
            del data[offset:]
        else:
            data.extend(bytes(offset - len(data)))
        return
    if offset > len(data):
        data.extend(bytes(offset - len(data)))
    data[offset : offset + len(new)] = new


class Disk:
    """The disk of one node.

    Attributes:
        files: By name.
        effects: How many effects there were.
        room_bytes: How far all files together may grow; None for no bound.
        fail_next: What fails with an input or output error the next time it is asked for.
        is_dead: Whether its machine is off: nothing reaches it any more.
        on_effect: Told before each effect, with its number; it may kill the machine.
        refused: How often something was refused, by reason; kept through all lives of the machine.
    """

    def __init__(self) -> None:
        """Make an empty disk."""
        self.files: dict[str, File] = {}
        self.effects = 0
        self.room_bytes: int | None = None
        self.fail_next: Effect | None = None
        self.is_dead = False
        self.on_effect: Callable[[int, Effect, str], None] | None = None
        self.refused: Counter[str] = Counter()

    def create(self, name: str) -> File:
        """Give a file, making it where it is missing."""
        found = self.files.get(name)
        if found is None:
            self._begin(Effect.CREATE, name)
            found = self.files[name] = File()
        return found

    def write(self, name: str, offset: int, data: bytes) -> None:
        """Write bytes.

        Raises:
            DiskError: The disk is full, failed or gone; nothing was written.
        """
        self._begin(Effect.WRITE, name)
        file = self.files[name]
        grows = offset + len(data) - len(file.seen)
        if grows > 0 and self.room_bytes is not None and self.used_bytes() + grows > self.room_bytes:
            self.refused["writes to a full disk"] += 1
            raise DiskFullError(28, "no space left on device")
        _apply(file.seen, offset, data)
        file.pending.append((offset, data))

    def truncate(self, name: str, size: int) -> None:
        """Cut a file, or fill it with zeros, to a size."""
        self._begin(Effect.TRUNCATE, name)
        file = self.files[name]
        _apply(file.seen, size, None)
        file.pending.append((size, None))

    def sync(self, name: str) -> None:
        """Bring all that was written to a file, and its name, to the platters."""
        self._begin(Effect.SYNC, name)
        file = self.files[name]
        synced = file.synced if file.synced is not None else bytearray()
        for offset, data in file.pending:
            _apply(synced, offset, data)
        file.synced = synced
        file.pending.clear()

    def delete(self, name: str) -> None:
        """Remove a file, with its directory synced."""
        self._begin(Effect.DELETE, name)
        self.files.pop(name, None)

    def used_bytes(self) -> int:
        """Give the size of all files together."""
        return sum(len(file.seen) for file in self.files.values())

    def lose_power(self, chance: random.Random) -> None:
        """Keep what was synced, and of the rest what `chance` leaves: whole writes, sectors of writes, or nothing."""
        for name in sorted(self.files):
            file = self.files[name]
            survives = chance.choice((0.0, 0.5, 0.9, 1.0))
            if file.synced is None and chance.random() >= survives:
                del self.files[name]
                continue
            data = file.synced if file.synced is not None else bytearray()
            for offset, new in file.pending:
                if new is None:
                    if chance.random() < survives:
                        _apply(data, offset, None)
                    continue
                for at in range(0, len(new), SECTOR_BYTES):
                    if chance.random() < survives:
                        _apply(data, offset + at, new[at : at + SECTOR_BYTES])
            self.files[name] = File(bytearray(data), data)

    def image(self) -> dict[str, File]:
        """Give a copy of all files, as a backup made by copying the folder."""
        return {name: file.copy() for name, file in self.files.items()}

    def restore(self, image: dict[str, File]) -> None:
        """Put back a copy made by `image`."""
        self.files = {name: file.copy() for name, file in image.items()}

    def handed_over(self) -> Disk:
        """Give a disk with the same files to the machine's next life; this one is dead."""
        new = Disk()
        new.files, self.files = self.files, {}
        new.room_bytes = self.room_bytes
        new.refused = self.refused
        self.is_dead = True
        self.on_effect = None
        return new

    def _begin(self, effect: Effect, name: str) -> None:
        if self.is_dead:
            raise DiskError(5, "the machine is off")
        self.effects += 1
        if self.on_effect is not None:
            self.on_effect(self.effects, effect, name)
            if self.is_dead:
                raise DiskError(5, "the machine is off")
        if self.fail_next is effect:
            self.fail_next = None
            self.refused[f"failed disk: {effect.value}"] += 1
            raise DiskError(5, "input/output error")
