"""Stage 5: profile, relate, detect, decide what may be said, and model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsp.numbers import counted
from dsp.pipeline.attempts import attempt
from dsp.pipeline.context import Context, Outcome
from dsp.pipeline.forecasting import run_forecast
from dsp.pipeline.modelling import (
    fit_models,
    model_line,
    model_records,
    model_statements,
)
from dsp.pipeline.processing import new_names, renamed_checks
from dsp.pipeline.tested import what_was_tested
from dsp.records import (
    Association,
    CheckResult,
    ColumnProfile,
    DetectorTests,
    Insight,
    Prediction,
    Problem,
    RepeatedRows,
    Step,
)

if TYPE_CHECKING:
    from dsp.engine import StoredTable
    from dsp.statistics.base import Relations


def analysis(context: Context) -> Outcome:
    """Profile, relate, detect, decide what may be said, and model."""
    from dsp.engine import StoredTable
    from dsp.statistics import StatisticsEngine

    table = StoredTable(context.engine, "data", "clean")
    profile = StatisticsEngine(context.engine).profile(
        table,
        target=context.run.target,
        time=context.run.time_column,
        n_nan=_n_nan(context),
        tick=context.tick,
    )
    time = context.run.time_column or _time_column(profile.columns)
    problems: list[Problem] = [*profile.problems]
    described = [
        *_details(context, table, profile.columns, problems),
        *_series(context, table, profile.columns, time, problems),
    ]
    relations = _relations(context, table, profile.columns, problems)
    associations: tuple[Association, ...] = relations.associations if relations else ()
    structure = _structure(context, table, profile.columns, problems)
    insights, tests = _insights(
        context,
        table,
        profile.columns,
        associations=associations,
        repeated=next((r for r in structure if isinstance(r, RepeatedRows)), None),
        time=time,
        problems=problems,
    )
    found: Any = {"time": time, "insights": insights, "problems": problems}
    fitted = fit_models(context, table, profile.columns, **found)
    records: list[object] = [
        *profile.columns,
        *profile.histograms,
        *profile.top_values,
        *described,
        *(relations.records if relations else ()),
        *_regression(context, table, profile.columns, problems),
        *structure,
        *insights,
        *tests,
        *model_records(fitted),
        *_forecasts(context, table, profile.columns, time, problems),
        *problems,
    ]
    predictions = fitted.predictions if fitted else None
    return Outcome(
        f"{_tests_line(tests, insights)}; {model_line(context, fitted)}",
        records=records,
        tables={} if predictions is None else {Prediction: predictions},
        statements=model_statements(context, fitted),
        run=replace(context.run, time_column=time),
        n_rows_in=context.n_rows,
        n_rows_out=context.n_rows,
    )


def _relations(
    context: Context,
    table: StoredTable,
    columns: tuple[ColumnProfile, ...],
    problems: list[Problem],
) -> Relations | None:
    """Return how the columns go together."""
    from dsp.statistics import StatisticsEngine

    found: Relations | None = attempt(
        lambda: StatisticsEngine(context.engine).relations(
            table, columns, target=context.run.target, tick=context.tick
        ),
        "statistics",
        problems,
    )
    return found


def _structure(
    context: Context,
    table: StoredTable,
    columns: tuple[ColumnProfile, ...],
    problems: list[Problem],
) -> tuple[object, ...]:
    """Return the records of keys, dependencies and other structure."""
    from dsp.statistics import StatisticsEngine

    is_distinct = _is_distinct(context)
    found = attempt(
        lambda: StatisticsEngine(context.engine).structure(
            table, columns, is_distinct=is_distinct
        ),
        "structure",
        problems,
    )
    return found.records if found else ()


def _is_distinct(context: Context) -> bool:
    """Return whether a check has found no row twice, and no step has changed the rows."""
    checks = context.store.read(CheckResult)
    passed = any(c.kind == "duplicate_rows" and c.outcome == "passed" for c in checks)
    steps = context.store.read(Step)
    return passed and not any(step.status == "applied" for step in steps)


def _time_column(columns: tuple[ColumnProfile, ...]) -> str | None:
    return next((c.column_name for c in columns if c.role == "time"), None)


def _n_nan(context: Context) -> dict[str, int]:
    """Return how many NaN of each column processing has turned into nulls."""
    names = new_names(context.store)
    return {
        names.get(step.columns[0], step.columns[0]): step.n_changed or 0
        for step in context.store.read(Step)
        if step.transform == "nan_to_null"
    }


def _details(
    context: Context,
    table: StoredTable,
    columns: tuple[ColumnProfile, ...],
    problems: list[Problem],
) -> tuple[object, ...]:
    """Return what only columns of one family have: texts, dates and the like."""
    from dsp.statistics import StatisticsEngine

    found = attempt(
        lambda: StatisticsEngine(context.engine).details(
            table, columns, tick=context.tick
        ),
        "details",
        problems,
    )
    return found or ()


def _regression(
    context: Context,
    table: StoredTable,
    columns: tuple[ColumnProfile, ...],
    problems: list[Problem],
) -> tuple[object, ...]:
    """Return the regression of the target on the measures, where that is cheap."""
    from dsp.statistics import StatisticsEngine

    target = context.run.target
    if target is None:
        return ()
    found = attempt(
        lambda: StatisticsEngine(context.engine).regress_target(table, columns, target),
        "regression",
        problems,
    )
    return (found.fit, *found.coefficients) if found else ()


def _series(
    context: Context,
    table: StoredTable,
    columns: tuple[ColumnProfile, ...],
    time: str | None,
    problems: list[Problem],
) -> tuple[object, ...]:
    """Return the rows and measures by period of time, and what they show."""
    from dsp.statistics import StatisticsEngine

    found = attempt(
        lambda: StatisticsEngine(context.engine).series(
            table, columns, target=context.run.target, time=time, tick=context.tick
        ),
        "series",
        problems,
    )
    return found.records if found else ()


def _insights(
    context: Context,
    table: StoredTable,
    columns: tuple[ColumnProfile, ...],
    *,
    associations: tuple[Association, ...],
    repeated: RepeatedRows | None,
    time: str | None,
    problems: list[Problem],
) -> tuple[tuple[Insight, ...], tuple[DetectorTests, ...]]:
    """Return what was found, and what was tested."""
    from dsp.detectors import PatternDetector
    from dsp.insights import InsightGenerator

    target = context.run.target
    detected = attempt(
        lambda: PatternDetector(context.engine).detect(
            table,
            columns,
            target=target,
            time=time,
            checks=renamed_checks(context.store),
            associations=associations,
            repeated=repeated,
            tick=context.tick,
        ),
        "detectors",
        problems,
    )
    if detected is None:
        return (), ()
    problems.extend(detected.problems)
    found = attempt(
        lambda: InsightGenerator().generate(
            detected,
            columns,
            target=target,
            context=context.config.business_context,
            n_rows=context.n_rows,
        ),
        "insights",
        problems,
    )
    return found or (), what_was_tested(detected, found or ())


def _models(
    context: Context,
    table: StoredTable,
    columns: tuple[ColumnProfile, ...],
    time: str | None,
    problems: list[Problem],
) -> Any:
    models, target = context.models, context.run.target
    if models is None or target is None:
        return None
    return attempt(
        lambda: models.fit(
            table.to_ibis(), target, time=time, columns=columns, tick=context.tick
        ),
        "models",
        problems,
    )


def _forecasts(
    context: Context,
    table: StoredTable,
    columns: tuple[ColumnProfile, ...],
    time: str | None,
    problems: list[Problem],
) -> tuple[object, ...]:
    """Return how the target goes on, where models are wanted and there is a series."""
    target = context.run.target
    if not context.config.ml_enabled or target is None or time is None:
        return ()
    found = attempt(
        lambda: run_forecast(table, columns, target=target, time=time, tick=context.tick),
        "forecasting",
        problems,
    )
    return found or ()


def _tests_line(tests: tuple[DetectorTests, ...], insights: tuple[Insight, ...]) -> str:
    n_kept = counted(sum(i.is_said for i in insights), "insight")
    return f"{counted(sum(t.n_tests for t in tests), 'test')}, {n_kept} kept"
