"""A category is spelt in one way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from dsp.checks.base import (
    Field,
    Figures,
    Plan,
    Subject,
    integer,
    label,
    literal,
    n_values,
)


class Spellings:
    """Holds that no two categories differ only by case, spaces or marks."""

    name = "spellings"
    order = 180

    def measures(self, subject: Subject) -> Iterable[str]:
        """Count values and distinct values of text columns, roughly."""
        for column in subject.of("text"):
            yield f"count({column.sql})"
            yield f"approx_count_distinct({column.sql})"

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan a check a text column with few distinct values."""
        columns = [
            column
            for column in subject.of("text")
            if 2 <= integer(figures, f"approx_count_distinct({column.sql})") <= CATEGORIES
            and n_values(figures, column) >= 2
        ]
        figures.ask(_histogram(column) for column in columns)
        for column in columns:
            counts = figures.get(_histogram(column)) or {}
            variants, examples = _variants(counts)
            name = label(column.name)
            listed = ", ".join(map(literal, variants[:LISTED]))
            yield Plan(
                title=f"{name} spells each category in one way",
                columns=(column.name,),
                dimension="consistency",
                severity="warning",
                expectation="no two categories differ only by case, spaces or marks",
                passed=f"{name} spells each of its categories in one way.",
                failed=(
                    f"{{n}} {{n:value}} of {name} {{n:is a variant|are variants}}: "
                    f"{label(examples)}."
                ),
                action="kept apart: no categories are merged",
                predicate=f"{column.sql} in ({listed})" if listed else None,
                n_failed=None if listed else 0,
                n_rows=n_values(figures, column),
                shared="All other categories are spelt in one way",
            )


CATEGORIES, LISTED = 500, 200


def _histogram(column: Field) -> str:
    return f"histogram({column.sql})"


def _variants(counts: Mapping[str, int]) -> tuple[list[str], str]:
    """Return the rarer spellings of each category, and two spellings as an example."""
    groups: dict[str, list[str]] = {}
    for text in sorted(counts, key=lambda t: (-counts[t], t)):
        folded = re.sub(r"[\s_.-]+", "", text).casefold()
        if folded:
            groups.setdefault(folded, []).append(text)
    several = [group for group in groups.values() if len(group) > 1]
    example = " / ".join(f"“{text}”" for text in several[0][:2]) if several else ""
    return sorted(text for group in several for text in group[1:]), example


plugin = Spellings()
