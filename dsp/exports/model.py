"""The best model with its card: what it is for, how good it is, and where it is not."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dsp.engine.store import Store
from dsp.exports.cells import appearing
from dsp.exports.marks import inline, table
from dsp.numbers import counted, metric, number, share
from dsp.records import (
    Importance,
    LearningPoint,
    ModelQuery,
    ModelRow,
    ModelScore,
    ModelSlice,
    ResidualCheck,
    RunRow,
    Threshold,
)

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

MAX_ROWS = 10
SPLITS = {
    "time": "the last fifth of the rows in time",
    "group": "a fifth of the rows, dealt by entity",
    "stratified": "a fifth of the rows, alike in its classes",
    "random": "a fifth of the rows, alike in the target",
}


class ModelExport:
    """Writes ``model_card.md``, and ``model.sql`` where there is a model."""

    name = "model"

    def write(self, engine: DuckEngine, folder: Path) -> list[Path]:
        """Write the card and the query, and return their paths."""
        files = {"model_card.md": render(engine)}
        queries = Store(engine).read(ModelQuery)
        if queries:
            files["model.sql"] = _query(queries[0])
        written = []
        for name, text in files.items():
            path = folder / name
            with appearing(path) as unfinished:
                unfinished.write_text(text, encoding="utf-8")
            written.append(path)
        return written


plugin = ModelExport()


def _query(model: ModelQuery) -> str:
    return (
        "-- purpose: predict with the best model of a run\n"
        "-- parameters: none; reads a table or view called new_data\n"
        f"-- one row is: a row of new_data with its prediction\n{model.sql};\n"
    )


def render(engine: DuckEngine) -> str:
    """Return the card of a run's best model, in Markdown.

    References
    ----------
    Mitchell et al.: Model cards for model reporting. FAT* (2019).
    """
    store = Store(engine)
    models = store.read(ModelRow)
    best = next((model for model in models if model.is_best), None)
    if best is None:
        return "# Model card\n\nThis run has no model.\n"
    lines = [
        f"# Model card: {inline(best.target)}",
        "",
        *_about(best, store.read(RunRow), store.read(LearningPoint)),
        *_scores(best, models, store.read(ModelScore)),
        *_reads(best, store.read(Importance)),
        *_limits(store, best),
        *_use(store.read(ModelQuery)),
    ]
    return "\n".join(lines).rstrip() + "\n"


def _about(best: ModelRow, runs: list[RunRow], curve: list[LearningPoint]) -> list[str]:
    parts = json.loads(best.params).get("parts", [])
    made = ", ".join(f"{share(part['weight'])} {inline(part['model'])}" for part in parts)
    lines = [
        f"- Predicts {inline(best.target)} ({best.task}) with: {inline(best.name)}"
        + (f" ({made})" if len(parts) > 1 else ""),
        (
            f"- Chosen on {counted(best.n_train, 'row')}; judged on "
            f"{counted(best.n_holdout, 'row')} that no choice has seen: "
            f"{SPLITS[best.split]}. "
            "What is handed on is fitted on all of them."
        ),
        f"- Library: {inline(json.loads(best.params).get('library', ''))}",
    ]
    if runs:
        lines.append(
            f"- Source: {inline(runs[0].source_fingerprint)}, seed {runs[0].seed}"
        )
    if best.note:
        lines.append(f"- {inline(best.note)}")
    if len(curve) > 1:
        steps = ", ".join(f"{number(p.loss)} on {p.n_rows:,}" for p in curve)
        lines.append(f"- Loss by rows fitted on: {steps}")
    return [*lines, ""]


def _scores(
    best: ModelRow, models: list[ModelRow], scores: list[ModelScore]
) -> list[str]:
    rows = [
        (
            f"{m.name} (chosen)" if m.is_best else m.name,
            metric(m.cv_mean),
            metric(m.holdout),
            f"{metric(m.holdout_low)} to {metric(m.holdout_high)}",
        )
        for m in models
    ]
    heads = ("model", f"{best.metric}, folds", "hold-out", "for as many new rows")
    lines = ["## How good it is", "", *table(heads, rows), ""]
    held = [s for s in scores if s.model_id == best.model_id and s.split == "holdout"]
    lines += table(
        ("measure", "on the hold-out"), [(s.metric, number(s.value)) for s in held]
    )
    return [*lines, ""]


def _reads(best: ModelRow, importances: list[Importance]) -> list[str]:
    lines = ["## What it reads", ""]
    top = sorted(importances, key=lambda row: row.rank)[:MAX_ROWS]
    if top:
        rows = [
            (i.feature, number(i.mean), f"{number(i.low)} to {number(i.high)}")
            for i in top
        ]
        lines += table(
            ("column", f"loss of {best.metric} when shuffled", "repeats"), rows
        )
        lines.append("")
    excluded = json.loads(best.excluded or "{}")
    lines += [
        f"- left out: {inline(name)} ({inline(str(why))})"
        for name, why in excluded.items()
    ]
    return [*lines, ""]


def _limits(store: Store, best: ModelRow) -> list[str]:
    lines = ["## Where it is wrong", ""]
    slices = [s for s in store.read(ModelSlice) if s.is_significant][:MAX_ROWS]
    lines += [
        f"- {inline(s.description)}: mean {inline(s.metric.replace('_', ' '))} "
        f"{number(s.loss)}, {number(s.loss_rest)} elsewhere ({counted(s.n_rows, 'row')}, "
        f"q {number(s.q_value)})"
        for s in slices
    ]
    lines += [
        f"- {inline(row.check_name)}: {inline(row.verdict)}"
        for row in store.read(ResidualCheck)
    ]
    lines += _thresholds(store.read(Threshold))
    if len(lines) == 2:
        lines.append("No part of the rows stands out after correction for many looks.")
    lines.append(
        f"- It knows rows like those of its source. Of others {inline(best.target)} may "
        "follow other rules: `dsp predict` warns of columns that have moved."
    )
    return [*lines, ""]


def _thresholds(rows: Iterable[Threshold]) -> list[str]:
    best = next((row for row in rows if row.is_best_cost), None)
    if best is None:
        return []
    precision = "–" if best.precision is None else share(best.precision)
    return [
        (
            f"- The threshold of {number(best.threshold)} has the least cost: precision "
            f"{precision}, recall {share(best.recall)}."
        )
    ]


def _use(queries: list[ModelQuery]) -> list[str]:
    if not queries:
        return []
    inputs = ", ".join(inline(name) for name in queries[0].inputs)
    return [
        "## How to use it",
        "",
        f"- Needs the columns {inputs}.",
        "- `dsp predict RUN FILE -o predictions.parquet`",
        (
            "- `select * from predict('new_rows')` in a copy of `results.duckdb`; "
            "`model.sql` is the same query over a table `new_data`, for any DuckDB."
        ),
        "",
    ]
