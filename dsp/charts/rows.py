"""The data of a chart, as the page and the converter read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

MAX_TEXT = 120


def chart_data(engine: DuckEngine, sql: str, *, limit: int = 2_000) -> dict[str, Any]:
    """Return the rows of a chart by column name, bounded, as the page carries them.

    Times are milliseconds since 1970 (UTC). Numbers keep nine significant digits: sums of
    doubles differ in the last ones with the number of threads, and charts show three.
    """
    table = engine.sql(sql).slice(0, limit)
    rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
    return {
        "columns": list(table.column_names),
        "rows": [[_value(value) for value in row] for row in rows],
    }


def chart_rows(
    engine: DuckEngine, sql: str, *, limit: int = 2_000
) -> list[dict[str, Any]]:
    """Return the data of a chart as records, as `dsp.charts.static` takes them."""
    data = chart_data(engine, sql, limit=limit)
    return [dict(zip(data["columns"], row, strict=True)) for row in data["rows"]]


def _value(value: Any) -> Any:
    from datetime import UTC, date, datetime
    from decimal import Decimal

    if isinstance(value, datetime):
        moment = value if value.tzinfo else value.replace(tzinfo=UTC)
        return round(moment.timestamp() * 1000)
    if isinstance(value, date):
        return (
            round(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp())
            * 1000
        )
    if isinstance(value, (float, Decimal)):
        number = float(value)
        return None if number - number != 0 else float(f"{number:.9g}")
    if value is None or isinstance(value, (bool, int)):
        return value
    text = str(value)
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"
