"""Dates are split into the parts they need, when that is asked for."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.engine.relation import Field, count_if, quote
from dsp.errors import SettingError
from dsp.numbers import counted
from dsp.transforms.base import AS_GROUPED, Proposal, Scene, Transform

PARTS = {
    "year": "year({value})",
    "quarter": "quarter({value})",
    "month": "month({value})",
    "week": "weekofyear({value})",
    "weekday": "isodow({value})",
    "hour": "hour({value})",
    "is_weekend": "isodow({value}) >= 6",
}
"""SQL of every part: weeks are those of ISO 8601, weekdays count from Monday, 1."""


class SplitDates(Transform):
    """Adds NAME_year, NAME_month … beside a date: the parts that can differ.

    Without names of parts: no year where all dates lie in one, nothing below months
    where every date is the first of its month, hours only where there are times of day.
    """

    name = "date_parts"
    layer = AS_GROUPED
    order = 30

    def wanted(self, scene: Scene) -> Iterable[str]:
        """Ask for the range and the granularity."""
        for name, parts in scene.asked.date_parts.items():
            column = scene.column(name)
            if not column.is_temporal:
                raise SettingError(
                    f'"{name}" holds {column.data_type}, which has no date parts',
                    hint=f"ask for casts.{name}=date with its format, if it holds dates",
                )
            if not parts:
                yield from _granularity(column).values()

    def changes(self, scene: Scene) -> Iterable[Proposal]:
        """Add the parts after the last column."""
        for name, parts in scene.asked.date_parts.items():
            column = scene.column(name)
            chosen = list(parts) or _needed(scene, column)
            if not chosen:
                continue
            names = [scene.free(f"{name}_{part}") for part in chosen]
            made = ", ".join(
                f"{PARTS[part].replace('{value}', column.sql)} as {quote(new)}"
                for part, new in zip(chosen, names, strict=True)
            )
            listed = ", ".join(parts)
            yield Proposal(
                name,
                "",
                f"{counted(len(names), 'part')} of the dates in {name}, as asked",
                scene.n_rows,
                select=f"select *, {made} from input",
                columns=tuple(names),
                setting=f"date_parts.{name}={listed}" if parts else f"date_parts={name}",
            )


def _granularity(column: Field) -> dict[str, str]:
    value = column.sql
    timed = f"{value} <> date_trunc('day', {value})"
    return {
        "years": f"count(distinct year({value}))",
        "months": f"count(distinct month({value}))",
        "days": count_if(f"day({value}) <> 1"),
        "times": count_if(timed if column.family == "timestamp" else "false"),
    }


def _needed(scene: Scene, column: Field) -> list[str]:
    found = {what: scene.count(sql) for what, sql in _granularity(column).items()}
    parts = ["year"] if found["years"] > 1 else []
    if found["months"] > 1:
        parts += ["quarter", "month"]
    if found["days"] or found["times"]:
        parts += ["week", "weekday", "is_weekend"]
    return parts + (["hour"] if found["times"] else [])


plugin = SplitDates()
