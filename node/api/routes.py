"""The table of all API addresses, and adding them to an application.

Source: docs/spec/08-http.md; docs/reference/http-api.md is made from this table.
"""

from __future__ import annotations

from typing import Any, Final

from aiohttp import web

from node.api import catalogue, feeds, login, openapi, peers, records, schemas, system
from node.api.context import SERVICES
from node.api.errors import api_errors
from node.api.ledger_routes import LEDGER_ROUTES
from node.api.negotiation import MSGPACK_TYPE
from node.api.route import BASE, Access, Call, Route, add_route
from node.services import Services, views
from node.services.catalogue import program_version

JSON: Final = "application/json"


async def document(call: Call) -> web.Response:
    """Give the OpenAPI document."""
    return web.json_response(call.request.app[DOCUMENT])


DOCUMENT: Final[web.AppKey[dict[str, Any]]] = web.AppKey("openapi", dict[str, Any])

ROUTES: Final[tuple[Route, ...]] = (
    Route(
        method="POST",
        path=f"{BASE}/records",
        handler=records.submit,
        name="submit_records",
        summary="Submit 1 to 100 signed records; each gets its own result.",
        answer=schemas.Results,
        body=schemas.Submission,
        reads_body=True,
        tag="records",
    ),
    Route(
        method="GET",
        path=f"{BASE}/records/{{id}}",
        handler=records.read,
        name="read_record",
        summary="Read a record's signed bytes; addressed ones only as a party.",
        answer=schemas.RecordAnswer,
        tag="records",
    ),
    Route(
        method="GET",
        path=f"{BASE}/records/{{id}}/bundle",
        handler=records.bundle,
        name="read_record_bundle",
        summary="Read a record with its inclusion proof, signed head and keys, for checking offline.",
        content_type=MSGPACK_TYPE,
        tag="records",
    ),
    Route(
        method="GET",
        path=f"{BASE}/records/{{id}}/proof",
        handler=records.proof,
        name="read_record_proof",
        summary="Read the proof that a record stands in its feed.",
        answer=schemas.InclusionProof,
        tag="records",
    ),
    Route(
        method="GET",
        path=f"{BASE}/things/{{id}}",
        handler=catalogue.thing,
        name="read_thing",
        summary="Any public thing, with the id of its current record.",
        answer=views.ThingView,
    ),
    Route(
        method="GET",
        path=f"{BASE}/network",
        handler=catalogue.network,
        name="read_network",
        summary="This node's network.",
        answer=views.NetworkView,
    ),
    Route(
        method="GET",
        path=f"{BASE}/offers",
        handler=catalogue.offers,
        name="search_offers",
        summary="Search offers: local first, then near, then cheap.",
        answer=views.ListingPage,
        query=catalogue.SearchQuery,
    ),
    Route(
        method="GET",
        path=f"{BASE}/offers/{{id}}",
        handler=catalogue.offer,
        name="read_offer",
        summary="One offer.",
        answer=views.ListingView,
    ),
    Route(
        method="GET",
        path=f"{BASE}/needs",
        handler=catalogue.needs,
        name="search_needs",
        summary="Search needs: local first, then near.",
        answer=views.ListingPage,
        query=catalogue.SearchQuery,
    ),
    Route(
        method="GET",
        path=f"{BASE}/needs/{{id}}",
        handler=catalogue.need,
        name="read_need",
        summary="One need.",
        answer=views.ListingView,
    ),
    Route(
        method="GET",
        path=f"{BASE}/agents",
        handler=catalogue.agents,
        name="search_agents",
        summary="Search members, enterprises and groups.",
        answer=views.AgentPage,
        query=catalogue.AgentQuery,
    ),
    Route(
        method="GET",
        path=f"{BASE}/agents/{{id}}",
        handler=catalogue.agent,
        name="read_agent",
        summary="One agent with all that it published.",
        answer=views.AgentView,
    ),
    Route(
        method="GET",
        path=f"{BASE}/seals",
        handler=catalogue.seals,
        name="list_seals",
        summary="The seals that are known here.",
        answer=schemas.SealList,
    ),
    Route(
        method="GET",
        path=f"{BASE}/seals/{{id}}",
        handler=catalogue.seal,
        name="read_seal",
        summary="One seal with its attestations.",
        answer=views.SealView,
    ),
    Route(
        method="GET",
        path=f"{BASE}/places",
        handler=catalogue.places,
        name="list_places",
        summary="Pick-up points, fairs, shops and warehouses, the nearest first.",
        answer=schemas.PlaceList,
        query=catalogue.CountQuery,
    ),
    Route(
        method="GET",
        path=f"{BASE}/posts",
        handler=catalogue.posts,
        name="list_posts",
        summary="Stories, guides and messages, the newest first.",
        answer=schemas.PostList,
        query=catalogue.CountQuery,
    ),
    Route(
        method="GET",
        path=f"{BASE}/orders",
        handler=catalogue.orders,
        name="list_orders",
        summary="The reader's orders, newest first; all of them for the operator.",
        answer=views.OrderPage,
        query=catalogue.PageQuery,
        access=Access.SESSION,
        tag="orders",
    ),
    Route(
        method="GET",
        path=f"{BASE}/orders/{{id}}",
        handler=catalogue.order,
        name="read_order",
        summary="One order, for its parties and the operator.",
        answer=views.OrderView,
        access=Access.SESSION,
        tag="orders",
    ),
    Route(
        method="GET",
        path=f"{BASE}/feeds",
        handler=feeds.listing,
        name="list_feeds",
        summary="The feeds that this node holds, with sizes and roots.",
        answer=schemas.FeedList,
        tag="feeds",
    ),
    Route(
        method="GET",
        path=f"{BASE}/feeds/{{network}}/{{name}}",
        handler=feeds.head,
        name="read_feed",
        summary="A feed's newest signed head.",
        answer=schemas.FeedHead,
        tag="feeds",
    ),
    Route(
        method="GET",
        path=f"{BASE}/feeds/{{network}}/{{name}}/checkpoint",
        handler=feeds.checkpoint,
        name="read_checkpoint",
        summary="The signed note alone (C2SP tlog-checkpoint).",
        tag="feeds",
    ),
    Route(
        method="GET",
        path=f"{BASE}/feeds/{{network}}/{{name}}/entries",
        handler=feeds.entries,
        name="list_entries",
        summary="A range of a feed, with the signed head that it folds to; addressed records stay away.",
        answer=schemas.Entries,
        query=feeds.EntriesQuery,
        tag="feeds",
    ),
    Route(
        method="GET",
        path=f"{BASE}/feeds/{{network}}/{{name}}/consistency",
        handler=feeds.consistency,
        name="read_consistency",
        summary="The proof that the newest head extends an older size.",
        answer=schemas.Consistency,
        query=feeds.ConsistencyQuery,
        tag="feeds",
    ),
    *LEDGER_ROUTES,
    Route(
        method="GET",
        path=f"{BASE}/session",
        handler=login.offer,
        name="read_login_offer",
        summary="What a login document has to name.",
        answer=schemas.LoginOffer,
        tag="session",
    ),
    Route(
        method="POST",
        path=f"{BASE}/session",
        handler=login.open_session,
        name="open_session",
        summary="Log in with a signed document.",
        answer=schemas.SessionAnswer,
        body=schemas.LoginBody,
        status=201,
        tag="session",
    ),
    Route(
        method="GET",
        path=f"{BASE}/session/agent",
        handler=login.who,
        name="read_session",
        summary="Whose session this is.",
        answer=schemas.SessionAnswer,
        access=Access.SESSION,
        tag="session",
    ),
    Route(
        method="DELETE",
        path=f"{BASE}/session",
        handler=login.end_session,
        name="end_session",
        summary="Log out.",
        answer=schemas.Done,
        tag="session",
    ),
    Route(
        method="GET",
        path=f"{BASE}/neighbours",
        handler=peers.neighbours,
        name="list_neighbours",
        summary="The neighbour networks and how well they are heard.",
        answer=schemas.Neighbours,
        tag="neighbours",
    ),
    Route(
        method="POST",
        path=f"{BASE}/peers",
        handler=peers.add,
        name="add_peer",
        summary="Keep a link to a neighbour.",
        answer=schemas.PeerAnswer,
        body=schemas.PeerBody,
        access=Access.OPERATOR,
        tag="neighbours",
    ),
    Route(
        method="DELETE",
        path=f"{BASE}/peers/{{network}}",
        handler=peers.remove,
        name="remove_peer",
        summary="End the link to a neighbour.",
        answer=schemas.Done,
        access=Access.OPERATOR,
        tag="neighbours",
    ),
    Route(
        method="GET",
        path=f"{BASE}/openapi.json",
        handler=document,
        name="read_openapi",
        summary="This document.",
        content_type=JSON,
        tag="system",
    ),
    Route(
        method="GET",
        path="/.well-known/mutirao",
        handler=system.well_known,
        name="read_well_known",
        summary="Who is here, and where the interfaces are.",
        answer=schemas.WellKnown,
        tag="system",
    ),
    Route(
        method="GET",
        path="/.well-known/nodeinfo",
        handler=system.nodeinfo_links,
        name="read_nodeinfo_links",
        summary="Where the NodeInfo document is.",
        content_type=JSON,
        tag="system",
    ),
    Route(
        method="GET",
        path="/nodeinfo/2.1",
        handler=system.nodeinfo,
        name="read_nodeinfo",
        summary="The NodeInfo document.",
        content_type=JSON,
        tag="system",
    ),
    Route(
        method="GET",
        path="/healthz",
        handler=system.health,
        name="read_health",
        summary="Whether the process answers.",
        answer=schemas.Done,
        tag="system",
    ),
    Route(
        method="GET",
        path="/readyz",
        handler=system.ready,
        name="read_readiness",
        summary="Whether the node can serve.",
        answer=schemas.Done,
        tag="system",
    ),
    Route(
        method="GET",
        path="/metrics",
        handler=system.metrics,
        name="read_metrics",
        summary="Counts in the Prometheus text format.",
        tag="system",
    ),
)


def add_api(application: web.Application, services: Services) -> None:
    """Add every API address to an application.

    Args:
        application: Not yet started.
        services: What the handlers use.
    """
    application[SERVICES] = services
    application[DOCUMENT] = openapi.document(ROUTES, version=program_version())
    application.middlewares.append(api_errors)
    for route in ROUTES:
        add_route(application.router, route)
