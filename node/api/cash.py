"""The cash book and closed periods over HTTP.

Officers and the clerk, who keeps boxes too, read the cash book; every member may know which periods are closed.
Source: docs/spec/08-http.md section 5.

Tests: tests/node/api/test_cash.py
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from node.api.codes import ApiCode
from node.api.failure import ApiError
from node.api.route import Call
from node.services.cash import LINES_MAX
from node.services.cash_views import CashBookView, ClosingsView


class LinesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """Which page of the cash book."""

    cursor: Annotated[str, Meta(max_length=16)] | None = None
    limit: Annotated[int, Meta(ge=1, le=LINES_MAX)] = 100


async def lines(call: Call) -> CashBookView:
    """Give boxes and lines to operator, treasurer, auditor and clerk."""
    if not call.member.reads_ledger and "clerk" not in call.member.roles:
        raise ApiError(ApiCode.NOT_YOURS, "the cash book is for operator, treasurer, auditor and clerk")
    return await call.services.cash.read(cursor=call.query.cursor, limit=call.query.limit)


async def closings(call: Call) -> ClosingsView:
    """Give the closings to every member."""
    return await call.services.cash.closings()
