"""Profiles of growing folders: reads new files only, keeps a mergeable state."""

from __future__ import annotations

import time as clock
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.errors import DspError, QueryError, SettingError
from dsp.events import Tick, no_tick
from dsp.numbers import agreeing, counted
from dsp.pipeline.profiling import database, peak_memory

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.exports.profile import ProfileReport
    from dsp.sources import DataReader, Located
    from dsp.statistics.states import State

FORMAT = "dsp.state/1"
FILES = (
    "path varchar, n_bytes bigint, modified_ns bigint, n_rows bigint, n_rejected bigint"
)
KEPT = '"kept"."main"'
NOW = '"state"'


@dataclass(frozen=True, slots=True)
class _Known:
    """The files of a state beside those that are there now."""

    new: tuple[str, ...]
    n_before: int
    n_gone: int


def append_profile(
    state: str | Path,
    source: Any,
    *,
    target: str | None = None,
    time: str | None = None,
    redact: bool = False,
    memory_limit: str | None = None,
    threads: int | None = None,
    format: str | None = None,
    options: Mapping[str, Any] | None = None,
    tick: Tick = no_tick,
) -> ProfileReport:
    """Add the new files of a source to a state, and return the profile of all of them.

    Files that the state knows, by path, size and time, are not opened again, and may be
    gone. The state changes in one transaction, or not at all.

    Parameters
    ----------
    state
        DuckDB file of the state; made when missing.
    source
        File, folder or glob.
    target, time
        Named columns.
    redact
        Hide the values of columns that may tell who somebody is; the state holds them.
    memory_limit, threads, format, options
        As for `profile`.
    tick
        Told after every file.

    Raises
    ------
    DspError
        A file has changed since it was added, its columns do not go with those of the
        state, or the state cannot be used.
    """
    from dsp.exports.profile import ProfileReport, redacted_report
    from dsp.sources import DataReader
    from dsp.statistics.state_pairs import relations_of
    from dsp.statistics.state_profiles import profile_of
    from dsp.statistics.states import State

    started, began = datetime.now(UTC), clock.perf_counter()
    path = Path(state)
    reader = DataReader()
    located = reader.locate(source, format=format, options=dict(options or {}))
    _refuse(path, located)
    with (
        database(None, memory_limit=memory_limit, threads=threads) as engine,
        _attached(engine, path),
    ):
        whole = State(engine, NOW)
        known = _open(whole, path, located.files)
        for i, name in enumerate(known.new):
            tick(i, len(known.new), unit="files", message=Path(name).name)
            _add(whole, reader, located, name)
        if known.new:
            _keep(whole)
        _check_columns(whole, (target, time), located.name)
        found = profile_of(whole, target=target, time=time)
        related = relations_of(whole, found.columns, target=target)
        n_rejected = engine.rows(f"select sum(n_rejected) from {NOW}.state_files")[0][0]
        report = ProfileReport(
            source=located.source,
            n_rows=whole.n_rows,
            profiled_at=started,
            records=(*found.columns, *found.histograms, *found.top_values, *related),
            n_rejected=int(n_rejected or 0),
            elapsed_ms=(clock.perf_counter() - began) * 1000,
            peak_memory_bytes=peak_memory(),
            facts={"state": _facts(path, known)},
        )
        return redacted_report(report) if redact else report


def state_in_words(facts: Mapping[str, Any]) -> str:
    """Return one line on what an append has read.

    Examples
    --------
    >>> state_in_words({"file": "s.duckdb", "n_files": 5, "n_new": 2, "n_gone": 1})
    's.duckdb: 2 new files read, 3 known; 1 of them is gone, its rows stay'
    """
    n_old = facts["n_files"] - facts["n_new"]
    new = counted(facts["n_new"], "new file") if facts["n_new"] else "no new file"
    line = f"{facts['file']}: {new} read, {n_old:,} known"
    if facts["n_gone"]:
        verb = agreeing(facts["n_gone"], "is gone, its rows", "are gone, their rows")
        line += f"; {facts['n_gone']:,} of them {verb} stay"
    return line


def _facts(path: Path, known: _Known) -> dict[str, Any]:
    return {
        "file": str(path),
        "n_files": known.n_before + len(known.new),
        "n_new": len(known.new),
        "n_gone": known.n_gone,
    }


def _refuse(path: Path, located: Located) -> None:
    if not located.files:
        raise SettingError(
            "a state is made of files, not of a table in memory",
            hint="name a file, a folder or a glob",
        )
    if str(path.resolve()) in {str(Path(name).resolve()) for name in located.files}:
        raise SettingError(
            f"{path} is a file of the source", hint="keep the state in another folder"
        )


@contextmanager
def _attached(engine: DuckEngine, path: Path) -> Iterator[None]:
    from dsp.engine.duckdb_engine import literal

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        engine.execute(f'attach {literal(str(path))} as "kept"')
    except (QueryError, OSError) as error:
        cause = str(error).strip().splitlines()[0]
        raise DspError(
            f"{path} cannot be opened as a state: {cause}",
            hint="another process may hold it, or it is not a DuckDB file",
        ) from error
    try:
        yield
    finally:
        engine.execute('detach "kept"')


def _open(state: State, path: Path, files: Sequence[str]) -> _Known:
    """Copy the state out of its file and return which files are new to it.

    Raises
    ------
    DspError
        The file holds something else, or a known file has changed.
    """
    from dsp.statistics.state_pairs import PAIR_TABLES, create_pairs
    from dsp.statistics.states import TABLES, fingerprint

    engine = state.engine
    state.create()
    create_pairs(state)
    engine.execute(f"create or replace table {NOW}.state_files ({FILES})")
    engine.execute(
        f"create or replace table {NOW}.state_meta (name varchar, value varchar)"
    )
    tables = engine.rows(
        "select table_name from duckdb_tables() where database_name = 'kept'"
    )
    made = fingerprint(engine)
    if not tables:
        engine.execute(
            f"insert into {NOW}.state_meta values ('format', $format), ('hash', $hash)",
            {"format": FORMAT, "hash": made},
        )
        return _Known(tuple(files), 0, 0)
    if ("state_meta",) not in tables:
        raise DspError(
            f"{path} is a database, but no state of dsp profile",
            hint="name another file for the state",
        )
    meta = dict(engine.rows(f"from {KEPT}.state_meta"))
    if meta.get("format") != FORMAT or meta.get("hash") != made:
        raise DspError(
            f"{path} was made by a version of dsp whose states differ",
            hint="make it again: name a new file for the state",
        )
    for name in (*TABLES, *PAIR_TABLES, "state_files", "state_meta"):
        engine.execute(f"insert into {NOW}.{name} by name from {KEPT}.{name}")
    known = {
        row[0]: row[1:]
        for row in engine.rows(
            f"select path, n_bytes, modified_ns from {NOW}.state_files"
        )
    }
    for name in files:
        if name in known and known[name] != _marks(name):
            raise DspError(
                f"{name} has changed since it was added to {path}, and a state cannot "
                "take rows out",
                hint="make the state again: name a new file for it",
            )
    there = set(files)
    n_gone = sum(name not in there and not Path(name).exists() for name in known)
    return _Known(tuple(f for f in files if f not in known), len(known), n_gone)


def _marks(name: str) -> tuple[int, int]:
    found = Path(name).stat()
    return found.st_size, found.st_mtime_ns


def _add(state: State, reader: DataReader, located: Located, name: str) -> None:
    """Describe one file and merge it into the state."""
    from dsp.statistics.base import columns_of
    from dsp.statistics.state_pairs import add_pairs, choose, create_pairs, merge_pairs
    from dsp.statistics.state_profiles import profile_of
    from dsp.statistics.state_types import fit
    from dsp.statistics.states import State, add_rows, merge

    engine = state.engine
    n_bytes, modified = _marks(name)
    one = replace(located, source=name, files=(name,), n_bytes=n_bytes)
    loaded = reader.load(one, engine, materialize="never")
    source = '"raw"."data"'
    fitted = fit(state, source, columns_of(engine, source), Path(name).name)
    part = State(engine, '"part"')
    part.create()
    create_pairs(part)
    add_rows(part, fitted.source, fitted.columns)
    if not engine.rows(f"select count(*) from {NOW}.state_files")[0][0]:
        choose(state, profile_of(part, is_brief=True).columns)
    add_pairs(part, state, fitted.source, fitted.columns)
    merge(state, part)
    merge_pairs(state, part)
    engine.execute(
        f"insert into {NOW}.state_files values ($path, $n_bytes, $modified, $rows, $bad)",
        {
            "path": name,
            "n_bytes": n_bytes,
            "modified": modified,
            "rows": loaded.n_rows,
            "bad": loaded.n_rejected,
        },
    )


def _keep(state: State) -> None:
    """Write the state into its file: all of it, or nothing."""
    from dsp.statistics.state_pairs import PAIR_TABLES
    from dsp.statistics.states import TABLES

    with state.engine.transaction():
        for name in (*TABLES, *PAIR_TABLES, "state_files", "state_meta"):
            state.engine.execute(
                f"create or replace table {KEPT}.{name} as from {NOW}.{name}"
            )


def _check_columns(state: State, named: Sequence[str | None], where: str) -> None:
    from dsp.errors import ColumnNotFoundError

    known = [column.name for column in state.columns()]
    for name in named:
        if name is not None and name not in known:
            raise ColumnNotFoundError.of(name, known, where=where)
