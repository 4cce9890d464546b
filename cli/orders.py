"""Orders and their events: from an offer's view to signed records.

An order copies the terms that it is placed on, and is addressed to the networks of buyer and seller and, unless
refused, to the region of the buyer's network. Source: DESIGN §4, §6, §9; spec/03-records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cli.errors import RefusedError, UsageProblemError
from cli.records import Author
from protocol.identifiers import from_text
from protocol.record import Record

WHOLE = ("refused", "cancelled")
EARLIER = {"accepted": "ordered", "separated": "accepted", "delivered": "accepted", "received": "delivered"}
"""The quantity that an event states again where nothing else is said."""


def order_record(
    buyer: Author, offer: Mapping[str, Any], quantity: int, *, regions: Iterable[bytes] = (), note: str | None = None
) -> Record:
    """Make an order of one row.

    Args:
        buyer: who orders, and signs.
        offer: the offer's view, whose terms are copied.
        quantity: thousandths of the offer's measure.
        regions: networks to address beside those of buyer and seller.
        note: a word to the seller.
    """
    seller = offer["author"]
    price = offer.get("price") or {"parts": [], "per": 1000}
    body: dict[str, Any] = {
        "offer": from_text(offer["id"])[1],
        "offer_record": from_text(offer["record"])[1],
        "seller": from_text(seller["id"])[1],
        "buyer": buyer.agent,
        "rows": [
            {
                "title": offer["title"],
                "measure": offer["measure"],
                "quantity": quantity,
                "price": [{"unit": part["unit"], "amount": part["amount"]} for part in price["parts"]],
                "per": price["per"],
            }
        ],
    }
    if note:
        body["note"] = note
    to = {buyer.home, from_text(seller["network_id"])[1], *regions}
    return buyer.make("order", body, to=to)


def event_record(
    author: Author,
    order: Mapping[str, Any],
    action: str,
    *,
    quantities: Sequence[tuple[int, int]] = (),
    note: str | None = None,
) -> Record:
    """Make an event of an order.

    Args:
        author: seller or buyer.
        order: the order's view.
        action: accepted, refused, separated, delivered, received or cancelled.
        quantities: row and thousandths; what the step before stated, where nothing is given.
        note: in words.

    Raises:
        RefusedError: the step before hasn't been stated yet.
    """
    body: dict[str, Any] = {"order": from_text(order["id"])[1], "action": action}
    if action not in WHOLE:
        chosen = list(quantities) or _as_before(order, action)
        body["rows"] = [{"row": row, "quantity": quantity} for row, quantity in chosen]
    if note:
        body["note"] = note
    return author.make("event", body, to=[from_text(network)[1] for network in order["to"]])


def _as_before(order: Mapping[str, Any], action: str) -> list[tuple[int, int]]:
    earlier = EARLIER[action]
    found = []
    for at, row in enumerate(order["rows"]):
        quantity = row.get(earlier)
        if quantity is None and action == "received":
            quantity = row.get("accepted")
        if quantity is not None:
            found.append((at, int(quantity)))
    if not found:
        raise RefusedError(
            f"The order isn't {earlier} yet.",
            code="too_early",
            next_step="Wait for the other side, or state the quantities with --row.",
        )
    return found


def regions_of(neighbours: Iterable[Mapping[str, Any]]) -> list[bytes]:
    """Give the networks that a node knows as its region, at most one."""
    found = [from_text(one["network_id"])[1] for one in neighbours if one.get("relation") == "region"]
    return found[:1]


def rows_given(texts: Iterable[str]) -> list[tuple[int, int]]:
    """Read quantities of rows such as ``0=2,5``.

    Raises:
        UsageProblemError: one can't be read.
    """
    from cli.values import ValueProblemError, scaled

    found = []
    for text in texts:
        row, sign, quantity = text.partition("=")
        try:
            if not sign:
                raise ValueProblemError(f"“{text}” has no quantity.", "Write it like 0=2,5.")
            found.append((scaled(row, 0), scaled(quantity, 3, comma_is_decimal=True)))
        except ValueProblemError as error:
            raise UsageProblemError(f"--row: {error.message}", next_step=error.next_step) from error
    return found
