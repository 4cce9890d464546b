"""Postings of many lines: which lines follow from a preview, in batches that fit in a record.

Source: docs/spec/04-ledger.md L-79 and L-80; docs/operating/treasurer.md.

Tests: tests/cli/commands/test_collect.py

>>> [len(batch) for batch in batches(list(range(7)), 3)]
[3, 3, 1]
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cli.amounts import money_text
from protocol.identifiers import from_text
from protocol.limits import POSTING_LINES_MAX

Line = TypeVar("Line")

OVER = "over the limit"
POSTED = "paid before"
LEFT_OUT = "left out"


@dataclass(slots=True)
class Chosen:
    """What a preview comes to.

    Attributes:
        lines: The lines that would be posted.
        over: Those among the wanted ones who would be over their limit.
        total: Minor units of all lines.
        rows: Every member of the preview for a reader, with what happens to them.
    """

    lines: list[dict[str, Any]] = field(default_factory=list)
    over: list[Mapping[str, Any]] = field(default_factory=list)
    total: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)


def collected(preview: Mapping[str, Any], *, left_out: Collection[str], leave_out_over_limit: bool) -> Chosen:
    """Choose from a preview who pays.

    Args:
        preview: as the node gives it.
        left_out: ids of agents who don't pay this time.
        leave_out_over_limit: leave out who would be over the limit, too.
    """
    result = Chosen()
    for view in preview["lines"]:
        account, amount = view["account"], view["amount"]["amount"]
        note = ""
        if view["is_posted"]:
            note = POSTED
        elif account["id"] in left_out:
            note = LEFT_OUT
        elif view["is_over_limit"]:
            note = f"{OVER}, {LEFT_OUT}" if leave_out_over_limit else OVER
            if not leave_out_over_limit:
                result.over.append(view)
        else:
            result.lines.append({"payer": from_text(account["id"])[1], "amount": amount})
            result.total += amount
        result.rows.append(
            {
                "name": account["name"],
                "base": money_text(view["base"]),
                "amount": money_text(view["amount"]),
                "after": money_text(view["balance_after"]),
                "note": note,
                "id": account["id"],
            }
        )
    return result


def batches(lines: Sequence[Line], size: int = POSTING_LINES_MAX) -> Iterable[Sequence[Line]]:
    """Cut lines into batches of at most `size`, in their order."""
    for start in range(0, len(lines), size):
        yield lines[start : start + size]
