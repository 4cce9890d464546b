"""`mutirao member roles`: give and take what a member may do in the network.

Tests: tests/cli/commands/test_member_roles.py
"""

from __future__ import annotations

import click

from cli.commands.options import IdentifierType
from cli.connection import as_network, connected, load_signer
from cli.errors import RefusedError, UsageProblemError
from cli.settings import Command, Settings, asynchronous
from protocol.identifiers import from_text

ROLES = ("member", "operator", "treasurer", "clerk", "auditor", "assisted", "commission")


@click.command("roles", cls=Command)
@click.argument("agent", type=IdentifierType("agent"))
@click.option("--add", "added", multiple=True, type=click.Choice(ROLES), help="Give this role; may be repeated.")
@click.option("--remove", "removed", multiple=True, type=click.Choice(ROLES), help="Take it; may be repeated.")
@asynchronous
async def roles(settings: Settings, agent: str, *, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Give or take roles of AGENT, a member; signed with the network's record key.

    Without --add and --remove it shows the roles. Treasurer and auditor should be different people: what only both
    together may do, one person could do alone otherwise.
    """
    async with connected(settings) as client:
        view = await client.get(f"/agents/{agent}")
        before = [role for role in ROLES if role in view.get("roles", [])]
        after = [role for role in ROLES if (role in before or role in added) and role not in removed]
        name = view["ref"]["name"]
        if added or removed:
            held = view.get("membership")
            if held is None:
                raise RefusedError(
                    f"{name} is no member of this network.", code="not_admitted", next_step="Enrol them first."
                )
            if not after:
                raise UsageProblemError(
                    "A member has at least one role.", next_step="Leave the role member, or end the membership."
                )
            if after != before:
                network = as_network(load_signer(settings), await client.network_id())
                body = {"agent": from_text(agent)[1], "roles": after, "state": "active"}
                thing, previous = from_text(held["thing"])[1], from_text(held["previous"])[1]
                await client.submit_one(network.make("membership", body, thing=thing, previous=previous))
    said = ", ".join(after if added or removed else before) or "none"
    settings.output.result({"agent": agent, "roles": after, "before": before}, f"{name}: {said}")
