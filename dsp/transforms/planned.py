"""Changes in order, as one statement, as steps, and as the rows that are left."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dsp.engine import DuckEngine
from dsp.engine.relation import Field, Relation, quote
from dsp.records import Step
from dsp.transforms.base import SLOT, Proposal, templated

LONG = 2_000
"""Characters that copies of one expression may take in another."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A change with the transform it comes from and the rows it meets."""

    transform: str
    proposal: Proposal
    n_rows: int


def composed(source: str, proposals: Iterable[Proposal]) -> str:
    """Return changes in order as one query that reads from `source` (quoted SQL).

    Changes of single columns that follow each other are one select with nested
    expressions: 3,000 of them would be too deep for as many queries.
    """
    current, block = source, _Block()
    for proposal in proposals:
        if proposal.select:
            current = (
                f"(\nwith input as not materialized (from {block.over(current)} as t)\n"
                f"{proposal.select}\n)"
            )
            block = _Block()
        else:
            if block.is_too_long_for(proposal):
                current, block = block.over(current), _Block()
            block.add(proposal)
    return block.over(current)


@dataclass
class _Block:
    """New values of columns, and values of new columns, as one select."""

    replaced: dict[str, str] = field(default_factory=dict)
    made: dict[str, str] = field(default_factory=dict)

    def add(self, proposal: Proposal) -> None:
        """Nest the expression of a change in those of the changes before it."""
        expression = templated(proposal.template, self._value(proposal))
        is_made = bool(proposal.source) or proposal.column in self.made
        (self.made if is_made else self.replaced)[proposal.column] = expression

    def is_too_long_for(self, proposal: Proposal) -> bool:
        """Return whether nesting would copy a long expression several times."""
        n_copies = proposal.template.count(SLOT)
        return n_copies > 1 and n_copies * len(self._value(proposal)) > LONG

    def over(self, source: str) -> str:
        """Return the select over a source; the source itself where nothing changes."""
        if not (self.replaced or self.made):
            return source
        replaced, made = (
            ",\n    ".join(f"{e} as {quote(name)}" for name, e in listed.items())
            for listed in (self.replaced, self.made)
        )
        changed = f" replace (\n    {replaced}\n)" if replaced else ""
        added = f",\n    {made}" if made else ""
        return f"(\nselect *{changed}{added}\nfrom {source} as t\n)"

    def _value(self, proposal: Proposal) -> str:
        name = proposal.source or proposal.column
        return self.made.get(name) or self.replaced.get(name) or quote(name)


def statement(source: str) -> str:
    """Return what can stand after ``from`` as a statement of its own."""
    return f"select *\nfrom {source} as t"


def result_of(relation: Relation, proposals: Sequence[Proposal]) -> Relation:
    """Return the relation after changes; asks the engine for its columns only."""
    if not proposals:
        return relation
    sql = composed(relation.sql, proposals)
    return Relation(relation.engine, sql, described(relation.engine, sql), is_table=False)


def described(engine: DuckEngine, sql: str) -> tuple[Field, ...]:
    """Return the columns of what can stand after ``from``."""
    rows = engine.rows(f"describe from {sql} as t")
    return tuple(Field(row[0], row[1], position) for position, row in enumerate(rows))


def steps_of(planned: Iterable[Planned], status: str) -> tuple[Step, ...]:
    """Return the rows of ``steps`` for changes that are applied or proposed."""
    return tuple(_step(item, status, n) for n, item in enumerate(planned, 1))


def kept_rows(source: str, proposals: Sequence[Proposal]) -> str | None:
    """Return the query of the input rows behind the rows of the result, None for all.

    One row of it is a run: rows from `row_number` on are those of the input from
    `input_row_number` on, until the next run begins.
    """
    dropping = [i for i, proposal in enumerate(proposals) if proposal.kept]
    if not dropping:
        return None
    first = dropping[0]
    before = composed(source, proposals[:first])
    numbers = (
        "select row_number() over (order by n) as row_number, n as input_row_number\n"
        f"from (\nwith input as not materialized (from {before} as t)\n"
        f"{proposals[first].kept}\n) as k(n)"
    )
    return (
        "select row_number, input_row_number\n"
        f"from ({numbers}) as numbered\n"
        "qualify input_row_number - row_number is distinct from "
        "lag(input_row_number - row_number) over (order by row_number)\n"
        "order by row_number"
    )


def renames(proposals: Iterable[Proposal]) -> dict[str, str]:
    """Return the new names of columns by those they had as loaded."""
    return {old: new for p in proposals for old, new in p.renamed.items()}


def _sql(proposal: Proposal) -> str:
    """Return a change as a statement over ``input``."""
    if proposal.select:
        return proposal.select
    expression = templated(proposal.template, quote(proposal.source or proposal.column))
    if proposal.source:
        return f"select *, {expression} as {quote(proposal.column)} from input"
    return f"select * replace ({expression} as {quote(proposal.column)}) from input"


def _step(item: Planned, status: str, position: int) -> Step:
    proposal = item.proposal
    column = (proposal.column,) if proposal.column else ()
    return Step(
        position=position,
        transform=item.transform,
        columns=proposal.columns or column,
        reason=proposal.reason,
        sql=_sql(proposal),
        n_rows_before=item.n_rows,
        n_rows_after=item.n_rows - proposal.n_dropped,
        n_changed=proposal.n_changed,
        is_reversible=True,
        status=status,
        setting=proposal.setting or None,
        evidence=json.dumps(proposal.evidence, ensure_ascii=False, default=str)
        if proposal.evidence
        else None,
    )
