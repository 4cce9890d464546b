"""What machines ask of a node: is it well, who is it, what does it count.

Source: docs/spec/08-http.md section 7; NodeInfo 2.1; the Prometheus text format.

Tests: tests/node/api/test_access.py
"""

from __future__ import annotations

from typing import Any

from aiohttp import web

from node.api.route import Call
from node.api.schemas import Done, WellKnown
from node.services.catalogue import program_version
from protocol.identifiers import to_text

SOFTWARE = "mutirao"


async def health(_call: Call) -> Done:
    """Say that the process answers."""
    return Done()


async def ready(call: Call) -> Done:
    """Say that the node can read its database."""
    await call.services.catalogue.network()
    return Done()


async def well_known(call: Call) -> WellKnown:
    """Say who is here and where the interfaces are."""
    view = await call.services.catalogue.network()
    url = call.services.config.url
    return WellKnown(
        network=to_text("agent", call.services.home),
        name=view.name,
        url=url,
        api=f"{url}/api/v1",
        gossip=f"{url}/gossip",
        software=SOFTWARE,
        version=program_version(),
    )


async def nodeinfo_links(call: Call) -> web.Response:
    """Point to the NodeInfo document."""
    link = {
        "rel": "http://nodeinfo.diaspora.software/ns/schema/2.1",
        "href": f"{call.services.config.url}/nodeinfo/2.1",
    }
    return web.json_response({"links": [link]})


async def nodeinfo(call: Call) -> web.Response:
    """Give the NodeInfo document; its closed list of protocols has no place for ours, so that stands in metadata."""
    view = await call.services.catalogue.network()
    document: dict[str, Any] = {
        "version": "2.1",
        "software": {"name": SOFTWARE, "version": program_version()},
        "protocols": [],
        "services": {"inbound": [], "outbound": ["atom1.0"]},
        "openRegistrations": False,
        "usage": {"users": {"total": view.members}, "localPosts": view.offers + view.needs},
        "metadata": {"protocols": ["mutirao"], "nodeName": view.name},
    }
    return web.json_response(document)


async def metrics(call: Call) -> web.Response:
    """Give counts in the Prometheus text format."""
    services = call.services
    network = await services.catalogue.network()
    ledger = await services.ledger.summary()
    neighbours = await services.catalogue.neighbours()
    lines = [
        *_gauge("mutirao_members", "Members of the network.", {"": network.members}),
        *_gauge("mutirao_offers", "Offers that are valid now.", {"": network.offers}),
        *_gauge("mutirao_needs", "Needs that are valid now.", {"": network.needs}),
        *_gauge("mutirao_accounts", "Accounts of the ledger.", {"": ledger.accounts}),
        *_gauge("mutirao_transfers", "Transfers posted.", {"": ledger.transfers}),
        *_gauge("mutirao_ledger_leaves", "Leaves of the ledger.", {"": ledger.size}),
        *_gauge(
            "mutirao_neighbour_connected",
            "1 where the link to a neighbour is up.",
            {f'{{network="{view.network_id}"}}': int(view.state == "connected") for view in neighbours},
        ),
        *_gauge(
            "mutirao_neighbour_behind",
            "Entries that a neighbour has and this node hasn't.",
            {f'{{network="{view.network_id}"}}': view.behind for view in neighbours},
        ),
    ]
    return web.Response(text="\n".join(lines) + "\n", content_type="text/plain", charset="utf-8")


def _gauge(name: str, says: str, values: dict[str, int]) -> list[str]:
    return [f"# HELP {name} {says}", f"# TYPE {name} gauge", *(f"{name}{tag} {value}" for tag, value in values.items())]
