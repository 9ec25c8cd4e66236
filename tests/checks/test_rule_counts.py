"""Rules are counted exactly, in few scans, and a wrong one fails alone.

The second route is pandas or plain Python on the same rows.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import dsp
from dsp.checks import DataValidator, Rule, Validation
from dsp.engine import DuckEngine, StoredTable
from dsp.errors import DspError

if TYPE_CHECKING:
    from collections.abc import Callable

TODAY = date(2026, 1, 1)
NAN, INF = math.nan, math.inf


@pytest.fixture
def check(engine: DuckEngine):
    """Return a function from columns and rules to a validation."""

    def run(table: Any, *rules: Rule, **more: Any) -> Validation:
        data = table if isinstance(table, pa.Table) else pa.table(table)
        engine.put(data, "data")
        stored = StoredTable(engine, "data")
        return DataValidator(engine, today=TODAY).validate(stored, rules=rules, **more)

    return run


def counts(found: Validation) -> list[int]:
    assert found.problems == ()
    return [r.n_failed for r in found.results]


MIXED = {
    "n": [3, -1, None, 0, 7, 7, 2**62, -(2**62)],
    "f": [0.1, NAN, INF, -INF, None, -0.0, 1e-300, 2.5],
    "t": ["a", "", " b", None, "ß", "A", "a", "🦆"],
    "d": [
        date(1969, 12, 31), date(1, 1, 1), None, date(2026, 1, 2), date(2026, 1, 1),
        date(2024, 2, 29), date(9999, 12, 31), date(1970, 1, 1),
    ],
    "m": [Decimal(v) if v else None for v in (
        "0.10", "12345678901234567890.12", None, "-0.01", "2.00", "2.50", "0.00", "9.99",
    )],
}  # fmt: skip


def is_number(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


@pytest.mark.parametrize(
    ("rule", "fails"),
    [
        (("not_null", "n", {}), lambda v: v is None),
        (("not_null", "f", {}), lambda v: not is_number(v)),
        (("not_null", "f", {"nan": False}), lambda v: v is None),
        (("in_range", "n", {"min": 0, "max": 7}), lambda v: not 0 <= v <= 7),
        (("in_range", "n", {"min": 0.5}), lambda v: v < 0.5),
        (("in_range", "n", {"max": 6.5, "above": -1}), lambda v: not -1 < v <= 6.5),
        (("in_range", "n", {"below": 7}), lambda v: v >= 7),
        (("in_range", "n", {"min": -1e30, "max": 1e30}), lambda v: False),
        (("in_range", "f", {"min": 0, "max": 2.5}), lambda v: not 0 <= v <= 2.5),
        (("in_range", "m", {"min": 0.1}), lambda v: v < Decimal("0.1")),
        (("in_range", "m", {"max": 2.0}), lambda v: v > 2),
        (("in_range", "d", {"min": "1970-01-01"}), lambda v: v < date(1970, 1, 1)),
        (("in_range", "d", {"below": date(2026, 1, 1)}), lambda v: v >= TODAY),
        (("one_of", "n", {"values": [3, 7, 0.5]}), lambda v: v not in {3, 7}),
        (("one_of", "t", {"values": ["a", "", "ß"]}), lambda v: v not in {"a", "", "ß"}),
        (
            ("one_of", "t", {"values": ["A"], "ignore_case": True}),
            lambda v: v.lower() != "a",
        ),
        (("not_one_of", "t", {"values": ["a", "🦆"]}), lambda v: v in {"a", "🦆"}),
        (("one_of", "d", {"values": ["1969-12-31"]}), lambda v: v.year != 1969),
        (
            ("matches", "t", {"pattern": "[a-z]*"}),
            lambda v: not re.fullmatch("[a-z]*", v),
        ),
        (("length", "t", {"exactly": 1}), lambda v: len(v) != 1),
        (("trimmed", "t", {}), lambda v: v != v.strip()),
        (("not_blank", "t", {}), lambda v: not v.strip()),
        (("finite", "f", {}), lambda v: not math.isfinite(v)),
        (("whole", "f", {}), lambda v: not (math.isfinite(v) and v == int(v))),
        (("whole", "m", {}), lambda v: v != int(v)),
        (("multiple_of", "m", {"step": 0.05}), lambda v: v % Decimal("0.05") != 0),
        (("multiple_of", "n", {"step": 7}), lambda v: v % 7 != 0),
        (
            ("decimal_places", "m", {"max": 1}),
            lambda v: v * 10 != int(v * 10),
        ),
        (("not_in_future", "d", {}), lambda v: v > TODAY),
        (("not_in_future", "d", {"days": 1}), lambda v: v > TODAY + timedelta(days=1)),
        (("on_weekdays", "d", {}), lambda v: v.isoweekday() > 5),
    ],
)
def test_a_row_rule_counts_what_python_counts(
    check, rule: tuple[str, str, dict[str, Any]], fails: Callable[[Any], bool]
):
    kind, column, parameters = rule
    values = MIXED[column]
    is_about_nulls = kind == "not_null"
    found = check(MIXED, dsp.rule(kind, column, **parameters))
    wrong = [
        i
        for i, v in enumerate(values, 1)
        if (v is not None or is_about_nulls) and fails(v)
    ]
    n_rows = len(values) if is_about_nulls else sum(v is not None for v in values)
    assert found.problems == ()
    (result,) = found.results
    assert (result.n_failed, result.n_rows) == (len(wrong), n_rows)
    assert [f.row_number for f in found.failures] == wrong[:10]


def random_frame(seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 400
    return pd.DataFrame(
        {
            "a": pd.array(rng.integers(0, 12, n), dtype="Int64"),
            "b": rng.choice(["x", "y", "z", None], n),
            "c": rng.choice([0.5, 1.5, np.nan, np.inf], n),
            "d": pd.array(rng.integers(0, 3, n), dtype="Int64"),
        }
    ).mask(lambda f: rng.random(f.shape) < 0.03)


@pytest.mark.parametrize("seed", range(3))
def test_keys_and_dependencies_agree_with_pandas(check, seed: int):
    frame = random_frame(seed)
    table = pa.Table.from_pandas(frame, preserve_index=False)
    rows = table.to_pylist()
    pairs = [(r["a"], r["b"]) for r in rows if None not in (r["a"], r["b"])]
    by_key: dict[Any, Counter[Any]] = {}
    for r in rows:
        if None not in (r["a"], r["d"]):
            by_key.setdefault(r["a"], Counter())[r["d"]] += 1
    odd = sum(sum(c.values()) - max(c.values()) for c in by_key.values())
    found = check(
        table,
        dsp.rule("unique", "a", "b"),
        dsp.rule("primary_key", "a", "b"),
        dsp.rule("unique", "a"),
        dsp.rule("no_duplicate_rows"),
        dsp.rule("determines", "a", dependents=["d"]),
        dsp.rule("distinct_count", "a", exactly=0),
    )
    n_lacking = len(rows) - len(pairs)
    repeats = len(pairs) - len(set(pairs))
    values = [r["a"] for r in rows if r["a"] is not None]
    assert counts(found) == [
        repeats,
        repeats + n_lacking,
        len(values) - len(set(values)),
        len(rows) - len({tuple(map(str, r.values())) for r in rows}),
        odd,
        1,
    ]
    assert f"is {len(set(values))};" in found.results[5].observed


def test_failing_rows_of_keys_repeat_a_row_before_them(check):
    frame = random_frame(7)
    found = check(
        pa.Table.from_pandas(frame, preserve_index=False), dsp.rule("unique", "a", "d")
    )
    keys = frame[["a", "d"]]
    repeats = set(frame.index[keys.duplicated() & keys.notna().all(axis=1)] + 1)
    sampled = [f.row_number for f in found.failures]
    assert len(sampled) == 10
    assert set(sampled) <= repeats
    row = json.loads(found.failures[0].row)
    assert row["a"] == frame["a"][sampled[0] - 1]


def test_conditions_choose_the_rows(check):
    table = {"s": ["paid", "open", "paid", None], "x": [1, -1, -2, -3], "k": [1, 1, 1, 1]}
    found = check(
        table,
        dsp.rule("in_range", "x", min=0, where="s = 'paid'"),
        dsp.rule("unique", "k", where="s = 'paid'"),
        dsp.rule("row_count", exactly=2, where="s = 'paid'"),
        dsp.rule("sum", "x", min=-1, max=-1, where="s = 'paid'"),
        dsp.rule("not_null", "s", where="x < 0"),
        dsp.rule("increasing", "x", where="s = 'paid'"),
        dsp.rule("in_range", "x", min=0, where="s = 'gone'"),
    )
    assert counts(found) == [1, 1, 0, 0, 1, 1, 0]
    assert [r.n_rows for r in found.results[:2]] == [2, 2]
    last = found.results[-1]
    assert (last.outcome, last.reason) == (
        "not_evaluated",
        "no row that meets the condition has a value in x",
    )
    assert found.blocked == ()


def test_aggregates_leave_out_what_is_no_number(check):
    found = check(
        {"x": [1.0, 2.0, 4.0, NAN, INF, None]},
        dsp.rule("sum", "x", min=7, max=7),
        dsp.rule("mean", "x", min=2.3, max=2.4),
        dsp.rule("median", "x", min=2, max=2),
        dsp.rule("maximum", "x", max=4),
        dsp.rule("quantile", "x", at=0.5, min=2, max=2),
        dsp.rule("standard_deviation", "x", min=1.527, max=1.528),
    )
    assert counts(found) == [0] * 6


def test_order_and_gaps_by_group(check):
    table = {
        "g": ["a", "b", "a", "b", "a"],
        "t": [1, 10, 2, 5, 9],
        "at": [datetime(1969, 12, 31, h, tzinfo=UTC) for h in (1, 2, 3, 9, 23)],
    }
    found = check(
        table,
        dsp.rule("increasing", "t"),
        dsp.rule("increasing", "t", by=["g"]),
        dsp.rule("increasing", "t", decreasing=True, along="at", by=["g"]),
        dsp.rule("no_gaps", "t", step=4),
        dsp.rule("no_gaps", "t", step=4, by=["g"]),
        dsp.rule("no_gaps", "at", step="6h"),
    )
    # t in order: 1 2 5 9 10; within a: 1 2 9, within b: 5 10.
    assert counts(found) == [1, 1, 2, 0, 2, 1]
    rows = {f.check_id: f.row_number for f in found.failures}
    assert (rows["c0002"], rows["c0006"]) == (4, 5)


def test_foreign_keys_of_several_columns_and_types(check, engine: DuckEngine):
    engine.put(
        pa.table({"x": pa.array([1, 1, 2], pa.int16()), "y": ["a", None, "b"]}), "known"
    )
    found = check(
        {"a": [1, 1, 2, None, 3], "b": ["a", "b", "b", "a", None]},
        dsp.rule("foreign_key", "a", "b", to="known", to_columns=["x", "y"]),
        dsp.rule("foreign_key", "a", to="known", to_columns=["x"]),
        dsp.rule("foreign_key", "b", to="known", to_columns=["x"]),
        references={"known": StoredTable(engine, "known")},
    )
    assert [r.n_failed for r in found.results] == [1, 1, 0]
    assert found.blocked == ("c0003",)
    assert "a type" not in found.results[2].observed
    assert found.results[2].reason == (
        "b holds VARCHAR, and x of the other table SMALLINT"
    )


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (dsp.rule("in_range", "zzz", min=0), 'no column named "zzz" in the data'),
        (
            dsp.rule("in_range", "s", min=0),
            "s holds VARCHAR, and in_range looks at numbers",
        ),
        (dsp.rule("in_range", "x", min="low"), "'low' cannot be compared with x"),
        (dsp.rule("in_range", "x"), "in_range has no bound"),
        (dsp.rule("matches", "s", pattern="(?=x)"), "is not understood"),
        (dsp.rule("sql", condition="x >"), "is not SQL"),
        (dsp.rule("sql", condition="nope > 1"), "cannot be used: .*nope"),
        (dsp.rule("sql", condition="x"), "gives BIGINT, not true or false"),
        (dsp.rule("sql", condition="x > 1, s"), "more than one expression"),
        (dsp.rule("sql", condition="x > 1; drop table data"), "more than one"),
        (dsp.rule("sql", condition="x > 1) from data -- "), "is not SQL"),
        (dsp.rule("sql", condition="x in (select 1)"), "holds a query"),
        (dsp.rule("sql", condition="x > (from 'a.csv')"), "is not SQL|holds a query"),
        (dsp.rule("sql", condition="sum(x) > 1"), "figure of many rows"),
        (dsp.rule("sql", condition="lag(x) over () > 1"), "looks at other rows"),
        (dsp.rule("sql", condition="random() > x"), "is random"),
        (dsp.rule("sql", condition="getenv('HOME') = s"), "outside the table"),
        (dsp.rule("unique", "x", where="x = = 1"), "is not SQL"),
        (dsp.rule("foreign_key", "x", to="gone.csv"), "gone.csv has not been read"),
        (dsp.check("c", lambda t: t.nope > 1), "the expression raises AttributeError"),
        (dsp.check("c", lambda t: 1 / 0), "the expression raises ZeroDivisionError"),
        (dsp.check("c", lambda t: t.x), "a value of type int64, not true or false"),
        (dsp.check("c", lambda t: "yes"), "a str, not true or false"),
        (dsp.rule("expression"), "cannot be written in a rules file"),
    ],
)
def test_a_wrong_rule_fails_alone(check, rule: Rule, reason: str):
    healthy = dsp.rule("in_range", "x", min=2)
    found = check({"x": [1, 2], "s": ["a", "b"]}, healthy, rule, healthy)
    outcomes = [r.outcome for r in found.results]
    assert outcomes == ["failed", "not_evaluated", "failed"]
    assert re.search(reason, found.results[1].reason or "")
    assert re.search(reason, found.problems[0].error)
    assert (found.blocked, found.passed) == (("c0002",), False)


def test_a_reference_that_cannot_be_read_says_why(check):
    rule = dsp.rule("foreign_key", "x", to="gone.csv")
    found = check({"x": [1]}, rule, references={"gone.csv": DspError("it is gone")})
    assert found.results[0].reason == "it is gone"


def test_rows_for_which_a_condition_raises_fail(check):
    table = {"x": ["1", "two", None, "3"]}
    found = check(
        table,
        dsp.rule("sql", condition="cast(x as integer) < 3"),
        dsp.rule("length", "x", max=1, where="cast(x as integer) > 0"),
        dsp.check("ibis", lambda t: t.x.cast("int64") < 3),
    )
    assert counts(found) == [2, 0, 2]
    assert [f.row_number for f in found.failures][:2] == [2, 4]


def test_ibis_expressions_of_rows_windows_and_tables(check):
    table = {"x": [1.0, 2.0, 9.0, None], "g": ["a", "a", "b", "b"]}
    found = check(
        table,
        dsp.check("row", lambda t: t.x < 5),
        dsp.check("mean", lambda t: t.x <= t.x.mean()),
        dsp.check("group", lambda t: t.x == t.x.max().over(group_by="g")),
        dsp.check("figure", lambda t: t.x.sum() == 12),
        dsp.check("figure of some", lambda t: t.x.sum() == 12, where="g = 'a'"),
        dsp.check("row of some", lambda t: t.x < 2, where="g = 'a'", tolerance=0.5),
        dsp.check("several", lambda t: (t.x > 0) & t.g.isin(["a"])),
    )
    assert counts(found) == [1, 1, 1, 0, 1, 1, 2]
    assert [r.outcome for r in found.results][-2:] == ["passed", "failed"]
    rows = {f.check_id: f.row_number for f in found.failures}
    assert (rows["c0002"], rows["c0003"]) == (3, 1)


def test_tolerances_decide(check):
    rules = [
        dsp.rule("not_null", "x", tolerance=t) for t in (None, 1, 2, 0.4, "39%", 0.0)
    ]
    found = check({"x": [1, None, None, 4, 5]}, *rules)
    assert [r.outcome for r in found.results] == [
        "failed",
        "failed",
        "passed",
        "passed",
        "failed",
        "failed",
    ]
    assert found.results[2].max_failed == 2
    assert found.results[3].tolerance == 0.4


def scanned(engine: DuckEngine, work: Callable[[], Any]) -> tuple[int, Any]:
    """Return the cells that table scans read, by DuckDB's own profile, and the result."""
    read: list[int] = []
    engine.execute("set enable_profiling = 'no_output'")

    def rows(text: str, params: Any = None, *, is_scan: bool = True) -> list[Any]:
        result = type(engine).rows(engine, text, params, is_scan=is_scan)
        profile = json.loads(engine._con.get_profiling_information(format="json"))
        read.append(_cells(profile))
        return result

    engine.rows = rows  # type: ignore[method-assign]
    found = work()
    return sum(read), found


def _cells(node: dict[str, Any]) -> int:
    own = 0
    if node.get("operator_type") == "TABLE_SCAN":
        columns = node["extra_info"].get("Projections", [])
        n_columns = len(columns) if isinstance(columns, list) else bool(columns)
        own = node["operator_cardinality"] * n_columns
    return own + sum(_cells(child) for child in node.get("children", ()))


def fifty_rules() -> list[Rule]:
    rule = dsp.rule
    columns = ["id", "k", "v", "s", "at", "x"]
    return [
        *(rule("not_null", c) for c in columns),
        *(rule("unique", c, tolerance="100%") for c in columns),
        *(rule("distinct_count", c, min=1) for c in columns),
        *(rule("varies", c) for c in ["id", "k", "v", "x"]),
        rule("primary_key", "id"),
        rule("unique", "k", "v"),
        rule("unique", "k", "s"),
        rule("no_duplicate_rows"),
        rule("determines", "k", dependents=["s"]),
        rule("determines", "id", dependents=["v"]),
        *(rule("in_range", c, min=0, max=5_000) for c in ["id", "k", "v", "x"]),
        rule("one_of", "s", values=["a", "b"]),
        rule("matches", "s", pattern="[abc]"),
        rule("length", "s", exactly=1),
        rule("foreign_key", "k", to="known", to_columns=["k"]),
        rule("sql", condition="v < 99"),
        rule("if_then", **{"if": "s = 'a'", "then": "v > 3"}),
        rule("compare", "k", "v", **{"is": "<="}),
        rule("adds_up", "k", "v", total="x"),
        rule("sum", "v", min=0),
        rule("mean", "x", max=1),
        rule("median", "v", min=0),
        rule("share", of="v > 3", min=0.5),
        rule("null_share", "v", max=0.1),
        rule("not_in_future", "at"),
        rule("fresh", "at", max_age="1 day"),
        rule("no_gaps", "at", step="2 days"),
        rule("no_gaps", "x", step=1, by=["s"]),
        rule("increasing", "v"),
        rule("no_outliers", "x"),
        rule("row_count", min=1),
        rule("columns", names=columns),
        rule("covers", "s", values=["a", "z"]),
        dsp.check("ibis", lambda t: t.v >= t.k),
        rule("in_range", "nope", min=0),
        rule("sql", condition="nope > 0"),
    ]


def test_fifty_rules_cost_at_most_three_scans():
    engine = DuckEngine(threads=2)
    n = 1_000_000
    engine.execute(
        "create table data as select range as id, range % 1000 as k, range % 7 as v, "
        "['a', 'b', 'c'][(range % 3 + 1)::int] as s, "
        "date '2020-01-01' + (range // 1000)::int as at, range % 97 / 3 as x, "
        f"{', '.join(f'range + {i} as more{i}' for i in range(6))} from range({n})"
    )
    engine.execute("create table known as select range as k from range(990)")
    rules = fifty_rules()
    assert len(rules) >= 50
    stored = StoredTable(engine, "data")
    references = {"known": StoredTable(engine, "known")}
    n_read, found = scanned(
        engine,
        lambda: DataValidator(engine, today=TODAY).validate(
            stored, rules=rules, references=references
        ),
    )
    assert len(found.blocked) == len(found.problems) == 2
    assert sum(r.outcome == "failed" for r in found.results) > 10
    assert found.failures
    assert n_read / (12 * n) <= 3
    engine.close()


def test_a_table_where_every_row_fails_is_not_searched():
    engine = DuckEngine(threads=2)
    n = 1_000_000
    engine.execute(f"create table data as select -range - 1 as x from range({n})")
    rules = [dsp.rule("in_range", "x", min=i) for i in range(30)]
    n_read, found = scanned(
        engine,
        lambda: DataValidator(engine).validate(StoredTable(engine, "data"), rules=rules),
    )
    assert {r.n_failed for r in found.results} == {n}
    assert len(found.failures) == 300
    assert n_read / n <= 1.5
    engine.close()


def test_tables_in_memory_are_references_too():
    known = pd.DataFrame({"id": [1, 2]})
    rules = [
        dsp.rule("foreign_key", "x", to=known, to_columns=["id"]),
        dsp.rule("row_count_like", to={"a": [1, 2, 3, 4]}, within=0.1),
    ]
    found = dsp.validate(pa.table({"x": [1, 2, 3]}), rules=rules)
    assert counts(found) == [1, 1]
    assert "is 75.0%" in found.results[1].observed


def test_a_validator_takes_what_names_rules(tmp_path: Any, engine: DuckEngine):
    (tmp_path / "r.toml").write_text("[columns.x]\nmin = 2\n", encoding="utf-8")
    table = engine.put(pa.table({"x": [1, 2]}), "data")
    validator = DataValidator(engine)
    for rules in (
        tmp_path / "r.toml",
        {"columns": {"x": {"min": 2}}},
        dsp.rule("in_range", "x", min=2),
    ):
        assert counts(validator.validate(table, rules=rules)) == [1]


@pytest.mark.parametrize("seed", range(4))
def test_random_rules_agree_with_plain_python(check, seed: int):
    """Ranges, sets and lengths with conditions, on rows that lack values."""
    rng = np.random.default_rng(seed)
    n = 200
    numbers = [None if rng.random() < 0.2 else int(rng.integers(-9, 9)) for _ in range(n)]
    letters = ["", "a", "Bb", "ccc", "é", " x ", None]
    texts = [letters[int(rng.integers(0, len(letters)))] for _ in range(n)]
    rules, wanted = [], []
    for _ in range(12):
        low = int(rng.integers(-9, 9))
        high = low + int(rng.integers(0, 9))
        limit = int(rng.integers(0, 4))
        some = [str(v) for v in rng.choice(["a", "Bb", "é", "q"], 2)]
        where = f"n >= {limit}"
        met = [v is not None and v >= limit for v in numbers]
        rules += [
            dsp.rule("in_range", "n", min=low, max=high),
            dsp.rule("in_range", "n", above=low, where="t <> ''"),
            dsp.rule("one_of", "t", values=some, where=where),
            dsp.rule("length", "t", max=limit),
            dsp.rule("not_null", "t", where=where),
        ]
        wanted += [
            sum(v is not None and not low <= v <= high for v in numbers),
            sum(
                v is not None and v <= low and t not in {"", None}
                for v, t in zip(numbers, texts, strict=True)
            ),
            sum(
                m and t is not None and t not in some
                for m, t in zip(met, texts, strict=True)
            ),
            sum(t is not None and len(t) > limit for t in texts),
            sum(m and t is None for m, t in zip(met, texts, strict=True)),
        ]
    assert counts(check({"n": numbers, "t": texts}, *rules)) == wanted
