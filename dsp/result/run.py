"""A finished run: a read-only handle on its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from dsp.engine.duckdb_engine import literal
from dsp.errors import RunNotFoundError, nearest
from dsp.events import PipelineStatus
from dsp.numbers import counted, score
from dsp.result.answer import Result
from dsp.result.blocks import Block
from dsp.result.card import run_blocks
from dsp.result.columns import Columns
from dsp.result.drawings import Drawings
from dsp.result.findings import InsightList, RunInsight
from dsp.result.location import find_database
from dsp.result.page import HEIGHT, DashboardFrame, checked_height, page_text, save
from dsp.result.plain import line
from dsp.result.shown import Shown
from dsp.result.verdicts import CheckList, KpiList, QualityScore, RunModel
from dsp.result.words import summary_text

if TYPE_CHECKING:
    from dsp.engine import Store
    from dsp.engine.sandbox import LockedEngine
    from dsp.records import (
        ChartRow,
        ColumnProfile,
        DetectorTests,
        Figure,
        ModelRow,
        Problem,
        RunRow,
        StageRow,
        Step,
    )

R = TypeVar("R")


class Run(Shown):
    """A finished run, read-only and locked: no query reaches anything but the run.

    Parameters
    ----------
    path
        The run's folder, or its ``results.duckdb``.

    Attributes
    ----------
    path
        The run's folder.

    Raises
    ------
    RunNotFoundError
        There is no finished run.

    Examples
    --------
    >>> import tempfile, dsp, pyarrow as pa
    >>> data = pa.table({"x": list(range(40)), "y": [3.0 * i for i in range(40)]})
    >>> folder = tempfile.mkdtemp()
    >>> dsp.analyze(data, ml_enabled=False, output_dir=folder).close()
    >>> with dsp.Run(folder) as run:
    ...     run.sql("select column_name from columns order by position").to_pylist()
    [{'column_name': 'x'}, {'column_name': 'y'}]
    """

    def __init__(self, path: str | Path) -> None:
        from dsp.engine.sandbox import open_results

        self.database = find_database(Path(path))
        self.path = self.database.parent
        self._engine: LockedEngine = open_results(self.database)

    def sql(self, text: str, params: Mapping[str, Any] | None = None) -> Result:
        """Run one SELECT on the result database.

        Parameters
        ----------
        text
            SQL; result tables by name, the data as ``clean.data`` and ``raw.data``.
        params
            Values of ``$name`` parameters.

        Raises
        ------
        QueryError
            The engine refused or failed; its own text is kept.
        """
        return Result(self._engine.select(text, params))

    def table(self, name: str, *, schema: str = "main") -> Any:
        """Return a result table as an `ibis.Table`.

        Raises
        ------
        RunNotFoundError
            There is no such table.
        """
        names = [
            row[0]
            for row in self._engine.rows(
                "select table_name from information_schema.tables "
                f"where table_schema = {literal(schema)} order by all"
            )
        ]
        if name not in names:
            close = nearest(name, names, n=1)
            hint = (
                f'did you mean "{close[0]}"?' if close else f"tables: {', '.join(names)}"
            )
            raise RunNotFoundError(f'no table "{name}" in {self.path}', hint=hint)
        return self._engine.table(name, schema=schema)

    @property
    def data(self) -> Any:
        """The data as analyzed, as an `ibis.Table`."""
        return self.table("data", schema="clean")

    @property
    def insights(self) -> InsightList:
        """The findings that hold, best first; each has ``.sql``, ``.data``, ``.chart``.

        Those that another one explains are left out; table ``insights`` has them all.
        """
        from dsp.records import Insight

        read = self.read(Insight)
        found = sorted((row for row in read if row.is_said), key=lambda row: row.rank)
        n_tests = max((row.n_tests for row in read), default=0)
        of = self._drawings
        return InsightList((RunInsight.of(row, of) for row in found), n_tests=n_tests)

    @property
    def tests(self) -> list[DetectorTests]:
        """What was tested, one row a detector."""
        from dsp.records import DetectorTests

        return self.read(DetectorTests)

    @property
    def profile(self) -> list[ColumnProfile]:
        """The columns of the data."""
        from dsp.records import ColumnProfile

        return self.read(ColumnProfile)

    @property
    def columns(self) -> Columns:
        """The columns of the data by name, each with a card."""
        return Columns.read(self._store)

    @property
    def model(self) -> RunModel | None:
        """The best model with its importances and charts; None when none was fitted."""
        from dsp.records import Importance

        return RunModel.of(self.models, self.read(Importance), self._drawings)

    @property
    def models(self) -> list[ModelRow]:
        """The models that were fitted, baseline first."""
        from dsp.records import ModelRow

        return self.read(ModelRow)

    @property
    def checks(self) -> CheckList:
        """The checks with their outcomes."""
        from dsp.records import CheckResult

        return CheckList(self.read(CheckResult))

    @property
    def problems(self) -> list[Problem]:
        """What could not be computed."""
        from dsp.records import Problem

        return self.read(Problem)

    @property
    def figures(self) -> list[Figure]:
        """The figures of the summary."""
        from dsp.records import Figure

        return self.read(Figure)

    @property
    def kpis(self) -> KpiList:
        """The headline figures."""
        return KpiList(self.figures)

    @property
    def charts(self) -> list[ChartRow]:
        """The charts as Vega-Lite specifications with their queries."""
        from dsp.records import ChartRow

        return self.read(ChartRow)

    @property
    def stages(self) -> list[StageRow]:
        """The seven stages with their times."""
        from dsp.records import StageRow

        return self.read(StageRow)

    @property
    def steps(self) -> list[Step]:
        """The transforms that were applied."""
        from dsp.records import Step

        return self.read(Step)

    @cached_property
    def record(self) -> RunRow:
        """The row of table `runs`: source, settings, times."""
        from dsp.records import RunRow

        return self.read(RunRow)[0]

    @property
    def status(self) -> PipelineStatus:
        """The state of the run; a run that can be opened is complete."""
        return PipelineStatus(self.record.status)

    @property
    def dashboard(self) -> Path | None:
        """The dashboard's file, if one was written."""
        path = self.path / "dashboard.html"
        return path if path.is_file() else None

    def show_dashboard(
        self, height: int = HEIGHT, *, path: str | Path | None = None
    ) -> DashboardFrame:
        """Return the dashboard in a sandboxed frame, for a cell of a notebook.

        Parameters
        ----------
        height
            Height of the frame in pixels.
        path
            A file to write: the frame then shows the file, and the notebook does not
            grow by the whole page (about a megabyte).

        Raises
        ------
        SettingError
            The height is no height, or the file cannot be written.
        """
        height = checked_height(height)
        title = f"Dashboard of {line(self.record.source_name, 120)}"
        if path is not None:
            return DashboardFrame(title, height, path=self.save(path))
        return DashboardFrame(title, height, page=page_text(self.dashboard, self._engine))

    def save(self, path: str | Path) -> Path:
        """Write the dashboard to a file and return its path.

        Raises
        ------
        SettingError
            The file cannot be written.
        """
        return save(page_text(self.dashboard, self._engine), path)

    @cached_property
    def quality(self) -> QualityScore | None:
        """The quality score (0-100), or None when nothing was checked.

        It is a number; a notebook shows it with its dimensions and the failed checks.
        """
        exists = self._engine.rows(
            "select count(*) from information_schema.tables "
            "where table_schema = 'main' and table_name = 'quality'"
        )[0][0]
        if not exists:
            return None
        whole = self._engine.rows("select 100 * product(score) from main.quality")[0][0]
        if whole is None:
            return None
        parts = self._engine.rows("select dimension, score from main.quality order by 1")
        return QualityScore.of(float(whole), parts, self.checks)

    def read(self, record_type: type[R]) -> list[R]:
        """Return every row of a result table as records (`dsp.records`)."""
        return self._store.read(record_type)

    def export(
        self,
        format: str | Sequence[str],
        folder: str | Path | None = None,
        **options: Any,
    ) -> list[Path]:
        """Write the results in other formats and return the files.

        Parameters
        ----------
        format
            One or more of json, csv, xlsx, parquet, markdown, html, checks, junit, model;
            svg, png, pdf (every chart), chart_csv, chart_parquet (their data and
            queries), page_pdf (the dashboard).
        folder
            Where to; ``export/`` in the run's folder when None.
        **options
            For charts: ``theme`` (``light`` or ``dark``), ``font_dir`` (a folder of
            fonts), ``tick`` and ``warn`` (called with progress, and with warnings).
        """
        formats = [format] if isinstance(format, str) else list(format)
        target = Path(folder) if folder is not None else self.path / "export"
        # The room is found by name: rooms of one layer do not import each other.
        room = import_module("dsp.exports")
        asked = room.ExportOptions(**options)
        return list(room.export(self._engine, formats, target, asked))

    def interrupt(self) -> None:
        """Stop the running query, from any thread."""
        self._engine.interrupt()

    def close(self) -> None:
        """Close the database."""
        self._engine.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @cached_property
    def _store(self) -> Store:
        from dsp.engine import Store

        return Store(self._engine)

    @cached_property
    def _drawings(self) -> Drawings:
        return Drawings(self._store, self._engine)

    def __repr__(self) -> str:
        row = self.record
        parts = [
            f"{row.n_rows:,} × {row.n_columns}",
            counted(len(self.insights), "insight"),
        ]
        if self.quality is not None:
            parts.append(f"quality {score(self.quality)}")
        return f"<dsp.Run {' '.join(row.source_name.split())}: {', '.join(parts)}>"

    def blocks(self) -> Sequence[Block]:
        """Return the summary card: figures, insights with charts, checks, columns."""
        return run_blocks(self)

    def plain_text(self) -> str:
        """Return what was found and written, as ``dsp analyze`` says it."""
        return summary_text(self)


def open_run(path: str | Path) -> Run:
    """Open a finished run by its folder or its ``results.duckdb``.

    Raises
    ------
    RunNotFoundError
        There is no finished run.

    Examples
    --------
    >>> import tempfile, dsp, pyarrow as pa
    >>> folder = tempfile.mkdtemp()
    >>> data = pa.table({"x": list(range(30))})
    >>> dsp.analyze(data, output_dir=folder).close()
    >>> with dsp.open_run(folder) as run:
    ...     run.sql("select n_rows, n_columns from runs").to_pylist()
    [{'n_rows': 30, 'n_columns': 1}]
    """
    return Run(path)
