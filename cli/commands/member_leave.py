"""`mutirao member leave`: what is still open when somebody goes, and the end of account and membership.

Tests: tests/cli/commands/test_member_leave.py
"""

from __future__ import annotations

from typing import Any

import click

from cli.commands.options import IdentifierType
from cli.connection import Desk, as_network, desk
from cli.errors import RefusedError, UsageProblemError
from cli.settings import Command, Settings, asynchronous
from protocol.identifiers import from_text


@click.command("leave", cls=Command)
@click.argument("agent", metavar="MEMBER", type=IdentifierType("agent"))
@click.option("--close", is_flag=True, help="Close account and membership when nothing is open.")
@click.option("--reason", help="With --close: why, for the books, such as the minutes.")
@click.option("--died", "has_died", is_flag=True, help="The member has died: say what others do in their place.")
@asynchronous
async def leave(settings: Settings, agent: str, *, close: bool, reason: str | None, has_died: bool) -> None:
    """Say in plain words what is still open with MEMBER, who leaves or has died, and what to do next.

    With --close it ends account and membership once nothing is: signed with the network's record key.
    The books stay as they are.
    """
    from cli.leaving import published, what_is_open

    if close and not reason:
        raise UsageProblemError("Why the membership ends isn't said.", next_step="Give --reason, such as the minutes.")
    async with desk(settings) as at:
        as_network(at.author.signer, at.author.home)
        await at.log_in()
        found, balance = await what_is_open(at.client, agent, has_died=has_died)
        notes = await published(at.client, agent)
        rows = [{"what": each.what, "next_step": each.next_step} for each in found]
        if found and close:
            raise RefusedError(
                f"{len(found)} things are still open: {found[0].what}",
                code="still_open",
                next_step=found[0].next_step,
                details={"open": rows},
            )
        if close:
            await _close(at, agent, balance, reason or "")
    answer = {"agent": agent, "open": rows, "closed": close, "notes": [each.what for each in notes]}
    lines = [line for each in (*found, *notes) for line in (f"- {each.what}", f"  {each.next_step}")]
    settings.output.result(answer, [*lines, _verdict(is_open=bool(found), closed=close, agent=agent)])


async def _close(at: Desk, agent: str, balance: dict[str, Any] | None, reason: str) -> None:
    """Close the account, then the membership; what is closed already stays so, so that it can be done again."""
    network, member = as_network(at.author.signer, at.author.home), from_text(agent)[1]
    if balance is not None and balance["state"] != "closed":
        await at.client.submit_one(network.make("account", {"account": member, "action": "close", "reason": reason}))
    held = (await at.client.get(f"/agents/{agent}")).get("membership")
    if held is not None:
        body = {"agent": member, "roles": [], "state": "ended"}
        thing, previous = from_text(held["thing"])[1], from_text(held["previous"])[1]
        await at.client.submit_one(network.make("membership", body, thing=thing, previous=previous))


def _verdict(*, is_open: bool, closed: bool, agent: str) -> str:
    if closed:
        return "Account and membership are closed; the books stay."
    if is_open:
        return "Then ask again."
    return f"Nothing is open. To end account and membership: mutirao member leave {agent} --close --reason WHY"
