"""Runs the seven stages: order, transactions, resume, cancel, failure policy."""

from __future__ import annotations

import resource
import threading
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.errors import (
    CancelledError,
    DspError,
    SettingError,
    TargetError,
    ValidationFailedError,
)
from dsp.events import (
    Listener,
    PipelineProgress,
    PipelineStage,
    PipelineStatus,
)
from dsp.pipeline.context import Context, Outcome, Stage
from dsp.pipeline.notebook import notebook_listener
from dsp.pipeline.overwrite import protect
from dsp.pipeline.reporter import Reporter
from dsp.pipeline.run_rows import earlier_run, event_row, new_run
from dsp.pipeline.stages import STAGES
from dsp.pipeline.workspace import Workspace, open_database
from dsp.records import Problem, StageRow
from dsp.settings import PipelineConfig, resolve

if TYPE_CHECKING:
    from dsp.checks import Rules
    from dsp.engine import DuckEngine, Store
    from dsp.models import AutoMLEngine
    from dsp.result import Run
    from dsp.sources import Located


class AnalyticsPipeline:
    """One analysis, from a source to a folder of results.

    Parameters
    ----------
    config
        What to analyse and how.
    resume
        Go on with an unfinished run of the same source and settings, if there is one.

    Examples
    --------
    >>> import tempfile, pyarrow as pa
    >>> from dsp import AnalyticsPipeline, PipelineConfig
    >>> data = pa.table({"x": list(range(50)), "y": [2.0 * i for i in range(50)]})
    >>> folder = tempfile.mkdtemp()
    >>> config = PipelineConfig(data_source=data, ml_enabled=False, output_dir=folder)
    >>> pipeline = AnalyticsPipeline(config)
    >>> with pipeline.execute() as run:
    ...     run.sql("select n_rows from runs").to_arrow().to_pylist()
    [{'n_rows': 50}]
    >>> pipeline.get_status().value
    'complete'
    """

    def __init__(self, config: PipelineConfig, *, resume: bool = False) -> None:
        self.config = config
        self.resume = resume
        self._reporter = Reporter()
        self._status = PipelineStatus.PENDING
        self._workspace: Workspace | None = None
        self._models: AutoMLEngine | None = None
        self._rules: Rules | None = None

    def add_progress_callback(self, callback: Listener) -> None:
        """Call `callback` with every `PipelineProgress`, possibly from another thread."""
        self._reporter.add(callback)

    def get_status(self) -> PipelineStatus:
        """Return the state of the run."""
        return self._status

    def cancel(self) -> None:
        """Stop the run from any thread; `execute` raises `CancelledError` soon after."""
        self._reporter.cancel()
        if self._models is not None:
            self._models.cancel()

    def abort(self) -> None:
        """Remove the unfinished files of a run that did not answer `cancel` in time."""
        self.cancel()
        if self._workspace is not None:
            self._workspace.discard()

    def execute(self) -> Run:
        """Run every stage that is not done yet and return the finished run.

        Raises
        ------
        DspError
            The source, a setting or the target does not allow an analysis; nothing is
            left behind.
        CancelledError
            `cancel` was called or Ctrl-C pressed; nothing is left behind, unless
            `save_intermediate` is set.
        """
        from dsp.result import open_run
        from dsp.sources import DataReader

        config = self.config
        self._status = PipelineStatus.RUNNING
        try:
            _refuse_what_cannot_run(config)
            self._rules = _rules(config)
            threading.Thread(target=_warm, args=(config,), daemon=True).start()
            located = DataReader().locate(
                config.data_source,
                format=config.data_format,
                options=config.read_options,
            )
            workspace = Workspace(config.output_dir or Path(f"{located.name}.dsp"))
            workspace.acquire()
            self._workspace = workspace
            try:
                protect(workspace, located, force=config.force)
                self._run(located, workspace)
            finally:
                workspace.release()
            run = open_run(workspace.folder)
        except KeyboardInterrupt as error:
            self._status = PipelineStatus.CANCELLED
            raise CancelledError("cancelled", hint="nothing was written") from error
        except CancelledError:
            self._status = PipelineStatus.CANCELLED
            raise
        except ValidationFailedError:
            self._status = PipelineStatus.FAILED_VALIDATION
            raise
        except BaseException:
            self._status = PipelineStatus.FAILED
            raise
        self._status = PipelineStatus.COMPLETE
        return run

    def _run(self, located: Located, workspace: Workspace) -> None:
        engine: DuckEngine | None = None
        try:
            engine, context, done = self._open(located, workspace)
            self._reporter.engine = engine
            stop = self._run_stages(context, done)
            self._close(engine)
            if stop is None:
                workspace.publish()
            else:
                folder = workspace.publish_failed()
                stop.hint = f"dsp show {folder} checks; {stop.hint}"
        except BaseException:
            self._close(engine)
            if not self.config.save_intermediate:
                workspace.discard()
            raise
        if stop is not None:
            raise stop

    def _run_stages(self, context: Context, done: set[PipelineStage]) -> DspError | None:
        """Run the stages that are not done, or return why one of them ends the run."""
        for stage, work in STAGES.items():
            if stage not in done:
                with self._reporter.stage(stage):
                    stop = self._run_stage(context, stage, work)
                if stop is not None:
                    return stop
        return None

    def _open(
        self, located: Located, workspace: Workspace
    ) -> tuple[DuckEngine, Context, set[PipelineStage]]:
        """Open the unfinished database of an earlier run, or a new one."""
        from dsp.engine import Store
        from dsp.models import AutoMLEngine

        config = self.config
        engine: DuckEngine | None = None
        done: set[PipelineStage] = set()
        row = new_run(config, located, self._rules)
        # A function of Python cannot be told from that of the earlier process.
        may_resume = self.resume and config.transforms.is_text
        if may_resume and workspace.has_unfinished():
            engine = open_database(workspace, config, located.n_bytes)
            earlier = earlier_run(Store(engine), row)
            if earlier is None:
                engine.close()
                engine = None
            else:
                row, done = earlier
        if engine is None:
            workspace.start_over()
            engine = open_database(workspace, config, located.n_bytes)
            Store(engine).create()
        elif row.status != "complete":
            engine.lock([] if row.is_materialized else row.source_files)
        wants_models = config.ml_enabled and config.target_column is not None
        if wants_models and PipelineStage.ANALYSIS not in done:
            self._models = AutoMLEngine(
                engine,
                seed=config.seed,
                time_limit=config.ml_time_limit,
                fits=config.ml_fits,
                threads=config.threads,
            )
        context = Context(
            config=config,
            located=located,
            engine=engine,
            store=Store(engine),
            folder=workspace.building,
            run=row,
            tick=self._reporter.tick,
            models=self._models,
            rules=self._rules,
        )
        return engine, context, done

    def _run_stage(
        self, context: Context, stage: PipelineStage, work: Stage
    ) -> DspError | None:
        engine = context.engine
        scans, fetched = engine.n_scans, engine.bytes_fetched
        started = datetime.now(UTC)
        outcome = work(context)
        self._reporter.check()
        if outcome.run is not None:
            context.run = outcome.run
        finished = datetime.now(UTC)
        state = "skipped" if outcome.skipped else "done"
        event = self._reporter.event(
            state,
            done=outcome.n_rows_out or 0,
            total=outcome.n_rows_out,
            unit="rows" if outcome.n_rows_out is not None else "",
            message=outcome.message,
        )
        row = StageRow(
            stage=stage.value,
            position=stage.position,
            status=state,
            n_rows_in=outcome.n_rows_in,
            n_rows_out=outcome.n_rows_out,
            n_scans=engine.n_scans - scans,
            bytes_fetched=engine.bytes_fetched - fetched,
            message=outcome.message,
            peak_memory_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
            started_at=started,
            finished_at=finished,
            elapsed_ms=(finished - started).total_seconds() * 1000,
        )
        with engine.transaction():
            self._commit(context.store, outcome, row, event)
        self._reporter.send(event)
        if stage is PipelineStage.DATA_LOADING:
            engine.lock([] if context.run.is_materialized else context.run.source_files)
        return outcome.stop

    def _commit(
        self, store: Store, outcome: Outcome, row: StageRow, event: PipelineProgress
    ) -> None:
        n_problems = len(store.read(Problem))
        records: list[object] = []
        for record in outcome.records:
            if isinstance(record, Problem):
                n_problems += 1
                record = replace(record, problem_id=n_problems, stage=row.stage)  # noqa: PLW2901
            records.append(record)
        store.insert([*records, row, event_row(event)])
        for record_type, table in outcome.tables.items():
            store.insert_arrow(record_type, table)
        for statement in outcome.statements:
            store.engine.execute(statement)
        if outcome.run is not None:
            store.engine.execute("delete from main.runs")
            store.insert([outcome.run])

    def _close(self, engine: DuckEngine | None) -> None:
        if self._models is not None:
            self._models.close()
        self._reporter.engine = None
        if engine is not None:
            # A cancelled connection may refuse; the file is about to be removed then.
            with suppress(DspError):
                engine.checkpoint()
            engine.close()


def analyze(
    source: Any, *, target: str | None = None, progress: bool = True, **settings: Any
) -> Run:
    """Analyse a source and return the finished run.

    Parameters
    ----------
    source
        Path, glob, folder, ``database.db::table``, or a table in memory: pandas, polars,
        Arrow, Ibis.
    target
        Column to explain and predict.
    progress
        Whether a notebook shows the stages while they run, as one output that is
        updated. Elsewhere nothing is shown: see `AnalyticsPipeline`.
    **settings
        Any field of `PipelineConfig`; ``time`` and ``context`` are short for
        ``time_column`` and ``business_context``. Environment and file fill in the rest.

    Returns
    -------
    Run
        A read-only handle on ``NAME.dsp/``.

    Examples
    --------
    >>> import tempfile, dsp, pyarrow as pa
    >>> data = pa.table({"x": list(range(40)), "y": [3.0 * i for i in range(40)]})
    >>> with dsp.analyze(data, ml_enabled=False, output_dir=tempfile.mkdtemp()) as run:
    ...     [column.column_name for column in run.profile]
    ['x', 'y']
    """
    short = {"time": "time_column", "context": "business_context"}
    given = {short.get(name, name): value for name, value in settings.items()}
    arguments = {"data_source": source, "target_column": target, **given}
    pipeline = AnalyticsPipeline(resolve(arguments).config)
    listener = notebook_listener() if progress else None
    if listener is not None:
        pipeline.add_progress_callback(listener)
    return pipeline.execute()


def _rules(config: PipelineConfig) -> Rules | None:
    """Return the rules of a run, read before anything else is."""
    if config.rules is None:
        return None
    from dsp.checks import Rules

    return Rules.of(config.rules)


def _refuse_what_cannot_run(config: PipelineConfig) -> None:
    if config.data_source is None:
        raise SettingError("no data source is set", hint="name a file or pass a table")
    if config.engine != "duckdb":
        raise SettingError(
            f'engine "{config.engine}" cannot scan the data yet', hint="use engine=duckdb"
        )
    if config.target_column is not None and config.target_column == config.time_column:
        raise TargetError(
            f'"{config.target_column}" cannot be target and time column at once',
            hint="name another column with --time",
        )


def _warm(config: PipelineConfig) -> None:
    """Load the libraries of later stages while the database reads the data."""
    names = ["scipy.special"]
    if config.generate_dashboard:
        names.append("altair")
    for name in names:
        import_module(name)
