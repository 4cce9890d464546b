"""Looking at a node's folder after a fault: does it open, is everything acknowledged in its place, is the audit clean?

The folder is opened in this process as `mutirao serve` opens it, without listening; that is what recovers it. The audit
comes after, since a log whose end was torn is damaged until somebody has recovered it.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

from node.app import Node
from node.audit import audit_folder
from node.config import read_config
from node.services.outcomes import Recorded
from node.store import merkle
from protocol.errors import MutiraoError
from protocol.limits import RECORDS_PER_SUBMIT_MAX
from protocol.record import Record, encode_record

Acknowledged = list[tuple[Record, int]]
"""Records with the index of the leaf that a node has answered."""


async def survey(folder: Path, acknowledged: Acknowledged, heads: Iterable[bytes] = ()) -> list[str]:
    """Open a folder after a fault and hold it against what its node has said.

    Args:
        folder: of a node that is off; it is recovered, so it changes.
        acknowledged: everything that the node has acknowledged.
        heads: signed notes of its own feeds that it has sent.

    Returns:
        What is wrong, in words; empty where all is as it must be.
    """
    try:
        node = await Node.open(read_config(folder, {}))
    except MutiraoError as error:
        return [f"the folder doesn't open: {error}"]
    try:
        found = [*await _lost(node, acknowledged), *await _overtaken(node, heads)]
        sums = (await node.services.ledger.summary()).sums
        found += [f"the balances add up to {one.amount} {one.unit}" for one in sums if one.amount]
    finally:
        await node.close()
    report = await audit_folder(folder, workers=0)
    return found + [f"the audit: {finding}" for finding in report.findings]


async def _lost(node: Node, acknowledged: Acknowledged) -> list[str]:
    """Send everything once more; it must get its first answer."""
    found = []
    for start in range(0, len(acknowledged), RECORDS_PER_SUBMIT_MAX):
        batch = acknowledged[start : start + RECORDS_PER_SUBMIT_MAX]
        outcomes = await node.services.publishing.submit([encode_record(record) for record, _ in batch])
        for (record, index), outcome in zip(batch, outcomes, strict=True):
            if not isinstance(outcome, Recorded) or not outcome.again or outcome.index != index:
                found.append(f"{record.header.kind} {record.id.hex()} was leaf {index}, and now: {outcome}")
    return found


async def _overtaken(node: Node, heads: Iterable[bytes]) -> list[str]:
    """Compare signed heads that have left the node with what it holds: each must be a prefix of it."""
    found = []
    for note in sorted(set(heads)):
        origin, size, root = note.decode().split("\n")[:3]
        name, epoch = origin.split("/")[-2:]
        states = [one for one in await node.services.feeds.all() if one.key[1:] == (name, int(epoch))]
        state = next(one for one in states if one.key.network == node.services.home)
        if state.size < int(size):
            found.append(f"a head of {name} with {size} leaves was sent, and {state.size} are here")
            continue
        async with node.services.database.read() as connection:
            if await merkle.root_at(connection, state.sequence, int(size)) != base64.b64decode(root):
                found.append(f"the head of {name} with {size} leaves has another root than was sent")
    return found
