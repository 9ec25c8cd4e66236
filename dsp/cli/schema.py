"""``dsp schema``: propose rules; show, export and compare the columns of sources."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dsp.cli import common
from dsp.cli.data import grid, opened, with_source_options
from dsp.cli.schema_relations import relations
from dsp.engine.table_files import written
from dsp.errors import SettingError
from dsp.numbers import counted, shape

if TYPE_CHECKING:
    from dsp.checks.suggestions import Suggestion


@click.group("schema")
def command() -> None:
    """Propose rules; show, export and compare columns."""


@command.command("infer")
@click.argument("source")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Rules file to write (.toml); standard output when not given.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@common.common_options
@with_source_options
def infer(
    source: str,
    output: Path | None,
    *,
    force: bool,
    data_format: str | None,
    options: tuple[str, ...],
) -> None:
    """Propose rules that SOURCE keeps, as a rules file for dsp validate.

    Each rule is learned on some blocks of rows and tested on others before it is
    proposed; its comment says what speaks for it.
    """
    from dsp.checks.suggestions import document, suggest
    from dsp.engine import StoredTable

    if output is not None and output.suffix.lower() != ".toml":
        raise SettingError(
            f"no rules format for {output}", hint="name a file that ends in .toml"
        )
    if output is not None and output.exists() and not force:
        raise SettingError(f"{output} exists already", hint="give --force to replace it")
    with opened(source, data_format, options) as (engine, loaded):
        found = suggest(StoredTable(engine, "data", "raw"))
    size = shape(loaded.n_rows, len(loaded.columns))
    if common.options().json:
        common.emit(_proposed(source, found))
    elif output is None:
        click.echo(document(found, _heading(source, size)), nl=False)
    if output is not None:
        with written(output) as path:
            path.write_text(document(found, _heading(source, size)), encoding="utf-8")
    common.say(f"{counted(len(found), 'rule')} proposed from {size}")
    if output is not None and not common.options().json:
        common.suggest(f"dsp validate NEW --rules {common.shell_word(str(output))}")


def _heading(source: str, size: str) -> list[str]:
    """Return the first lines of a rules file."""
    return [
        f"Rules proposed by dsp from {Path(source).name}: {size}.",
        "Each held on rows that it was not learned from. Read them, mend what the data",
        "cannot know, and keep the file beside the code that reads the data.",
    ]


def _proposed(source: str, found: Sequence[Suggestion]) -> dict[str, Any]:
    """Return proposals as a document for programs."""
    return {
        "schema": "dsp.suggestions/1",
        "source": source,
        "rules": [
            {
                "rule_id": item.rule.known_as,
                "kind": item.rule.kind,
                "columns": list(item.rule.columns),
                "parameters": dict(item.rule.parameters),
                "severity": item.rule.severity,
                "evidence": item.evidence,
                "n_tests": item.n_tests,
                "n_held": item.n_held,
            }
            for item in found
        ],
    }


@command.command("show")
@click.argument("source")
@common.common_options
@with_source_options
def show(source: str, *, data_format: str | None, options: tuple[str, ...]) -> None:
    """Show the columns of SOURCE: data, or a schema file that was exported."""
    as_json = common.options().json
    _print(schema_of(source, data_format, options), as_json=as_json)


@command.command("export")
@common.common_options
@click.argument("source")
@click.option(
    "--output",
    "-o",
    required=True,
    type=click.Path(path_type=Path),
    help="File to write.",
)
@with_source_options
def export(
    source: str, output: Path, *, data_format: str | None, options: tuple[str, ...]
) -> None:
    """Write the columns of SOURCE to a .toml or .json file."""
    if output.suffix not in (".toml", ".json"):
        raise SettingError(
            f'no schema format for the suffix "{output.suffix}"',
            hint="use .toml or .json",
        )
    columns = schema_of(source, data_format, options)
    with written(output) as path:
        path.write_text(_text(columns, output.suffix), encoding="utf-8")
    if common.options().json:
        common.emit({"output": str(output), "columns": len(columns)})
        return
    click.echo(f"{output}: {counted(len(columns), 'column')}")


@command.command("diff")
@click.argument("first")
@click.argument("second")
@common.common_options
def diff(first: str, second: str) -> None:
    """Compare the columns of FIRST and SECOND; exit code 1 when they differ."""
    from dsp.statistics.comparing import column_changes

    as_json = common.options().json
    found = column_changes(schema_of(first, None, ()), schema_of(second, None, ()))
    if as_json:
        click.echo(
            json.dumps({"equal": not found, "differences": found}, ensure_ascii=False)
        )
    elif found:
        click.echo(grid(["column", "change", "first", "second"], found))
    else:
        click.echo("the columns are the same")
    if found:
        click.get_current_context().exit(1)


def schema_of(
    source: str, data_format: str | None, options: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return name, type and nullability of each column of a source or schema file."""
    exported = _exported(source)
    if exported is not None:
        return exported
    from dsp.engine.duckdb_engine import quote

    with opened(source, data_format, options) as (engine, loaded):
        found = engine.rows("select column_name, column_type from (describe raw.data)")
        has_null: list[bool] = []
        for start in range(0, len(found), 200):
            chunk = [quote(name) for name, _ in found[start : start + 200]]
            parts = ", ".join(f"count({name}) < count(*)" for name in chunk)
            has_null += engine.rows(f"select {parts} from raw.data")[0]
    del loaded
    return [
        {"name": name, "type": kind, "nullable": bool(missing)}
        for (name, kind), missing in zip(found, has_null, strict=True)
    ]


def _exported(source: str) -> list[dict[str, Any]] | None:
    """Return the columns of a schema file, or None when it is something else."""
    path = Path(source)
    if path.suffix not in (".toml", ".json") or not path.is_file():
        return None
    text = path.read_bytes()
    if path.suffix == ".json":
        if not text.lstrip().startswith(b'{"dsp_schema"'):
            return None
        columns = json.loads(text)["columns"]
    else:
        import tomllib

        try:
            columns = tomllib.loads(text.decode()).get("columns", [])
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingError(f"{source} is not a schema file: {error}") from error
    return [dict(column) for column in columns]


def _text(columns: list[dict[str, Any]], suffix: str) -> str:
    if suffix == ".json":
        return (
            json.dumps({"dsp_schema": 1, "columns": columns}, ensure_ascii=False) + "\n"
        )
    import tomlkit

    document = tomlkit.document()
    document["dsp_schema"] = 1
    document["columns"] = columns
    return tomlkit.dumps(document)


def _print(columns: list[dict[str, Any]], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"columns": columns}, ensure_ascii=False))
        return
    click.echo(grid(["name", "type", "nullable"], columns))


command.add_command(relations)
