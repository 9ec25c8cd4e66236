"""Markdown that data cannot break out of: inline text, code and tables."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape as escape_html

SPECIAL = re.compile(r"([\\`*_\[\]|~#$])")


def inline(text: object, *, limit: int = 1_000) -> str:
    r"""Return text as one harmless piece of a Markdown line.

    Examples
    --------
    >>> inline("a|b <img> *x*")
    'a\\|b &lt;img&gt; \\*x\\*'
    """
    flat = " ".join("".join(_visible(str(text))).split())
    cut = flat if len(flat) <= limit else flat[: limit - 1] + "…"
    escaped = SPECIAL.sub(r"\\\1", escape_html(cut, quote=False))
    linkless = escaped.replace("://", "&#58;//").replace("www.", "www&#46;")
    return re.sub(r"^([-+]|\d+[.)])(?=\s|$)", r"&#8203;\1", linkless)


def _visible(text: str) -> Iterator[str]:
    for char in text:
        yield (
            char if char.isprintable() or char.isspace() else "\N{REPLACEMENT CHARACTER}"
        )


def code(text: str) -> list[str]:
    """Return a fenced block that its content cannot close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}sql", text.strip(), fence]


def table(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> list[str]:
    """Return a table; None becomes a dash."""
    names = list(headings)
    body = [
        "| " + " | ".join(inline("–" if v is None else v, limit=300) for v in row) + " |"
        for row in rows
    ]
    head = "| " + " | ".join(names) + " |"
    return [head, "|" + " --- |" * len(names), *body, ""]
