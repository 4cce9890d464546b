"""What a batch of instructions is judged by beside the book: keys and roles of agents, and items that have closed.

Keys and roles are read as they hold at a size of the trust feed and kept for as long as it has that size; items are
read for each batch, inside its writing job, so all of it is durable.
Source: docs/spec/04-ledger.md L-14, L-44; docs/concepts/mutual-credit.md.

Tests: tests/node/services/test_sequencer.py
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from node.store import agents, ledger_items
from node.store.database import Connection
from protocol.ledger import Book, Instruction, Item, agents_of, references_of


class LedgerFacts:
    """Keys and roles of those who sign, and what their instructions refer to.

    Attributes:
        keys: Signing keys by agent, as of the last reading.
        roles: Roles by agent, likewise.
        named: Ids that the instructions of the last reading refer to.
    """

    def __init__(self, book: Book) -> None:
        """Know nothing yet of those who sign in this book."""
        self.keys: dict[bytes, frozenset[bytes]] = {}
        self.roles: dict[bytes, frozenset[str]] = {}
        self.named: set[bytes] = set()
        self._book = book
        self._keys_at = -1

    async def read(self, connection: Connection, instructions: Sequence[Instruction], keys_at: int) -> Iterable[Item]:
        """Have at hand what judging these instructions takes.

        Args:
            connection: The writer's, inside a job.
            instructions: Those of a batch.
            keys_at: The size of the trust feed at which keys and roles are read.

        Returns:
            The items that they refer to, as they durably stand; of acts also what those refer to.
        """
        at_hand = await self._read_items(connection, instructions)
        await self._read_agents(connection, instructions, keys_at, at_hand)
        return at_hand.values()

    def forget(self) -> None:
        """Read keys and roles anew: the trust feed may not be what an undone transaction showed."""
        self.keys.clear()
        self.roles.clear()
        self._keys_at = -1

    async def _read_items(self, connection: Connection, instructions: Sequence[Instruction]) -> dict[bytes, Item]:
        found: dict[bytes, Item] = {}
        asked = list(instructions)
        self.named.clear()
        while asked:
            named = [name for each in asked for name in references_of(each, found)]
            self.named.update(named)
            unread = [name for name in dict.fromkeys(named) if name not in found]
            new = {name: item for name in unread if (item := self._book.item(name)) is not None}
            closed = [name for name in unread if name not in new]
            new |= await ledger_items.find(connection, closed, ledger=self._book.ledger)
            found |= new
            asked = [item.instruction for item in new.values()]
        return found

    async def _read_agents(
        self, connection: Connection, instructions: Sequence[Instruction], keys_at: int, at_hand: dict[bytes, Item]
    ) -> None:
        if keys_at != self._keys_at:
            self.forget()
            self._keys_at = keys_at
        unread = {agent for each in instructions for agent in agents_of(each, at_hand)} - self.keys.keys()
        if not unread:
            return
        named = [(self._book.ledger, agent) for agent in sorted(unread)]
        keys, roles = await agents.keys_of(connection, named), await agents.roles_of(connection, named)
        for agent in named:
            held = [span.what for span in keys.get(agent, []) if span.holds_at(keys_at)]
            self.keys[agent[1]] = frozenset(key for key in held if isinstance(key, bytes))
            given = [span.what for span in roles.get(agent, []) if span.holds_at(keys_at)]
            self.roles[agent[1]] = frozenset(role for role in given if isinstance(role, str))
