"""``dsp forecast``: what a terminal, a program and a database get of forecasts."""

from __future__ import annotations

import json
import math
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from rich.cells import cell_len

import dsp
from dsp.cli import forecast as module
from dsp.cli.forecast_table import lines
from dsp.engine import DuckEngine
from dsp.exports.forecasts import document
from tests.conftest import HOSTILE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

QUICK = ("--method", "theta", "--method", "ets")


def table(names: tuple[str, str, str] = ("day", "shop", "sold")) -> pa.Table:
    """Return 90 days of two shops with a weekly season."""
    first, n = date(2024, 1, 1), 90
    days = [first + timedelta(days=i) for i in range(n)] * 2
    shops = ["east"] * n + ["west"] * n
    sold = [20 + 5 * (i % 7 == 5) + math.sin(i * i) for i in range(2 * n)]
    return pa.table(dict(zip(names, (days, shops, sold), strict=True)))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("forecast") / "shops.parquet"
    pq.write_table(table(), path)
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(module.command, [str(word) for word in words])


def asked(source: Path, *words: object) -> Result:
    result = run(source, "--time", "day", "--target", "sold", *QUICK, *words)
    assert result.exception is None, result.exception
    return result


def test_a_series_is_shown_with_method_baseline_and_intervals(source: Path) -> None:
    text = asked(source, "--horizon", 3).output
    assert "1 series · sum by day · season of 7" in text
    assert "2024-03-31" in text
    assert "low (90%)" in text
    assert "of the seasonal naive forecast" in text
    assert "dsp forecast" in text


def test_several_series_are_a_line_each(source: Path) -> None:
    text = asked(source, "--by", "shop", "--level", "0.8").output
    for name in ("east", "west"):
        line = next(line for line in text.splitlines() if line.startswith(name))
        assert line.count("[") == 3
    assert "next values (80%)" in text
    assert "inside 80% intervals" in text


def test_the_document_is_the_report(source: Path) -> None:
    result = asked(source, "--by", "shop", "--horizon", 2, "--json")
    found = json.loads(result.stdout)
    report = dsp.forecast(
        source,
        time="day",
        target="sold",
        by="shop",
        horizon=2,
        methods=("theta", "ets"),
    )
    expected = json.loads(json.dumps(document(report)))
    for name in ("elapsed_ms", "forecast_at"):
        found.pop(name), expected.pop(name)
    assert found == expected
    assert found["schema"] == "dsp.forecast/1"
    assert {row["series"] for row in found["series"]} == {"east", "west"}


def test_an_output_can_be_queried(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "f.duckdb"
    result = asked(source, "--by", "shop", "--horizon", 2, "-o", path)
    assert f"Wrote  {path}" in result.output
    engine = DuckEngine(path, read_only=True)
    try:
        sql = "select series, count(*) from forecasts where is_chosen group by 1"
        assert sorted(engine.rows(sql)) == [("east", 2), ("west", 2)]
    finally:
        engine.close()


def test_a_season_of_zero_is_none(source: Path) -> None:
    assert "no season" in asked(source, "--season", 0).output


@pytest.mark.parametrize("words", [("--time", "day"), ("--target", "sold")])
def test_time_and_target_are_needed(source: Path, words: tuple[str, ...]) -> None:
    assert "Missing option" in run(source, *words).output


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_names_are_only_names(name: str) -> None:
    values = table(("t", "s", name))
    data = values.set_column(1, name + "2", pa.array([name] * len(values)))
    found = dsp.forecast(
        data, time="t", target=name, by=name + "2", horizon=2, methods="theta"
    )
    assert [row.series for row in found] == [name]
    for width in (60, 100):
        for line in lines(found, width, lambda text, **_: text):
            assert cell_len(line) <= width or " " not in line


@pytest.mark.parametrize(
    ("n", "words"),
    [(3, "Not tested"), (60, "MASE")],
)
def test_what_is_known_of_the_quality_is_said(n: int, words: str) -> None:
    rows: dict[str, Any] = {
        "t": [date(2024, 1, 1) + timedelta(days=i) for i in range(n)],
        "y": [float(i * i % 11) for i in range(n)],
    }
    found = dsp.forecast(rows, time="t", target="y", horizon=2, methods="theta")
    text = "\n".join(lines(found, 100, lambda text, **_: text))
    assert words in text


def test_that_nothing_beats_the_baseline_is_said() -> None:
    pattern = [0.0, 100.0, 3.0, 50.0, 7.0, 9.0, 80.0]
    rows = {
        "t": [date(2024, 1, 1) + timedelta(days=i) for i in range(140)],
        "y": pattern * 19 + [p + 1e-6 for p in pattern],
    }
    found = dsp.forecast(rows, time="t", target="y", horizon=7, methods="naive")
    text = "\n".join(lines(found, 100, lambda text, **_: text))
    assert "No better than the seasonal naive forecast" in text or found.n_better
