"""``dsp validate``: check a source; exit 1 when checks fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    from dsp.records import CheckResult

FAILING = {
    "warning": ("warning", "error", "critical"),
    "error": ("error", "critical"),
}
MARKS = {"passed": "✓ passed", "failed": "✗ failed", "not_evaluated": "○ not evaluated"}


@click.command("validate")
@click.argument("source")
@click.option("--target", metavar="COL", help="Column to explain; it is checked more.")
@click.option("--time", metavar="COL", help="Column that orders rows in time.")
@click.option("--format", "data_format", metavar="NAME", help="Format of the source.")
@click.option(
    "--fail-on",
    type=click.Choice(["warning", "error"]),
    default="error",
    show_default=True,
    help="Exit with 1 when a check of this severity, or a higher one, fails.",
)
@common_options
def command(
    source: str,
    target: str | None,
    time: str | None,
    data_format: str | None,
    fail_on: str,
) -> int:
    """Check a source; exit 1 when checks fail."""
    from dsp.checks import DataValidator
    from dsp.sources import DataReader

    table = DataReader().read(source, format=data_format)
    found = DataValidator().validate(table, target=target, time=time)
    failing = [
        result
        for result in found.results
        if result.outcome == "failed" and result.severity in FAILING[fail_on]
    ]
    if options().json:
        emit(_document(source, found.results, len(failing)))
    else:
        _show(found.results)
        for problem in found.problems:
            say(f"{problem.plugin} could not be evaluated: {problem.error}")
        suggest(f"dsp analyze {shell_word(source)}")
    return 1 if failing else 0


def _show(results: tuple[CheckResult, ...]) -> None:
    order = {"failed": 0, "not_evaluated": 1, "passed": 2}
    rows = [
        (
            MARKS[r.outcome],
            r.severity if r.outcome == "failed" else None,
            r.observed,
            r.action,
        )
        for r in sorted(results, key=lambda r: order[r.outcome])
    ]
    show_table(("outcome", "severity", "what was found", "what dsp does"), rows)
    n_notes = sum(r.is_note for r in results)
    counts = {kind: sum(r.outcome == kind for r in results) for kind in order}
    say(
        f"{counted(len(results), 'check')}: {counts['passed']:,} passed, "
        f"{counts['failed'] - n_notes:,} failed, {counted(n_notes, 'note')}, "
        f"{counts['not_evaluated']:,} not evaluated"
    )


def _document(
    source: str, results: tuple[CheckResult, ...], n_failing: int
) -> dict[str, object]:
    from dataclasses import asdict

    return {
        "schema": "dsp.validation/1",
        "source": source,
        "passed": n_failing == 0,
        "checks": [asdict(result) for result in results],
    }
