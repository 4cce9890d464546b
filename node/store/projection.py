"""What other parts of the store do with a record that became valid: fill their search tables, their states.

A projector runs in the transaction in which the record became valid, once per record: when it is appended at home,
when it arrives, or when what it waited for has come. It must be a function of the record and of what is stored, so
that its tables can be built anew.

Source: DESIGN section 11, "everything derived can be rebuilt".

Tests: tests/node/services/test_publishing.py
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.record import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A record that is valid now.

    Attributes:
        record: The record.
        network: The network in whose feed it stands, 32 bytes.
        feed: The feed's name.
        index: Its leaf.
        keys_at: Size of that network's trust feed at which the author's keys were read.
    """

    record: Record
    network: bytes
    feed: str
    index: int
    keys_at: int


Projector = Callable[[AsyncConnection, Accepted], Awaitable[None]]
