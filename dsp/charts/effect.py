"""What a model says along a number, with the spread of its mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dsp.charts.base import (
    MAX_ROWS,
    Facts,
    Look,
    Plan,
    outside,
    short,
    sized,
    tick_of,
    tip_of,
    value_axis,
)
from dsp.engine.duckdb_engine import literal

SHOWN = 3


def shown_effects(facts: Facts, *, is_number: bool) -> list[tuple[int, str, str]]:
    """Return rank, column and label of the effects to draw: of numbers, or of levels.

    The last class stands for several; of two classes the second is stored alone.
    """
    best = facts.best
    if best is None or facts.engine is None:
        return []
    kind = "x is not null" if is_number else "level is not null"
    found = facts.engine.rows(
        "select i.rank, e.feature, max(coalesce(e.label, '')) as label\n"
        "from main.model_effects as e\n"
        "inner join main.importances as i using (model_id, feature)\n"
        f"where e.model_id = {literal(best.model_id)} and e.method = 'pdp' and e.{kind}\n"
        "    and i.mean > 0\n"
        "group by all\nhaving count(distinct e.position) > 1\n"
        f"order by i.rank\nlimit {SHOWN}"
    )
    return [(int(rank), str(name), str(label)) for rank, name, label in found]


def effect_sql(model_id: str, feature: str, label: str, x: str) -> str:
    """Return the query of the points of an effect."""
    return (
        f"select {x},\n    value,\n    low,\n    high\nfrom main.model_effects\n"
        f"where model_id = {literal(model_id)}\n    and method = 'pdp'\n"
        f"    and feature = {literal(feature)}\n"
        f"    and coalesce(label, '') = {literal(label)}\n"
        f"order by position\nlimit {MAX_ROWS}"
    )


def effect_title(facts: Facts, label: str) -> str:
    """Return what the value of an effect is."""
    best = facts.best
    target = short(best.target) if best else "prediction"
    if not label:
        return f"Predicted {target}"
    is_word = not label.replace(".", "", 1).lstrip("-").isdigit()
    is_word = is_word and label not in ("true", "false")
    return f"Probability of {short(label if is_word else f'{target} = {label}')}"


class EffectLine:
    """Draws x, value, low and high as a line with a band."""

    name = "effect"
    shape = frozenset({"x", "value", "low", "high"})

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the effects of the most important numbers."""
        best = facts.best
        if best is None:
            return []
        plans = []
        for rank, feature, label in shown_effects(facts, is_number=True):
            value = effect_title(facts, label)
            plans.append(
                Plan(
                    f"model_effect_{rank}",
                    "model",
                    f"{value} along {short(feature)}",
                    f"Mean prediction with {short(feature)} set to each value, on "
                    "held-out rows; the band is the 95% interval of the mean.",
                    effect_sql(best.model_id, feature, label, "x"),
                    Look(
                        value,
                        short(feature),
                        height=240,
                        columns=("x", "value", "low", "high"),
                    ),
                    column_name=feature,
                )
            )
        return plans

    def draw(self, data: Any, look: Look) -> Any:
        """Return the line over its band."""
        import altair as alt

        x = alt.X(
            "x",
            type="quantitative",
            title=look.label_title,
            axis=alt.Axis(labelExpr=tick_of(look.label_title), tickCount=6),
            scale=alt.Scale(zero=False, nice=False),
        )
        y = alt.Y(
            "value",
            type="quantitative",
            title=look.value_title,
            axis=value_axis(look, title=look.value_title),
            scale=alt.Scale(zero=False),
        )
        base = alt.Chart(data).encode(x=x)
        band = base.mark_area(opacity=0.15, color=look.color("c1")).encode(
            y=alt.Y("low", type="quantitative"), y2=alt.Y2("high")
        )
        line = base.mark_line(
            strokeWidth=2.25,
            color=look.color("c1"),
            point=alt.OverlayMarkDef(size=26, filled=True, color=look.color("c1")),
        ).encode(
            y=y,
            tooltip=[
                alt.Tooltip(
                    "x",
                    type="quantitative",
                    title=look.label_title,
                    format=tip_of(look.label_title),
                ),
                alt.Tooltip(
                    "value", type="quantitative", title=look.value_title, format=",.4~r"
                ),
                alt.Tooltip("low", type="quantitative", title="Low", format=",.4~r"),
                alt.Tooltip("high", type="quantitative", title="High", format=",.4~r"),
            ],
        )
        return sized(alt.layer(band, line), look)

    def aggregate(
        self, table: Any, *, x: str, value: str, low: str, high: str
    ) -> tuple[Any, Look]:
        """Return the columns under the names that are drawn, in order of x."""
        found = table.select(
            x=table[x], value=table[value], low=table[low], high=table[high]
        )
        look = Look(
            short(value), short(x), height=240, columns=("x", "value", "low", "high")
        )
        return found.order_by("x").limit(MAX_ROWS), outside(look)


plugin = EffectLine()
