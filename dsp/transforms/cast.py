"""Columns get the type that the user asks for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dsp.cleaning import Cast
from dsp.engine.date_formats import FORMATS
from dsp.engine.number_notations import NOTATIONS
from dsp.engine.relation import Field, literal
from dsp.errors import SettingError
from dsp.numbers import counted
from dsp.transforms.base import AS_LOADED, Proposal, Scene, Transform, bare, templated

TYPES = {
    "text": "varchar",
    "integer": "bigint",
    "number": "double",
    "boolean": "boolean",
    "date": "date",
    "timestamp": "timestamp",
}
WORDS = (("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0"))


class CastColumns(Transform):
    """Gives columns a type; values that do not fit stop it, unless they may be lost."""

    name = "cast"
    layer = AS_LOADED
    order = 80

    def wanted(self, scene: Scene) -> Iterable[str]:
        """Count the values, and those that each way of reading them can read."""
        for name, cast in scene.asked.casts.items():
            column = scene.column(name)
            yield f"count({_value(column)})"
            for template in _readings(column, cast):
                yield _read(column, template)

    def changes(self, scene: Scene) -> Iterable[Proposal]:
        """Read each column in the way that reads most of its values."""
        for name, cast in scene.asked.casts.items():
            column = scene.column(name)
            readings = list(_readings(column, cast))
            if not readings:
                if column.data_type != TYPES[cast.kind].upper():
                    raise SettingError(
                        f'"{name}" holds {column.data_type}, which is no {cast.kind}'
                    )
                continue
            n = scene.count(f"count({_value(column)})")
            read = {t: scene.count(_read(column, t)) for t in readings}
            best = max(readings, key=lambda t: read[t])
            n_lost = n - read[best]
            if n_lost and not cast.or_null:
                raise _unfit(scene, column, cast, template=best, counts=(n_lost, n))
            lost = f", {counted(n_lost, 'value')} did not fit" if n_lost else ""
            yield Proposal(
                name,
                best,
                f"{counted(read[best], 'value')} read as {cast.kind}, as asked{lost}",
                n,
                setting=_setting(name, cast),
                evidence={"n_values": n, "n_lost": n_lost},
            )


def _readings(column: Field, cast: Cast) -> Iterator[str]:
    """Yield templates that give the type, NULL where a value does not fit."""
    kind, family = cast.kind, column.family
    if kind == "text":
        if family != "text":
            yield "cast({value} as varchar)"
    elif family == "text":
        yield from _readings_of_text(cast)
    elif kind in ("integer", "number"):
        if column.is_numeric or family == "boolean":
            whole = kind == "integer" and family in ("decimal", "float")
            read = f"try_cast({{value}} as {TYPES[kind]})"
            yield (
                f"case when {{value}} = trunc({{value}}) then {read} end"
                if whole
                else read
            )
    elif kind == "boolean":
        if column.is_numeric:
            yield "case {value} when 1 then true when 0 then false end"
    elif column.is_temporal:
        zoned = (
            "({value} at time zone 'UTC')" if "ZONE" in column.data_type else "{value}"
        )
        day = f"case when {zoned} = date_trunc('day', {zoned}) then {zoned}::date end"
        yield day if kind == "date" else f"cast({zoned} as timestamp)"


def _readings_of_text(cast: Cast) -> Iterator[str]:
    if cast.kind == "boolean":
        yes, no = (", ".join(map(literal, words)) for words in WORDS)
        yield (
            f"case when lower({{value}}) in ({yes}) then true "
            f"when lower({{value}}) in ({no}) then false end"
        )
    elif cast.format:
        parsed = f"try_strptime({{value}}, {literal(cast.format)})"
        yield f"cast({parsed} as {cast.kind})"
    elif cast.kind in ("date", "timestamp"):
        for written in FORMATS:
            if written.is_date or cast.kind == "timestamp":
                yield f"cast({written.template} as {cast.kind})"
    else:
        for notation in NOTATIONS:
            fits = f"regexp_full_match({{value}}, {literal(notation.pattern)})"
            read = notation.template
            if cast.kind == "integer":
                fits += f" and {read} = trunc({read})"
            yield f"case when {fits} then try_cast({read} as {TYPES[cast.kind]}) end"


def _value(column: Field) -> str:
    """Return the SQL of the value as the steps before leave it."""
    if column.family == "float":
        return f"case when not isnan({column.sql}) then {column.sql} end"
    return bare(column) if column.family == "text" else column.sql


def _read(column: Field, template: str) -> str:
    return f"count({templated(template, _value(column))})"


def _unfit(
    scene: Scene, column: Field, cast: Cast, *, template: str, counts: tuple[int, int]
) -> SettingError:
    n_lost, n = counts
    value = _value(column)
    unread = f"{value} is not null and {templated(template, value)} is null"
    example = scene.relation.engine.rows(
        f"select left(cast({value} as varchar), 40) from {scene.relation.sql} as t "
        f"where {unread} limit 1"
    )[0][0]
    return SettingError(
        f'"{column.name}" cannot be read as {cast.kind}: {n_lost:,} of '
        f"{counted(n, 'value')} do not fit, such as {example!r}",
        hint=f"ask for casts.{column.name}={cast.kind}:or null to count them as missing",
    )


def _setting(name: str, cast: Cast) -> str:
    words = [cast.kind, cast.format, "or null" if cast.or_null else ""]
    return f"casts.{name}=" + ":".join(word for word in words if word)


plugin = CastColumns()
