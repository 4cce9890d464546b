"""The catalogue as files: CSV for a spreadsheet, JSON-LD for other programs, text for the wall.

Source: DESIGN §11; Valueflows 1.0, where a Proposal of purpose offer or request publishes Intents.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping
from typing import Any

from cli.amounts import measure_text, price_text, quantity_text
from cli.output import plain
from cli.values import unscaled

COLUMNS = (
    "kind",
    "id",
    "title",
    "category",
    "about",
    "quantity",
    "measure",
    "price_official",
    "currency",
    "price_credit",
    "per",
    "who",
    "network",
    "city",
    "until",
)
CONTEXT = {
    "vf": "https://w3id.org/valueflows/ont/vf#",
    "om2": "http://www.ontology-of-units-of-measure.org/resource/om-2/",
    "dct": "http://purl.org/dc/terms/",
    "schema": "https://schema.org/",
    "mutirao": "urn:mutirao:",
}


def to_csv(listings: Iterable[Mapping[str, Any]]) -> str:
    """Write offers and needs as a table with ``;`` and decimal comma, safe to open in a spreadsheet.

    Args:
        listings: views of offers and needs.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for view in listings:
        writer.writerow([harmless(str(value)) for value in _cells(view)])
    return buffer.getvalue()


def harmless(text: str) -> str:
    """Keep a spreadsheet from taking a text of a stranger for a formula.

    >>> harmless("=1+1"), harmless("-3,5"), harmless("pão")
    ("'=1+1", '-3,5', 'pão')
    """
    is_formula = text[:1] in {"=", "+", "-", "@", "\t", "\r"} and not text[1:].replace(",", "").isdigit()
    return "'" + text if is_formula else text


def _cells(view: Mapping[str, Any]) -> list[Any]:
    price = view.get("price") or {"parts": [], "per": 1000}
    official = [part for part in price["parts"] if not part["is_credit"]]
    credit = [part for part in price["parts"] if part["is_credit"]]
    return [
        view["kind"],
        view["id"],
        view["title"],
        view["category"],
        view.get("about") or "",
        "" if view.get("quantity") is None else unscaled(view["quantity"], 3),
        view["measure"],
        " ".join(unscaled(part["amount"], part["exponent"]) for part in official),
        " ".join(part["unit"] for part in official),
        " ".join(unscaled(part["amount"], part["exponent"]) for part in credit),
        unscaled(price["per"], 3),
        view["author"]["name"],
        view["author"]["network_name"],
        view.get("city") or "",
        "" if view.get("until_ms") is None else _day(view["until_ms"]),
    ]


def to_jsonld(listings: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Write offers and needs as Valueflows proposals.

    Args:
        listings: views of offers and needs.

    Returns:
        One JSON-LD document.
    """
    return {"@context": CONTEXT, "@graph": [_proposal(view) for view in listings]}


def _proposal(view: Mapping[str, Any]) -> dict[str, Any]:
    is_offer = view["kind"] == "offer"
    author = {"@id": _urn(view["author"]["id"]), "@type": "vf:Agent", "schema:name": view["author"]["name"]}
    intent: dict[str, Any] = {
        "@id": _urn(view["id"]) + "#intent",
        "@type": "vf:Intent",
        "vf:action": {"@id": "vf:transfer"},
        ("vf:provider" if is_offer else "vf:receiver"): author,
        "vf:resourceClassifiedAs": [{"@id": f"mutirao:category:{view['category']}"}],
    }
    if view.get("quantity") is not None:
        intent["vf:resourceQuantity"] = _measure(view["quantity"], view["measure"])
    proposal: dict[str, Any] = {
        "@id": _urn(view["id"]),
        "@type": "vf:Proposal",
        "vf:name": view["title"],
        "vf:purpose": {"@id": "vf:offer" if is_offer else "vf:request"},
        "dct:created": _time(view["created_ms"]),
        "vf:publishes": [intent],
    }
    if view.get("about"):
        proposal["vf:note"] = view["about"]
    if view.get("until_ms") is not None:
        proposal["vf:hasEnd"] = _time(view["until_ms"])
    price = view.get("price")
    if price and price["parts"]:
        proposal["vf:unitBased"] = True
        proposal["vf:reciprocal"] = [
            {
                "@type": "vf:Intent",
                "vf:action": {"@id": "vf:transfer"},
                "schema:price": unscaled(part["amount"], part["exponent"], decimal_sign="."),
                "schema:priceCurrency": part["unit"] if not part["is_credit"] else _urn(part["unit"]),
                "schema:eligibleQuantity": _measure(price["per"], price["measure"]),
            }
            for part in price["parts"]
        ]
    return proposal


def to_text(listings: Iterable[Mapping[str, Any]], title: str) -> str:
    """Write a catalogue for the wall: every supplier once, with what they offer or need below.

    Args:
        listings: views of offers and needs.
        title: the heading.
    """
    suppliers: dict[tuple[str, str], list[str]] = {}
    for view in listings:
        line = f"  {'Offers' if view['kind'] == 'offer' else 'Needs '}  {view['title']}"
        price = price_text(view.get("price"))
        quantity = quantity_text(view.get("quantity"), view["measure"])
        line += f"  {price}" if price else ""
        line += f"  ({quantity})" if quantity else ""
        suppliers.setdefault((view["author"]["network_name"], view["author"]["name"]), []).append(line)
    lines = [title, "=" * len(title)]
    for (network, name), entries in sorted(suppliers.items()):
        lines += ["", f"{name} ({network})", *entries]
    return "\n".join(map(plain, lines)) + "\n"


def _measure(thousandths: int, measure: str) -> dict[str, Any]:
    return {
        "@type": "om2:Measure",
        "om2:hasNumericalValue": unscaled(thousandths, 3, decimal_sign="."),
        "om2:hasUnit": measure,
        "schema:unitText": measure_text(measure),
    }


def _urn(identifier: str) -> str:
    return f"urn:mutirao:{identifier}"


def _time(time_ms: int) -> str:
    return dt.datetime.fromtimestamp(time_ms / 1000, dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _day(time_ms: int) -> str:
    return _time(time_ms)[:10]
