"""A text column does not mix numbers or dates with words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dsp.checks.base import (
    Field,
    Figures,
    Plan,
    Subject,
    count_if,
    integer,
    label,
    n_values,
    share,
    trimmed,
)


class MixedText:
    """Holds that a text column of numbers, or of dates, holds nothing else."""

    name = "mixed_text"
    order = 140

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count texts that read as numbers and as dates."""
        for column, kind in _candidates(subject):
            yield f"count({column.sql})"
            yield count_if(_reads(column, kind))

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan a check where nearly all texts read the same way."""
        for column, kind in _candidates(subject):
            n, reads = (
                n_values(figures, column),
                integer(figures, count_if(_reads(column, kind))),
            )
            blank = f"{trimmed(column.sql)} <> ''"
            if not n or reads == n or reads < MOSTLY * n:
                continue
            name = label(column.name)
            yield Plan(
                title=f"{name} holds only {kind}",
                columns=(column.name,),
                dimension="validity",
                severity="warning",
                expectation=f"every text is one of {kind}, as {share(reads / n)} are",
                passed=f"All texts in {name} read as {kind}.",
                failed=(
                    f"{{n}} of {{rows}} {{rows:text}} in {name} {{n:is|are}} no {kind}."
                ),
                action="the column stays text: no value is guessed or dropped",
                predicate=f"{blank} and not ({_reads(column, kind)})",
                n_rows=n,
                shared=f"No text column mixes {kind} with words",
            )


MOSTLY = 0.95
PATTERNS = {
    "numbers": re.compile(r"[-+]?[\d.,]+(e[-+]?\d+)?", re.I),
    "dates": re.compile(r"\d{4}-\d{1,2}-\d{1,2}.*"),
}
TYPES = {"numbers": "double", "dates": "timestamp"}


def _candidates(subject: Subject) -> list[tuple[Field, str]]:
    return [
        (column, kind)
        for column in subject.of("text")
        for kind, pattern in PATTERNS.items()
        if subject.may_match(column, pattern, 0.5)
    ]


def _reads(column: Field, kind: str) -> str:
    return f"try_cast({trimmed(column.sql)} as {TYPES[kind]}) is not null"


plugin = MixedText()
