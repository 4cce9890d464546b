"""Steps of the trade: an order reaches whom it names, by the direct link or through the region, and is carried out.

Source: issue "The spine".

Tests: tests/cli/demo/test_once.py
"""

from __future__ import annotations

from typing import Any

from cli.client import Client
from cli.demo.checks import Checks
from cli.demo.trade import TRADERS, Trade

BYSTANDER = "costa"


async def order(trade: Trade, checks: Checks) -> None:
    """A member of Serra orders; the order reaches Vila and the region, and nobody else."""
    trade.things["order"] = await _place(trade, "12 kg")
    identifier = trade.things["order"]
    await _known_to_its_networks(trade, checks, identifier, "placed")
    await _known_to_nobody_else(trade, checks, identifier)
    await trade.proven_everywhere(checks, "the order", identifier, home="serra")


async def relay(trade: Trade, checks: Checks) -> None:
    """With the direct link cut, an order and its answer go through the region."""
    federation = trade.federation
    await federation.remove_peer("vila", "serra")
    await federation.remove_peer("serra", "vila")
    for here, there in (("vila", "serra"), ("serra", "vila")):

        async def probe(here: str = here, there: str = there) -> bool:
            return (await federation.neighbours(here)).get(federation.network(there)) != "connected"

        await checks.eventually(f"{here} has no link to {there}", probe)
    identifier = await _place(trade, "3 kg")
    await _known_to_its_networks(trade, checks, identifier, "placed")
    await _known_to_nobody_else(trade, checks, identifier)
    await trade.run_as("padaria", "order", "refuse", identifier, "--note", "Forno em conserto na sexta.")
    await _known_to_its_networks(trade, checks, identifier, "refused")
    await federation.link([("vila", "serra")])
    checks.checked.append("vila and serra are linked again")


async def carry_out(trade: Trade, checks: Checks) -> None:
    """Vila accepts and delivers, Serra receives, and the states agree everywhere."""
    identifier = trade.things["order"]
    for short, command, state in (
        ("padaria", "accept", "accepted"),
        ("padaria", "deliver", "delivered"),
        ("ana", "receive", "received"),
    ):
        await trade.run_as(short, "order", command, identifier)
        views = await _known_to_its_networks(trade, checks, identifier, state)
    quantities = {
        tuple(row[name] for name in ("ordered", "accepted", "delivered", "received"))
        for view in views.values()
        for row in view["rows"]
    }
    checks.that(quantities == {(12000,) * 4}, "12 kg ordered, accepted, delivered and received, on all three")
    await _known_to_nobody_else(trade, checks, identifier)


async def _place(trade: Trade, quantity: str) -> str:
    said = await trade.run_as("ana", "order", "place", trade.things["offer"], quantity)
    return str(said["order"])


async def _known_to_its_networks(
    trade: Trade, checks: Checks, identifier: str, state: str
) -> dict[str, dict[str, Any]]:
    """Check that buyer, seller and region read an order in a state, each at their own node."""
    views: dict[str, dict[str, Any]] = {}

    async def look(who: str, place: str, client: Client) -> None:
        async def probe() -> dict[str, Any] | None:
            view: dict[str, Any] = await client.get(f"/orders/{identifier}")
            return view if view["state"] == state else None

        views[place] = await checks.eventually(f"{who} reads the order as {state} at {place}", probe)

    async with trade.session("ana") as client:
        await look("the buyer", "serra", client)
    async with trade.session("padaria") as client:
        await look("the seller", "vila", client)
    await look("the region", "regiao", trade.federation.client("regiao"))
    return views


async def _known_to_nobody_else(trade: Trade, checks: Checks, identifier: str) -> None:
    """Check that neither a bystander network nor a stranger or another member at a party's node reads an order."""
    bystander = trade.federation.client(BYSTANDER)
    await checks.refused(f"{BYSTANDER} doesn't know the order", lambda: bystander.get(f"/orders/{identifier}"))
    await checks.refused(
        f"{BYSTANDER} doesn't have its record",
        lambda: bystander.get_bytes(f"/api/v1/records/{identifier}/bundle"),
    )
    for place in TRADERS:
        async with Client(trade.federation.nodes[place].url) as stranger:
            await checks.refused(f"a stranger reads no order at {place}", lambda: stranger.get(f"/orders/{identifier}"))
    async with trade.session("rosa") as client:
        await checks.refused("another member of vila doesn't read it", lambda: client.get(f"/orders/{identifier}"))
