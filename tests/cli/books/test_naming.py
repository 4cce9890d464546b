"""Names for hledger and Beancount: what they refuse is replaced, and no two are the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.books.naming import beancount_account, hledger_account, one_line, unit_codes

TEXT = st.text(st.characters(exclude_categories=()), max_size=80)


@pytest.mark.parametrize(
    ("name", "hledger", "beancount"),
    [
        ("Ana", "1 Ana", "1-Ana"),
        ("", "1", "1"),
        ("a  b:c;d", "1 a b c d", "1-a-b-c-d"),
        ("José\nda Conceição", "1 José da Conceição", "1-José-da-Conceição"),
        ("🍞 & Cuca", "1 🍞 & Cuca", "1-Cuca"),
        ("--", "1 --", "1"),
        ("e\u0301", "1 é", "1-é"),
    ],
)
def test_names_keep_what_the_programs_take(name: str, hledger: str, beancount: str) -> None:
    """Letters with accents stay; signs that mean something to a program don't."""
    assert f"assets:members:{hledger}" == hledger_account(1, "member", name)
    assert f"Assets:Members:{beancount}" == beancount_account(1, "member", name)


@given(TEXT)
def test_any_name_becomes_one_of_the_right_form(name: str) -> None:
    """Whatever a member is called, the account's name has the form that each program states."""
    for_hledger = hledger_account(12, "fund", name)
    for_beancount = beancount_account(12, "fund", name)

    assert re.fullmatch(r"assets:funds:12(?: \S+)*", for_hledger)
    assert ";" not in for_hledger
    assert for_hledger.count(":") == 2
    assert re.fullmatch(r"Assets:Funds:12(?:-[^\W_]+)*", for_beancount)


@given(TEXT)
def test_one_line_has_no_ends_and_single_spaces(text: str) -> None:
    """A text on one line splits into itself."""
    assert [one_line(text)] == (one_line(text).splitlines() or [""])
    assert "  " not in one_line(text)


@given(st.lists(TEXT, max_size=8))
def test_codes_of_units_are_taken_and_unique(symbols: list[str]) -> None:
    """Any symbols, equal ones too, become commodities that both programs take."""
    codes = unit_codes([{"unit": str(at), "symbol": symbol} for at, symbol in enumerate(symbols)])

    assert len(symbols) == len(set(codes.values()))
    assert all(re.fullmatch(r"[A-Z][A-Z0-9-]{0,22}[A-Z0-9]", code) for code in codes.values())


@pytest.mark.parametrize("symbol", ["TRUE", "false", "NULL"])
def test_a_word_of_the_language_is_no_code(symbol: str) -> None:
    """Beancount would read these as values."""
    assert ["C" + symbol.upper()] == list(unit_codes([{"unit": "u", "symbol": symbol}]).values())
