from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
SALES = ROOT / "examples" / "sales.parquet"


@pytest.mark.slow
def test_the_example_runs_and_prints_findings(tmp_path: Path) -> None:
    words = [sys.executable, ROOT / "examples" / "example_pipeline.py", tmp_path]
    result = subprocess.run(
        words, check=True, capture_output=True, text=True, timeout=280, cwd=tmp_path
    )
    assert "1. " in result.stdout
    assert "[7/7] finalization" in result.stdout
    assert (tmp_path / "basic.dsp" / "dashboard.html").is_file()
    assert (tmp_path / "advanced.dsp" / "export").is_dir()


def test_the_committed_table_is_what_the_generator_writes(tmp_path: Path) -> None:
    words = [sys.executable, ROOT / "examples" / "generate_sales.py", "--output"]
    subprocess.run([*words, tmp_path / "new.parquet"], check=True, capture_output=True)
    with duckdb.connect() as con:
        con.execute("set threads = 2")
        different = con.execute(
            "with new as (from read_parquet($b)), old as (from read_parquet($a)) "
            "select count(*) from (from old except all from new)",
            {"a": str(SALES), "b": str(tmp_path / "new.parquet")},
        ).fetchall()
        rows = con.execute("select count(*) from read_parquet($a)", {"a": str(SALES)})
        assert rows.fetchall() == [(20_030,)]
    assert different == [(0,)]


STORIES = """
    select
        count(*) filter (order_date between '2024-03-04' and '2024-03-17') / 14
            / (count(*) / count(distinct order_date)) as dip,
        avg(units) filter (isodow(order_date) > 5)
            / avg(units) filter (isodow(order_date) <= 5) as weekend,
        avg((segment = 'Home Office')::int) filter (order_date > '2024-09-30')
            / avg((segment = 'Home Office')::int) filter (order_date < '2023-04-01')
            as home_office,
        avg(discount) filter (region = 'West')
            / avg(discount) filter (region <> 'West') as west,
        1 - count(rating) / count(*) as rating_missing,
        count(*) filter (unit_price < 0) as negative_prices,
        count(*) - count(distinct order_id) as stored_twice
    from sales
"""


def test_the_stories_are_in_the_table() -> None:
    with duckdb.connect() as con:
        con.execute("set threads = 2")
        con.from_parquet(str(SALES)).create("sales")
        found = con.execute(STORIES).to_arrow_table().to_pylist()[0]
    assert found == {
        "dip": pytest.approx(0.5, abs=0.1),
        "weekend": pytest.approx(1.27, abs=0.05),
        "home_office": pytest.approx(0.4, abs=0.1),
        "west": pytest.approx(2.0, abs=0.1),
        "rating_missing": pytest.approx(0.18, abs=0.01),
        "negative_prices": pytest.approx(12, abs=1),
        "stored_twice": 30,
    }
