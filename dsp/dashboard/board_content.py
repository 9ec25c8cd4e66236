"""Runs the queries of a board and lays their answers out like the tables of a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

from dsp.charts import ChartBuilder
from dsp.charts.base import Explored
from dsp.charts.rows import chart_data
from dsp.dashboard.board import Board, BoardChart, BoardError, BoardKpi, BoardTable
from dsp.dashboard.board_cube import board_plan
from dsp.dashboard.content import Content, read_content
from dsp.dashboard.cube import build_cube
from dsp.dashboard.kpis import build_kpis
from dsp.engine import Store
from dsp.errors import DspError
from dsp.records import ChartRow, CubeCell, Kpi

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

MAX_ROWS = 500
"""Rows of a table on the page."""


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table of a board: its columns and rows as text, and its query."""

    table_id: str
    title: str
    about: str
    width: int
    sql: str
    data: dict[str, Any]
    n_rows: int


@dataclass(frozen=True, slots=True)
class BoardSectionRows:
    """A section of a board with the charts and tables it shows."""

    section_id: str
    title: str
    about: str
    texts: tuple[tuple[str, str], ...]
    charts: tuple[tuple[ChartRow, int], ...]
    tables: tuple[TableRows, ...]


@dataclass(frozen=True, slots=True)
class BoardContent:
    """Everything the page of a board shows."""

    content: Content
    sections: tuple[BoardSectionRows, ...]
    scratch: DuckEngine


def read_board(engine: DuckEngine, board: Board) -> BoardContent:
    """Return what a board shows, from the answers of its queries.

    Parameters
    ----------
    engine
        The database that the queries run on.
    board
        The board.

    Raises
    ------
    BoardError
        A query failed, or gives no column that a chart needs; the message names it.
    """
    from dsp.engine import DuckEngine as Engine

    scratch = Engine(threads=2)
    store = Store(scratch)
    store.create()
    kpis = _explored(engine, store, board)
    kpis += [_kpi(engine, asked, i, board) for i, asked in enumerate(board.kpi, 1)]
    content = read_content(scratch)
    sections = tuple(_sections(engine, board))
    charts = [chart for section in sections for chart, _ in section.charts]
    rows = {c.chart_id: chart_data(engine, c.data_sql) for c in charts}
    content = replace(
        content,
        kpis=[replace(k, position=i) for i, k in enumerate(kpis, start=1)],
        charts=[*content.charts, *charts],
        chart_rows={**content.chart_rows, **rows},
    )
    return BoardContent(content, sections, scratch)


def _explored(engine: DuckEngine, store: Store, board: Board) -> list[Kpi]:
    """Build the cube of the board's filters into the scratch store; return its cards."""
    if board.filters is None:
        return []
    with _Named("filters", board.filters.source[:60]):
        plan = board_plan(engine, board.filters)
        built = build_cube(engine, plan, min_cell=board.filters.min_cell)
    store.insert(built.records)
    store.insert_arrow(CubeCell, built.cells)
    cards = build_kpis(engine, built, has_run=False)
    kpis = [k for k in cards if k.kpi_id != "mean"]
    explored = Explored(built.cube, built.buckets, built.dimensions, built.measures)
    charts, problems = ChartBuilder(store.engine).build(store, explored=explored)
    store.insert([*kpis, *charts, *problems])
    return kpis


def _sections(engine: DuckEngine, board: Board) -> Iterator[BoardSectionRows]:
    builder = ChartBuilder(engine)
    if board.chart or board.table:
        yield BoardSectionRows(
            "charts",
            "Charts" if board.chart else "Tables",
            "",
            (),
            tuple(
                _chart(builder, engine, board, chart, f"chart_{i}")
                for i, chart in enumerate(board.chart, start=1)
            ),
            tuple(
                _table(engine, board, table, f"table_{i}")
                for i, table in enumerate(board.table, start=1)
            ),
        )
    for place, section in enumerate(board.section, start=1):
        yield BoardSectionRows(
            f"section-{place}",
            section.title,
            section.description,
            tuple((text.title, text.text) for text in section.text),
            tuple(
                _chart(builder, engine, board, chart, f"chart_{place}_{i}")
                for i, chart in enumerate(section.chart, start=1)
            ),
            tuple(
                _table(engine, board, table, f"table_{place}_{i}")
                for i, table in enumerate(section.table, start=1)
            ),
        )


def _chart(
    builder: ChartBuilder,
    engine: DuckEngine,
    board: Board,
    asked: BoardChart,
    chart_id: str,
) -> tuple[ChartRow, int]:
    with _Named("chart", asked.title):
        row = builder.row(
            asked.kind,
            _query(engine, board, asked),
            chart_id=chart_id,
            title=asked.title,
            description=asked.description,
            section="board",
            **(asked.model_extra or {}),
        )
    return row, asked.width


def _table(
    engine: DuckEngine, board: Board, asked: BoardTable, table_id: str
) -> TableRows:
    sql = _query(engine, board, asked)
    with _Named("table", asked.title):
        n_rows = int(engine.rows(f"select count(*)\nfrom (\n{sql}\n)")[0][0])
        data = chart_data(engine, f"select *\nfrom (\n{sql}\n)\nlimit {MAX_ROWS}")
    return TableRows(
        table_id, asked.title, asked.description, asked.width, sql, data, n_rows
    )


def _kpi(engine: DuckEngine, asked: BoardKpi, place: int, board: Board) -> Kpi:
    sql = _query(engine, board, asked)
    with _Named("kpi", asked.title):
        value = _first(engine, sql)
        previous = None if asked.previous is None else _first(engine, asked.previous)
    change = None
    is_share = asked.format == "percent"
    if value is not None and previous is not None:
        if is_share:
            change = value - previous
        elif previous * value > 0:
            change = (value - previous) / abs(previous)
    kind = "points" if is_share else "relative"
    return Kpi(
        kpi_id=f"board_{place}",
        position=place,
        label=asked.title,
        how="all",
        format=asked.format,
        unit=asked.unit,
        polarity=asked.polarity,
        value=value,
        previous=previous,
        change=change,
        change_kind="none" if change is None else kind,
        previous_label=asked.previous_label,
        evidence_sql=sql,
        previous_sql=asked.previous,
    )


def _first(engine: DuckEngine, sql: str) -> float | None:
    """Return the first value of a query as a number."""
    # As a part of another query it can be one SELECT only.
    rows = engine.rows(f"select *\nfrom (\n{sql}\n)\nlimit 1")
    value = rows[0][0] if rows and rows[0] else None
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise DspError(
            f"its first value is {str(value)[:40]!r}, not a number",
            hint="a card shows one number; use a table for text",
        ) from error
    return number if number - number == 0 else None


class _Named:
    """Says which part of the board an error comes from."""

    def __init__(self, kind: str, title: str) -> None:
        self._kind, self._title = kind, title

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, _: object) -> None:
        if isinstance(error, DspError) and not isinstance(error, BoardError):
            first = error.message.strip().partition("\n")[0]
            raise BoardError(
                f'{self._kind} "{self._title}": {first}', hint=error.hint
            ) from error


def _query(engine: DuckEngine, board: Board, asked: Any) -> str:
    """Return the SQL of a part: its own, or that of the Ibis table a function gives."""
    if asked.sql is not None:
        return str(asked.sql).strip().rstrip(";").rstrip()
    file, _, name = str(asked.ibis).rpartition(":")
    folder = (board.folder or _here()).resolve()
    path = (folder / file).resolve()
    if not file or not path.is_relative_to(folder) or not path.is_file():
        raise BoardError(
            f'"{asked.title}": no function {asked.ibis}',
            hint="write FILE.py:FUNCTION; the file lies beside the board",
        )
    spec = spec_from_file_location(f"dsp_board_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise BoardError(f'"{asked.title}": {path.name} is no Python file')
    module = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
        function = getattr(module, name, None)
        table = function(engine.backend) if callable(function) else None
    except Exception as error:
        line = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise BoardError(
            f'"{asked.title}": {asked.ibis} failed: {line[:200]}',
            hint="run the function in Python to see where",
        ) from error
    if function is None:
        raise BoardError(f'"{asked.title}": {path.name} has no function "{name}"')
    if not hasattr(table, "to_pyarrow"):
        raise BoardError(
            f'"{asked.title}": {asked.ibis} gives no Ibis table',
            hint="return an expression such as con.table(...).group_by(...)",
        )
    return str(engine.compile(table))


def _here() -> Any:
    from pathlib import Path

    return Path.cwd()
