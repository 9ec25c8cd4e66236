"""Dashboards written as code: a file of queries, and the objects that it becomes."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from dsp.errors import DspError, nearest

Format = Literal["amount", "integer", "percent", "score", "metric"]
Polarity = Literal["up", "down", "neutral"]


class BoardError(DspError, ValueError):
    """A dashboard file cannot be used; the message names the place in it."""

    code = "board"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Asked(_Part):
    """Something that a query fills: SQL, or a function that returns an Ibis table."""

    title: str
    sql: str | None = Field(default=None, description="A SELECT.")
    ibis: str | None = Field(
        default=None,
        description="FILE.py:FUNCTION beside the board; the function gets the database "
        "as an Ibis backend and returns a table.",
    )
    description: str = ""


class BoardKpi(_Asked):
    """A card: the first value of a query, and of an earlier one to compare with."""

    previous: str | None = Field(default=None, description="SELECT of the earlier value.")
    previous_label: str = "before"
    format: Format = "amount"
    unit: str | None = None
    polarity: Polarity = "neutral"


class BoardChart(_Asked):
    """A chart: a kind, a query, and which column is drawn as what."""

    model_config = ConfigDict(extra="allow")

    kind: str
    width: Literal[3, 4, 6, 8, 12] = 6


class BoardTable(_Asked):
    """A table of rows, sorted by any column on the page."""

    width: Literal[3, 4, 6, 8, 12] = 12


class BoardText(_Part):
    """A paragraph of plain text."""

    text: str
    title: str = ""


class BoardSection(_Part):
    """A part of the page with a heading: paragraphs, charts and tables in this order."""

    title: str
    description: str = ""
    text: list[BoardText] = Field(default_factory=list)
    chart: list[BoardChart] = Field(default_factory=list)
    table: list[BoardTable] = Field(default_factory=list)


class BoardMeasure(_Part):
    """A number that filters change: a total, a mean, or the share of true values."""

    column: str
    how: Literal["sum", "mean", "rate"] = "sum"
    title: str = ""
    format: Format = "amount"
    unit: str | None = None
    polarity: Polarity = "neutral"


class BoardFilters(_Part):
    """What the page is filtered by: a table or query, its time, groups and measures."""

    source: str = Field(
        default="clean.data", description="A table, or a SELECT.", alias="from"
    )
    time: str | None = None
    grain: Literal["hour", "day", "week", "month", "quarter", "year"] | None = None
    dimensions: list[str] = Field(default_factory=list, max_length=5)
    measures: list[BoardMeasure] = Field(default_factory=list, max_length=5)
    min_cell: int = Field(default=1, ge=1)


class Board(_Part):
    """A dashboard: title, cards, filters, sections.

    Examples
    --------
    >>> board = Board(title="Orders")
    >>> board.add_kpi("Orders", "select count(*) from clean.data", format="integer")
    >>> board.add_chart(
    ...     "bar",
    ...     "select region, count(*) as n from clean.data group by all order by 2 desc",
    ...     title="Orders by region",
    ...     label="region",
    ...     value="n",
    ... )
    >>> [chart.kind for chart in board.chart]
    ['bar']
    """

    title: str
    description: str = ""
    theme: Literal["auto", "light", "dark"] = "auto"
    brand: str | None = None
    filters: BoardFilters | None = None
    kpi: list[BoardKpi] = Field(default_factory=list, max_length=24)
    chart: list[BoardChart] = Field(default_factory=list)
    table: list[BoardTable] = Field(default_factory=list)
    section: list[BoardSection] = Field(default_factory=list)
    folder: Path | None = Field(default=None, exclude=True)

    @field_validator("brand")
    @classmethod
    def _brand_is_a_colour(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise ValueError(f'"{value}" is no colour like #0a7350')
        return value

    @classmethod
    def read(cls, path: str | Path) -> Board:
        """Return the board that a TOML file describes.

        Raises
        ------
        BoardError
            The file is missing or not well formed, or says what no board has.
        """
        file = Path(path)
        if not file.is_file():
            raise BoardError(
                f"no dashboard file {file}", hint="name a file like dashboard.toml"
            )
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BoardError(f"{file} is not valid TOML: {error}") from error
        if "folder" in values:
            raise BoardError(f"{file}: folder: it is that of the file")
        return made(values | {"folder": file.parent}, str(file))

    def add_kpi(self, title: str, sql: str, **options: Any) -> None:
        """Add a card; options are the fields of `BoardKpi`."""
        self.kpi.append(BoardKpi(title=title, sql=sql, **options))

    def add_chart(self, kind: str, sql: str, *, title: str, **options: Any) -> None:
        """Add a chart; options are encodings such as ``label="region"``, and a width."""
        self.chart.append(BoardChart(kind=kind, title=title, sql=sql, **options))

    def add_table(self, title: str, sql: str, **options: Any) -> None:
        """Add a table of rows."""
        self.table.append(BoardTable(title=title, sql=sql, **options))

    def filter_by(
        self, *dimensions: str, source: str = "clean.data", **options: Any
    ) -> None:
        """Filter the page by columns of a source; options are those of `BoardFilters`."""
        measures = [BoardMeasure(**m) for m in options.pop("measures", ())]
        self.filters = BoardFilters.model_validate(
            {"from": source, "dimensions": list(dimensions), "measures": measures}
            | options
        )


def made(values: dict[str, Any], where: str) -> Board:
    """Return a board, with errors that say where in the file they are.

    Raises
    ------
    BoardError
        A name is unknown or a value does not fit.
    """
    try:
        board = Board(**values)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        hint = ""
        if first["type"] == "extra_forbidden":
            names = [n for n in _names(first["loc"]) if n != "folder"]
            close = nearest(str(first["loc"][-1]), names, n=1)
            hint = (
                f'did you mean "{close[0]}"?' if close else f"one of {', '.join(names)}"
            )
        raise BoardError(f"{where}: {place}: {first['msg']}", hint=hint) from error
    for kind, asked in _queries(board):
        if (asked.sql is None) == (asked.ibis is None):
            raise BoardError(
                f'{where}: {kind} "{asked.title}" has {_both(asked)}',
                hint='write sql = "select …", or ibis = "queries.py:function"',
            )
    return board


def _both(asked: _Asked) -> str:
    return "no query" if asked.sql is None else "two queries"


def _queries(board: Board) -> list[tuple[str, _Asked]]:
    parts: list[tuple[str, _Asked]] = [("kpi", k) for k in board.kpi]
    holders: list[Board | BoardSection] = [board, *board.section]
    for holder in holders:
        parts += [("chart", c) for c in holder.chart]
        parts += [("table", t) for t in holder.table]
    return parts


def _names(place: tuple[int | str, ...]) -> list[str]:
    """Return the names that a part of a board may have."""
    model: type[BaseModel] = Board
    for name in place[:-1]:
        model = _PARTS.get(str(name), model) if isinstance(name, str) else model
    return [field.alias or name for name, field in model.model_fields.items()]


_PARTS: dict[str, type[BaseModel]] = {
    "kpi": BoardKpi,
    "chart": BoardChart,
    "table": BoardTable,
    "text": BoardText,
    "section": BoardSection,
    "filters": BoardFilters,
    "measures": BoardMeasure,
}
