"""Reading a write-ahead log byte by byte, to tell a damaged frame from the end of what was written.

SQLite itself stops silently at the first frame whose checksum fails: what was acknowledged behind it is gone without an
error. A frame of this log carries the salts of the log's header; behind the last one may stand frames of an older log,
with other salts, which mean nothing.

Source: the WAL format of SQLite's file format page, section 4.
"""

from __future__ import annotations

import struct
from pathlib import Path

HEADER_BYTES = 32
FRAME_HEADER_BYTES = 24
MAGIC_LITTLE = 0x377F0682
MAGIC_BIG = 0x377F0683
FORMAT_VERSION = 3007000


def check_wal(path: Path) -> list[str]:
    """Find damage in a WAL file.

    Args:
        path: The file; a missing or empty one is sound.

    Returns:
        What is wrong, in words; empty where every frame that belongs to this log is whole.
    """
    data = path.read_bytes() if path.exists() else b""
    if not data:
        return []
    if len(data) < HEADER_BYTES:
        return [f"{len(data)} bytes; a log begins with {HEADER_BYTES}"]
    magic, version, page_bytes = struct.unpack(">III", data[:12])
    if magic not in {MAGIC_LITTLE, MAGIC_BIG} or version != FORMAT_VERSION:
        return ["the header is damaged: it is not that of a write-ahead log"]
    order = ">" if magic == MAGIC_BIG else "<"
    sums = _checksum(data[:24], (0, 0), order)
    if sums != struct.unpack(">II", data[24:32]):
        return ["the header is damaged: its checksum fails"]
    return _check_frames(data, page_bytes, sums, order)


def _check_frames(data: bytes, page_bytes: int, sums: tuple[int, int], order: str) -> list[str]:
    salts = data[16:24]
    frame_bytes = FRAME_HEADER_BYTES + page_bytes
    starts = range(HEADER_BYTES, len(data) - frame_bytes + 1, frame_bytes)
    for number, at in enumerate(starts, start=1):
        header = data[at : at + FRAME_HEADER_BYTES]
        if header[8:16] != salts:
            later = [data[start + 8 : start + 16] == salts for start in starts[number:]]
            if any(later):
                return [f"frame {number} is damaged: it doesn't belong to the log, but frames behind it do"]
            return []
        sums = _checksum(header[:8], sums, order)
        sums = _checksum(data[at + FRAME_HEADER_BYTES : at + frame_bytes], sums, order)
        if sums != struct.unpack(">II", header[16:24]):
            return [f"frame {number} is damaged or half written; {len(starts) - number} frames behind it are not read"]
    return []


def _checksum(data: bytes, start: tuple[int, int], order: str) -> tuple[int, int]:
    """Go on with SQLite's rolling sum over pairs of 32-bit words."""
    first, second = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second
