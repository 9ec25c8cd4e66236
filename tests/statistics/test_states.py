"""States of parts merge to the state of the whole, and give its profile."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import asdict
from fractions import Fraction
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.engine import DuckEngine, StoredTable
from dsp.errors import DspError
from dsp.statistics import StatisticsEngine, states
from dsp.statistics.base import columns_of
from dsp.statistics.moments import Moments, float_sql
from dsp.statistics.state_bins import (
    ERROR,
    bins_sql,
    edges_of,
    moments_of_bins,
    moments_of_numbers,
)
from dsp.statistics.state_pairs import (
    PAIR_TABLES,
    add_pairs,
    choose,
    create_pairs,
    merge_pairs,
    relations_of,
)
from dsp.statistics.state_profiles import DISTINCT_ERROR, profile_of
from dsp.statistics.state_types import fit
from dsp.statistics.states import TABLES, State, add_rows, merge
from tests.conftest import HOSTILE_NAMES, NASTY

finite = st.floats(allow_nan=False, allow_infinity=False)
cells = st.tuples(
    st.one_of(st.none(), st.floats(), st.sampled_from([0.0, -0.0, 1.5, 1e300])),
    st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1), st.integers(-3, 3)),
    st.one_of(st.none(), st.text(max_size=3), st.sampled_from(["", " ", "it's"])),
    st.one_of(st.none(), st.booleans()),
)
SCHEMA = pa.schema(
    [("x", pa.float64()), ("it's", pa.int64()), ("t", pa.string()), ("b", pa.bool_())]
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let columns have many values early."""
    monkeypatch.setattr(states, "MOST_VALUES", 6)
    monkeypatch.setattr(states, "SAMPLED", 4)


def state_of(engine: DuckEngine, name: str, rows: list[Any]) -> State:
    columns = list(zip(*rows, strict=True)) or [()] * len(SCHEMA)
    table = pa.table(
        [pa.array(c, kind) for c, kind in zip(columns, SCHEMA.types, strict=True)],
        schema=SCHEMA,
    )
    engine.put(table, f"data_{name}")
    made = State(engine, f'"{name}"')
    made.create()
    source = f"main.data_{name}"
    add_rows(made, source, columns_of(engine, source))
    return made


def content(state: State) -> dict[str, list[Any]]:
    return {
        name: sorted(state.engine.rows(f"from {state.table(name)}"), key=repr)
        for name in TABLES
    }


@pytest.mark.usefixtures("small")
def test_any_division_in_any_order_gives_the_same_state() -> None:
    engine = DuckEngine(threads=1)

    @settings(max_examples=12, deadline=None, derandomize=True)
    @given(st.lists(cells, max_size=30), st.integers(0, 30), st.integers(0, 30))
    def check(rows: list[Any], first: int, second: int) -> None:
        cuts = sorted((first, second))
        parts = [rows[: cuts[0]], rows[cuts[0] : cuts[1]], rows[cuts[1] :]]
        whole = content(state_of(engine, "whole", rows))
        a, b, c = (state_of(engine, f"p{i}", part) for i, part in enumerate(parts))
        merge(a, b)
        merge(a, c)
        assert content(a) == whole
        # The other way round, and in another order.
        a, b, c = (state_of(engine, f"p{i}", part) for i, part in enumerate(parts))
        merge(c, b)
        merge(c, a)
        assert content(c) == whole

    check()
    engine.close()


def test_moments_are_those_of_exact_arithmetic() -> None:
    engine = DuckEngine(threads=1)

    @settings(max_examples=100, deadline=None, derandomize=True)
    @given(
        st.lists(finite.filter(is_kept), min_size=1, max_size=30),
        st.lists(finite, min_size=1, max_size=30),
    )
    def check(values: list[float], tiny: list[float]) -> None:
        listed = ", ".join(f"({float_sql(value)})" for value in values)
        numbers = (
            "(select 'x' as column_name, x as number, 1 as n_rows "
            f"from (values {listed}) as t(x))"
        )
        rows = engine.rows(f"from ({bins_sql(numbers)})")
        compare(moments_of_bins([row[1:] for row in rows]), values)
        compare(moments_of_numbers(Counter(tiny).items()), tiny)
        ends = [edges_of(row[1]) for row in rows]
        for value in values:
            low, high = next(end for end in ends if end[0] <= value <= end[1])
            assert high - low <= max(ERROR * max(abs(low), abs(high)), 2.0**-1000)

    check()
    engine.close()


def is_kept(value: float) -> bool:
    """Tell whether bins keep every digit: they share those below 2^-1000."""
    return value == 0 or abs(value) > 2.0**-950


def compare(found: Moments, values: list[float]) -> None:
    """Compare moments with those of fractions."""
    exact = [Fraction(value) for value in values]
    n, mean = len(exact), sum(exact) / len(exact)
    m2, m3, m4 = (sum((x - mean) ** k for x in exact) for k in (2, 3, 4))
    assert (found.n, found.mean) == (n, float(mean))
    if n > 1 and Fraction(1, 10**290) < m2 < Fraction(10) ** 290:
        assert found.sd == pytest.approx(math.sqrt(float(m2 / (n - 1))), rel=1e-14)
    if n > 2 and m2:
        size = math.sqrt(float(m3 * m3 / m2**3 * n)) * (-1 if m3 < 0 else 1)
        expected = math.sqrt(n * (n - 1)) / (n - 2) * size
        assert found.skewness == pytest.approx(expected, rel=1e-12)
    if n > 3 and m2:
        spread = (n + 1) * n * float(m4 / m2**2) - 3 * (n - 1)
        expected = (n - 1) / ((n - 2) * (n - 3)) * spread
        assert found.kurtosis == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", sorted(NASTY))
def test_the_profile_is_that_of_one_pass(name: str) -> None:
    engine = DuckEngine(threads=2)
    engine.put(NASTY[name], "data", schema="clean")
    source = '"clean"."data"'
    made = State(engine, '"state"')
    made.create()
    add_rows(made, source, columns_of(engine, source))
    found = profile_of(made)
    expected = StatisticsEngine(engine).profile(StoredTable(engine, "data", "clean"))
    own = {"profile_sql", "reason"}
    for mine, other in zip(found.columns, expected.columns, strict=True):
        for key, value in asdict(mine).items():
            if key in own:
                continue
            wanted = getattr(other, key)
            if isinstance(value, float) and isinstance(wanted, float):
                assert value == pytest.approx(wanted, rel=1e-12, abs=1e-12), key
            else:
                assert value == wanted, (mine.column_name, key)
    assert [(b.column_name, b.low, b.high, b.n_rows) for b in found.histograms] == [
        (b.column_name, b.low, b.high, b.n_rows)
        for b in expected.histograms
        if b.kind == "width"
    ]
    assert [(v.column_name, v.rank, v.value, v.n_rows) for v in found.top_values] == [
        (v.column_name, v.rank, v.value, v.n_rows) for v in expected.top_values
    ]
    engine.close()


@pytest.fixture(scope="module")
def many() -> Any:
    """Return a state of columns with many values, and the numbers themselves."""
    rng = random.Random(5)
    numbers = [
        rng.choice((rng.gauss(0, 1), rng.lognormvariate(3, 2))) for _ in range(30_000)
    ]
    numbers += [-0.0, 0.0, 1e-300, -1e300]
    engine = DuckEngine(threads=2)
    engine.put(pa.table({"x": numbers, "t": [f"k{v}" for v in numbers]}), "data")
    made = State(engine, '"main"')
    made.create()
    add_rows(made, "main.data", columns_of(engine, "main.data"))
    yield made, numbers
    engine.close()


def test_quantiles_of_many_values_keep_their_bound(many: Any) -> None:
    state, numbers = many
    x = profile_of(state).columns[0]
    assert not x.quantiles_exact
    ordered = sorted(numbers)
    for fraction in (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99):
        part, first = math.modf((len(ordered) - 1) * fraction)
        exact = ordered[int(first)] * (1 - part) + ordered[int(first) + 1] * part
        found = getattr(x, f"q{round(100 * fraction):02d}")
        assert abs(found - exact) <= ERROR * abs(exact)


def test_moments_of_many_values_are_exact(many: Any) -> None:
    state, numbers = many
    x = profile_of(state).columns[0]
    exact = [Fraction(value) for value in numbers]
    mean = sum(exact) / len(exact)
    assert x.mean == float(mean)
    variance = sum((v - mean) ** 2 for v in exact) / (len(exact) - 1)
    digits = Fraction(math.isqrt(int(variance * 10**40)), 10**20)
    assert x.sd == pytest.approx(float(digits), rel=1e-15)


def test_every_figure_has_a_query_that_gives_it_again(many: Any) -> None:
    state, _ = many
    found = profile_of(state)
    for column in found.columns:
        for key, value in state.engine.sql(column.profile_sql).to_pylist()[0].items():
            wanted = getattr(column, key)
            if isinstance(wanted, float):
                wanted = pytest.approx(wanted, rel=1e-9)
            assert value == wanted, key
    assert found.histograms
    for record in (*found.histograms, *found.top_values):
        answers = [
            row["n_rows"] for row in state.engine.sql(record.profile_sql).to_pylist()
        ]
        assert record.n_rows in answers


def test_distinct_counts_from_hashes_keep_their_bound() -> None:
    engine = DuckEngine(threads=2)
    missed = 0
    for trial in range(20):
        n = random.Random(trial).randrange(10_001, 40_000)
        engine.execute(
            f"create or replace table t as select i + {trial * 10**7} as x "
            f"from range({n}) r(i)"
        )
        made = State(engine, '"state"')
        made.create()
        add_rows(made, "t", columns_of(engine, "t"))
        x = profile_of(made).columns[0]
        assert not x.distinct_exact
        assert x.n_distinct <= n
        missed += abs(x.n_distinct - n) > DISTINCT_ERROR * n
    engine.close()
    assert missed <= 4


def paired(engine: DuckEngine, name: str, chooser: State, rows: list[Any]) -> State:
    made = state_of(engine, name, rows)
    create_pairs(made)
    source = f"main.data_{name}"
    add_pairs(made, chooser, source, columns_of(engine, source))
    return made


def pairs_of(state: State) -> dict[str, list[Any]]:
    return {
        name: sorted(state.engine.rows(f"from {state.table(name)}"), key=repr)
        for name in PAIR_TABLES
    }


def test_pairs_of_parts_add_up_to_those_of_the_whole() -> None:
    engine = DuckEngine(threads=1)
    rng = random.Random(2)

    def row() -> tuple[Any, ...]:
        x = rng.choice((None, rng.gauss(1e6, 3)))
        return (
            x,
            rng.choice((None, rng.randrange(900))),
            rng.choice("abc"),
            rng.random() < 0.4,
        )

    rows = [row() for _ in range(300)]
    # The last part goes beyond the reach of the scale that the first has chosen.
    rows += [(1e300, 5, "d", None)]
    first = state_of(engine, "first", rows[:60])
    create_pairs(first)
    choose(first, profile_of(first).columns)
    for last in (300, 301):
        whole = paired(engine, "whole", first, rows[:last])
        for cuts in ((60, 200), (0, 10), (150, last)):
            ends = (0, *cuts, last)
            parts = [
                paired(engine, f"p{i}", first, rows[ends[i] : ends[i + 1]])
                for i in range(3)
            ]
            for order in ((0, 1, 2), (2, 0, 1)):
                total = State(engine, '"total"')
                total.create()
                create_pairs(total)
                for i in order:
                    merge(total, parts[i])
                    merge_pairs(total, parts[i])
                assert pairs_of(total) == pairs_of(whole)
    engine.close()


def test_relations_of_a_state_are_those_of_one_pass(sales: pa.Table) -> None:
    engine = DuckEngine(threads=2)
    engine.put(sales, "data", schema="clean")
    source = '"clean"."data"'
    made = State(engine, '"main"')
    made.create()
    create_pairs(made)
    columns = columns_of(engine, source)
    add_rows(made, source, columns)
    profile = profile_of(made)
    choose(made, profile.columns)
    part = State(engine, '"part"')
    part.create()
    create_pairs(part)
    add_rows(part, source, columns)
    add_pairs(part, made, source, columns)
    merge_pairs(made, part)
    found = relations_of(made, profile.columns, target="revenue")
    expected = {
        (frozenset((r.column_a, r.column_b)), r.measure): r
        for r in StatisticsEngine(engine)
        .relations(
            StoredTable(engine, "data", "clean"), profile.columns, target="revenue"
        )
        .associations
        if r.measure in ("pearson", "cramers_v")
    }
    assert {(frozenset((r.column_a, r.column_b)), r.measure) for r in found} == set(
        expected
    )
    for row in found:
        other = expected[frozenset((row.column_a, row.column_b)), row.measure]
        assert row.value == pytest.approx(other.value, rel=1e-12)
        assert row.n_rows == other.n_rows
        assert (row.is_target, row.direction) == (other.is_target, other.direction)
        answers = engine.sql(row.evidence_sql).to_pylist()
        if row.measure == "pearson":
            assert answers[0]["value"] == pytest.approx(row.value, rel=1e-9, abs=1e-12)
        else:
            assert sum(answer["n_rows"] for answer in answers) == row.n_rows
    engine.close()


def appended(engine: DuckEngine, *tables: dict[str, Any]) -> State:
    """Return the state of tables that are added one after the other."""
    whole = State(engine, '"state"')
    whole.create()
    for i, table in enumerate(tables, 1):
        engine.put(pa.table(table), "part_data")
        source = "main.part_data"
        fitted = fit(whole, source, columns_of(engine, source), f"file {i}")
        part = State(engine, '"part"')
        part.create()
        add_rows(part, fitted.source, fitted.columns)
        merge(whole, part)
    return whole


def test_new_and_missing_columns_are_null_elsewhere(engine: DuckEngine) -> None:
    first = {"a": [1, 2], HOSTILE_NAMES[1]: ["x", "y"]}
    found = profile_of(appended(engine, first, {"b": [0.5], "a": [3]}, {"b": [1.5]}))
    assert [(c.column_name, c.n_rows, c.n_null) for c in found.columns] == [
        ("a", 4, 1),
        (HOSTILE_NAMES[1], 4, 2),
        ("b", 4, 2),
    ]
    assert (found.columns[0].total, found.columns[2].mean) == (6.0, 1.0)


def test_wider_types_are_taken_over(engine: DuckEngine) -> None:
    whole = appended(
        engine,
        {"a": pa.array([1, 2, None], pa.int8()), "b": [1, 2, None], "c": pa.nulls(3)},
        {"a": pa.array([2**60], pa.int64()), "b": [0.5], "c": ["x"]},
        {"a": pa.array([2], pa.int16()), "b": [2], "c": pa.nulls(1)},
    )
    found = {c.column_name: c for c in profile_of(whole).columns}
    a, b, c = (found[name] for name in "abc")
    assert (a.data_type, a.n_distinct, a.max_value) == ("BIGINT", 3, str(2**60))
    assert (b.data_type, b.n_distinct, b.mean) == ("DOUBLE", 3, 5.5 / 4)
    assert (b.min_value, b.max_value, b.n_null) == ("0.5", "2.0", 1)
    assert (c.data_type, c.n_null, c.n_distinct) == ("VARCHAR", 4, 1)


def test_types_that_do_not_go_together_are_refused(engine: DuckEngine) -> None:
    with pytest.raises(DspError, match='file 2: column "a" is VARCHAR, but BIGINT'):
        appended(engine, {"a": [1]}, {"a": ["x"]})
    with pytest.raises(DspError, match="values of the state would fall together"):
        appended(engine, {"a": [2**53, 2**53 + 1]}, {"a": [0.5]})


@pytest.mark.usefixtures("small")
def test_a_column_of_many_values_keeps_its_type(engine: DuckEngine) -> None:
    with pytest.raises(DspError, match="has too many distinct values in the state"):
        appended(engine, {"a": list(range(20))}, {"a": [0.5]})


def test_a_state_does_not_depend_on_threads(engine: DuckEngine) -> None:
    rng = random.Random(3)
    table = pa.table({"x": [rng.gauss(5, 2) for _ in range(250_000)]})
    found = []
    for threads in (1, 2):
        own = DuckEngine(threads=threads)
        own.put(table, "t")
        made = State(own, '"state"')
        made.create()
        add_rows(made, "t", columns_of(own, "t"))
        found.append(content(made))
        own.close()
    assert found[0] == found[1]
    assert len(found[0]["state_values"]) == 4_096
