"""Statistics of the ledger: volume, hands and positive balances month by month, and who is stuck at a limit.

What was folded is remembered, so that a question costs what was added to the ledger since the one before; the first
one after a start reads all of it, a window of leaves at a time.
Source: docs/operating/books.md.

Tests: tests/node/services/test_books.py
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field

from node.clock import Clock
from node.services.book_views import MonthView, StatisticsView, StuckView
from node.services.flow import STUCK_PART, Flow, Month, stuck_side
from node.services.ledger import Ledger, Names
from node.services.movements import body_of
from node.services.names import money
from node.services.views import UnitView
from node.store import books as store
from node.store.database import Connection, Database
from node.store.feeds import FeedStore
from protocol.feeds import LEDGER
from protocol.ledger import Account, AccountKind, AccountState

LEAVES_AT_ONCE = 1_000
"""Leaves that are folded together, in some hundredths of a second; between them others have their turn."""

LIMIT_CODES = {"debit_limit": "payer", "credit_limit": "payee"}
"""Refusals at a limit, and whose limit it was."""


@dataclass(slots=True)
class _Folded:
    """What of the ledger was read: its first `size` leaves; flows by unit, times of refusals by agent, unit, code."""

    size: int = 0
    flows: dict[str, Flow] = field(default_factory=dict)
    refused: dict[tuple[bytes, str, str], list[int]] = field(default_factory=dict)


class Statistics:
    """Tells how credit flows in the ledger of one node."""

    def __init__(self, database: Database, feeds: FeedStore, ledger: Ledger, clock: Clock, names: Names) -> None:
        """Read from a database; limits are those of the ledger as it stands."""
        self._database = database
        self._feeds = feeds
        self._ledger = ledger
        self._clock = clock
        self._names = names
        self._folded = _Folded()
        self._folding = asyncio.Lock()

    async def read(self, unit: str | None = None) -> StatisticsView:
        """Give the statistics of one unit, the network's own where none is named."""
        unit = unit or self._ledger.unit
        async with self._folding:
            await self._fold()
            size = self._folded.size
            flow = self._folded.flows.get(unit, Flow())
            months = list(flow.months(until_ms=self._clock.now_ms()))
        view = await self._names.unit(unit)
        accounts = [each for each in self._ledger.book.accounts() if each.unit == unit]
        return StatisticsView(
            unit=view,
            size=size,
            accounts=len(accounts),
            months=[_month(month, view) for month in months],
            stuck=await self._stuck(accounts, view),
        )

    async def _fold(self) -> None:
        """Bring what was folded up to the ledger's size."""
        folded = self._folded
        while True:
            async with self._database.read() as connection:
                feed = await self._feeds.find(connection, self._feeds.own(LEDGER))
                if feed is None or folded.size >= feed.size:
                    return
                low, high = folded.size, min(folded.size + LEAVES_AT_ONCE, feed.size)
                moved, refused = await store.flow(
                    connection, feed.sequence, low=low, size=high, codes=LIMIT_CODES.keys()
                )
            for row in moved:
                flow = folded.flows.setdefault(row.unit, Flow())
                flow.add(time_ms=row.time_ms, payer=row.payer, payee=row.payee, amount=row.amount)
            for each in refused:
                body = body_of(each.data)
                agent, unit = body.get(LIMIT_CODES[each.code]), body.get("unit")
                if isinstance(agent, bytes) and isinstance(unit, str):
                    folded.refused.setdefault((agent, unit, each.code), []).append(each.time_ms)
            folded.size = high

    async def _stuck(self, accounts: Iterable[Account], unit: UnitView) -> list[StuckView]:
        """Give the members' accounts with next to no room on one side, those that were refused most first."""
        sides = [(each, side) for each in accounts if (side := _side(each)) is not None]
        agents = await self._names.agents([each.agent for each, _ in sides])
        found: list[StuckView] = []
        async with self._database.read() as connection:
            for each, side in sides:
                since_ms = await self._since(connection, each, side)
                is_low = side == "low"
                code = "debit_limit" if is_low else "credit_limit"
                times = self._folded.refused.get((each.agent, each.unit, code), [])
                found.append(
                    StuckView(
                        number=each.number,
                        account=agents[each.agent],
                        side=side,
                        balance=money(unit, each.balance),
                        limit=money(unit, each.limit_low if is_low else each.limit_high),
                        room=money(unit, each.room_to_pay if is_low else each.room_to_receive),
                        since_ms=since_ms,
                        refused=sum(since_ms is None or time_ms >= since_ms for time_ms in times),
                    )
                )
        return sorted(found, key=lambda stuck: (-stuck.refused, stuck.number))

    async def _since(self, connection: Connection, account: Account, side: str) -> int | None:
        """Give the time since which the balance has been where it is stuck, by the limits of today."""
        if side == "low":
            mark = account.limit_low + -account.limit_low // STUCK_PART
            entered = await store.entered_at(connection, account.number, above=mark, below=None)
        else:
            mark = account.limit_high - account.limit_high // STUCK_PART
            entered = await store.entered_at(connection, account.number, above=None, below=mark)
        feed = await self._feeds.find(connection, self._feeds.own(LEDGER))
        if feed is None or entered is None:
            return None
        return (await store.leaf_at(connection, feed.sequence, entered)).time_ms


def _side(account: Account) -> str | None:
    if account.state is not AccountState.OPEN or account.kind is not AccountKind.MEMBER:
        return None
    return stuck_side(
        room_to_pay=account.room_to_pay,
        limit_low=account.limit_low,
        room_to_receive=account.room_to_receive,
        limit_high=account.limit_high,
    )


def _month(month: Month, unit: UnitView) -> MonthView:
    return MonthView(
        month=month.name,
        movements=month.movements,
        active=month.active,
        volume=money(unit, month.volume),
        positive=money(unit, month.positive_end),
        turns=month.turns,
    )
