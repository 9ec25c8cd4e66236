"""Names of kinds of insights."""

from __future__ import annotations


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


RELATIONS = _names(
    "driver nonlinear_driver interaction correlation association segment_outlier "
    "heteroscedasticity simpsons_paradox leakage multicollinearity functional_dependency "
    "cluster dominance trend change_point seasonality point_anomaly lagged drift "
    "missing_dependent quality_break unit_mixup imbalance_driver row_anomaly "
    "cohort_shift"
)
"""Claims about relations."""

FACTS = _names(
    "constant_column id_column missing_values duplicate_rows bimodal heavy_tail "
    "outlier_values top_share high_cardinality zero_inflated sentinel benford "
    "distribution"
)
"""Facts about one column or the table."""

KINDS = RELATIONS | FACTS
_SPOKEN = {
    "simpsons_paradox": "Simpson's paradox",
    "unit_mixup": "Unit mix-up",
    "id_column": "Identifier",
    "nonlinear_driver": "Non-linear driver",
    "imbalance_driver": "Rare-event driver",
    "heteroscedasticity": "Spread",
}


def spoken(kind: str) -> str:
    """Return the name of a kind as people say it.

    Examples
    --------
    >>> spoken("simpsons_paradox"), spoken("change_point")
    ("Simpson's paradox", 'Change point')
    """
    return _SPOKEN.get(kind, kind.replace("_", " ").capitalize())
