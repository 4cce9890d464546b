"""The cash book of official money, and the closings of periods, for readers.

Boxes are read from the book in memory, lines and closings from the stored items. Who may read is decided by whoever
asks: nothing here checks a session.
Source: docs/spec/04-ledger.md L-85 to L-95.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from node.services.cash_views import (
    BoxView,
    CashBookView,
    CashLineView,
    ClosingsView,
    ClosingView,
    MinutesView,
)
from node.services.ledger import Ledger, Names
from node.services.names import money
from node.services.views import AgentRef, UnitView
from node.store import ledger_items
from node.store.database import Database
from protocol.errors import Code, RemoteProtocolError
from protocol.identifiers import to_text
from protocol.kinds.cash import Cash, Closing, Count
from protocol.ledger import Item
from protocol.ledger.cash import BOX

LINES_MAX = 500
"""Lines on one page of the cash book."""

CLOSINGS_MAX = 100
"""Closings that are given; one a year."""


class CashBook:
    """The cash book of one network."""

    def __init__(self, database: Database, ledger: Ledger, names: Names, *, network: bytes) -> None:
        """Read from a database and from the ledger's book."""
        self._database = database
        self._ledger = ledger
        self._names = names
        self._network = network

    async def read(self, *, cursor: str | None = None, limit: int = 100) -> CashBookView:
        """Give all boxes as they stand, and a page of lines, the newest first.

        Args:
            cursor: From the page before; None for the newest.
            limit: At most so many lines, from 1 to `LINES_MAX`.

        Raises:
            RemoteProtocolError: `malformed` for a cursor that isn't ours.
        """
        limit = max(1, min(limit, LINES_MAX))
        before = None if cursor is None else _leaf_of(cursor)
        async with self._database.read() as connection:
            found = await ledger_items.cash_lines(connection, ledger=self._network, before=before, limit=limit + 1)
        boxes = [item for item in self._ledger.book.items() if item.kind == BOX]
        page = found[:limit]
        agents = await self._agents(page)
        units = {unit: await self._names.unit(unit) for unit in sorted({each.unit or "" for each in (*boxes, *page)})}
        return CashBookView(
            boxes=[
                BoxView(box=item.instruction.body.box, held=money(units[item.unit or ""], item.done)) for item in boxes
            ],
            lines=[_line(item, agents, units[item.unit or ""]) for item in page],
            cursor=str(page[-1].opened_leaf) if len(found) > limit else None,
        )

    async def closings(self) -> ClosingsView:
        """Give the closings that were done, wait for signatures or came to nothing, the newest first."""
        async with self._database.read() as connection:
            found = await ledger_items.acts_about(connection, ledger=self._network, about="closing", limit=CLOSINGS_MAX)
        agents = await self._agents(found)
        return ClosingsView(closings=[_closing(item, agents) for item in found])

    async def _agents(self, items: Sequence[Item]) -> dict[bytes, AgentRef]:
        people = {who for item in items for who in _people(item)}
        return await self._names.agents(sorted(people))


def _people(item: Item) -> list[bytes]:
    named = (item.instruction.author, item.payer, item.payee, *item.signers)
    more = getattr(item.instruction.body, "auditors", ())
    return [who for who in (*named, *more) if who]


def _line(item: Item, agents: Mapping[bytes, AgentRef], unit: UnitView) -> CashLineView:
    body: Cash | Count = item.instruction.body
    is_count = isinstance(body, Count)
    who = None if isinstance(body, Count) else body.who
    named = None if isinstance(body, Count) else body.round
    return CashLineView(
        id=to_text("count" if is_count else "cash", item.id),
        kind=item.kind,
        box=body.box,
        direction=None if isinstance(body, Count) else body.direction.value,
        amount=money(unit, item.amount),
        held=money(unit, item.done),
        difference=money(unit, item.amount - item.done) if is_count else None,
        at_ms=body.at_ms,
        created_ms=item.instruction.created_ms,
        author=agents[item.instruction.author],
        who=None if who is None else agents[who],
        name=None if isinstance(body, Count) else body.name,
        round=None if named is None else to_text("round", named),
        text=body.note if isinstance(body, Count) else body.purpose,
        signers=[agents[signer] for signer in item.signers],
    )


def _closing(item: Item, agents: Mapping[bytes, AgentRef]) -> ClosingView:
    body: Closing = item.instruction.body
    return ClosingView(
        id=to_text("closing", item.id),
        state=item.state,
        until_ms=body.until_ms,
        size=body.size,
        minutes=MinutesView(date=body.minutes.date, number=body.minutes.number, hash=body.minutes.hash.hex()),
        author=agents[item.instruction.author],
        auditors=[agents[auditor] for auditor in body.auditors],
        signers=[agents[signer] for signer in item.signers],
        balances_hash=None if body.balances_hash is None else body.balances_hash.hex(),
    )


def _leaf_of(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) <= 15):
        raise RemoteProtocolError(Code.MALFORMED, "the cursor is not one that this ledger gave")
    return int(cursor)
