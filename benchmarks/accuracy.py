"""How many digits hold on data sets with certified answers.

Loads every CSV file of a folder as a user would and asks for what its columns allow:
mean, sd and lag-1 autocorrelation of one column; analysis of variance of ``response`` by
``treatment``; the regression of ``y`` on the rest. What a set is to be asked is told by
an index, JSON of ``{name: {"kind", "columns", "intercept", "poly_degree"}}``.

    python benchmarks/accuracy.py --data FOLDER [--index FILE] [--output results.json]
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dsp import DataReader, StatisticsEngine
from dsp.statistics.regression import polynomial

Figures = dict[str, float | None]


def univariate(table: Any, _: Mapping[str, Any]) -> Figures:
    """Return mean, sd and lag-1 autocorrelation of the first column."""
    engine = StatisticsEngine()
    column = engine.profile(table).columns[0]
    lagged = engine.autocorrelation(table, column.column_name)
    return {"mean": column.mean, "sd": column.sd, "r1": lagged.value}


def anova(table: Any, wanted: Mapping[str, Any]) -> Figures:
    """Return the analysis of variance of the second column by the first."""
    by, value = wanted["columns"]
    found = StatisticsEngine().compare_groups(table, value, by)
    test = found.test("one-way ANOVA")
    return {
        "df_between": test.df,
        "df_within": test.df_residual,
        "f": test.statistic,
        "ss_between": found.test("ss_between").value,
        "ss_within": found.test("ss_within").value,
        "r2": found.test("eta_squared").value,
        "resid_sd": found.test("residual_sd").value,
    }


def linear(table: Any, wanted: Mapping[str, Any]) -> Figures:
    """Return the regression of the first column on the others."""
    y, *x = wanted["columns"]
    degree, intercept = wanted.get("poly_degree"), wanted.get("intercept", True)
    terms: list[Any] = [polynomial(x[0], degree)] if degree else x
    found = StatisticsEngine().regress(table, y, terms, intercept=intercept)
    fit = found.fit
    figures: Figures = {
        "r2": fit.r_squared,
        "f": fit.statistic,
        "resid_sd": fit.residual_sd,
        "resid_ss": fit.residual_ss,
    }
    for i, row in enumerate(found.coefficients, 0 if intercept else 1):
        figures |= {f"b{i}": row.estimate, f"se{i}": row.std_error}
    return figures


KINDS = {"univariate": univariate, "anova": anova, "linear": linear}


def digits(found: float | None, certified: float) -> float:
    """Return the correct digits, from 0 to 15."""
    if found is None or not math.isfinite(found):
        return 0.0
    error = abs(found - certified) / abs(certified) if certified else abs(found)
    return 15.0 if error == 0 else max(0.0, min(15.0, -math.log10(error)))


def guessed(header: str) -> dict[str, Any]:
    """Return what a set without an index is asked, by the names of its columns."""
    columns = header.strip().split(",")
    if columns == ["treatment", "response"]:
        return {"kind": "anova", "columns": columns}
    return {"kind": "univariate" if len(columns) == 1 else "linear", "columns": columns}


def main() -> None:
    """Write the figures of every set, and print the digits that hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder of CSV files")
    parser.add_argument("--index", type=Path, help="JSON; FOLDER/../nist.json if there")
    parser.add_argument("--output", type=Path, help="JSON file for the figures")
    asked = parser.parse_args()
    folder = asked.data
    if not list(folder.glob("*.csv")):
        folder = next((path.parent for path in sorted(folder.rglob("*.csv"))), folder)
    near = (path for place in (folder, folder.parent) for path in place.glob("*.json"))
    index_path = asked.index or next(near, None)
    index = json.loads(index_path.read_text("utf-8")) if index_path else {}
    results: dict[str, Figures] = {}
    least: list[float] = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8") as lines:
            wanted = index.get(path.stem) or guessed(next(lines))
        found = KINDS[wanted["kind"]](DataReader().read(str(path)), wanted)
        results[path.stem] = found
        held = {
            name: digits(found.get(name), value)
            for name, value in wanted.get("certified", {}).items()
        }
        if held:
            least.append(min(held.values()))
            worst = min(held, key=held.__getitem__)
            print(f"{path.stem:14}{wanted['kind']:12}{least[-1]:5.1f}  {worst}")
    if least:
        n = sum(digit >= 9 for digit in least)
        print(f"{n} of {len(least)} sets hold 9 digits or more; least {min(least):.1f}")
    if asked.output:
        asked.output.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
