"""A profile for people at a terminal: one line a column, then what stands out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from dsp.cli.lines import cut, fit, flat, folded, painter, wide, width_of
from dsp.numbers import (
    correlation,
    count,
    counted,
    is_year,
    level,
    plain,
    printable,
    seconds,
    share,
    size,
)

if TYPE_CHECKING:
    from dsp.exports.profile import Alert, ProfileReport
    from dsp.records import Association, ColumnProfile, HistogramBin, TopValue

BLOCKS = "▁▂▃▄▅▆▇█"
NARROWEST, WIDEST = 60, 160
"""Characters of a line."""
MOST_COLUMNS = 60
"""Columns that are listed; a wider table says how many more there are."""
MOST_RELATIONS, MOST_KEYS = 8, 5
TYPES = {
    "integer": "int",
    "decimal": "decimal",
    "boolean": "bool",
    "timestamp": "datetime",
}
"""Families of types that have a shorter name."""
ROOMY = 100
"""Characters from which a line has room for wide gaps and ten blocks."""
SOME = 0.005
"""Share of the values from which the most frequent one is worth showing."""
DATED = ("date", "timestamp")
SIGNS = {"warning": ("!", "yellow"), "info": ("·", "cyan")}


def show_profile(report: ProfileReport, *, more: str = "") -> None:
    """Write a profile to standard output, at the width of the terminal.

    Parameters
    ----------
    report
        What was found.
    more
        Command that shows the columns a wide table has no room for.
    """
    for line in lines(report, width_of(NARROWEST, WIDEST), painter(), more):
        click.echo(line)


def lines(
    report: ProfileReport, width: int, paint: Callable[..., str], more: str = ""
) -> Iterator[str]:
    """Yield the lines of a profile, none of them wider than `width` cells."""
    yield from _head(report, width, paint)
    yield ""
    yield from _table(report, width, paint)
    hidden = len(report.columns) - MOST_COLUMNS
    if hidden > 0:
        yield paint(f"{counted(hidden, 'more column')}: {more}", dim=True)
    for title, found in (
        ("Strongest relations", _relations(report, width)),
        ("Keys", _keys(report, width)),
        ("Dependencies", _rules(report, width)),
        ("Over time", _timeline(report, width)),
        ("Alerts", _alerts(report, width, paint)),
        ("Not computed", [cut(flat(p.error), width) for p in report.problems]),
    ):
        if found:
            yield ""
            yield paint(title, bold=True)
            yield from found
    for text in report.facts.get("not_searched", ()):
        yield ""
        yield paint(cut(f"Not searched: {text}", width), dim=True)


def _head(report: ProfileReport, width: int, paint: Callable[..., str]) -> Iterable[str]:
    took = [
        *([seconds(report.elapsed_ms)] if report.elapsed_ms is not None else []),
        *([size(report.peak_memory_bytes)] if report.peak_memory_bytes else []),
    ]
    yield paint(cut(flat(report.source), width), bold=True)
    line = printable(report.size)
    for text in took:
        line += f" · {printable(text)}"
    yield from folded(line.split(" · "), width, " · ")


def _table(report: ProfileReport, width: int, paint: Callable[..., str]) -> Iterable[str]:
    shown = report.columns[:MOST_COLUMNS]
    cells = [_cells(report, column, 10 if width >= ROOMY else 8) for column in shown]
    heads = ("column", "type", "role", "missing", "distinct", "shape", "values")
    gap = "  " if width >= ROOMY else " "
    longest = [
        max([wide(head), *(wide(str(row[i])) for row in cells)])
        for i, head in enumerate(heads[:-1])
    ]
    fixed = sum(longest[1:]) + 6 * len(gap)
    longest[0] = max(wide(heads[0]), min(longest[0], max(12, (width - fixed) * 2 // 5)))
    room = max(8, width - fixed - longest[0])
    yield paint(gap.join((*_fitted(heads[:-1], longest), heads[-1])), dim=True)
    for *row, values in cells:
        parts = (*_fitted([str(cell) for cell in row], longest), _whole(values, room))
        yield gap.join(parts).rstrip()


def _fitted(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    """Return cells as wide as their columns; counts stand at the right."""
    return [
        fit(cell, n, is_right=i in (3, 4))
        for i, (cell, n) in enumerate(zip(cells, widths, strict=True))
    ]


def _whole(parts: Sequence[str], room: int) -> str:
    """Return as many parts as there is room for, none of them cut but the first."""
    line = cut(parts[0], room) if parts else ""
    for part in parts[1:]:
        if wide(line) + 3 + wide(part) > room:
            break
        line += f" · {part}"
    return line


def _cells(
    report: ProfileReport, column: ColumnProfile, n_blocks: int
) -> tuple[str | list[str], ...]:
    name = column.column_name
    missing = column.n_null + column.n_nan
    bins, top = report.bins.get(name, []), report.top_values.get(name, [])
    about = "" if column.distinct_exact else "~"
    return (
        flat(name),
        TYPES.get(column.family, column.family),
        column.role,
        share(missing / column.n_rows) if missing else "–",
        about + count(column.n_distinct),
        shape_of(bins, top if _is_listed(column, top) else [], n_blocks),
        _values(column, top),
    )


def shape_of(
    bins: Sequence[HistogramBin], top: Sequence[TopValue], n_blocks: int = 10
) -> str:
    """Return a histogram, else the frequent values, as a few blocks.

    An empty bin is a space; a bin with rows is never one.

    Examples
    --------
    >>> from dsp.records import HistogramBin
    >>> edges = [(0.0, 1.0, 4), (1.0, 2.0, 0), (2.0, 3.0, 8)]
    >>> shape_of([HistogramBin(column_name="a", bin=i, low=low, high=high, n_rows=n,
    ...     profile_sql="") for i, (low, high, n) in enumerate(edges)], [])
    '▄ █'
    """
    heights = _joined([b.n_rows for b in bins], n_blocks)
    if not heights:
        heights = [value.n_rows for value in top[:n_blocks]]
    most = max(heights, default=0)
    if not most:
        return ""
    blocks = (0 if n == 0 else max(1, round(n / most * len(BLOCKS))) for n in heights)
    return "".join(BLOCKS[i - 1] if i else " " for i in blocks)


def _joined(heights: Sequence[int], n: int) -> list[int]:
    """Return at most `n` sums of neighbours, each of as many as the others."""
    step = -(-len(heights) // n)
    return [sum(heights[i : i + step]) for i in range(0, len(heights), max(1, step))]


def _is_listed(column: ColumnProfile, top: Sequence[TopValue]) -> bool:
    """Tell whether frequent values say more about a column than its range."""
    if not top or (top[0].n_rows < 2 and column.n_rows > 1):
        return False
    is_level = column.role in ("dimension", "constant") or column.q50 is None
    return is_level and (top[0].fraction >= SOME or column.n_distinct <= len(top))


def _values(column: ColumnProfile, top: Sequence[TopValue]) -> list[str]:
    """Return the range of numbers and dates, else the frequent values, in parts."""
    if column.n_distinct and column.family in DATED:
        return [_span(column.min_value or "", column.max_value or "")]
    if _is_listed(column, top):
        n = max(1, column.n_rows - column.n_null - column.n_nan)
        return [f"{flat(v.value or '')} {share(v.n_rows / n)}" for v in top]
    if column.q50 is not None:
        ends = (column.min_number, column.max_number)
        write = plain if is_year(column.column_name, *ends) else level
        spread = [f"sd {level(column.sd)}"] if column.sd else []
        five = (ends[0], column.q50, ends[1])
        return [" … ".join(write(value) for value in five), *spread]
    if column.length_max is not None:
        first, last = flat(column.min_value or ""), flat(column.max_value or "")
        lengths = counted(column.length_max, "character")
        if column.length_min != column.length_max:
            lengths = f"{column.length_min:,}–{lengths}"
        return [lengths, f"{cut(first, 20)} … {cut(last, 20)}"]
    return [flat(column.min_value or "")]


def _span(first: str, last: str) -> str:
    """Return two times as their days, or as times within one day."""
    if first[:10] == last[:10]:
        return first if first == last else f"{first} … {last[11:]}"
    return f"{first[:10]} … {last[:10]}"


def _relations(report: ProfileReport, width: int) -> list[str]:
    found = report.strongest
    lines = [_relation(row, width) for row in found[:MOST_RELATIONS]]
    if len(found) > MOST_RELATIONS:
        lines.append(f"  {counted(len(found) - MOST_RELATIONS, 'more relation')}")
    return lines


def _relation(row: Association, width: int) -> str:
    from dsp.exports.profile.words import measure_name

    figure = f"{measure_name(row.measure)} {correlation(row.value or 0.0)}"
    room = width - wide(figure) - 5
    pair = f"{flat(row.column_a)} ~ {flat(row.column_b)}"
    if wide(pair) > room:
        half = (room - 3) // 2
        pair = f"{cut(flat(row.column_a), half)} ~ {cut(flat(row.column_b), half)}"
    return f"  {fit(pair, min(room, 44))}  {figure}"


def _keys(report: ProfileReport, width: int) -> list[str]:
    keys = [" + ".join(flat(name) for name in key) for key in report.keys]
    lines = [f"  {cut(key, width - 2)}" for key in keys[:MOST_KEYS]]
    if len(keys) > MOST_KEYS:
        lines.append(f"  {counted(len(keys) - MOST_KEYS, 'more key')}")
    return lines


def _rules(report: ProfileReport, width: int) -> list[str]:
    from dsp.exports.profile.words import dependency

    rules = report.rules
    lines = [f"  {cut(flat(dependency(row)), width - 2)}" for row in rules[:MOST_KEYS]]
    if len(rules) > MOST_KEYS:
        n_more = len(rules) - MOST_KEYS
        lines.append(f"  {counted(n_more, 'more dependency', 'more dependencies')}")
    return lines


def _timeline(report: ProfileReport, width: int) -> list[str]:
    from dsp.exports.profile.timelines import timeline

    found = timeline(report)[:MOST_RELATIONS]
    return [f"  {cut(f'{flat(name)}: {flat(text)}', width - 2)}" for name, text in found]


def _alerts(report: ProfileReport, width: int, paint: Callable[..., str]) -> list[str]:
    """Return one line a kind of alert, with the columns it is about."""
    groups: dict[str, list[Alert]] = {}
    for alert in report.alerts:
        groups.setdefault(alert.kind, []).append(alert)
    lines = []
    for kind, group in groups.items():
        sign, colour = SIGNS[group[0].severity]
        first = group[0]
        if len(group) > 1:
            text = _listed(kind.replace("_", " "), [_named(a) for a in group], width - 2)
        elif first.column_name is not None:
            text = f"{flat(first.column_name)}: {first.text}"
        else:
            text = first.text
        lines.append(f"{paint(sign, fg=colour)} {cut(flat(text), width - 2)}")
    return lines


def _named(alert: Alert) -> str:
    """Return the column of an alert with its figure, where that is short."""
    name = flat(alert.column_name or "")
    if alert.kind in ("missing", "mostly_missing", "zeros", "one_value"):
        return f"{name} {share(alert.value)}"
    if alert.other is not None:
        return f"{name} ~ {flat(alert.other)}"
    if alert.kind == "skewed":
        return f"{name} {level(alert.value)}"
    return name


def _listed(head: str, names: Sequence[str], room: int) -> str:
    """Return as many names as there is room for, and how many more there are."""
    line = f"{head}: {names[0]}"
    for i, name in enumerate(names[1:], 1):
        rest = f" and {len(names) - i:,} more"
        last = "" if i == len(names) - 1 else f" and {len(names) - i - 1:,} more"
        if wide(f"{line}, {name}{last}") > room:
            return f"{cut(line, room - len(rest))}{rest}"
        line += f", {name}"
    return line
