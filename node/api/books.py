"""The ledger over HTTP: as a whole for everybody, accounts for their owners, all accounts for treasurer and auditor.

Source: docs/spec/08-http.md section 5.

Tests: tests/node/api/test_access.py
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from node.api.codes import ApiCode
from node.api.failure import ApiError
from node.api.identifiers import agent_id_of
from node.api.route import Call
from node.services.views import LedgerView, StatementView, TrialBalanceView


class StatementQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which page of an account's movements."""

    cursor: Annotated[str, Meta(max_length=16)] | None = None
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


async def summary(call: Call) -> LedgerView:
    """Give size, root and sums; nobody's balance."""
    return await call.services.ledger.summary()


async def statement(call: Call) -> StatementView:
    """Give an account's balance and movements to its owner, treasurer or auditor."""
    agent = agent_id_of(call.text("agent"))
    if agent != call.member.agent and not call.member.reads_ledger:
        raise ApiError(ApiCode.NOT_YOURS)
    return await call.services.ledger.statement(agent, cursor=call.query.cursor, limit=call.query.limit)


async def trial(call: Call) -> TrialBalanceView:
    """Give every account and the sums, to operator, treasurer or auditor."""
    if not call.member.reads_ledger:
        raise ApiError(ApiCode.NOT_YOURS, "the whole book is for operator, treasurer and auditor")
    return await call.services.ledger.trial_balance()
