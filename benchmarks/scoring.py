"""Compare a model as SQL with the same model in scikit-learn, on rows by the million.

    python benchmarks/scoring.py --rows 1000000

All read the same Parquet file and predict every row: SQL in DuckDB; the fitted estimator
on what the rows are coded to by numpy and pyarrow (reading and coding count for it, as
predicting in batches has to do both); and, as a notebook does it, a scikit-learn pipeline
of the same steps on a pandas frame.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from common import DSP, OUT, finish, interleave, run_process, show

FEATURES = (
    ("a", "number"), ("b", "number"), ("c", "number"), ("d", "number"), ("e", "number"),
    ("f", "number"), ("level", "category"), ("many", "category"), ("day", "date"),
)  # fmt: skip
CONFIGS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("linear", {}),
    ("boosting", {"rate": 0.1, "leaves": 31, "rows": 20, "l2": 1.0, "share": 1.0,
                  "n_iterations": 100}),
)  # fmt: skip
MAKE = """
select
    hash(i) % 10007 / 1000.0 as a, hash(i + 1) % 997 / 100.0 as b,
    case when hash(i + 2) % 20 > 0 then hash(i + 2) % 1009 / 10.0 end as c,
    hash(i + 3) % 31 as d, hash(i + 4) % 4099 / 7.0 as e, hash(i + 5) % 2 as f,
    'level ' || hash(i + 6) % 8 as level, 'place ' || hash(i + 7) % 300 as many,
    timestamp '2020-01-01' + to_seconds((hash(i + 8) % 100000000)::bigint) as day
from range({rows}) as r(i)
"""
N_FITTED = 20_000
HEADINGS = (
    "model", "SQL s", "coded s", "times faster", "pipeline s", "times faster",
    "largest gap",
)  # fmt: skip


def target(X: Any) -> Any:
    """Return numbers that depend on the coded rows along curves and products."""
    import numpy as np

    filled = np.nan_to_num(X)
    return (
        np.sin(filled[:, 0]) * filled[:, 1]
        + filled[:, 2] * (filled[:, 6] > 3) / 10
        + filled[:, 7] / 100
        + np.random.default_rng(0).normal(size=len(X))
    )


def pipeline(name: str) -> Any:
    """Return a pipeline of the steps that linear models and boosted trees have here."""
    import numpy as np
    from sklearn import ensemble, linear_model
    from sklearn import preprocessing as steps
    from sklearn.compose import make_column_transformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline

    def parts(frame: Any) -> Any:
        day = frame["day"].dt
        turn = 2 * np.pi * (day.day_of_year - 1) / 365.25
        moment = frame["day"].astype("int64") / 86_400e6
        found = (day.year, day.month, day.day, day.day_of_week, day.hour, moment)
        return np.column_stack([*found, np.sin(turn), np.cos(turn)])

    numbers = [column for column, kind in FEATURES if kind == "number"]
    levels = [column for column, kind in FEATURES if kind == "category"]
    dates = steps.FunctionTransformer(parts)
    if name == "boosting":
        ordinal = steps.OrdinalEncoder(
            handle_unknown="use_encoded_value",
            unknown_value=-1,
            encoded_missing_value=-1,
            max_categories=250,
        )
        head = make_column_transformer(
            ("passthrough", numbers), (ordinal, levels), (dates, ["day"])
        )
        last = ensemble.HistGradientBoostingRegressor(early_stopping=False)
        return make_pipeline(head, last)
    filled = make_pipeline(SimpleImputer(add_indicator=True), steps.StandardScaler())
    hot = steps.OneHotEncoder(handle_unknown="ignore", min_frequency=10)
    head = make_column_transformer(
        (filled, numbers),
        (hot, levels),
        (make_pipeline(dates, steps.StandardScaler()), ["day"]),
    )
    return make_pipeline(head, linear_model.Ridge())


def main() -> None:
    """Time all ways, or the command, on as many rows as are asked for."""
    import duckdb

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument(
        "--command", action="store_true", help="only the memory of `dsp predict`"
    )
    asked = parser.parse_args()
    OUT.mkdir(exist_ok=True)
    path = OUT / f"scoring-{asked.rows}.parquet"
    if not path.is_file():
        duckdb.execute(f"copy ({MAKE.format(rows=asked.rows)}) to '{path}'")
    if asked.command:
        command(path)
        return
    rows = [compare(name, config, path, asked.repeats) for name, config in CONFIGS]
    show(HEADINGS, rows)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of the process: {peak:,.0f} MB")


def compare(name: str, config: dict[str, Any], path: Path, repeats: int) -> list[str]:
    """Return seconds of all ways for a kind of model, and how far predictions differ."""
    import duckdb
    import numpy as np
    import pandas as pd

    from dsp.models.coding import code, fetch_sql
    from dsp.models.features import Feature
    from dsp.models.scoring import scoring_sql
    from dsp.models.task import Task
    from dsp.models.views import Fold
    from dsp.registry import plugins

    con = duckdb.connect()
    features = [Feature(name, kind) for name, kind in FEATURES]
    listed = ", ".join(f"{fetch_sql(f)} as f{i}" for i, f in enumerate(features))
    head = con.execute(f"select {listed} from '{path}' limit {N_FITTED}").to_arrow_table()
    coded = code(head, features)
    y = target(coded.X)
    fold = Fold(coded.X, y, coded.levels, "regression", 0, 0.5, seed=0, threads=2)
    model = plugins("models")[name].fit(config, fold)
    members = [(1.0, model.portable())]
    task = Task("regression")
    query = scoring_sql(f"'{path}'", coded.columns, members, task, keep=["a"])
    usual = pipeline(name)
    usual.fit(pd.read_parquet(path).head(N_FITTED), y)

    def sql() -> Any:
        return con.execute(f"select prediction from ({query})").to_arrow_table()

    def by_code() -> Any:
        batch = con.execute(f"select {listed} from '{path}'").to_arrow_table()
        return model.output(recode(batch, coded.columns))

    ways = {
        "sql": sql,
        "code": by_code,
        "pipeline": lambda: usual.predict(pd.read_parquet(path)),
    }
    taken = interleave(
        {k: partial(timed, way) for k, way in ways.items()}, repeats=repeats
    )
    gap = np.abs(sql().column(0).to_numpy() - by_code()).max()
    base = taken["sql"].median
    found = [name, f"{base:.2f}"]
    for way in ("code", "pipeline"):
        found += [f"{taken[way].median:.2f}", f"{taken[way].median / base:.2f}"]
    return [*found, f"{gap:.1e}"]


def timed(work: Callable[[], Any]) -> float:
    """Return the seconds that work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def command(path: Path) -> None:
    """Predict all rows of a file with `dsp predict`, and print its peak memory."""
    import duckdb

    small, run = OUT / "scoring-fitted.parquet", OUT / "scoring.dsp"
    duckdb.execute(
        f"copy (select *, sin(a) * b + coalesce(c, 0) * (level > 'level 3')::int / 10 "
        f"+ f as y from '{path}' limit {5 * N_FITTED}) to '{small}'"
    )
    words = [DSP, "analyze", small, "--target", "y", "--ml-time-limit", 20]
    run_process([*words, "-o", run, "--force", "--no-dashboard", "-q"])
    out = OUT / "scored.parquet"
    done = finish([DSP, "predict", run, path, "-o", out, "--force", "-q"])
    con = duckdb.connect(str(run / "results.duckdb"), read_only=True)
    leaves = con.execute("select n_leaves from model_queries").fetchone()
    n_rows = duckdb.execute(f"select count(*) from '{out}'").fetchone()
    print(
        f"{n_rows} rows, {leaves} leaves: {done.seconds:.1f} s, "
        f"{done.peak_bytes / 2**20:,.0f} MB at the peak"
    )


def recode(table: Any, columns: Any) -> Any:
    """Return new rows as a matrix in the codes of fitted columns, as a pipeline would."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    from dsp.engine.arrays import as_numpy
    from dsp.models.coding import code
    from dsp.models.features import Feature

    X = np.empty((table.num_rows, 1 + columns[-1].positions[-1]), order="F")
    for i, column in enumerate(columns):
        values = table.column(f"f{i}")
        if column.kind == "category":
            found = pc.index_in(
                values, value_set=pa.array(column.levels)
            ).combine_chunks()
            codes = as_numpy(found.cast(pa.float64()))
            X[:, column.positions[0]] = np.where(
                np.isnan(codes), len(column.levels), codes
            )
            continue
        one = code(pa.table({"f0": values}), [Feature(column.name, column.kind)])
        X[:, list(column.positions)] = one.X
    return X


if __name__ == "__main__":
    main()
