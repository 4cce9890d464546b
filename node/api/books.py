"""The ledger over HTTP: as a whole for everybody, accounts for their owners, all accounts for treasurer and auditor.

Source: docs/spec/08-http.md section 5.

Tests: tests/node/api/test_books.py
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from node.api.codes import ApiCode
from node.api.failure import ApiError
from node.api.identifiers import agent_id_of
from node.api.route import Call
from node.services.book_views import MovementPage, PastTrialView, PeriodView, StatisticsView
from node.services.books import PAGE_MAX
from node.services.ledger_views import ItemsView
from node.services.movements import Filter
from node.services.views import LedgerView, StatementView, TrialBalanceView
from protocol.units import INTEGER_MAX


class StatementQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which page of an account's movements."""

    cursor: Annotated[str, Meta(max_length=16)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


Time = Annotated[int, Meta(ge=0, le=INTEGER_MAX)]
"""Milliseconds since 1970 UTC."""

Amount = Annotated[int, Meta(ge=1, le=INTEGER_MAX)]
"""Minor units."""

UnitName = Annotated[str, Meta(min_length=1, max_length=80)]
"""A unit as the ledger names it."""


class TransactionsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which movements: of whom, when (both ends count), how caused, with which words, how large, up to which size."""

    agent: Annotated[str, Meta(max_length=80)] | None = None
    unit: UnitName | None = None
    from_ms: Time | None = None
    until_ms: Time | None = None
    kind: Annotated[str, Meta(min_length=1, max_length=32)] | None = None
    text: Annotated[str, Meta(min_length=1, max_length=100)] | None = None
    amount_low: Amount | None = None
    amount_high: Amount | None = None
    size: Time | None = None
    cursor: Annotated[str, Meta(max_length=33)] | None = None
    limit: Annotated[int, Meta(ge=1, le=PAGE_MAX)] = 100


class PastTrialQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """The first `size` entries of the ledger, or those up to a time, or all."""

    size: Time | None = None
    at_ms: Time | None = None


class PeriodQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """From when to when (both ends count), and in which unit."""

    unit: UnitName | None = None
    from_ms: Time | None = None
    until_ms: Time | None = None


class StatisticsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """In which unit; the network's own where none is named."""

    unit: UnitName | None = None


async def summary(call: Call) -> LedgerView:
    """Give size, root and sums; nobody's balance."""
    return await call.services.ledger.summary()


async def statement(call: Call) -> StatementView:
    """Give an account's balance and movements to its owner, treasurer or auditor."""
    agent = _readable(call, call.text("agent"))
    return await call.services.ledger.statement(agent, cursor=call.query.cursor, limit=call.query.limit)


class ItemsQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which items."""

    agent: Annotated[str, Meta(max_length=80)] | None = None
    kind: Annotated[str, Meta(max_length=32)] | None = None
    state: Annotated[str, Meta(max_length=32)] | None = None
    limit: Annotated[int, Meta(ge=1, le=500)] = 100


async def items(call: Call) -> ItemsView:
    """Give items: a member's own, or anybody's to operator, treasurer and auditor."""
    query = call.query
    agent = None if query.agent is None else agent_id_of(query.agent)
    if not call.member.reads_ledger:
        if agent not in {None, call.member.agent}:
            raise ApiError(ApiCode.NOT_YOURS)
        agent = call.member.agent
    found = await call.services.ledger.items(agent=agent, kind=query.kind, state=query.state, limit=query.limit)
    return ItemsView(items=found)


async def trial(call: Call) -> TrialBalanceView:
    """Give every account and the sums, to operator, treasurer or auditor."""
    _officer(call)
    return await call.services.ledger.trial_balance()


async def transactions(call: Call) -> MovementPage:
    """Give movements by filter: all of them to operator, treasurer and auditor, their own to members."""
    query: TransactionsQuery = call.query
    agent = None if query.agent is None else _readable(call, query.agent)
    if agent is None and not call.member.reads_ledger:
        agent = call.member.agent
    wanted = Filter(
        agent=agent,
        unit=query.unit,
        from_ms=query.from_ms,
        until_ms=query.until_ms,
        kind=query.kind,
        text=query.text,
        amount_low=query.amount_low or 0,
        amount_high=query.amount_high or INTEGER_MAX,
        size=query.size,
    )
    return await call.services.books.movements(wanted, cursor=query.cursor, limit=query.limit)


async def past_trial(call: Call) -> PastTrialView:
    """Give every account as it stood, and the sums, to operator, treasurer or auditor."""
    _officer(call)
    return await call.services.books.trial(size=call.query.size, at_ms=call.query.at_ms)


async def period(call: Call) -> PeriodView:
    """Give what an account had, received and gave in a time, to its owner, operator, treasurer or auditor."""
    agent = _readable(call, call.text("agent"))
    query: PeriodQuery = call.query
    return await call.services.books.period(agent, unit=query.unit, from_ms=query.from_ms, until_ms=query.until_ms)


async def statistics(call: Call) -> StatisticsView:
    """Give how credit flows and who is stuck at a limit, to operator, treasurer or auditor."""
    _officer(call)
    return await call.services.books.statistics.read(call.query.unit)


def _readable(call: Call, text: str) -> bytes:
    """Read the id of an agent whose account the caller may see.

    Raises:
        ApiError: BAD_IDENTIFIER, NOT_YOURS.
    """
    agent = agent_id_of(text)
    if agent != call.member.agent and not call.member.reads_ledger:
        raise ApiError(ApiCode.NOT_YOURS)
    return agent


def _officer(call: Call) -> None:
    if not call.member.reads_ledger:
        raise ApiError(ApiCode.NOT_YOURS, "the whole book is for operator, treasurer and auditor")
