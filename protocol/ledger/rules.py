"""What the ledger must know of a kind of instruction: one subclass of `Rules` a kind, listed in `apply.RULES`.

All methods are pure. `decide` looks and says no or yes; `post` does what was decided, in the draft; nothing else
changes a book. Whoever must sign beside the author is asked for by `signatures`, the rest of which is in
`protocol.ledger.joint`.
Source: docs/spec/04-ledger.md, L-14, L-20, L-43 to L-49.

Tests: tests/protocol/ledger/test_joint.py
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from protocol.kinds.agents import Role
from protocol.ledger.instructions import Instruction
from protocol.ledger.items import Item
from protocol.ledger.refusals import LedgerCode

if TYPE_CHECKING:
    from protocol.ledger.book import Draft

Roles = Mapping[bytes, frozenset[str]]
"""Roles in the network by agent id, as they hold at the trust size of the leaf; who is missing has none."""

NO_ROLES: Roles = MappingProxyType({})
"""Nobody's roles."""

OPEN_ITEMS_MAX = 1000
"""Open items that one author may have who holds no office: each is kept in memory until it ends."""

OFFICERS = frozenset({Role.OPERATOR, Role.TREASURER, Role.AUDITOR})
"""Who reads the whole book."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where an instruction is judged.

    Attributes:
        time_ms: time that its leaf will have.
        index: index that its leaf will have.
        roles: roles of the agents that its rules asked for.
    """

    time_ms: int
    index: int
    roles: Roles = field(default_factory=lambda: NO_ROLES)

    def has_role(self, agent: bytes, *roles: Role) -> bool:
        """Tell whether an agent has one of these roles."""
        return any(role in self.roles.get(agent, ()) for role in roles)


@dataclass(frozen=True, slots=True)
class Signatures:
    """Who must consent to an act beside its author.

    Attributes:
        agents: each of these.
        roles: people with one of these roles, neither the author nor one of `agents`, nor a side of the matter.
        count: how many of them.
        sides: sides of the matter beside those whom the rules name as its parties.
    """

    agents: frozenset[bytes] = frozenset()
    roles: frozenset[str] = frozenset()
    count: int = 0
    sides: frozenset[bytes] = frozenset()


class Rules(ABC):
    """The rules of one kind of instruction."""

    body: ClassVar[type[Any]]
    """The class of its bodies in `protocol.kinds`."""

    outcomes: ClassVar[frozenset[str]] = frozenset()
    """The words that `post` and `answered` may return; none is the code of a refusal."""

    makes_items: ClassVar[bool] = False
    """Whether posting one leaves an open item; then it counts against what one author may have open."""

    @abstractmethod
    def is_entitled(self, instruction: Instruction, *, ledger: bytes, roles: Roles) -> bool:
        """Tell whether its author may sign such an instruction at all; if not it is refused without a leaf."""

    def agents(self, instruction: Instruction) -> tuple[bytes, ...]:
        """Give the agents whose roles its rules ask for."""
        return (instruction.author,)

    def parties(self, instruction: Instruction) -> tuple[bytes, ...]:
        """Give who may read it, beside author and officers."""
        named = (getattr(instruction.body, "payer", None), getattr(instruction.body, "payee", None))
        return tuple(agent for agent in named if isinstance(agent, bytes))

    def references(self, instruction: Instruction) -> tuple[bytes, ...]:
        """Give the ids of the items and posted transfers that its rules look at."""
        return ()

    @abstractmethod
    def decide(self, draft: Draft, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Give the first refusal that applies, in the order of `LedgerCode`; None where it can be posted."""

    def signatures(self, draft: Draft, instruction: Instruction, context: Context) -> Signatures | None:
        """Say who must consent before it is posted; None: nobody."""
        return None

    @abstractmethod
    def post(self, draft: Draft, instruction: Instruction, context: Context) -> str:
        """Do it in the draft, and give the outcome; called only after `decide` found nothing."""

    def answer_refusal(self, draft: Draft, item: Item, instruction: Instruction, context: Context) -> LedgerCode | None:
        """Give the first refusal of a consent that names an item of this kind; None where it counts."""
        return LedgerCode.NOTHING_TO_ANSWER

    def answered(self, draft: Draft, item: Item, instruction: Instruction, context: Context) -> str:
        """Take a consent that names an item of this kind; return the outcome of its leaf."""
        raise AssertionError("what nobody can answer was answered")

    def expire(self, draft: Draft, item: Item, context: Context) -> None:
        """Let an open item of this kind end, its `until_ms` having come; it must be closed or have a later one."""
        draft.put_item(item.changed(leaf=context.index, is_open=False, state="expired"))


def is_office(instruction: Instruction, ledger: bytes, roles: Roles, *wanted: Role) -> bool:
    """Tell whether the author is the network itself, or has one of the wanted roles."""
    if instruction.author == ledger:
        return True
    return any(role in roles.get(instruction.author, ()) for role in wanted)
