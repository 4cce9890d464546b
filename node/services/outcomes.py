"""What became of one submitted record: recorded in a feed, or refused and nowhere.

The API, the pages and the links show the same two answers. `Recorded` with `void` is a record that stands in a feed
and does nothing there: in the ledger, an instruction that was refused, so that asking again gives the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.errors import Refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """The record stands in a feed, durably.

    Attributes:
        id: The record's id, 32 bytes.
        feed: Name of the feed.
        index: Its leaf.
        again: It stood there before; this is the first answer once more.
        void: Why it does nothing, where it was recorded and refused.
        outcome: What the ledger made of an instruction, such as `posted` or `proposed`; None in other feeds.
    """

    id: bytes
    feed: str
    index: int
    again: bool = False
    void: Refusal | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The record stands nowhere.

    Attributes:
        id: Its id, 32 bytes; None where the bytes could not be read that far.
        refusal: Why, and what to do next.
    """

    id: bytes | None
    refusal: Refusal


Outcome = Recorded | Refused
