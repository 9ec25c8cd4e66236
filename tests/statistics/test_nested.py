"""Nested columns against walking their values in Python."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.engine import DuckEngine, Store, StoredTable
from dsp.records import NestedProfile
from dsp.statistics import StatisticsEngine, nested


def detailed(engine: DuckEngine, **columns: pa.Array) -> dict[str, NestedProfile]:
    engine.put(pa.table(columns), "data", schema="clean")
    stored = StoredTable(engine, "data", "clean")
    room = StatisticsEngine(engine)
    records = room.details(stored, room.profile(stored).columns)
    found = [r for r in records if isinstance(r, NestedProfile)]
    for row in found:
        again = engine.sql(row.profile_sql).to_pylist()[0]
        assert {name: getattr(row, name) for name in again} == again
    assert len({r.path for r in found}) == len(found)
    return {r.path: r for r in found}


def check(row: NestedProfile, values: Iterable[Any]) -> None:
    """Hold a row against its values, null where what could hold one does not."""
    listed = list(values)
    known = [v for v in listed if v is not None]
    assert (row.n_values, row.n_null) == (len(known), len(listed) - len(known)), row.path
    if not known:
        assert row.reason == "no values"
        return
    assert row.reason is None
    if row.kind in ("list", "map", "text"):
        sizes = [len(v) for v in known]
        assert (row.n_empty, row.length_min, row.length_max) == (
            sizes.count(0),
            min(sizes),
            max(sizes),
        )
        assert row.length_mean == pytest.approx(sum(sizes) / len(sizes), rel=1e-12)
    if row.kind == "text":
        low, high = min(known, key=str.encode), max(known, key=str.encode)
        assert (row.min_value, row.max_value) == (low, high)
    if row.kind in ("integer", "float"):
        finite = [v for v in known if math.isfinite(v)]
        if not finite:
            assert (row.min_value, row.max_value, row.mean) == (None, None, None)
            return
        assert (float(row.min_value or ""), float(row.max_value or "")) == (
            min(finite),
            max(finite),
        )
        assert row.mean == pytest.approx(math.fsum(finite) / len(finite), rel=1e-9)


def test_structs_lists_and_maps_by_hand(engine: DuckEngine) -> None:
    person = pa.struct(
        [("it's", pa.string()), ("Size", pa.float64()), ("born", pa.date32())]
    )
    people = [
        {"it's": "Ann", "Size": 1.5, "born": date(2001, 2, 3)},
        {"it's": None, "Size": math.inf, "born": None},
        None,
    ]
    tags = [["x", None, "yyy"], [], None]
    marks = [[("a", 1), ("b", 2)], [("a", None)], None]
    found = detailed(
        engine,
        person=pa.array(people, person),
        tags=pa.array(tags, pa.list_(pa.string())),
        marks=pa.array(marks, pa.map_(pa.string(), pa.int64())),
        orders=pa.array(
            [[{"price": 2.0}, {"price": 4.0}], None, [None]],
            pa.list_(pa.struct([("price", pa.float64())])),
        ),
    )
    assert list(found) == [
        *("person", "person.it's", "person.Size", "person.born"),
        *("tags", "tags[]", "marks", "marks{a}", "marks{b}"),
        *("orders", "orders[]", "orders[].price"),
    ]
    kinds = {path: row.kind for path, row in found.items()}
    assert kinds["person"] == "struct"
    assert kinds["person.born"] == "date"
    assert (kinds["marks"], kinds["marks{a}"]) == ("map", "integer")
    check(found["person"], people)
    check(found["person.it's"], ["Ann", None])
    check(found["person.Size"], [1.5, math.inf])
    born = found["person.born"]
    assert (born.n_null, born.min_value) == (1, "2001-02-03")
    check(found["tags"], tags)
    check(found["tags[]"], ["x", None, "yyy"])
    check(found["marks"], marks)
    check(found["marks{a}"], [1, None])
    check(found["marks{b}"], [2, None])
    check(found["orders[]"], [{}, {}, None])
    check(found["orders[].price"], [2.0, 4.0])


def test_names_that_differ_by_case_or_are_none_are_followed(engine: DuckEngine) -> None:
    engine.execute(
        "create table odd as select {'a\"b': 1, ' ': 'x', '🦆': true} as s, "
        "union_value(num := 3) as u, map {1: 2.5, 7: 3.5} as m, [[1, 2], [3]] as l"
    )
    stored = StoredTable(engine, "odd")
    room = StatisticsEngine(engine)
    found = {
        r.path: r
        for r in room.details(stored, room.profile(stored).columns)
        if isinstance(r, NestedProfile)
    }
    assert found['s.a"b'].min_value == "1"
    assert found["s. "].max_value == "x"
    assert found["s.🦆"].mean == 1.0
    assert (found["m{1}"].mean, found["m{7}"].mean) == (2.5, 3.5)
    assert (found["l[]"].length_mean, found["l[][]"].mean) == (1.5, 2.0)
    assert found["u"].reason is not None
    assert found["u"].reason.endswith("are only counted")


def test_paths_keys_and_levels_are_bounded(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = pa.struct([(f"f{i}", pa.int64()) for i in range(80)])
    deep: pa.DataType = pa.int64()
    for _ in range(6):
        deep = pa.list_(deep)
    keys = [[(f"k{i:02}", i) for i in range(30)]]
    found = detailed(
        engine,
        wide=pa.array([{f"f{i}": i for i in range(80)}], wide),
        deep=pa.array([[[[[[[1]]]]]]], deep),
        keys=pa.array(keys, pa.map_(pa.string(), pa.int64())),
    )
    counted = {
        name: sum(p.startswith(name) for p in found) for name in ("wide", "deep", "keys")
    }
    assert counted == {"wide": 50, "deep": 4, "keys": 21}
    monkeypatch.setattr(nested, "MOST_PATHS", 5)
    rows = pa.array([{f"f{i}": i for i in range(80)}], wide)
    many = detailed(engine, **{f"c{i}": rows for i in range(6)})
    assert len(many) == 20


Walk = Callable[[list[Any]], list[Any]]
TREE = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "n": st.one_of(st.none(), st.floats(-1e9, 1e9), st.just(math.inf)),
            "t": st.one_of(
                st.none(), st.text(max_size=5).filter(lambda t: "\0" not in t)
            ),
            "l": st.one_of(
                st.none(), st.lists(st.one_of(st.none(), st.integers(-9, 9)), max_size=4)
            ),
        }
    ),
)


@settings(max_examples=30, deadline=None)
@given(st.lists(TREE, max_size=12))
def test_any_structs_agree_with_walking_them(rows: list[Any]) -> None:
    kind = pa.struct(
        [("n", pa.float64()), ("t", pa.string()), ("l", pa.list_(pa.int64()))]
    )
    found = detailed(DuckEngine(threads=2), s=pa.array(rows, kind))
    there = [row for row in rows if row is not None]
    lists = [row["l"] for row in there]
    elements = [e for values in lists if values is not None for e in values]
    check(found["s"], rows)
    check(found["s.n"], [row["n"] for row in there])
    check(found["s.t"], [row["t"] for row in there])
    check(found["s.l"], lists)
    check(found["s.l[]"], elements)


def test_rows_reach_their_table(engine: DuckEngine) -> None:
    found = list(detailed(engine, l=pa.array([[1, 2], None])).values())
    engine.execute("drop schema clean cascade")
    store = Store(engine)
    store.create()
    store.insert(found)
    assert store.read(NestedProfile) == found
