"""What the errors of a regression look like on rows it had not seen."""

from __future__ import annotations

import math
from typing import Any

from dsp.inference.tails import chi_square_tail, t_tails

LEVEL = 0.05


def residual_checks(y: Any, output: Any, *, is_ordered: bool) -> list[dict[str, Any]]:
    """Return checks of residuals (truth less prediction), each with a plain verdict.

    ``bias`` (mean, t test), ``spread`` (whether squared residuals go along with the
    prediction: Breusch and Pagan, studentized), ``skewness`` and ``tails`` (excess
    kurtosis), ``normality`` (Jarque and Bera), and in order of time ``lag`` (correlation
    with the row before).

    References
    ----------
    statsmodels `het_breuschpagan`, `jarque_bera`; Koenker: A note on studentizing a test
    for heteroscedasticity. Journal of Econometrics 17 (1981).
    """
    import numpy as np

    rest = y - output
    n = len(rest)
    sd = float(rest.std(ddof=1)) if n > 1 else 0.0
    if n < 8 or sd <= 1e-300:
        return []
    found = [_bias(rest, sd), _spread(rest, output)]
    z = (rest - rest.mean()) / float(rest.std())
    skew, tails = float((z**3).mean()), float((z**4).mean()) - 3.0
    jb = n / 6 * (skew**2 + tails**2 / 4)
    p = chi_square_tail(jb, 2)
    found += [
        _row("skewness", skew, n, _skew_words(skew)),
        _row("tails", tails, n, _tail_words(tails)),
        _row(
            "normality",
            jb,
            n,
            "errors are not normal: trust intervals from the folds, not ± standard errors"
            if p <= LEVEL
            else "nothing speaks against normal errors",
            test=("Jarque-Bera", jb, p),
        ),
    ]
    if is_ordered:
        lag = float((z[1:] * z[:-1]).sum() / (z**2).sum())
        reach = lag * math.sqrt(n)
        p = math.erfc(abs(reach) / math.sqrt(2))
        words = (
            "errors go along with those of the row before: time holds more than the model"
            if p <= LEVEL
            else "errors do not go along with those of the row before"
        )
        found.append(_row("lag", lag, n, words, test=("lag one", reach, p)))
    return [one for one in found if np.isfinite(one["value"])]


def _row(
    name: str,
    value: float,
    n: int,
    verdict: str,
    *,
    test: tuple[str, float, float] | None = None,
) -> dict[str, Any]:
    return {
        "check_name": name,
        "value": value,
        "test": test[0] if test else None,
        "statistic": test[1] if test else None,
        "p_value": test[2] if test else None,
        "n_rows": n,
        "verdict": verdict,
    }


def _bias(rest: Any, sd: float) -> dict[str, Any]:
    n = len(rest)
    mean = float(rest.mean())
    t = mean / (sd / math.sqrt(n))
    p = t_tails(t, n - 1)
    side = "low" if mean > 0 else "high"
    words = f"predictions are too {side} on average" if p <= LEVEL else "no bias is seen"
    return _row("bias", mean, n, words, test=("t test", t, p))


def _spread(rest: Any, output: Any) -> dict[str, Any]:
    """Return the correlation of squared residuals with the prediction."""
    import numpy as np

    squares, x = rest**2, output - output.mean()
    size = float(np.sqrt((x**2).sum() * ((squares - squares.mean()) ** 2).sum()))
    r = float((x * (squares - squares.mean())).sum()) / size if size > 0 else 0.0
    statistic = len(rest) * r * r
    p = chi_square_tail(statistic, 1)
    way = "grow" if r > 0 else "shrink"
    words = (
        f"errors {way} with the prediction: one width of intervals does not fit all"
        if p <= LEVEL
        else "errors are about as large everywhere"
    )
    return _row("spread", r, len(rest), words, test=("Breusch-Pagan", statistic, p))


def _skew_words(skew: float) -> str:
    if abs(skew) < 0.5:
        return "errors are about even to both sides"
    side = "below" if skew > 0 else "above"
    return f"the largest errors are predictions far {side} the truth"


def _tail_words(tails: float) -> str:
    return "a few errors are far larger than most" if tails > 1 else "no long tails"
