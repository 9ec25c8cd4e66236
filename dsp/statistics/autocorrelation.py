"""How far values resemble those before them, from exact sums."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from dsp.engine import DuckEngine
from dsp.engine.tables import source_of, stored_table
from dsp.errors import ColumnNotFoundError, DspError
from dsp.inference.rational import as_float
from dsp.statistics.base import NUMERIC, columns_of
from dsp.statistics.exact import Moved
from dsp.statistics.exact_sums import Whole
from dsp.statistics.regression.design import centre_of


@dataclass(frozen=True, slots=True)
class Autocorrelation:
    """The correlation of a column with itself some rows before.

    Attributes
    ----------
    value
        From about -1 to 1; None where it is not defined.
    lag
        Rows between the values.
    n
        Finite values; the others are skipped.
    reason
        Why there is no value.
    evidence_sql
        Query that gives the sums it is made of.
    """

    value: float | None
    lag: int
    n: int
    reason: str | None
    evidence_sql: str


def autocorrelation(
    engine: DuckEngine, table: Any, column: str, *, lag: int
) -> Autocorrelation:
    """Return the autocorrelation of a column; see `StatisticsEngine.autocorrelation`."""
    source = source_of(engine, table)
    known = {c.name: c for c in columns_of(engine, source)}
    if column not in known:
        raise ColumnNotFoundError.of(column, list(known))
    found = known[column]
    if found.family not in NUMERIC:
        raise DspError(
            f'"{column}" holds {found.data_type}, which has no autocorrelation',
            hint="name a column of numbers",
        )
    if lag < 1:
        raise DspError(f"a lag of {lag} rows is none", hint="give 1 or more")
    plain = found.number if found.family == "float" else found.sql
    n, low, high, mean = engine.rows(
        f"select count({plain}), cast(min({plain}) as varchar), "
        f"cast(max({plain}) as varchar), avg({found.number}) from {source}"
    )[0]
    centre = 0.0 if low is None else centre_of(mean, float(low), float(high))
    moved = Moved.of(found, low or 0, high or 0, centre)
    whole = Whole.of(moved, n)
    stored = stored_table(engine, table)
    place = "row_number() over ()" if stored is None or stored.is_view else "rowid"
    text = (
        f"-- sums of values in units of {float(whole.unit)!r} around "
        f"{float(whole.origin)!r}, d, and of those {lag} rows later, e\n"
        "select count(d) as n, sum(d) as d, sum(cast(d as hugeint) * d) as dd,\n"
        "    sum(cast(d as hugeint) * e) as de, sum(e) as later,\n"
        "    sum(d) filter (where e is not null) as sooner\n"
        f"from (\n    select d, lead(d, {lag:d}) over (order by k) as e\n"
        f"    from (\n        select {whole.sql} as d, {place} as k\n"
        f"        from {source}\n    )\n    where d is not null\n)"
    )
    n, total, squares, products, later, sooner = engine.rows(text)[0]
    value = None
    if n > lag:
        m = Fraction(int(total), n)
        spread = int(squares) - n * m * m
        if spread > 0:
            shared = int(products) - m * (int(later) + int(sooner)) + (n - lag) * m * m
            value = as_float(shared / spread)
    reason = None
    if value is None:
        reason = "the values do not vary" if n > lag else "fewer values than the lag"
    return Autocorrelation(value, lag, n, reason, text)
