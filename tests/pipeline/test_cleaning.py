"""Cleaning inside a run: settings reach it, stages after it follow, users replay it."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import dsp
from dsp.cleaning import asked_in_words
from dsp.errors import ColumnNotFoundError, SettingError

ROOT = Path(__file__).resolve().parents[2]


def orders() -> pa.Table:
    """Return 440 orders, 39 of them stored twice, with gaps and names to mend."""
    rows = [i - i // 11 for i in range(440)]
    return pa.table(
        {
            "Order Date": [date(2024, 1, 1) + timedelta(days=i // 2) for i in rows],
            "Shop": [("North", "north ", "South")[i % 3] for i in rows],
            "Unit Price": [None if i % 9 == 0 else 5.0 + i % 7 for i in rows],
            "Units": [1 + i % 4 for i in rows],
            "Revenue": [(1 + i % 4) * (5.0 + i % 7) + i / 1000 for i in rows],
        }
    )


WISHES: dict[str, Any] = {
    "names": "snake",
    "fold": ["Shop"],
    "duplicates": "drop",
    "missing": {"Unit Price": ("group", "Shop")},
    "outliers": {"Units": "flag:0.1:0.5"},
    "date_parts": ["Order Date"],
    "derive": {"per_unit": lambda t: t.Revenue / t.Units},
}


def run_of(tmp_path: Path, **settings: Any) -> dsp.Run:
    settings = {"ml_enabled": False, "generate_dashboard": False} | settings
    return dsp.analyze(orders(), output_dir=tmp_path / "run.dsp", **settings)


def test_a_user_replays_the_steps_of_a_run(tmp_path: Path):
    run_of(tmp_path, target="Revenue", time="Order Date", transforms=WISHES).close()
    query = (ROOT / "sql/examples/cleaning_steps.sql").read_text("utf-8").strip()[:-1]
    with duckdb.connect(str(tmp_path / "run.dsp" / "results.duckdb")) as con:
        steps = con.execute(f"select position, sql from ({query})").fetchall()
        current = "raw.data"
        for position, sql in steps:
            con.execute(f"create or replace temp view input as from {current}")
            con.execute(f"create temp table step_{position} as {sql}")
            current = f"step_{position}"
        replayed, clean = (con.sql(f"from {name}") for name in (current, "clean.data"))
        assert replayed.columns == clean.columns
        assert replayed.types == clean.types
        assert replayed.fetchall() == clean.fetchall()
    assert [position for position, _ in steps] == list(range(1, 10))


def test_every_original_is_found_through_the_rows(tmp_path: Path):
    with run_of(tmp_path, transforms={"duplicates": "drop"}) as run:
        beside = run.sql(
            """
            with clean as (
                select row_number() over () as n, * from clean.data
            ), raw as (
                select row_number() over () as n, * from raw.data
            )
            select count(*) as n, count(*) filter (
                where clean."Units" = raw."Units" and clean."Revenue" = raw."Revenue"
                and clean."Unit Price" is not distinct from raw."Unit Price"
            ) as n_equal from clean
            asof join clean.rows as runs on clean.n >= runs.row_number
            join raw on raw.n = clean.n - runs.row_number + runs.raw_row_number
            """
        ).to_pylist()
        assert beside == [{"n": 401, "n_equal": 401}]
        runs = run.sql("select count(*) as n from clean.rows").to_pylist()
        assert runs == [{"n": 40}]


def test_target_and_time_follow_their_new_names(tmp_path: Path):
    wishes = {"names": "snake"}
    with run_of(tmp_path, target="Revenue", time="Order Date", transforms=wishes) as run:
        roles = {c.column_name: c.role for c in run.profile}
        assert (roles["revenue"], roles["order_date"]) == ("target", "time")
        assert set(roles) == {"order_date", "shop", "unit_price", "units", "revenue"}
        row = run.sql("select target, time_column from runs").to_pylist()
        assert row == [{"target": "revenue", "time_column": "order_date"}]
        assert list(run.problems) == []
        # Findings that rest on checks name columns as they are now.
        assert {name for i in run.insights for name in i.columns} <= set(roles)


def test_without_being_asked_nothing_is_lost_and_the_rest_is_proposed(tmp_path: Path):
    with run_of(tmp_path) as run:
        steps = run.steps
        assert [(s.position, s.transform, s.columns) for s in steps] == [
            (1, "trim", ("Shop",)),
            (2, "fold", ("Shop",)),
            (3, "missing", ("Unit Price", "Unit Price_missing")),
            (4, "names", ("order_date", "shop", "unit_price", "units", "revenue")),
            (5, "duplicates", ()),
        ]
        assert {s.setting for s in steps} == {
            None,
            "fold.Shop=same",
            "missing.Unit Price=median",
            "duplicates=drop",
            "names=snake",
        }
        assert {s.status for s in steps[1:]} == {"proposed"}
        assert run.data.count().to_pyarrow().as_py() == 440
        assert "duplicates=drop" in (run.path / "report.md").read_text("utf-8")


def test_what_is_proposed_can_be_asked_for_by_its_setting(tmp_path: Path):
    with run_of(tmp_path) as run:
        words = [s.setting or "" for s in run.steps if s.status == "proposed"]
    with run_of(tmp_path, transforms=asked_in_words(*words), force=True) as run:
        assert {s.status for s in run.steps} == {"applied"}
        assert [s.transform for s in run.steps] == [
            "trim",
            "fold",
            "duplicates",
            "missing",
            "missing",
            "names",
        ]
        assert run.data.count().to_pyarrow().as_py() == 401


def test_proposals_after_new_names_are_asked_for_by_the_old_ones(tmp_path: Path):
    wishes = {"names": "snake", "derive": {"gap": "nullif(Units, 1)"}}
    with run_of(tmp_path, transforms=wishes) as run:
        settings = {s.setting for s in run.steps if s.status == "proposed"}
    assert settings == {"fold.Shop=same", "missing.Unit Price=median", "duplicates=drop"}


def test_a_misspelt_column_stops_the_run_before_the_work(tmp_path: Path):
    with pytest.raises(ColumnNotFoundError, match='no column named "Shopp"'):
        run_of(tmp_path, transforms={"fold": ["Shopp"]})
    assert not (tmp_path / "run.dsp").exists()


def test_an_error_in_an_expression_is_one_line_and_nothing_is_left(tmp_path: Path):
    with pytest.raises(SettingError, match='derive "m": AttributeError') as caught:
        run_of(tmp_path, transforms={"derive": {"m": lambda t: t.revenue}})
    assert "\n" not in caught.value.as_line()
    assert not (tmp_path / "run.dsp").exists()


def test_what_needs_all_rows_at_once_is_stored_not_looked_through(tmp_path: Path):
    path = tmp_path / "orders.parquet"
    pq.write_table(orders(), path)
    kinds = {}
    for materialize in ("never", "auto"):
        with dsp.analyze(
            path,
            ml_enabled=False,
            generate_dashboard=False,
            materialize=materialize,
            output_dir=tmp_path / f"{materialize}.dsp",
            transforms={"duplicates": "drop"},
        ) as run:
            kinds[materialize] = run.sql(
                "select table_type from information_schema.tables "
                "where table_schema = 'clean' and table_name = 'data'"
            ).to_pylist()[0]["table_type"]
            assert run.data.count().to_pyarrow().as_py() == 401
    assert kinds == {"never": "VIEW", "auto": "BASE TABLE"}


def test_settings_of_a_file_reach_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dsp.toml").write_text(
        """
        [transforms]
        names = "snake"
        date_parts = "Order Date"

        [transforms.missing]
        "Unit Price" = "group:Shop"

        [transforms.derive]
        double = "Units * 2"
        """,
        encoding="utf-8",
    )
    with run_of(tmp_path, time="Order Date") as run:
        columns = [c.column_name for c in run.profile]
    assert columns[5:] == [
        "unit_price_missing",
        "order_date_quarter",
        "order_date_month",
        "order_date_week",
        "order_date_weekday",
        "order_date_is_weekend",
        "double",
    ]
