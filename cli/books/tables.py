"""The books as CSV for a spreadsheet: `;` between columns, decimal comma, nothing that it would take for a formula.

Source: docs/reference/csv.md; docs/operating/books.md.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cli.books.journal import Journal, amount_text, day_of, minute_of
from cli.cash import who_text
from cli.catalogue import harmless

BYTE_ORDER_MARK = "\ufeff"
"""By which a spreadsheet recognises UTF-8."""

MOVEMENTS = (
    "entry",
    "line",
    "date",
    "time_utc",
    "payer_account",
    "payer",
    "payee_account",
    "payee",
    "amount",
    "unit",
    "kind",
    "type",
    "text",
    "about",
    "happened",
    "record",
)
TRIAL = ("account", "name", "kind", "given", "received", "balance", "unit")
ACCOUNTS = ("account", "name_in_export", "name", "kind", "unit", "agent")
UNITS = ("code_in_export", "name", "symbol", "decimals", "unit")
STATEMENT = ("date", "time_utc", "with", "text", "paid", "received", "balance", "unit", "record")

CASH = ("date", "box", "in", "out", "counted", "difference", "held", "unit", "who", "text", "round", "record")


def to_csv(heading: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Write rows under their heading; None is an empty cell."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    writer.writerow(heading)
    for row in rows:
        writer.writerow(["" if cell is None else harmless(str(cell)) for cell in row])
    return buffer.getvalue()


def movements_csv(views: Iterable[Mapping[str, Any]], codes: Mapping[str, str]) -> str:
    """Write movements.

    Args:
        views: as the node gives them.
        codes: the code of each unit; one that isn't there is written as it is.
    """
    return to_csv(
        MOVEMENTS,
        (
            (
                view["leaf_index"],
                view["line"],
                day_of(view["time_ms"]),
                minute_of(view["time_ms"])[11:],
                view["payer_account"],
                view["payer"]["name"],
                view["payee_account"],
                view["payee"]["name"],
                amount_text(view["amount"], decimal_sign=","),
                codes.get(view["amount"]["unit"], view["amount"]["unit"]),
                view["kind"],
                view.get("type"),
                view.get("text"),
                " ".join(view.get("about") or ()),
                day_of(view["happened_ms"]) if view.get("happened_ms") else None,
                view.get("record"),
            )
            for view in views
        ),
    )


def trial_csv(journal: Journal) -> str:
    """Write the trial balance."""
    codes = journal.codes()
    return to_csv(
        TRIAL,
        (
            (
                view["number"],
                view["account"]["name"],
                view["kind"],
                amount_text(view["debits"], decimal_sign=","),
                amount_text(view["credits"], decimal_sign=","),
                amount_text(view["balance"], decimal_sign=","),
                codes[view["balance"]["unit"]],
            )
            for view in journal.accounts
        ),
    )


def accounts_csv(journal: Journal, names: Mapping[int, str]) -> str:
    """Write which account has which name in an export.

    Args:
        journal: what is exported.
        names: the name in the export, by number.
    """
    codes = journal.codes()
    return to_csv(
        ACCOUNTS,
        (
            (
                view["number"],
                names[view["number"]],
                view["account"]["name"],
                view["kind"],
                codes[view["balance"]["unit"]],
                view["account"]["id"],
            )
            for view in journal.accounts
        ),
    )


def units_csv(journal: Journal) -> str:
    """Write which unit has which code in an export."""
    codes = journal.codes()
    rows = (
        (codes[view["unit"]], view["name"], view["symbol"], view["exponent"], view["unit"]) for view in journal.units
    )
    return to_csv(UNITS, rows)


def statement_csv(entries: Iterable[Mapping[str, Any]]) -> str:
    """Write the statement of an account.

    Args:
        entries: its movements, as `cli.books.statement` gives them.
    """
    return to_csv(
        STATEMENT,
        (
            (
                day_of(entry["time_ms"]),
                minute_of(entry["time_ms"])[11:],
                entry["other"]["name"],
                entry.get("purpose"),
                amount_text(entry["amount"], decimal_sign=",", negative=True)
                if entry["amount"]["amount"] < 0
                else None,
                amount_text(entry["amount"], decimal_sign=",") if entry["amount"]["amount"] > 0 else None,
                amount_text(entry["balance_after"], decimal_sign=","),
                entry["amount"]["symbol"],
                entry["transfer"],
            )
            for entry in entries
        ),
    )


def cash_csv(lines: Iterable[Mapping[str, Any]]) -> str:
    """Write lines of the cash book, as the node gives them."""
    return to_csv(
        CASH,
        (
            (
                day_of(line["at_ms"]),
                line["box"],
                amount_text(line["amount"], decimal_sign=",") if line.get("direction") == "in" else None,
                amount_text(line["amount"], decimal_sign=",") if line.get("direction") == "out" else None,
                amount_text(line["amount"], decimal_sign=",") if line["kind"] == "count" else None,
                amount_text(line["difference"], decimal_sign=",") if line["kind"] == "count" else None,
                amount_text(line["held"], decimal_sign=","),
                line["amount"]["unit"],
                who_text(line),
                line.get("text"),
                line.get("round"),
                line["id"],
            )
            for line in lines
        ),
    )
