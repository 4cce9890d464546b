"""The cells of one row, read as what their columns hold; each mistake becomes a problem with its place.

Source: docs/reference/csv.md.

Tests: tests/cli/importing/test_folder.py
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from cli.amounts import CreditUnit, category_of, measure_of, money_of
from cli.importing.drafts import Mention
from cli.importing.problems import Problems, shown
from cli.importing.reading import Row
from cli.values import ValueProblemError, day_ms, scaled, yes_or_no
from protocol.currencies import exponent_of
from protocol.errors import RemoteProtocolError
from protocol.identifiers import from_text

KEY = re.compile(r"[a-z0-9_-]{1,64}")
DEGREE_EXPONENT = 6
QUANTITY_EXPONENT = 3
LIST_SEPARATOR = "|"

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """One row.

    Attributes:
        file: The file's name.
        row: The row.
        credit: The credit of the folder's network.
        comma_is_decimal: The cells are parted by something else than commas.
        problems: Where mistakes go.
    """

    file: str
    row: Row
    credit: CreditUnit
    comma_is_decimal: bool
    problems: Problems

    def problem(self, column: str, message: str, next_step: str) -> None:
        """Note a mistake of this row."""
        self.problems.add(self.file, self.row.line, column, message, next_step)

    def has(self, column: str) -> bool:
        """Say whether the cell holds anything."""
        return column in self.row.cells

    def text(self, column: str) -> str | None:
        """Give the cell's text, None where it is empty."""
        return self.row.cells.get(column)

    def needed(self, column: str) -> str:
        """Give the cell's text; an empty one is a mistake."""
        text = self.text(column)
        if text is None:
            self.problem(column, "The cell is empty.", "Fill it in.")
            return ""
        return text

    def read(self, column: str, how: Callable[[str], Value]) -> Value | None:
        """Read the cell by a function that raises `ValueProblemError`; None where it is empty or wrong."""
        text = self.text(column)
        if text is None:
            return None
        try:
            return how(text)
        except ValueProblemError as error:
            self.problem(column, error.message, error.next_step)
            return None

    def key(self) -> str:
        """Give the row's own key."""
        key = self.needed("key")
        if key and KEY.fullmatch(key) is None:
            self.problem("key", f"{shown(key)} is no key.", "Use at most 64 small letters, digits, - and _.")
        return key

    def choice(self, column: str, choices: Collection[str], default: str | None = None) -> str | None:
        """Give the cell's word, which is one of a few."""
        text = self.text(column)
        if text is None:
            if default is None:
                self.problem(column, "The cell is empty.", f"Write one of {', '.join(choices)}.")
            return default
        if text.casefold() not in choices:
            self.problem(column, f"{shown(text)} isn't known here.", f"Write one of {', '.join(choices)}.")
            return None
        return text.casefold()

    def parts(self, column: str) -> list[str]:
        """Give the parts of a list."""
        return [part.strip() for part in (self.text(column) or "").split(LIST_SEPARATOR) if part.strip()]

    def mention(self, column: str, *kinds: str, record: bool = False) -> Mention | bytes | None:
        """Give what the cell names: another row, or by full id something of anywhere."""
        text = self.text(column)
        return None if text is None else self._mention(column, text, kinds, record=record)

    def mentions(self, column: str, *kinds: str, record: bool = False) -> list[Mention | bytes]:
        """Give everything that a list of keys names."""
        found = (self._mention(column, part, kinds, record=record) for part in self.parts(column))
        return [one for one in found if one is not None]

    def author(self, column: str = "agent") -> str:
        """Give the key of the agent who signs the row."""
        key = self.needed(column)
        if ":" in key:
            self.problem(column, "Somebody of another network can't sign here.", "Name an agent of agents.csv.")
            return ""
        return key

    def number(self, column: str, exponent: int) -> int | None:
        """Give a decimal as a whole number of its smallest parts."""
        return self.read(column, lambda text: scaled(text, exponent, comma_is_decimal=self.comma_is_decimal))

    def whole(self, column: str) -> int | None:
        """Give a whole number."""
        return self.number(column, 0)

    def degrees(self) -> dict[str, int]:
        """Give latitude and longitude in millionths of a degree."""
        found = {
            "latitude_e6": self.number("latitude", DEGREE_EXPONENT),
            "longitude_e6": self.number("longitude", DEGREE_EXPONENT),
        }
        return {name: value for name, value in found.items() if value is not None}

    def category(self, column: str = "category") -> str | None:
        """Give a category's id."""
        self.needed(column)
        return self.read(column, category_of)

    def categories(self, column: str) -> list[str]:
        """Give the ids of a list of categories."""
        return self._each(column, category_of)

    def measure(self) -> str | None:
        """Give a measure's code."""
        self.needed("measure")
        return self.read("measure", measure_of)

    def price(self) -> list[dict[str, Any]]:
        """Give the price's parts: official money first, then credit."""
        currency = (self.text("currency") or "BRL").upper()
        if re.fullmatch(r"[A-Z]{3}", currency) is None:
            self.problem("currency", f"{shown(currency)} is no currency.", "Write a code like BRL.")
            return []
        official = self.number("price_official", exponent_of(currency))
        credit = self.number("price_credit", self.credit.exponent)
        parts = [(currency, official), (self.credit.unit, credit)]
        return [{"unit": unit, "amount": amount} for unit, amount in parts if amount is not None]

    def composition(self) -> list[dict[str, Any]]:
        """Give the lines of a price's composition."""
        return self._each("composition", self._cost)

    def packs(self) -> list[dict[str, Any]]:
        """Give how much a sack, box or bunch holds."""
        return self._each("packs", self._pack)

    def until_ms(self) -> int | None:
        """Give the end of the day at which it ends."""
        return self.read("until", day_ms)

    def yes(self, column: str) -> bool:
        """Give a yes or no; an empty cell is no."""
        return self.read(column, yes_or_no) or False

    def _each(self, column: str, how: Callable[[str], Value]) -> list[Value]:
        found: list[Value] = []
        for part in self.parts(column):
            try:
                found.append(how(part))
            except ValueProblemError as error:
                self.problem(column, error.message, error.next_step)
        return found

    def _cost(self, text: str) -> dict[str, Any]:
        part, sign, amount = text.partition("=")
        if not sign:
            raise ValueProblemError(f"{shown(text)} lacks its amount.", "Write it like “work=4,00 BRL”.")
        money = money_of(amount, self.credit, comma_is_decimal=self.comma_is_decimal)
        return {"part": part.strip().casefold(), **money}

    def _pack(self, text: str) -> dict[str, Any]:
        measure, sign, quantity = text.partition("=")
        if not sign:
            raise ValueProblemError(f"{shown(text)} lacks its quantity.", "Write it like “XSA=60”.")
        thousandths = scaled(quantity, QUANTITY_EXPONENT, comma_is_decimal=self.comma_is_decimal)
        return {"measure": measure_of(measure), "quantity": thousandths}

    def _mention(self, column: str, text: str, kinds: Iterable[str], *, record: bool) -> Mention | bytes | None:
        if ":" not in text:
            if KEY.fullmatch(text) is None:
                self.problem(column, f"{shown(text)} is neither a key nor an id.", "Write the key of another row.")
                return None
            return Mention(text, column, frozenset(kinds), record)
        try:
            kind, identifier = from_text(text)
        except RemoteProtocolError as error:
            self.problem(column, error.message + ".", "Copy the id as it is printed.")
            return None
        if kinds and kind not in kinds:
            self.problem(column, f"This is the id of a {kind}.", f"Give the id of a {' or '.join(kinds)}.")
            return None
        return identifier
