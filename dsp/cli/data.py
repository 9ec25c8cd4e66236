"""``dsp data``: load, convert, read and validate sources."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dsp.cli import common
from dsp.errors import DspError, SettingError, SourceError
from dsp.numbers import counted, shape

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.sources import Loaded

source_options = [
    click.option("--format", "data_format", help="Format of the source."),
    click.option(
        "--option",
        "options",
        multiple=True,
        metavar="NAME=VALUE",
        help="Option for the reader, such as delimiter=; or sheet=Sales.",
    ),
]


def with_source_options(function: Any) -> Any:
    """Give a command the options that say how a source is read."""
    for option in reversed(source_options):
        function = option(function)
    return function


@click.group("data")
def command() -> None:
    """Read and check a data source, without analysing it."""


@command.command("load")
@click.argument("source")
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write.",
)
@click.option("--force", is_flag=True, help="Replace the output file.")
@common.common_options
@with_source_options
def load(
    source: str,
    output: Path,
    *,
    force: bool,
    data_format: str | None,
    options: tuple[str, ...],
) -> None:
    """Load SOURCE into a DuckDB file, as its tables data and rejects."""
    as_json = common.options().json
    from dsp.engine import DuckEngine
    from dsp.engine.table_files import written
    from dsp.sources import DataReader

    if output.exists() and not force:
        raise SettingError(f"{output} exists already", hint="give --force to replace it")
    reader = DataReader(schema="main")
    located = reader.locate(source, format=data_format, options=parse(options))
    _refuse_same(output, located.files)
    with written(output) as path:
        engine = DuckEngine(path)
        try:
            with engine.transaction():
                loaded = reader.load(located, engine, materialize="always")
        finally:
            engine.close()
    facts = summary(loaded) | {"output": str(output)}
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    click.echo(_line(loaded))
    common.say(f'next: dsp query {output} "from data limit 10"')


@command.command("read")
@click.argument("source")
@click.option(
    "--head", default=10, show_default=True, type=click.IntRange(0), help="Rows to show."
)
@common.common_options
@with_source_options
def read(
    source: str,
    head: int,
    *,
    data_format: str | None,
    options: tuple[str, ...],
) -> None:
    """Show the first rows of SOURCE and how it was read."""
    as_json = common.options().json
    with opened(source, data_format, options) as (engine, loaded):
        rows = engine.sql(f"select * from raw.data limit {head:d}")
        if as_json:
            found = engine.rows(
                f"select to_json(d) from (select * from raw.data limit {head:d}) as d"
            )
            facts = summary(loaded) | {"head": [json.loads(row[0]) for row in found]}
            click.echo(json.dumps(facts, ensure_ascii=False, default=str))
            return
    click.echo(grid(rows.column_names, rows.to_pylist()))
    common.say(_line(loaded))


@command.command("convert")
@click.argument("source")
@click.argument("output", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace the output file.")
@common.common_options
@with_source_options
def convert(
    source: str,
    output: Path,
    *,
    force: bool,
    data_format: str | None,
    options: tuple[str, ...],
) -> None:
    """Write SOURCE as OUTPUT; its suffix says the format.

    From text to text, values stay as they are written, and a file without a header line
    gets none.
    """
    as_json = common.options().json
    from dsp.engine.table_files import format_of, write_rows, written
    from dsp.sources import DataReader

    kind = format_of(output)
    located = DataReader().locate(source, format=data_format, options=parse(options))
    _refuse_same(output, located.files)
    if output.exists() and not force:
        raise SettingError(f"{output} exists already", hint="give --force to replace it")
    is_text = located.format == "csv" and kind in ("csv", "tsv")
    if is_text and "all_text" not in located.options:
        options = (*options, "all_text=true")
    with (
        opened(source, data_format, options) as (engine, loaded),
        written(output) as path,
    ):
        has_header = loaded.decisions.get("header", True)
        write_rows(engine, "from raw.data", path, kind, has_header=has_header)
    facts = summary(loaded) | {"output": str(output)}
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
        return
    click.echo(f"{output}: {_line(loaded)}")


@command.command("validate")
@click.argument("source")
@common.common_options
@with_source_options
def validate(source: str, *, data_format: str | None, options: tuple[str, ...]) -> None:
    """Check SOURCE; exit code 1 when a check of severity error fails."""
    as_json = common.options().json
    from dataclasses import asdict

    from dsp.checks import DataValidator
    from dsp.engine import StoredTable

    with opened(source, data_format, options) as (engine, loaded):
        found = DataValidator(engine).validate(StoredTable(engine, "data", "raw"))
    results = found.results
    bad = [r for r in results if r.outcome == "failed"]
    if as_json:
        facts = summary(loaded) | {"checks": [asdict(result) for result in results]}
        click.echo(json.dumps(facts, ensure_ascii=False, default=str))
    else:
        shown = [
            {
                "check": r.name,
                "columns": ", ".join(r.columns),
                "severity": r.severity,
                "observed": r.observed,
            }
            for r in bad
        ]
        if shown:
            click.echo(grid(list(shown[0]), shown))
        n_notes = sum(result.is_note for result in bad)
        common.say(
            f"{counted(len(results), 'check')}, {len(bad) - n_notes} failed, "
            f"{counted(n_notes, 'note')}; {_line(loaded)}"
        )
    if any(result.severity in ("error", "critical") for result in bad):
        click.get_current_context().exit(1)


@contextmanager
def opened(
    source: str, data_format: str | None, options: tuple[str, ...]
) -> Iterator[tuple[DuckEngine, Loaded]]:
    """Yield a database in memory that holds a source, and what was loaded."""
    from dsp.engine import DuckEngine
    from dsp.sources import DataReader

    engine = DuckEngine()
    reader = DataReader()
    try:
        located = reader.locate(source, format=data_format, options=parse(options))
        yield engine, reader.load(located, engine)
    finally:
        engine.close()


def parse(options: tuple[str, ...]) -> dict[str, str]:
    """Return ``name=value`` texts as a dict."""
    from dsp.settings import read_options

    return dict(read_options(*options))


def summary(loaded: Loaded) -> dict[str, Any]:
    """Return what was loaded as plain values."""
    warnings = [
        f"{name}: {note}"
        for part in ("types", "proposed")
        for name, note in loaded.decisions.get(part, {}).items()
    ]
    if loaded.n_rejected:
        warnings.append(f"{counted(loaded.n_rejected, 'record')} could not be read")
    return {
        "rows": loaded.n_rows,
        "columns": list(loaded.columns),
        "rejected": loaded.n_rejected,
        "decisions": loaded.decisions,
        "warnings": warnings + list(loaded.decisions.get("warnings", [])),
    }


def _line(loaded: Loaded) -> str:
    text = shape(loaded.n_rows, len(loaded.columns))
    if loaded.n_rejected:
        text += (
            f", {counted(loaded.n_rejected, 'record')} could not be read (table rejects)"
        )
    return text


def _refuse_same(output: Path, files: tuple[str, ...]) -> None:
    for file in files:
        if output.exists() and output.samefile(file):
            raise SourceError(f"{output} is the source itself", hint="give another name")


def grid(names: list[str], rows: list[dict[str, Any]]) -> str:
    """Return rows as aligned text; long cells are cut."""
    if not names:
        raise DspError("there are no columns to show")

    def cell(value: Any) -> str:
        text = "" if value is None else " ".join(str(value).split())
        return text if len(text) <= 40 else text[:39] + "…"

    lines = [[cell(name) for name in names]]
    lines += [[cell(row[name]) for name in names] for row in rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(names))]
    return "\n".join(
        "  ".join(
            text.ljust(width) for text, width in zip(line, widths, strict=True)
        ).rstrip()
        for line in lines
    )
