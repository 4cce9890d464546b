"""Consent: the answer of somebody whose signature an act of the ledger waits for, or who is asked for something.

Source: spec/03-records R-77; spec/04-ledger L-47 to L-49.
"""

from __future__ import annotations

from protocol.kinds.fields import Body, Id, Note


class Consent(Body, frozen=True):
    """Somebody agrees to what an instruction asks, or doesn't.

    Attributes:
        instruction: The instruction, or what it made.
        agree: Whether its author agrees; if not, it ends.
        text: In words.
    """

    instruction: Id
    agree: bool
    text: Note | None = None
