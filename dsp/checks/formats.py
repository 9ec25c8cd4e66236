"""Texts that nearly all have one meaning (IBANs, URLs, colours ...) all have it."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import (
    BLANKS,
    Field,
    Figures,
    Plan,
    Subject,
    count_if,
    integer,
    label,
    n_values,
    name_words,
)
from dsp.numbers import share
from dsp.semantic import TYPES, SemanticType


class Formats:
    """Holds that a column of e-mail addresses, IBANs or the like holds nothing else."""

    name = "formats"
    order = 150

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count what is valid where name and first rows leave the guess open."""
        for column, kind in _candidates(subject):
            yield f"count({column.sql})"
            yield _valid(column, kind)

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan one check a column: of the type that most of its values have."""
        best: dict[str, tuple[int, Field, SemanticType]] = {}
        for column, kind in _candidates(subject):
            n, valid = n_values(figures, column), integer(figures, _valid(column, kind))
            known, _, _ = best.get(column.name, (0, column, kind))
            if n and valid >= MOSTLY * n and valid > known:
                best[column.name] = (valid, column, kind)
        for valid, column, kind in best.values():
            n, name = n_values(figures, column), label(column.name)
            yield Plan(
                title=f"{name} holds valid {kind.many}",
                columns=(column.name,),
                dimension="validity",
                severity="warning",
                expectation=f"all values are valid {kind.many} ({kind.source})",
                passed=f"All {{rows}} {{rows:value}} in {name} {{rows:is|are}} valid "
                f"{kind.many}.",
                failed=f"{name} holds {kind.many} in {share(valid / n)} of its values: "
                f"{{n}} of {{rows}} {{n:is not valid|are not}}.",
                action="kept as they are",
                predicate=f"not {kind.valid_sql(column.sql, column.family)}",
                n_rows=n,
            )


MOSTLY = 0.8


def _candidates(subject: Subject) -> list[tuple[Field, SemanticType]]:
    found = []
    for column in subject.of("text"):
        texts = [t for t in subject.heads.get(column.name, ()) if t.strip(BLANKS)]
        words = name_words(column.name)
        found += [
            (column, kind)
            for kind in TYPES.values()
            if texts and kind.may_be(words, texts)
        ]
    return found


def _valid(column: Field, kind: SemanticType) -> str:
    return count_if(kind.valid_sql(column.sql, column.family))


plugin = Formats()
