"""Every export writes files of nasty data, completely, twice alike."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dsp.engine import DuckEngine, Store
from dsp.records import ChartRow
from dsp.registry import plugins

FORMATS = (
    "chart_csv",
    "chart_parquet",
    "checks",
    "csv",
    "html",
    "json",
    "junit",
    "markdown",
    "model",
    "page_pdf",
    "parquet",
    "pdf",
    "png",
    "svg",
    "xlsx",
)


def chart_of_rows() -> ChartRow:
    spec = {
        "data": {"name": "rows"},
        "mark": "bar",
        "encoding": {
            "x": {"field": "value", "type": "quantitative"},
            "y": {"field": "label", "type": "nominal"},
        },
        "width": "container",
        "height": 90,
    }
    return ChartRow(
        chart_id="rows",
        position=1,
        section="explore",
        kind="bar",
        title="Rows",
        description="Rows of the data.",
        spec=json.dumps(spec),
        data_sql="select 'rows' as label, count(*) as value from clean.data",
    )


def test_the_formats_are_these() -> None:
    assert tuple(sorted(plugins("exports"))) == FORMATS


@pytest.mark.parametrize("name", FORMATS)
def test_nasty_data_is_written(
    name: str, nasty: tuple[str, Any], engine: DuckEngine, tmp_path: Path
) -> None:
    Store(engine).create()
    engine.put(nasty[1], "data", schema="clean")
    Store(engine).insert([chart_of_rows()])
    first = plugins("exports")[name].write(engine, tmp_path / "a")
    again = plugins("exports")[name].write(engine, tmp_path / "b")
    assert first
    assert all(path.is_file() and path.stat().st_size for path in first)
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in again]
    assert not list(tmp_path.rglob("*.part"))
