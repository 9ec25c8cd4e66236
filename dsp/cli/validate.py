"""``dsp validate``: check a source; exit 1 when checks fail."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dsp.cli.common import common_options, emit, options, say, shell_word, suggest
from dsp.numbers import counted

if TYPE_CHECKING:
    from dsp.checks import Validation
    from dsp.exports.validation import ValidationReport


@click.command("validate")
@click.argument("source")
@click.option("--target", metavar="COL", help="Column to explain; it is checked more.")
@click.option("--time", metavar="COL", help="Column that orders rows in time.")
@click.option("--format", "data_format", metavar="NAME", help="Format of the source.")
@click.option(
    "--fail-on",
    type=click.Choice(["info", "warning", "error", "critical"]),
    default="error",
    show_default=True,
    help="Exit with 1 when a check of this severity, or a higher one, fails.",
)
@click.option(
    "--report",
    "reports",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write a report: .html, .md, .json or .xml (JUnit). Repeatable.",
)
@common_options
def command(
    source: str,
    *,
    target: str | None,
    time: str | None,
    data_format: str | None,
    fail_on: str,
    reports: tuple[Path, ...],
) -> int:
    """Check a source; exit 1 when checks fail."""
    from dsp.checks import DataValidator
    from dsp.exports.validation import check_paths, document, write_reports
    from dsp.sources import DataReader

    check_paths(reports)
    table = DataReader().read(source, format=data_format)
    found = DataValidator().validate(table, target=target, time=time)
    report = _report(source, table, found, fail_on)
    if options().json:
        emit(document(report))
    else:
        _show(report)
    for path in write_reports(report, reports):
        say(f"{'Wrote':<6} {path}")
    suggest(f"dsp analyze {shell_word(source)}")
    return 0 if report.is_passed else 1


def _report(source: str, table: Any, found: Validation, fail_on: str) -> ValidationReport:
    from dsp.engine.tables import engine_for, source_of
    from dsp.exports.validation import ValidationReport

    engine = engine_for(table)
    n_rows = engine.rows(f"select count(*) from {source_of(engine, table)}")[0][0]
    return ValidationReport(
        source=source,
        n_rows=n_rows,
        n_columns=len(table.columns),
        checked_at=datetime.now(UTC),
        results=found.results,
        failures=found.failures,
        problems=found.problems,
        failing=frozenset(r.check_id for r in found.failing(fail_on)),
        fail_on=fail_on,
    )


def _show(report: ValidationReport) -> None:
    from dsp.cli.checks_table import show_checks

    show_checks(report)
    for problem in report.problems:
        say(f"{problem.plugin} could not be evaluated: {problem.error}")
    counts = report.counts
    say(
        f"{report.size}, {counted(counts['checks'], 'check')}: "
        f"{counts['passed']:,} passed, {counts['failed']:,} failed, "
        f"{counted(counts['notes'], 'note')}, {counts['not_evaluated']:,} not evaluated"
    )
