"""What is still open when a member leaves or has died, in plain words, each with its next step.

Rules kept here: nothing is closed while anything is open; nobody's credit or debt vanishes by leaving.
Source: docs/operating/leaving.md.

Tests: tests/cli/commands/test_member_leave.py
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.amounts import money_text
from cli.errors import RefusedError

if TYPE_CHECKING:
    from cli.client import Client

ITEMS_MAX = 500
ENDED = frozenset({"refused", "cancelled", "received"})
"""States of orders in which nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Open:
    """One thing that is still open.

    Attributes:
        what: In plain words.
        next_step: What to do about it.
    """

    what: str
    next_step: str


async def what_is_open(client: Client, member: str, *, has_died: bool) -> tuple[list[Open], dict[str, Any] | None]:
    """Find what keeps a member's account and membership from being closed.

    Args:
        client: With the network's session.
        member: Whose, as text.
        has_died: Say what others can do in the member's place.

    Returns:
        What is open, and the balance view of the account; None where there is no account.
    """
    balance = await _balance(client, member)
    found = [] if balance is None else _balance_steps(balance, member, has_died=has_died)
    items = (await client.get("/ledger/items", agent=member, limit=ITEMS_MAX))["items"]
    found += [step for item in items if item["is_open"] for step in _item_steps(item, member)]
    async for order in client.pages("/orders", "orders"):
        if member in {order["buyer"]["id"], order["seller"]["id"]} and order["state"] not in ENDED:
            found.append(_order_step(order, member))
    return found, balance


async def published(client: Client, member: str) -> list[Open]:
    """Find what a member still offers and needs; it doesn't stand in the way, and ends with its day."""
    view = await client.get(f"/agents/{member}")
    return [
        Open(f"{word} {each['title']!r} is still in the catalogue.", f"mutirao {command} end {each['id']}")
        for name, word, command in (("offers", "The offer", "offer"), ("needs", "The need", "need"))
        for each in view.get(name, [])
    ]


async def _balance(client: Client, member: str) -> dict[str, Any] | None:
    try:
        view = await client.get(f"/ledger/accounts/{member}")
    except RefusedError as error:
        if error.code == "not_found":
            return None
        raise
    return dict(view["balance"])


def _balance_steps(view: Mapping[str, Any], member: str, *, has_died: bool) -> list[Open]:
    amount = view["balance"]["amount"]
    if not amount:
        return []
    size = money_text({**view["balance"], "amount": abs(amount)})
    name = view["account"]["name"]
    if amount < 0 and has_died:
        return [
            Open(
                f"{name} had received {size} more than was delivered.",
                f"The heirs or friends may deliver it; the rest the assembly writes off: mutirao write-off {member} "
                "AMOUNT --fund FUND --minutes DAY/NUMBER --minutes-file FILE",
            )
        ]
    if amount < 0:
        return [
            Open(
                f"{name} received {size} more than was delivered.",
                f"Deliver, or agree on instalments: mutirao request ask {member} AMOUNT --instalment DAY=AMOUNT. "
                f"What can't be paid the assembly writes off: mutirao write-off {member} AMOUNT --fund FUND "
                "--minutes DAY/NUMBER --minutes-file FILE",
            )
        ]
    if has_died:
        return [
            Open(
                f"{name} had delivered {size} more than was received; that belongs to the heirs.",
                f"Let clerks pass it on as they wish, on a signed slip: mutirao member roles {member} --add assisted, "
                f"then mutirao slip NUMBER {member} HEIR AMOUNT",
            )
        ]
    return [
        Open(
            f"{name} delivered {size} more than was received.",
            "Spend it, pass it on or give it, with the member's own key: mutirao pay SOMEBODY AMOUNT",
        )
    ]


def _item_steps(item: Mapping[str, Any], member: str) -> list[Open]:
    """Say what an open item asks for; nothing for what others may do with it."""
    amount = money_text(item.get("amount"))
    gives = (item.get("payer") or {}).get("id") == member
    other = (item.get("payee" if gives else "payer") or {}).get("name", "")
    identifier = item["id"]
    match item["kind"]:
        case "hold" if gives:
            return [
                Open(
                    f"{amount} is set aside for {other}.",
                    f"Pay it with mutirao hold post {identifier}, or {other} gives it back: "
                    f"mutirao hold void {identifier}",
                )
            ]
        case "hold":
            return [
                Open(
                    f"{other} has set aside {amount}.",
                    f"{other} pays it with mutirao hold post {identifier}, or it is given back: "
                    f"mutirao hold void {identifier}",
                )
            ]
        case "request":
            asked = f"{other} asks for {amount}." if gives else f"{other} is asked for {amount}."
            step = f"Pay it: mutirao pay --request {identifier}, or end it: mutirao consent decline {identifier}"
            return [Open(asked, step)]
        case "mandate":
            allowed = f"{other} may draw {amount}." if gives else f"{amount} may be drawn from {other}."
            return [Open(allowed, f"mutirao mandate end {identifier}")]
        case "act":
            waits = f"A {item['about']} of {item['author']['name']} waits for signatures."
            return [
                Open(waits, f"mutirao consent give {identifier}, or mutirao consent decline {identifier}"),
            ]
        case _:
            return []


def _order_step(order: Mapping[str, Any], member: str) -> Open:
    is_buyer = order["buyer"]["id"] == member
    other = order["seller" if is_buyer else "buyer"]["name"]
    title = order["offer"]["title"]
    what = f"The order of {title!r} {'from' if is_buyer else 'by'} {other} is {order['state']}."
    return Open(what, f"Finish it, or agree that it is cancelled or refused: mutirao order show {order['id']}")
