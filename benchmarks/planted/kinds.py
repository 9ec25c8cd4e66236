"""Everything that can be planted, by kind."""

from __future__ import annotations

from collections.abc import Callable

from planted import effects, faults
from planted.columns import Table

EFFECTS: dict[str, Callable[[Table, str], None]] = {
    f.__name__: f
    for f in (
        effects.linear_driver,
        effects.nonlinear_driver,
        effects.interaction,
        effects.segment_outlier,
        effects.heteroscedasticity,
        effects.change_point,
        effects.segment_change_point,
        effects.trend,
        effects.seasonality,
        effects.point_anomaly,
        effects.simpsons_paradox,
        faults.leakage,
        faults.missing_dependent,
        faults.quality_break,
        faults.duplicate_rows,
        faults.near_fd,
        faults.unit_mixup,
        effects.bimodal,
        effects.dominance,
        effects.clusters,
        effects.imbalance_driver,
        effects.multicollinearity,
        effects.lagged,
        effects.drift,
    )
}
