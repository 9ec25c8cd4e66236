"""Reports of a comparison: terminal aside, one file here is one format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from dsp.errors import SettingError
from dsp.exports.cells import appearing
from dsp.exports.comparison import html_page, json_text, markdown_text
from dsp.exports.comparison.json_text import document
from dsp.exports.comparison.report import KINDS, Comparison

WRITERS: dict[str, Callable[[Comparison], str]] = {
    ".html": html_page.render,
    ".json": json_text.render,
    ".md": markdown_text.render,
}
"""What renders a report, by the suffix of its file."""


def check_paths(paths: Iterable[Path]) -> None:
    """Refuse a file whose suffix says no format, before anything is computed.

    Raises
    ------
    SettingError
        There is no report of the suffix.
    """
    for path in paths:
        if path.suffix.lower() not in WRITERS:
            raise SettingError(
                f"no report format for {path.name}",
                hint=f"end the name with {', '.join(WRITERS)}",
            )


def write_reports(report: Comparison, paths: Iterable[Path]) -> list[Path]:
    """Write a comparison to files, each in the format that its suffix says.

    Raises
    ------
    SettingError
        A suffix says no format, or a file cannot be written.
    """
    chosen = list(dict.fromkeys(paths))
    check_paths(chosen)
    for path in chosen:
        text = WRITERS[path.suffix.lower()](report)
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


__all__ = ["KINDS", "WRITERS", "Comparison", "check_paths", "document", "write_reports"]
