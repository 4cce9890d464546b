"""Offers and needs: from a command's options to a record, and from a node's view to a row.

Source: DESIGN §9; spec/03-records.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cli.amounts import CreditUnit, category_of, measure_text, price_text, prices_of, quantity_of, quantity_text
from cli.errors import UsageProblemError
from cli.values import ValueProblemError
from protocol.identifiers import from_text

COLUMNS = [
    ("title", "title"),
    ("price", "price"),
    ("quantity", "quantity>"),
    ("author", "who"),
    ("network", "network"),
    ("id", "id"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingOptions:
    """What a person said of an offer or need.

    Attributes:
        title: One line.
        category: An id or label.
        quantity: Such as ``5 kg``, or None.
        prices: Such as ``12,50 BRL`` and ``3 credits``, paid together.
        per: What the price is for, such as ``kg`` or ``0,5 kg``; None for one of the quantity's measure.
        about: A few sentences.
        until_ms: When it ends.
        place: The id of a place.
    """

    title: str
    category: str
    quantity: str | None = None
    prices: tuple[str, ...] = ()
    per: str | None = None
    about: str | None = None
    until_ms: int | None = None
    place: str | None = None


def listing_body(options: ListingOptions, credit: CreditUnit) -> dict[str, Any]:
    """Make the body that offers and needs share.

    Args:
        options: what the person said.
        credit: the credit of the author's network.

    Raises:
        UsageProblemError: something can't be read.
    """
    try:
        quantity, measure = quantity_of(options.quantity) if options.quantity else (None, None)
        per, per_measure = _per(options.per)
        body = {
            "title": options.title,
            "category": category_of(options.category),
            "measure": measure or per_measure or "C62",
            "quantity": quantity,
            "price": prices_of(options.prices, credit),
            "per": per,
            "about": options.about,
            "until_ms": options.until_ms,
            "place": from_text(options.place)[1] if options.place else None,
        }
    except ValueProblemError as error:
        raise UsageProblemError(error.message, next_step=error.next_step) from error
    if measure and per_measure and measure != per_measure:
        raise UsageProblemError(
            f"The quantity is in {measure_text(measure)} and the price for {measure_text(per_measure)}.",
            next_step="Give both in one measure.",
        )
    return {name: value for name, value in body.items() if value is not None}


def listing_row(view: Mapping[str, Any]) -> dict[str, Any]:
    """Make one row of a table of offers or needs."""
    author = view["author"]
    return {
        "id": view["id"],
        "title": view["title"],
        "category": view["category"],
        "price": price_text(view.get("price")),
        "quantity": quantity_text(view.get("quantity"), view["measure"]),
        "author": author["name"],
        "network": author["network_name"],
        "city": view.get("city"),
        "seals": [seal["name"] for seal in view.get("seals", []) if seal["state"] == "valid"],
    }


def listing_lines(view: Mapping[str, Any]) -> list[str]:
    """Describe one offer or need for a reader."""
    row = listing_row(view)
    seals = ", ".join(f"{seal['name']} ({seal['state']})" for seal in view.get("seals", []))
    composition = ", ".join(
        f"{part['part']} {price_text({'parts': [part['amount']], 'per': 1000, 'measure': view['measure']})}"
        for part in view.get("composition", [])
    )
    return [
        f"{view['title']}  ({view['kind']}, {view['category']})",
        f"{row['author']} of {row['network']}" + (f", {view['city']}" if view.get("city") else ""),
        f"Price: {row['price']}" if row["price"] else "",
        f"Made of: {composition}" if composition else "",
        f"Quantity: {row['quantity']}" if row["quantity"] else "",
        view.get("about") or "",
        f"Seals: {seals}" if seals else "",
        f"Answers: {view['answers']['title']}  {view['answers']['id']}" if view.get("answers") else "",
        *(f"Answered by: {offer['title']}  {offer['id']}" for offer in view.get("answered_by", [])),
        view["id"],
    ]


def _per(text: str | None) -> tuple[int | None, str | None]:
    if text is None:
        return None, None
    return quantity_of(text if text[:1].isdigit() else f"1 {text}")
