"""Stage 4: clean the data, and say what else could be done to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsp.errors import SettingError
from dsp.numbers import counted
from dsp.pipeline.context import Context, Outcome
from dsp.records import CheckResult, Step

if TYPE_CHECKING:
    from dsp.engine import DuckEngine, Store
    from dsp.transforms import Transformed

ALL_ROWS = "select 1::bigint as row_number, 1::bigint as raw_row_number"


def processing(context: Context) -> Outcome:
    """Clean ``raw.data`` into ``clean.data``, every step with its SQL."""
    from dsp.engine import StoredTable
    from dsp.transforms import DataTransformer

    engine, config = context.engine, context.config
    transformer = DataTransformer(engine)
    done = transformer.transform(
        StoredTable(engine, "data", "raw"),
        target=config.target_column,
        time=config.time_column,
        settings=config.transforms,
        known=context.figures,
        tick=context.tick,
    )
    _create(context, done)
    renamed = {old: new for new, old in done.origins.items()}
    target, time = (
        None if name is None else renamed.get(name, name)
        for name in (config.target_column, config.time_column)
    )
    _check_time(engine, time)
    proposed = transformer.propose(
        StoredTable(engine, "data", "clean"),
        target=target,
        time=time,
        settings=config.transforms,
        origins=done.origins,
        checks=_checks(context.store.read(CheckResult), done),
        known=_known(context.figures, done),
        tick=context.tick,
    )
    n_applied = len(done.steps)
    suggested = [
        replace(step, position=n_applied + step.position) for step in proposed.steps
    ]
    message = f"{counted(n_applied, 'step')} applied" if n_applied else "nothing to mend"
    if done.n_rows < context.run.n_rows:
        message += f", {counted(context.run.n_rows - done.n_rows, 'row')} dropped"
    if suggested:
        message += f", {len(suggested):,} proposed"
    return Outcome(
        message,
        records=[*done.steps, *suggested, *done.problems, *proposed.problems],
        run=replace(context.run, target=target, time_column=time),
        n_rows_in=context.run.n_rows,
        n_rows_out=done.n_rows,
    )


def new_names(store: Store) -> dict[str, str]:
    """Return the names of columns in ``clean.data`` by those in ``raw.data``."""
    return {
        old: new
        for step in store.read(Step)
        if step.transform == "names" and step.status == "applied" and step.evidence
        for old, new in json.loads(step.evidence)["names"].items()
    }


def renamed_checks(store: Store) -> list[CheckResult]:
    """Return the results of the checks with columns named as in ``clean.data``."""
    return _renamed(store.read(CheckResult), new_names(store))


def _create(context: Context, done: Transformed) -> None:
    engine, config = context.engine, context.config
    # What needs all rows at once would be computed anew by everything that reads a view.
    is_asked = config.transforms != type(config.transforms)()
    may_copy = context.run.is_materialized or (is_asked and config.materialize != "never")
    engine.create(
        "data",
        done.select or 'from "raw"."data"',
        schema="clean",
        kind="table" if done.select is not None and may_copy else "view",
    )
    engine.create("rows", _rows(done), schema="clean")
    # The short names are what people type: from data, from rejects.
    for name in ("data", "rows"):
        engine.create(name, f"from clean.{name}", kind="view")


def _rows(done: Transformed) -> str:
    """Return the query of the rows of ``raw.data`` behind those of ``clean.data``."""
    if done.rows is None:
        return ALL_ROWS
    return f"select row_number, input_row_number as raw_row_number\nfrom ({done.rows})"


def _known(figures: Mapping[str, Any], done: Transformed) -> dict[str, Any]:
    """Return the aggregates of ``raw.data`` that are those of ``clean.data`` as well."""
    from dsp.engine.relation import quote

    if done.rows is not None or any(new != old for new, old in done.origins.items()):
        return {}
    changed = {quote(name) for step in done.steps for name in step.columns}
    return {
        sql: value
        for sql, value in figures.items()
        # A query inside may read the table by its name.
        if "select" not in sql.lower() and not any(name in sql for name in changed)
    }


def _checks(found: list[CheckResult], done: Transformed) -> list[CheckResult]:
    """Return the results that still hold: equal rows may be more after a change."""
    kept = [c for c in found if not (done.steps and c.kind == "duplicate_rows")]
    return _renamed(kept, {old: new for new, old in done.origins.items()})


def _renamed(found: list[CheckResult], names: dict[str, str]) -> list[CheckResult]:
    return [
        replace(check, columns=tuple(names.get(name, name) for name in check.columns))
        for check in found
    ]


def _check_time(engine: DuckEngine, name: str | None) -> None:
    if name is None:
        return
    from dsp.engine.relation import family_of

    described = engine.rows("select column_name, column_type from (describe clean.data)")
    kind = dict(described)[name]
    if family_of(kind) not in ("date", "timestamp"):
        raise SettingError(
            f'time column "{name}" holds {kind}, not dates',
            hint="name a column of dates or timestamps with --time",
        )
