"""Words for search: accents, case and plurals folded away.

The folding is made for Portuguese and does no harm to Spanish and English: what is stored and what is asked go through
the same functions, so that a word that is folded oddly is folded oddly on both sides and still found. It is no
dictionary; irregular plurals beyond the listed endings are found by their first letters (searches match beginnings).

>>> fold("Pão de Açúcar")
'pao de acucar'
>>> terms("Feijões e pães")
('feijao', 'pao')
>>> terms("feijao pao")
('feijao', 'pao')
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from protocol.limits import TEXT_CHARS_MAX

_WORD = re.compile(r"[a-z0-9]+")
_LATIN = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "²": "2", "³": "3"})

STOP_WORDS = frozenset(
    (
        *(
            "a",
            "as",
            "o",
            "os",
            "e",
            "ou",
            "um",
            "uma",
            "uns",
            "umas",
            "de",
            "da",
            "das",
            "do",
            "dos",
            "em",
            "na",
            "nas",
        ),
        *("no", "nos", "com", "para", "por", "pra", "que", "ao", "aos", "el", "la", "los", "las", "un", "una", "unos"),
        *("unas", "y", "del", "al", "con", "en", "the", "of", "and", "or", "for", "with", "in", "on", "to"),
    )
)
"""Words without meaning for a search, in the three languages."""

_ENDINGS = (
    # (ending, replacement, fewest letters of the whole word); the first that fits is taken.
    ("oes", "ao", 4),  # feijões, limões
    ("aes", "ao", 4),  # pães
    ("aos", "ao", 4),  # mãos, grãos
    ("ais", "al", 5),  # animais
    ("eis", "el", 5),  # papéis, pincéis
    ("ois", "ol", 5),  # lençóis
    ("uis", "ul", 5),  # azuis
    ("ns", "m", 4),  # jovens, bens
    ("res", "r", 5),  # flores, colheres
    ("zes", "z", 5),  # raízes, nozes
    ("les", "l", 5),  # vales, papeles
    ("nes", "n", 5),  # panes, jabones
    ("ses", "s", 5),  # meses, países
    ("re", "r", 4),  # árvore, so that it meets árvores
    ("le", "l", 4),
    ("ne", "n", 4),
    ("se", "s", 4),
    ("as", "a", 4),
    ("es", "e", 4),
    ("is", "i", 4),
    ("os", "o", 4),
    ("us", "u", 4),
    ("ys", "y", 4),
)


WORDS_REMEMBERED = 32_768
"""Stems that are remembered: the words of a catalogue come again and again, and each takes 10 µs anew."""


def fold(text: str) -> str:
    """Give `text` in small letters without accents, its words parted by single spaces, signs left out.

    Args:
        text: Any text; what is behind the first 8,000 characters is left out.
    """
    plain = unicodedata.normalize("NFKD", text[:TEXT_CHARS_MAX].casefold().translate(_LATIN))
    return " ".join(_WORD.findall("".join(letter for letter in plain if not unicodedata.combining(letter))))


@lru_cache(maxsize=WORDS_REMEMBERED)
def stem(word: str) -> str:
    """Fold the plural of one folded word away.

    >>> [stem(word) for word in ("feijoes", "flores", "arvores", "arvore", "bens", "gas")]
    ['feijao', 'flor', 'arvor', 'arvor', 'bem', 'gas']
    """
    for ending, replacement, letters in _ENDINGS:
        if len(word) >= letters and word.endswith(ending):
            return word[: -len(ending)] + replacement
    if len(word) >= 4 and word.endswith("s") and not word.endswith("ss"):
        return word[:-1]
    return word


def terms(text: str) -> tuple[str, ...]:
    """Give the words of `text` that a search compares: folded, singular, without stop words, in their order."""
    return tuple(stem(word) for word in fold(text).split() if word not in STOP_WORDS)
