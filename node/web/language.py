"""Languages of the pages: which one a reader gets, and the words in it.

Rules:
- pt-BR is the default; es and en are the others. An explicit choice (`?lang=`) wins over the remembered one (cookie),
  that over what the browser asks for (Accept-Language), that over the network's own language.
- The words stand in `words/<language>.json`, one flat table each with the same keys. A value is a sentence, or a pair
  `{"one": ..., "other": ...}` for a counted thing. A missing key is an error, never an empty place on a page.

Source: RFC 9110 section 12.5.4 (Accept-Language), RFC 4647 section 3.4 (lookup by prefix).
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources

LANGUAGES = ("pt-BR", "es", "en")
DEFAULT_LANGUAGE = "pt-BR"
COOKIE = "mutirao_language"

# Browsers send a handful of ranges; a longer header is cut instead of parsed without end.
RANGES_MAX = 20
HEADER_CHARACTERS_MAX = 500


class Words:
    """The words of one language, with the language's own plural and number rules.

    >>> words = words_of("en")
    >>> words.language
    'en'
    """

    def __init__(self, language: str, table: Mapping[str, str | Mapping[str, str]]) -> None:
        self.language = language
        self._table = table

    def __call__(self, key: str, **values: object) -> str:
        """Give the sentence of a key with its `{names}` filled in.

        Args:
            key: a key of the table whose value is one sentence.
            **values: what stands for each name in the sentence.

        Returns:
            Plain text, not yet escaped for HTML.

        Raises:
            KeyError: when the table has no such sentence, or a name in it has no value.
        """
        sentence = self._table[key]
        if not isinstance(sentence, str):
            raise KeyError(f"{key} is counted: use count()")
        return sentence.format_map(values) if values else sentence

    def count(self, key: str, number: int, **values: object) -> str:
        """Give the sentence for a number of things, as "1 oferta" or "3 ofertas".

        Args:
            key: a key of the table whose value is a pair "one" and "other".
            number: how many; stands for `{n}` in the sentence.
            **values: further names in the sentence.

        Raises:
            KeyError: when the table has no such pair.
        """
        forms = self._table[key]
        if isinstance(forms, str):
            raise KeyError(f"{key} isn't counted: call the words directly")
        # CLDR: Portuguese counts nought as singular in Brazil; Spanish and English don't.
        is_one = number in {0, 1} if self.language == "pt-BR" else number == 1
        return forms["one" if is_one else "other"].format(n=self.integer(number), **values)

    def has(self, key: str) -> bool:
        """Tell whether the table knows a key; for words of an open set such as record kinds."""
        return key in self._table

    def integer(self, number: int) -> str:
        """Write a whole number with this language's grouping: "12.345" or "12,345"."""
        grouped = f"{number:,}"
        return grouped if self.language == "en" else grouped.replace(",", ".")


@cache
def words_of(language: str) -> Words:
    """Read the words of a language once.

    Args:
        language: one of `LANGUAGES`.
    """
    text = resources.files("node.web").joinpath("words", f"{language}.json").read_text(encoding="utf-8")
    return Words(language, json.loads(text))


def match_language(tag: str) -> str | None:
    """Find our language for a language tag, by its first part: "pt-PT" gives "pt-BR", "fr" gives None.

    >>> match_language("es-AR")
    'es'
    """
    primary = tag.strip().lower().split("-", 1)[0]
    for language in LANGUAGES:
        if language.lower().split("-", 1)[0] == primary:
            return language
    return None


def accepted_language(header: str) -> str | None:
    """Find the reader's preferred language among ours in an Accept-Language header.

    Unreadable parts are skipped: the header is hostile input like any other.

    >>> accepted_language("fr, es-CL;q=0.8, en;q=0.9")
    'en'
    """
    best: tuple[float, str] | None = None
    for part in header[:HEADER_CHARACTERS_MAX].split(",")[:RANGES_MAX]:
        tag, _, parameters = part.partition(";")
        language = match_language(tag)
        if language is None:
            continue
        weight = _weight(parameters)
        if weight > 0 and (best is None or weight > best[0]):
            best = (weight, language)
    return best[1] if best else None


def choose_language(*, asked: str | None, remembered: str | None, header: str | None, network: str | None) -> str:
    """Choose the language of a page.

    Args:
        asked: the `lang` of the query, if any.
        remembered: the cookie's value, if any.
        header: Accept-Language, if any.
        network: the language in the network's profile, if any.
    """
    for tag in (asked, remembered):
        if tag and (language := match_language(tag)):
            return language
    if header and (language := accepted_language(header)):
        return language
    return (network and match_language(network)) or DEFAULT_LANGUAGE


def _weight(parameters: str) -> float:
    """Read "q=0.8"; without it the weight is 1, and what can't be read counts as 0."""
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    if name.strip().lower() != "q":
        return 1.0
    try:
        weight = float(value)
    except ValueError:
        return 0.0
    return weight if 0.0 <= weight <= 1.0 else 0.0
