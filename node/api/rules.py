"""The assembly's rules over HTTP: members read them, officers see who would pay what.

Source: docs/spec/08-http.md; docs/reference/http-api.md.

Tests: tests/node/api/test_rules.py
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from node.api.codes import ApiCode
from node.api.failure import ApiError
from node.api.identifiers import record_id_of
from node.api.route import Call
from node.services.rule_views import DuesView, RulesView


class DuesQuery(Struct, frozen=True, forbid_unknown_fields=True):
    """For which period."""

    period: Annotated[str, Meta(min_length=1, max_length=40)]


async def rules(call: Call) -> RulesView:
    """Give the rules in force, to every member."""
    return await call.services.dues.rules()


async def due(call: Call) -> DuesView:
    """Give who would pay what under a rule, to operator, treasurer or auditor."""
    if not call.member.reads_ledger:
        raise ApiError(ApiCode.NOT_YOURS, "who pays what is for operator, treasurer and auditor")
    return await call.services.dues.preview(record_id_of(call.text("id")), call.query.period)
