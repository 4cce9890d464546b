"""Steps of the trade: members enrol, a need is stated, an offer answers it, a seal comes and goes.

Source: issue "The spine".

Tests: tests/cli/demo/test_once.py
"""

from __future__ import annotations

import asyncio
import base64
from typing import Any

from cli.client import Client
from cli.demo.checks import Checks
from cli.demo.trade import TRADERS, Trade
from protocol.identifiers import to_text

MEMBERS = (
    ("vila", "maria", "Maria das Dores", ("--limit-low=-300,00", "--limit-high", "900,00")),
    ("vila", "rosa", "Rosa Lima", ("--limit-low=-300,00", "--limit-high", "900,00")),
    ("vila", "comissao", "Comissão do Selo", ("--type", "commission", "--role", "member", "--role", "commission")),
    ("serra", "ana", "Ana Weber", ()),
)


async def enrol(trade: Trade, checks: Checks) -> None:
    """Members enrol with keys that the command makes and no node holds."""
    federation = trade.federation
    await _bakery(trade)
    gate = asyncio.Semaphore(2)

    async def add(place: str, short: str, name: str, options: tuple[str, ...]) -> None:
        path = trade.key_file(place, short)
        async with gate:
            await federation.run(
                "member", "add", name, "--key-out", str(path), *options, *federation.as_operator(place)
            )

    async with asyncio.TaskGroup() as group:
        for place, short, name, options in MEMBERS:
            group.create_task(add(place, short, name, options))
    for place, short, _, _ in MEMBERS:
        trade.take_in(place, short)
    for member in trade.members.values():
        identifier = to_text("agent", member.agent)
        await trade.everywhere(checks, f"{member.name}", f"/agents/{identifier}")
    checks.that(_held_by_no_node(trade), "no file of any node holds a member's secret key")


async def _bakery(trade: Trade) -> None:
    """Enrol the bakery on a request: it makes its keys itself, and the operator never sees them."""
    federation = trade.federation
    path = trade.key_file("vila", "padaria")
    url = federation.nodes["vila"].url
    await federation.run("key", "new", str(path), "--name", "Padaria Pão da Gente", "--no-passphrase")
    asked = await federation.run("key", "agent", str(path), "--type", "enterprise", "--node", url, "--no-passphrase")
    request = str(asked["request"])
    await federation.run("member", "add", "Padaria Pão da Gente", "--request", request, *federation.as_operator("vila"))
    trade.take_in("vila", "padaria")
    await trade.run_as("padaria", "member", "profile", "Padaria Pão da Gente", "--city", "São Leopoldo")


def _held_by_no_node(trade: Trade) -> bool:
    """Search every file of every node for the members' secret keys, as they are and as base64."""
    secrets = []
    for member in trade.members.values():
        for seed in (member.signer.sign_seed, member.signer.seal_seed):
            if seed is not None:
                secrets += [seed, base64.b64encode(seed).rstrip(b"="), seed.hex().encode()]
    files = [path for node in trade.federation.nodes.values() for path in node.directory.rglob("*") if path.is_file()]
    return bool(files) and not any(secret in path.read_bytes() for path in files for secret in secrets)


async def need(trade: Trade, checks: Checks) -> None:
    """Serra states a need, and all three hold it."""
    said = await trade.run_as(
        "ana", "need", "add", "Pão para a merenda da escola", "--category", "bread", "--quantity", "12 kg",
        "--price", "11,00 BRL", "--firmness", "recurring",
    )  # fmt: skip
    trade.things["need"] = str(said["need"])
    await trade.everywhere(
        checks, "the need", f"/needs/{said['need']}", title="Pão para a merenda da escola", quantity=12000
    )
    await trade.proven_everywhere(checks, "the need", str(said["need"]), home="serra")
    await trade.same_root(checks, "serra", "catalog")


async def offer(trade: Trade, checks: Checks) -> None:
    """Vila's bakery answers with an offer, and all three hold both."""
    said = await trade.run_as(
        "padaria", "offer", "add", "Pão caseiro de forma", "--category", "bread", "--quantity", "30 kg",
        "--price", "9,00 BRL", "--price", "2,00 credits", "--answers", trade.things["need"],
    )  # fmt: skip
    identifier = str(said["offer"])
    trade.things["offer"] = identifier
    views = await trade.everywhere(checks, "the offer", f"/offers/{identifier}", title="Pão caseiro de forma")
    prices = [[(part["unit"], part["amount"]) for part in view["price"]["parts"]] for view in views.values()]
    checks.that(
        all(sorted(price) == sorted([("BRL", 900), (trade.network_text("vila"), 200)]) for price in prices),
        "all three show the price of 9,00 BRL and 2,00 of Vila's credit",
    )
    for place in TRADERS:
        client = trade.federation.client(place)

        async def probe(client: Client = client) -> bool:
            view = await client.get(f"/needs/{trade.things['need']}")
            return identifier in {one["id"] for one in view["answered_by"]}

        await checks.eventually(f"{place} shows the offer as an answer to the need", probe)
    await trade.proven_everywhere(checks, "the offer", identifier, home="vila")
    await trade.same_root(checks, "vila", "catalog")
    await trade.same_root(checks, "vila", "trust")


async def seal(trade: Trade, checks: Checks) -> None:
    """A seal commission attests the bakery's product, and all show it; the revocation follows."""
    said = await trade.run_as(
        "comissao", "seal", "create", "Feito Aqui", "--about", "Feito na vila, por quem diz que fez.",
        "--criterion", "Receita à vista", "--criterion", "Renda repartida", "--quorum", "2", "--months", "6",
    )  # fmt: skip
    seal_id, subject = str(said["seal"]), trade.things["offer"]
    visits = []
    for short in ("maria", "rosa"):
        visit = await trade.run_as(short, "attest", "visit", seal_id, subject, "pass", "--note", "Visto no forno.")
        visits += ["--visit", str(visit["attestation"])]
    award = await trade.run_as("comissao", "attest", "award", seal_id, subject, *visits)
    await _seal_stands(trade, checks, seal_id, "valid")
    await trade.proven_everywhere(checks, "the award", str(award["attestation"]), home="vila")
    note = "A receita mudou."
    await trade.run_as("comissao", "attest", "revoke", seal_id, subject, str(award["attestation"]), "--note", note)
    await _seal_stands(trade, checks, seal_id, "revoked")
    trade.things["seal"] = seal_id


async def _seal_stands(trade: Trade, checks: Checks, seal_id: str, state: str) -> None:
    """Check on all three nodes how a seal stands, on its own page and on the offer's."""
    subject = trade.things["offer"]
    for place in TRADERS:
        client = trade.federation.client(place)

        async def on_seal(client: Client = client) -> bool:
            view: dict[str, Any] = await client.get(f"/seals/{seal_id}")
            return any(one["subject"]["id"] == subject and one["state"] == state for one in view["subjects"])

        async def on_offer(client: Client = client) -> bool:
            view: dict[str, Any] = await client.get(f"/offers/{subject}")
            states = [one["state"] for one in view["seals"] if one["id"] == seal_id]
            return state in states or (state == "revoked" and "valid" not in states)

        await checks.eventually(f"{place} shows the seal as {state}", on_seal)
        await checks.eventually(f"{place} shows it on the offer", on_offer)
