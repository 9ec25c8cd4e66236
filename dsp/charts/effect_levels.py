"""What a model says for each level of a category."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.charts.base import Facts, Look, Plan, short
from dsp.charts.effect import effect_sql, effect_title, shown_effects
from dsp.charts.importance import ImportanceBars


class EffectLevels(ImportanceBars):
    """Draws label, value, low and high as bars with an interval."""

    name = "effect_levels"

    def plan(self, facts: Facts) -> Sequence[Plan]:
        """Return the effects of the most important categories."""
        best = facts.best
        if best is None:
            return []
        plans = []
        for rank, feature, label in shown_effects(facts, is_number=False):
            value = effect_title(facts, label)
            plans.append(
                Plan(
                    f"model_effect_{rank}",
                    "model",
                    f"{value} by {short(feature)}",
                    f"Mean prediction with {short(feature)} set to each level, on "
                    "held-out rows, with the 95% interval of the mean.",
                    effect_sql(best.model_id, feature, label, "level as label"),
                    Look(
                        value, short(feature), columns=("label", "value", "low", "high")
                    ),
                    column_name=feature,
                )
            )
        return plans


plugin = EffectLevels()
