"""What a row of each table says: its cells become drafts of records.

Source: docs/reference/csv.md.

Tests: tests/cli/importing/test_folder.py
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from cli.importing.cells import Cells
from cli.importing.drafts import Draft, Mention

THING = ("agent", "item", "offer")
ANY = ("agent", "place", "item", "need", "offer", "seal", "post")
TYPES = ("person", "enterprise", "group", "fund", "forum", "shop", "public_body", "commission")
ROLES = frozenset({"member", "operator", "treasurer", "clerk", "auditor", "commission"})
LABEL = ("ingredients", "allergens", "origin", "storage", "packaging")
ATTESTATIONS = ("visit", "award", "revocation", "complaint", "check", "rating")
PER_EXPONENT = 3


def network(cells: Cells) -> Iterator[Draft]:
    """Say what network.csv says: the profile of the network."""
    unit = {
        "name": cells.text("unit_name"),
        "symbol": cells.text("unit_symbol"),
        "exponent": cells.credit.exponent if cells.has("unit_name") else None,
    }
    yield _draft(
        cells,
        "network",
        "profile",
        None,
        {
            **_profile(cells, _self(cells)),
            "colour": cells.text("colour"),
            "language": cells.text("language"),
            "unit": _without_nothing(unit) if cells.has("unit_name") or cells.has("unit_symbol") else None,
        },
    )


def agents(cells: Cells) -> Iterator[Draft]:
    """Say what a row of agents.csv says: keys, membership, profile and account."""
    key, state = cells.key(), _joined(cells)
    agent_type = cells.choice("type", TYPES)
    is_mapped = state == "mapped"
    author = None if is_mapped else key
    yield _draft(cells, "agents", "agent", author, {"type": agent_type}, is_mapped=is_mapped)
    if is_mapped:
        for column in ("roles", "credit_low", "credit_high"):
            if cells.has(column):
                cells.problem(column, "An agent that hasn't joined has none.", "Leave the cell empty.")
    else:
        roles = [role.casefold() for role in cells.parts("roles")] or ["member"]
        for role in roles:
            if role not in ROLES:
                cells.problem("roles", f"“{role}” is no role.", f"Roles are {', '.join(sorted(ROLES))}.")
        yield _draft(
            cells,
            "agents",
            "membership",
            None,
            {"agent": _self(cells), "roles": roles, "state": "active"},
            step=f"agents/{key}/membership",
        )
    yield _draft(
        cells,
        "agents",
        "profile",
        author,
        {**_profile(cells, _self(cells)), "categories": cells.categories("categories") or None},
        step=f"agents/{key}/profile",
    )
    if not is_mapped and (cells.has("credit_low") or cells.has("credit_high")):
        yield _account(cells, key)


def _account(cells: Cells, key: str) -> Draft:
    low = cells.number("credit_low", cells.credit.exponent) or 0
    high = cells.number("credit_high", cells.credit.exponent) or 0
    if low > 0:
        cells.problem("credit_low", "How far the account may owe is above zero.", "Write it with a minus, or 0.")
    if high < 0:
        cells.problem("credit_high", "How far the account may rise is below zero.", "Write it without a minus.")
    body = {"account": _self(cells), "action": "open", "limit_low": low, "limit_high": high, "reason": "import"}
    return _draft(cells, "agents", "account", None, body, step=f"agents/{key}/account")


def places(cells: Cells) -> Iterator[Draft]:
    """Say what a row of places.csv says."""
    yield _draft(
        cells,
        "places",
        "place",
        cells.author(),
        {
            "name": cells.needed("name"),
            "type": cells.choice("type", ("pickup", "fair", "shop", "warehouse")),
            "address": cells.text("address"),
            **cells.degrees(),
            "hours": cells.text("hours"),
        },
    )


def items(cells: Cells) -> Iterator[Draft]:
    """Say what a row of items.csv says."""
    label: dict[str, Any] = {column: cells.text(column) for column in LABEL}
    label["validity_days"] = cells.whole("validity_days")
    yield _draft(
        cells,
        "items",
        "item",
        cells.author(),
        {
            "name": cells.needed("name"),
            "category": cells.category(),
            "measure": cells.measure(),
            "about": cells.text("about"),
            "label": _without_nothing(label) or None,
            "packs": cells.packs() or None,
        },
    )


def needs(cells: Cells) -> Iterator[Draft]:
    """Say what a row of needs.csv says."""
    firmness = cells.choice("firmness", ("firm", "recurring", "potential"), "firm")
    yield _draft(cells, "needs", "need", cells.author(), {**_listing(cells), "firmness": firmness})


def offers(cells: Cells) -> Iterator[Draft]:
    """Say what a row of offers.csv says."""
    yield _draft(
        cells,
        "offers",
        "offer",
        cells.author(),
        {
            **_listing(cells),
            "item": cells.mention("item", "item"),
            "answers": cells.mention("answers", "need"),
            "composition": cells.composition() or None,
        },
    )


def seals(cells: Cells) -> Iterator[Draft]:
    """Say what a row of seals.csv says."""
    yield _draft(
        cells,
        "seals",
        "seal",
        cells.author(),
        {
            "name": cells.needed("name"),
            "about": cells.needed("about"),
            "criteria": cells.parts("criteria"),
            "commission": cells.mention("commission", "agent"),
            "quorum": cells.whole("quorum"),
            "months": cells.whole("months"),
        },
    )


def attestations(cells: Cells) -> Iterator[Draft]:
    """Say what a row of attestations.csv says."""
    minutes = cells.text("minutes")
    yield _draft(
        cells,
        "attestations",
        "attestation",
        cells.author(),
        {
            "type": cells.choice("type", ATTESTATIONS),
            "subject": cells.mention("subject", *THING),
            "seal": cells.mention("seal", "seal"),
            "result": cells.choice("result", ("pass", "fail"), "") or None,
            "rating": cells.whole("rating"),
            "visits": cells.mentions("visits", "attestation", record=True) or None,
            "award": cells.mention("award", "attestation", record=True),
            "minutes": None if minutes is None else hashlib.sha256(minutes.encode()).digest(),
            "note": cells.text("note"),
            "until_ms": cells.until_ms(),
            "conflict": cells.yes("conflict") or None,
        },
    )


def posts(cells: Cells) -> Iterator[Draft]:
    """Say what a row of posts.csv says."""
    yield _draft(
        cells,
        "posts",
        "post",
        cells.author(),
        {
            "type": cells.choice("type", ("story", "message", "guide", "campaign")),
            "title": cells.needed("title"),
            "text": cells.needed("text"),
            "about": cells.mention("about", *ANY),
        },
    )


def transfers(cells: Cells) -> Iterator[Draft]:
    """Say what a row of transfers.csv says."""
    amount = cells.number("amount", cells.credit.exponent)
    if amount is not None and amount <= 0:
        cells.problem("amount", "The amount is not above zero.", "Swap payer and payee, or leave the row out.")
    purpose = cells.text("purpose")
    payer = cells.author("payer")
    yield _draft(
        cells,
        "transfers",
        "transfer",
        payer,
        {
            "payer": Mention(payer, "payer", frozenset({"agent"})),
            "payee": cells.mention("payee", "agent"),
            "amount": amount,
            "unit": cells.credit.unit,
            "purpose": None if purpose is None else {"text": purpose},
        },
    )


def _draft(
    cells: Cells,
    table: str,
    kind: str,
    author: str | None,
    body: dict[str, Any],
    *,
    step: str | None = None,
    is_mapped: bool = False,
) -> Draft:
    key = cells.text("key") or ""
    return Draft(
        file=cells.file,
        line=cells.row.line,
        key=key if step is None else "",
        step=step or f"{table}/{key}",
        kind=kind,
        author=author,
        body=_without_nothing(body),
        is_mapped=is_mapped,
    )


def _self(cells: Cells) -> Mention:
    return Mention(cells.text("key") or "", "key", frozenset({"agent", "network"}))


def _joined(cells: Cells) -> str:
    text = (cells.text("joined") or "yes").casefold()
    if text in {"mapped", "mapeado", "mapeada"}:
        return "mapped"
    if cells.has("joined") and not cells.yes("joined"):
        cells.problem("joined", f"“{text}” is neither yes nor mapped.", "Write yes or mapped.")
    return "yes"


def _profile(cells: Cells, agent: Mention) -> dict[str, Any]:
    return {
        "agent": agent,
        "name": cells.needed("name"),
        "about": cells.text("about"),
        "city": cells.text("city"),
        "state": cells.text("state"),
        "contact": cells.text("contact"),
        **cells.degrees(),
    }


def _listing(cells: Cells) -> dict[str, Any]:
    return {
        "title": cells.needed("title"),
        "category": cells.category(),
        "about": cells.text("about"),
        "quantity": cells.number("quantity", PER_EXPONENT),
        "measure": cells.measure(),
        "price": cells.price(),
        "per": cells.number("per", PER_EXPONENT),
        "until_ms": cells.until_ms(),
        "place": cells.mention("place", "place"),
    }


def _without_nothing(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
