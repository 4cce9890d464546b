"""The treasurer's books: all movements with filters, the trial balance of any past, the period of an account.

Whose books a reader may see is decided by whoever asks: nothing here checks a session.
Rules kept here:
- what is shown for a size is the same for ever, since leaves never change;
- one request reads a bounded number of movements; where few of many fit, a page may be short and still have a next;
- balances are computed twice, from the sums and from the last entries, and a difference is an error of storage.
Source: docs/spec/04-ledger.md; docs/operating/books.md.
"""

from __future__ import annotations

from node.clock import Clock
from node.services.book_views import MovementPage, MovementView, PastAccountView, PastTrialView, PeriodView
from node.services.ledger import Ledger, Names
from node.services.movements import Filter, causes, view_of
from node.services.names import money
from node.services.statistics import Statistics
from node.services.views import AgentRef, MoneyView, UnitView
from node.store import books as store
from node.store.books import Place, Turnover, Window
from node.store.database import Connection, Database
from node.store.feed_reading import FeedState
from node.store.feeds import FeedStore
from node.store.merkle import root_at
from protocol.errors import Code, RemoteProtocolError, StorageError
from protocol.feeds import LEDGER

PAGE_MAX = 500
"""Movements on one page."""

EXAMINED_MAX = 2_500
"""Movements that one request looks at, so that a filter that nothing fits costs little and is asked in steps."""

WINDOW_MAX = 2**20
"""Leaves that one reading reaches back over; rows have a bound of their own."""


class Books:
    """Reads the ledger of one node for whoever keeps or audits its books.

    Attributes:
        statistics: How credit flows.
    """

    def __init__(self, database: Database, feeds: FeedStore, ledger: Ledger, clock: Clock, names: Names) -> None:
        """Read from a database; limits are those of the ledger as it stands."""
        self.statistics = Statistics(database, feeds, ledger, clock, names)
        self._database = database
        self._feeds = feeds
        self._ledger = ledger
        self._names = names

    async def movements(self, wanted: Filter, *, cursor: str | None = None, limit: int = 100) -> MovementPage:
        """Give a page of movements, newest first.

        Args:
            wanted: Which.
            cursor: From the page before; None for the newest.
            limit: At most so many, from 1 to `PAGE_MAX`.

        Raises:
            RemoteProtocolError: `malformed` for a cursor that isn't ours.
        """
        before = None if cursor is None else _place(cursor)
        limit = max(1, min(limit, PAGE_MAX))
        async with self._database.read() as connection:
            feed = await self._feed(connection)
            if feed is None:
                return MovementPage(size=0)
            size = feed.size if wanted.size is None else min(wanted.size, feed.size)
            low, high = await _range(connection, feed, size, wanted)
        place = Place(high, 0) if before is None or before.leaf_index >= high else before
        found: list[MovementView] = []
        width, examined = limit + 1, 0
        while place > (low, 0) and len(found) <= limit and examined < EXAMINED_MAX:
            window = Window(
                feed=feed.sequence,
                low=max(low, place.leaf_index - width),
                before=place,
                agent=wanted.agent,
                unit=wanted.unit,
                amount_low=wanted.amount_low,
                amount_high=wanted.amount_high,
            )
            views, is_full = await self._read(window, wanted)
            found += [view for view in views if wanted.fits(view)]
            examined += len(views)
            place = Place(views[-1].leaf_index, views[-1].line) if is_full else Place(window.low, 0)
            width = max(width // 4, limit) if is_full else min(4 * width, WINDOW_MAX)
        if len(found) > limit:
            place = Place(found[limit - 1].leaf_index, found[limit - 1].line)
        more = f"{place.leaf_index}.{place.line}" if place > (low, 0) else None
        return MovementPage(size=size, movements=found[:limit], cursor=more)

    async def trial(self, *, size: int | None = None, at_ms: int | None = None) -> PastTrialView:
        """Give the trial balance of the first `size` leaves, or of those up to a time, or of all.

        Args:
            size: How many leaves count.
            at_ms: The time of the last that counts; read where no size is given.

        Raises:
            RemoteProtocolError: `out_of_range` for a size that the ledger hasn't got.
            StorageError: The books contradict themselves.
        """
        async with self._database.read() as connection:
            feed = await self._feed(connection)
            known = 0 if feed is None else feed.size
            if size is not None and not 0 <= size <= known:
                raise RemoteProtocolError(Code.OUT_OF_RANGE, f"the ledger has {known} entries, not {size}")
            size = known if size is None else size
            if feed is not None and at_ms is not None:
                size = await store.leaves_until(connection, feed.sequence, size=size, time_ms=at_ms)
            rows = await store.turnovers(connection, size=size)
            root = b"" if feed is None else await root_at(connection, feed.sequence, size)
            time_ms = (await store.leaf_at(connection, feed.sequence, size - 1)).time_ms if feed and size else None
        for row in rows:
            if row.credits - row.debits != row.balance:
                raise StorageError(f"the entries of account {row.number} don't add up: run `mutirao verify data`")
        units = {
            unit: await self._names.unit(unit) for unit in sorted({row.unit for row in rows} | {self._ledger.unit})
        }
        agents = await self._names.agents(sorted({row.agent for row in rows}))
        return PastTrialView(
            size=size,
            root=root.hex(),
            time_ms=time_ms,
            units=list(units.values()),
            accounts=[_past(row, agents[row.agent], units[row.unit]) for row in rows],
            sums=[_sum(view, [row.balance for row in rows if row.unit == unit]) for unit, view in units.items()],
            turnover=[_sum(view, [row.debits for row in rows if row.unit == unit]) for unit, view in units.items()],
        )

    async def period(
        self, agent: bytes, *, unit: str | None = None, from_ms: int | None = None, until_ms: int | None = None
    ) -> PeriodView:
        """Give what an account had, received, gave and had then, from one time to another.

        Args:
            agent: Whose account, 32 bytes.
            unit: In which unit; the network's own where none is named.
            from_ms: The first time that counts; None for the beginning.
            until_ms: The last time that counts; None for now.

        Raises:
            RemoteProtocolError: `not_found`.
        """
        account = self._ledger.book.account(agent, unit or self._ledger.unit)
        if account is None:
            raise RemoteProtocolError(Code.NOT_FOUND, "there is no such account in this ledger")
        async with self._database.read() as connection:
            feed = await self._feed(connection)
            assert feed is not None, "an account has its opening leaf"
            low, high = await _range(connection, feed, feed.size, Filter(from_ms=from_ms, until_ms=until_ms))
            rows = await store.turnovers(connection, low=low, size=high, accounts=[account.number])
        given, received, closing = (rows[0].debits, rows[0].credits, rows[0].balance) if rows else (0, 0, 0)
        view = await self._names.unit(account.unit)
        return PeriodView(
            number=account.number,
            account=(await self._names.agents([agent]))[agent],
            from_ms=from_ms,
            until_ms=until_ms,
            size=high,
            opening=money(view, closing - received + given),
            received=money(view, received),
            given=money(view, given),
            closing=money(view, closing),
        )

    async def _read(self, window: Window, wanted: Filter) -> tuple[list[MovementView], bool]:
        """Give the movements of a window, and whether there were more than one reading gives.

        Names are read on a connection of their own, after this one was given back: nobody holds two.
        """
        async with self._database.read() as connection:
            rows = await store.movements(connection, window)
            causing = await causes(connection, rows)
        agents = await self._names.agents(sorted({side.agent for row in rows for side in (row.payer, row.payee)}))
        units = {unit: await self._names.unit(unit) for unit in sorted({row.unit for row in rows})}
        is_own = wanted.agent is not None
        views = [view_of(row, causing[row.place], agents, units[row.unit], is_own=is_own) for row in rows]
        return views, len(rows) == window.rows_max

    async def _feed(self, connection: Connection) -> FeedState | None:
        return await self._feeds.find(connection, self._feeds.own(LEDGER))


async def _range(connection: Connection, feed: FeedState, size: int, wanted: Filter) -> tuple[int, int]:
    """Give the first leaf that counts and the first behind it that doesn't, by time."""
    low, high = 0, size
    if wanted.until_ms is not None:
        high = await store.leaves_until(connection, feed.sequence, size=size, time_ms=wanted.until_ms)
    if wanted.from_ms is not None:
        low = await store.leaves_until(connection, feed.sequence, size=high, time_ms=wanted.from_ms - 1)
    return low, high


def _place(cursor: str) -> Place:
    parts = cursor.split(".")
    if len(parts) != 2 or not all(part.isascii() and part.isdecimal() and len(part) <= 16 for part in parts):
        raise RemoteProtocolError(Code.MALFORMED, "the cursor is not one that this ledger gave")
    return Place(int(parts[0]), int(parts[1]))


def _past(row: Turnover, agent: AgentRef, unit: UnitView) -> PastAccountView:
    return PastAccountView(
        number=row.number,
        account=agent,
        kind=row.kind,
        debits=money(unit, row.debits),
        credits=money(unit, row.credits),
        balance=money(unit, row.balance),
    )


def _sum(unit: UnitView, amounts: list[int]) -> MoneyView:
    return money(unit, sum(amounts))
