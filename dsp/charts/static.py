"""Draws a chart as SVG, PNG or PDF: in this process, without a browser or a network."""

from __future__ import annotations

import hashlib
import re
import textwrap
from typing import Any

from dsp.charts.pdf import PdfError, joined
from dsp.charts.theme import FONT, config, themed, tokens
from dsp.errors import DspError

VEGA_LITE = "6.4"
"""The version that the page's bundle holds."""
WIDTH = 640
TITLE_SIZE = 14
TITLE_LINE = 18
TITLE_GAP = 10
TITLE_CHARACTER = 7.6
"""Mean width of a character of a title, in pixels."""
_LOADS = frozenset({"url", "href"})
"""Keys by which a specification would make its reader load something."""
_ROWS = frozenset({"values", "datasets"})
"""Keys that hold data, whose own names may be any."""
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TAG = re.compile(r"<[^>]+>")
_ID = re.compile(r'<[a-zA-Z]+ (?:[^<>]* )?id="([^"]+)"')
_REFERENCE = re.compile(r"""( id="|url\(['"]?#|href="#)([^"')]+)""")


class ChartError(DspError, ValueError):
    """A chart cannot be drawn from its specification and data."""

    code = "chart"


def drawn_svg(
    spec: dict[str, Any],
    rows: list[dict[str, Any]],
    *,
    name: str,
    theme: str = "light",
    width: int = WIDTH,
    title: str = "",
) -> str:
    """Return a chart as the text of an SVG image.

    Parameters
    ----------
    spec
        A Vega-Lite specification as table `charts` holds it: colours are tokens, the
        data are named `name`, the width is that of its place.
    rows
        The data, as `dsp.charts.rows.chart_rows` gives them: times are milliseconds
        since 1970 (UTC).
    name
        What the specification calls its data: the id of the chart.
    theme
        ``light`` or ``dark``.
    width
        Width in pixels, axes included.
    title
        Drawn above the chart; nothing when empty.

    Raises
    ------
    ChartError
        The specification would load something, reads other data than `name`, or cannot
        be drawn.
    """
    ready = placed(spec, rows, name=name, theme=theme, width=width, title=title)
    return _own_ids(_converted(ready, name, theme))


def drawn_png(
    spec: dict[str, Any],
    rows: list[dict[str, Any]],
    *,
    name: str,
    theme: str = "light",
    width: int = WIDTH,
    title: str = "",
    scale: float = 2,
) -> bytes:
    """Return a chart as a PNG image of `scale` times its width (see `drawn_svg`)."""
    return as_png(
        drawn_svg(spec, rows, name=name, theme=theme, width=width, title=title),
        scale=scale,
    )


def drawn_pdf(
    spec: dict[str, Any],
    rows: list[dict[str, Any]],
    *,
    name: str,
    theme: str = "light",
    width: int = WIDTH,
    title: str = "",
) -> bytes:
    """Return a chart as a PDF document of one page (see `drawn_svg`)."""
    return as_pdf(drawn_svg(spec, rows, name=name, theme=theme, width=width, title=title))


def as_png(svg: str, *, scale: float = 2) -> bytes:
    """Return a drawn chart as a PNG image."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg, scale=scale))


def as_pdf(svg: str) -> bytes:
    """Return a drawn chart as a PDF document of one page.

    It is the same bytes every time, unless the converter writes in a form of its own
    that `dsp.charts.pdf.joined` does not know: then the document is left as it is.
    """
    import vl_convert

    drawn = bytes(vl_convert.svg_to_pdf(svg))
    try:
        return joined([drawn])
    except PdfError:
        return drawn


def placed(
    spec: dict[str, Any],
    rows: list[dict[str, Any]],
    *,
    name: str,
    theme: str = "light",
    width: int = WIDTH,
    title: str = "",
) -> dict[str, Any]:
    """Return a specification with colours, data and size in it (see `drawn_svg`)."""
    _check(spec, name)
    # vl-convert ends the whole process on a character that XML cannot hold.
    ready: dict[str, Any] = _sized(drawable(themed(spec, theme)), width)
    ready["datasets"] = {**ready.get("datasets", {}), name: drawable(rows)}
    height = ready.get("height")
    if isinstance(height, dict) and "step" in height:
        ready["height"] = height["step"] * len(rows) + (10 if _is_bare(ready) else 46)
        ready["autosize"] = {"contains": "padding", "resize": True} | {
            **(ready.get("autosize") or {}),
            "type": "fit",
        }
    of = tokens(theme)
    ready["background"] = of["surface"]
    ready["padding"] = {"left": 8, "right": 12, "top": 8, "bottom": 8}
    lines = textwrap.wrap(title, max(20, int(width / TITLE_CHARACTER)))
    if isinstance(ready.get("height"), (int, float)):
        # The height holds padding and title: what they add is not taken from the chart.
        ready["height"] += 8 + (len(lines) * TITLE_LINE + TITLE_GAP if lines else 0)
    if lines:
        ready["title"] = {
            "text": lines,
            "anchor": "start",
            "frame": "bounds",
            "color": of["text"],
            "font": FONT,
            "fontSize": TITLE_SIZE,
            "fontWeight": 600,
            "lineHeight": TITLE_LINE,
            "limit": width - 20,
            "offset": TITLE_GAP,
        }
    return ready


def drawable(value: Any) -> Any:
    """Return the values of a chart without the characters that XML cannot hold.

    Examples
    --------
    >>> drawable({"label": [f"a{chr(27)}b", 1.5]})
    {'label': ['a�b', 1.5]}
    """
    if isinstance(value, str):
        return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, dict):
        return {key: drawable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [drawable(item) for item in value]
    return value


def _check(spec: dict[str, Any], name: str) -> None:
    """Refuse what would load something, and data that are not there."""
    own = {name, *spec.get("datasets", {})}
    todo: list[Any] = [spec]
    while todo:
        value = todo.pop()
        if isinstance(value, list):
            todo.extend(value)
        if not isinstance(value, dict):
            continue
        for key, item in value.items():
            if key in _LOADS:
                raise ChartError(
                    f'chart "{name}" names an address to load ("{key}")',
                    hint="charts read the rows they are given; nothing is fetched",
                    chart_id=name,
                )
            if key == "data" and isinstance(item, dict) and set(item) == {"name"}:
                _check_name(name, item["name"], own)
        todo.extend(item for key, item in value.items() if key not in _ROWS)


def _check_name(chart: str, data: object, own: set[str]) -> None:
    if data not in own:
        raise ChartError(
            f'chart "{chart}" reads data called "{data}", which it was not given',
            hint=f'name the data "{chart}"',
            chart_id=chart,
        )


def _sized(value: Any, width: int) -> Any:
    """Return a copy with a width in pixels for every width of a place."""
    if isinstance(value, dict):
        return {
            key: width
            if key == "width" and item == "container"
            else item
            if key == "datasets"
            else _sized(item, width)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_sized(item, width) for item in value]
    return value


def _is_bare(spec: dict[str, Any]) -> bool:
    """Return whether a chart has no axis below."""
    places = [
        layer.get("encoding", {}).get("x", {}) for layer in spec.get("layer", [spec])
    ]
    return any("axis" in x and x["axis"] is None for x in places)


def _converted(spec: dict[str, Any], name: str, theme: str) -> str:
    import vl_convert

    try:
        return str(
            vl_convert.vegalite_to_svg(
                spec,
                vl_version=VEGA_LITE,
                config=config(theme),
                allowed_base_urls=[],
            )
        )
    except ValueError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        reason = lines[1] if len(lines) > 1 else lines[0] if lines else "no reason given"
        raise ChartError(
            f'chart "{name}" cannot be drawn: {reason[:300]}',
            hint="paste its specification (column spec of table charts) into the Vega "
            "editor to see why",
            chart_id=name,
        ) from error


def _own_ids(svg: str) -> str:
    """Return the image with ids that are its own on a page, and the same every time.

    The converter counts them through all charts of the process.
    """
    found = list(dict.fromkeys(_ID.findall(svg)))
    placeless = _TAG.sub(lambda tag: _REFERENCE.sub(r"\1", tag[0]), svg)
    digest = hashlib.sha256(placeless.encode()).hexdigest()[:8]
    own = {old: f"c{digest}-{place}" for place, old in enumerate(found, start=1)}

    def renamed(reference: re.Match[str]) -> str:
        return reference[1] + own.get(reference[2], reference[2])

    return _TAG.sub(lambda tag: _REFERENCE.sub(renamed, tag[0]), svg)
