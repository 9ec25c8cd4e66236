"""Exports of a finished run: one file of this room is one format."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsp.errors import SettingError, nearest
from dsp.exports.options import ExportOptions

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

__all__ = ["ExportOptions", "export"]


def export(
    engine: DuckEngine,
    formats: Iterable[str],
    folder: Path,
    options: ExportOptions | None = None,
) -> list[Path]:
    """Write the result tables in the given formats and return the files.

    Every file is written under another name first and renamed when it is complete.

    Parameters
    ----------
    engine
        The result database of a run.
    formats
        Names of plug-ins: json, csv, xlsx, parquet, markdown, html, checks, junit, model,
        svg, png, pdf, chart_csv, chart_parquet, page_pdf.
    folder
        Where to; made when missing.
    options
        Theme and fonts of charts, and whom to tell how far it is.

    Raises
    ------
    SettingError
        A format is unknown, or the folder cannot be written to.
    """
    from dsp.registry import plugins

    known = plugins("exports")
    wanted = list(dict.fromkeys(formats))
    for name in wanted:
        if name not in known:
            close = nearest(name, known, n=1)
            hint = (
                f'did you mean "{close[0]}"?' if close else f"formats: {', '.join(known)}"
            )
            raise SettingError(f'no export format "{name}"', hint=hint)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths = [
            path
            for name in wanted
            for path in _written(known[name], engine, folder, options or ExportOptions())
        ]
        return list(dict.fromkeys(paths))
    except OSError as error:
        raise SettingError(
            f"cannot write to {folder}: {error.strerror or error}",
            hint="choose another folder with --output",
        ) from error


def _written(
    plugin: Any, engine: DuckEngine, folder: Path, options: ExportOptions
) -> list[Path]:
    if getattr(plugin, "takes_options", False):
        return list(plugin.write(engine, folder, options))
    return list(plugin.write(engine, folder))
