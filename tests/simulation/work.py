"""What members do in a run: offer, pay, order, ask twice, and send what no node should take.

Each action submits signed records to a node as its HTTP interface does, and tells the journal what came back. A member
whose node crashes meanwhile hears nothing; a later `retry` sends the same bytes again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from node.services.outcomes import Outcome, Recorded
from protocol import codec
from protocol.errors import MutiraoError
from protocol.record import Record, encode_record
from tests.builders import NOW_MS, order_body
from tests.simulation.journal import ViolationError
from tests.simulation.node import SimulatedNode
from tests.simulation.plan import HOUR_MS, MEMBERS, Step

if TYPE_CHECKING:
    from tests.simulation.federation import Federation

Action = Callable[["Federation", SimulatedNode, Step], Coroutine[Any, Any, None]]


async def submit(federation: Federation, node: SimulatedNode, records: Sequence[Record]) -> list[Outcome]:
    """Send records to a node and note its answers; none where it is down, refuses all of it or crashes."""
    running = node.running
    for record in records:
        federation.journal.ask(node.name, record)
    if running is None or not records:
        return []
    task = node.run(running.services.publishing.submit([encode_record(record) for record in records]))
    await asyncio.wait([task])
    if task.cancelled():
        federation.count("members left without an answer")
        return []
    error = task.exception()
    if isinstance(error, MutiraoError):
        federation.count(f"refused whole: {type(error).__name__}")
        return []
    if error is not None:
        if node.running is not running:
            return []
        raise error
    outcomes: list[Outcome] = task.result()
    for record, outcome in zip(records, outcomes, strict=True):
        federation.journal.answer(node.name, record, outcome)
    return outcomes


def member(node: SimulatedNode, name: str) -> str:
    """Give the full name of a member."""
    return f"{node.name} {name}"


def _now_ms(federation: Federation) -> int:
    return NOW_MS + federation.loop.now_ms()


async def _offer(federation: Federation, node: SimulatedNode, step: Step) -> None:
    by, now_ms = member(node, step.fields["member"]), _now_ms(federation)
    records = []
    for number in range(step.fields["count"]):
        body = {"title": f"{step.fields['number']} {number}", "category": "bread", "measure": "KGM", "per": 1000}
        body["price"] = [{"unit": "BRL", "amount": 650}]
        records.append(node.network.by(by, "offer", body, created_ms=now_ms))
    await submit(federation, node, records)


async def _revise(federation: Federation, node: SimulatedNode, step: Step) -> None:
    offers = [told.record for told in federation.journal.of(node.name) if told.record.header.kind == "offer"]
    if not offers:
        return
    last = offers[step.fields["number"] % len(offers)]
    body = {**last.body_value(), "title": f"revised {step.fields['number']}"}
    by = next(
        member(node, name) for name in MEMBERS if node.network.member(member(node, name)).id == last.header.author
    )
    record = node.network.by(by, "offer", body, thing=last.thing_id, previous=last.id, created_ms=_now_ms(federation))
    await submit(federation, node, [record])


def _transfers(federation: Federation, node: SimulatedNode, step: Step) -> list[Record]:
    payer, payee = (member(node, step.fields[side]) for side in ("payer", "payee"))
    now_ms = _now_ms(federation)
    made = []
    for number in range(step.fields["count"]):
        body = {
            "ledger": node.network.id,
            "payer": node.network.member(payer).id,
            "payee": node.network.member(payee).id,
            "amount": step.fields["amount"],
            "unit": node.network.unit,
            "expires_ms": now_ms + step.fields.get("lasts_ms", HOUR_MS),
            "purpose": {"text": "pão"},
            "nonce": codec.encode([step.fields["number"], number]),
        }
        made.append(node.network.by(payer, "transfer", body, created_ms=now_ms))
    return made


async def _transfer(federation: Federation, node: SimulatedNode, step: Step) -> None:
    await submit(federation, node, _transfers(federation, node, step))


async def _together(federation: Federation, node: SimulatedNode, step: Step) -> None:
    """Send the same transfers three times at once, each time in another order."""
    made = _transfers(federation, node, step)
    await asyncio.gather(
        submit(federation, node, made), submit(federation, node, made[::-1]), submit(federation, node, [*made, *made])
    )


async def _retry(federation: Federation, node: SimulatedNode, step: Step) -> None:
    asked = federation.journal.asked.get(node.name, [])
    if asked:
        start = step.fields["number"] % len(asked)
        await submit(federation, node, asked[start : start + 5])


async def _order(federation: Federation, node: SimulatedNode, step: Step) -> None:
    seller = federation.nodes[step.fields["seller"]]
    offers = [told.record for told in federation.journal.of(seller.name) if told.record.header.kind == "offer"]
    if not offers or offers[-1].header.author is None:
        return
    buyer = node.network.member(member(node, "ana")).id
    offer = offers[step.fields["number"] % len(offers)]
    assert offer.header.author is not None
    body = order_body(offer.thing_id, offer.id, seller=offer.header.author, buyer=buyer)
    region = federation.nodes[federation.plan.nodes[0]].network.id
    to = tuple({node.network.id: 0, seller.network.id: 0, region: 0})
    now_ms = _now_ms(federation)
    await submit(federation, node, [node.network.by(member(node, "ana"), "order", body, to=to, created_ms=now_ms)])


async def _accept(federation: Federation, node: SimulatedNode, step: Step) -> None:
    """Accept an order that was placed with a member of this node."""
    sellers = {node.network.member(member(node, name)).id: name for name in MEMBERS}
    placed = [
        told.record
        for told in federation.journal.taken.values()
        if told.record.header.kind == "order" and told.record.body_value()["seller"] in sellers
    ]
    if not placed:
        return
    order = placed[step.fields["number"] % len(placed)]
    by = member(node, sellers[order.body_value()["seller"]])
    body = {"order": order.id, "action": "accepted", "rows": [{"row": 0, "quantity": 2000}]}
    record = node.network.by(by, "event", body, to=order.header.to, created_ms=_now_ms(federation))
    await submit(federation, node, [record])


async def _attest(federation: Federation, node: SimulatedNode, step: Step) -> None:
    subject = node.network.member(member(node, "bento")).id
    body = {"type": "visit", "subject": subject, "result": "pass", "note": f"forno {step.fields['number']}"}
    by = member(node, "ana")
    await submit(federation, node, [node.network.by(by, "attestation", body, created_ms=_now_ms(federation))])


async def _hostile(federation: Federation, node: SimulatedNode, step: Step) -> None:
    """Send bytes that no node may take; all are refused, and nothing of them stays.

    Raises:
        ViolationError: Some are taken.
    """
    good = node.network.by(member(node, "ana"), "post", {"type": "story", "title": "x", "text": "y"})
    data = _turned(encode_record(good), step)
    theft = {"payer": "ana", "payee": "bento", "amount": 1, "count": 1, "number": step.fields["number"]}
    (stolen,) = _transfers(federation, node, Step(step.at_ms, "transfer", node.name, theft))
    forged = [encode_record(replace(each, signature=_turned(each.signature, step))) for each in (good, stolen)]
    if node.running is None:
        return
    items = [data, b"", data * 2, *forged]
    task = node.run(node.running.services.publishing.submit(items))
    await asyncio.wait([task])
    if not task.cancelled() and task.exception() is None:
        taken = [outcome for outcome in task.result() if isinstance(outcome, Recorded)]
        if taken:
            raise ViolationError("hostile", f"{node.name} took {taken} out of bytes that no node may take")
        federation.count("hostile bytes refused", len(items))


def _turned(data: bytes, step: Step) -> bytes:
    """Turn one bit."""
    turned = bytearray(data)
    turned[step.fields["number"] % len(data)] ^= 1 << (step.fields["number"] % 8)
    return bytes(turned)


async def probe(federation: Federation) -> None:
    """Have every node take an offer and answer a payment: whatever it went through, it is alive.

    Raises:
        ViolationError: One doesn't.
    """
    for number, node in enumerate(federation.nodes.values()):
        fields = {
            "member": "ana",
            "payer": "ana",
            "payee": "bento",
            "amount": 1,
            "count": 1,
            "number": (1 << 32) + number,
            # A clock may be wrong by a day, and the ledger's time stays where it was then.
            "lasts_ms": 3 * 24 * HOUR_MS,
        }
        for action, kind in ((_offer, "offer"), (_transfer, "transfer")):
            before = len(federation.journal.of(node.name))
            await action(federation, node, Step(federation.loop.now_ms(), kind, node.name, fields))
            told = federation.journal.of(node.name)
            if len(told) == before:
                raise ViolationError("alive", f"{node.name} takes no {kind} any more")
            if told[-1].void == "expired":
                raise ViolationError("alive", f"{node.name} finds that a payment of now has expired")


ACTIONS: dict[str, Action] = {
    "offer": _offer,
    "revise": _revise,
    "transfer": _transfer,
    "together": _together,
    "retry": _retry,
    "order": _order,
    "accept": _accept,
    "attest": _attest,
    "hostile": _hostile,
}
