"""Journals for hledger and Beancount of a few movements, line by line."""

from __future__ import annotations

from typing import Any

import pytest

from cli.books.journal import Journal
from cli.books.plaintext import to_beancount, to_hledger

DAY_MS = 86_400_000


def money(amount: int, exponent: int = 2) -> dict[str, Any]:
    """Give an amount as a node does."""
    return {"unit": "agent:x", "symbol": "SB", "exponent": exponent, "amount": amount}


def journal(*, exponent: int = 2, **changes: Any) -> Journal:
    """Give a journal of one movement between two accounts, on the third day of 1970."""
    accounts = [
        {"number": number, "account": {"id": f"agent:{number}", "name": name}, "kind": "member", "balance": balance}
        for number, name, balance in ((1, "Ana", money(-250, exponent)), (2, 'B "i" a', money(250, exponent)))
    ]
    movement = {
        "leaf_index": 7,
        "line": 1,
        "time_ms": 2 * DAY_MS,
        "record": "posting:r",
        "kind": "posting",
        "type": "imported",
        "payer_account": 1,
        "payee_account": 2,
        "amount": money(250, exponent),
        "text": 'a; b | "c"',
        "happened_ms": None,
        **changes,
    }
    trial = {
        "size": 8,
        "root": "ab",
        "time_ms": 2 * DAY_MS,
        "units": [{"unit": "agent:x", "name": "sabiá", "symbol": "SB", "exponent": exponent}],
        "accounts": accounts,
    }
    return Journal(network="Vila", trial=trial, movements=[movement])


def test_a_movement_is_one_transaction() -> None:
    """Its place, words and record stand beside both sides; the words begin no comment and end no text."""
    assert (
        '1970-01-03 (7.1) a, b / "c"\n'
        "    ; kind:posting, record:posting:r\n"
        '    assets:members:1 Ana  -2.50 "SB"\n'
        '    assets:members:2 B "i" a  2.50 "SB"\n'
    ) in to_hledger(journal())
    assert (
        '1970-01-03 * "a; b | \\"c\\""\n'
        '  entry: "7.1"\n'
        '  kind: "posting"\n'
        '  record: "posting:r"\n'
        "  Assets:Members:1-Ana  -2.50 SB\n"
        "  Assets:Members:2-B-i-a  2.50 SB\n"
    ) in to_beancount(journal())


def test_what_happened_before_the_import_keeps_its_day() -> None:
    """As secondary date and as metadata."""
    imported = journal(happened_ms=DAY_MS)

    assert "\n1970-01-03=1970-01-02 (7.1) " in to_hledger(imported)
    assert "\n  happened: 1970-01-02\n" in to_beancount(imported)


def test_every_balance_is_asserted() -> None:
    """Behind the movements in hledger, at the beginning of the next day in Beancount, without tolerance."""
    assert '    assets:members:1 Ana  0.00 "SB" = -2.50 "SB"\n' in to_hledger(journal())
    assert "1970-01-04 balance Assets:Members:1-Ana  -2.50 ~ 0 SB\n" in to_beancount(journal())


def test_a_unit_without_decimals_has_its_mark_in_hledger() -> None:
    """250. is two hundred and fifty, whatever a program takes for the decimal mark."""
    assert '  250. "SB"\n' in to_hledger(journal(exponent=0))
    assert "  250 SB\n" in to_beancount(journal(exponent=0))


@pytest.mark.parametrize("write", [to_hledger, to_beancount])
def test_a_ledger_without_movements_is_written(write: Any) -> None:
    """Accounts alone make a journal."""
    empty = Journal(network="Vila", trial={**journal().trial, "accounts": []}, movements=[])

    assert "SB" in write(empty)


@pytest.mark.parametrize("write", [to_hledger, to_beancount])
def test_a_movement_without_words_is_named_by_its_type(write: Any) -> None:
    """What nobody described has the type of its posting, or its kind."""
    assert "imported" in write(journal(text=None))
