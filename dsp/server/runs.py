"""Finds the finished runs below a folder and reads what the server shows of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from dsp.engine import DuckEngine, Store
from dsp.errors import DspError, RunNotFoundError
from dsp.records import Insight, Problem, RunRow
from dsp.server.models import AnalysisResponse, InsightSummary, RunSummary

RESULTS = "results.duckdb"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Runs:
    """The finished runs of a folder: every sub-folder that holds ``results.duckdb``.

    Parameters
    ----------
    data_dir
        Folder that holds run folders, one level deep.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def finished(self) -> tuple[tuple[RunSummary, ...], int]:
        """Return the finished runs, newest first, and how many could not be read."""
        found: list[RunSummary] = []
        n_unreadable = 0
        for folder in self._folders():
            try:
                found.append(_read(folder).run)
            except (DspError, LookupError):
                n_unreadable += 1
        found.sort(key=lambda run: (run.finished_at or _LONG_AGO, run.run_id))
        return tuple(reversed(found)), n_unreadable

    def find(self, run_id: str) -> tuple[Path, AnalysisResponse]:
        """Return the folder and the content of a run.

        Raises
        ------
        RunNotFoundError
            No finished run has that identifier.
        """
        for folder in self._folders():
            try:
                answer = _read(folder)
            except (DspError, LookupError):
                continue
            if answer.run.run_id == run_id:
                return folder, answer
        raise RunNotFoundError(
            f'no finished run "{run_id[:80]}"', hint="GET /pipelines lists them"
        )

    def _folders(self) -> list[Path]:
        return sorted(path.parent for path in self.data_dir.glob(f"*/{RESULTS}"))


@contextmanager
def _opened(folder: Path) -> Iterator[Store]:
    engine = DuckEngine(folder / RESULTS, read_only=True)
    try:
        # A database from elsewhere may hold views that read files.
        engine.execute("set enable_external_access = false")
        yield Store(engine)
    finally:
        engine.close()


def _read(folder: Path) -> AnalysisResponse:
    with _opened(folder) as store:
        run = store.read(RunRow)[0]
        insights = [i for i in store.read(Insight) if i.is_said]
        n_problems = len(store.read(Problem))
    summary = RunSummary(
        run_id=run.run_id,
        name=run.source_name,
        target=run.target,
        n_rows=run.n_rows,
        n_columns=run.n_columns,
        n_insights=len(insights),
        n_problems=n_problems,
        finished_at=run.finished_at,
        elapsed_ms=run.elapsed_ms,
        dashboard=f"/analyze/{run.run_id}/dashboard",
        insights=f"/analyze/{run.run_id}/insights",
    )
    shown = InsightSummary.model_fields
    return AnalysisResponse(
        run=summary,
        insights=tuple(
            InsightSummary(**{name: getattr(insight, name) for name in shown})
            for insight in sorted(insights, key=lambda i: i.rank)
        ),
    )
