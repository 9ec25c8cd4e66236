"""Correlation of two measures given all other measures."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.inference.base import Test
from dsp.inference.collinearity import collinearity
from dsp.inference.correlation import fisher_interval, pearson_test
from dsp.records import Association
from dsp.statistics.collinearity import NOT_VALID, OVER_PAIRS, Correlations
from dsp.statistics.frame import Frame, Pair, association


class PartialCorrelation:
    """Correlation of what the other measures leave unexplained of two (-1 to 1).

    Of three measures or more that are all related to each other. Where columns have gaps
    it comes from correlations over different rows, its test counts the fewest of them,
    and `reason` says so.
    """

    name = "partial_correlation"
    kinds = ("measure", "measure")
    on_demand = False

    def measure(self, frame: Frame, pairs: Sequence[Pair]) -> list[Association]:
        """Return the partial correlation of each pair with Fisher's interval and t test.

        References
        ----------
        The correlation of the residuals of two least-squares regressions; Fisher 1924 for
        test and interval with as many fewer rows as there are other columns.
        """
        found = Correlations.of(frame)
        if len(found.kept) < 3:
            return []
        place = {found.names[at]: i for i, at in enumerate(found.kept)}
        outcome = collinearity(found.matrix)
        rows = []
        for pair in pairs:
            if any(name not in place for name in pair):
                continue
            i, j = (place[name] for name in pair)
            r = outcome.partial[min(i, j), max(i, j)]
            reason = OVER_PAIRS if found.has_gaps else None
            if not outcome.is_valid:
                reason = NOT_VALID
            elif r is None:
                part = outcome.dependent[i] or outcome.dependent[j]
                reason = found.dependence(part)
            rows.append(_association(found, pair, r, reason))
        return rows


def _association(
    found: Correlations, pair: Pair, r: float | None, reason: str | None
) -> Association:
    n = found.n_rows - (len(found.kept) - 2)
    test = None if r is None else pearson_test(r, n)
    return association(
        pair,
        "partial_correlation",
        r,
        n_rows=found.n_rows,
        evidence_sql=found.evidence_sql,
        test=test and Test("t test of correlation", test.statistic, test.p_value),
        interval=None if r is None else fisher_interval(r, n),
        is_signed=True,
        reason=reason,
    )


plugin = PartialCorrelation()
