"""Findings about the same column compete: what explains most is said.

A step looks like a trend, a segment that breaks looks like a break of everything, and
whatever goes with a driver looks like a driver. So the term that explains most is taken
first, what it explains is taken away, and the others must hold on what is left.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.detectors.base import Candidate
from dsp.detectors.responses import spread_of
from dsp.detectors.terms import Design, fitted
from dsp.insights.bench import Bench, Response, conditional_p

KEPT = 0.3
"""Share of what a finding explains alone that must be left beside the others."""
ALPHA = 1e-4
"""Largest p value on what the others left."""
MAX_CANDIDATES = 40
MAX_SAID = 12
TRIED = {"step": 6.0, "day": 6.0, "level": 3.0, "cycle": 6.0}
"""Points for the freedom to choose a date, a value or a length."""
PREFERENCE = ("imbalance_driver", "dominance", "change_point", "segment_outlier")
"""Kinds that say the same term better than others, best first."""


@dataclass(eq=False)
class Runner:
    """A candidate in the competition.

    Attributes
    ----------
    place
        Its place in the list that was given.
    alone
        Sum of squares that it explains of the response as it is.
    factor
        Inflation of its variance by clusters.
    """

    place: int
    candidate: Candidate
    made: Design
    alone: float
    factor: float = 1.0
    fit: Any = None


def compete(
    bench: Bench, candidates: Sequence[Candidate], factors: Sequence[float]
) -> dict[int, int | None]:
    """Return the places of findings that others explain, with the place of the other.

    Parameters
    ----------
    candidates
        Findings that hold by themselves.
    factors
        Inflation of the variance of each by clusters.

    Returns
    -------
    dict
        Place of a finding that falls -> place of the one that explains it, or None where
        findings about the mean of the column do.
    """
    match = _Match(bench, candidates, factors)
    groups: dict[tuple[str, str, str], list[int]] = {}
    for place, c in enumerate(candidates):
        if c.response is not None and c.term is not None:
            key = (c.response, c.aspect, c.response_value or "")
            groups.setdefault(key, []).append(place)
    for (name, aspect, _), places in sorted(groups.items()):
        response = bench.response(candidates[places[0]])
        if response is None or (aspect == "spread" and (name, "mean", "") in groups):
            continue
        rest = match.play(response, places)
        spreads = groups.get((name, "spread", ""), [])
        if aspect == "mean" and spreads:
            # What moves the mean would look like spread.
            spread = spread_of(rest, response.use)
            match.play(bench.prepared(spread, response.use), spreads)
    # A share of a total stays true whatever explains it.
    return {
        place: cause
        for place, cause in match.fallen.items()
        if candidates[place].kind != "dominance"
    }


class _Match:
    """The competition about one response after the other."""

    def __init__(
        self, bench: Bench, candidates: Sequence[Candidate], factors: Sequence[float]
    ) -> None:
        self.bench = bench
        self.candidates = candidates
        self.factors = factors
        self.fallen: dict[int, int | None] = {}

    def play(self, response: Response, places: list[int]) -> Any:
        """Choose among findings about one response; return what they leave of it."""
        runners = self._runners(response, places)
        n = int(response.use.sum())
        rest = response.y
        said: list[Runner] = []
        while runners and len(said) < MAX_SAID:
            best, best_points = None, -math.inf
            for runner in list(runners):
                fit = fitted(runner.made, rest, response.use)
                gain = float(fit @ fit)
                left = float(rest @ rest) - gain
                p = conditional_p(gain, left, runner.made.df, n, runner.factor)
                if p > ALPHA or (said and gain < KEPT * runner.alone):
                    self.fallen[runner.place] = _cause(said, runner)
                    runners.remove(runner)
                    continue
                points = _points(runner, gain, left, n)
                if points > best_points:
                    best, best_points, runner.fit = runner, points, fit
            if best is None:
                break
            runners.remove(best)
            rest = rest - best.fit
            said.append(best)
        for runner in runners:
            self.fallen[runner.place] = said[0].place
        return self._take_back(response, said, rest, n)

    def _runners(self, response: Response, places: list[int]) -> list[Runner]:
        found = []
        for place in places:
            c = self.candidates[place]
            made = self.bench.design(c)
            if made is None:
                continue
            fit = fitted(made, response.y, response.use)
            alone = float(fit @ fit)
            found.append(Runner(place, c, made, alone, self.factors[place]))
        found.sort(key=lambda r: (-r.alone, r.place))
        for runner in found[MAX_CANDIDATES:]:
            self.fallen[runner.place] = found[0].place
        return found[:MAX_CANDIDATES]

    def _take_back(
        self, response: Response, said: list[Runner], rest: Any, n: int
    ) -> Any:
        """Take back what was said early and is explained by what was said later."""
        for runner in sorted(said, key=lambda r: float(r.fit @ r.fit)):
            others = [r for r in said if r is not runner and r.place not in self.fallen]
            if not others:
                continue
            without = rest + runner.fit
            for other in others:
                # The others may take over what this one explains.
                without = without - fitted(other.made, without, response.use)
            fit = fitted(runner.made, without, response.use)
            gain = float(fit @ fit)
            left = float(without @ without) - gain
            p = conditional_p(gain, left, runner.made.df, n, runner.factor)
            if p > ALPHA or gain < KEPT * runner.alone:
                cause = max(others, key=lambda r: r.alone)
                self.fallen[runner.place] = cause.place
                rest = without
        return rest


def _points(runner: Runner, gain: float, left: float, n: int) -> float:
    """Return the log-likelihood gain less the price of parameters and of choosing."""
    if left <= 0:
        return math.inf
    kind = runner.candidate.kind
    better = (
        len(PREFERENCE) - PREFERENCE.index(kind) if kind in PREFERENCE else 0
    ) * 1e-6
    term = runner.candidate.term
    tried = TRIED.get(term.form, 0.0) if term is not None else 0.0
    price = 0.5 * runner.made.df * math.log(n) + tried
    return 0.5 * n * math.log((left + gain) / left) - price + better


def _cause(said: list[Runner], runner: Runner) -> int | None:
    """Return the finding that most likely explains another: they share columns."""
    if not said:
        return None
    names = set(runner.candidate.columns)
    shared = max(said, key=lambda r: (len(names & set(r.candidate.columns)), r.alone))
    return shared.place
