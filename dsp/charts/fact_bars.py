"""Two bars for a fact: what its one row of evidence counts, beside the rest."""

from __future__ import annotations

from typing import NamedTuple

from dsp.engine.duckdb_engine import literal

SHARE = "Share of rows"


class Sides(NamedTuple):
    """The two bars of a fact.

    Attributes
    ----------
    label, other
        Names of the bars.
    rest
        SQL of the second one over the row of evidence; the first is its ``value``.
    measures
        What both measure; ``{}`` is the column.
    """

    label: str
    other: str
    rest: str = "1 - value"
    measures: str = SHARE


SIDES = {
    "missing_share": Sides("missing", "known"),
    "share_beyond": Sides("far out", "within"),
    "agreement": Sides("as the rule says", "otherwise"),
    "distinct_values": Sides("distinct values", "rows", "n_rows", "Count"),
    "skewness": Sides("mean", "median", "baseline", "{}"),
}
"""By the effect of a fact."""
SHARES = {
    "duplicate_rows": Sides("copies", "other rows"),
    "zero_inflated": Sides("zero", "other values"),
    "sentinel": Sides("placeholder", "other values"),
}
"""By the kind of a fact whose effect is a share of rows."""


def sides(kind: str, effect_name: str | None) -> Sides | None:
    """Return what the two bars of a fact are; None where it has no such picture."""
    if effect_name == "share_of_rows":
        return SHARES.get(kind)
    return SIDES.get(effect_name or "")


def fact_bars(evidence: str, shown: Sides) -> str:
    """Return SQL that gives the one row of a fact as two bars: label, value.

    Parameters
    ----------
    evidence
        SQL of one row with ``value`` and what the other side is made of.
    """
    return (
        f"with evidence as (\n{evidence}\n),\nbars as (\n"
        f"    select 1 as place, {literal(shown.label)} as label,\n"
        "        cast(value as double) as value\n    from evidence\n    union all\n"
        f"    select 2, {literal(shown.other)}, cast({shown.rest} as double)\n"
        "    from evidence\n)\nselect label, value\nfrom bars\norder by place"
    )
