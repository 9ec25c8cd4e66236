"""What every transform declares, and the expressions they share."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import cached_property
from typing import Any

from dsp.cleaning import TransformSettings
from dsp.engine.relation import Field, Figures, Relation, count_if, literal
from dsp.errors import ColumnNotFoundError, DspError
from dsp.records import CheckResult

BLANKS = " \t\n\r\v\f\u00a0"
"""Characters that count as white space at the ends of a text."""

SLOT = "{value}"
"""Where a template takes the value."""

AS_LOADED, AS_TYPED, AS_GROUPED, AS_FILLED, AS_DERIVED = range(1, 6)
"""Layers: a transform sees the table as all transforms of lower layers leave it."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change of the table that a transform proposes.

    Attributes
    ----------
    column
        Name of the column it is about; empty when it is about rows or the whole table.
    template
        SQL of the column's new value over ``{value}``, the value as the steps before
        left it. Empty when `select` says what is done.
    reason
        Why, one sentence.
    n_changed
        Values or rows that are changed; None when it is not counted.
    source
        Column that ``{value}`` stands for, where `column` is made anew from it.
    select
        A select statement over a table ``input``, for what is more than the values of
        one column. It keeps the order of rows and does not begin with ``with``.
    columns
        Columns that are changed or made, where that is not `column` alone.
    n_dropped
        Rows that go.
    kept
        Where rows go: a query over ``input`` of the numbers (from 1) of those that stay.
    renamed
        New names by old names.
    setting
        How it is asked for, in the words of ``--transform``; empty for what happens
        without being asked.
    evidence
        What was found, as plain values.
    """

    column: str
    template: str
    reason: str
    n_changed: int | None
    _: KW_ONLY
    source: str = ""
    select: str = ""
    columns: tuple[str, ...] = ()
    n_dropped: int = 0
    kept: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    setting: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Scene:
    """The table as a layer finds it.

    Attributes
    ----------
    relation
        The table as SQL.
    figures
        Aggregates of it.
    asked
        What the user asked for.
    n_rows
        Its rows.
    target, time
        Columns with a role.
    checks
        What the checks found in the table; may spare a scan.
    origins
        For suggestions: the name as loaded of every column that was loaded.
    """

    relation: Relation
    figures: Figures
    asked: TransformSettings
    n_rows: int
    target: str | None = None
    time: str | None = None
    checks: Collection[CheckResult] = ()
    origins: Mapping[str, str] | None = None

    @cached_property
    def heads(self) -> dict[str, list[str]]:
        """Distinct texts of every text column; extremes where the first rows are null."""
        heads = self.relation.head()
        empty = [self.relation[name] for name, texts in heads.items() if not texts]
        ends = {
            c.name: [f"left({end}({c.sql}), 100)" for end in ("min", "max")]
            for c in empty
        }
        self.figures.ask(sql for pair in ends.values() for sql in pair)
        for name, pair in ends.items():
            found = map(self.figures.get, pair)
            heads[name] = [text for text in found if text is not None]
        return heads

    @property
    def names(self) -> list[str]:
        """Names of the columns, in order."""
        return [column.name for column in self.relation.columns]

    @property
    def loaded(self) -> dict[str, str]:
        """Names as loaded, by which columns are asked for; without columns made since."""
        names = {name: name for name in self.names}
        return names if self.origins is None else dict(self.origins)

    def after(self, relation: Relation, n_rows: int) -> Scene:
        """Return the scene when changes have left another table and as many rows."""
        return replace(
            self,
            relation=relation,
            figures=Figures(relation, tick=self.figures.tick),
            n_rows=n_rows,
        )

    def column(self, name: str) -> Field:
        """Return a column that was asked for.

        Raises
        ------
        ColumnNotFoundError
            There is none of the name.
        """
        if name not in self.names:
            raise ColumnNotFoundError.of(name, self.names)
        return self.relation[name]

    def count(self, aggregate: str) -> int:
        """Return a count that was measured, 0 when it is not known."""
        return number_of(self.figures, aggregate)

    def figure(self, aggregate: str) -> Any:
        """Return an aggregate that was measured.

        Raises
        ------
        DspError
            The engine refused it.
        """
        if aggregate in self.figures.refused:
            raise DspError(self.figures.refused[aggregate])
        return self.figures.get(aggregate)

    def free(self, name: str) -> str:
        """Return the name, or the name with a number, so that no column has it."""
        taken = {column.name.casefold() for column in self.relation.columns}
        return free_name(name, taken)


class Transform:
    """A kind of cleaning: one file of this room with a ``plugin`` of this class.

    A transform may change the table (`wanted`, `details` and `changes`, called layer by
    layer) and may suggest what it would change if it were asked (`clues`, `proofs` and
    `suggestions`, called on a clean table). Aggregates that all transforms return in
    one round share their scans.

    Attributes
    ----------
    name
        Name in the table ``steps``.
    layer, order
        When it is applied: by layer, then by order.
    is_cast
        Whether it changes types without being asked. A column gets at most one of them,
        the first that fits, and none when its type was asked for.
    is_asked
        Whether it changes something only when it is asked to; its errors stop the run,
        while those of others leave the column as it was.
    """

    name: str
    layer: int = AS_LOADED
    order: int = 0
    is_cast: bool = False
    is_asked: bool = True

    def wanted(self, scene: Scene) -> Iterable[str]:
        """Return the aggregates that the changes need."""
        return ()

    def details(self, scene: Scene) -> Iterable[str]:
        """Return further aggregates, where those of `wanted` left something open."""
        return ()

    def changes(self, scene: Scene) -> Iterable[Proposal]:
        """Return what is changed: without being asked, or because it was asked for."""
        return ()

    def clues(self, scene: Scene) -> Iterable[str]:
        """Return cheap aggregates that may rule suggestions out."""
        return ()

    def proofs(self, scene: Scene) -> Iterable[str]:
        """Return the aggregates that suggestions need, where clues left them open."""
        return ()

    def suggestions(self, scene: Scene) -> Iterable[Proposal]:
        """Return what could be asked for, with its evidence."""
        return ()


class ColumnTransform(Transform):
    """A transform that looks at one column at a time, without being asked.

    `head` holds distinct texts of the first rows (None for columns that are not text,
    empty where the column is null throughout); it may rule the transform out.
    """

    is_asked = False

    def measures(self, column: Field, head: list[str] | None) -> Iterable[str]:
        """Return the aggregates on the raw column that the decision needs."""
        raise NotImplementedError

    def counts(self, column: Field, figures: Figures) -> Iterable[str]:
        """Return further aggregates, where `measures` found something to count."""
        return ()

    def propose(
        self, column: Field, head: list[str] | None, figures: Figures
    ) -> Proposal | None:
        """Return the change of the column, or None to leave it as it is."""
        raise NotImplementedError

    def wanted(self, scene: Scene) -> Iterable[str]:
        """Return what the decisions on all columns need."""
        heads = scene.heads
        for column in self._columns(scene):
            yield from self.measures(column, heads.get(column.name))

    def details(self, scene: Scene) -> Iterable[str]:
        """Return the counts of all columns."""
        for column in self._columns(scene):
            yield from self.counts(column, scene.figures)

    def changes(self, scene: Scene) -> Iterable[Proposal]:
        """Return the changes of all columns."""
        heads = scene.heads
        for column in self._columns(scene):
            found = self.propose(column, heads.get(column.name), scene.figures)
            if found is not None:
                yield found

    def _columns(self, scene: Scene) -> list[Field]:
        skipped = scene.asked.casts if self.is_cast else ()
        return [c for c in scene.relation.columns if c.name not in skipped]


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name that is not among those taken, which are in lower case.

    Examples
    --------
    >>> free_name("Age_missing", {"age_missing"})
    'Age_missing_2'
    """
    found, number = name, 1
    while found.casefold() in taken:
        number += 1
        found = f"{name}_{number}"
    return found


def trimmed(value: str) -> str:
    """Return the SQL of a text without white space at its ends."""
    return f"trim({value}, {literal(BLANKS)})"


def bare(column: Field) -> str:
    """Return the SQL of a text as blank_to_null and trim leave it."""
    return f"nullif({trimmed(column.sql)}, '')"


def untidy(column: Field) -> str:
    """Return the aggregate that counts texts that are blank or have padding."""
    return count_if(f"{column.sql} <> {trimmed(column.sql)} or {column.sql} = ''")


def bare_head(head: Iterable[str]) -> list[str]:
    """Return the texts without white space at their ends, blank ones left out."""
    return [text for text in (item.strip(BLANKS) for item in head) if text]


def templated(sql: str, value: str) -> str:
    """Return a template with its ``{value}`` filled in."""
    return sql.replace(SLOT, value)


def number_of(figures: Mapping[str, object] | Figures, sql: str) -> int:
    """Return a count from the figures, 0 when it is not known."""
    found = figures.get(sql)
    return int(found) if isinstance(found, int) else 0


def plain(text: str) -> str:
    """Return text as a SQL string that a template can hold: without its slot."""
    written = literal(text)
    return "(" + written.replace(SLOT, "{val' || 'ue}") + ")" if SLOT in text else written


def replacing(column: Field, value: str) -> str:
    """Return the statement over ``input`` that gives a column a new value."""
    return f"select * replace ({value} as {column.sql}) from input"
