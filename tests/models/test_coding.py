"""Columns as positions of a matrix, in Python and in SQL."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from dsp.engine import DuckEngine
from dsp.models.coding import code, fetch_sql, position_sql, value_sql
from dsp.models.features import Feature
from dsp.models.views import Fold, encoding, linear_view, tree_view

N = 300


def rows() -> dict[str, Any]:
    rng = np.random.default_rng(1)
    days = np.datetime64("2023-12-25T03:45") + rng.integers(0, 900, N) * 733
    names = [f"l'{i}" for i in rng.integers(0, 40, N)]
    return {
        "n": [None if i % 9 == 0 else float(i) * (-1) ** i for i in range(N)],
        "few": rng.choice(["a", "B", "", "it's"], N).tolist(),
        "many": [None if i % 31 == 0 else name for i, name in enumerate(names)],
        "day": pa.array(days.astype("datetime64[us]"), pa.timestamp("us")),
        "text": [f"Red {'GREEN' if i % 3 else 'é'} it's" for i in range(N)],
        "big": [1e200 if i == 0 else float(i) for i in range(N)],
        "place": list(range(N)),
    }


KINDS = {
    "n": "number",
    "few": "category",
    "many": "category",
    "day": "date",
    "text": "text",
    "big": "number",
}


@pytest.mark.parametrize("name", sorted(KINDS))
def test_positions_are_the_same_in_sql(engine: DuckEngine, name: str) -> None:
    engine.put(pa.table(rows()), "data")
    feature = Feature(name, KINDS[name])
    fetched = engine.sql(f"select {fetch_sql(feature)} as f0 from data order by place")
    coded = code(fetched, [feature])
    (column,) = coded.columns
    listed = ", ".join(
        f"({text})::double as x{i}"
        for i, text in enumerate(position_sql(column, f"({value_sql(column)})"))
    )
    found = engine.sql(f"select {listed} from data order by place")
    given = np.column_stack(
        [found.column(i).to_numpy(zero_copy_only=False) for i in range(coded.X.shape[1])]
    )
    assert given == pytest.approx(coded.X, rel=1e-12, abs=1e-12, nan_ok=True)


def test_dates_are_taken_apart_by_hand() -> None:
    moments = pa.array(["2024-02-29T06:30:00", "2023-01-01T00:00:00"], pa.string()).cast(
        pa.timestamp("us")
    )
    coded = code(pa.table({"f0": moments}), [Feature("day", "date")])
    found = dict(zip(coded.columns[0].parts, coded.X[0], strict=True))
    assert found["year"] == 2024
    assert found["month_day"] == 29
    assert found["weekday"] == 3  # a Thursday, Monday being 0
    assert found["hour"] == 6.5
    assert found["day_number"] == pytest.approx(19_782 + 6.5 / 24)
    assert found["year_sine"] == pytest.approx(np.sin(2 * np.pi * 59 / 365.25))


def test_codes_go_by_frequency_and_rare_levels_share_one() -> None:
    values = pa.array(["b", "a", "b", "a", "b", "once", None])
    coded = code(pa.table({"f0": values}), [Feature("f", "category")])
    assert coded.columns[0].levels == ("b", "a")
    wanted = [0, 1, 0, 1, 0, 2, np.nan]
    assert coded.X[:, 0].tolist() == pytest.approx(wanted, nan_ok=True)


def a_fold(X: Any, y: Any, levels: dict[int, int]) -> Fold:
    return Fold(np.asarray(X), np.asarray(y), levels, "regression", 0, 0.5, 0, 1)


def test_means_of_levels_are_drawn_towards_the_mean_of_all() -> None:
    codes = np.array([[0.0]] * 10 + [[1.0]] * 30)
    y = np.array([4.0] * 10 + [0.0] * 30)
    term, _ = encoding(a_fold(codes, y, {0: 2}), 0, y)
    # The mean of all is 1 and counts for ten rows; other levels and missing have it.
    assert term.values == pytest.approx((2.5, 0.25, 1.0, 1.0))


def test_a_row_is_encoded_without_itself() -> None:
    rng = np.random.default_rng(2)
    codes = rng.integers(0, 200, (400, 1)).astype(float)
    y = rng.normal(size=400)
    _, inside = encoding(a_fold(codes, y, {0: 200}), 0, y)
    _, matrix = tree_view(a_fold(codes, y, {0: 200}), natives=2, fills=False)
    # Means of two rows each that held the row's own target would go along with it.
    assert abs(np.corrcoef(inside, y)[0, 1]) < 0.15
    assert (matrix[:, 0] == inside).all()


def test_linear_terms_are_scaled_and_mark_what_is_missing() -> None:
    x = np.array([[1.0], [2.0], [3.0], [np.nan]] * 25)
    view, matrix = linear_view(a_fold(x, np.zeros(100), {}))
    assert [term.kind for term in view.terms] == ["scaled", "missing"]
    known = np.isfinite(x[:, 0])
    assert matrix[known, 0].mean() == pytest.approx(0.0, abs=1e-12)
    assert matrix[known, 0].std() == pytest.approx(1.0)
    assert matrix[~known, 0] == pytest.approx(0.0)
    assert (matrix[:, 1] == ~known).all()
