"""E-mail addresses and URLs are well formed."""

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
    literal,
    n_values,
    trimmed,
)


class Formats:
    """Holds that columns of e-mail addresses or URLs hold nothing else."""

    name = "formats"
    order = 150

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count what is well formed where the first rows look like it."""
        for column, kind in _candidates(subject):
            yield f"count({column.sql})"
            yield count_if(_valid(column, kind))

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan a check where most texts are well formed."""
        for column, kind in _candidates(subject):
            n, valid = (
                n_values(figures, column),
                integer(figures, count_if(_valid(column, kind))),
            )
            if not n or valid < MOSTLY * n:
                continue
            name = label(column.name)
            yield Plan(
                title=f"{name} holds valid {kind}",
                columns=(column.name,),
                dimension="validity",
                severity="warning",
                expectation=f"every text is one of {kind}",
                passed=(
                    f"All {{rows}} {{rows:text}} in {name} {{rows:is one of the|are}} "
                    f"{kind}."
                ),
                failed=(
                    f"{{n}} of {{rows}} {{rows:text}} in {name} {{n:is|are}} no {kind} "
                    f"({{percent}})."
                ),
                action="kept as they are",
                predicate=f"{column.sql} is not null and not {_valid(column, kind)}",
                n_rows=n,
            )


MOSTLY = 0.8
PATTERNS = {
    "e-mail addresses": r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+",
    "URLs": r"(https?|ftp)://[^\s/]+\S*",
}


def _candidates(subject: Subject) -> list[tuple[Field, str]]:
    return [
        (column, kind)
        for column in subject.of("text")
        for kind, pattern in PATTERNS.items()
        if subject.heads.get(column.name)
        and subject.may_match(column, re.compile(pattern), 0.5)
    ]


def _valid(column: Field, kind: str) -> str:
    return f"regexp_full_match({trimmed(column.sql)}, {literal(PATTERNS[kind])})"


plugin = Formats()
