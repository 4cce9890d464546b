"""`mutirao ledger account`: open an account, change how far it may go, close it.

Tests: tests/cli/commands/test_collect.py
"""

from __future__ import annotations

from typing import Any

import click

from cli.commands.options import IdentifierType, without_nothing
from cli.connection import desk
from cli.errors import UsageProblemError
from cli.minutes import signed_amount
from cli.settings import Command, Settings, asynchronous
from protocol.identifiers import from_text, to_text
from protocol.kinds.ledger import AccountAction, AccountKind
from protocol.ledger.accounts import KINDS_IN_USE

KINDS = [str(kind) for kind in AccountKind if kind in KINDS_IN_USE]


@click.command("account", cls=Command)
@click.argument("agent", type=IdentifierType("agent"))
@click.argument("action", type=click.Choice([str(action) for action in AccountAction]))
@click.option("--low", help="How far below zero, such as -300.")
@click.option("--high", help="How far above zero.")
@click.option("--soft-low", help="Below this its owner is warned.")
@click.option("--soft-high", help="Above this its owner is warned.")
@click.option("--policy", help="Take the limits of this row of the assembly's rule, such as person.")
@click.option("--step", type=click.IntRange(0, 9), help="Which step of that row.")
@click.option("--kind", type=click.Choice(KINDS), help="What it is for, when it is opened; member if not given.")
@click.option("--reason", required=True, help="Why, for the books: the assembly's minutes.")
@asynchronous
async def account(  # noqa: PLR0913 - one argument an option
    settings: Settings,
    *,
    agent: str,
    action: str,
    low: str | None,
    high: str | None,
    soft_low: str | None,
    soft_high: str | None,
    policy: str | None,
    step: int | None,
    kind: str | None,
    reason: str,
) -> None:
    """Open AGENT's account, change its limits or close it, signed by a treasurer or with the network's record key.

    Limits are given, or taken from the assembly's rule with --policy. What goes further than the rule about
    signatures allows waits for a second officer.
    """
    if action != AccountAction.CLOSE and policy is None and (low is None or high is None):
        raise UsageProblemError(
            "How far the account may go is missing.", next_step="Give --low and --high, or --policy person."
        )
    limits = {"limit_low": low, "limit_high": high, "soft_low": soft_low, "soft_high": soft_high}
    async with desk(settings) as at:
        body: dict[str, Any] = {
            "account": from_text(agent)[1],
            "action": action,
            "policy": policy,
            "step": step,
            "type": kind,
            "reason": reason,
            **{name: None if text is None else signed_amount(text, at.credit) for name, text in limits.items()},
        }
        record = at.author.make("account", without_nothing(body))
        outcome = await at.client.submit_one(record)
        await at.log_in()
        waiting = (await at.client.get("/ledger/items", kind="act", state="proposed", limit=500))["items"]
    identifier = to_text("account", record.id)
    waits = identifier in {view["id"] for view in waiting}
    said = (
        f"It waits for a second officer: mutirao consent give {identifier}"
        if waits
        else f"The account of {agent}: done."
    )
    settings.output.result(
        {"agent": agent, "account": identifier, "state": "proposed" if waits else "done", **outcome.answer}, said
    )
