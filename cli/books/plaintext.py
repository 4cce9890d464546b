"""The whole journal for hledger and for Beancount, each with the trial balance in it, which the program itself checks.

A balance above zero is credit that an account holds, so every account is written as an asset: what a member owes is an
asset below zero, and all assets together are zero.
Rules kept here:
- one transaction a movement, in the order of the ledger, with its place and its record;
- the balance of every account is asserted behind the last movement, so a program that reads otherwise says so;
- no text of a member is read as anything but text.
Source: hledger.org/1.25/hledger.html; Beancount's language syntax; docs/operating/books.md.

Tests: tests/cli/books/test_exports.py, tests/cli/books/test_plaintext.py
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from cli.books.journal import Journal, amount_text, day_of
from cli.books.naming import beancount_account, hledger_account, one_line
from cli.values import unscaled

TEXT_CHARACTERS_MAX = 200
"""More of a movement's words is left to journal.csv."""


def hledger_names(journal: Journal) -> dict[int, str]:
    """Give each account its name for hledger, by number."""
    return {
        each["number"]: hledger_account(each["number"], each["kind"], each["account"]["name"])
        for each in journal.accounts
    }


def beancount_names(journal: Journal) -> dict[int, str]:
    """Give each account its name for Beancount, by number."""
    return {
        each["number"]: beancount_account(each["number"], each["kind"], each["account"]["name"])
        for each in journal.accounts
    }


def to_hledger(journal: Journal) -> str:
    """Write a journal that `hledger --strict` takes."""
    names, codes = hledger_names(journal), journal.codes()
    lines = [f"; {_hledger_text(journal.network)}: {journal.trial['size']} entries, root {journal.trial['root']}"]
    lines += ["decimal-mark .", ""]
    lines += [f'commodity {_mark(1000, view["exponent"])} "{codes[view["unit"]]}"' for view in journal.units]
    lines.append("")
    for each in journal.accounts:
        lines += [f"account {names[each['number']]}", f"    ; agent:{each['account']['id']}"]
    for view in journal.movements:
        code = codes[view["amount"]["unit"]]
        lines += [
            "",
            f"{day_of(view['time_ms'])}{_happened(view)} ({_place(view)}) {_hledger_text(_words(view))}".rstrip(),
            f"    ; kind:{view['kind']}, record:{view.get('record') or ''}",
            f"    {names[view['payer_account']]}  {_hledger_amount(view['amount'], code, negative=True)}",
            f"    {names[view['payee_account']]}  {_hledger_amount(view['amount'], code)}",
        ]
    if journal.movements:
        lines += ["", f"{journal.last_day()} (trial) trial balance"]
        for each in journal.accounts:
            code = codes[each["balance"]["unit"]]
            zero = _mark(0, each["balance"]["exponent"])
            lines.append(f'    {names[each["number"]]}  {zero} "{code}" = {_hledger_amount(each["balance"], code)}')
    return "\n".join(lines) + "\n"


def to_beancount(journal: Journal) -> str:
    """Write a journal that `bean-check` takes."""
    names, codes = beancount_names(journal), journal.codes()
    first = journal.first_day()
    lines = [f"; {journal.trial['size']} entries, root {journal.trial['root']}"]
    lines += [f'option "title" "{_beancount_text(journal.network)}"', ""]
    for view in journal.units:
        lines += [f"{first} commodity {codes[view['unit']]}", f'  name: "{_beancount_text(str(view["name"]))}"']
    lines.append("")
    for each in journal.accounts:
        lines += [
            f"{first} open {names[each['number']]} {codes[each['balance']['unit']]}",
            f'  agent: "{each["account"]["id"]}"',
            f'  name: "{_beancount_text(str(each["account"]["name"]))}"',
        ]
    for view in journal.movements:
        code = codes[view["amount"]["unit"]]
        lines += [
            "",
            f'{day_of(view["time_ms"])} * "{_beancount_text(_words(view))}"',
            f'  entry: "{_place(view)}"',
            f'  kind: "{view["kind"]}"',
            *([f'  record: "{view["record"]}"'] if view.get("record") else []),
            *([f"  happened: {day_of(view['happened_ms'])}"] if view.get("happened_ms") else []),
            f"  {names[view['payer_account']]}  {amount_text(view['amount'], negative=True)} {code}",
            f"  {names[view['payee_account']]}  {amount_text(view['amount'])} {code}",
        ]
    lines += ["", *_beancount_assertions(journal, names, codes)]
    return "\n".join(lines) + "\n"


def _beancount_assertions(journal: Journal, names: Mapping[int, str], codes: Mapping[str, str]) -> Iterator[str]:
    """Beancount asserts the balance that a day begins with, so the day behind the last movement is named."""
    day = journal.last_day(days_later=1)
    for each in journal.accounts:
        number = amount_text(each["balance"])
        yield f"{day} balance {names[each['number']]}  {number} ~ 0 {codes[each['balance']['unit']]}"


def _words(view: Mapping[str, Any]) -> str:
    return one_line(str(view.get("text") or view.get("type") or view["kind"]))[:TEXT_CHARACTERS_MAX]


def _place(view: Mapping[str, Any]) -> str:
    return f"{view['leaf_index']}.{view['line']}"


def _happened(view: Mapping[str, Any]) -> str:
    """Give hledger's secondary date: when it happened, where that was before the ledger knew of it."""
    return f"={day_of(view['happened_ms'])}" if view.get("happened_ms") else ""


def _hledger_text(text: str) -> str:
    """In a description `;` begins a comment and `|` ends the payee."""
    return one_line(text.replace(";", ",").replace("|", "/"))


def _hledger_amount(view: Mapping[str, Any], code: str, *, negative: bool = False) -> str:
    return f'{_mark(-view["amount"] if negative else view["amount"], view["exponent"])} "{code}"'


def _mark(number: int, exponent: int) -> str:
    """Write a number with its decimal mark, also where no decimals follow."""
    return unscaled(number, exponent, decimal_sign=".") if exponent else f"{number}."


def _beancount_text(text: str) -> str:
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')
