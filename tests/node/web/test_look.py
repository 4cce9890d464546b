"""A network's colours stay readable whatever it chooses, and nothing hostile gets into style or picture."""

import re
from importlib import resources
from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.web import look

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
TOKENS = resources.files("node.web").joinpath("static", "10-tokens.css").read_text("utf-8")


@given(COLOURS)
def test_any_colour_is_made_readable(colour: str) -> None:
    """Text on the network's colour and in it keeps 4.5:1, by day and by night."""
    day, night = look.palette_day(colour), look.palette_night(colour)

    assert look.contrast(day.on_brand, day.brand) >= 4.5
    assert look.contrast(day.brand_ink, look.WALL_DAY) >= 4.5
    assert look.contrast(day.brand_ink, "#ffffff") >= 4.5
    assert look.contrast(night.on_brand, night.brand) >= 4.5
    assert look.contrast(night.brand_ink, look.PAPER_NIGHT) >= 4.5
    assert look.contrast(night.brand_ink, look.WALL_NIGHT) >= 4.5


@given(COLOURS)
def test_the_soft_tint_carries_the_brand_ink(colour: str) -> None:
    """Quiet surfaces in the network's tint keep its own ink and the page's ink readable."""
    day, night = look.palette_day(colour), look.palette_night(colour)

    assert look.contrast(day.brand_ink, day.brand_soft) >= 4.5
    assert look.contrast(night.brand_ink, night.brand_soft) >= 4.5
    assert look.contrast("#241f1a", day.brand_soft) >= 7
    assert look.contrast("#f4ecdf", night.brand_soft) >= 4.5


def tokens(text: str) -> dict[str, str]:
    """Give the colours of a block of the stylesheet."""
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6})", text))


@pytest.mark.parametrize("light", ["day", "night"])
def test_the_fixed_colours_are_readable(light: str) -> None:
    """Ink on every surface, states on their tints, and signs on flags keep what WCAG 2.2 asks for."""
    day, _, night = TOKENS.partition("@media")
    colours = tokens(day) | (tokens(night) if light == "night" else {})

    for surface in ("wall", "paper", "sunk"):
        assert look.contrast(colours["ink"], colours[surface]) >= 7
        assert look.contrast(colours["ink-quiet"], colours[surface]) >= 4.5
        assert look.contrast(colours["line-strong"], colours[surface]) >= 3
    for state in ("good", "wait", "bad"):
        assert look.contrast(colours[state], colours[f"{state}-soft"]) >= 4.5
        assert look.contrast(colours["ink"], colours[f"{state}-soft"]) >= 4.5
    for number in range(look.HUES):
        assert look.contrast(colours[f"on-flag-{number}"], colours[f"flag-{number}"]) >= 4.5, number
    assert colours["wall"] == (look.WALL_DAY if light == "day" else look.WALL_NIGHT)
    assert light == "day" or colours["paper"] == look.PAPER_NIGHT


@given(st.text())
def test_no_profile_writes_style(text: str) -> None:
    """Only a plain colour gets into the stylesheet; anything else gives the default."""
    sheet = look.stylesheet(text)

    assert sheet == look.stylesheet(None) or re.fullmatch(r"#[0-9a-fA-F]{6}", text)
    assert sheet.isascii()


@given(st.text(), st.text())
def test_the_flag_is_a_well_formed_picture(name: str, colour: str) -> None:
    """Whatever a network is called, its flag is XML with letters and nothing else."""
    picture = fromstring(look.icon_svg(name, colour))  # noqa: S314 -- our own

    assert picture.tag.endswith("svg")


def test_initials_skip_small_words() -> None:
    """Two letters that people would choose."""
    assert "PV" == look.initials("Padaria da Vila Esperança")
    assert "VE" == look.initials("Rede Vila Esperança")
    assert "Á" == look.initials("ágape")
    assert "R" == look.initials("Rede")
    assert "?" == look.initials("123")


def test_flags_spread_over_all_colours() -> None:
    """Ids get all the colours, each always the same one."""
    assert set(range(look.HUES)) == {look.hue(f"agent:{number}") for number in range(100)}
