"""Search words: accents, case and plurals don't matter."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.market.text import fold, stem, terms


@pytest.mark.parametrize(
    ("singular", "plural"),
    [
        ("pão", "pães"),
        ("feijão", "feijões"),
        ("limão", "limões"),
        ("mão", "mãos"),
        ("grão", "grãos"),
        ("animal", "animais"),
        ("papel", "papéis"),
        ("lençol", "lençóis"),
        ("jardim", "jardins"),
        ("bem", "bens"),
        ("flor", "flores"),
        ("árvore", "árvores"),
        ("colher", "colheres"),
        ("raiz", "raízes"),
        ("noz", "nozes"),
        ("doce", "doces"),
        ("maçã", "maçãs"),
        ("óleo", "óleos"),
        ("chá", "chás"),
        ("mel", "mel"),
        ("mês", "meses"),
        ("vale", "vales"),
        ("carne", "carnes"),
        ("bicicleta", "bicicletas"),
        ("jabón", "jabones"),
        ("pan", "panes"),
        ("harina", "harinas"),
        ("apple", "apples"),
        ("tomato", "tomatos"),
    ],
)
def test_plural_and_singular_meet(singular: str, plural: str) -> None:
    """Whoever asks in the plural finds what is offered in the singular, and the other way round."""
    assert terms(singular) == terms(plural)
    assert terms(singular.upper()) == terms(plural)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Pão de Açúcar", "pao de acucar"),
        ("  Café--com\tleite! ", "cafe com leite"),
        ("5m² a R$ 3,50", "5m2 a r 3 50"),
        ("STRASSE straße", "strasse strasse"),
        ("日本 🥖", ""),
        ("", ""),
    ],
)
def test_fold_keeps_letters_and_digits(text: str, folded: str) -> None:
    """Accents, case and signs are left out; words are parted by single spaces."""
    assert fold(text) == folded


def test_stop_words_are_left_out() -> None:
    """Words without meaning don't narrow a search."""
    assert terms("o pão de queijo da Maria") == ("pao", "queijo", "maria")


@given(st.text(max_size=200))
def test_folding_is_stable(text: str) -> None:
    """Folding what is folded changes nothing, and only small letters, digits and single spaces come out."""
    folded = fold(text)

    assert fold(folded) == folded
    assert set(folded) <= set("abcdefghijklmnopqrstuvwxyz0123456789 ")
    assert "  " not in folded


@given(st.text("abcdefgilmnoprstuz", min_size=1, max_size=12))
def test_a_stem_is_never_empty(word: str) -> None:
    """Every word keeps something to be found by."""
    assert stem(word)


def test_a_long_text_is_cut() -> None:
    """Only the first 8,000 characters are read."""
    assert len(fold("a " * 100_000)) < 9000
