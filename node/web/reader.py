"""What views look like to one reader: a language, a time zone and a moment, bound together for the templates."""

import re
from datetime import tzinfo
from urllib.parse import urlsplit

from node.services.views import MoneyView, NeighbourView, PriceView
from node.web import formats
from node.web.language import Words
from protocol.categories import CATEGORIES, Category, path
from protocol.measures import MEASURES

# What stands behind a number the same way in every language; the rest is counted in words ("2 dúzias").
SYMBOL_DIMENSIONS = frozenset({"mass", "volume", "length", "area", "energy"})

SMALLER = {"TNE": "KGM", "KGM": "GRM", "LTR": "MLT", "KMT": "MTR"}

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9.-]{1,200}\.[A-Za-z]{2,24}")
_PHONE = re.compile(r"[+(]?[0-9][0-9 ().-]{6,22}[0-9]")


class Reader:
    """One reader's eyes.

    Attributes:
        words: the reader's language.
    """

    def __init__(self, words: Words, *, now_ms: int, zone: tzinfo | None) -> None:
        self.words = words
        self._now_ms = now_ms
        self._zone = zone

    def money(self, amount: MoneyView) -> str:
        """Write an amount with its sign."""
        return formats.money(
            self.words,
            amount.amount,
            symbol=amount.symbol,
            exponent=amount.exponent,
            is_official=not amount.is_credit,
        )

    def price(self, price: PriceView) -> str:
        """Write a price in one line of plain text: "R$ 6,00 + 4,00 E$ por kg"."""
        parts = " + ".join(self.money(part) for part in price.parts) or self.words("price.free")
        return f"{parts} {self.per(price)}"

    def per(self, price: PriceView) -> str:
        """Say what a price is for: "por kg", "por 500 g", "por dúzia"."""
        if price.per == 1000 and price.measure == "LTR":  # "por l" reads like a slip of the pen
            return self.words("price.per", what=MEASURES["LTR"].labels[self._short()])
        if price.per == 1000:
            return self.words("price.per", what=self.measure(price.measure))
        return self.words("price.per", what=self.quantity(price.per, price.measure))

    def measure(self, code: str) -> str:
        """Name one of a measure: "kg", "dúzia"; a code of a newer program shows as it is."""
        measure = MEASURES.get(code)
        if measure is None:
            return code
        return measure.symbol if measure.dimension in SYMBOL_DIMENSIONS else measure.labels[self._short()]

    def quantity(self, milli: int, code: str) -> str:
        """Write a quantity, given in thousandths of a measure: "2,5 kg", "1 dúzia", "40 refeições"."""
        milli, code = _readable(milli, code)
        number = formats.decimal(self.words, milli, exponent=3, is_trimmed=True)
        measure = MEASURES.get(code)
        if measure is None or measure.dimension in SYMBOL_DIMENSIONS:
            return number + formats.NO_BREAK + self.measure(code)
        if milli == 1000:
            return number + formats.NO_BREAK + self.measure(code)
        return number + formats.NO_BREAK + self.words(f"measure.{code}")

    def distance(self, distance_m: int) -> str:
        """Say how far away something is: "a 12 km"."""
        return formats.distance(self.words, distance_m)

    def date(self, time_ms: int) -> str:
        """Write a day in full."""
        return formats.date(self.words, time_ms, zone=self._zone)

    def date_time(self, time_ms: int) -> str:
        """Write a day and the minute."""
        return formats.date_time(self.words, time_ms, zone=self._zone)

    def ago(self, time_ms: int) -> str:
        """Say how long ago something was."""
        return formats.ago(self.words, time_ms, now_ms=self._now_ms, zone=self._zone)

    def machine_time(self, time_ms: int) -> str:
        """Write a time for machines."""
        return formats.machine_time(time_ms)

    def category_name(self, identifier: str) -> str:
        """Name a category; one of a newer program shows its id, made readable."""
        category = CATEGORIES.get(identifier)
        return category.labels[self._short()] if category else identifier.replace("-", " ").capitalize()

    def neighbour(self, neighbour: NeighbourView) -> str:
        """Say in one plain sentence how well a neighbour network is heard."""
        since = self.ago(neighbour.since_ms) if neighbour.since_ms is not None else None
        if neighbour.state == "connected":
            linked = self.words("neighbour.linked", ago=since) if since else self.words("neighbour.linked_now")
            if neighbour.behind:
                return f"{linked} {self.words.count('neighbour.fetching', neighbour.behind)}"
            return linked
        if neighbour.state == "connecting":
            return self.words("neighbour.trying")
        if neighbour.state == "refused":
            return self.words("neighbour.was_refused")
        return self.words("neighbour.silent", ago=since) if since else self.words("neighbour.never_heard")

    def _short(self) -> str:
        return self.words.language[:2]


def _readable(milli: int, code: str) -> tuple[int, str]:
    """Put less than one of a measure in the smaller one that people would use: half a kilogram is 500 g."""
    return (milli * 1000, SMALLER[code]) if 0 < milli < 1000 and code in SMALLER else (milli, code)


def contact_href(text: str) -> str | None:
    """Give a link for a contact that is plainly an e-mail address or a telephone number, None for anything else.

    >>> contact_href("(54) 3232-1010")
    'tel:5432321010'
    """
    stripped = text.strip()
    if _EMAIL.fullmatch(stripped):
        return f"mailto:{stripped}"
    if _PHONE.fullmatch(stripped):
        return "tel:" + re.sub(r"[^0-9+]", "", stripped)
    return None


def web_address(text: str) -> str | None:
    """Give an address only if it is one of the web: a neighbour's word never becomes a `javascript:` link."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if parts.scheme in {"http", "https"} and parts.hostname else None


def trunk(identifier: str) -> str:
    """Give the trunk that a category hangs on; itself where the list doesn't know it."""
    above: tuple[Category, ...] = path(identifier)
    return above[0].id if above else identifier
