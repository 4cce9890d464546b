"""`mutirao peer`: the neighbour networks that a node keeps a link to."""

from __future__ import annotations

import click

from cli.commands.options import ADDRESS
from cli.connection import connected, desk
from cli.errors import RefusedError
from cli.settings import Group, Settings, asynchronous
from protocol.identifiers import to_text

RELATIONS = ("neighbour", "region", "member")


@click.group(cls=Group)
def peer() -> None:
    """The neighbour networks of a node; for its operator."""


@peer.command("add")
@click.argument("url", type=ADDRESS)
@click.option("--relation", type=click.Choice(RELATIONS), default="neighbour", show_default=True)
@asynchronous
async def add(settings: Settings, url: str, relation: str) -> None:
    """Keep a link to the network whose node answers at URL, and follow it.

    Both sides add each other: a node speaks with invited networks only.
    """
    from cli.client import Client

    async with Client(url) as other:
        view = await other.network()
    async with desk(settings) as at:
        await at.log_in()
        answer = await at.client.post(
            "/peers", {"url": url, "network": view["id"], "relation": relation, "name": view["name"]}
        )
    settings.output.result(answer, f"{view['name']} is a {relation} now: {view['id']}")


@peer.command("list")
@asynchronous
async def list_peers(settings: Settings) -> None:
    """List the neighbours, and how well the node hears each."""
    async with connected(settings) as client:
        views = (await client.get("/neighbours"))["neighbours"]
    settings.output.table(
        views,
        [
            ("name", "network"),
            ("relation", "relation"),
            ("state", "state"),
            ("behind", "behind>"),
            ("url", "address"),
            ("network_id", "id"),
        ],
        empty="This node has no neighbour yet; add one with `mutirao peer add URL`.",
    )


@peer.command("remove")
@click.argument("network")
@asynchronous
async def remove(settings: Settings, network: str) -> None:
    """End the link to NETWORK, an id or an address; what was followed stays."""
    async with desk(settings) as at:
        await at.log_in()
        views = (await at.client.get("/neighbours"))["neighbours"]
        wanted = network.rstrip("/")
        found = [view for view in views if wanted in {view["network_id"], view["url"].rstrip("/"), view["name"]}]
        if not found:
            raise RefusedError(
                f"This node has no neighbour {network}.",
                code="not_found",
                next_step="Copy the address or the id from `mutirao peer list`.",
            )
        identifier = found[0]["network_id"]
        await at.client.delete(f"/peers/{identifier}")
        home = to_text("agent", at.author.home)
    settings.output.result({"network": home, "removed": identifier}, f"The link to {identifier} has ended.")
