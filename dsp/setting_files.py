"""Finds and reads the file that settings come from: TOML or YAML."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from dsp.errors import SettingError


def find_file(folder: Path | None = None) -> Path | None:
    """Return the configuration file of a folder, or None."""
    base = folder or Path.cwd()
    for name in ("dsp.toml", "dsp.yaml", "dsp.yml"):
        if (base / name).is_file():
            return base / name
    project = base / "pyproject.toml"
    if project.is_file() and "dsp" in _toml(project).get("tool", {}):
        return project
    return None


def read_file(path: Path) -> dict[str, Any]:
    """Return the settings that a TOML or YAML file holds.

    Raises
    ------
    SettingError
        The file is missing or not well formed.
    """
    if not path.is_file():
        raise SettingError(f"no configuration file {path}", hint="dsp config path")
    if path.suffix in (".yaml", ".yml"):
        import yaml

        try:
            loaded = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except yaml.YAMLError as error:
            raise SettingError(
                f"{path} is not valid YAML: {error}", hint="write lines like seed: 7"
            ) from error
    else:
        loaded = _toml(path)
        if path.name == "pyproject.toml":
            loaded = loaded.get("tool", {}).get("dsp", {})
    if not isinstance(loaded, dict):
        raise SettingError(f"{path} must hold names and values")
    return loaded


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingError(
            f"{path} is not valid TOML: {error}", hint="write lines like seed = 7"
        ) from error
