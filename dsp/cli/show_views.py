"""What ``dsp show`` can show: columns of result tables for people."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class View:
    """What of a table is shown.

    Attributes
    ----------
    columns
        Columns of the table, in order.
    order
        SQL to order by.
    where
        SQL to filter with.
    kind
        Column that --kind filters on.
    """

    columns: tuple[str, ...]
    order: str = "rowid"
    where: str = "true"
    kind: str | None = None


VIEWS: dict[str, View] = {
    "insights": View(
        (
            "rank",
            "severity",
            "kind",
            "title",
            "effect_name",
            "effect",
            "q_value",
            "n_rows",
        ),
        order="rank",
        where="asserted and explained_by is null",
        kind="kind",
    ),
    "tests": View(
        ("detector", "n_tests", "n_found", "n_explained", "n_set_aside", "smallest_q"),
        kind="detector",
    ),
    "columns": View(
        (
            "column_name",
            "data_type",
            "semantic_type",
            "role",
            "n_null",
            "n_distinct",
            "min_value",
            "q50",
            "mean",
            "max_value",
        ),
        order="position",
        kind="role",
    ),
    "checks": View(
        ("outcome", "severity", "name", "columns", "observed", "n_failed"),
        order=(
            "outcome <> 'failed', "
            "list_position(['critical', 'error', 'warning', 'info'], severity), check_id"
        ),
        kind="kind",
    ),
    "failures": View(("check_id", "row_number", "row"), order="check_id, sample"),
    "models": View(
        ("name", "task", "metric", "cv_mean", "cv_sd", "holdout", "is_best", "note"),
        order="position",
        kind="task",
    ),
    "scores": View(("model_id", "split", "fold", "metric", "value", "n_rows")),
    "importances": View(
        ("rank", "feature", "mean", "sd", "low", "high", "method"),
        order="model_id, rank",
        kind="method",
    ),
    "predictions": View(
        (
            "row_number",
            "split",
            "actual_number",
            "predicted_number",
            "actual_label",
            "predicted_label",
            "probability",
        ),
        order="row_number",
        kind="split",
    ),
    "effects": View(
        ("feature", "method", "label", "x", "level", "value", "low", "high"),
        order="feature, method, label, position",
        kind="method",
    ),
    "slices": View(
        ("rank", "description", "n_rows", "loss", "loss_rest", "q_value"),
        order="rank",
        kind="metric",
    ),
    "thresholds": View(
        ("threshold", "precision", "recall", "f1", "balanced_accuracy", "cost"),
        order="threshold",
    ),
    "calibration": View(
        ("label", "bin", "predicted", "observed", "low", "high", "n_rows"),
        order="label, bin",
    ),
    "residuals": View(
        ("check_name", "value", "test", "p_value", "verdict"), order="rowid"
    ),
    "forecasts": View(
        ("series", "ts", "value", "low", "high", "method"), where="is_chosen"
    ),
    "forecast_series": View(
        (
            "series",
            "frequency",
            "n_periods",
            "n_missing",
            "method",
            "mase",
            "baseline_mase",
            "coverage",
            "reason",
        ),
        kind="method",
    ),
    "forecast_scores": View(
        ("series", "method", "metric", "origin", "horizon", "value", "n"), kind="metric"
    ),
    "problems": View(("stage", "plugin", "error", "hint"), kind="stage"),
    "stages": View(
        ("position", "stage", "status", "message", "n_scans", "elapsed_ms"),
        order="position",
        kind="status",
    ),
    "events": View(("event_id", "stage", "state", "message"), kind="state"),
    "steps": View(
        ("position", "status", "transform", "columns", "reason", "n_changed", "setting"),
        order="position",
        kind="transform",
    ),
    "associations": View(
        ("column_a", "column_b", "measure", "value", "q_value", "n_rows", "is_target"),
        order="is_target desc, abs(value) desc nulls last, association_id",
        kind="measure",
    ),
    "group_tests": View(
        (
            "value_column",
            "by_column",
            "name",
            "group_a",
            "group_b",
            "statistic",
            "q_value",
            "value",
            "low",
            "high",
        ),
        kind="kind",
    ),
    "group_summaries": View(
        (
            "value_column",
            "by_column",
            "group_value",
            "event",
            "n_rows",
            "mean",
            "sd",
            "share",
            "low",
            "high",
        ),
        kind="by_column",
    ),
    "regressions": View(
        ("term", "estimate", "std_error", "low", "high", "p_value", "vif", "reason"),
        order="regression_id, position",
    ),
    "regression_fits": View(
        (
            "target",
            "family",
            "n_rows",
            "df_model",
            "r_squared",
            "p_value",
            "residual_sd",
            "method",
            "reason",
        ),
        kind="family",
    ),
    "collinearity": View(
        ("column_name", "cluster_position", "vif", "r2", "reason"),
        order="cluster_position",
    ),
    "dependencies": View(
        ("kind", "determinant", "dependent", "n_violations", "share", "fix_hint"),
        kind="kind",
    ),
    "inclusions": View(
        ("table_a", "column_a", "table_b", "column_b", "score", "n_violations", "n_rows"),
        order="score desc, inclusion_id",
    ),
    "near_duplicates": View(
        ("column_name", "canonical", "n_canonical", "value", "n_rows", "differs_by"),
        kind="differs_by",
    ),
    "repeated": View(
        ("n_rows", "n_groups", "n_repeated", "n_excess", "n_largest", "share")
    ),
    "missing_patterns": View(("rank", "columns", "n_rows", "share"), order="rank"),
    "missing_pairs": View(
        ("column_a", "column_b", "n_a", "n_b", "n_both", "correlation", "relation"),
        order="abs(correlation) desc nulls last",
        kind="relation",
    ),
    "missing_predictors": View(
        ("column_name", "predictor", "effect_name", "effect", "q_value", "n_rows"),
        order="q_value nulls last, abs(effect) desc nulls last",
        kind="column_name",
    ),
    "searches": View(
        ("search", "n_candidates", "n_refuted", "n_tested", "n_found", "reason"),
        kind="search",
    ),
    "series": View(
        (
            "series_id",
            "measure",
            "aggregate",
            "granularity",
            "n_periods",
            "verdict",
            "lag_1",
            "cycle",
            "trend_strength",
            "seasonal_strength",
            "peak",
            "n_changes",
            "reason",
        ),
        kind="aggregate",
    ),
    "changes": View(
        ("series_id", "kind", "changed_at", "before", "after", "effect", "gain"),
        order="series_id, kind, change",
        kind="kind",
    ),
    "autocorrelations": View(
        ("series_id", "lag", "acf", "pacf", "bound", "is_outside"),
        order="series_id, lag",
    ),
    "times": View(
        ("column_name", "step", "regularity", "n_missing", "n_repeated", "reason")
    ),
    "gaps": View(
        ("column_name", "rank", "gap_start", "gap_end", "unit", "n_missing"),
        order="column_name, rank",
    ),
    "figures": View(("label", "value", "text", "baseline_label"), order="position"),
    "charts": View(
        ("chart_id", "section", "kind", "title"), order="position", kind="kind"
    ),
    "histograms": View(("column_name", "bin", "low", "high", "n_rows")),
    "values": View(("column_name", "rank", "value", "n_rows", "fraction")),
    "texts": View(
        (
            "column_name",
            "n_values",
            "length_min",
            "length_q50",
            "length_max",
            "words_mean",
            "n_blank",
            "n_padded",
            "n_control",
            "n_non_ascii",
        )
    ),
    "patterns": View(("column_name", "rank", "pattern", "n_rows", "fraction", "example")),
    "dates": View(
        (
            "column_name",
            "granularity",
            "first_value",
            "last_value",
            "n_days",
            "n_gaps",
            "n_missing",
            "gap_unit",
            "gap_start",
            "gap_end",
        )
    ),
    "fits": View(
        ("column_name", "rank", "family", "ks", "p_value", "parameters", "verdict"),
        order="rowid",
        where="rank is not null",
        kind="family",
    ),
    "nested": View(
        (
            "path",
            "kind",
            "n_values",
            "n_null",
            "length_mean",
            "min_value",
            "mean",
            "max_value",
        ),
        kind="kind",
    ),
    "personal": View(
        ("column_name", "kind", "basis", "confidence", "n_found", "n_rows", "reason"),
        kind="kind",
    ),
    "parts": View(("column_name", "part", "label", "n_rows", "fraction"), kind="part"),
    "artifacts": View(("name", "kind", "n_bytes", "sha256"), kind="kind"),
    "run": View(
        (
            "source_name",
            "source_format",
            "n_rows",
            "n_columns",
            "target",
            "time_column",
            "seed",
            "version",
            "elapsed_ms",
        )
    ),
}
"""What can be shown, and which part of its table."""

TABLES = {
    "scores": "model_scores",
    "effects": "model_effects",
    "slices": "model_slices",
    "residuals": "residual_checks",
    "repeated": "repeated_rows",
    "searches": "structure_searches",
    "values": "top_values",
    "texts": "text_profiles",
    "patterns": "text_patterns",
    "dates": "date_profiles",
    "fits": "distribution_fits",
    "parts": "date_parts",
    "changes": "change_points",
    "times": "time_columns",
    "gaps": "time_gaps",
    "nested": "nested_profiles",
    "personal": "personal_data",
    "run": "runs",
}
"""Where the word for people is not the name of the table."""


HELP = f"""Show what a run found, table by table.

WHAT is {", ".join(["summary", *list(VIEWS)[:-1]])} or {list(VIEWS)[-1]}.
"""
