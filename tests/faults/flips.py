"""Bits that change by themselves, in any file of a folder."""

from __future__ import annotations

import random
from pathlib import Path

from node.manifest import LEFT_OUT, LEFT_OUT_SUFFIXES


def files_that_count(folder: Path) -> list[str]:
    """Give the files of a node's folder, by their names below it; settings, log, lock and shared memory apart."""
    names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
    kept = LEFT_OUT - {"manifest"}
    return [name for name in names if Path(name).name not in kept and not name.endswith(LEFT_OUT_SUFFIXES)]


def flip_bit(path: Path, chance: random.Random) -> int:
    """Change one bit of a file.

    Args:
        path: the file; not empty.
        chance: decides which bit.

    Returns:
        The offset of the byte.
    """
    data = bytearray(path.read_bytes())
    at = chance.randrange(len(data))
    data[at] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))
    return at
