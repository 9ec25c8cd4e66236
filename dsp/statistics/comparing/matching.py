"""Rows of two tables matched by a key, as SQL; and when two values are equal."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dsp.errors import SettingError
from dsp.statistics.comparing.sides import Pair, Sides


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far numbers may be apart and still count as equal.

    Attributes
    ----------
    text
        As it was given: ``0.01``, or ``0.1%`` of the larger value.
    """

    text: str = ""

    @property
    def value(self) -> float:
        """The distance, or the share of the larger value.

        Raises
        ------
        SettingError
            The text is no number that is zero or more.
        """
        found = re.fullmatch(r"\s*([0-9.]+(?:[eE][+-]?[0-9]+)?)\s*%?\s*", self.text)
        try:
            number = float(found[1]) if found else -1.0
        except ValueError:
            number = -1.0
        if number < 0 or number == float("inf"):
            raise SettingError(
                f'"{self.text}" is no tolerance', hint="give 0.01, or 0.1% of the values"
            )
        return number / 100 if "%" in self.text else number

    def differ(self, pair: Pair, a: str, b: str) -> str:
        """Return the predicate that two values differ; two nulls, or NaN, do not."""
        plain = f"{a} is distinct from {b}"
        if not self.text or pair.kind != "number" or not self.value:
            return plain
        one, two = f"cast({a} as double)", f"cast({b} as double)"
        allowed = f"'{self.value!r}'::double"
        if "%" in self.text:
            allowed += f" * greatest(abs({one}), abs({two}))"
        close = f"isfinite({one} - {two}) and abs({one} - {two}) <= {allowed}"
        return f"({plain} and not coalesce({close}, false))"


@dataclass(frozen=True, slots=True)
class Match:
    """Rows of two tables matched by a key.

    Keys are ``k0, k1 ...`` and other columns ``c0, c1 ...`` in SQL, so that no name of
    the data meets another one.
    """

    sides: Sides
    key: tuple[Pair, ...]
    tolerance: Tolerance
    has_duplicates: bool = False

    @property
    def others(self) -> tuple[Pair, ...]:
        """The columns that are compared."""
        return tuple(pair for pair in self.sides.pairs if pair not in self.key)

    def keys(self, side: str) -> str:
        """Return the list of key columns of a table."""
        return ", ".join(
            f"{side_of(pair, side)} as k{i}" for i, pair in enumerate(self.key)
        )

    def table(self, side: str, only: str = "") -> str:
        """Return a query of the rows of a table that can be matched.

        Parameters
        ----------
        side
            ``a`` or ``b``.
        only
            Query of the keys that are wanted; all when empty.
        """
        mine = self.sides.a if side == "a" else self.sides.b
        columns = [f"{side_of(p, side)} as c{i}" for i, p in enumerate(self.others)]
        listed = ", ".join([self.keys(side), *columns, "true as is_there"])
        query = f"select {listed} from {mine.sql}"
        same = same_keys("d", "t", len(self.key))
        if only:
            # Such keys have been found among those that can be matched.
            return f"from ({query}) as t semi join ({only}) as d on {same}"
        if not self.has_duplicates:
            return query
        return (
            f"select * from ({query}) as t where not exists "
            f"(select 1 from ({self.duplicated()}) as d where {same})"
        )

    def duplicated(self) -> str:
        """Return a query of the keys that occur more than once in either table."""
        parts = (
            f"select {self.keys(side)} from {table.sql} group by all having count(*) > 1"
            for side, table in (("a", self.sides.a), ("b", self.sides.b))
        )
        return " union ".join(parts)

    def joined(self, only: str = "") -> str:
        """Return a query of every key: both rows, and ``d0, d1 ...`` for what differs."""
        differ = [
            self.tolerance.differ(pair, f"a.c{i}", f"b.c{i}")
            for i, pair in enumerate(self.others)
        ]
        flags = ", ".join(
            [
                "a.is_there is not null as in_a",
                "b.is_there is not null as in_b",
                *(f"{predicate} as d{i}" for i, predicate in enumerate(differ)),
            ]
        )
        return (
            f"select a, b, {flags} from ({self.table('a', only)}) as a full join "
            f"({self.table('b', only)}) as b on {same_keys('a', 'b', len(self.key))}"
        )

    @property
    def is_changed(self) -> str:
        """The predicate of a joined row that changed."""
        any_differs = " or ".join(f"d{i}" for i in range(len(self.others))) or "false"
        return f"in_a and in_b and ({any_differs})"


def side_of(pair: Pair, side: str) -> str:
    """Return SQL of the values of A (``a``) or B (``b``), in a type that compares."""
    one, two = pair.comparable()
    return one if side == "a" else two


def same_keys(one: str, two: str, n: int) -> str:
    """Return the predicate that two rows have the same key; null is null."""
    return " and ".join(f"{one}.k{i} is not distinct from {two}.k{i}" for i in range(n))
