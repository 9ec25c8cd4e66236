"""Texts hold no personal data."""

from __future__ import annotations

from collections.abc import Iterable

from dsp.checks.base import Field, Figures, Plan, integer, label
from dsp.checks.kind import ANY, Asked, Example, Kind, Parameter, known, listed, nothing
from dsp.engine.relation import literal
from dsp.errors import RuleError
from dsp.numbers import share
from dsp.semantic import SemanticType
from dsp.semantic.personal import MAY_HOLD, PERSONAL, is_personal, redacted


class NoPersonalData(Kind):
    """Holds that no text has an e-mail address, a card number or the like in it."""

    name = "no_personal_data"
    title = "texts hold no e-mail addresses, card numbers and the like"
    n_columns = ANY
    parameters = (
        Parameter(
            "types",
            "texts",
            f"What to look for; all of {', '.join(PERSONAL)} when not given.",
        ),
        Parameter(
            "by_name",
            "boolean",
            "Whether columns with names such as last_name hold personal data.",
            default=True,
        ),
    )
    nulls = "they hold nothing"
    example = Example(
        toml='[[rules]]\nkind = "no_personal_data"',
        passing={"note": ["call me", "order 4111 1111 1111 1112", None], "n": [1, 2, 3]},
        failing={
            "note": ["mail a.b@example.com", "4111 1111 1111 1111", "x", None],
            "n": [1, 2, 3, 4],
        },
        n_failed=2,
    )

    def measures(self, asked: Asked) -> Iterable[str]:
        """Count the rows, and for every column and type the values and the least one."""
        yield from (_rows(asked), _failing(asked))
        for column in _columns(asked):
            yield asked.filtered(f"count({column.sql})")
            for kind in _types(asked):
                yield from _found(asked, column, kind)

    def plan(self, asked: Asked, figures: Figures) -> Plan:
        """Plan the one check; failing rows are not copied into the results."""
        what = f"{asked.names or 'no column'} holds no personal data"
        what = what.replace("no column holds no", "no column holds")
        said = "; ".join(_said(asked, figures)).replace("{", "(").replace("}", ")")
        return self.planned(
            asked,
            what,
            passed="No personal data in {rows} {rows:row}.",
            failed="Personal data in {n} of {rows} {rows:row} ({percent}): " + said + ".",
            n_failed=known(figures, _failing(asked)),
            n_rows=known(figures, _rows(asked)),
            count_sql=f"select {_failing(asked)} as n_failed "
            f"from {asked.subject.relation.sql} as t",
            nothing=nothing(asked),
        )


def _types(asked: Asked) -> list[SemanticType]:
    chosen = asked["types"] or tuple(PERSONAL)
    unknown = [name for name in chosen if name not in PERSONAL]
    if unknown:
        raise RuleError(
            f'personal data of the type "{unknown[0]}" cannot be looked for',
            hint=f"types: {', '.join(PERSONAL)}",
            key="types",
        )
    return [PERSONAL[name] for name in chosen]


def _columns(asked: Asked) -> list[Field]:
    given = asked.columns or tuple(asked.subject.columns)
    return [c for c in given if c.family == "text"]


def _named(asked: Asked) -> list[Field]:
    given = asked.columns or tuple(asked.subject.columns)
    return [c for c in given if asked["by_name"] and is_personal(c.name)]


def _holds(column: Field, kind: SemanticType) -> str:
    part = f"regexp_extract({column.sql}, {literal(kind.inside or '')})"
    return kind.valid_sql(part)


def _rows(asked: Asked) -> str:
    return asked.filtered("count(*)")


def _failing(asked: Asked) -> str:
    """Return the aggregate that counts rows with personal data."""
    parts = [f"{column.sql} is not null" for column in _named(asked)]
    for column in _columns(asked):
        held = " or ".join(_holds(column, kind) for kind in _types(asked))
        may = f"regexp_matches({column.sql}, {literal(MAY_HOLD)})"
        parts.append(f"case when {may} then {held} else false end")
    return asked.filtered("count(*)", " or ".join(parts) or "false")


def _found(asked: Asked, column: Field, kind: SemanticType) -> tuple[str, str]:
    """Return how many values of a column hold a type, and the least that does."""
    part = f"regexp_extract({column.sql}, {literal(kind.inside or '')})"
    may = f"regexp_matches({column.sql}, {literal(MAY_HOLD)})"
    held = f"case when {may} then {_holds(column, kind)} else false end"
    return asked.filtered("count(*)", held), asked.filtered(f"min({part})", held)


def _said(asked: Asked, figures: Figures) -> Iterable[str]:
    for column in _columns(asked):
        n = integer(figures, asked.filtered(f"count({column.sql})"))
        for kind in _types(asked):
            count, least = _found(asked, column, kind)
            held = integer(figures, count)
            if held:
                yield (
                    f"{label(column.name)} holds {kind.many} in {share(held / n)} of its "
                    f"values, such as {redacted(str(figures.get(least)))}"
                )
    named = [label(column.name) for column in _named(asked)]
    if named:
        says = "says" if len(named) == 1 else "say"
        yield f"the {'name' if len(named) == 1 else 'names'} of {listed(named)} {says} so"


plugin = NoPersonalData()
