"""`mutirao status`: is the node well, and does it hear its neighbours?"""

from __future__ import annotations

import click

from cli.amounts import money_text
from cli.connection import connected
from cli.settings import Command, Settings, asynchronous

WAIT_S = 30.0


@click.command(cls=Command)
@click.option("--wait", is_flag=True, help="Wait up to half a minute until the node is ready.")
@asynchronous
async def status(settings: Settings, wait: bool) -> None:
    """Show the network, its feeds, its neighbours and its ledger in a few lines."""
    if wait:
        from cli.client import wait_until_ready

        await wait_until_ready(settings.node, seconds=WAIT_S, is_alive=lambda: True)
    async with connected(settings) as client:
        network = await client.network()
        neighbours = (await client.get("/neighbours"))["neighbours"]
        feeds = (await client.get("/feeds"))["feeds"]
        ledger = await client.get("/ledger")
    own = [feed for feed in feeds if feed["is_own"]]
    sums = ", ".join(money_text(one) for one in ledger.get("sums", [])) or "0"
    lines = [
        f"{network['name']}  {network['url']}  (version {network.get('version') or '?'})",
        network["id"],
        f"{network['members']} members, {network['mapped']} mapped",
        f"{network['offers']} offers, {network['needs']} needs",
        "Feeds: " + ", ".join(f"{feed['name']} {feed['size']}" for feed in own),
        f"Ledger: {ledger['accounts']} accounts, sum {sums}",
        *(
            f"Neighbour: {one['name']} ({one['relation']}) {one['state']}"
            + (f", {one['behind']} entries behind" if one.get("behind") else "")
            for one in neighbours
        ),
    ]
    value = {"network": network, "neighbours": neighbours, "feeds": feeds, "ledger": ledger}
    settings.output.result(value, lines)
