"""Reports of a comparison: terminal aside, one file here is one format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from dsp.exports import reports
from dsp.exports.comparison import html_page, json_text, markdown_text
from dsp.exports.comparison.json_text import document
from dsp.exports.comparison.report import KINDS, Comparison

WRITERS: dict[str, Callable[[Comparison], str]] = {
    ".html": html_page.render,
    ".json": json_text.render,
    ".md": markdown_text.render,
}
"""What renders a report, by the suffix of its file."""


_SUFFIXES = {suffix: suffix for suffix in WRITERS}


def check_paths(paths: Iterable[Path]) -> None:
    """Refuse a file whose suffix says no format, before anything is computed.

    Raises
    ------
    SettingError
        There is no report of the suffix.
    """
    reports.check_paths(paths, _SUFFIXES)


def write_reports(report: Comparison, paths: Iterable[Path]) -> list[Path]:
    """Write a comparison to files, each in the format that its suffix says.

    Raises
    ------
    SettingError
        A suffix says no format, or a file cannot be written.
    """
    chosen = list(paths)
    check_paths(chosen)
    return reports.write(report, chosen, WRITERS)


__all__ = ["KINDS", "WRITERS", "Comparison", "check_paths", "document", "write_reports"]
