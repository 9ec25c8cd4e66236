"""Units of numbers, and metrics of models, as readers know them."""

from __future__ import annotations

from dsp.numbers import MINUS, NBSP, NOTHING

_MONEY = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩"}

_METRICS = {
    "r2": "R²",
    "roc_auc": "AUC",
    "f1_macro": "macro F1",
    "log_loss": "log loss",
    "rmse": "RMSE",
    "mae": "mean absolute error",
}


def around(unit: str) -> tuple[str, str]:
    r"""Return what stands before and after a number of a unit.

    Examples
    --------
    >>> around("USD"), around("€"), around("days"), around("%")
    (('$', ''), ('€', ''), ('', '\xa0days'), ('', '%'))
    """
    if not unit:
        return "", ""
    sign = _MONEY.get(unit.upper(), unit)
    if sign in _MONEY.values():
        return sign, ""
    return "", sign if sign in ("%", "°", "′", "″") else NBSP + sign


def with_unit(text: str, unit: str | None) -> str:
    """Return a written number with its unit.

    Examples
    --------
    >>> with_unit("24.0M", "USD"), with_unit("−3", "EUR"), with_unit("5", None)
    ('$24.0M', '−€3', '5')
    """
    if not unit or text == NOTHING:
        return text
    before, after = around(unit)
    sign = MINUS if text.startswith(MINUS) and before else ""
    return sign + before + text.removeprefix(sign) + after


def metric_name(metric: str) -> str:
    """Return a metric as readers know it: ``r2`` is ``R²``."""
    return _METRICS.get(metric, metric.replace("_", " "))
