"""What members were told: each acknowledgement, to be held against what the nodes hold later."""

from __future__ import annotations

from dataclasses import dataclass, field

from node.services.outcomes import Outcome, Recorded
from protocol.record import Record


class ViolationError(AssertionError):
    """An invariant doesn't hold.

    Attributes:
        invariant: Its name.
    """

    def __init__(self, invariant: str, text: str) -> None:
        """Say which and how."""
        super().__init__(f"{invariant}: {text}")
        self.invariant = invariant


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a member was told of a record that the node took.

    Attributes:
        node: Whose.
        record: The record.
        feed: Name of the feed.
        index: Its leaf.
        void: The code of the refusal that was recorded; None where it did what it asked.
    """

    node: str
    record: Record
    feed: str
    index: int
    void: str | None


@dataclass(slots=True)
class Journal:
    """All acknowledgements of a run.

    Attributes:
        taken: By node and record id.
        asked: Records that were submitted, whatever was answered, by node.
        refused: How often each code was given.
    """

    taken: dict[tuple[str, bytes], Acknowledged] = field(default_factory=dict)
    asked: dict[str, list[Record]] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)

    def ask(self, node: str, record: Record) -> None:
        """Note that a record is on its way to a node."""
        self.asked.setdefault(node, []).append(record)

    def answer(self, node: str, record: Record, outcome: Outcome) -> None:
        """Note an answer.

        Raises:
            ViolationError: `same-answer`: it differs from what was answered before.
        """
        if not isinstance(outcome, Recorded):
            code = outcome.refusal.code
            self.refused[code] = self.refused.get(code, 0) + 1
            return
        void = None if outcome.void is None else outcome.void.code
        if void is not None and (node, record.id) not in self.taken:
            self.refused[void] = self.refused.get(void, 0) + 1
        told = Acknowledged(node, record, outcome.feed, outcome.index, void)
        before = self.taken.setdefault((node, record.id), told)
        if (before.feed, before.index, before.void) != (told.feed, told.index, told.void):
            raise ViolationError("same-answer", f"{node} answered leaf {before.index} {before.void}, now {told}")

    def of(self, node: str) -> list[Acknowledged]:
        """Give what one node acknowledged, in the order of its answers."""
        return [told for (name, _), told in self.taken.items() if name == node]

    def forget(self, node: str) -> None:
        """Drop what a node acknowledged: its owner brought an old copy back, and lost what came after it."""
        self.taken = {key: told for key, told in self.taken.items() if key[0] != node}
