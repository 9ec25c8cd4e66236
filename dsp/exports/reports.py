"""Writes a report to files, each in the format that its suffix says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from dsp.errors import SettingError
from dsp.exports.cells import appearing

Report = TypeVar("Report")


def check_paths(paths: Iterable[Path], suffixes: Mapping[str, str]) -> None:
    """Refuse a file whose suffix says no format, before anything is computed.

    Parameters
    ----------
    paths
        The files.
    suffixes
        What to call each format, by the suffix of its file.

    Raises
    ------
    SettingError
        There is no report of the suffix.
    """
    for path in paths:
        if path.suffix.lower() not in suffixes:
            raise SettingError(
                f"no report format for {path.name}",
                hint=f"end the name with {', '.join(suffixes.values())}",
            )


def write(
    report: Report, paths: Iterable[Path], writers: Mapping[str, Callable[[Report], str]]
) -> list[Path]:
    """Write a report to files whose suffixes `writers` know; return those files.

    Raises
    ------
    SettingError
        A file cannot be written.
    """
    chosen = list(dict.fromkeys(paths))
    for path in chosen:
        text = writers[path.suffix.lower()](report)
        try:
            with appearing(path) as unfinished:
                unfinished.write_text(
                    text, encoding="utf-8", errors="replace", newline="\n"
                )
        except OSError as error:
            raise SettingError(
                f"cannot write {path}: {error.strerror or error}",
                hint="name a file in a folder that you may write to",
            ) from error
    return chosen
