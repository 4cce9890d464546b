"""Old folders put back: copies of a node's folder, whole or with parts of different age.

A copy is taken of a folder whose node is off, or was killed; `swapped` puts it in the folder's place for the length of
a block, and what was there comes back afterwards.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHECKPOINTS = "checkpoints"


def keep(directory: Path, to: Path) -> Path:
    """Copy the folder of a node that is off.

    Args:
        directory: the node's folder.
        to: where the copy goes; not there yet.

    Returns:
        The copy.
    """
    shutil.copytree(directory, to)
    return to


@contextmanager
def swapped(directory: Path, copy: Path, *, newer_checkpoints: bool = False) -> Iterator[None]:
    """Let a copy stand in a folder's place; what the node does to it is thrown away afterwards.

    Args:
        directory: the folder of a node that is off, and is off again when the block ends.
        copy: what stands there meanwhile.
        newer_checkpoints: leave the checkpoint file as it is, as whoever puts back only the database does.
    """
    aside = directory.with_name(directory.name + ".aside")
    directory.rename(aside)
    try:
        shutil.copytree(copy, directory)
        if newer_checkpoints:
            shutil.copy2(aside / CHECKPOINTS, directory / CHECKPOINTS)
        yield
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        aside.rename(directory)
