"""`mutirao dues`, `mutirao levy` and `mutirao circulation`: what members pay under a rule, previewed and then posted.

Nothing is sent before the treasurer has seen who pays what, and has confirmed it.

Tests: tests/cli/commands/test_collect.py
"""

from __future__ import annotations

from typing import Any

import click

from cli.amounts import money_text
from cli.collecting import Chosen, batches, collected
from cli.commands.options import IdentifierType, without_nothing
from cli.connection import desk
from cli.errors import FailedCheckError, UsageProblemError
from cli.output import counted
from cli.settings import Command, Settings, asynchronous
from protocol.identifiers import from_text, to_text

COLUMNS = [("name", "member"), ("base", "of>"), ("amount", "pays>"), ("after", "then>"), ("note", "note")]


def _command(kind: str, help_text: str) -> click.Command:
    """Make the command of one type of posting."""

    @click.command(kind, cls=Command, help=help_text)
    @click.argument("rule", type=IdentifierType("rule"))
    @click.argument("period")
    @click.option("--leave-out-over-limit", is_flag=True, help="Leave out who would be over the limit.")
    @click.option("--leave-out", multiple=True, type=IdentifierType("agent"), help="Leave out this member, too.")
    @click.option("--text", help="What members read beside the amount; the rule's title if not given.")
    @click.option("--yes", is_flag=True, help="Post without asking.")
    @asynchronous
    async def collect(
        settings: Settings,
        *,
        rule: str,
        period: str,
        leave_out_over_limit: bool,
        leave_out: tuple[str, ...],
        text: str | None,
        yes: bool,
    ) -> None:
        async with desk(settings) as at:
            await at.log_in()
            preview = await at.client.get(f"/ledger/rules/{rule}/due", period=period)
            if preview["rule"]["type"] != kind:
                raise UsageProblemError(
                    f"This is a rule about {preview['rule']['type']}.", next_step=f"mutirao {preview['rule']['type']}"
                )
            chosen = collected(preview, left_out=leave_out, leave_out_over_limit=leave_out_over_limit)
            total = money_text({**preview["payee_room"], "amount": chosen.total})
            _show(settings, chosen, total)
            _check(chosen, preview)
            if not yes and not _is_confirmed(settings, chosen, total):
                settings.output.result(_answer(chosen, preview, sent=[]), "Nothing was sent.")
                return
            sent = []
            for lines in batches(chosen.lines):
                body = {
                    "type": kind,
                    "rule": from_text(rule)[1],
                    "period": period,
                    "lines": lines,
                    "text": text or preview["rule"]["title"],
                }
                record = at.author.make("posting", without_nothing(body))
                await at.client.submit_one(record)
                sent.append(to_text("posting", record.id))
        paying = counted(len(chosen.lines), "member")
        settings.output.result(_answer(chosen, preview, sent=sent), f"Posted: {paying}, {total} for {period}.")

    return collect


def _show(settings: Settings, chosen: Chosen, total: str) -> None:
    """Show who pays what; in JSON it is part of the answer."""
    if settings.output.json_wanted:
        return
    settings.output.table(chosen.rows, COLUMNS, empty="Nobody pays anything under this rule.")
    settings.output.note(f"{counted(len(chosen.lines), 'member')} would pay {total}.")


def _check(chosen: Chosen, preview: dict[str, Any]) -> None:
    """Stop where the ledger would refuse the batch.

    Raises:
        FailedCheckError: somebody would be over the limit, or the account that receives it.
    """
    if chosen.over:
        names = ", ".join(str(view["account"]["name"]) for view in chosen.over[:5])
        raise FailedCheckError(
            f"{counted(len(chosen.over), 'member')} would be over the limit: {names}. Nothing was sent.",
            code="over_limit",
            next_step="Add --leave-out-over-limit to take the others' part, and speak with these.",
            details={"over_limit": [view["account"]["id"] for view in chosen.over]},
        )
    if chosen.total > preview["payee_room"]["amount"]:
        raise FailedCheckError(
            f"The receiving account can take {money_text(preview['payee_room'])} only. Nothing was sent.",
            code="credit_limit",
            next_step="Let its upper limit be raised first: mutirao ledger account",
        )


def _is_confirmed(settings: Settings, chosen: Chosen, total: str) -> bool:
    """Ask; a program that reads JSON says --yes instead."""
    if not chosen.lines or settings.output.json_wanted:
        return False
    return click.confirm(f"Post {total} of {counted(len(chosen.lines), 'member')}?", default=False, err=True)


def _answer(chosen: Chosen, preview: dict[str, Any], *, sent: list[str]) -> dict[str, Any]:
    return {
        "rule": preview["rule"]["id"],
        "period": preview["period"],
        "members": len(chosen.lines),
        "total": chosen.total,
        "rows": chosen.rows,
        "postings": sent,
    }


dues = _command("dues", "Take the dues of RULE for PERIOD (such as 2027-03) of every member, after a preview.")
levy = _command("levy", "Take the levy of RULE on what members traded in the month PERIOD, after a preview.")
circulation = _command("circulation", "Take the contribution of RULE on what stands on accounts, after a preview.")
