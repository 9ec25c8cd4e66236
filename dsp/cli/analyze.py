"""``dsp analyze``: run all seven stages on a source."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import click

from dsp.cleaning import asked_in_words
from dsp.cli.common import F, common_options, options
from dsp.cli.entry import CANCELLED
from dsp.cli.progress import shown
from dsp.cli.summary import emit_run, write_paths, write_summary
from dsp.errors import CancelledError, DspError
from dsp.settings import ExportFormat, ModelTask, PipelineConfig, read_options, resolve

if TYPE_CHECKING:
    from dsp.pipeline import AnalyticsPipeline
    from dsp.result import Run

GRACE_SECONDS = 1.5
"""Time a cancelled run gets to clean up before the process ends it."""

FLAGS: dict[str, tuple[str, ...]] = {
    "target_column": ("--target", "-t"),
    "time_column": ("--time",),
    "business_context": ("--context",),
    "output_dir": ("--output", "-o"),
    "force": ("--force",),
    "data_format": ("--format",),
    "read_options": ("--read",),
    "validate_data": ("--validate/--no-validate",),
    "rules": ("--rules",),
    "strict_validation": ("--strict-validation",),
    "transforms": ("--transform",),
    "sample_size": ("--sample",),
    "ml_enabled": ("--ml/--no-ml",),
    "ml_time_limit": ("--ml-time-limit",),
    "ml_fits": ("--ml-fits",),
    "ml_task": ("--ml-task",),
    "ml_quantile": ("--ml-quantile",),
    "cost_false_alarm": ("--cost-false-alarm",),
    "cost_missed": ("--cost-missed",),
    "group_column": ("--group",),
    "generate_dashboard": ("--dashboard/--no-dashboard",),
    "dashboard_theme": ("--theme",),
    "dashboard_title": ("--title",),
    "dashboard_brand": ("--brand",),
    "kpis": ("--kpi",),
    "units": ("--unit",),
    "min_cell": ("--min-cell",),
    "redact": ("--redact",),
    "save_intermediate": ("--save-intermediate",),
    "export_formats": ("--export",),
    "materialize": ("--materialize",),
    "strict": ("--strict",),
    "engine": ("--engine",),
    "memory_limit": ("--memory-limit",),
    "threads": ("--threads",),
    "seed": ("--seed",),
}
"""Setting to its options; the help is the setting's description."""

CHOICES = {
    "dashboard_theme": ("auto", "light", "dark"),
    "materialize": ("auto", "always", "never"),
    "engine": ("duckdb", "spark"),
    "export_formats": get_args(ExportFormat),
    "ml_task": get_args(ModelTask),
}
TYPES: dict[str, Any] = {
    "sample_size": int,
    "threads": int,
    "seed": int,
    "ml_time_limit": float,
    "ml_quantile": float,
    "cost_false_alarm": float,
    "cost_missed": float,
    "ml_fits": int,
    "min_cell": int,
    "output_dir": click.Path(file_okay=False, path_type=Path),
}
REPEATED = ("read_options", "transforms", "export_formats", "kpis", "units")
BARE = ("force", "strict_validation", "save_intermediate", "strict", "redact")
METAVARS = {
    "rules": "FILE",
    "read_options": "KEY=VALUE;…",
    "transforms": "NAME[.COLUMN]=VALUE",
    "dashboard_brand": "#RRGGBB",
    "kpis": "COLUMN[:up|:down]",
    "units": "COLUMN=UNIT",
}


def setting_options(function: F) -> F:
    """Give a command one option for every setting of a run."""
    for name in reversed(FLAGS):
        text = PipelineConfig.model_fields[name].description or ""
        extra: dict[str, Any] = {"default": None, "help": text}
        if name in BARE:
            extra |= {"is_flag": True, "flag_value": True}
        elif name in CHOICES:
            extra["type"] = click.Choice(CHOICES[name])
        elif name in TYPES:
            extra["type"] = TYPES[name]
        if name in REPEATED:
            extra |= {"multiple": True, "default": ()}
        if name in METAVARS:
            extra |= {"metavar": METAVARS[name]}
        function = click.option(*FLAGS[name], name, **extra)(function)
    return function


@click.command("analyze", short_help="Analyse a source into a folder of results.")
@click.argument("source")
@setting_options
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    help="Settings file, TOML or YAML; dsp.toml of this folder when not given.",
)
@click.option("--resume", is_flag=True, help="Go on with an unfinished run.")
@click.option(
    "--progress",
    type=click.Choice(["auto", "json", "none"]),
    default="auto",
    show_default=True,
    help="How progress is shown on standard error.",
)
@click.option(
    "--timestamp",
    help="Moment to write into files, ISO 8601, for results equal to the byte.",
)
@common_options
def command(
    source: str,
    config_file: Path | None,
    *,
    resume: bool,
    progress: str,
    timestamp: str | None,
    **settings: Any,
) -> int:
    """Analyse a source into a folder of results.

    SOURCE is a file, a glob in quotes, a folder, or database.db::table. The folder
    NAME.dsp gets the result database, a dashboard that works offline, and a report.
    """
    settings["read_options"] = read_options(*settings["read_options"]) or None
    settings["export_formats"] = settings["export_formats"] or None
    settings["kpis"] = settings["kpis"] or None
    settings["units"] = read_options(*settings["units"]) or None
    settings["transforms"] = asked_in_words(*settings["transforms"]) or None
    resolved = resolve({"data_source": source, **settings}, file=config_file)
    if timestamp is not None:
        os.environ["SOURCE_DATE_EPOCH"] = str(epoch(timestamp))
    from dsp.pipeline import AnalyticsPipeline

    pipeline = AnalyticsPipeline(resolved.config, resume=resume)
    with shown(progress) as listener:
        pipeline.add_progress_callback(listener)
        run = supervise(pipeline)
    with run:
        if options().json:
            emit_run(run)
        else:
            if progress != "json":  # standard error holds JSON lines only
                write_summary(run)
            if not sys.stdout.isatty():
                write_paths(run)
        return 1 if resolved.config.strict and run.problems else 0


def supervise(pipeline: AnalyticsPipeline) -> Run:
    """Run a pipeline on a second thread while this one listens for signals.

    The first Ctrl-C (or SIGTERM) cancels; a run that does not end in `GRACE_SECONDS`, or
    a second Ctrl-C, ends the process after its unfinished files are removed.
    """
    outcome: dict[str, Any] = {}
    asked: list[float] = []

    def work() -> None:
        try:
            outcome["run"] = pipeline.execute()
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            outcome["error"] = error

    def on_signal(*_: object) -> None:
        if asked:
            _leave(pipeline)
        asked.append(time.monotonic())
        # Cancelling talks to the database; a handler must not wait for a lock.
        threading.Thread(target=pipeline.cancel, daemon=True).start()

    worker = threading.Thread(target=work, name="dsp-run", daemon=True)
    with _Signals(on_signal):
        worker.start()
        while worker.is_alive():
            worker.join(0.05)
            if asked and time.monotonic() - asked[0] > GRACE_SECONDS:
                _leave(pipeline)
    error = outcome.get("error")
    if error is not None:
        if asked and not isinstance(error, CancelledError):
            raise CancelledError("cancelled") from error
        raise error
    run: Run = outcome["run"]
    return run


class _Signals:
    """Handle Ctrl-C and SIGTERM with one function for as long as the block runs."""

    def __init__(self, handler: Callable[..., None]) -> None:
        self._handler = handler
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._handler)

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _leave(pipeline: AnalyticsPipeline) -> None:
    """End the process at once, leaving nothing half-written."""
    remover = threading.Thread(target=pipeline.abort, daemon=True)
    remover.start()
    remover.join(0.3)
    os.write(2, b"\nerror: cancelled\n  nothing was written\n")
    os._exit(CANCELLED)


def epoch(text: str) -> int:
    """Return an ISO moment (UTC when it names no zone) in seconds since 1970.

    Raises
    ------
    DspError
        The text is no such moment.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise DspError(
            f'"{text}" is not a moment', hint="write it like 2026-01-31T12:00:00Z"
        ) from error
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
