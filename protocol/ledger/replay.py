"""Replay: fold the leaves of a ledger again and name every leaf that does not follow from those before it.

The audit and the restart use it. It trusts nothing that was stored: each outcome is decided anew, times and
trust sizes must not decrease, and an id may stand in one leaf only. A leaf that is wrong is reported with its
index and the fold goes on as the rules say, so that one wrong leaf doesn't hide the next.
Source: docs/spec/04-ledger.md, L-24, L-30, L-40.
"""

from dataclasses import dataclass

from protocol.errors import RemoteProtocolError
from protocol.ledger.apply import Applied, apply
from protocol.ledger.book import Book
from protocol.ledger.instructions import read_instruction
from protocol.merkle.leaf import LedgerLeaf
from protocol.record import Record

SALT_BYTES = 16


@dataclass(frozen=True, slots=True)
class Divergence:
    """One statement of a stored leaf that does not follow from the rules.

    Attributes:
        index: index of the leaf.
        field: part of the leaf that is wrong: record_id, keys_at, time_ms, outcome or salt.
        what: what stands there and what should, for the auditor.
    """

    index: int
    field: str
    what: str


class Replay:
    """A fold over the leaves of one ledger, in order, that checks each of them.

    Attributes:
        book: the state after the leaves given so far.
    """

    def __init__(self, *, ledger: bytes, unit: str) -> None:
        """Begin before the first leaf of a ledger."""
        self.book = Book(ledger=ledger, unit=unit)
        self._seen: set[bytes] = set()

    def step(self, leaf: LedgerLeaf, record: Record | None) -> tuple[Applied | None, list[Divergence]]:
        """Fold one leaf.

        Args:
            leaf: the next leaf of the ledger feed.
            record: the record that it names, or None when the body can no longer be read.

        Returns:
            What the instruction did by the rules (None when it cannot be read), and what the leaf says otherwise.
        """
        book = self.book
        index = book.size
        wrong = self._wrong_in_leaf(leaf, index)
        if record is None or leaf.record_id is None:
            wrong.append(Divergence(index, "record_id", "the instruction of this leaf is missing"))
            self.skip()
            return None, wrong
        if record.id != leaf.record_id:
            wrong.append(
                Divergence(index, "record_id", f"the leaf names {leaf.record_id.hex()}, not {record.id.hex()}")
            )
        if record.id in self._seen:
            wrong.append(Divergence(index, "record_id", f"{record.id.hex()} stands in an earlier leaf already"))
            self.skip()
            return None, wrong
        self._seen.add(record.id)
        try:
            instruction = read_instruction(record, ledger=book.ledger, unit=book.unit)
        except RemoteProtocolError as error:
            wrong.append(Divergence(index, "record_id", f"the record is no instruction for this ledger: {error}"))
            self.skip()
            return None, wrong
        draft = book.draft()
        applied = apply(draft, instruction, now_ms=leaf.time_ms, keys_at=max(leaf.keys_at, book.keys_at))
        draft.settle()
        if applied.outcome != leaf.outcome:
            wrong.append(
                Divergence(index, "outcome", f"the leaf says {leaf.outcome!r}, the rules say {applied.outcome!r}")
            )
        return applied, wrong

    def skip(self) -> None:
        """Go past a leaf that cannot be read at all."""
        self.book.size += 1

    def _wrong_in_leaf(self, leaf: LedgerLeaf, index: int) -> list[Divergence]:
        """Return what is wrong in a leaf whatever its instruction says."""
        wrong: list[Divergence] = []
        if leaf.time_ms < self.book.time_ms:
            wrong.append(
                Divergence(index, "time_ms", f"{leaf.time_ms} is before {self.book.time_ms} of the leaf before")
            )
        if leaf.keys_at < self.book.keys_at:
            wrong.append(
                Divergence(index, "keys_at", f"{leaf.keys_at} is less than {self.book.keys_at} of the leaf before")
            )
        if len(leaf.salt) != SALT_BYTES:
            wrong.append(Divergence(index, "salt", f"has {len(leaf.salt)} bytes, {SALT_BYTES} were wanted"))
        return wrong
