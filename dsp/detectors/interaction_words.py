"""Evidence and sentences of interactions: a grid of cells, or a line for each value."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from dsp.detectors.base import Candidate, Rows, Words
from dsp.detectors.evidence_sql import shown, text
from dsp.detectors.words import LIMIT, figure, first, name, rows, subject, total
from dsp.engine.duckdb_engine import quote
from dsp.numbers import level

if TYPE_CHECKING:
    from dsp.detectors.scene import Scene

PARTS = 5
"""Parts of equal rank range into which measures are cut."""

Made = tuple[Callable[[Candidate, Rows], Words], str, str]


def of(scene: Scene, a: str, b: str) -> Made:
    """Return the sentences, the evidence query and its shape.

    A measure beside a dimension comes second.
    """
    dimensions = scene.frame.dimensions
    if a in dimensions and b in dimensions:
        return say_grid, _cells(scene, a, b), "grid"
    if a in dimensions:
        return say_lines, _lines(scene, a, b, text(a)), "lines"
    return say_lines, _lines(scene, a, b, None), "lines"


def _cells(scene: Scene, a: str, b: str) -> str:
    value = shown(scene, str(scene.target))
    return (
        f"select {text(a)} as label,\n    {text(b)} as label_b,\n"
        f"    avg({value}) as value,\n    count({value}) as n_rows\nfrom {scene.source}\n"
        f"where {quote(a)} is not null and {quote(b)} is not null\ngroup by 1, 2\n"
        f"having count({value}) > 0\norder by 1, 2"
    )


def _lines(scene: Scene, group: str, measure: str, label: str | None) -> str:
    """Mean of the target by fifth of a measure, for each value or fifth of another."""
    value, x = shown(scene, str(scene.target)), scene.value_sql(measure)
    if label is None:
        other = scene.value_sql(group)
        ranked = f"ntile(3) over (order by {other}, {x})"
        label = f"case {ranked} when 1 then 'low' when 2 then 'middle' else 'high' end"
        known = f"{other} is not null"
    else:
        known = f"{quote(group)} is not null"
    return (
        f"with rows_known as (\n    select {x} as x,\n        {value} as y,\n"
        f"        {label} as label\n    from {scene.source}\n"
        f"    where {x} is not null and {value} is not null and {known}\n),\n"
        "binned as (\n    select x,\n        y,\n        label,\n"
        f"        least(floor({PARTS} * percent_rank() over (order by x)), {PARTS - 1}) "
        "as bin\n    from rows_known\n)\n"
        "select avg(x) as x,\n    avg(y) as value,\n    label,\n    count(*) as n_rows\n"
        "from binned\ngroup by label, bin\norder by label, bin"
    )


def say_grid(c: Candidate, found: Rows) -> Words:
    """Say which pair of values stands out."""
    a, b, target = c.columns
    event = c.facts["event"]
    what, write = subject(target, event), figure(event)
    title = f"{first(what)} depends on {name(a)} and {name(b)} together"
    least = 0.002 * total(found)
    cells = [r for r in found if r["n_rows"] >= least] or list(found)
    if not cells:
        return Words(title, f"{title}. {LIMIT}", f"Compare {name(a)} by {name(b)}.")
    high, low = (f(cells, key=lambda r: r["value"]) for f in (max, min))

    def cell(row: object) -> str:
        labels = row if isinstance(row, dict) else {}
        one, two = name(labels.get("label")), name(labels.get("label_b"))
        return f"{name(a)} {one} and {name(b)} {two}"

    return Words(
        title,
        f"{title}, beyond what each does alone. It averages {write(high['value'])} for "
        f"{cell(high)}, and {write(low['value'])} for {cell(low)}. There are "
        f"{rows(total(found))}. {LIMIT}",
        f"Compare {name(a)} within each {name(b)}; averages of one alone mislead.",
        value=high["value"],
        baseline=low["value"],
    )


def say_lines(c: Candidate, found: Rows) -> Words:
    """Say for which value the target rises most with a measure, and least."""
    a, b, target = c.columns
    event = c.facts["event"]
    what, write = subject(target, event), figure(event)
    title = f"{first(what)} depends on {name(a)} and {name(b)} together"
    lines: dict[str, list[float]] = {}
    for row in found:
        lines.setdefault(str(row["label"]), []).append(row["value"])
    whole = {k: v for k, v in lines.items() if len(v) > 1}
    if len(whole) < 2:
        return Words(title, f"{title}. {LIMIT}", f"Compare {name(a)} by {name(b)}.")
    gains = {k: v[-1] - v[0] for k, v in whole.items()}
    up, down = (f(gains, key=lambda k: gains[k]) for f in (max, min))
    xs = [row["x"] for row in found]
    ends = f"from its lowest ({level(min(xs))}) to its highest fifth ({level(max(xs))})"
    group, measure = c.facts["roles"]

    def course(label: str) -> str:
        return f"{write(whole[label][0])} to {write(whole[label][-1])}"

    return Words(
        title,
        f"{title}, beyond what each does alone. With {name(measure)} going {ends}, "
        f"{what} goes from {course(up)} where {name(group)} is {name(up)}. It goes from "
        f"{course(down)} where {name(group)} is {name(down)}. There are "
        f"{rows(total(found))}. {LIMIT}",
        f"Read the effect of {name(measure)} for each {name(group)} on its own.",
        value=whole[up][-1],
        baseline=whole[down][-1],
    )
