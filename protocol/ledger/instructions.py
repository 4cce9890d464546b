"""Instructions: what a signed record asks of the ledger.

The shape of the bodies is checked by `protocol.kinds`. This module adds what makes a record an instruction of *this*
ledger: its version, its home, and that it replaces nothing. Signatures, keys and roles are the caller's to check; all
else that an instruction asks is judged by `protocol.ledger.apply`, as a refusal with its own leaf.
Source: docs/spec/04-ledger.md, L-10 to L-14; spec/03-records R-75 and R-76.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import LEDGER
from protocol.kinds import KINDS, read_record
from protocol.record import VERSION, Record

LEDGER_KINDS = frozenset(kind.name for kind in KINDS.values() if kind.feed == LEDGER)
"""Record kinds that are instructions."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """What one record asks.

    Attributes:
        id: id of the record, and the instruction's idempotency key.
        author: id of the agent that signed it; the ledger's own id for the network.
        created_ms: when its author says to have made it; a claim.
        body: what it asks, a value of the class of its kind.
    """

    id: bytes
    author: bytes
    created_ms: int
    body: Any


def read_instruction(record: Record, *, ledger: bytes) -> Instruction:
    """Read the instruction out of a record whose signature was or will be checked.

    Args:
        record: a record of one of `LEDGER_KINDS`, with its body.
        ledger: id of the network whose ledger reads it.

    Raises:
        RemoteProtocolError: `unknown_version`, `unknown_kind`, `wrong_home`, `not_allowed`, `unknown_author`, or what
            `protocol.kinds.read_record` raises.
    """
    header = record.header
    if header.version != VERSION:
        raise RemoteProtocolError(Code.UNKNOWN_VERSION, f"version {header.version} of records is not known here")
    if header.home != ledger:
        raise RemoteProtocolError(Code.WRONG_HOME, "the instruction belongs to the ledger of another network")
    # spec/04-ledger L-13: nothing in the ledger is edited; what was asked is answered by a further instruction.
    if header.thing is not None:
        raise RemoteProtocolError(Code.NOT_ALLOWED, "an instruction to the ledger can't be revised; sign a new one")
    if header.kind not in LEDGER_KINDS:
        raise RemoteProtocolError(Code.UNKNOWN_KIND, f"the ledger takes no record of kind {header.kind!r}")
    if header.author is None:
        raise RemoteProtocolError(Code.UNKNOWN_AUTHOR, "an instruction names its author")
    return Instruction(record.id, header.author, header.created_ms, read_record(record))
