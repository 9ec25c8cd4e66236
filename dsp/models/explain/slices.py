"""Rows for which a model does worse than for the others, with corrected tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from dsp.engine.duckdb_engine import literal, quote
from dsp.inference.base import Group
from dsp.inference.groups import welch_df, welch_t
from dsp.inference.multiplicity import benjamini_hochberg
from dsp.inference.tails import t_limit
from dsp.models import sql
from dsp.models.coding import Column, number_sql
from dsp.numbers import number

N_BINS = 4
MAX_LEVELS = 20
MIN_ROWS = 30
MIN_SHARE = 0.01
N_PAIRED = 6
SHOWN = 20
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class _Part:
    """Rows of one value, or of one range of values, of a column."""

    column: str
    words: str
    sql: str
    rows: Any


def worst_slices(X: Any, loss: Any, columns: Sequence[Column]) -> list[dict[str, Any]]:
    """Return where the mean loss is highest above that of the other rows.

    Levels, quarters of numbers and missing values of every column, and pairs of the
    worst; each with at least 30 rows and 1 % of all. Welch's t test of the losses, q
    values of Benjamini and Hochberg over all that were looked at; only worse ones.

    Parameters
    ----------
    X
        Coded rows that the model had not seen.
    loss
        Loss of each row.

    References
    ----------
    Chung et al.: Slice Finder: automated data slicing for model validation. ICDE (2019).
    """
    parts = [part for column in columns for part in _parts(column, X)]
    least = max(MIN_ROWS, MIN_SHARE * len(loss))
    singles = [((part,), part.rows) for part in parts]
    found = [row for s in singles if (row := _tested(*s, loss, least)) is not None]
    ranked = sorted(found, key=lambda row: -row["difference"])
    best = [row["parts"][0] for row in ranked if row["difference"] > 0][:N_PAIRED]
    for i, one in enumerate(best):
        for other in best[i + 1 :]:
            if one.column != other.column:
                row = _tested((one, other), one.rows & other.rows, loss, least)
                if row is not None:
                    found.append(row)
    adjusted = benjamini_hochberg([row["p_value"] for row in found])
    for row, q in zip(found, adjusted, strict=True):
        row["q_value"] = q
    # Columns that say the same make the same slice: the first one stands for them.
    different = {(row["n_rows"], row["loss"]): row for row in found[::-1]}
    worse = [row for row in different.values() if row["difference"] > 0]
    worse.sort(key=lambda row: (row["q_value"] > LEVEL, -row["difference"]))
    return [
        _described(row, rank, len(found))
        for rank, row in enumerate(worse[:SHOWN], start=1)
    ]


def _parts(column: Column, X: Any) -> list[_Part]:
    import numpy as np

    if column.kind not in ("category", "number"):
        return []
    x = X[:, column.positions[0]]
    is_number = column.kind == "number"
    value = number_sql(column.name) if is_number else f"{quote(column.name)}::varchar"
    found = []
    if np.isnan(x).any():
        words = f"{column.name} is missing"
        found.append(_Part(column.name, words, f"({value}) is null", np.isnan(x)))
    return found + (_ranges if is_number else _levels)(column, x, value)


def _levels(column: Column, x: Any, value: str) -> list[_Part]:
    return [
        _Part(
            column.name,
            f"{column.name} = {level or '(blank)'}",
            f"{value} = {literal(level)}",
            x == code,
        )
        for code, level in enumerate(column.levels[:MAX_LEVELS])
    ]


def _ranges(column: Column, x: Any, value: str) -> list[_Part]:
    """Return quarters of a number; the outer ones hold all that lies further out."""
    import numpy as np

    known = x[np.isfinite(x)]
    if len(known) == 0:
        return []
    edges = np.unique(np.quantile(known, np.linspace(0, 1, N_BINS + 1)))
    found = []
    for i, (low, high) in enumerate(pairwise(edges)):
        rows, tests = np.isfinite(x), []
        if i > 0:
            rows &= x >= low
            tests.append(f"({value}) >= {sql.number(low)}")
        if i < len(edges) - 2:
            rows &= x < high
            tests.append(f"({value}) < {sql.number(high)}")
        words = f"{column.name} from {number(float(low))} to {number(float(high))}"
        test = " and ".join(tests) or f"({value}) is not null"
        found.append(_Part(column.name, words, test, rows))
    return found


def _tested(
    parts: tuple[_Part, ...], rows: Any, loss: Any, least: float
) -> dict[str, Any] | None:
    """Return the comparison of some rows with the others, None where they are few."""
    n = int(rows.sum())
    if n < least or len(loss) - n < least:
        return None
    inside, rest = _group(loss[rows]), _group(loss[~rows])
    test = welch_t(inside, rest)
    if test is None or test.p_value is None:
        return None
    difference = inside.mean - rest.mean
    error = (inside.variance / inside.n + rest.variance / rest.n) ** 0.5
    reach = t_limit(welch_df(inside, rest)) * error
    return {
        "parts": parts,
        "n_rows": n,
        "share": n / len(loss),
        "loss": inside.mean,
        "loss_rest": rest.mean,
        "difference": difference,
        "low": difference - reach,
        "high": difference + reach,
        "p_value": test.p_value,
    }


def _group(values: Any) -> Group:
    return Group(len(values), float(values.mean()), float(values.var(ddof=1)))


def _described(row: dict[str, Any], rank: int, n_tests: int) -> dict[str, Any]:
    parts: tuple[_Part, ...] = row.pop("parts")
    return {
        **row,
        "rank": rank,
        "columns": [part.column for part in parts],
        "description": " and ".join(part.words for part in parts),
        "condition_sql": " and ".join(f"({part.sql})" for part in parts),
        "n_tests": n_tests,
        "is_significant": row["q_value"] <= LEVEL,
    }
