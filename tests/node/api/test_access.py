"""Private things are shown to those who may see them, and to nobody else; machines are told what they ask."""

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from protocol.feeds import CATALOG, TRUST, FeedKey
from protocol.identifiers import to_text
from protocol.merkle.checkpoint import origin_of, parse_checkpoint
from protocol.record import Record, decode_record, encode_record, verify_record
from tests.api_node import BASE, ApiNode, error_of
from tests.builders import named, order_body, public

MSGPACK = {"Content-Type": "application/msgpack"}


@pytest.fixture
async def vila(tmp_path: Path) -> AsyncIterator[ApiNode]:
    """A network with two members, a stranger's order between them and an offer."""
    async with ApiNode(tmp_path, "vila") as node:
        await node.enrol("maria", "ana", "carla")
        await node.publish(node.network.by_network("profile", {"agent": node.network.id, "name": "Vila"}))
        yield node


async def order_between(node: ApiNode, seller: str, buyer: str) -> Record:
    """Publish an order."""
    offer = node.offer(seller, "Pão")
    body = order_body(offer.id, offer.id, seller=node.network.member(seller).id, buyer=node.network.member(buyer).id)
    order = node.network.by(buyer, "order", body, to=(node.network.id,))
    await node.publish(offer, order)
    return order


async def test_orders_are_shown_to_their_parties_only(vila: ApiNode) -> None:
    """Buyer, seller and operator see an order; a stranger is asked to log in; another member doesn't find it."""
    order = await order_between(vila, "maria", "ana")
    path = f"{BASE}/orders/{to_text('order', order.id)}"

    for who in ("maria", "ana", None):
        session = await vila.log_in(who)
        assert (await (await vila.client.get(path, headers=session)).json())["state"] == "placed"
        assert len((await (await vila.client.get(f"{BASE}/orders", headers=session)).json())["orders"]) == 1
    carla = await vila.log_in("carla")
    assert await error_of(await vila.client.get(path, headers=carla)) == (404, "not_found")
    assert (await (await vila.client.get(f"{BASE}/orders", headers=carla)).json())["orders"] == []
    assert await error_of(await vila.client.get(path)) == (401, "session_needed")


async def test_addressed_records_are_hidden_from_strangers(vila: ApiNode) -> None:
    """Neither its bytes, nor its bundle, nor the feed's entries give an order's payload away."""
    order = await order_between(vila, "maria", "ana")
    text = to_text("order", order.id)
    for path in (f"/records/{text}", f"/records/{text}/bundle", f"/records/{text}/proof", f"/things/{text}"):
        assert await error_of(await vila.client.get(BASE + path)) == (404, "not_found"), path
        carla = await vila.client.get(BASE + path, headers=await vila.log_in("carla"))
        assert await error_of(carla) == (404, "not_found"), path
    entries = await vila.get(f"/feeds/{to_text('agent', vila.network.id)}/trade/entries")

    assert entries["size"] == 1
    assert entries["entries"][0]["record"] is None
    assert await vila.get(f"/records/{text}", headers=await vila.log_in("ana"))


async def test_feeds_prove_what_they_hold(vila: ApiNode) -> None:
    """Head, checkpoint, entries and proof of a feed fit together and the signature is the network's."""
    offer = vila.offer("maria", "Pão")
    await vila.publish(offer)
    network = to_text("agent", vila.network.id)
    head = await vila.get(f"/feeds/{network}/catalog")
    note = await (await vila.client.get(f"{BASE}/feeds/{network}/catalog/checkpoint")).read()
    feed = FeedKey(vila.network.id, CATALOG, head["epoch"])
    checkpoint = parse_checkpoint(note, origin=origin_of(feed), public=public("vila checkpoint"))
    entries = await vila.get(f"/feeds/{network}/catalog/entries", params={"start": "1"})
    proof = await vila.get(f"/records/{to_text('offer', offer.id)}/proof")

    assert (checkpoint.size, checkpoint.root.hex()) == (head["size"], head["root"])
    assert base64.b64decode(entries["entries"][0]["record"]) == encode_record(offer)
    assert (proof["index"], proof["size"], proof["root"]) == (1, 2, head["root"])
    assert {feed["name"] for feed in (await vila.get("/feeds"))["feeds"]} == {TRUST, CATALOG}
    for name in ("ledger/entries", "poems", "poems/checkpoint", "ledger/consistency?old_size=0"):
        assert (await error_of(await vila.client.get(f"{BASE}/feeds/{network}/{name}")))[0] in {403, 404}


async def test_a_session_over_http(vila: ApiNode) -> None:
    """The offer says what to sign; the token and the cookie both work; the end is an end; used once."""
    offer = await vila.get("/session")
    assert offer == {
        "network": to_text("agent", vila.network.id),
        "origin": "http://vila.example",
        "now_ms": vila.clock.time_ms,
    }
    document, signature = vila.login("maria")
    body = {"document": base64.b64encode(document).decode(), "signature": base64.b64encode(signature).decode()}
    opened = await vila.client.post(f"{BASE}/session", json=body)
    token = (await opened.json())["token"]
    cookie = opened.cookies["mutirao_session"]
    assert opened.status == 201
    assert (cookie["samesite"], cookie["httponly"]) == ("Strict", True)
    vila.client.session.cookie_jar.clear()

    bearer = {"Authorization": f"Bearer {token}"}
    by_cookie = {"Cookie": f"mutirao_session={token}"}
    for headers in (bearer, by_cookie):
        who = await vila.get("/session/agent", headers=headers)
        assert who["agent"] == to_text("agent", vila.network.member("maria").id)
        assert "token" not in who
    again = await vila.client.post(f"{BASE}/session", json=body)
    assert await error_of(again) == (401, "login_used")
    foreign = await vila.client.delete(f"{BASE}/session", headers=by_cookie | {"Origin": "http://evil.example"})
    assert await error_of(foreign) == (403, "wrong_origin")
    assert (await vila.client.delete(f"{BASE}/session", headers=bearer)).status == 200
    assert await error_of(await vila.client.get(f"{BASE}/session/agent", headers=bearer)) == (401, "session_ended")


async def test_only_the_operator_changes_the_neighbours(vila: ApiNode) -> None:
    """A member may look, the operator adds and removes."""
    body = {"url": "http://serra.example", "network": to_text("agent", named("serra")), "relation": "region"}
    path = f"{BASE}/peers"
    assert await error_of(await vila.client.post(path, json=body)) == (401, "session_needed")
    maria = await vila.log_in("maria")
    assert await error_of(await vila.client.post(path, json=body, headers=maria)) == (403, "operator_needed")
    operator = await vila.log_in()
    bad: dict[str, Any] = {"relation": "friend", "url": "ftp://x", "network": to_text("agent", vila.network.id)}
    for name, value in bad.items():
        answer = await vila.client.post(path, json=body | {name: value}, headers=operator)
        assert await error_of(answer) == (400, "out_of_range"), name

    assert (await vila.client.post(path, json=body, headers=operator)).status == 200
    (view,) = (await vila.get("/neighbours"))["neighbours"]
    assert (view["url"], view["relation"], view["state"]) == ("http://serra.example", "region", "connecting")
    assert (await vila.client.delete(f"{path}/{body['network']}", headers=operator)).status == 200
    assert (await vila.get("/neighbours"))["neighbours"] == []


async def test_the_ledger_is_shown_by_role(vila: ApiNode) -> None:
    """Everybody sees the sums; a balance is its owner's, the treasurer's and the auditor's."""
    network = vila.network
    for name in ("maria", "ana"):
        body = {"account": network.member(name).id, "action": "open", "limit_low": -5000, "limit_high": 5000}
        await vila.publish(network.by_network("account", {**body, "reason": "ata 1"}))
    transfer = {
        "ledger": network.id,
        "payer": network.member("maria").id,
        "payee": network.member("ana").id,
        "amount": 1250,
        "unit": network.unit,
        "expires_ms": vila.clock.time_ms + 60_000,
        "purpose": {"text": "pão"},
        "nonce": b"1",
    }
    record = network.by("maria", "transfer", transfer)
    await vila.publish(record)
    ledger = await vila.get("/ledger")
    ana = to_text("agent", network.member("ana").id)

    assert (ledger["accounts"], ledger["transfers"], ledger["sums"][0]["amount"]) == (2, 1, 0)
    own = await vila.get(f"/ledger/accounts/{ana}", headers=await vila.log_in("ana"))
    assert (own["balance"]["balance"]["amount"], own["entries"][0]["purpose"]) == (1250, "pão")
    carla = await vila.log_in("carla")
    assert await error_of(await vila.client.get(f"{BASE}/ledger/accounts/{ana}", headers=carla)) == (403, "not_yours")
    assert await error_of(await vila.client.get(f"{BASE}/ledger/trial", headers=carla)) == (403, "not_yours")
    trial = await vila.get("/ledger/trial", headers=await vila.log_in())
    assert sum(one["balance"]["amount"] for one in trial["balances"]) == 0
    stranger = await vila.client.get(f"{BASE}/records/{to_text('transfer', record.id)}")
    assert await error_of(stranger) == (404, "not_found")


async def test_a_hold_is_shown_to_its_sides_and_mediators(vila: ApiNode) -> None:
    """Both sides and the named mediators see a hold and what is said about it; another member sees nothing of it."""
    network = vila.network
    await vila.enrol("mara", "nilo")
    for name in ("maria", "ana"):
        body = {"account": network.member(name).id, "action": "open", "limit_low": -5000, "limit_high": 5000}
        await vila.publish(network.by_network("account", body))
    hold = network.by(
        "maria",
        "hold",
        {
            "ledger": network.id,
            "payer": network.member("maria").id,
            "payee": network.member("ana").id,
            "amount": 1250,
            "unit": network.unit,
            "expires_ms": vila.clock.time_ms + 60_000,
            "purpose": {"text": "arroz", "order": named("order")},
            "mediators": [network.member("mara").id, network.member("nilo").id],
        },
    )
    dispute = network.by("ana", "resolution", {"hold": hold.id, "action": "dispute", "text": "não veio"})
    decision = network.by("mara", "resolution", {"hold": hold.id, "action": "void"})
    await vila.publish(hold, dispute, decision)
    paths = [f"{BASE}/records/{to_text(each.header.kind, each.id)}" for each in (hold, dispute, decision)]

    for who in ("maria", "ana", "mara", "nilo", None):
        session = await vila.log_in(who)
        items = (await vila.get("/ledger/items", headers=session))["items"]
        assert [(one["kind"], one["state"]) for one in items] == [("act", "proposed"), ("hold", "disputed")]
        assert (items[1]["text"], items[1]["order"]) == ("arroz", to_text("order", named("order")))
        assert [one["id"] for one in items[1]["mediators"]] == [
            to_text("agent", network.member(name).id) for name in ("mara", "nilo")
        ]
        for path in paths:
            assert (await vila.client.get(path, headers=session)).status == 200, (who, path)
    carla = await vila.log_in("carla")
    assert (await vila.get("/ledger/items", headers=carla))["items"] == []
    for path in paths:
        assert await error_of(await vila.client.get(path, headers=carla)) == (404, "not_found")


async def test_the_sealed_part_is_not_for_strangers(vila: ApiNode) -> None:
    """A stranger gets its hash in its place, and the record still verifies; a member gets all of it."""
    body = {"type": "story", "title": "O forno", "text": "Em 2009"}
    record = vila.network.by("maria", "post", body, sealed=b"for few")
    await vila.publish(record)
    path = f"/records/{to_text('post', record.id)}"
    stranger = decode_record(base64.b64decode((await vila.get(path))["data"]))
    member = decode_record(base64.b64decode((await vila.get(path, headers=await vila.log_in("ana")))["data"]))

    verify_record(stranger)
    assert stranger.id == record.id
    assert isinstance(stranger.sealed, bytes)
    assert member == record


async def test_machines_are_answered(vila: ApiNode) -> None:
    """Health, readiness, metrics, NodeInfo and the well-known address."""
    assert (await vila.client.get("/healthz")).status == 200
    assert (await vila.client.get("/readyz")).status == 200
    metrics = await (await vila.client.get("/metrics")).text()
    assert "mutirao_members 3" in metrics
    known = await (await vila.client.get("/.well-known/mutirao")).json()
    assert (known["name"], known["api"]) == ("Vila", "http://vila.example/api/v1")
    info = await (await vila.client.get("/nodeinfo/2.1")).json()
    assert info["metadata"]["protocols"] == ["mutirao"]
    assert await error_of(await vila.client.get("/api/v2/offers")) == (404, "no_such_route")
