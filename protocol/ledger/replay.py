"""Replay: fold the leaves of a ledger again and name every leaf that does not follow from those before it.

The audit and the restart use it. It trusts nothing that was stored: each outcome is decided anew, times and
trust sizes must not decrease, and an id may stand in one leaf only. A leaf that is wrong is reported with its
index and the fold goes on as the rules say, so that one wrong leaf doesn't hide the next.
Source: docs/spec/04-ledger.md, L-24, L-30, L-40.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from protocol.errors import RemoteProtocolError
from protocol.ledger.apply import TIME, Applied, apply, rules_of, tick
from protocol.ledger.book import Book, Draft
from protocol.ledger.instructions import Instruction, read_instruction
from protocol.ledger.items import ACT, Item
from protocol.ledger.rules import NO_ROLES, Roles
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
        items: every item, closed ones too, as the leaves so far leave it.
    """

    def __init__(self, *, ledger: bytes, unit: str) -> None:
        """Begin before the first leaf of a ledger."""
        self.book = Book(ledger=ledger, unit=unit)
        self.items: dict[bytes, Item] = {}
        self._seen: set[bytes] = set()

    def read(self, record: Record) -> Instruction | None:
        """Read the instruction of a record; None where it is none for this ledger."""
        try:
            return read_instruction(record, ledger=self.book.ledger)
        except RemoteProtocolError:
            return None

    def agents(self, record: Record) -> tuple[bytes, ...]:
        """Give the agents whose roles judging a record asks for."""
        instruction = self.read(record)
        found = () if instruction is None else agents_of(instruction, self.items)
        return tuple(dict.fromkeys(found))

    def missing(self, record: Record) -> tuple[bytes, ...]:
        """Give the ids that judging a record refers to and that are no items here: posted transfers, or nothing."""
        instruction = self.read(record)
        named = () if instruction is None else references_of(instruction, self.items)
        return tuple(name for name in named if name not in self.items)

    def step(
        self, leaf: LedgerLeaf, record: Record | None, *, roles: Roles = NO_ROLES, transfers: Iterable[Item] = ()
    ) -> tuple[Applied | None, list[Divergence]]:
        """Fold one leaf.

        Args:
            leaf: the next leaf of the ledger feed.
            record: the record that it names, or None when the body can no longer be read.
            roles: roles of `agents(record)` at the leaf's trust size.
            transfers: those of `missing(record)` that are posted transfers.

        Returns:
            What the instruction did by the rules (None when it cannot be read), and what the leaf says otherwise.
        """
        book = self.book
        index = book.size
        wrong = self._wrong_in_leaf(leaf, index)
        if leaf.record_id is None and leaf.outcome == TIME:
            draft = book.draft()
            return self._settled(
                draft, tick(draft, now_ms=leaf.time_ms, keys_at=max(leaf.keys_at, book.keys_at))
            ), wrong
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
            instruction = read_instruction(record, ledger=book.ledger)
        except RemoteProtocolError as error:
            wrong.append(Divergence(index, "record_id", f"the record is no instruction for this ledger: {error}"))
            self.skip()
            return None, wrong
        if not rules_of(instruction).is_entitled(instruction, ledger=book.ledger, roles=roles):
            wrong.append(Divergence(index, "record_id", f"{record.id.hex()} was not its author's to sign"))
            self.skip()
            return None, wrong
        draft = book.draft()
        draft.know(transfers)
        draft.know(self.items[name] for name in references_of(instruction, self.items) if name in self.items)
        keys_at = max(leaf.keys_at, book.keys_at)
        applied = self._settled(draft, apply(draft, instruction, now_ms=leaf.time_ms, keys_at=keys_at, roles=roles))
        if applied.outcome != leaf.outcome:
            wrong.append(
                Divergence(index, "outcome", f"the leaf says {leaf.outcome!r}, the rules say {applied.outcome!r}")
            )
        return applied, wrong

    def _settled(self, draft: Draft, applied: Applied) -> Applied:
        draft.settle()
        self.items.update((item.id, item) for item in applied.items)
        return applied

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


def references_of(instruction: Instruction, items: Mapping[bytes, Item]) -> tuple[bytes, ...]:
    """Give what judging an instruction refers to; where it names a proposed act, also what that act refers to.

    Args:
        instruction: what is asked.
        items: those of its own references that are known.
    """
    named = rules_of(instruction).references(instruction)
    acts = (items[name].instruction for name in named if name in items and items[name].kind == ACT)
    return tuple(dict.fromkeys((*named, *(name for act in acts for name in rules_of(act).references(act)))))


def agents_of(instruction: Instruction, items: Mapping[bytes, Item]) -> tuple[bytes, ...]:
    """Give the agents whose roles judging an instruction asks for; where it names an act, also those of that."""
    rules = rules_of(instruction)
    named = (items[name].instruction for name in rules.references(instruction) if name in items)
    return tuple(
        dict.fromkeys((*rules.agents(instruction), *(who for act in named for who in rules_of(act).agents(act))))
    )
