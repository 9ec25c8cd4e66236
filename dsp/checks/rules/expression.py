"""An Ibis expression of your own is true (from Python: `dsp.check`)."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Figures, Plan, count_if
from dsp.checks.conditions import bound, broken
from dsp.checks.expressions import Expression, read_expression
from dsp.checks.kind import ANY, Asked, Example, Kind, known, nothing, refused
from dsp.errors import RuleError


class CustomExpression(Kind):
    """Holds that an Ibis expression is true, for every row or for the table."""

    name = "expression"
    title = "an Ibis expression of your own is true (Python only)"
    dimension = "consistency"
    n_columns = ANY
    nulls = "unknown passes; a row for which the expression cannot be computed fails"
    example = Example(
        toml="",
        passing={"revenue": [2, 3, None], "cost": [1, 3, 1]},
        failing={"revenue": [1, 3], "cost": [2, 3]},
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Count with all other rules, where the expression looks at one row at a time."""
        found = _read(asked)
        if found.is_figure:
            return [found.inline] if found.inline else []
        if found.inline:
            return [_seen(asked), count_if(_predicate(asked, found))]
        return [_seen(asked)]

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check."""
        found = _read(asked)
        what = asked.rule.name or "the expression is true"
        if found.is_figure:
            return self._of_table(asked, found, figures, what)
        n_rows = known(figures, _seen(asked))
        said = f"All {{rows}} {{rows:row}} {{rows:passes|pass}}: {what}."
        fails = f"{{n}} of {{rows}} {{rows:row}} ({{percent}}) {{n:fails|fail}}: {what}."
        if found.inline:
            predicate = _predicate(asked, found)
            return self.planned(
                asked,
                what,
                passed=said,
                failed=fails,
                predicate=predicate,
                n_rows=n_rows,
                nothing=nothing(asked),
            )
        source = f"from (\n{found.query}\n) as t where {asked.among('not dsp_holds')}"
        return self.planned(
            asked,
            what,
            passed=said,
            failed=fails,
            n_rows=n_rows,
            count_sql=f"select count(*) as n_failed {source}",
            sample_sql=f"select dsp_row_number {source} order by 1 limit 10",
            nothing=nothing(asked),
        )

    def _of_table(
        self, asked: Asked, found: Expression, figures: Figures, what: str
    ) -> Plan:
        relation = asked.subject.relation
        if found.inline:
            refused(figures, found.inline)
            holds = figures.get(found.inline)
            query = f"select {found.inline} as dsp_holds from {relation.sql} as t"
        else:
            query = found.query
            holds = relation.engine.rows(query)[0][0]
        return self.planned(
            asked,
            what,
            passed=f"It holds: {what}.",
            failed=f"It does not hold: {what}.",
            n_failed=int(holds is False),
            n_rows=0 if holds is None else 1,
            count_sql="select count(*) as n_failed from "
            f"(\n{query}\n) as t where not dsp_holds",
            nothing="the expression is unknown (null)",
        )


def _seen(asked: Asked) -> str:
    return asked.filtered("count(*)")


def _read(asked: Asked) -> Expression:
    if asked.rule.expression is None:
        raise RuleError(
            "an expression cannot be written in a rules file",
            hint='use dsp.check(…) in Python, or kind = "sql"',
        )
    return read_expression(asked.rule.expression, asked.subject, asked.where)


def _predicate(asked: Asked, found: Expression) -> str:
    what = f'the expression "{asked.rule.name}"'
    return asked.among(broken(bound(found.inline, asked.subject.relation, what)))


plugin = CustomExpression()
