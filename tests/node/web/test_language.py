"""Which language a reader gets, and that all three say everything."""

import json
import re
import string
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.web.language import DEFAULT_LANGUAGE, LANGUAGES, accepted_language, choose_language, words_of
from protocol.measures import MEASURES

WORDS_FOLDER = resources.files("node.web").joinpath("words")
TABLES = {language: json.loads(WORDS_FOLDER.joinpath(f"{language}.json").read_text("utf-8")) for language in LANGUAGES}


def names_in(sentence: str | dict[str, str]) -> set[str]:
    """Give the names that a sentence has filled in."""
    forms = [sentence] if isinstance(sentence, str) else list(sentence.values())
    return {name for form in forms for _, name, _, _ in string.Formatter().parse(form) if name}


def test_all_languages_say_the_same_things() -> None:
    """The three tables have the same keys in the same order, counted where the others count, with the same names."""
    reference = TABLES[DEFAULT_LANGUAGE]

    for table in TABLES.values():
        assert list(reference) == list(table)
        for key, sentence in table.items():
            assert isinstance(reference[key], str) == isinstance(sentence, str), key
            assert names_in(reference[key]) == names_in(sentence), key
            assert isinstance(sentence, str) or {"one", "other"} == set(sentence), key


def test_templates_and_code_name_existing_words() -> None:
    """Every key that a template or module writes out stands in the tables."""
    package = resources.files("node.web")
    sources = [item for item in package.iterdir() if item.name.endswith(".py")]
    sources += [item for item in package.joinpath("templates").iterdir() if item.name.endswith(".html")]

    for source in sources:
        text = source.read_text("utf-8")
        for key in re.findall(r"""(?:\bt|words)(?:\.count)?\(\s*['"]([a-z_.]+)['"]\s*[,)]""", text):
            assert key in TABLES[DEFAULT_LANGUAGE], (source.name, key)


def test_no_word_is_left_over() -> None:
    """Every key is asked for somewhere, by its full name or by the beginning that a kind completes."""
    package = resources.files("node.web")
    everything = "".join(item.read_text("utf-8") for item in package.iterdir() if item.name.endswith(".py"))
    folder = package.joinpath("templates")
    everything += "".join(item.read_text("utf-8") for item in folder.iterdir())

    for key in TABLES[DEFAULT_LANGUAGE]:
        front, _, last = key.rpartition(".")
        assert (
            f"{key}'" in everything
            or f'{key}"' in everything
            or f"{front}." in everything
            or last
            in (
                "title",
                "intro",
                "text",
            )
        ), key


def test_every_measure_has_its_word() -> None:
    """What isn't written as a symbol has a plural in each language."""
    for code, measure in MEASURES.items():
        if measure.dimension not in {"mass", "volume", "length", "area", "energy"}:
            assert all(f"measure.{code}" in table for table in TABLES.values()), code


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("pt-BR,pt;q=0.9,en;q=0.8", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("fr, es-CL;q=0.8, en;q=0.9", "en"),
        ("es-419", "es"),
        ("en;q=0, es;q=0.1", "es"),
        ("de, fr", None),
        ("", None),
        ("en;q=nonsense", None),
        (",,;;q=,en;q=2", None),
    ],
)
def test_browsers_say_what_they_prefer(header: str, language: str | None) -> None:
    """The best of our languages in Accept-Language wins; what can't be read doesn't count."""
    assert language == accepted_language(header)


@given(st.text())
def test_any_header_is_survived(header: str) -> None:
    """Whatever a browser sends gives one of our languages or none."""
    assert accepted_language(header) in (*LANGUAGES, None)


def test_a_choice_wins_over_everything() -> None:
    """Asked for, then remembered, then the browser's, then the network's, then Portuguese."""
    assert "en" == choose_language(asked="en", remembered="es", header="pt", network="pt-BR")
    assert "es" == choose_language(asked="xx", remembered="es", header="pt", network="pt-BR")
    assert "en" == choose_language(asked=None, remembered="xx", header="en", network="es")
    assert "es" == choose_language(asked=None, remembered=None, header="de", network="es")
    assert "pt-BR" == choose_language(asked=None, remembered=None, header=None, network=None)


def test_counting_follows_each_language() -> None:
    """Nought is singular in Brazil and plural elsewhere; thousands are grouped."""
    assert "0 oferta" == words_of("pt-BR").count("count.offers", 0)
    assert "0 ofertas" == words_of("es").count("count.offers", 0)
    assert "1 offer" == words_of("en").count("count.offers", 1)
    assert "12.345 ofertas" == words_of("pt-BR").count("count.offers", 12_345)
    assert "12,345 offers" == words_of("en").count("count.offers", 12_345)


def test_a_missing_word_is_an_error() -> None:
    """A key that isn't there, or used the wrong way, fails loudly instead of leaving a gap."""
    words = words_of("en")

    with pytest.raises(KeyError):
        words("no.such")
    with pytest.raises(KeyError):
        words("count.offers")
    with pytest.raises(KeyError):
        words.count("ways.home", 1)
