"""A comparison of two tables against pandas, scipy and counting by hand."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.spatial.distance import jensenshannon

from dsp.engine import DuckEngine, StoredTable
from dsp.engine.relation import Relation
from dsp.errors import ColumnNotFoundError, SettingError
from dsp.statistics.comparing import Compared, compare_tables
from tests.conftest import HOSTILE_NAMES, NASTY

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY = date(2024, 1, 1)
Columns = dict[str, Any]


@pytest.fixture(scope="module")
def shared() -> Iterator[DuckEngine]:
    """Return one database for all examples of a test."""
    made = DuckEngine(threads=2)
    yield made
    made.close()


def compared(engine: DuckEngine, a: Any, b: Any, **asked: Any) -> Compared:
    tables = []
    for side, data in (("a", a), ("b", b)):
        made = data if isinstance(data, pa.Table) else pa.table(data)
        engine.put(made, "data", schema=side)
        tables.append(Relation.of(StoredTable(engine, "data", side), engine))
    return compare_tables(*tables, **asked)


def measures(found: Compared, name: str) -> dict[str, Any]:
    return {m.measure: m for m in found.drift if m.column_name == name}


def verdicts(found: Compared) -> dict[str, str | None]:
    return {c.column_name: c.verdict for c in found.columns}


def check_close(found: float | None, wanted: float) -> None:
    assert found == pytest.approx(wanted, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("is_tied", [False, True])
def test_measures_of_numbers_agree_with_scipy(engine: DuckEngine, is_tied: bool) -> None:
    rng = np.random.default_rng(3)
    a, b = rng.gamma(2, 10, 900), rng.gamma(2, 11, 700) + 1e6 * is_tied
    if is_tied:
        a, b = a.round(-1) + 1e6, b.round(-1)
    blank = [None, float("nan")]
    found = compared(engine, {"x": [*a, *blank]}, {"x": [*b, *blank]})
    of = measures(found, "x")
    exact = stats.ks_2samp(a, b, method="exact")
    check_close(of["ks"].value, exact.statistic)
    check_close(of["ks"].p_value, exact.pvalue)
    welch = stats.ttest_ind(b, a, equal_var=False)
    check_close(of["mean_shift"].statistic, welch.statistic)
    check_close(of["mean_shift"].p_value, welch.pvalue)
    check_close(of["mean_shift"].df, welch.df)
    sd = np.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    check_close(of["mean_shift"].value, (b.mean() - a.mean()) / sd)
    if is_tied:
        values = np.unique([*a, *b])
        bins = [[(x == v).sum() for v in values] for x in (a, b)]
    else:
        edges = np.quantile(a, np.arange(1, 10) / 10, method="inverted_cdf")
        ends = [-np.inf, *np.nextafter(edges, np.inf), np.inf]
        bins = [np.histogram(x, ends)[0] for x in (a, b)]
    p, q = (np.maximum(np.array(x) / sum(x), 1e-4) for x in bins)
    check_close(of["psi"].value, float(((q - p) * np.log(q / p)).sum()))
    check_close(of["jensen_shannon"].value, jensenshannon(*bins, base=2))
    outside = (b < a.min()) | (b > a.max())
    check_close(of["out_of_range"].value, outside.mean())


def test_measures_of_categories_agree_with_scipy(engine: DuckEngine) -> None:
    rng = np.random.default_rng(4)
    a = rng.choice(list("abcd"), 800, p=[0.4, 0.3, 0.2, 0.1])
    b = rng.choice(list("abce"), 600, p=[0.3, 0.3, 0.3, 0.1])
    found = compared(engine, {"x": [*a, None]}, {"x": [*b, None, None, None]})
    of = measures(found, "x")
    table = [[(x == v).sum() for v in "abcde"] for x in (a, b)]
    test = stats.chi2_contingency(table, correction=False)
    check_close(of["chi_square"].value, test.statistic)
    check_close(of["chi_square"].p_value, test.pvalue)
    assert of["chi_square"].df == test.dof == 4
    check_close(of["jensen_shannon"].value, jensenshannon(*table, base=2))
    check_close(of["new_values"].value, (b == "e").mean())
    column = found.columns[0]
    assert (column.new_values, column.lost_values) == (("e",), ("d",))
    assert (column.n_new_values, column.n_lost_values) == (1, 1)
    p, q = 1 / 801, 3 / 603
    check_close(of["missing"].value, 2 * np.arcsin(q**0.5) - 2 * np.arcsin(p**0.5))
    pooled = 4 / 1404
    z = (q - p) / (pooled * (1 - pooled) * (1 / 801 + 1 / 603)) ** 0.5
    check_close(of["missing"].p_value, 2 * stats.norm.sf(abs(z)))
    q_values = stats.false_discovery_control([m.p_value for m in found.drift if m.test])
    assert [m.q_value for m in found.drift if m.test] == pytest.approx(list(q_values))


def test_rare_categories_are_one_bin_of_the_test(engine: DuckEngine) -> None:
    a = ["x"] * 50 + ["y"] * 50 + ["p", "q"]
    b = ["x"] * 60 + ["y"] * 40 + ["r"]
    test = measures(compared(engine, {"c": a}, {"c": b}), "c")["chi_square"]
    wanted = stats.chi2_contingency([[50, 50, 2], [60, 40, 1]], correction=False)
    check_close(test.value, wanted.statistic)


def test_every_query_gives_its_figure_again(engine: DuckEngine, sales: pa.Table) -> None:
    later = sales.slice(500).append_column("extra", pa.array([1] * 1500))
    found = compared(engine, sales.slice(0, 1500), later, by=["order_id"])
    n = 0
    for m in found.drift:
        row = engine.sql(m.evidence_sql).to_pylist()[0]
        if m.value is not None:
            check_close(m.value, row["value"])
        n += 1
    assert n > 20
    for column in found.columns:
        a, b = sorted(engine.rows(column.evidence_sql))
        assert a[1:] == (
            *(column.n_values_a, column.n_missing_a, column.min_a, column.max_a),
        )
        assert b[1:3] == (column.n_values_b, column.n_missing_b)
    counts = engine.sql(found.rows.evidence_sql).to_pylist()[0]
    assert counts["n_only_a"] == found.rows.n_only_a == 500
    assert counts["n_both"] == found.rows.n_unchanged == 1000
    for item in found.schema:
        assert engine.rows(item.evidence_sql)


small = st.one_of(st.none(), st.sampled_from([0.0, -0.0, 1.0, 1.5, float("nan"), 1e300]))
text = st.one_of(st.none(), st.sampled_from(["", "a", "A", "it's", "a\x00b", "🦆"]))
row = st.tuples(st.integers(0, 6), small, text)


def cell(value: object) -> object:
    """Return a value under which nulls, and NaN, are equal."""
    return "NaN" if isinstance(value, float) and value != value else value  # noqa: PLR0124


@given(st.lists(row, max_size=12), st.lists(row, max_size=12))
@settings(max_examples=60, deadline=None)
def test_rows_by_key_agree_with_counting(
    shared: DuckEngine, one: list[Any], two: list[Any]
) -> None:
    types = pa.schema([("k", pa.int64()), ("x", pa.float64()), ("t", pa.string())])

    def table(rows: list[Any]) -> pa.Table:
        return pa.table([list(c) for c in zip(*rows, strict=True)] or [[]] * 3, types)

    found = compared(shared, table(one), table(two), by=["k"]).rows
    n_a, n_b = Counter(r[0] for r in one), Counter(r[0] for r in two)
    double = {k for k in {*n_a, *n_b} if max(n_a[k], n_b[k]) > 1}
    a = {r[0]: tuple(map(cell, r[1:])) for r in one if r[0] not in double}
    b = {r[0]: tuple(map(cell, r[1:])) for r in two if r[0] not in double}
    both = a.keys() & b.keys()
    assert found.n_only_a == len(a.keys() - b.keys())
    assert found.n_only_b == len(b.keys() - a.keys())
    assert found.n_changed == sum(a[k] != b[k] for k in both)
    assert found.n_unchanged == sum(a[k] == b[k] for k in both)
    assert found.n_duplicated_a == sum(n_a[k] for k in double)
    assert found.n_duplicated_b == sum(n_b[k] for k in double)
    assert found.changed == {
        "x": sum(a[k][0] != b[k][0] for k in both),
        "t": sum(a[k][1] != b[k][1] for k in both),
    }
    changed = [r for r in found.samples if r.kind == "changed"]
    assert [int(json.loads(r.key or "")["k"]) for r in changed] == sorted(
        k for k in both if a[k] != b[k]
    )
    n_values = shared.rows(f"select count(*) from ({found.views['changed_values']})")
    assert n_values == [(sum(found.changed.values()),)]
    only_a = shared.rows(f"select k from ({found.views['only_in_a']}) order by k")
    assert only_a == [(k,) for k in sorted(r[0] for r in one if not n_b[r[0]])]
    doubled = shared.rows(f"from ({found.views['duplicated_keys']}) order by k")
    assert doubled == [(k, n_a[k], n_b[k]) for k in sorted(double)]


@given(st.lists(row, max_size=8), st.lists(row, max_size=8))
@settings(max_examples=40, deadline=None)
def test_whole_rows_agree_with_counting(
    shared: DuckEngine, one: list[Any], two: list[Any]
) -> None:
    types = pa.schema([("k", pa.int64()), ("x", pa.float64()), ("t", pa.string())])

    def table(rows: list[Any]) -> pa.Table:
        return pa.table([list(c) for c in zip(*rows, strict=True)] or [[]] * 3, types)

    found = compared(shared, table(one), table(two))
    if found.key:
        return
    a, b = (Counter(tuple(map(cell, r)) for r in rows) for rows in (one, two))
    assert found.rows.n_only_a == (a - b).total()
    assert found.rows.n_only_b == (b - a).total()
    assert found.rows.n_unchanged == (a & b).total()
    assert found.rows.n_changed is None
    assert sum(r.n_a - r.n_b for r in found.rows.samples if r.kind == "only_a") == (
        (a - b).total()
    )


def test_a_tolerance_lets_numbers_be_apart(engine: DuckEngine) -> None:
    a = {"k": [1, 2, 3, 4, 5], "x": [1.0, 100.0, None, float("nan"), float("inf")]}
    b = {"k": [1, 2, 3, 4, 5], "x": [1.01, 101.0, 0.0, float("nan"), 5.0]}
    for tolerance, wanted in (("", 4), ("0.02", 3), ("1%", 2), ("1", 2), ("0", 4)):
        found = compared(engine, a, b, by=["k"], tolerance=tolerance)
        assert found.rows.n_changed == wanted, tolerance
    for bad in ("x", "-1", "1%%", "nan", "1 2"):
        with pytest.raises(SettingError, match="is no tolerance"):
            compared(engine, a, b, by=["k"], tolerance=bad)


def test_keys_are_matched_null_safe_and_across_types(engine: DuckEngine) -> None:
    a = {"k": ["1", "2", None], "j": [1, 1, None], "x": [1, 2, 3]}
    b = {"k": [1, 2, None], "j": [1, 1, None], "x": [1, 9, 3]}
    found = compared(engine, a, b, by=["k", "j"])
    assert found.rows.n_changed == 1
    assert found.rows.n_unchanged == 2
    (sample,) = found.rows.samples
    assert (sample.key, sample.columns) == ('{"k": "2", "j": "1"}', ("x",))
    assert (sample.row_a, sample.row_b) == ('{"x": "2"}', '{"x": "9"}')


def test_a_key_is_proposed_only_where_it_is_unique(engine: DuckEngine) -> None:
    a = {"n": [5, 6, 7], "order_id": [1, 2, 3], "x": [1.0, 2.0, 3.0]}
    found = compared(engine, a, a)
    assert (found.key, found.key_origin) == (("order_id",), "proposed")
    twice = {**a, "order_id": [1, 1, 2], "n": [5, 5, 6]}
    found = compared(engine, a, twice)
    assert (found.key, found.key_origin) == ((), "none")
    assert found.rows.reason is not None
    elsewhere = {"n": [50, 60, 70], "order_id": [10, 20, 30], "x": [1.0, 2.0, 3.0]}
    assert compared(engine, a, elsewhere).key == ()


def test_columns_that_differ_are_told(engine: DuckEngine) -> None:
    a = {
        "id": [1, 2, 3, 4],
        "Order Date": ["a", "b", "c", "d"],
        "gone": [1, 1, 2, 2],
        "price": [1.0, 2.0, 3.0, 4.0],
        "code": ["x", "y", "z", None],
        "left": [1, 2, 3, 4],
    }
    b = {
        "left": [1, 2, 3, 4],
        "id": [1, 2, 3, 4],
        "order_date": ["a", "b", "c", "e"],
        "cost": [4.0, 3.0, 2.0, 1.0],
        "code": ["x", "y", "z", "z"],
        "new": [date(2024, 1, 1)] * 4,
    }
    found = compared(engine, a, b).schema
    told = {(d.column_name, d.change, d.a, d.b, d.is_guess) for d in found}
    assert told == {
        ("gone", "removed", "BIGINT", None, False),
        ("price", "removed", "DOUBLE", None, False),
        ("Order Date", "removed", "VARCHAR", None, False),
        ("order_date", "added", None, "VARCHAR", False),
        ("cost", "added", None, "DOUBLE", False),
        ("new", "added", None, "DATE", False),
        ("code", "nullable", "nullable", "not null", False),
        ("Order Date", "renamed", "Order Date", "order_date", True),
        ("price", "renamed", "price", "cost", True),
        ("left", "moved", "position 6", "position 1", False),
    }
    evidence = {d.column_name: d.evidence for d in found if d.is_guess}
    assert evidence["price"] == "the same values"
    assert evidence["Order Date"] == "a like name, and A has 75.0% of its values"


def test_a_renamed_column_is_compared_when_it_is_named(engine: DuckEngine) -> None:
    a, b = {"k": [1, 2], "old": [5, 6]}, {"k": [1, 2], "new": [5, 7]}
    found = compared(engine, a, b, by=["k"], renames={"old": "new"})
    assert found.rows.changed == {"old": 1}
    assert [(d.change, d.a, d.b) for d in found.schema] == [("renamed", "old", "new")]
    with pytest.raises(ColumnNotFoundError, match="nothing"):
        compared(engine, a, b, renames={"nothing": "new"})
    with pytest.raises(SettingError, match="is in both tables"):
        compared(
            engine, {**a, "new": [1, 2]}, {**b, "old": [1, 2]}, renames={"old": "new"}
        )


@pytest.mark.parametrize("name", sorted(NASTY))
def test_a_table_does_not_differ_from_itself(engine: DuckEngine, name: str) -> None:
    found = compared(engine, NASTY[name], NASTY[name])
    assert found.schema == ()
    assert {c.verdict for c in found.columns} <= {"none", None}
    rows = found.rows
    assert (rows.n_only_a, rows.n_only_b, rows.n_changed or 0) == (0, 0, 0)
    assert rows.n_unchanged == NASTY[name].num_rows
    assert rows.samples == ()
    for m in found.drift:
        assert m.value in (None, 0), m.measure
        assert m.q_value is None or m.q_value > 0.99


MIRRORED = ("ks", "jensen_shannon", "chi_square", "psi")


@given(
    st.lists(st.sampled_from("abcde"), min_size=1, max_size=60),
    st.lists(st.sampled_from("abcxyz"), min_size=1, max_size=60),
    st.integers(0, 99),
)
@settings(max_examples=25, deadline=None)
def test_the_other_way_round_mirrors(
    shared: DuckEngine, one: list[str], two: list[str], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    a = {"c": one, "x": rng.normal(size=len(one)), "extra": one}
    b = {"c": two, "x": rng.normal(1, size=len(two))}
    there, back = compared(shared, a, b), compared(shared, b, a)
    assert (there.rows.n_only_a, there.rows.n_only_b) == (
        back.rows.n_only_b,
        back.rows.n_only_a,
    )
    for measure in MIRRORED:
        here, other = measures(there, "c").get(measure), measures(back, "c").get(measure)
        assert (here is None) == (other is None)
        if here is not None and here.value is not None:
            check_close(here.value, other.value)
    check_close(measures(there, "x")["ks"].value, measures(back, "x")["ks"].value)
    if measures(there, "x")["mean_shift"].value is not None:
        shift = measures(back, "x")["mean_shift"].value
        check_close(measures(there, "x")["mean_shift"].value, -shift)
    first, second = there.columns, back.columns
    mirrored = {c.column_name: (c.n_new_values, c.n_lost_values) for c in second}
    assert {c.column_name: (c.n_lost_values, c.n_new_values) for c in first} == mirrored
    changes = {"added": "removed", "removed": "added"}
    assert [changes.get(d.change, d.change) for d in there.schema] == [
        d.change for d in back.schema
    ]


def test_halves_of_a_table_seldom_drift(shared: DuckEngine, sales: pa.Table) -> None:
    n_drifted = 0
    for seed in range(16):
        order = np.random.default_rng(seed).permutation(sales.num_rows)
        a, b = sales.take(order[:1000]), sales.take(order[1000:])
        found = compared(shared, a, b, parts_of_one=True)
        n_drifted += any(v in ("small", "large") for v in verdicts(found).values())
    assert n_drifted <= 1


def test_what_drifts_is_found_and_ranked(engine: DuckEngine, sales: pa.Table) -> None:
    a, b = sales.slice(0, 1000), sales.slice(1000)
    price = [x * 1.2 for x in b["unit_price"].to_pylist()]
    region = ["Middle" if r == "West" else r for r in b["region"].to_pylist()]
    rating = [None if i % 3 else r for i, r in enumerate(b["rating"].to_pylist())]
    for name, values in (("unit_price", price), ("region", region), ("rating", rating)):
        at = b.schema.get_field_index(name)
        b = b.set_column(at, name, pa.array(values, b.schema.field(name).type))
    found = compared(engine, a, b)
    assert verdicts(found) | {
        "order_date": "large",
        "region": "large",
        "rating": "large",
        "unit_price": "small",
        "channel": "none",
        "returned": "none",
        "order_id": None,
    } == verdicts(found)
    assert [c.rank for c in found.columns] == list(range(1, 11))
    said = {c.column_name: c.statement for c in found.columns}
    assert said["region"].startswith("new value “Middle” in ")
    assert said["region"].endswith("lost value “West”")
    assert said["rating"].startswith("missing 1")
    assert said["order_id"] == "not judged: it numbers the rows"


def test_much_data_alone_makes_no_drift(engine: DuckEngine) -> None:
    engine.execute("create schema a")
    engine.execute("create schema b")
    engine.execute(
        "create table a.data as select hash(i) % 1000 as x from range(400000) t(i)"
    )
    engine.execute(
        "create table b.data as "
        "select hash(i, 1) % 1000 + 20 as x from range(400000) t(i)"
    )
    tables = (Relation.of(StoredTable(engine, "data", s), engine) for s in "ab")
    found = compare_tables(*tables)
    of = measures(found, "x")
    assert of["ks"].q_value < 1e-50
    assert verdicts(found) == {"x": "none"}


def test_why_a_column_is_not_judged(engine: DuckEngine) -> None:
    n = 40
    a = {
        "k": list(range(n)),
        "serial": list(range(100, 100 + n)),
        "name": [f"name {i}" for i in range(n)],
        "tags": [[i] for i in range(n)],
        "empty": pa.nulls(n, pa.float64()),
        "half": [1.0] * n,
        "day": [DAY + timedelta(days=i) for i in range(n)],
    }
    b = a | {"half": pa.nulls(n, pa.float64())}
    found = compared(engine, a, b, by=["k"], split_by="day")
    assert {c.column_name: c.reason for c in found.columns} == {
        "k": "rows are matched by it",
        "serial": "it numbers the rows",
        "name": "nearly every value is there once",
        "tags": "BIGINT[] has no distribution",
        "empty": "neither has values",
        "half": "B has no values",
        "day": "the parts were split by it",
    }
    assert verdicts(found)["half"] == "large"
    assert found.rows.changed["half"] == n


def test_hostile_names_and_values(engine: DuckEngine) -> None:
    a = pa.table({n: ["x", "</script>", "it's", None] * 10 for n in HOSTILE_NAMES})
    b = pa.table({n: ["x", "=1+1", "$x$", "{y}"] * 10 for n in HOSTILE_NAMES})
    key = list(range(40))
    a, b = (t.append_column("k", pa.array(key)) for t in (a, b))
    found = compared(engine, a, b, by=["k"])
    assert found.rows.changed == dict.fromkeys(HOSTILE_NAMES, 30)
    assert {c.new_values for c in found.columns if c.kind == "category"} == {
        ("$x$", "=1+1", "{y}")
    }
    for query in found.rows.views.values():
        engine.rows(f"select count(*) from ({query})")
    assert len(found.drift) == 5 * len(HOSTILE_NAMES)


@pytest.mark.parametrize(("n", "m"), [(0, 0), (0, 5), (5, 0), (1, 1)])
def test_tables_without_rows(engine: DuckEngine, n: int, m: int) -> None:
    a = {"x": pa.array([1.5] * n, pa.float64()), "t": pa.array(["a"] * n, pa.string())}
    b = {"x": pa.array([1.5] * m, pa.float64()), "t": pa.array(["a"] * m, pa.string())}
    found = compared(engine, a, b)
    assert (found.rows.n_only_a, found.rows.n_only_b) == (max(n - m, 0), max(m - n, 0))
    assert set(verdicts(found).values()) <= ({None} if not (n and m) else {"none"})


def test_infinite_values_have_no_mean(engine: DuckEngine) -> None:
    values = [*np.random.default_rng(1).normal(size=200), float("inf"), float("-inf")]
    found = compared(engine, {"x": values}, {"x": [v + 1 for v in values]})
    of = measures(found, "x")
    wanted = stats.ks_2samp(values, np.array(values) + 1, method="exact")
    check_close(of["ks"].value, wanted.statistic)
    check_close(of["ks"].p_value, wanted.pvalue)
    check_close(of["mean_shift"].value_b - of["mean_shift"].value_a, 1.0)
    assert all(b.low is None or abs(b.low) < 1e9 for b in found.bins)


def test_wide_tables_have_samples_too(engine: DuckEngine) -> None:
    a = {"k": [None, 1, 2, 3], **{f"c{i}": [i, i, i, i] for i in range(120)}}
    b = {"k": [None, 1, 2, 4], **{f"c{i}": [i, i, i + i % 2, i] for i in range(120)}}
    b["c7"] = [0, 7, 7, 7]
    found = compared(engine, a, b, by=["k"]).rows
    assert (found.n_only_a, found.n_only_b, found.n_changed) == (1, 1, 2)
    keys = [(r.kind, json.loads(r.key or "")["k"]) for r in found.samples]
    assert sorted(keys, key=str) == [
        ("changed", "2"),
        ("changed", None),
        ("only_a", "3"),
        ("only_b", "4"),
    ]
    by_key = {key: r for (_, key), r in zip(keys, found.samples, strict=True)}
    assert by_key[None].columns == ("c7",)
    assert (by_key[None].row_a, by_key[None].row_b) == ('{"c7": "7"}', '{"c7": "0"}')
    assert by_key["2"].columns == tuple(f"c{i}" for i in range(1, 120, 2) if i != 7)


numbers = st.lists(
    st.one_of(st.none(), st.floats(width=32), st.integers(-3, 3).map(float)), max_size=40
)


@given(numbers, numbers)
@settings(max_examples=60, deadline=None)
def test_numbers_of_every_kind_agree_with_scipy(
    shared: DuckEngine, one: list[Any], two: list[Any]
) -> None:
    column = pa.schema([("x", pa.float64())])
    found = compared(shared, pa.table([one], column), pa.table([two], column))
    of = measures(found, "x")
    a, b = (
        np.array([v for v in side if cell(v) not in (None, "NaN")]) for side in (one, two)
    )
    if not (len(a) and len(b)):
        assert "ks" not in of
        return
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        wanted = stats.ks_2samp(a, b, method="exact")
    check_close(of["ks"].value, wanted.statistic)
    # scipy refuses its exact p value where rounding takes it above 1.
    check_close(of["ks"].p_value, 1.0 if told else wanted.pvalue)
    finite_a, finite_b = a[np.isfinite(a)], b[np.isfinite(b)]
    if "mean_shift" in of and of["mean_shift"].p_value is not None:
        scale = max(np.abs(finite_a).max(), np.abs(finite_b).max(), 1e-300)
        groups = [
            f(x / scale)
            for x in (finite_b, finite_a)
            for f in (np.mean, lambda v: np.std(v, ddof=1), len)
        ]
        welch = stats.ttest_ind_from_stats(*groups, equal_var=False)
        # Deviations of values that are nearly alike are rounding, in both.
        if max(groups[1], groups[4]) > 1e-6:
            assert of["mean_shift"].p_value == pytest.approx(welch.pvalue, rel=1e-6)
    index = [x for x in found.bins if x.purpose == "index"]
    assert [sum(x.n_a for x in index), sum(x.n_b for x in index)] == [len(a), len(b)]
    for m in found.drift:
        for figure in (m.value, m.p_value, m.q_value, m.statistic):
            assert figure is None or np.isfinite(figure)
