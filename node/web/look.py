"""A network's own look: its colour made readable, its flag with initials, a hue for everything else.

The visual idea is the *bandeirinha*, the paper flag that neighbours hang up together: a whitewashed wall by day, the
sky of a festa by night. The network's colour tints it, and whatever colour a network chooses, text on it and in it
keeps the contrast that WCAG 2.2 asks for (4.5:1): the colour is darkened or lightened until it does.

Source: WCAG 2.2, "relative luminance" and "contrast ratio"; success criteria 1.4.3 and 1.4.11.
"""

import re
from dataclasses import dataclass
from hashlib import sha256

DEFAULT_COLOUR = "#1f6b4a"
HUES = 8
CONTRAST_TEXT = 4.5

# The wall of static/10-tokens.css in its two lights; the tests hold the two together.
WALL_DAY = "#faf6ec"
SUNK_DAY = "#f1eadb"
WALL_NIGHT = "#131f2b"
PAPER_NIGHT = "#1b2a38"
INK_DAY = "#241f1a"

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_SMALL_WORDS = frozenset(
    (
        *("a", "as", "o", "os", "e", "de", "da", "das", "do", "dos", "em", "na", "no", "rede"),
        *("y", "del", "la", "las", "los", "el", "en", "red"),
        *("the", "of", "and", "in", "network"),
    )
)

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Palette:
    """One network's colours for one light, as "#rrggbb".

    Attributes:
        brand: filled surfaces.
        on_brand: text on `brand`.
        brand_ink: text and links in the network's colour, on wall and paper.
        brand_soft: a tint of the wall for quiet surfaces.
    """

    brand: str
    on_brand: str
    brand_ink: str
    brand_soft: str


def clean_colour(colour: str | None) -> str:
    """Give a colour as "#rrggbb", or the default for anything else: a profile is hostile input and ends up in CSS."""
    return colour.lower() if colour and _COLOUR.fullmatch(colour) else DEFAULT_COLOUR


def contrast(first: str, second: str) -> float:
    """Give the contrast ratio of two colours, 1 to 21.

    >>> round(contrast("#000000", "#ffffff"))
    21
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def palette_day(colour: str) -> Palette:
    """Give a network's colours on the whitewashed wall."""
    soft = _mix(colour, WALL_DAY, share=0.10)
    ink = _until_readable(colour, SUNK_DAY, soft, toward="#000000")
    return Palette(brand=colour, on_brand=_text_on(colour), brand_ink=ink, brand_soft=soft)


def palette_night(colour: str) -> Palette:
    """Give a network's colours under the evening sky."""
    # A near-black brand would sink into the sky: it is lifted until its surface can be told from the paper (1.4.11).
    brand = _until_readable(colour, PAPER_NIGHT, toward="#ffffff", ratio=1.8)
    soft = _mix(colour, WALL_NIGHT, share=0.22)
    ink = _until_readable(colour, PAPER_NIGHT, soft, toward="#ffffff", ratio=5.5)
    return Palette(brand=brand, on_brand=_text_on(brand), brand_ink=ink, brand_soft=soft)


def stylesheet(colour: str | None) -> str:
    """Write the small stylesheet with a network's colours; the page's policy allows no inline style."""
    clean = clean_colour(colour)
    day, night = palette_day(clean), palette_night(clean)
    return f":root{{{_properties(day)}}}\n@media (prefers-color-scheme:dark){{:root{{{_properties(night)}}}}}\n"


def initials(name: str) -> str:
    """Give one or two letters that stand for a name, small words left out.

    >>> initials("Padaria da Vila Esperança")
    'PV'
    """
    words = re.findall(r"[^\W\d_]+", name)
    chosen = [word for word in words if word.lower() not in _SMALL_WORDS] or words
    return "".join(word[0].upper() for word in chosen[:2]) or "?"


def hue(identifier: str) -> int:
    """Give one of the flag colours to an id or category, always the same one: 0 to HUES - 1."""
    return sha256(identifier.encode()).digest()[0] % HUES


def icon_svg(name: str, colour: str | None) -> str:
    """Draw the network's flag with its initials, for tab, home screen and manifest.

    Args:
        name: the network's name; only letters of it are used, so nothing needs escaping.
        colour: the profile's colour, checked here.
    """
    clean = clean_colour(colour)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
        f'<rect width="96" height="96" rx="20" fill="{clean}"/>'
        f'<path d="M20 14h56v68L48 66 20 82z" fill="{_text_on(clean)}"/>'
        f'<text x="48" y="50" text-anchor="middle" font-family="sans-serif" font-weight="800" font-size="30" '
        f'fill="{_until_readable(clean, _text_on(clean), toward=INK_DAY, ratio=3.0)}">{initials(name)}</text></svg>'
    )


def _properties(palette: Palette) -> str:
    return (
        f"--brand:{palette.brand};--on-brand:{palette.on_brand};"
        f"--brand-ink:{palette.brand_ink};--brand-soft:{palette.brand_soft}"
    )


def _text_on(background: str) -> str:
    """White, ink or black, the first that reads well: on any colour white or black reaches 4.58:1."""
    for text in ("#ffffff", INK_DAY):
        if contrast(text, background) >= CONTRAST_TEXT:
            return text
    return "#000000"


def _until_readable(colour: str, *backgrounds: str, toward: str, ratio: float = CONTRAST_TEXT) -> str:
    """Move a colour toward black or white in steps until it stands out from all backgrounds."""
    for step in range(21):
        moved = _mix(toward, colour, share=step / 20)
        if all(contrast(moved, background) >= ratio for background in backgrounds):
            return moved
    return toward


def _mix(first: str, second: str, *, share: float) -> str:
    """Mix two colours, `share` (0 to 1) of the first."""
    return _text(tuple(round(a * share + b * (1 - share)) for a, b in zip(_rgb(first), _rgb(second), strict=True)))


def _rgb(colour: str) -> Rgb:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _text(rgb: tuple[int, ...]) -> str:
    return "#" + "".join(f"{part:02x}" for part in rgb)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)
