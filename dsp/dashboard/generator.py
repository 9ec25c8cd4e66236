"""Writes the dashboard: one file, no request, nothing but what the tables hold."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp import numbers
from dsp.dashboard import sections
from dsp.dashboard.assembly import assembled
from dsp.dashboard.board import Board
from dsp.dashboard.board_content import read_board
from dsp.dashboard.board_page import board_context
from dsp.dashboard.budget import within_budget
from dsp.dashboard.cards import column_cards
from dsp.dashboard.content import Content, read_content
from dsp.dashboard.findings import insight_card
from dsp.dashboard.marks import counted, cut, mark
from dsp.dashboard.page_data import page_data, page_specs
from dsp.dashboard.redaction import of_few_rows, redacted
from dsp.engine import Store
from dsp.engine.sandbox import open_database

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

NAVIGATION = (
    ("summary", "Summary", "sum"),
    ("explore", "Explore", "exp"),
    ("insights", "Insights", "insight"),
    ("columns", "Columns", "cols"),
    ("quality", "Data quality", "qual"),
    ("model", "Model", "model"),
    ("reproduce", "Reproduce", "code"),
)


class DashboardGenerator:
    """Writes the page of a run from its stored results, or that of a board.

    Parameters
    ----------
    engine
        The result database of the run, or the path of a run or of a DuckDB file.
    title
        Title of the page; the name of the source when None.
    theme
        ``auto`` (follow the system), ``light`` or ``dark``.
    brand
        Colour in the place of the accent, such as ``#0a7350``.
    redact
        Whether every value of a text column stays off the page.
    min_cell
        Rows that a group on the page has at least.
    board
        A dashboard of one's own, shown in the place of the run's sections.

    Examples
    --------
    >>> import tempfile
    >>> from dsp.engine import DuckEngine, Store
    >>> engine = DuckEngine()
    >>> Store(engine).create()
    >>> path = DashboardGenerator(engine).generate(Path(tempfile.mkdtemp()) / "page.html")
    >>> path.read_text(encoding="utf-8")[:15]
    '<!doctype html>'
    """

    def __init__(
        self,
        engine: DuckEngine | str | Path,
        *,
        title: str | None = None,
        theme: str = "auto",
        brand: str | None = None,
        redact: bool = False,
        min_cell: int = 1,
        board: Board | None = None,
    ) -> None:
        self.engine = (
            open_database(Path(engine)) if isinstance(engine, str | Path) else engine
        )
        self.title = title
        self.theme = theme
        self.brand = brand
        self.redact = redact
        self.min_cell = min_cell
        self.board = board

    def generate(self, path: str | Path) -> Path:
        """Write the page and return its path.

        The same tables give the same bytes. The time shown is that of the run, or
        ``SOURCE_DATE_EPOCH`` where it is set.
        """
        text = self.render()
        path = Path(path)
        unfinished = path.with_name(f".{path.name}.part")
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(path)
        return path

    def render(self) -> str:
        """Return the page as text.

        Raises
        ------
        BoardError
            A query of the board cannot be answered.
        """
        if self.board is not None:
            return self._render_board(self.board)
        content = of_few_rows(read_content(self.engine), self.min_cell)
        if self.redact:
            content = redacted(self.engine, content)
        content = within_budget(content)
        return assembled(
            "run.html.j2",
            theme=self.theme,
            brand=self.brand,
            specs=page_specs(content),
            data=page_data(Store(self.engine), content),
            context=self._context(content),
        )

    def _render_board(self, board: Board) -> str:
        read = read_board(self.engine, board)
        try:
            return assembled(
                "board.html.j2",
                theme=board.theme if self.theme == "auto" else self.theme,
                brand=self.brand or board.brand,
                specs=page_specs(read.content),
                data=page_data(Store(read.scratch), read.content),
                context=board_context(board, read, title=self.title),
            )
        finally:
            read.scratch.close()

    def _context(self, content: Content) -> dict[str, Any]:
        run = content.run
        title = self.title or (run.source_name if run is not None else "Results")
        counts = {
            "insights": len(content.asserted),
            "columns": len(content.columns),
        }
        epoch = os.environ.get("SOURCE_DATE_EPOCH")
        return {
            "title": cut(title, 90),
            "about": None,
            "closing": "holds aggregates only, no rows of the data. Associations are no "
            "proof of cause.",
            "source": "" if run is None else cut(run.source_name, 60),
            "has_run": run is not None,
            "n_rows": _of_run(content, "n_rows", "row"),
            "n_columns": _of_run(content, "n_columns", "column"),
            "n_rejected": 0 if run is None else run.n_rejected,
            "rejected": _of_run(content, "n_rejected", "record"),
            "target": None if content.target is None else cut(content.target, 60),
            "time": None
            if run is None or not run.time_column
            else cut(run.time_column, 60),
            "when": _when(content, epoch),
            "navigation": [(*item, counts.get(item[0], "")) for item in NAVIGATION],
            "summary": sections.summary(content),
            "explore": sections.explore(content),
            "filters": sections.filter_bar(content),
            "insights": [insight_card(content, i) for i in content.asserted],
            "n_tests": _tests(content),
            "columns": column_cards(content),
            "quality": sections.quality(content),
            "model": sections.model(content),
            "reproduce": sections.reproduce(content, is_fixed=epoch is not None),
            "problems": [
                (cut(p.plugin, 60), cut(p.error, 200), cut(p.hint, 200))
                for p in content.problems[:20]
            ],
            "version": "" if run is None else run.version,
            "notes": [*(content.cube.notes if content.cube else ()), *content.withheld],
        }


def _of_run(content: Content, column: str, noun: str) -> Any:
    value = None if content.run is None else getattr(content.run, column)
    return counted(value, noun, "runs", column)


def _tests(content: Content) -> Any:
    figure = content.figures.get("tests")
    value = None if figure is None else figure.value
    return counted(value, "test", "figures", "value", "tests")


def _when(content: Content, epoch: str | None) -> Any:
    if epoch is not None and epoch.isdigit():
        return numbers.moment(datetime.fromtimestamp(int(epoch), tz=UTC))
    started = None if content.run is None else content.run.started_at
    return mark(numbers.moment(started), started, "runs", "started_at")
