"""Plots: bars as high as their numbers say, a scale that reaches them, text that stays text."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.books.plot import HEIGHT, WIDTH, bars, picture, round_step

NAMESPACE = "{http://www.w3.org/2000/svg}"


def drawn(labels: list[str], values: list[int], title: str = "Volume") -> ET.Element:
    """Draw one plot and parse it."""
    return ET.fromstring(picture([bars(title, labels, values, str)]))  # noqa: S314 -- our own


def heights(root: ET.Element) -> list[int]:
    """Give the heights of the bars, without the ground."""
    return [int(each.attrib["height"]) for each in root.iter(f"{NAMESPACE}rect") if each.attrib.get("x")]


def test_bars_are_in_proportion() -> None:
    """Twice the number is twice the height, nothing is none, and each tells its number."""
    root = drawn(["a", "b", "c"], [100, 50, 0])
    high, half, none = heights(root)

    assert (none, high) == (0, half * 2)
    assert ["a: 100", "b: 50", "c: 0"] == [each.text for each in root.iter(f"{NAMESPACE}title")]


def test_what_is_written_is_escaped() -> None:
    """A title is no markup."""
    root = drawn(["<b>"], [1], title='"<script>&')

    assert not list(root.iter(f"{NAMESPACE}script"))
    assert '"<script>&' in [each.text for each in root.iter(f"{NAMESPACE}text")]


@given(st.lists(st.integers(0, 10**15), max_size=80))
def test_every_bar_stays_in_the_picture(values: list[int]) -> None:
    """Any numbers, none and many, give a picture whose bars lie inside it."""
    root = drawn([str(at) for at in range(len(values))], values)

    assert len(values) == len(heights(root))
    for each in root.iter(f"{NAMESPACE}rect"):
        x, y = int(each.attrib.get("x", 0)), int(each.attrib.get("y", 0))
        assert 0 <= x <= x + int(each.attrib["width"]) <= WIDTH
        assert 0 <= y <= y + int(each.attrib["height"]) <= HEIGHT


@pytest.mark.parametrize("highest", [0, 1, 4, 5, 8, 9, 20, 21, 40, 41, 999, 10**15 + 1])
def test_a_scale_reaches_the_highest_and_is_round(highest: int) -> None:
    """Four steps reach the number, and the step is 1, 2 or 5 with noughts."""
    step = round_step(highest)

    assert 4 * step >= highest
    assert str(step).rstrip("0") in {"1", "2", "5"}
    assert step == 1 or 4 * step < 10 * highest
