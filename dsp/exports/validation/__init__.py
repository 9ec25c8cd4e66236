"""Reports of a validation: terminal summaries aside, one file here is one format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from dsp.errors import SettingError
from dsp.exports.cells import appearing
from dsp.exports.validation import html_page, json_text, junit_xml, markdown_text
from dsp.exports.validation.json_text import document
from dsp.exports.validation.report import ValidationReport

WRITERS: dict[str, Callable[[ValidationReport], str]] = {
    ".html": html_page.render,
    ".json": json_text.render,
    ".md": markdown_text.render,
    ".xml": junit_xml.render,
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
                hint=f"end the name with {', '.join(WRITERS)} (JUnit)",
            )


def write_reports(report: ValidationReport, paths: Iterable[Path]) -> list[Path]:
    """Write a validation to files, each in the format that its suffix says.

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


__all__ = ["WRITERS", "ValidationReport", "check_paths", "document", "write_reports"]
