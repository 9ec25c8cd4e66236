"""Columns that show themselves: a profile card each, and a mapping by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, ClassVar, TypeVar

from dsp.errors import ColumnNotFoundError
from dsp.numbers import amount, count, counted, day, is_year, level, plain, share
from dsp.records import ColumnProfile
from dsp.result.blocks import (
    INSIGHT,
    Block,
    Code,
    Facts,
    Grid,
    Heading,
    Picture,
    Words,
)
from dsp.result.drawings import both_themes
from dsp.result.fragments import image
from dsp.result.plain import line
from dsp.result.shown import Shown

if TYPE_CHECKING:
    from dsp.engine import Store
    from dsp.records import HistogramBin, TopValue

R = TypeVar("R", "HistogramBin", "TopValue")
NUMBERS = ("integer", "decimal", "float")
DATES = ("date", "timestamp")
PRIVATE_ROLES = ("identifier", "text")
PRIVATE_TYPES = ("email", "url", "phone")
TOPS = 5
WIDTH, HEIGHT = 300, 58
LEVELS = "▁▂▃▄▅▆▇█"


class RunColumn(Shown, ColumnProfile):
    """A column of a run: the record `ColumnProfile`, with histogram and frequent values.

    It equals the record with the same values.
    """

    __slots__ = ("_bins", "_is_personal", "_tops")
    _bins: Sequence[HistogramBin]
    _tops: Sequence[TopValue]
    _is_personal: bool

    HTML_LIMIT: ClassVar[int] = INSIGHT

    @classmethod
    def of(
        cls,
        profile: ColumnProfile,
        bins: Sequence[HistogramBin],
        tops: Sequence[TopValue],
        *,
        is_personal: bool,
    ) -> RunColumn:
        """Return a column with the rows of other tables that tell of it."""
        values = {f.name: getattr(profile, f.name) for f in fields(ColumnProfile)}
        made = cls(**values)
        object.__setattr__(made, "_bins", tuple(sorted(bins, key=lambda b: b.bin)))
        object.__setattr__(made, "_tops", tuple(sorted(tops, key=lambda t: t.rank)))
        object.__setattr__(made, "_is_personal", is_personal)
        return made

    @property
    def is_private(self) -> bool:
        """Whether its values are not shown: they identify, or are free text."""
        return (
            getattr(self, "_is_personal", False)
            or self.role in PRIVATE_ROLES
            or self.semantic_type in PRIVATE_TYPES
        )

    def blocks(self) -> Sequence[Block]:
        """Return type, figures, histogram or frequent values, and query."""
        known = self.role if self.role != self.semantic_type else ""
        kinds = ", ".join(k for k in (self.data_type, self.semantic_type, known) if k)
        found: list[Block] = [Heading(self.column_name), Words(kinds, is_quiet=True)]
        found.append(Facts(self.figures()))
        bins = getattr(self, "_bins", ())
        tops = [t for t in getattr(self, "_tops", ()) if t.value is not None]
        if self.is_private:
            found.append(Words("Its values are not shown.", is_quiet=True))
        elif bins and self.family in (*NUMBERS, *DATES):
            found.append(histogram(self.column_name, bins))
        elif tops:
            rows = [(t.value, t.n_rows, share(t.fraction)) for t in tops[:TOPS]]
            found.append(Grid(("value", "rows", "share"), rows))
        if self.reason:
            found.append(Words(self.reason, is_quiet=True))
        return [*found, Code(self.profile_sql)]

    def figures(self) -> list[tuple[str, str]]:
        """Return its figures with their names."""
        missing = self.n_null / self.n_rows if self.n_rows else None
        distinct = count(self.n_distinct)
        found = [
            ("missing", share(missing)),
            ("distinct", distinct if self.distinct_exact else f"≈ {distinct}"),
        ]
        if self.is_private:
            return found
        ends = (self.min_number, self.max_number)
        is_plain = is_year(self.column_name, *ends)
        at, of = (plain, plain) if is_plain else (level, amount)
        if self.family in NUMBERS and self.n_null < self.n_rows:
            found += [("minimum", at(self.min_number)), ("median", at(self.q50))]
            found += [("mean", of(self.mean)), ("maximum", at(self.max_number))]
            found.append(("standard deviation", amount(self.sd)))
        if self.family in DATES:
            found += [("first", day(self.min_value)), ("last", day(self.max_value))]
        return found

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ColumnProfile):
            return NotImplemented
        return all(getattr(self, f.name) == getattr(other, f.name) for f in fields(self))

    __hash__ = ColumnProfile.__hash__

    def __repr__(self) -> str:
        missing = self.n_null / self.n_rows if self.n_rows else None
        return (
            f"<dsp.Column {line(self.column_name, 80)}: {line(self.data_type, 60)}, "
            f"{self.role}, {count(self.n_distinct)} distinct, {share(missing)} missing>"
        )


class Columns(Shown, Mapping[str, RunColumn]):
    """The columns of a run by name, in the order of the data."""

    __slots__ = ("_columns",)

    def __init__(self, columns: Sequence[RunColumn]) -> None:
        placed = sorted(columns, key=lambda column: column.position)
        self._columns = {column.column_name: column for column in placed}

    @classmethod
    def read(cls, store: Store) -> Columns:
        """Return the columns that the tables of a run tell of."""
        from dsp.records import HistogramBin, PersonalData, TopValue

        bins = _by_column(b for b in store.read(HistogramBin) if b.kind == "width")
        tops = _by_column(store.read(TopValue))
        personal = {row.column_name for row in store.read(PersonalData)}
        return cls(
            [
                RunColumn.of(
                    profile,
                    bins.get(profile.column_name, ()),
                    tops.get(profile.column_name, ()),
                    is_personal=profile.column_name in personal,
                )
                for profile in store.read(ColumnProfile)
            ]
        )

    def __getitem__(self, name: str) -> RunColumn:
        if name not in self._columns:
            raise ColumnNotFoundError.of(str(name), self._columns, where="the run")
        return self._columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def blocks(self) -> Sequence[Block]:
        """Return one row a column."""
        rows = [
            (
                c.column_name,
                c.data_type,
                c.role,
                share(c.n_null / c.n_rows if c.n_rows else None),
                count(c.n_distinct),
                "" if c.is_private else _middle(c),
            )
            for c in self.values()
        ]
        heads = ("column", "type", "role", "missing", "distinct", "median or first")
        title = counted(len(self), "column").capitalize()
        return [Heading(title), Grid(heads, rows, "column")]

    def __repr__(self) -> str:
        return f"<dsp.Columns {line(', '.join(self), 200)}>"


def histogram(name: str, bins: Sequence[HistogramBin]) -> Picture:
    """Return bins as a small drawing: bars, and block elements where text is shown."""
    counts = [b.n_rows for b in bins]
    highest = max(counts, default=0) or 1
    step = WIDTH / max(1, len(counts))
    bars = "".join(
        f'<rect x="{step * i:.2f}" y="{HEIGHT * (1 - n / highest):.2f}" '
        f'width="{step * 0.9:.2f}" height="{HEIGHT * n / highest:.2f}"/>'
        for i, n in enumerate(counts)
        if n
    )
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}"><g fill="#2563d9">{bars}</g></svg>'
    )
    signs = "".join(LEVELS[round(7 * n / highest)] for n in counts)
    alt = f"Histogram of {line(name, 80)}"
    return Picture(lambda: image(both_themes(svg), alt=alt, width=WIDTH), signs)


def _middle(column: RunColumn) -> str:
    if column.family in DATES:
        return day(column.min_value)
    is_plain = is_year(column.column_name, column.min_number, column.max_number)
    return (plain if is_plain else level)(column.q50)


def _by_column(rows: Iterable[R]) -> dict[str, list[R]]:
    found: dict[str, list[R]] = {}
    for row in rows:
        found.setdefault(row.column_name, []).append(row)
    return found
