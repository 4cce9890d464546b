"""Books as CSV: semicolons, decimal comma, nothing that a spreadsheet would run."""

from __future__ import annotations

from cli.books.tables import statement_csv, to_csv


def test_cells_are_quoted_and_harmless() -> None:
    """A semicolon, a line's end and a formula stay text; None is empty; numbers below zero stay numbers."""
    assert 'a;b;c;d\r\n"x;y";;"1\n2";\'=1+1\r\n-3,50;;;\r\n' == to_csv(
        ["a", "b", "c", "d"], [["x;y", None, "1\n2", "=1+1"], ["-3,50", None, None, ""]]
    )


def test_a_statement_tells_paid_from_received() -> None:
    """Each movement has its amount in one of two columns, and the balance behind it."""
    money = {"unit": "agent:x", "symbol": "SB", "exponent": 2}
    entries = [
        {
            "time_ms": 0,
            "other": {"name": "Bia"},
            "purpose": "pão",
            "amount": {**money, "amount": amount},
            "balance_after": {**money, "amount": after},
            "transfer": "transfer:x",
        }
        for amount, after in ((-1250, -1250), (300, -950))
    ]

    assert [
        "date;time_utc;with;text;paid;received;balance;unit;record",
        "1970-01-01;00:00;Bia;pão;12,50;;-12,50;SB;transfer:x",
        "1970-01-01;00:00;Bia;pão;;3,00;-9,50;SB;transfer:x",
    ] == statement_csv(entries).splitlines()
