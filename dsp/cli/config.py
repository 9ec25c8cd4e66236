"""``dsp config``: every setting, its value, and where the value came from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from dsp.cli.common import common_options, emit, options, say, show_table, suggest
from dsp.errors import SettingError, nearest

FILE = "dsp.toml"


@click.group("config", short_help="Show and change settings, with their origins.")
def command() -> None:
    """Show and change settings, with their origins.

    Arguments win over DSP_* variables, these over dsp.toml (or dsp.yaml, or tool.dsp in
    pyproject.toml) of the current folder, and that over defaults.
    """


@command.command("show")
@common_options
def show() -> None:
    """Show every setting: value, origin and meaning."""
    from dsp.settings import PipelineConfig, resolve

    resolved = resolve()
    values = resolved.config.model_dump(mode="json")
    rows = [
        {
            "name": name,
            "value": values[name],
            "origin": resolved.origins[name],
            "environment": f"DSP_{name.upper()}",
            "meaning": field.description,
        }
        for name, field in PipelineConfig.model_fields.items()
    ]
    if options().json:
        emit(rows)
        return
    show_table(
        ("setting", "value", "origin", "meaning"),
        ((r["name"], text_of(r["value"]), r["origin"], r["meaning"]) for r in rows),
    )
    suggest("dsp config set NAME VALUE")


@command.command("get")
@click.argument("name")
@common_options
def get(name: str) -> None:
    """Print the value of one setting."""
    from dsp.settings import resolve

    known(name)
    resolved = resolve()
    value = resolved.config.model_dump(mode="json")[name]
    if options().json:
        emit({"name": name, "value": value, "origin": resolved.origins[name]})
        return
    click.echo(text_of(value))
    say(f"from {resolved.origins[name]}")


@command.command("set")
@click.argument("name")
@click.argument("value")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="TOML file to write to; dsp.toml of this folder when not given.",
)
@common_options
def set_(name: str, value: str, file: Path | None) -> None:
    """Write a setting into dsp.toml, after checking it; comments there are kept.

    VALUE is plain text; lists take commas (json,csv) and read_options key=value pairs.
    """
    from dsp.setting_files import find_file

    known(name)
    found = find_file()
    path = file or (found if found and found.suffix == ".toml" else Path(FILE))
    if found is not None and file is None and found.suffix != ".toml":
        raise SettingError(
            f"{found.name} is used here, and only TOML files are written",
            hint=f"edit {found.name}, or move it to dsp.toml",
        )
    plain = _checked(name, value)
    _write(path, name, plain)
    if options().json:
        emit({"name": name, "value": plain, "file": str(path)})
        return
    say(f"{'Wrote':<6} {name} = {text_of(plain)} in {path}")
    suggest("dsp config show")


@command.command("path")
@common_options
def path_() -> None:
    """Print the file that settings are read from."""
    from dsp.setting_files import find_file

    found = find_file()
    if options().json:
        emit({"path": None if found is None else str(found)})
        return
    if found is None:
        say(f"no settings file here; dsp config set writes {FILE}")
        return
    click.echo(str(found))


def known(name: str) -> None:
    """Refuse a name that is no setting.

    Raises
    ------
    SettingError
        With the nearest name as a hint.
    """
    from dsp.settings import PipelineConfig

    if name not in PipelineConfig.model_fields:
        close = nearest(name, PipelineConfig.model_fields, n=1)
        hint = f'did you mean "{close[0]}"?' if close else "dsp config show lists them"
        raise SettingError(f'unknown setting "{name}"', hint=hint, name=name)


def text_of(value: Any) -> str:
    """Return a setting's value as people write it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(str, value)) or "–"
    if isinstance(value, dict):
        return ";".join(f"{k}={v}" for k, v in value.items()) or "–"
    return str(value)


def _checked(name: str, text: str) -> Any:
    """Return the text as the value that the setting would have; empty text unsets it."""
    from dsp.settings import resolve

    if not text:
        return None
    resolved = resolve(environment={f"DSP_{name.upper()}": text})
    return resolved.config.model_dump(mode="json")[name]


def _write(path: Path, name: str, value: Any) -> None:
    """Change one name in a TOML file and keep everything else."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    from dsp.exports.cells import appearing

    try:
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        document = tomlkit.parse(text)
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise SettingError(f"{path} is not valid TOML: {error}") from error
    table: Any = document
    if path.name == "pyproject.toml":
        table = document.setdefault("tool", {}).setdefault("dsp", {})
    if value is None:
        table.pop(name, None)
    else:
        table[name] = value
    try:
        with appearing(path) as unfinished:
            unfinished.write_text(tomlkit.dumps(document), encoding="utf-8")
    except OSError as error:
        raise SettingError(f"cannot write {path}: {error.strerror or error}") from error
