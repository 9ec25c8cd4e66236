"""``dsp schema relations``: keys, dependencies and foreign keys of some sources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dsp.cli import common
from dsp.cli.data import grid, parse, with_source_options
from dsp.errors import SettingError
from dsp.numbers import counted, printable, shape

if TYPE_CHECKING:
    from dsp.engine import DuckEngine, StoredTable
    from dsp.sources import Loaded
    from dsp.statistics.structure import Inclusions, Structure


@dataclass(frozen=True, slots=True)
class _Table:
    """A source that was loaded, by the name its columns are given with."""

    name: str
    source: str
    loaded: Loaded
    table: StoredTable


@click.command("relations")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@common.common_options
@with_source_options
def relations(
    sources: tuple[str, ...], *, data_format: str | None, options: tuple[str, ...]
) -> None:
    """Find keys, dependencies, and columns that refer to another one.

    Each SOURCE is searched for keys of up to three columns and for columns that decide
    others; all of them together for columns whose values are among those of another
    column, as a foreign key's are.
    """
    from dsp.engine import DuckEngine
    from dsp.statistics import StatisticsEngine
    from dsp.statistics.structure import between

    engine = DuckEngine()
    try:
        tables = list(_loaded(engine, sources, data_format, options))
        statistics = StatisticsEngine(engine)
        profiles = {t.name: statistics.profile(t.table).columns for t in tables}
        found = {t.name: statistics.structure(t.table, profiles[t.name]) for t in tables}
        across = between(
            engine, {t.name: (t.table.sql, profiles[t.name]) for t in tables}
        )
    finally:
        engine.close()
    if common.options().json:
        common.emit(_document(tables, found, across))
        return
    _print(tables, found, across)


def _loaded(
    engine: DuckEngine,
    sources: Sequence[str],
    data_format: str | None,
    options: tuple[str, ...],
) -> Iterator[_Table]:
    from dsp.engine import StoredTable
    from dsp.sources import DataReader

    names: set[str] = set()
    for i, source in enumerate(sources):
        # What can be told apart by its file name is; else by where it stands.
        name = Path(source.split("::")[0]).stem or source
        name = source.split("::")[1] if "::" in source else name
        if name in names:
            name = f"{name} ({i + 1})"
        names.add(name)
        reader = DataReader(schema=f"source_{i}")
        located = reader.locate(source, format=data_format, options=parse(options))
        loaded = reader.load(located, engine)
        if not loaded.columns:
            raise SettingError(f"{source} holds no columns", hint="name another source")
        yield _Table(name, source, loaded, StoredTable(engine, "data", f"source_{i}"))


def _document(
    tables: Sequence[_Table], found: dict[str, Structure], across: Inclusions
) -> dict[str, Any]:
    """Return what was found as a document for programs."""
    return {
        "schema": "dsp.relations/1",
        "tables": [
            {
                "name": t.name,
                "source": t.source,
                "n_rows": t.loaded.n_rows,
                "columns": list(t.loaded.columns),
                "dependencies": [_plain(d) for d in found[t.name].dependencies],
                "searches": [asdict(s) for s in found[t.name].searches],
            }
            for t in tables
        ],
        "inclusions": [_plain(i) for i in across.inclusions],
        "searches": [asdict(s) for s in across.searches],
    }


def _plain(record: Any) -> dict[str, Any]:
    """Return a record without its queries: they name tables of this process."""
    return {k: v for k, v in asdict(record).items() if not k.endswith("_sql")}


def _print(
    tables: Sequence[_Table], found: dict[str, Structure], across: Inclusions
) -> None:
    rows = [
        {
            "table": t.name,
            "kind": d.kind.replace("_", "-"),
            "columns": ", ".join(d.determinant),
            "decide": d.dependent or "",
            "violations": f"{d.n_violations:,}",
        }
        for t in tables
        for d in found[t.name].dependencies
    ]
    links = [
        {
            "column": f"{i.table_a}.{i.column_a}",
            "refers to": f"{i.table_b}.{i.column_b}",
            "score": f"{i.score:.2f}",
            "outside": f"{i.n_violations:,} of {counted(i.n_rows, 'row')}",
        }
        for i in across.inclusions
    ]
    parts = [grid(list(part[0]), part) for part in (rows, links) if part]
    hints = [
        *(d.fix_hint for t in tables for d in found[t.name].dependencies),
        *(i.fix_hint for i in across.inclusions),
    ]
    told = [printable(hint) for hint in hints if hint]
    if told:
        parts.append("To mend:\n" + "\n".join(f"- {hint}" for hint in told))
    click.echo("\n\n".join(parts))
    sizes = "; ".join(
        f"{t.name}: {shape(t.loaded.n_rows, len(t.loaded.columns))}" for t in tables
    )
    common.say(
        f"{counted(len(rows), 'key or dependency', 'keys and dependencies')}, "
        f"{counted(len(links), 'reference')} in {sizes}"
    )
    searches = [s for t in tables for s in found[t.name].searches]
    for search in (*searches, *across.searches):
        if search.reason and search.search in ("key", "functional", "inclusion"):
            common.say(f"{search.search}: {search.reason}")
