"""`DataReader`: finds a source and loads it into ``raw.data``."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

from dsp.engine import DuckEngine
from dsp.engine.duckdb_engine import literal, quote
from dsp.errors import QueryError, SourceError
from dsp.events import Tick, no_tick
from dsp.registry import plugins
from dsp.sources.base import (
    Job,
    Loaded,
    Located,
    Scan,
    failed,
    named_as_typed,
    unique_names,
)
from dsp.sources.locate import locate

VIEW_FROM_BYTES = 64 << 20
NO_REJECTS = (
    "select null::bigint as line_number, null::bigint as byte_position, "
    "null::varchar as text, null::varchar as reason where false"
)
NO_LINES = (
    "select null::bigint as row_number, null::varchar as file, "
    "null::bigint as line_number where false"
)


class DataReader:
    """Reads Parquet, CSV, JSON, Arrow, Excel, databases and tables in memory.

    Parameters
    ----------
    schema
        Schema that receives the tables ``data``, ``rejects`` and ``lines``.

    Examples
    --------
    >>> table = DataReader().read({"city": ["Bern", "Basel"], "n": [1, 2]})
    >>> table["n"].sum().to_pyarrow().as_py()
    3
    """

    def __init__(self, *, schema: str = "raw") -> None:
        self.schema = schema

    def locate(
        self,
        source: Any,
        *,
        format: str | None = None,
        options: dict[str, Any] | None = None,
    ) -> Located:
        """Return where a source is, its format and its fingerprint; reads no rows.

        Parameters
        ----------
        source
            File, glob, folder, ``file.db::table``, or a table in memory.
        format
            Name of the format; found from the content when None.
        options
            Reader options, such as delimiter, header, encoding, sheet or table.

        Raises
        ------
        SourceError
            Nothing is there, or it is nothing that dsp reads.
        """
        with named_as_typed(source):
            return locate(source, format=format, options=options)

    def load(
        self,
        located: Located,
        engine: DuckEngine,
        *,
        materialize: str = "auto",
        sample_size: int | None = None,
        seed: int = 0,
        tick: Tick = no_tick,
    ) -> Loaded:
        """Create the tables ``data``, ``rejects`` and ``lines`` from a source.

        Parameters
        ----------
        materialize
            ``always`` copies the data, ``never`` keeps a view where the format allows
            it, ``auto`` keeps a view for files above 64 MiB.
        sample_size
            Keep exactly this many rows (or all, when there are fewer), chosen by a hash
            of the row number and the seed.

        Raises
        ------
        SourceError
            The source cannot be read.
        """
        with named_as_typed(located.source), ExitStack() as stack:
            schema = None if sample_size else self.schema
            job = Job(located, engine, stack, tick, schema=schema)
            try:
                scan = plugins("sources")[located.format].scan(job)
                return self._store(scan, job, materialize, sample_size, seed)
            except (QueryError, SourceError) as error:
                if job.cancelled is not None:
                    raise job.cancelled from error
                if isinstance(error, SourceError):
                    raise
                cause = error.message.splitlines()[0]
                raise failed(
                    located.source,
                    f"cannot be read as {located.format}: {cause}",
                    "the file may be damaged; write or fetch it again",
                ) from error
            except OSError as error:
                raise failed(located.source, f"cannot be read: {error}") from error

    def read(
        self,
        source: Any,
        *,
        format: str | None = None,
        **options: Any,
    ) -> Any:
        """Return a source as an `ibis.Table` in a database of its own, in memory."""
        located = self.locate(source, format=format, options=options)
        engine = DuckEngine()
        self.load(located, engine)
        table = engine.table("data", schema=self.schema)
        # The engine lives as long as its backend.
        engine.backend.dsp_engine = engine
        return table

    def _store(
        self, scan: Scan, job: Job, materialize: str, sample_size: int | None, seed: int
    ) -> Loaded:
        names = unique_names(scan.names)
        if not names:
            raise failed(
                job.located.source, "holds no columns", "give a file with a table"
            )
        listed = ", ".join(quote(name) for name in names)
        # Columns go by position: the source's names may repeat.
        select = f"select {listed} from ({scan.select}) as source({listed})"
        is_view = (
            scan.can_be_view
            and not sample_size
            and (
                materialize == "never"
                or (
                    materialize == "auto" and (job.located.n_bytes or 0) > VIEW_FROM_BYTES
                )
            )
        )
        lines = scan.lines or NO_LINES
        if sample_size:
            kept, rows = _sample(job, scan.select, len(names), sample_size, seed)
            select = f"select * from ({kept}) as source({listed})"
            lines = _lines_of(rows, lines)
        kind = "view" if is_view else "table"
        self._drop_other(job.engine, kind)
        if scan.table and not sample_size:
            self._rename(scan.table, names, job)
        else:
            job.engine.create("data", select, schema=self.schema, kind=kind)
        job.engine.create("rejects", scan.rejects or NO_REJECTS, schema=self.schema)
        job.engine.create("lines", lines, schema=self.schema)
        job.drop_staged()
        return self._loaded(scan, job, names, is_view=is_view, sample_size=sample_size)

    def _rename(self, table: str, names: tuple[str, ...], job: Job) -> None:
        """Make a stored table the data, without copying it."""
        job.engine.execute(f"drop table if exists {quote(self.schema)}.data")
        for (old, _), new in zip(
            job.describe(f"select * from {table}"), names, strict=True
        ):
            job.engine.execute(
                f"alter table {table} rename column {quote(old)} to {quote(new)}"
            )
        job.engine.execute(f"alter table {table} rename to data")
        job.keep(table)

    def _loaded(
        self,
        scan: Scan,
        job: Job,
        names: tuple[str, ...],
        *,
        is_view: bool,
        sample_size: int | None,
    ) -> Loaded:
        target = f"{quote(self.schema)}."
        n_rows = scan.n_rows
        if n_rows is None or sample_size or not is_view:
            n_rows = int(job.engine.rows(f"select count(*) from {target}data")[0][0])
        n_rejected = int(job.engine.rows(f"select count(*) from {target}rejects")[0][0])
        if not n_rows and n_rejected:
            first = job.engine.rows(f"select reason from {target}rejects limit 1")[0][0]
            raise failed(
                job.located.source,
                f"no record could be read ({n_rejected} failed: {first})",
                "give the options delimiter, quote or header",
            )
        decisions = {"format": job.located.format, **job.notes, **scan.decisions}
        if warnings := [*job.warnings, *scan.decisions.get("warnings", [])]:
            decisions["warnings"] = warnings
        renamed = {
            new: old for old, new in zip(scan.names, names, strict=True) if old != new
        }
        if renamed:
            decisions["renamed"] = renamed
        if sample_size:
            decisions["sample"] = n_rows
        return Loaded(
            n_rows=n_rows,
            columns=names,
            n_rejected=n_rejected,
            decisions=decisions,
            is_materialized=not is_view,
            allowed_paths=tuple(job.located.files) if is_view else (),
        )

    def _drop_other(self, engine: DuckEngine, kind: str) -> None:
        """Drop a table where a view comes, and the other way round."""
        target = f"{quote(self.schema)}.data"
        engine.execute(f"create schema if not exists {quote(self.schema)}")
        # Asking for views would build every system view of DuckDB first.
        found = engine.rows(
            "select count(*) from duckdb_tables() where table_name = 'data' "
            f"and schema_name = {literal(self.schema)} "
            "and database_name = current_database()"
        )
        is_table = bool(found[0][0])
        if is_table and kind == "view":
            engine.execute(f"drop table {target}")
        if not is_table and kind == "table":
            engine.execute(f"drop view if exists {target}")


def _sample(job: Job, select: str, width: int, size: int, seed: int) -> tuple[str, str]:
    """Return selects of exactly `size` rows, the same for the same seed, and of them."""
    if size < 1:
        raise SourceError(f"a sample of {size} rows is none", hint="give 1 or more")
    columns = ", ".join(f"c{i}" for i in range(width))
    staged = job.stage(f"select * from ({select}) as source({columns})")
    chosen = (
        f"select i from (select rowid as i from {staged}) "
        f"order by hash(i, {int(seed)}), i limit {int(size)}"
    )
    kept = f"select {columns} from {staged} where rowid in ({chosen}) order by rowid"
    return kept, chosen


def _lines_of(chosen: str, lines: str) -> str:
    """Return the lines on which the chosen rows stand, one entry a row."""
    return (
        "select row_number() over (order by i) as row_number, file, "
        "line_number + i + 1 - first_row as line_number from "
        f"({chosen}) asof join "
        f"(select row_number as first_row, file, line_number from ({lines})) "
        "on i + 1 >= first_row order by row_number"
    )
