"""A brand colour on both themes: readable as text, and for bars and lines."""

from __future__ import annotations

SURFACES = {"light": "#ffffff", "dark": "#161b23"}
TEXT, GRAPHIC = 4.6, 3.1
"""Contrast with the surface (WCAG 2.2) that text and graphics have at least."""
Rgb = tuple[float, float, float]


def brand_style(brand: str) -> str:
    """Return the style that puts a brand colour in the place of the accent.

    Parameters
    ----------
    brand
        Six hexadecimal digits, like ``#0a7350``. It is made darker or lighter until it
        can be read on the surface of each theme.

    Examples
    --------
    >>> "--c1:#0a7350" in brand_style("#0a7350")
    True
    """
    blocks = []
    for theme, surface in SURFACES.items():
        graphic = readable(brand, surface, GRAPHIC)
        text = readable(brand, surface, TEXT)
        weak = mixed(graphic, surface, 0.12 if theme == "light" else 0.2)
        tokens = {
            "accent": readable(text, weak, TEXT),
            "accent-line": graphic,
            "accent-2": weak,
            "c1": graphic,
        }
        for i, part in enumerate((0.08, 0.25, 0.45, 0.7, 0.9, 1.0)):
            tokens[f"q{i}"] = mixed(graphic, surface, part)
        text_of = ";".join(f"--{name}:{value}" for name, value in tokens.items())
        selector = ":root" if theme == "light" else ":root[data-theme=dark]"
        blocks.append(f"{selector}{{{text_of}}}")
    return "\n".join(blocks) + "\n"


def readable(colour: str, surface: str, ratio: float) -> str:
    """Return the colour, moved towards black or white until its contrast is enough."""
    end = "#000000" if luminance(surface) > 0.18 else "#ffffff"
    for step in range(101):
        found = mixed(end, colour, step / 100)
        if contrast(found, surface) >= ratio:
            return found
    return end


def contrast(one: str, two: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, 1 to 21)."""
    high, low = sorted((luminance(one), luminance(two)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def mixed(over: str, under: str, part: float) -> str:
    """Return a colour laid over another with an opacity."""
    pairs = zip(_rgb(over), _rgb(under), strict=True)
    values = [round(255 * (a * part + b * (1 - part))) for a, b in pairs]
    return "#" + "".join(f"{v:02x}" for v in values)


def _rgb(colour: str) -> Rgb:
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return red, green, blue
