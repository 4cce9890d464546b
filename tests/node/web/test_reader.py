"""Prices, quantities and neighbours in words; contacts and addresses that become links only when plainly so."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.services.views import PriceView
from node.web.language import words_of
from node.web.reader import Reader, contact_href, web_address
from tests.node.web.views import NEIGHBOURS, NOW_MS, credit, real

PT, EN = (Reader(words_of(language), now_ms=NOW_MS, zone=None) for language in ("pt-BR", "en"))


def plain(text: str) -> str:
    """Give a text with common blanks."""
    return text.replace("\u00a0", " ")


def test_a_price_in_two_parts_is_one_plain_line() -> None:
    """Money and credit stand side by side, with what they are for."""
    price = PriceView(parts=[real(600), credit(400)], per=1000, measure="KGM")

    assert "R$ 6,00 + 4,00 E$ por kg" == plain(PT.price(price))
    assert "R$ 6.00 + 4.00 E$ per kg" == plain(EN.price(price))


@pytest.mark.parametrize(
    ("per", "measure", "expected"),
    [
        (500, "KGM", "por 500 g"),
        (1000, "LTR", "por litro"),
        (1000, "DZN", "por dúzia"),
        (12_000, "C62", "por 12 unidades"),
        (1000, "NEW", "por NEW"),
    ],
)
def test_what_a_price_is_for(per: int, measure: str, expected: str) -> None:
    """One of a measure goes by its name alone, more with their number, an unknown measure by its code."""
    assert expected == plain(PT.per(PriceView(parts=[real(1)], per=per, measure=measure)))


@pytest.mark.parametrize(
    ("milli", "measure", "expected"),
    [
        (2500, "KGM", "2,5 kg"),
        (250, "LTR", "250 ml"),
        (1000, "XBH", "1 maço"),
        (3000, "XBH", "3 maços"),
        (40_000, "Q3", "40 refeições"),
        (7, "XYZ", "0,007 XYZ"),
    ],
)
def test_quantities_are_counted_in_words(milli: int, measure: str, expected: str) -> None:
    """Weights by symbol, the rest in words, one apart from many."""
    assert expected == plain(PT.quantity(milli, measure))


def test_a_free_thing_says_so() -> None:
    """A price without parts is no price."""
    assert "sem preço por kg" == PT.price(PriceView(parts=[], per=1000, measure="KGM"))


def test_an_unknown_category_is_shown_by_its_id() -> None:
    """A newer program's category reads as well as it can."""
    assert "Farinha de trigo" == PT.category_name("wheat-flour")
    assert "Space tourism" == EN.category_name("space-tourism")


def test_each_neighbour_has_a_plain_sentence() -> None:
    """How well each is heard, and how long since."""
    sentences = [PT.neighbour(one) for one in NEIGHBOURS]

    assert "Ligação aberta há 3 dias." == sentences[0]
    assert "Estamos trazendo 12 novidades de lá." in sentences[1]
    assert "o último contato foi há 12 dias" in sentences[2]
    assert "não aceitou" in sentences[3]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("maria@vila.example", "mailto:maria@vila.example"),
        (" (54) 3232-1010 ", "tel:5432321010"),
        ("+55 54 99999 0000", "tel:+5554999990000"),
        ("javascript:alert(1)", None),
        ("maria@vila.example?bcc=x@y.zz", None),
        ("na feira, às quartas", None),
    ],
)
def test_contacts_become_links_only_when_plain(text: str, expected: str | None) -> None:
    """An address or a number can be pressed; anything else is text."""
    assert expected == contact_href(text)


@given(st.text())
def test_no_text_becomes_a_dangerous_link(text: str) -> None:
    """Whatever a profile says, its link is mail or telephone, and a neighbour's address one of the web."""
    assert (contact_href(text) or "tel:").startswith(("tel:", "mailto:"))
    assert (web_address(text) or "http://").lower().startswith(("http://", "https://"))


def test_addresses_of_the_web_only() -> None:
    """A neighbour's word never becomes a script."""
    assert web_address("javascript://x/%0aalert(1)") is None
    assert web_address("http://[") is None
    assert "https://litoral.example" == web_address("https://litoral.example")
