"""``dsp runs``: the runs below a folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from dsp.cli.common import (
    common_options,
    emit,
    options,
    say,
    shell_word,
    show_table,
    suggest,
)
from dsp.errors import DspError, RunNotFoundError
from dsp.result.words import shown_path

RESULTS = "results.duckdb"
DEPTH = 3
"""Folders below the given one that are searched."""


@click.command("runs", short_help="List the runs below a folder.")
@click.argument(
    "folder",
    default=".",
    metavar="[DIR]",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@common_options
def command(folder: Path) -> None:
    """List the runs below a folder (this one when not given), newest first."""
    rows = sorted(_runs(folder), key=lambda row: str(row["started_at"]), reverse=True)
    if options().json:
        emit(rows)
        return
    headings = (
        "run",
        "status",
        "source",
        "rows",
        "columns",
        "target",
        "started",
        "seconds",
    )
    show_table(
        headings,
        (
            (
                row["path"],
                row["status"],
                row["source"],
                row["n_rows"],
                row["n_columns"],
                row["target"],
                str(row["started_at"] or "–")[:16],
                row["seconds"],
            )
            for row in rows
        ),
        right=("rows", "columns", "seconds"),
    )
    if rows:
        suggest(f"dsp show {shell_word(rows[0]['path'])}")
    else:
        say(f"no runs below {folder}")
        suggest("dsp analyze FILE")


def _runs(folder: Path) -> Iterator[dict[str, Any]]:
    for level in range(DEPTH + 1):
        pattern = "/".join(["*"] * level + [RESULTS])
        for database in sorted(folder.glob(pattern)):
            if database.parent.name != ".building":
                yield _describe(database)


def _describe(database: Path) -> dict[str, Any]:
    from dsp.result import open_run

    found: dict[str, Any] = {
        "path": str(shown_path(database.parent.absolute())),
        "status": "unreadable",
        "source": None,
        "n_rows": None,
        "n_columns": None,
        "target": None,
        "started_at": None,
        "seconds": None,
    }
    try:
        with open_run(database) as run:
            row = run.record
    except RunNotFoundError:
        return found | {"status": "unfinished"}
    except DspError:
        return found
    return found | {
        "status": row.status,
        "source": row.source_name,
        "n_rows": row.n_rows,
        "n_columns": row.n_columns,
        "target": row.target,
        "started_at": row.started_at.isoformat() if row.started_at else None,
        "seconds": None if row.elapsed_ms is None else round(row.elapsed_ms / 1000, 1),
    }
