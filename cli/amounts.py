"""Money, quantities, measures and categories, between what people write and what records hold.

Rules: records hold whole minor units and thousandths; only here and in `cli.output` do they become decimals, in the
form that the node states with each amount (symbol, exponent). Source: STYLE rule 17; spec/03-records.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from cli.values import ValueProblemError, scaled, unscaled
from protocol.categories import CATEGORIES
from protocol.currencies import exponent_of
from protocol.identifiers import to_text
from protocol.measures import MEASURES

QUANTITY_EXPONENT = 3
CURRENCY_DEFAULT = "BRL"
CREDIT_WORDS = frozenset({"credit", "credits", "credito", "creditos"})

_CODE_FIRST = re.compile(r"(?P<unit>[A-Za-z]{3})\s*(?P<number>[+-]?[\d.,]+)")
_AMOUNT = re.compile(r"(?P<number>[+-]?[\d.,   ]*\d)\s*(?P<unit>\S.*)?")


@dataclass(frozen=True, slots=True)
class CreditUnit:
    """A network's own credit, as people write it.

    Attributes:
        unit: The unit in records, `agent:` and base32 of the network.
        name: Its name, such as "Esperança".
        symbol: Its short sign.
        exponent: How many decimals it has.
    """

    unit: str
    name: str
    symbol: str
    exponent: int

    @classmethod
    def of_network(cls, network: bytes, view: Mapping[str, Any] | None) -> CreditUnit:
        """Make the unit of a network from its `unit` view; two decimals where it states none."""
        view = view or {}
        return cls(
            unit=to_text("agent", network),
            name=str(view.get("name", "")),
            symbol=str(view.get("symbol", "")),
            exponent=int(view.get("exponent", 2)),
        )

    def is_meant_by(self, word: str) -> bool:
        """Say whether a word names this credit: "credit", its name, its symbol or its id."""
        folded = fold(word)
        return folded in CREDIT_WORDS or word == self.unit or (folded in {fold(self.name), fold(self.symbol)} - {""})


def fold(text: str) -> str:
    """Make words comparable: no accents, no case, single spaces.

    >>> fold("  Pão de  Queijo ")
    'pao de queijo'
    """
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(letter for letter in decomposed if not unicodedata.combining(letter)).split())


def money_of(text: str, credit: CreditUnit, *, comma_is_decimal: bool = True) -> dict[str, Any]:
    """Read an amount with its unit.

    Args:
        text: such as ``12,50 BRL``, ``BRL 12,50``, ``R$ 12,50``, ``3 credits`` or ``3`` (credits).
        credit: the credit of the network in question.
        comma_is_decimal: see `scaled`.

    Returns:
        The map of a record: unit and minor units.

    Raises:
        ValueProblemError: it can't be read.
    """
    text = text.strip()
    if text.startswith("R$"):
        text = text[2:].strip() + " BRL"
    before = _CODE_FIRST.fullmatch(text)
    if before is not None:
        text = f"{before['number']} {before['unit']}"
    match = _AMOUNT.fullmatch(text)
    if match is None:
        raise ValueProblemError(f"“{text[:40]}” is not an amount.", "Write it like “12,50 BRL” or “3 credits”.")
    word = (match["unit"] or "credits").strip()
    if credit.is_meant_by(word):
        unit, exponent = credit.unit, credit.exponent
    elif re.fullmatch(r"[A-Za-z]{3}", word):
        unit, exponent = word.upper(), exponent_of(word.upper())
    else:
        raise ValueProblemError(f"“{word[:40]}” is no unit of money.", "Write “credits”, or a code like BRL.")
    return {"unit": unit, "amount": scaled(match["number"], exponent, comma_is_decimal=comma_is_decimal)}


def measure_of(text: str) -> str:
    """Read a measure by its code, symbol or name.

    Returns:
        The code on the wire.

    Raises:
        ValueProblemError: the table has none like it.
    """
    wanted = fold(text)
    for measure in MEASURES.values():
        names = {measure.code, measure.symbol, *measure.labels.values()}
        folded = {fold(name) for name in names} | {fold(name.replace("_", " ")) for name in names}
        if wanted in folded or wanted.removesuffix("s") in folded:
            return str(measure.code)
    raise ValueProblemError(f"“{text[:40]}” is no measure.", "Write one like kg, litro, un, hora; see docs/reference.")


def category_of(text: str) -> str:
    """Read a category by its id or one of its labels.

    Raises:
        ValueProblemError: the list has none like it.
    """
    wanted = fold(text)
    for category in CATEGORIES.values():
        if wanted == category.id or wanted in {fold(label) for label in category.labels.values()}:
            return str(category.id)
    near = sorted(
        {
            category.id
            for category in CATEGORIES.values()
            for label in (category.id, *category.labels.values(), *category.also)
            if wanted and (wanted in fold(label) or fold(label) in wanted)
        }
    )
    hint = f"Near it: {', '.join(near[:8])}." if near else "The list is in docs/reference/categories.md."
    raise ValueProblemError(f"“{text[:40]}” is no category.", hint)


def quantity_of(text: str, *, comma_is_decimal: bool = True) -> tuple[int, str | None]:
    """Read a quantity, with or without its measure.

    Args:
        text: such as ``2,5 kg`` or ``12``.
        comma_is_decimal: see `scaled`.

    Returns:
        Thousandths, and the measure's code or None.

    Raises:
        ValueProblemError: it can't be read, or is not above zero.
    """
    match = _AMOUNT.fullmatch(text.strip())
    if match is None:
        raise ValueProblemError(f"“{text[:40]}” is not a quantity.", "Write it like “2,5 kg” or “12”.")
    quantity = scaled(match["number"], QUANTITY_EXPONENT, comma_is_decimal=comma_is_decimal)
    if quantity <= 0:
        raise ValueProblemError(f"“{text[:40]}” is not more than nothing.", "Write a quantity above zero.")
    return quantity, measure_of(match["unit"]) if match["unit"] else None


def money_text(view: Mapping[str, Any] | None) -> str:
    """Write an amount that a node shows, such as ``12,50 R$``."""
    if view is None:
        return ""
    return f"{unscaled(int(view['amount']), int(view.get('exponent', 2)))} {view.get('symbol') or view['unit']}"


def price_text(view: Mapping[str, Any] | None) -> str:
    """Write a price that a node shows, such as ``9,00 R$ + 2,00 E / kg``."""
    if not view or not view.get("parts"):
        return ""
    parts = " + ".join(money_text(part) for part in view["parts"])
    per = int(view["per"])
    measure = measure_text(view["measure"])
    return f"{parts} / {measure}" if per == 1000 else f"{parts} / {quantity_text(per, view['measure'])}"


def quantity_text(thousandths: int | None, measure: str) -> str:
    """Write a quantity, such as ``2,5 kg``; nothing for None."""
    if thousandths is None:
        return ""
    number = unscaled(thousandths, QUANTITY_EXPONENT).rstrip("0").rstrip(",")
    return f"{number} {measure_text(measure)}"


def measure_text(code: str) -> str:
    """Write a measure's symbol; the code itself where the table lacks it."""
    measure = MEASURES.get(code)
    return str(measure.symbol) if measure is not None else code


def prices_of(texts: Iterable[str], credit: CreditUnit) -> list[dict[str, Any]]:
    """Read the parts of a price, at most one in each unit.

    Raises:
        ValueProblemError: one can't be read, or a unit stands there twice.
    """
    parts = [money_of(text, credit) for text in texts]
    if len({part["unit"] for part in parts}) != len(parts):
        raise ValueProblemError("The price names one unit twice.", "Give one amount in each unit.")
    return parts
