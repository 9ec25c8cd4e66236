"""`find_insights`: reads a source and says what holds in it, without cleaning it."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.detectors.base import Detected
from dsp.detectors.kinds import KINDS
from dsp.errors import ColumnNotFoundError, DspError, SettingError, nearest
from dsp.events import Tick, no_tick
from dsp.pipeline.profiling import database, keep, refuse_own_source
from dsp.pipeline.run_rows import finished_run
from dsp.pipeline.tested import what_was_tested

if TYPE_CHECKING:
    from dsp.engine import DuckEngine, StoredTable
    from dsp.exports.insights import InsightReport
    from dsp.records import ColumnProfile, Insight, Problem
    from dsp.sources import Loaded, Located
    from dsp.statistics.base import Profile

HEAVY = ("numpy", "pyarrow", "scipy.special", "scipy.linalg")
"""Libraries that tests need, loaded while the database reads the source."""


def find_insights(
    source: Any,
    *,
    target: str | None = None,
    time: str | None = None,
    context: str | None = None,
    kinds: str | Sequence[str] = (),
    top: int | None = None,
    explained: bool = False,
    output: str | Path | None = None,
    memory_limit: str | None = None,
    threads: int | None = None,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    tick: Tick = no_tick,
) -> InsightReport:
    """Say what holds in a source: findings that survive all tests that ran.

    The data are taken as they are. Columnar files are read where they are. All tests
    count, also those of kinds that are not asked for, so a finding does not depend on
    what is shown.

    Parameters
    ----------
    source
        Path, glob, folder, ``database.db::table``, or a table in memory.
    target, time
        Column to explain; column that orders the rows in time.
    context
        Words on what the data are for; they change the order, never what is true.
    kinds
        Kind or kinds of findings to keep, such as ``driver``; all when empty.
    top
        Findings to keep at most.
    explained
        Whether findings that another one explains are kept.
    output
        DuckDB file that receives the result tables; replaced when it exists.
    memory_limit
        Memory for the whole process, such as ``4GB``; 70 % of what is there when None.
    threads
        Threads; all cores when None.
    format, options
        As for `DataReader`.
    tick
        Told after every step.

    Returns
    -------
    InsightReport
        The findings, best first, and what was tested.

    Raises
    ------
    ColumnNotFoundError
        A named column is not in the source.
    SettingError
        A kind is not known.
    DspError
        The source cannot be read, or the output cannot be written.

    Examples
    --------
    >>> import dsp
    >>> price = [i * 37 % 101 for i in range(400)]
    >>> rows = {"price": price, "sold": [3 * p + 8 * (p % 7) for p in price]}
    >>> found = dsp.find_insights(rows, target="sold")
    >>> [insight.columns for insight in found if insight.kind == "driver"]
    [('price', 'sold')]
    """
    from dsp.sources import DataReader

    kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
    known_kinds(kinds)
    work = _Work(
        target=target, time=time, context=context, started=datetime.now(UTC), tick=tick
    )
    ahead = threading.Thread(target=_load_ahead, daemon=True)
    ahead.start()
    reader = DataReader()
    located = reader.locate(source, format=format, options=dict(options or {}))
    target_file = None if output is None else Path(output)
    refuse_own_source(target_file, located)
    with database(target_file, memory_limit=memory_limit, threads=threads) as engine:
        loaded = reader.load(located, engine, materialize="never", tick=tick)
        table = _table(engine, loaded, (target, time), located.name)
        work.mark("load")
        work.profile(engine, table)
        ahead.join()
        work.find(engine, table, n_rows=loaded.n_rows)
        report = work.report(
            located, loaded, lambda found: chosen(found, kinds, top, explained=explained)
        )
        if target_file is not None:
            work.keep(engine, located, loaded, report)
    return report


def known_kinds(kinds: Iterable[str]) -> None:
    """Refuse a kind that no finding has.

    Raises
    ------
    SettingError
        A kind is not known.
    """
    for kind in kinds:
        if kind not in KINDS:
            close = nearest(kind, sorted(KINDS), n=1)
            hint = f'did you mean "{close[0]}"?' if close else ", ".join(sorted(KINDS))
            raise SettingError(f'no kind of finding is called "{kind}"', hint=hint)


def chosen(
    found: Iterable[Insight],
    kinds: Collection[str] = (),
    top: int | None = None,
    *,
    explained: bool = False,
) -> tuple[Insight, ...]:
    """Return the findings that are wanted, in the order of their rank.

    Parameters
    ----------
    kinds
        Kinds to keep; all when empty.
    top
        How many at most.
    explained
        Whether those that another finding explains are kept.
    """
    kept = [
        insight
        for insight in sorted(found, key=lambda i: i.rank)
        if (insight.asserted if explained else insight.is_said)
        and (not kinds or insight.kind in kinds)
    ]
    return tuple(kept[:top])


def _table(
    engine: DuckEngine, loaded: Loaded, named: Iterable[str | None], where: str
) -> StoredTable:
    """Return the data as the view that all queries name."""
    from dsp.engine import StoredTable

    for column in named:
        if column is not None and column not in loaded.columns:
            raise ColumnNotFoundError.of(column, loaded.columns, where=where)
    if not loaded.columns:
        raise DspError(f"{where} holds no columns", hint="give a file with a table in it")
    engine.create("data", "from raw.data", schema="clean", kind="view")
    return StoredTable(engine, "data", "clean")


def _load_ahead() -> None:
    """Import what tests need while the database reads."""
    for name in HEAVY:
        with suppress(ImportError):
            import_module(name)


@dataclass(slots=True, kw_only=True)
class _Work:
    """One search for findings: what was asked, what was found, what it took."""

    target: str | None
    time: str | None
    context: str | None
    started: datetime
    tick: Tick
    profiled: Profile | None = None
    detected: Detected | None = None
    found: tuple[Insight, ...] = ()
    problems: list[Problem] = field(default_factory=list)
    taken: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=clock.perf_counter)

    def mark(self, part: str) -> None:
        """Note how long a part took, in milliseconds."""
        now = clock.perf_counter()
        self.taken[part] = (now - self._last) * 1000
        self._last = now

    @property
    def columns(self) -> tuple[ColumnProfile, ...]:
        """Profiles of the columns."""
        return self.profiled.columns if self.profiled else ()

    def profile(self, engine: DuckEngine, table: StoredTable) -> None:
        """Describe the columns: their roles decide what is tested."""
        from dsp.statistics import StatisticsEngine

        self.profiled = StatisticsEngine(engine).profile(
            table, target=self.target, time=self.time, tick=self.tick
        )
        roles = {c.role: c.column_name for c in reversed(self.columns)}
        self.time = self.time or roles.get("time")
        self.mark("profile")

    def find(self, engine: DuckEngine, table: StoredTable, *, n_rows: int) -> None:
        """Run the tests, and decide what may be said."""
        from dsp.detectors import PatternDetector
        from dsp.insights import InsightGenerator

        detected = PatternDetector(engine).detect(
            table, self.columns, target=self.target, time=self.time, tick=self.tick
        )
        self.detected = detected
        self.problems.extend(detected.problems)
        self.mark("detect")
        self.found = InsightGenerator().generate(
            detected,
            self.columns,
            target=self.target,
            context=self.context,
            n_rows=n_rows,
        )
        self.mark("insights")

    def report(
        self,
        located: Located,
        loaded: Loaded,
        choose: Callable[[Iterable[Insight]], tuple[Insight, ...]],
    ) -> InsightReport:
        """Return what was found, as far as it is wanted."""
        from dsp.exports.insights import InsightReport

        tests = self.detected or Detected()
        shown = choose(self.found)
        ids = {i.insight_id for i in shown}
        left = [i for i in self.found if i.asserted and i.insight_id not in ids]
        return InsightReport(
            source=located.source,
            n_rows=loaded.n_rows,
            n_columns=len(loaded.columns),
            found_at=self.started,
            insights=shown,
            n_left=sum(i.is_said for i in left),
            n_explained=sum(not i.is_said for i in left),
            set_aside=tuple(i for i in self.found if not i.asserted),
            columns=self.columns,
            n_tests=tests.n_tests,
            tests=what_was_tested(tests, self.found),
            target=self.target,
            time=self.time,
            problems=tuple(self.problems),
            n_rejected=loaded.n_rejected,
            elapsed_ms=dict(self.taken),
        )

    def keep(
        self, engine: DuckEngine, located: Located, loaded: Loaded, report: InsightReport
    ) -> None:
        """Write all that was found into the output, also what is not shown."""
        run = finished_run(
            located,
            loaded,
            config={"command": "insights"},
            target=self.target,
            time=self.time,
            context=self.context,
            started=self.started,
            elapsed_ms=sum(report.elapsed_ms.values()),
        )
        found = self.profiled
        described = (
            ()
            if found is None
            else (*found.columns, *found.histograms, *found.top_values)
        )
        keep(engine, [run, *described, *self.found, *report.tests, *self.problems])
