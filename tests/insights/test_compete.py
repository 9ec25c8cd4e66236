"""Findings about one column compete, and groups say what their members say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from dsp.detectors import Candidate
from dsp.detectors.frame import Clock, Dimension, Frame
from dsp.detectors.scores import measure_of
from dsp.detectors.terms import Term
from dsp.insights.bench import Bench
from dsp.insights.compete import compete
from dsp.insights.explain import explain
from dsp.insights.stability import halves, stability

N = 6000


def framed(y: Any, **measures: Any) -> Frame:
    draw = np.random.default_rng(9)
    region = draw.integers(0, 4, N)
    days = tuple(date(2024, 1, 1) + timedelta(days=i) for i in range(300))
    return Frame(
        n=N,
        n_all=N,
        measures={
            "y": measure_of("y", y),
            **{k: measure_of(k, x) for k, x in measures.items()},
        },
        dimensions={
            "region": Dimension(name="region", labels=("E", "N", "S", "W"), code=region)
        },
        clock=Clock(column="day", bucket="day", dates=days, step=np.arange(N) // 20),
        target="y",
    )


def finding(term: Term, *columns: str, kind: str = "driver") -> Candidate:
    return Candidate(
        kind=kind,
        columns=(*columns, "y"),
        evidence_sql="",
        shape="fact",
        n_rows=N,
        response="y",
        term=term,
        p_value=1e-9,
    )


def standing(frame: Frame, *listed: Candidate) -> list[int]:
    fallen = compete(Bench(frame), listed, [1.0] * len(listed))
    return [i for i in range(len(listed)) if i not in fallen]


def test_a_step_is_not_said_again_as_a_trend() -> None:
    draw = np.random.default_rng(1)
    y = draw.normal(size=N) + (np.arange(N) >= N // 2)
    middle = (date(2024, 1, 1) + timedelta(days=150)).isoformat()
    trend, step = Term(form="trend"), Term(form="step", date=middle)
    assert standing(framed(y), finding(trend), finding(step)) == [1]
    sloping = draw.normal(size=N) + 2 * np.arange(N) / N
    assert standing(framed(sloping), finding(trend), finding(step)) == [0]


def test_a_step_in_one_segment_is_not_a_step_of_all() -> None:
    draw = np.random.default_rng(2)
    frame = framed(draw.normal(size=N))
    inside = frame.dimensions["region"].code == 1
    y = draw.normal(size=N) - 1.5 * (inside & (np.arange(N) >= N // 2))
    frame = framed(y)
    middle = (date(2024, 1, 1) + timedelta(days=150)).isoformat()
    listed = [
        finding(Term(form="step", date=middle)),
        finding(Term(form="trend")),
        finding(Term(form="level", columns=("region",), value="N"), "region"),
        finding(Term(form="step", date=middle, within=("region", "N")), "region"),
        finding(Term(form="groups", columns=("region",)), "region"),
    ]
    assert standing(frame, *listed) == [3]


def test_what_goes_with_a_driver_is_no_driver() -> None:
    draw = np.random.default_rng(3)
    a = draw.normal(size=N)
    b, c = a + 0.5 * draw.normal(size=N), draw.normal(size=N)
    y = a + 0.5 * c + draw.normal(size=N)
    listed = [finding(Term(form="line", columns=(x,)), x) for x in ("a", "b", "c")]
    assert standing(framed(y, a=a, b=b, c=c), *listed) == [0, 2]


def test_spread_that_means_make_is_not_said() -> None:
    draw = np.random.default_rng(4)
    x = draw.normal(size=N)
    frame = framed(draw.normal(size=N), x=x)
    inside = frame.dimensions["region"].code == 2
    y = np.where(inside, 0.6 * x, 0) + draw.normal(size=N)
    frame = framed(y, x=x)
    product = finding(Term(form="product", columns=("region", "x")), "region", "x")
    spread = Candidate(
        kind="heteroscedasticity",
        columns=("region", "y"),
        evidence_sql="",
        shape="fact",
        n_rows=N,
        response="y",
        aspect="spread",
        term=Term(form="level", columns=("region",), value="S"),
    )
    line = finding(Term(form="line", columns=("x",)), "x")
    fallen = compete(Bench(frame), [line, product, spread], [1.0] * 3)
    assert 1 not in fallen
    assert fallen[2] is None


def test_groups_say_what_their_pairs_say() -> None:
    def of(kind: str, *columns: str, effect: float = 0.5) -> Candidate:
        return Candidate(
            kind=kind,
            columns=columns,
            evidence_sql="",
            shape="fact",
            n_rows=N,
            effect=effect,
        )

    listed = [
        of("correlation", "a", "b"),
        of("multicollinearity", "a", "b", "c", effect=0.7),
        of("correlation", "c", "d"),
        of("simpsons_paradox", "d", "e", "f"),
        of("correlation", "d", "e"),
        of("correlation", "e", "d", effect=0.4),
    ]
    assert explain(listed, [abs(c.effect or 0) for c in listed]) == {0: 1, 4: 3, 5: 3}


def test_halves_repeat_a_finding_or_not() -> None:
    draw = np.random.default_rng(6)
    a, b = draw.normal(size=(2, N))
    y = 0.3 * a + 0.045 * b + draw.normal(size=N)
    bench = Bench(framed(y, a=a, b=b))
    masks = halves(N)
    strong, faint = (finding(Term(form="line", columns=(x,)), x) for x in "ab")
    assert stability(bench, strong, masks) == 1.0
    found = stability(bench, faint, masks)
    assert found is not None
    assert found < 1.0
