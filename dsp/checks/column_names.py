"""Column names say what the column is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from dsp.checks.base import Figures, Plan, Subject, label


class ColumnNames:
    """Holds that no name is blank, generated, or equal but for case or space."""

    name = "column_names"
    order = 20

    def measures(self, subject: Subject) -> Iterable[str]:
        """Need nothing: names are known."""
        return ()

    def plan(self, subject: Subject, figures: Figures) -> Iterable[Plan]:
        """Plan the one check."""
        folded = Counter("".join(c.name.split()).casefold() for c in subject.columns)
        bad = tuple(
            c.name
            for c in subject.columns
            if folded["".join(c.name.split()).casefold()] > 1
            or not c.name.strip()
            or GENERATED.fullmatch(c.name)
        )
        listed = ", ".join(f'"{label(name)}"' for name in bad[:5])
        yield Plan(
            title="Column names are distinct and meaningful",
            columns=bad,
            dimension="consistency",
            severity="warning",
            expectation="no blank, generated or repeated column name",
            passed="All {rows} column {rows:name is|names are} distinct.",
            failed=(
                f"{{n}} of {{rows}} {{rows:name}} {{n:is|are}} blank, generated or "
                f"repeated: {listed}."
            ),
            action="names are kept as they are",
            n_failed=len(bad),
            n_rows=len(subject.columns),
            count_sql=f"select {len(bad)} as n_failed",
        )


GENERATED = re.compile(r"column_?\d+|unnamed(: ?\d+)?|_c\d+|field_?\d+", re.I)

plugin = ColumnNames()
