"""Writes the generated parts of README.md: ``python -m dsp.cli.docs``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from importlib import import_module
from pathlib import Path

import click

from dsp.checks.rule_docs import rules_table
from dsp.cleaning import TransformSettings
from dsp.cli import COMMANDS
from dsp.engine import queries
from dsp.engine.store import table_of
from dsp.errors import DspError
from dsp.records import RECORDS
from dsp.records.comparison import COMPARISON_RECORDS
from dsp.settings import PipelineConfig

PURPOSE = "-- purpose: "
ROW = "-- one row is: "
NOTHING: tuple[object, ...] = (None, (), {}, TransformSettings())


def blocks() -> dict[str, str]:
    """Return every generated part of README.md by its name."""
    return {
        "commands": _commands(),
        "settings": _settings(),
        "transforms": _transforms(),
        "tables": _tables(),
        "comparison": _comparison(),
        "profile": _profile(),
        "examples": _examples(),
        "rules": rules_table(),
    }


def fill(text: str) -> str:
    """Return text with every generated part replaced by what it should be.

    Raises
    ------
    DspError
        A part has no markers in the text.
    """
    for name, block in blocks().items():
        start, end = f"<!-- generated: {name} -->", f"<!-- end: {name} -->"
        pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
        if not pattern.search(text):
            raise DspError(f"README.md has no part {name}", hint=f"add {start} and {end}")
        filled = f"{start}\n{block}\n{end}"
        text = pattern.sub(lambda _, filled=filled: filled, text)  # type: ignore[misc]
    return text


def _commands() -> str:
    lines = ["| Command | What it does |", "| --- | --- |"]
    for name, (module, text) in COMMANDS.items():
        command = import_module(module).command
        lines.append(f"| `dsp {name}{_arguments(command)}` | {text} |")
        if isinstance(command, click.Group):
            lines += [
                f"| `dsp {name} {sub}{_arguments(inner)}` | {_help(inner)} |"
                for sub, inner in command.commands.items()
            ]
    return "\n".join(lines)


def _arguments(command: click.Command) -> str:
    if isinstance(command, click.Group):
        return " …"
    context = click.Context(command)
    words = [
        parameter.make_metavar(context)
        for parameter in command.params
        if isinstance(parameter, click.Argument)
    ]
    return "".join(f" {word}" for word in words).replace("|", "\\|")


def _help(command: click.Command) -> str:
    return command.get_short_help_str(limit=200)


def _settings() -> str:
    from dsp.cli.analyze import FLAGS

    lines = ["| Setting | Option | Default | Meaning |", "| --- | --- | --- | --- |"]
    for name, field in PipelineConfig.model_fields.items():
        flags = FLAGS.get(name)
        option = f"`{flags[0]}`" if flags else "`SOURCE`"
        default = field.get_default(call_default_factory=True, validated_data={})
        shown = "–" if default in NOTHING else f"`{str(default).lower()}`"
        lines.append(f"| `{name}` | {option} | {shown} | {field.description} |")
    return "\n".join(lines)


def _transforms() -> str:
    lines = ["| `transforms` | Asks for |", "| --- | --- |"]
    lines += [
        f"| `{name}` | {field.description} |"
        for name, field in TransformSettings.model_fields.items()
    ]
    return "\n".join(lines)


def _tables() -> str:
    lines = ["| Table | One row is |", "| --- | --- |"]
    for record in RECORDS:
        name = table_of(record)
        lines.append(f"| `{name}` | {_header(f'schema/{name}', ROW)} |")
    lines += [
        f"| `{name}` (view) | {_header(f'views/{name}', ROW)} |"
        for name in queries.names("views")
    ]
    return "\n".join(lines)


def _comparison() -> str:
    lines = ["| Table | One row is |", "| --- | --- |"]
    for record in COMPARISON_RECORDS:
        name = table_of(record)
        lines.append(f"| `{name}` | {_header(f'comparison/{name}', ROW)} |")
    return "\n".join(lines)


@cache
def _profile() -> str:
    """Return what ``dsp profile`` shows of the example, without time and memory."""
    from dsp.cli.profile_table import lines
    from dsp.pipeline import profile

    source = Path(__file__).parents[2] / "examples" / "sales.parquet"
    names = ("order_date", "region", "category", "unit_price", "revenue", "rating")
    report = profile(source, columns=names)
    bare = replace(
        report, source=f"examples/{source.name}", elapsed_ms=None, peak_memory_bytes=None
    )
    text = "\n".join(lines(bare, 90, lambda text, **_: text))
    return f"```\n{text}\n```"


def _examples() -> str:
    return "\n".join(_example_lines())


def _example_lines() -> Iterator[str]:
    for name in queries.names("examples"):
        purpose = _header(f"examples/{name}", PURPOSE)
        yield f"- [`{name}`](sql/examples/{name}.sql): {purpose}"


def _header(name: str, start: str) -> str:
    for line in queries.load(name).splitlines()[:3]:
        if line.startswith(start):
            return line.removeprefix(start).replace("|", "\\|")
    raise DspError(f"sql/{name}.sql has no line {start}")


def main() -> None:
    """Rewrite the README.md of the current folder, or the file that is named."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "README.md")
    path.write_text(fill(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
