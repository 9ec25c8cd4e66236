"""No two rows are nearly the same text."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Groups, Plan
from dsp.checks.groups import evidence
from dsp.checks.kind import (
    SOME,
    TEXT,
    Asked,
    Example,
    Kind,
    Parameter,
    known,
    nothing,
)
from dsp.checks.near import (
    MOST_KEYS,
    count_near,
    folded,
    near_rows,
    written,
)
from dsp.errors import RuleError


class NoNearDuplicates(Kind):
    """Holds that no text is another one in other case, marks, accents, or with a typo."""

    name = "no_near_duplicates"
    title = "no two texts differ only by case, marks, accents or a typo"
    dimension = "uniqueness"
    n_columns = SOME
    parameters = (
        Parameter(
            "max_edits",
            "integer",
            "Letters (0 to 2) that may be added, dropped, changed or swapped in texts of "
            "five or more; digits must agree.",
            default=0,
        ),
    )
    nulls = "rows that lack one of the columns pass"
    families = TEXT
    example = Example(
        toml="[columns.name]\nno_near_duplicates = { max_edits = 1 }",
        passing={"name": ["Hamburg", "Hamburg", "Berlin", "Item 10", "Item 11", None]},
        failing={
            "name": ["New York", "New York", "new-york", "NEW YORK", "Berlin", "Berlni"],
        },
        n_failed=3,
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Count the rows, the texts, and the texts without case and marks."""
        self.check(asked)
        return _figures(asked)

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check; texts are compared only where there are several."""
        n_rows, n_keys, n_texts = (known(figures, sql) for sql in _figures(asked))
        key, text, edits = _key(asked), _text(asked), asked["max_edits"]
        what = f"no two texts of {asked.names} are nearly the same"
        relation = asked.subject.relation
        groups = Groups(key, text)
        failed = (
            f"{{n}} of {{rows}} {{rows:row}} ({{percent}}) {{n:is|are}} nearly the "
            f"same as a more frequent text of {asked.names}."
        )
        more = {
            "passed": f"No two texts of {asked.names} are nearly the same.",
            "failed": failed,
            "n_rows": n_rows,
            "nothing": nothing(asked),
        }
        if not edits:
            same = n_keys == n_texts
            return self.planned(
                asked,
                what,
                n_failed=0 if same else None,
                groups=None if same else groups,
                count_sql=evidence(relation, groups),
                **more,
            )
        if n_keys > MOST_KEYS[edits]:
            raise RuleError(
                f"{asked.names} has {n_keys:,} different texts; typos are looked for "
                f"among at most {MOST_KEYS[edits]:,}",
                hint="leave max_edits out, or look at fewer rows with where",
                key="max_edits",
            )
        return self.planned(
            asked,
            what,
            count_sql=count_near(relation, key, text, edits),
            sample_sql=near_rows(relation, key, text, edits),
            **more,
        )


def _figures(asked: Asked) -> tuple[str, str, str]:
    if asked["max_edits"] not in MOST_KEYS and asked["max_edits"] != 0:
        raise RuleError("max_edits is 0, 1 or 2", key="max_edits")
    key, text = _key(asked), _text(asked)
    both = f"case when {key} is not null then row({key}, {text}) end"
    return f"count({key})", f"count(distinct {key})", f"count(distinct {both})"


def _text(asked: Asked) -> str:
    return written([column.sql for column in asked.columns])


def _key(asked: Asked) -> str:
    key = f"nullif({folded(_text(asked))}, '')"
    return f"case when {asked.where} then {key} end" if asked.where else key


plugin = NoNearDuplicates()
