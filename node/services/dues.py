"""The assembly's rules for readers, and the preview of dues, levies and contributions: who would pay what.

Nothing is posted here: the treasurer signs the posting that follows from the preview, and the ledger judges it anew.
Source: docs/spec/04-ledger.md L-70 to L-80; docs/operating/treasurer.md.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from node.services.cash_views import MinutesView
from node.services.ledger import Ledger, Names
from node.services.names import money
from node.services.rule_views import DuesView, DueView, LimitRowView, RulesView, RuleView
from node.services.views import AgentRef, UnitView
from node.store import books as book_store
from node.store import dues as store
from node.store import ledger_items
from node.store.database import Connection, Database
from node.store.dues import Traded
from node.store.feeds import FeedStore
from protocol.errors import Code, RemoteProtocolError
from protocol.feeds import LEDGER
from protocol.identifiers import to_text
from protocol.kinds.postings import Rule, RuleType
from protocol.ledger import Account, AccountKind, AccountState, Item
from protocol.ledger.charter import RULE, amount_due, base_of
from protocol.ledger.postings import collection_id

COLLECTING = frozenset({RuleType.DUES, RuleType.LEVY, RuleType.CIRCULATION})
"""Types of rules under which members pay."""

_MONTH = re.compile(r"([0-9]{4})-([0-9]{2})")


class Dues:
    """Reads the rules of one node's ledger, and what follows from them."""

    def __init__(self, database: Database, feeds: FeedStore, ledger: Ledger, names: Names) -> None:
        """Read from a database; rules and balances are those of the ledger as it stands."""
        self._database = database
        self._feeds = feeds
        self._ledger = ledger
        self._names = names

    async def rules(self) -> RulesView:
        """Give the rules in force."""
        items = [item for item in self._ledger.book.items() if item.kind == RULE]
        payees = await self._names.agents(sorted({item.payee for item in items if item.payee is not None}))
        units = {unit: await self._names.unit(unit) for unit in sorted({item.unit for item in items if item.unit})}
        return RulesView(rules=[_rule_view(item, payees, units[item.unit or ""]) for item in items])

    async def preview(self, rule_id: bytes, period: str) -> DuesView:
        """Give who would pay what under a rule for a period, and who has paid or would be over the limit.

        Args:
            rule_id: Of a rule about dues, a levy or a contribution.
            period: What it is for; of a levy a month, `2027-03`, in UTC.

        Raises:
            RemoteProtocolError: `not_found` for a rule that isn't in force or takes nothing, `malformed` for a period
                that is no month where one is needed.
        """
        item = self._ledger.book.item(rule_id)
        if item is None or item.kind != RULE or item.instruction.body.type not in COLLECTING:
            raise RemoteProtocolError(Code.NOT_FOUND, "there is no rule of that id in force under which members pay")
        rule: Rule = item.instruction.body
        assert item.unit is not None, "a rule has its unit"
        assert item.payee is not None, "a rule under which members pay says to whom"
        accounts = [
            account
            for account in self._ledger.book.accounts()
            if account.unit == item.unit
            and account.kind is AccountKind.MEMBER
            and account.state is AccountState.OPEN
            and account.agent != item.payee
        ]
        home = self._feeds.own(LEDGER).network
        ids = {account.agent: collection_id(rule_id, period, account.agent) for account in accounts}
        async with self._database.read() as connection:
            traded = await self._traded(connection, period, item.unit) if rule.type is RuleType.LEVY else {}
            posted = await ledger_items.find(connection, list(ids.values()), ledger=home)
        names = await self._names.agents(sorted({*ids, item.payee}))
        unit = await self._names.unit(item.unit)
        payee = self._ledger.book.account(item.payee, item.unit)
        lines = [
            _line(
                rule,
                account,
                traded.get(account.agent, Traded(0, 0)),
                names,
                unit,
                is_posted=ids[account.agent] in posted,
            )
            for account in accounts
        ]
        return DuesView(
            rule=_rule_view(item, names, unit),
            period=period,
            lines=[line for line in lines if line.amount.amount > 0],
            payee_room=money(unit, 0 if payee is None else payee.room_to_receive),
        )

    async def _traded(self, connection: Connection, period: str, unit: str) -> dict[bytes, Traded]:
        """Give what members traded in a month."""
        from_ms, until_ms = month_ms(period)
        feed = await self._feeds.find(connection, self._feeds.own(LEDGER))
        assert feed is not None, "a rule has its leaf"
        size, sequence = feed.size, feed.sequence
        low = await book_store.leaves_until(connection, sequence, size=size, time_ms=from_ms - 1)
        high = await book_store.leaves_until(connection, sequence, size=size, time_ms=until_ms - 1)
        return await store.traded(connection, low=low, high=high, unit=unit)


def month_ms(period: str) -> tuple[int, int]:
    """Give when a month begins and when the next one does, in milliseconds since 1970.

    Raises:
        RemoteProtocolError: `malformed`: it is no month.

    >>> month_ms("2027-12")
    (1827619200000, 1830297600000)
    """
    match = _MONTH.fullmatch(period)
    year, month = (int(match[1]), int(match[2])) if match else (0, 0)
    if not 1970 <= year <= 9998 or not 1 <= month <= 12:
        raise RemoteProtocolError(Code.MALFORMED, "a levy is counted over a month, such as 2027-03")
    begin = datetime(year, month, 1, tzinfo=UTC)
    end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return int(begin.timestamp()) * 1000, int(end.timestamp()) * 1000


def _line(
    rule: Rule, account: Account, traded: Traded, names: dict[bytes, AgentRef], unit: UnitView, *, is_posted: bool
) -> DueView:
    base = base_of(rule, balance=account.balance, received=traded.received, given=traded.given)
    amount = amount_due(rule, base)
    return DueView(
        account=names[account.agent],
        base=money(unit, base),
        amount=money(unit, amount),
        balance_after=money(unit, account.balance - amount),
        is_over_limit=amount > account.room_to_pay and not is_posted,
        is_posted=is_posted,
    )


def _rule_view(item: Item, names: dict[bytes, AgentRef], unit: UnitView) -> RuleView:
    rule: Rule = item.instruction.body
    minutes = MinutesView(date=rule.minutes.date, number=rule.minutes.number, hash=rule.minutes.hash.hex())
    return RuleView(
        id=to_text(RULE, item.id),
        type=rule.type.value,
        title=rule.title,
        minutes=minutes,
        record=to_text(RULE, item.instruction.id),
        payee=None if rule.payee is None else names[rule.payee],
        amount=None if rule.amount is None else money(unit, rule.amount),
        per_mille=rule.per_mille,
        base=None if rule.base is None else rule.base.value,
        above=None if rule.above is None else money(unit, rule.above),
        rows=[
            LimitRowView(
                policy=row.policy,
                low=money(unit, row.low),
                high=money(unit, row.high),
                soft_low=None if row.soft_low is None else money(unit, row.soft_low),
                soft_high=None if row.soft_high is None else money(unit, row.soft_high),
                step=row.step,
                after_days=row.after_days,
            )
            for row in rule.rows
        ],
        until_ms=rule.until_ms,
    )
