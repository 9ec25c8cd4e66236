"""Renderings of a profile: terminal aside, one file here is one format."""

from __future__ import annotations

from pathlib import Path

from dsp.errors import SettingError
from dsp.exports.cells import appearing
from dsp.exports.profile.alerts import Alert
from dsp.exports.profile.json_text import document
from dsp.exports.profile.redaction import redacted_report
from dsp.exports.profile.report import ProfileReport

__all__ = ["Alert", "ProfileReport", "document", "redacted_report", "write_page"]


def write_page(report: ProfileReport, path: Path) -> None:
    """Write a profile as one page that works offline.

    Raises
    ------
    SettingError
        The file cannot be written.
    """
    from dsp.exports.profile.html_page import render

    try:
        with appearing(path) as unfinished:
            unfinished.write_text(render(report), encoding="utf-8", newline="\n")
    except OSError as error:
        raise SettingError(
            f"cannot write {path}: {error.strerror or error}",
            hint="name a file in a folder that you may write to",
        ) from error
