"""Missing values are flagged or filled, when that is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.cleaning import Filling
from dsp.engine.relation import Field, literal, quote
from dsp.errors import SettingError
from dsp.numbers import counted
from dsp.transforms.base import AS_GROUPED, Proposal, Scene, Transform, plain

FLAG = "_missing"
MAX_SHARE = 0.5
"""Share of missing values above which filling them is not suggested."""


class FillMissing(Transform):
    """Fills missing values; a column NAME_missing says where, so nothing is lost.

    Methods: flag (only says where), median, mode, group (median of numbers and dates,
    mode of others, in the groups of other columns), constant. The median of whole
    numbers and dates is the lower of the two in the middle, so that the type stays; of
    modes that occur equally often it is the smallest.
    """

    name = "missing"
    layer = AS_GROUPED
    order = 10

    def wanted(self, scene: Scene) -> Iterable[str]:
        """Count the values, and find the value to fill in."""
        for name, filling in scene.asked.missing.items():
            if filling.method == "none":
                continue
            column = _column(scene, name)
            for other in filling.by:
                scene.column(other)
            yield f"count({column.sql})"
            if filling.method in ("median", "mode"):
                yield _measured(scene, column, filling)

    def changes(self, scene: Scene) -> Iterable[Proposal]:
        """Flag where values are missing, then fill them."""
        for name, filling in scene.asked.missing.items():
            if filling.method == "none":
                continue
            column = _column(scene, name)
            n = scene.n_rows - scene.count(f"count({column.sql})")
            if n:
                yield _flag(scene, column, n, filling)
                if filling.method != "flag":
                    yield _fill(scene, column, n, filling)

    def clues(self, scene: Scene) -> Iterable[str]:
        """Count the values of every column that can be filled."""
        for column in _open(scene):
            yield f"count({column.sql})"

    def suggestions(self, scene: Scene) -> Iterable[Proposal]:
        """Suggest the median of numbers and the mode of others, and a flag."""
        for column in _open(scene):
            n = scene.n_rows - scene.count(f"count({column.sql})")
            if not 0 < n <= MAX_SHARE * scene.n_rows:
                continue
            method = "median" if column.is_numeric or column.is_temporal else "mode"
            value = _value(column, method, "input")
            flag = scene.free(column.name + FLAG)
            asked = scene.loaded[column.name]
            yield Proposal(
                column.name,
                "",
                f"{counted(n, 'value')} of {column.name} missing: could be flagged, "
                f"and filled with the {method}",
                n,
                select=f"select * replace (coalesce({column.sql}, ({value})) as "
                f"{column.sql}), {column.sql} is null as {quote(flag)} from input",
                columns=(column.name, flag),
                setting=f"missing.{asked}={method}",
                evidence={"n_missing": n, "n_rows": scene.n_rows},
            )


def _open(scene: Scene) -> list[Field]:
    """Return the columns whose missing values nobody has spoken of."""
    left_out, loaded = {scene.target, scene.time}, scene.loaded
    families = ("text", "enum", "boolean")
    return [
        c
        for c in scene.relation.columns
        if c.name in loaded
        and c.name not in left_out
        and loaded[c.name] not in scene.asked.missing
        and (c.is_numeric or c.is_temporal or c.family in families)
    ]


def _column(scene: Scene, name: str) -> Field:
    if name == scene.target:
        raise SettingError(
            f'"{name}" is the target: its missing values are not filled',
            hint="a model would learn the guess; rows without a target are left out",
        )
    return scene.column(name)


def _flag(scene: Scene, column: Field, n: int, filling: Filling) -> Proposal:
    name = scene.free(column.name + FLAG)
    return Proposal(
        name,
        "{value} is null",
        f"says where {counted(n, 'value')} of {column.name} {_was(n)} missing",
        n,
        source=column.name,
        setting=_setting(column, filling),
    )


def _fill(scene: Scene, column: Field, n: int, filling: Filling) -> Proposal:
    if filling.method == "group":
        return _fill_by_group(scene, column, n, filling)
    if filling.method == "constant":
        text = _constant(scene, column, filling.value)
        value = f"the constant {text}"
    else:
        text = scene.figure(_measured(scene, column, filling))
        if text is None:
            raise SettingError(
                f'"{column.name}" has no values to take a {filling.method} of'
            )
        value = f"the {filling.method} {text[:40]}"
    return Proposal(
        column.name,
        f"coalesce({{value}}, cast({plain(text)} as {column.data_type}))",
        f"{counted(n, 'missing value')} filled with {value}, as asked",
        n,
        setting=_setting(column, filling),
        evidence={"n_missing": n, "value": text},
    )


def _fill_by_group(scene: Scene, column: Field, n: int, filling: Filling) -> Proposal:
    row, value = (quote(scene.free(name)) for name in ("dsp_row", "dsp_value"))
    keys = [quote(name) for name in filling.by]
    listed = ", ".join(keys)
    on = " and ".join(f"t.{key} is not distinct from g.{key}" for key in keys)
    if _has_median(column):
        groups = (
            f"select {listed}, {_median(column)} as {value} from input group by {listed}"
        )
    else:
        groups = (
            f"select {listed}, {column.sql} as {value} from (select {listed}, "
            f"{column.sql}, count(*) as n from input where {column.sql} is not null "
            f"group by {listed}, {column.sql}) qualify row_number() over "
            f"(partition by {listed} order by n desc, {column.sql}) = 1"
        )
    filled = f"cast(coalesce(t.{column.sql}, g.{value}) as {column.data_type})"
    joined = (
        f"from (select *, row_number() over () as {row} from input) as t "
        f"left join ({groups}) as g on {on}"
    )
    n_left = scene.relation.engine.rows(
        f"with input as not materialized (from {scene.relation.sql} as t) "
        f"select count(*) - count({filled}) {joined}"
    )[0][0]
    left = f"; {n_left:,} left: their group has no value" if n_left else ""
    method = "median" if _has_median(column) else "mode"
    return Proposal(
        column.name,
        "",
        f"{counted(n - n_left, 'missing value')} filled with the {method} of their "
        f"{', '.join(filling.by)}, as asked{left}",
        n - n_left,
        select=f"select t.* exclude ({row}) replace ({filled} as {column.sql}) "
        f"{joined} order by t.{row}",
        setting=_setting(column, filling),
        evidence={"n_missing": n, "n_left": n_left},
    )


def _measured(scene: Scene, column: Field, filling: Filling) -> str:
    """Return the aggregate that gives the value to fill in as text."""
    if filling.method == "mode":
        query = _value(column, "mode", f"{scene.relation.sql} as t")
        # The same for every row; an aggregate, so that it can stand among others.
        return f"any_value(cast(({query}) as varchar))"
    if not _has_median(column):
        raise SettingError(
            f'"{column.name}" holds {column.data_type}, which has no median',
            hint=f"ask for missing.{column.name}=mode",
        )
    return f"cast({_median(column)} as varchar)"


def _value(column: Field, method: str, source: str) -> str:
    """Return the query of the value to fill in."""
    if method == "median":
        return f"select {_median(column)} from {source}"
    return (
        f"select {column.sql} from {source} where {column.sql} is not null "
        f"group by {column.sql} order by count(*) desc, {column.sql} limit 1"
    )


def _has_median(column: Field) -> bool:
    return column.is_numeric or column.is_temporal


def _median(column: Field) -> str:
    exact = column.family in ("float", "decimal")
    return f"median({column.sql})" if exact else f"quantile_disc({column.sql}, 0.5)"


def _constant(scene: Scene, column: Field, value: object) -> str:
    text = str(value)
    given = literal(text)
    fits = f"select try_cast({given} as {column.data_type}) is not null"
    if not scene.relation.engine.rows(fits)[0][0]:
        raise SettingError(
            f'"{column.name}" holds {column.data_type}, which "{text}" is not'
        )
    return text


def _setting(column: Field, filling: Filling) -> str:
    argument = ",".join(filling.by) or filling.value
    word = filling.method if argument in (None, "") else f"{filling.method}:{argument}"
    return f"missing.{column.name}={word}"


def _was(n: int) -> str:
    return "was" if n == 1 else "were"


plugin = FillMissing()
