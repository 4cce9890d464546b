"""The audit of the checkpoint file: both slots are whole, and what they say is what the database holds.

Source: node/store/checkpoints.py; docs/operating/verify.md.

Tests: tests/node/audit/test_database.py
"""

from node.audit.findings import Finding
from node.store import merkle
from node.store.checkpoints import SLOT_BYTES, SLOTS, read_slot
from node.store.database import Connection
from node.store.feed_reading import FeedReader
from protocol.errors import StorageError

FILE = "checkpoints"


async def audit_checkpoints(connection: Connection, data: bytes | None, home: bytes | None) -> list[Finding]:
    """Compare the checkpoint file with the own feeds.

    Args:
        connection: Reading; it must see one state throughout.
        data: The file's bytes; None where it is missing.
        home: The network of this folder; None where none was made yet.
    """
    if data is None:
        return [Finding(FILE, "", "", "the file is missing")] if home is not None else []
    if len(data) != SLOT_BYTES * SLOTS:
        return [Finding(FILE, "", "", f"has {len(data)} bytes in place of {SLOT_BYTES * SLOTS}")]
    findings: list[Finding] = []
    for number in range(SLOTS):
        slot = data[number * SLOT_BYTES : (number + 1) * SLOT_BYTES]
        if not any(slot):
            continue  # not written yet
        read = read_slot(slot)
        if read is None:
            findings.append(Finding(FILE, f"slot {number}", "", "isn't what was written"))
            continue
        for key, mark in read[1].items():
            where = f"slot {number} {key.name}"
            state = await FeedReader().find(connection, key)
            size = 0 if state is None else state.size
            if state is None or size < mark.size:
                findings.append(Finding(FILE, where, "size", f"says {mark.size}, the database holds {size} leaves"))
            elif await _root(connection, state.sequence, mark.size) != mark.root:
                findings.append(Finding(FILE, where, "root", f"the first {mark.size} leaves have another root"))
    if home is not None and not any(data):
        findings.append(Finding(FILE, "", "", "is empty"))
    return findings


async def _root(connection: Connection, feed: int, size: int) -> bytes | None:
    try:
        return await merkle.root_at(connection, feed, size)
    except StorageError:
        return None
