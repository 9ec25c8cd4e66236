"""``dsp validate``: check a source; exit 1 when checks fail."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
from dsp.numbers import counted

if TYPE_CHECKING:
    from dsp.checks import Validation
    from dsp.exports.validation import ValidationReport

SEVERITIES = ("info", "warning", "error", "critical")


@click.command("validate")
@click.argument("source", required=False)
@click.option(
    "--rules",
    "rules_file",
    metavar="FILE",
    help="Rules to check: TOML, YAML or JSON, or a JSON Schema.",
)
@click.option(
    "--with-automatic",
    is_flag=True,
    help="Run the checks that dsp finds by itself beside the rules.",
)
@click.option("--target", metavar="COL", help="Column to explain; it is checked more.")
@click.option("--time", metavar="COL", help="Column that orders rows in time.")
@click.option("--format", "data_format", metavar="NAME", help="Format of the source.")
@click.option(
    "--read",
    "reader_options",
    multiple=True,
    metavar="KEY=VALUE;…",
    help="Options for the reader, such as delimiter, header, encoding, sheet.",
)
@click.option(
    "--fail-on",
    type=click.Choice(SEVERITIES),
    default="error",
    show_default=True,
    help="Exit with 1 when a check of this severity, or a higher one, fails or cannot be "
    "evaluated.",
)
@click.option(
    "--report",
    "reports",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write a report: .html, .md, .json or .xml (JUnit). Repeatable.",
)
@click.option("--list-rules", is_flag=True, help="List the kinds of rules and stop.")
@common_options
def command(
    source: str | None,
    rules_file: str | None,
    *,
    with_automatic: bool,
    target: str | None,
    time: str | None,
    data_format: str | None,
    reader_options: tuple[str, ...],
    fail_on: str,
    reports: tuple[Path, ...],
    list_rules: bool,
) -> int:
    """Check a source; exit 1 when checks fail.

    Without --rules the checks are those that make sense for the data by themselves.
    """
    if list_rules:
        _list_rules()
        return 0
    if source is None:
        raise click.UsageError("name a source to check, or --list-rules")
    from dsp.exports.validation import check_paths, document, write_reports
    from dsp.pipeline import validate
    from dsp.settings import read_options

    check_paths(reports)
    found = validate(
        source,
        rules=rules_file,
        automatic=True if with_automatic else None,
        target=target,
        time=time,
        format=data_format,
        options=read_options(*reader_options),
    )
    report = _report(source, found, fail_on)
    if options().json:
        emit(document(report))
    else:
        _show(report)
    for path in write_reports(report, reports):
        say(f"{'Wrote':<6} {path}")
    if not options().json:
        rules = f" --rules {shell_word(rules_file)}" if rules_file else ""
        suggest(f"dsp analyze {shell_word(source)}{rules}")
    return 0 if report.is_passed else 1


def _report(source: str, found: Validation, fail_on: str) -> ValidationReport:
    from dsp.exports.validation import ValidationReport

    return ValidationReport(
        source=source,
        n_rows=found.n_rows,
        n_columns=found.n_columns,
        checked_at=datetime.now(UTC),
        results=found.results,
        failures=found.failures,
        problems=found.problems,
        untranslated=found.untranslated,
        failing=frozenset(r.check_id for r in found.failing(fail_on)),
        fail_on=fail_on,
    )


def _show(report: ValidationReport) -> None:
    from dsp.cli.checks_table import show_checks

    show_checks(report)
    for line in report.untranslated:
        say(f"not checked: {line}")
    for problem in report.problems:
        say(f"{problem.plugin} could not be evaluated: {problem.error}")
    counts = report.counts
    say(
        f"{report.size}, {counted(counts['checks'], 'check')}: "
        f"{counts['passed']:,} passed, {counts['failed']:,} failed, "
        f"{counted(counts['notes'], 'note')}, {counts['not_evaluated']:,} not evaluated"
    )


def _list_rules() -> None:
    from dsp.checks.rule_docs import described_kinds, rules_schema

    kinds = described_kinds()
    if options().json:
        emit({"schema": "dsp.rules/1", "kinds": kinds, "json_schema": rules_schema()})
        return
    rows: list[tuple[Any, ...]] = [
        (
            kind["name"],
            kind["title"],
            ", ".join(_parameter(p) for p in kind["parameters"]),
            kind["nulls"],
        )
        for kind in kinds
    ]
    show_table(("kind", "holds that", "parameters", "rows without a value"), rows)
    say(f"{counted(len(rows), 'kind')}; every rule also takes severity, tolerance, where")


def _parameter(parameter: dict[str, Any]) -> str:
    name = str(parameter["name"])
    return name if parameter["is_required"] else f"[{name}]"
