"""Small drawings of a distribution in A and in B, as inline SVG without styles."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dsp.exports.comparison.report import Comparison
from dsp.numbers import NBSP, share
from dsp.records.comparison import ComparedColumn, DriftBin

WIDTH, HEIGHT = 480, 120
MOST_BARS = 8
LEGEND = '<p class="legend"><span><i></i>A</span><span class="b"><i></i>B</span></p>'


def distribution(report: Comparison, column: ComparedColumn) -> str:
    """Return a drawing of a column: bars of values, or two outlines over ranges."""
    bins = report.bins_of(column.column_name)
    if column.leading_measure == "missing":
        bins = _missing(column)
    if not bins or not _are_counted(bins):
        return ""
    if _is_ranged(bins):
        return f"{LEGEND}{_outlines(bins)}"
    return f"{LEGEND}{_bars(bins)}"


def spark(report: Comparison, column: ComparedColumn) -> str:
    """Return the two outlines of a column, small and without words."""
    bins = report.bins_of(column.column_name)
    if not bins or not _are_counted(bins):
        return ""
    if not _is_ranged(bins):
        bins = _joined(bins)
    return (
        f'<svg class="spark" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" '
        f'aria-hidden="true">{_paths(bins)}</svg>'
    )


def escaped(text: object, *, limit: int = 200) -> str:
    """Return text of the data, escaped, without characters that steer the page."""
    shown = str(text)
    shown = shown if len(shown) <= limit else f"{shown[: limit - 1]}…"
    visible = "".join(
        c if c.isprintable() or c in f"\n\t{NBSP}" else "\N{REPLACEMENT CHARACTER}"
        for c in shown
    )
    return escape(visible)


def _missing(column: ComparedColumn) -> list[DriftBin]:
    """Return present and missing values as two bins."""
    counted = (
        ("missing", column.n_missing_a, column.n_missing_b),
        ("present", column.n_values_a, column.n_values_b),
    )
    return [
        DriftBin(
            column_name=column.column_name,
            purpose="missing",
            bin=i,
            label=label,
            n_a=n_a,
            n_b=n_b,
        )
        for i, (label, n_a, n_b) in enumerate(counted, 1)
    ]


def _is_ranged(bins: Sequence[DriftBin]) -> bool:
    return bins[0].purpose == "shape" or (
        len(bins) > MOST_BARS + 1 and any(b.high is not None for b in bins)
    )


def _are_counted(bins: Sequence[DriftBin]) -> bool:
    return sum(b.n_a for b in bins) > 0 and sum(b.n_b for b in bins) > 0


def _joined(bins: Sequence[DriftBin]) -> list[DriftBin]:
    """Return the first bins, without an empty one of the rest."""
    return [b for b in bins[:24] if b.n_a or b.n_b]


def _shares(bins: Sequence[DriftBin]) -> tuple[list[float], list[float]]:
    n_a, n_b = sum(b.n_a for b in bins), sum(b.n_b for b in bins)
    return [b.n_a / n_a for b in bins], [b.n_b / n_b for b in bins]


def _outlines(bins: Sequence[DriftBin]) -> str:
    low, high = bins[0].label, bins[-1].label
    label = f"Distribution in A and B, from {low} to {high}"
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" '
        f'role="img" aria-label="{escaped(label)}">{_paths(bins)}</svg>'
        f'<p class="ends"><span>{escaped(low)}</span><span>{escaped(high)}</span></p>'
    )


def _paths(bins: Sequence[DriftBin]) -> str:
    """Return A as a filled step line and B as an outline, on one scale."""
    a, b = _shares(bins)
    top = max(*a, *b)
    step = WIDTH / len(bins)

    def points(shares: Sequence[float]) -> str:
        path = []
        for i, value in enumerate(shares):
            y = HEIGHT - (HEIGHT - 4) * value / top
            path.append(f"{i * step:.1f},{y:.1f} {(i + 1) * step:.1f},{y:.1f}")
        return " ".join(path)

    return (
        f'<polygon class="fill-a" points="0,{HEIGHT} {points(a)} {WIDTH},{HEIGHT}"/>'
        f'<polyline class="line-b" points="{points(b)}"/>'
        f'<line class="axis" x1="0" x2="{WIDTH}" y1="{HEIGHT}" y2="{HEIGHT}"/>'
    )


def _bars(bins: Sequence[DriftBin]) -> str:
    """Return the values that differ most in share, and the rest as one."""
    a, b = _shares(bins)
    found = list(zip((x.label for x in bins), a, b, strict=True))
    if len([x for x in found if x[1] or x[2]]) > MOST_BARS:
        kept = sorted(found[:-1], key=lambda x: -max(x[1], x[2], 3 * abs(x[1] - x[2])))
        kept = kept[: MOST_BARS - 1]
        order = {id(x): i for i, x in enumerate(found)}
        kept.sort(key=lambda x: order[id(x)])
        rest = (
            "all others",
            1 - sum(x[1] for x in kept),
            1 - sum(x[2] for x in kept),
        )
        found = [*kept, rest]
    found = [x for x in found if x[1] > 0 or x[2] > 0]
    top = max(max(x[1], x[2]) for x in found)
    return f'<table class="bars">{"".join(_bar(*x, top) for x in found)}</table>'


def _bar(label: str, a: float, b: float, top: float) -> str:
    widths = [
        max(0.4, 100 * max(0.0, value) / top) if value > 0 else 0 for value in (a, b)
    ]
    return (
        f'<tr><th scope="row" title="{escaped(label)}">{escaped(label) or "(empty)"}</th>'
        '<td><svg class="bar" viewBox="0 0 100 14" preserveAspectRatio="none" '
        f'aria-hidden="true"><rect class="a" width="{widths[0]:.2f}" height="6"/>'
        f'<rect class="b" y="8" width="{widths[1]:.2f}" height="6"/></svg></td>'
        f'<td class="n">{share(max(0.0, a))} → {share(max(0.0, b))}</td></tr>'
    )
