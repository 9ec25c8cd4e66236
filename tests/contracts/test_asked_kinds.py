"""Every kind of chart that can be asked for, on every nasty table."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from dsp.charts import ChartBuilder
from dsp.charts.encodings import ALIASES
from dsp.errors import DspError
from dsp.registry import plugins

if TYPE_CHECKING:
    import pyarrow as pa

    from dsp.engine import DuckEngine

ASKED: dict[str, dict[str, Any]] = {
    "bar": {"label": "any", "value": "number", "how": "sum"},
    "box": {"label": "any", "value": "number"},
    "forecast": {"ts": "time", "value": "number", "low": "number", "high": "number"},
    "gauge": {"value": "number", "how": "mean", "high": 10.0, "goal": 4.0},
    "heatmap": {"label": "any", "label_b": "any", "value": "number"},
    "histogram": {"x": "number", "label": "any"},
    "importance": {"label": "any", "value": "number", "low": "number", "high": "number"},
    "kpi": {"value": "number", "baseline": 2.0, "goal": 3.0},
    "lines": {"x": "number", "value": "number", "label": "any"},
    "pie": {"label": "any"},
    "relation": {"x": "number", "value": "number"},
    "scatter": {"x": "number", "y": "number"},
    "series_by": {"ts": "time", "value": "number", "label": "any"},
    "time_series": {"ts": "time", "label": "any"},
    "trend": {"ts": "time", "value": "number"},
}


def test_every_documented_kind_is_asked_for_here() -> None:
    described, _, rest = (inspect.getdoc(ChartBuilder.chart) or "").partition("of models")
    documented = set(re.findall(r"- ``(\w+)``", described))
    assert documented - {"line", *ALIASES} <= set(ASKED) <= set(plugins("charts"))
    assert set(re.findall(r"``(\w+)``", rest)) <= set(plugins("charts"))
    assert set(ALIASES.values()) <= set(ASKED)
    assert not set(ALIASES) & set(plugins("charts"))


@pytest.mark.parametrize("kind", sorted(ASKED))
def test_a_kind_draws_nasty_tables_or_says_why_not(
    engine: DuckEngine, nasty: tuple[str, pa.Table], kind: str
) -> None:
    _, data = nasty
    table = engine.put(data, "data")
    encodings = _encodings(table, ASKED[kind])
    refused: list[str] = []
    for given in encodings:
        try:
            chart = ChartBuilder.chart(kind, table, **given)
        except DspError as error:
            refused.append(error.hint)
            continue
        spec = chart.to_dict()
        text = json.dumps(spec, allow_nan=False)
        rows = next(iter(spec.get("datasets", {"": spec["data"].get("values")}).values()))
        assert len(rows) <= 2_000
        assert "NaN" not in text
        assert all(row.get("label", "") is not None for row in rows)
    assert all(refused), "an error names no way out"


def _encodings(table: Any, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """Return encodings with each column of the table that fits, a few of each.

    Where none fits any column is asked for: that has to be refused in words.
    """
    number = [n for n, t in table.schema().items() if t.is_numeric()]
    time = [n for n, t in table.schema().items() if t.is_temporal()]
    every = list(table.columns)
    fitting = {
        "number": number[:2] or every[:1],
        "time": time[:1] or every[:1],
        "any": every[:4],
    }
    n_tries = max(len(fitting.get(str(w), [])) for w in wanted.values())
    return [
        {
            key: fitting[w][at % len(fitting[w])] if w in fitting else w
            for key, w in wanted.items()
        }
        for at in range(max(1, n_tries))
    ]
