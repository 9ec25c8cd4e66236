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
from dsp.numbers import counted
from dsp.result.answer import Result
from dsp.result.fragments import run_card

if TYPE_CHECKING:
    from dsp.engine import Store
    from dsp.engine.sandbox import LockedEngine
    from dsp.records import (
        ChartRow,
        CheckResult,
        ColumnProfile,
        DetectorTests,
        Figure,
        Insight,
        ModelRow,
        Problem,
        RunRow,
        StageRow,
        Step,
    )

R = TypeVar("R")
RESULTS = "results.duckdb"
FAILED = "failed_validation"
"""Folder below that of a run, with what strict validation has stopped."""


class Run:
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
    def insights(self) -> list[Insight]:
        """The findings that hold, best first.

        Those that another one explains are left out; table ``insights`` has them all.
        """
        from dsp.records import Insight

        found = (row for row in self.read(Insight) if row.is_said)
        return sorted(found, key=lambda row: row.rank)

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
    def models(self) -> list[ModelRow]:
        """The models that were fitted, baseline first."""
        from dsp.records import ModelRow

        return self.read(ModelRow)

    @property
    def checks(self) -> list[CheckResult]:
        """The checks with their outcomes."""
        from dsp.records import CheckResult

        return self.read(CheckResult)

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

    @cached_property
    def quality(self) -> float | None:
        """The quality score (0-100), or None when nothing was checked."""
        exists = self._engine.rows(
            "select count(*) from information_schema.tables "
            "where table_schema = 'main' and table_name = 'quality'"
        )[0][0]
        if not exists:
            return None
        score = self._engine.rows("select 100 * product(score) from main.quality")[0][0]
        return None if score is None else float(score)

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

    def __repr__(self) -> str:
        row = self.record
        parts = [
            f"{row.n_rows:,} × {row.n_columns}",
            counted(len(self.insights), "insight"),
        ]
        if self.quality is not None:
            parts.append(f"quality {self.quality:.1f}")
        return f"<dsp.Run {' '.join(row.source_name.split())}: {', '.join(parts)}>"

    def _repr_html_(self) -> str:
        return run_card(self)


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


def find_database(path: Path) -> Path:
    """Return the result database that a path leads to.

    Raises
    ------
    RunNotFoundError
        The path leads to no finished run; the hint names runs beside it.
    """
    if path.is_file() and path.suffix == ".duckdb":
        return path
    folder = path.parent if path.name == "dashboard.html" else path
    for candidate in (folder, folder.with_name(f"{folder.stem}.dsp")):
        if (candidate / RESULTS).is_file():
            return candidate / RESULTS
    if (folder / FAILED / RESULTS).is_file():
        return folder / FAILED / RESULTS
    if (folder / ".building").is_dir():
        raise RunNotFoundError(
            f"the run in {folder} is not finished", hint="dsp analyze … --resume"
        )
    beside = sorted(p.parent.name for p in folder.absolute().parent.glob(f"*/{RESULTS}"))
    close = nearest(folder.name, beside, n=1) or beside[:1]
    raise RunNotFoundError(
        f"no finished run at {path}",
        hint=f'did you mean "{close[0]}"?' if close else "dsp analyze FILE makes one",
    )
