"""Names that hledger and Beancount take: of accounts and of units, each made from ours and never twice the same.

Rules kept here:
- the account's number stands first in its name, so that equal names stay apart and a new name stays the same account;
- what a program would read as something else (`:`, `;`, two spaces, a line's end) is left out or replaced;
- the names are exported beside the journal, with ours, so that nobody has to guess.
Source: hledger.org/1.25/hledger.html (account names, commodities); Beancount's language syntax (accounts, commodities).

    >>> hledger_account(7, "member", "Zé; da  Horta: 2")
    'assets:members:7 Zé da Horta 2'
    >>> beancount_account(7, "member", "Zé; da  Horta: 2")
    'Assets:Members:7-Zé-da-Horta-2'
    >>> unit_codes([{"unit": "agent:a", "symbol": "R$"}, {"unit": "agent:b", "symbol": "sabiá"}])
    {'agent:a': 'CR', 'agent:b': 'SABIA'}
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

NAME_CHARACTERS_MAX = 60
"""More of a name helps nobody who reads a journal; the whole one stands in accounts.csv."""

CODE_CHARACTERS_MAX = 20
"""Beancount takes 24 characters of a commodity; some are kept for a number behind it."""

GROUPS = {"member": "members", "fund": "funds"}
"""The group of each kind of account; another kind is a group of its own."""

RESERVED = frozenset({"TRUE", "FALSE", "NULL"})
"""Words of Beancount's language that would be read as values."""

_NO_CODE = re.compile(r"[^A-Z0-9]")


def one_line(text: str) -> str:
    """Give a text on one line, with single spaces, without what can't be seen.

    >>> one_line(" a\\tb\\n\\n c\\u200bd ")
    'a b cd'
    """
    spaced = "".join(" " if unicodedata.category(each)[0] in "ZC" and each not in _JOINERS else each for each in text)
    return " ".join("".join(each for each in spaced if each not in _JOINERS).split())


_JOINERS = frozenset(
    "\N{ZERO WIDTH SPACE}\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}"
)


def hledger_account(number: int, kind: str, name: str) -> str:
    """Give an account's name for hledger, where `:` parts levels, `;` begins a comment and two spaces end a name."""
    clean = one_line(unicodedata.normalize("NFC", name).replace(":", " ").replace(";", " "))
    return f"assets:{GROUPS.get(kind, kind)}:{number} {clean[:NAME_CHARACTERS_MAX]}".rstrip()


def beancount_account(number: int, kind: str, name: str) -> str:
    """Give an account's name for Beancount: letters, digits and hyphens."""
    composed = unicodedata.normalize("NFC", name)
    letters = "".join(each if _is_plain(each) else "-" for each in composed)
    clean = re.sub("-+", "-", letters).strip("-")[:NAME_CHARACTERS_MAX]
    return f"Assets:{GROUPS.get(kind, kind).capitalize()}:{number}-{clean}".rstrip("-")


def unit_codes(units: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Give every unit a code that both programs take as a commodity: two to some twenty capitals and digits.

    Args:
        units: views of units, with `unit` and `symbol`.

    Returns:
        The code of each, by unit.
    """
    codes: dict[str, str] = {}
    for view in units:
        decomposed = unicodedata.normalize("NFKD", str(view.get("symbol") or "")).upper()
        code = _NO_CODE.sub("", decomposed)[:CODE_CHARACTERS_MAX]
        if len(code) < 2 or not code[0].isalpha() or code in RESERVED:
            code = "C" + (code or "REDIT")
        known = set(codes.values())
        free = (f"{code}-{count}" for count in range(2, len(known) + 3))
        codes[str(view["unit"])] = code if code not in known else next(each for each in free if each not in known)
    return codes


def _is_plain(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category[0] == "L" or category == "Nd"
