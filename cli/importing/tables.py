"""The tables that are read, with the columns of each.

The order of `TABLES` is that in which files are read and records sent, so that a row names only what stands before it.
Source: docs/reference/csv.md, whose tables a test compares with these.

Tests: tests/cli/importing/test_folder.py
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cli.importing import rows
from cli.importing.cells import Cells
from cli.importing.drafts import Draft
from cli.importing.rows import LABEL

POSITION = ("latitude", "longitude")
PRICE = ("price_official", "price_credit", "currency", "per")


@dataclass(frozen=True, slots=True)
class TableKind:
    """One file.

    Attributes:
        name: Its name, without `.csv`.
        kind: What a row's key names.
        columns: The columns that it may have.
        required: The columns that it must have.
        drafts: Turns a row into drafts.
    """

    name: str
    kind: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    drafts: Callable[[Cells], Iterator[Draft]]


TABLES = {
    table.name: table
    for table in (
        TableKind(
            "network",
            "network",
            (
                "key",
                "name",
                "about",
                "city",
                "state",
                *POSITION,
                "contact",
                "language",
                "colour",
                "unit_name",
                "unit_symbol",
                "unit_exponent",
            ),
            ("key", "name"),
            rows.network,
        ),
        TableKind(
            "agents",
            "agent",
            (
                "key",
                "type",
                "name",
                "city",
                "state",
                *POSITION,
                "about",
                "contact",
                "categories",
                "joined",
                "roles",
                "credit_low",
                "credit_high",
            ),
            ("key", "type", "name"),
            rows.agents,
        ),
        TableKind(
            "places",
            "place",
            ("key", "agent", "type", "name", "address", *POSITION, "hours"),
            ("key", "agent", "type", "name"),
            rows.places,
        ),
        TableKind(
            "items",
            "item",
            ("key", "agent", "name", "category", "measure", "about", *LABEL, "validity_days", "packs"),
            ("key", "agent", "name", "category", "measure"),
            rows.items,
        ),
        TableKind(
            "needs",
            "need",
            ("key", "agent", "title", "category", "about", "quantity", "measure", *PRICE, "firmness", "until", "place"),
            ("key", "agent", "title", "category", "measure"),
            rows.needs,
        ),
        TableKind(
            "offers",
            "offer",
            (
                "key",
                "agent",
                "title",
                "category",
                "about",
                "item",
                "quantity",
                "measure",
                *PRICE,
                "composition",
                "answers",
                "until",
                "place",
            ),
            ("key", "agent", "title", "category", "measure"),
            rows.offers,
        ),
        TableKind(
            "seals",
            "seal",
            ("key", "agent", "name", "about", "criteria", "commission", "quorum", "months"),
            ("key", "agent", "name", "about", "criteria", "commission", "quorum", "months"),
            rows.seals,
        ),
        TableKind(
            "attestations",
            "attestation",
            (
                "key",
                "agent",
                "type",
                "seal",
                "subject",
                "result",
                "rating",
                "visits",
                "award",
                "minutes",
                "note",
                "until",
                "conflict",
            ),
            ("key", "agent", "type", "subject"),
            rows.attestations,
        ),
        TableKind(
            "posts",
            "post",
            ("key", "agent", "type", "title", "text", "about"),
            ("key", "agent", "type", "title", "text"),
            rows.posts,
        ),
        TableKind(
            "transfers",
            "transfer",
            ("key", "payer", "payee", "amount", "purpose"),
            ("key", "payer", "payee", "amount"),
            rows.transfers,
        ),
    )
}
"""By name, in the order in which they are read."""
