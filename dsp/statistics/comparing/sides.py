"""The two tables, and the columns that both have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dsp.engine.drift import as_number
from dsp.engine.relation import Field, Relation
from dsp.errors import ColumnNotFoundError, SettingError

NESTED = ("nested", "binary")
_TEXTS = ("text", "enum", "json")


@dataclass(frozen=True, slots=True)
class Pair:
    """A column that both tables have.

    Attributes
    ----------
    name
        Its name in A.
    a, b
        The column in each table.
    """

    name: str
    a: Field
    b: Field

    @property
    def kind(self) -> str:
        """What its values are: number, moment, category, or other for nested ones."""
        if self.a.family in NESTED or self.b.family in NESTED:
            return "other"
        if self.a.is_numeric and self.b.is_numeric:
            return "number"
        if self.a.is_temporal and self.b.is_temporal:
            return "moment"
        return "category"

    @property
    def is_measured(self) -> bool:
        """Whether its values have an order and distances."""
        return self.kind in ("number", "moment")

    @property
    def is_same_kind(self) -> bool:
        """Whether values compare as they are, not only as texts."""
        a, b = self.a, self.b
        are_texts = a.family in _TEXTS[:1] and b.family in _TEXTS[:1]
        return self.is_measured or a.data_type == b.data_type or are_texts

    def numbers(self) -> tuple[str, str]:
        """Return SQL of the values of A and B as doubles, null without one."""
        return as_number(self.a) or "null", as_number(self.b) or "null"

    def texts(self) -> tuple[str, str]:
        """Return SQL of the values of A and B as texts."""
        return f"cast({self.a.sql} as varchar)", f"cast({self.b.sql} as varchar)"

    def comparable(self) -> tuple[str, str]:
        """Return SQL of the values of A and B in types that compare."""
        return (self.a.sql, self.b.sql) if self.is_same_kind else self.texts()


@dataclass(frozen=True, slots=True)
class Sides:
    """Two tables in one database.

    Attributes
    ----------
    a, b
        The tables.
    pairs
        The columns that both have, in the order of A.
    """

    a: Relation
    b: Relation
    pairs: tuple[Pair, ...]

    def pair(self, name: str) -> Pair:
        """Return the pair of a column of A.

        Raises
        ------
        ColumnNotFoundError
            Not both tables have it.
        """
        for pair in self.pairs:
            if pair.name == name:
                return pair
        raise ColumnNotFoundError.of(
            name, [p.name for p in self.pairs], where="both tables"
        )

    def only(self, side: str) -> list[Field]:
        """Return the columns that only A (``a``) or only B (``b``) has."""
        mine = self.a if side == "a" else self.b
        taken = {getattr(pair, side).name for pair in self.pairs}
        return [column for column in mine.columns if column.name not in taken]


def sides_of(a: Relation, b: Relation, renames: Mapping[str, str]) -> Sides:
    """Pair the columns of two tables by name, or as `renames` says (A to B).

    Raises
    ------
    ColumnNotFoundError
        A renamed column is not there.
    SettingError
        A renamed column has a partner already.
    """
    there = {column.name: column for column in b.columns}
    for old, new in renames.items():
        a.find(old)
        b.find(new)
        if old in there and old != new:
            raise SettingError(
                f'"{old}" is in both tables, so "{new}" is no new name of it',
                hint="drop the rename",
            )
    taken = list(renames.values())
    if len(set(taken)) < len(taken):
        raise SettingError("two columns are renamed to one", hint="name each once")
    pairs = []
    for column in a.columns:
        partner = there.get(renames.get(column.name, column.name))
        is_taken = column.name in taken and column.name not in renames
        if partner is not None and not is_taken:
            pairs.append(Pair(column.name, column, partner))
    return Sides(a, b, tuple(pairs))


def names(columns: Sequence[Field]) -> tuple[str, ...]:
    """Return the names of columns."""
    return tuple(column.name for column in columns)
