"""The part of stage 5 that models the target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dsp.numbers import metric
from dsp.pipeline.attempts import attempt
from dsp.pipeline.context import Context
from dsp.pipeline.processing import new_names

if TYPE_CHECKING:
    from dsp.engine import StoredTable
    from dsp.records import ColumnProfile, Insight, ModelQuery, ModelRow, Problem

LEAF_SECONDS = 2e-9
"""About how long a leaf of a tree takes for a row, on one thread."""

ROW_SECONDS = 1e-6
SCORING_SHARE = 0.5
"""Share of the time limit that predictions of rows outside of the sample may take."""

METRIC_NAMES = {
    "r2": "R²",
    "roc_auc": "AUC",
    "roc_auc_ovr": "AUC (each class against the rest)",
    "d2_pinball_score": "D² of the pinball loss",
}


def fit_models(
    context: Context,
    table: StoredTable,
    columns: tuple[ColumnProfile, ...],
    *,
    time: str | None,
    insights: tuple[Insight, ...],
    problems: list[Problem],
) -> Any:
    """Return the models of the target, None without a target or with a problem."""
    models, target = context.models, context.run.target
    if models is None or target is None:
        return None
    from dsp.models import Wish

    config = context.config
    names = new_names(context.store)
    group = config.group_column
    wish = Wish(
        task=config.ml_task,
        quantile=config.ml_quantile,
        group=None if group is None else names.get(group, group),
        cost_false_alarm=config.cost_false_alarm,
        cost_missed=config.cost_missed,
    )
    return attempt(
        lambda: models.fit(
            table.to_ibis(),
            target,
            time=time,
            wish=wish,
            columns=columns,
            leaks=_leaks(insights, target),
            tick=context.tick,
        ),
        "models",
        problems,
    )


def _leaks(insights: tuple[Insight, ...], target: str) -> dict[str, str]:
    """Return the columns that a finding calls leaks, with its headline."""
    return {
        name: insight.title
        for insight in insights
        if insight.kind == "leakage" and insight.asserted
        for name in insight.columns
        if name != target
    }


def model_records(fitted: Any) -> tuple[object, ...]:
    """Return what is stored of the models, but for predictions."""
    if fitted is None:
        return ()
    parts = (
        fitted.models,
        fitted.scores,
        fitted.importances,
        fitted.curve,
        fitted.explained,
        () if fitted.model is None else (fitted.model,),
        fitted.problems,
    )
    return tuple(record for part in parts for record in part)


def model_statements(context: Context, fitted: Any) -> tuple[str, ...]:
    """Return statements that store the model as a macro, and predict the other rows."""
    if fitted is None or fitted.model is None:
        return ()
    model: ModelQuery = fitted.model
    macro = (
        "create macro main.predict(name) as table\n"
        "with new_data as not materialized (from query_table(name))\n"
        f"from (\n{model.sql}\n)"
    )
    found = [macro]
    n_rows = context.n_rows
    n_known = fitted.predictions.num_rows
    seconds = (n_rows - n_known) * (ROW_SECONDS + LEAF_SECONDS * model.n_leaves)
    limit = SCORING_SHARE * context.config.ml_time_limit
    if n_known < n_rows and seconds <= limit:
        found.append(_other_rows(model))
    return tuple(found)


def _other_rows(model: ModelQuery) -> str:
    """Return the statement that predicts the rows that were not in the sample."""
    from dsp.engine.duckdb_engine import literal, quote

    is_number = not model.classes
    answers = (
        "prediction as predicted_number" if is_number else "prediction as predicted_label"
    )
    if model.task == "regression":
        answers += ", low, high"
    if not is_number and model.task != "ordinal":
        answers += ", probability"
    if model.task == "ordinal":
        answers += ", score as predicted_number"
    actual = "number" if is_number else "label"
    target = quote(model.target)
    value = f"{target}::double" if is_number else f"{target}::varchar"
    return (
        "insert into main.predictions by name\n"
        "with new_data as not materialized (\n"
        "    select *, row_number() over () as dsp_row_number\n    from clean.data\n)\n"
        f"select {literal(model.model_id)} as model_id, "
        "dsp_row_number as row_number, 'new' as split,\n"
        f"    {value} as actual_{actual}, {answers}\n"
        f"from (\n{model.sql}\n)\n"
        "where dsp_row_number not in (select row_number from main.predictions)"
    )


def model_line(context: Context, fitted: Any) -> str:
    """Return what became of modelling, in a few words."""
    if context.run.target is None:
        return "no target, no model"
    if not context.config.ml_enabled:
        return "models not asked for"
    if fitted is None:
        return "no model, see problems"
    best = next((m for m in fitted.models if m.is_best), None)
    return fitted.reason or "no model" if best is None else _score(best)


def _score(best: ModelRow) -> str:
    name = METRIC_NAMES.get(best.metric, best.metric)
    figure = metric(best.holdout)
    shown = "" if best.holdout is None else f", {name} {figure} (hold-out)"
    return f"{best.name}{shown}"
