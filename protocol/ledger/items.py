"""Items: what a ledger remembers beside balances, each under an id of 32 bytes.

A proposed act that waits for signatures, a hold, a request, a rule: each is an item, made by an instruction and changed
by later ones. An item is open or closed; open ones are in the book, closed ones are read when an instruction names
them. Its id is that of the instruction that made it, or the hash of a name for what may be there only once, such as
"slip 17 was used".
Source: docs/spec/04-ledger.md, L-43 to L-46.

>>> item_id("slip", "17") == item_id("slip", "17"), item_id("slip", "17") == item_id("slip1", "7")
(True, False)
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from protocol import codec
from protocol.ledger.instructions import Instruction

ITEM_TAG = b"mutirao/item/1"

ACT = "act"
"""Kind of an item that stands for an act which waits for further signatures."""

TRANSFER = "transfer"
"""Kind of an item that stands for a posted transfer; made on demand, since most transfers are never named again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that the ledger remembers.

    Attributes:
        id: 32 bytes.
        kind: what it is: the kind of the instruction that made it, `act`, or a name of its rules.
        state: a word of its kind, such as `proposed`, `held`, `paid`.
        is_open: whether something may still become of it.
        instruction: what made it.
        opened_leaf: index of the leaf that made it.
        changed_leaf: index of the leaf that changed it last.
        amount: minor units that it is about; 0 where it is about none.
        done: how much of that is done.
        until_ms: when it ends by itself; None: never.
        payer: who gives, where it names somebody.
        payee: who receives, where it names somebody.
        unit: the unit of `amount`.
        signers: who has consented so far, the author first.
    """

    id: bytes
    kind: str
    state: str
    is_open: bool
    instruction: Instruction
    opened_leaf: int
    changed_leaf: int
    amount: int = 0
    done: int = 0
    until_ms: int | None = None
    payer: bytes | None = None
    payee: bytes | None = None
    unit: str | None = None
    signers: tuple[bytes, ...] = ()

    def changed(self, *, leaf: int, **changes: Any) -> Item:
        """Return the item as a leaf leaves it."""
        return replace(self, changed_leaf=leaf, **changes)


def item_id(*name: str | bytes | int) -> bytes:
    """Return the id of what may be there only once under a name: the hash of its parts, 32 bytes."""
    return hashlib.sha256(ITEM_TAG + codec.encode(list(name))).digest()
