"""The manifest of a folder at rest: size and SHA-256 of each of its files.

A node writes it at a clean stop and takes it away at its start. So while the node is off, a changed byte anywhere, in
a free page of the database too, is found. After a crash there is none, and the deeper checks of the audit stand alone.

    mutirao/manifest/1
    <SHA-256 in hex>  <size>  <path from the folder>
    …
    end <SHA-256 in hex of all lines above>

Source: docs/operating/storage.md.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

from protocol.errors import StorageError

FILE_NAME = "manifest"
FORM = "mutirao/manifest/1"

LEFT_OUT = frozenset({FILE_NAME, "node.toml", "lock"})
"""What changes while the node is off: settings; and what holds nothing: the lock."""

LEFT_OUT_SUFFIXES = (".log", ".log.1", ".log.2", ".log.3", "-shm", ".tmp")


def write_manifest(directory: Path) -> None:
    """Write the manifest of a folder whose node has stopped.

    Raises:
        StorageError: It can't be written; the next start goes without one.
    """
    temporary = directory / (FILE_NAME + ".tmp")
    try:
        lines = [FORM]
        for path in _files(directory):
            digest, size = _digest(path)
            lines.append(f"{digest}  {size}  {path.relative_to(directory).as_posix()}")
        text = "\n".join(lines) + "\n"
        text += f"end {hashlib.sha256(text.encode()).hexdigest()}\n"
        with temporary.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(directory / FILE_NAME)
    except OSError as error:
        raise StorageError(f"the manifest of {directory} can't be written: {error.strerror or error}") from error


def remove_manifest(directory: Path) -> None:
    """Take the manifest away for good, before anything in the folder changes.

    A manifest that came back with a loss of power would call a sound folder changed, and its node would not start.

    Raises:
        StorageError: It can't be taken away.
    """
    path = directory / FILE_NAME
    try:
        if path.exists():
            path.unlink()
            _sync(directory)
    except OSError as error:
        raise StorageError(f"{path} can't be taken away: {error.strerror or error}") from error


def check_manifest(directory: Path) -> list[tuple[str, str]]:
    """Compare a folder at rest with its manifest.

    Returns:
        Pairs of a file's path and what is wrong with it; empty where all is as it was, or where there is no manifest
        (the node runs, or was killed).
    """
    path = directory / FILE_NAME
    if not path.exists():
        return []
    try:
        expected = _read(path)
    except StorageError as error:
        return [(FILE_NAME, str(error))]
    found = {item.relative_to(directory).as_posix(): item for item in _files(directory)}
    wrong: list[tuple[str, str]] = []
    for name, (digest, size) in expected.items():
        if name not in found:
            wrong.append((name, "the file is gone"))
        elif _digest(found[name]) != (digest, size):
            wrong.append((name, "the file changed since the node stopped"))
    wrong += [(name, "the file was not there when the node stopped") for name in sorted(found.keys() - expected.keys())]
    return wrong


def _sync(directory: Path) -> None:
    """Wait until the disk has the names of a folder."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(path: Path) -> dict[str, tuple[str, int]]:
    try:
        text = path.read_text(encoding="utf-8")
        body, _, end = text.rpartition("end ")
        if end != hashlib.sha256(body.encode()).hexdigest() + "\n":
            raise StorageError("the manifest itself changed since the node stopped")
        lines = body.splitlines()
        if not lines or lines[0] != FORM:
            raise StorageError("the manifest is of an unknown form")
        entries = (line.split("  ", 2) for line in lines[1:])
        return {name: (digest, int(size)) for digest, size, name in entries}
    except (OSError, ValueError) as error:
        raise StorageError(f"the manifest can't be read: {error}") from error


def _files(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.name not in LEFT_OUT and not path.name.endswith(LEFT_OUT_SUFFIXES):
            # Who reads the database leaves an empty write-ahead log behind; a log that holds something is looked at.
            if path.name.endswith("-wal") and path.stat().st_size == 0:
                continue
            yield path


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return digest, path.stat().st_size
