"""``dsp validate``: check a source; exit 1 when checks fail."""

from __future__ import annotations

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

SEVERITIES = ("info", "warning", "error", "critical")
MARKS = {"passed": "✓ passed", "failed": "✗ failed", "not_evaluated": "○ not evaluated"}


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
    from dsp.pipeline import validate
    from dsp.settings import read_options

    found = validate(
        source,
        rules=rules_file,
        automatic=True if with_automatic else None,
        target=target,
        time=time,
        format=data_format,
        options=read_options(*reader_options),
    )
    failing = found.failing(fail_on)
    if options().json:
        emit(_document(source, found, passed=not failing))
    else:
        _show(found)
        rules = f" --rules {shell_word(rules_file)}" if rules_file else ""
        suggest(f"dsp analyze {shell_word(source)}{rules}")
    return 1 if failing else 0


def _show(found: Validation) -> None:
    results = found.results
    order = {"failed": 0, "not_evaluated": 1, "passed": 2}
    rows = [
        (
            MARKS[r.outcome],
            r.severity if r.outcome == "failed" or r.check_id in found.blocked else None,
            r.rule_id or r.kind,
            r.observed,
        )
        for r in sorted(results, key=lambda r: order[r.outcome])
    ]
    show_table(("outcome", "severity", "check", "what was found"), rows)
    for line in found.untranslated:
        say(f"not checked: {line}")
    n_notes = sum(r.is_note for r in results)
    counts = {kind: sum(r.outcome == kind for r in results) for kind in order}
    say(
        f"{counted(len(results), 'check')}: {counts['passed']:,} passed, "
        f"{counts['failed'] - n_notes:,} failed, {counted(n_notes, 'note')}, "
        f"{counts['not_evaluated']:,} not evaluated"
    )
    for problem in found.problems:
        say(f"{problem.plugin} could not be evaluated: {problem.error}")


def _document(source: str, found: Validation, *, passed: bool) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "schema": "dsp.validation/1",
        "source": source,
        "passed": passed,
        "checks": [asdict(result) for result in found.results],
        "failures": [asdict(row) for row in found.failures],
        "problems": [asdict(problem) for problem in found.problems],
        "not_translated": list(found.untranslated),
    }


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
