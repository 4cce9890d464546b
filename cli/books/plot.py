"""Plots as SVG, drawn by whole numbers: bars over a row of labels, with a scale of round numbers.

Rules kept here: no script, no font and no picture from anywhere else; every bar carries its number as a title, so that
who can't see the plot hears it; what members wrote is escaped.
Source: W3C SVG 1.1 (rect, text, title); docs/operating/books.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 84, 12, 34, 30
LABELS_MAX = 12
COLOUR = "#2f6b4f"


def bars(title: str, labels: Sequence[str], values: Sequence[int], write: Callable[[int], str], *, top: int = 0) -> str:
    """Draw one plot.

    Args:
        title: stands above it.
        labels: one a bar, such as months; where there are many, only some are written.
        values: from 0 up, one a label.
        write: how a number is written.
        top: how far down the plot stands in its picture.

    Returns:
        A `<g>` element, `HEIGHT` high.
    """
    height, width = HEIGHT - TOP - BOTTOM, WIDTH - LEFT - RIGHT
    step = round_step(max(values, default=0))
    highest = step * max(1, -(-max(values, default=0) // step))
    parts = [
        f'<g transform="translate(0 {top})" role="img" aria-label="{escape(title)}">',
        f'<text x="{LEFT}" y="18" font-weight="bold">{escape(title)}</text>',
    ]
    for number in range(0, highest + 1, step):
        y = TOP + height - height * number // highest
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#ccc"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{escape(write(number))}</text>')
    every = -(-len(labels) // LABELS_MAX) or 1
    for at, (label, value) in enumerate(zip(labels, values, strict=True)):
        x, following = (LEFT + width * place // len(labels) for place in (at, at + 1))
        gap = (following - x) // 5
        bar = height * value // highest
        parts.append(
            f'<rect x="{x + gap}" y="{TOP + height - bar}" width="{max(1, following - x - 2 * gap)}" height="{bar}"'
            f' fill="{COLOUR}"><title>{escape(label)}: {escape(write(value))}</title></rect>'
        )
        if at % every == 0:
            middle = (x + following) // 2
            parts.append(f'<text x="{middle}" y="{HEIGHT - 10}" text-anchor="middle">{escape(label)}</text>')
    return "\n".join([*parts, "</g>"])


def picture(plots: Sequence[str]) -> str:
    """Put plots below one another in one picture.

    Args:
        plots: as `bars` draws them, each with its own `top`.
    """
    height = HEIGHT * len(plots)
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' font-family="sans-serif" font-size="12">'
    )
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    return "\n".join([head, ground, *plots, "</svg>"]) + "\n"


def round_step(highest: int) -> int:
    """Give the least of 1, 2, 5, 10, 20, 50, … of which four reach a number.

    >>> [round_step(number) for number in (0, 4, 5, 9, 100, 1001)]
    [1, 1, 2, 5, 50, 500]
    """
    step, factors = 1, (2, 5, 10)
    base = 1
    while 4 * step < highest:
        step = next(factor * base for factor in factors if factor * base > step)
        base = step if step == 10 * base else base
    return step
