"""Values far out are flagged or drawn in, when that is asked for."""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal

from dsp.cleaning import Fence
from dsp.engine.relation import Field, literal, quote
from dsp.errors import SettingError
from dsp.numbers import counted, number
from dsp.transforms.base import AS_GROUPED, Proposal, Scene, Transform, templated

FLAG = "_outlier"
MAX_SHARE = 0.01
"""Share of values far out above which it is the shape of the data, no accident."""


class MendOutliers(Transform):
    """Flags values outside limits in a column NAME_outlier; winsorize draws them in.

    Limits are quantiles of the column, or fences: quartiles plus so many interquartile
    ranges. They are written into the step. The target gets no flag, which would tell
    models about it. Originals are in the input, row by row.
    """

    name = "outliers"
    layer = AS_GROUPED
    order = 20

    def wanted(self, scene: Scene) -> Iterable[str]:
        """Find the limits."""
        for name, fence in scene.asked.outliers.items():
            yield _quantiles(_column(scene, name), fence)

    def details(self, scene: Scene) -> Iterable[str]:
        """Count the values outside."""
        for name, fence in scene.asked.outliers.items():
            column = scene.column(name)
            yield _n_outside(column, *_limits(scene, column, fence))

    def changes(self, scene: Scene) -> Iterable[Proposal]:
        """Flag the values outside, then draw them in."""
        for name, fence in scene.asked.outliers.items():
            column = scene.column(name)
            low, high = _limits(scene, column, fence)
            n = scene.count(_n_outside(column, low, high))
            if n:
                yield from _changes(scene, column, fence, (low, high), n)

    def proofs(self, scene: Scene) -> Iterable[str]:
        """Find the fences of columns in which the checks have seen values far out."""
        for column in _open(scene):
            yield _quantiles(column, Fence(action="winsorize"))
            yield f"count({column.sql})"

    def suggestions(self, scene: Scene) -> Iterable[Proposal]:
        """Suggest to draw in what lies far out, where that is rare."""
        fence = Fence(action="winsorize")
        found = {c: _limits(scene, c, fence) for c in _open(scene)}
        scene.figures.ask(_n_outside(c, *limits) for c, limits in found.items())
        for column, (low, high) in found.items():
            n = scene.count(_n_outside(column, low, high))
            if 0 < n <= MAX_SHARE * scene.count(f"count({column.sql})"):
                yield Proposal(
                    column.name,
                    "",
                    f"{counted(n, 'value')} of {column.name} outside {low} to {high}: "
                    "could be flagged, and drawn in to these limits",
                    n,
                    select=_both(scene, column, low, high),
                    columns=_names(scene, column),
                    setting=f"outliers.{scene.loaded[column.name]}=winsorize",
                    evidence={"low": low, "high": high, "n_outside": n},
                )


def _open(scene: Scene) -> list[Field]:
    loaded = scene.loaded
    far = {
        name
        for check in scene.checks
        if check.kind == "outliers" and 0 < check.failed_fraction <= MAX_SHARE
        for name in check.columns
    }
    return [
        column
        for column in scene.relation.columns
        if column.name in far and column.is_numeric
        if column.name in loaded
        if loaded[column.name] not in scene.asked.outliers
    ]


def _column(scene: Scene, name: str) -> Field:
    column = scene.column(name)
    if not column.is_numeric:
        raise SettingError(
            f'"{name}" holds {column.data_type}: only numbers lie far out',
            hint=f"ask for casts.{name}=number first" if column.family == "text" else "",
        )
    return column


def _quantiles(column: Field, fence: Fence) -> str:
    pair = (0.25, 0.75) if fence.low is None else (fence.low, fence.high)
    finite = f" filter (where isfinite({column.sql}))" if column.family == "float" else ""
    return f"quantile_disc({column.sql}, [{pair[0]!r}, {pair[1]!r}]){finite}"


def _limits(scene: Scene, column: Field, fence: Fence) -> tuple[str, str]:
    """Return the limits as text that the type of the column can hold exactly.

    Raises
    ------
    SettingError
        The column has no values.
    """
    found = scene.figure(_quantiles(column, fence))
    if not found or found[0] is None:
        raise SettingError(f'"{column.name}" has no values to find limits of')
    low, high = map(str, found)
    if fence.low is not None:
        return low, high
    if column.family == "float":
        reach = fence.reach * (float(high) - float(low))
        return repr(float(low) - reach), repr(float(high) + reach)
    first, last = Decimal(low), Decimal(high)
    distance = Decimal(repr(fence.reach)) * (last - first)
    ends = first - distance, last + distance
    if column.family == "integer":
        return str(math.ceil(ends[0])), str(math.floor(ends[1]))
    return str(ends[0]), str(ends[1])


def _given(column: Field, text: str) -> str:
    return f"cast({literal(text)} as {_wide(column)})"


def _wide(column: Field) -> str:
    """Return a type that holds limits beyond those of the column's own type."""
    kinds = {"integer": "hugeint", "decimal": "decimal(38, 6)"}
    return kinds.get(column.family, column.data_type)


def _outside(column: Field, low: str, high: str) -> str:
    """Return the template of whether a value lies outside the limits."""
    return f"{{value}} < {_given(column, low)} or {{value}} > {_given(column, high)}"


def _n_outside(column: Field, low: str, high: str) -> str:
    outside = templated(_outside(column, low, high), column.sql)
    return f"count(*) filter (where {outside})"


def _flagged(column: Field, low: str, high: str) -> str:
    return f"coalesce({_outside(column, low, high)}, false)"


def _changes(
    scene: Scene, column: Field, fence: Fence, limits: tuple[str, str], n: int
) -> Iterable[Proposal]:
    low, high = limits
    where = f"outside {number(float(low))} to {number(float(high))}"
    evidence = {"low": low, "high": high, "n_outside": n}
    setting = _setting(column, fence)
    if column.name != scene.target:
        flag = scene.free(column.name + FLAG)
        yield Proposal(
            flag,
            _flagged(column, low, high),
            f"says which {counted(n, 'value')} of {column.name} {_lie(n)} {where}",
            n,
            source=column.name,
            setting=setting,
            evidence=evidence,
        )
    if fence.action == "winsorize":
        yield Proposal(
            column.name,
            _drawn_in(column, low, high),
            f"{counted(n, 'value')} of {column.name} {where} drawn in, as asked",
            n,
            setting=setting,
            evidence=evidence,
        )


def _drawn_in(column: Field, low: str, high: str) -> str:
    ends = f"least(greatest({{value}}, {_given(column, low)}), {_given(column, high)})"
    return (
        f"case when {_outside(column, low, high)} then cast({ends} as "
        f"{column.data_type}) else {{value}} end"
    )


def _names(scene: Scene, column: Field) -> tuple[str, ...]:
    if column.name == scene.target:
        return (column.name,)
    return column.name, scene.free(column.name + FLAG)


def _both(scene: Scene, column: Field, low: str, high: str) -> str:
    drawn = templated(_drawn_in(column, low, high), column.sql)
    flagged = templated(_flagged(column, low, high), column.sql)
    flags = [f", {flagged} as {quote(name)}" for name in _names(scene, column)[1:]]
    return f"select * replace ({drawn} as {column.sql}){''.join(flags)} from input"


def _setting(column: Field, fence: Fence) -> str:
    word: str = fence.action
    if fence.low is not None:
        word = f"{word}:{fence.low!r}:{fence.high!r}"
    elif fence.reach != Fence(action="flag").reach:
        word = f"{word}:iqr:{fence.reach!r}"
    return f"outliers.{column.name}={word}"


def _lie(n: int) -> str:
    return "lies" if n == 1 else "lie"


plugin = MendOutliers()
