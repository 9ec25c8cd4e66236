"""Which characters of a drawn chart no font at hand can show, and where fonts are."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from dsp.charts.theme import FONT
from dsp.errors import SettingError

SUFFIXES = frozenset({".ttf", ".otf", ".ttc", ".otc"})
NO_GLYPH = "\u0378"
"""A code point that Unicode has assigned to nothing: drawn as a missing glyph."""
MAX_TRIED = 500
_TEXT = re.compile(r"<(?:text|tspan)\b[^>]*>([^<]*)")


def register_fonts(folder: Path) -> None:
    """Let charts be drawn with the fonts of a folder, besides those of the system.

    Raises
    ------
    SettingError
        There is no such folder, or it holds no font.
    """
    if not folder.is_dir():
        raise SettingError(
            f"no folder of fonts at {folder}",
            hint="name a folder with .ttf or .otf files",
        )
    if not any(path.suffix.lower() in SUFFIXES for path in folder.rglob("*")):
        raise SettingError(
            f"{folder} holds no font", hint="name a folder with .ttf or .otf files"
        )
    import vl_convert

    vl_convert.register_font_directory(str(folder))
    _is_covered.cache_clear()


def texts_of(svg: str) -> list[str]:
    """Return the texts that a chart shows."""
    found = (html.unescape(text) for text in _TEXT.findall(svg))
    return [text for text in found if text.strip()]


def uncovered(texts: Iterable[str]) -> str:
    """Return the characters of texts that no font at hand can show, in code order.

    Each character is drawn and compared with a missing glyph: what is told is what the
    converter really does. The first 500 different characters are tried.

    Examples
    --------
    >>> uncovered(["Revenue, 2024"])
    ''
    """
    characters = sorted({c for text in texts for c in text if _is_visible(c)})
    return "".join(c for c in characters[:MAX_TRIED] if not _is_covered(c))


def _is_visible(character: str) -> bool:
    return character > "~" and unicodedata.category(character)[0] not in "ZCM"


@cache
def _is_covered(character: str) -> bool:
    return _drawn(character) != _drawn(NO_GLYPH)


def _drawn(character: str) -> bytes:
    import vl_convert

    text = f'<text x="4" y="24" font-size="20" font-family="{html.escape(FONT)}">'
    size = 'xmlns="http://www.w3.org/2000/svg" width="40" height="32"'
    return bytes(vl_convert.svg_to_png(f"<svg {size}>{text}{character}</text></svg>"))
