"""``dsp compare``: columns, rows and distributions of two sources, or parts of one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from dsp.cli.common import common_options, emit, options, say, shell_word, suggest
from dsp.errors import SettingError

if TYPE_CHECKING:
    from dsp.exports.comparison import Comparison

UNITS = ("day", "week", "month", "quarter", "year")
KINDS = ("drift", "large", "schema", "rows", "any")


@click.command("compare", short_help="Compare two sources, or two parts of one.")
@click.argument("a")
@click.argument("b", required=False)
@click.option(
    "--by",
    metavar="COL,COL",
    multiple=True,
    help="Columns that rows are matched by; one that is unique in both when not given.",
)
@click.option(
    "--split",
    metavar="COL=VALUE",
    help="Compare parts of A: before a date and from it on, or all others and the rows "
    "with the value. COL>=VALUE for numbers.",
)
@click.option(
    "--periods",
    nargs=2,
    metavar="COL UNIT",
    type=(str, click.Choice(UNITS)),
    help="Compare the last two periods of A: day, week, month, quarter or year.",
)
@click.option(
    "--tolerance",
    metavar="X",
    help="How far numbers may be apart and still be equal: 0.01, or 0.1%.",
)
@click.option(
    "--rename",
    "renamed",
    metavar="OLD=NEW",
    multiple=True,
    help="Compare column OLD of A with NEW of B. Repeatable.",
)
@click.option(
    "--threshold",
    type=float,
    default=0.1,
    show_default=True,
    help="Stability index or Kolmogorov-Smirnov distance of small drift; twice as much "
    "is large.",
)
@click.option(
    "--fail-on",
    type=click.Choice(KINDS),
    multiple=True,
    help="Exit with 1 when there is such a difference. Repeatable.",
)
@click.option(
    "--report",
    "reports",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write a report: .html, .md or .json. Repeatable.",
)
@click.option(
    "--output",
    "-o",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Also leave all tables: a .duckdb file, or a folder with Parquet files too.",
)
@click.option("--memory-limit", metavar="SIZE", help="Memory to use, such as 4GB.")
@click.option("--threads", type=click.IntRange(1), help="Threads; all cores by default.")
@click.option("--format", "data_format", metavar="NAME", help="Format of the sources.")
@click.option(
    "--read",
    "reader_options",
    multiple=True,
    metavar="KEY=VALUE;…",
    help="Options for the reader, such as delimiter, header, encoding, sheet.",
)
@common_options
def command(
    a: str,
    b: str | None,
    *,
    by: tuple[str, ...],
    split: str | None,
    periods: tuple[str, str] | None,
    tolerance: str | None,
    renamed: tuple[str, ...],
    threshold: float,
    fail_on: tuple[str, ...],
    reports: tuple[Path, ...],
    output: Path | None,
    memory_limit: str | None,
    threads: int | None,
    data_format: str | None,
    reader_options: tuple[str, ...],
) -> int:
    """Compare A and B: columns, rows, and how values are distributed.

    A and B are files, globs in quotes, folders, database.db::table, or finished runs.
    With --split or --periods, A alone is compared with itself.

    A column drifts when a test speaks against chance (q at most 0.01) and a measure of
    effect reaches the threshold: much data alone makes no drift.
    """
    from dsp.exports.comparison import check_paths, document, write_reports
    from dsp.pipeline import compare
    from dsp.settings import read_options

    check_paths(reports)
    found = compare(
        a,
        b,
        by=_names(by),
        split=split,
        periods=periods,
        tolerance=tolerance,
        renames=_renames(renamed),
        threshold=threshold,
        output=output,
        memory_limit=memory_limit,
        threads=threads,
        format=data_format,
        options=read_options(*reader_options),
    )
    if options().json:
        emit(document(found))
    else:
        from dsp.cli.compare_table import show_comparison

        show_comparison(found)
    for path in write_reports(found, reports):
        say(f"{'Wrote':<6} {path}")
    _next(found, output, a, b)
    return int(found.has(fail_on)) if fail_on else 0


def _next(found: Comparison, output: Path | None, a: str, b: str | None) -> None:
    if output is not None:
        say(f"{'Wrote':<6} {output}")
        is_file = output.is_file()
        database = output if is_file else output / "comparison.duckdb"
        table = "changed_values" if found.row.n_changed else "drift"
        suggest(f'dsp query {shell_word(database)} "from {table}"')
    elif b is not None:
        suggest(f"dsp compare {shell_word(a)} {shell_word(b)} --report report.html")


def _names(given: tuple[str, ...]) -> list[str]:
    """Return names that were given one by one, or several with commas between."""
    return [part.strip() for text in given for part in text.split(",") if part.strip()]


def _renames(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in given:
        old, sign, new = text.partition("=")
        if not (old and sign and new):
            raise SettingError(f'"{text}" is no rename', hint="give OLD=NEW")
        found[old] = new
    return found
