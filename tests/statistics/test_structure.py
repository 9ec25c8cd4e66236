"""Keys and functional dependencies against brute force in pandas."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsp.engine import DuckEngine
from dsp.statistics import StatisticsEngine
from dsp.statistics.structure import EXHAUSTIVE, Limits, Structure
from dsp.statistics.structure import keys as key_search
from dsp.statistics.structure import sample as sampling
from dsp.statistics.structure.base import Data, repeats

NAMES = ['a "quoted" name', "select", "x0", "y", "it's; -- 🦆"]


def found_in(
    engine: DuckEngine, table: pa.Table, limits: Limits | None = None
) -> Structure:
    stored = engine.put(table, "data", schema="clean")
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(stored).columns
    return statistics.structure(stored, columns, limits=limits)


def of_kind(found: Structure, *kinds: str) -> dict[Any, int]:
    return {
        (d.kind, d.determinant, d.dependent): d.n_violations
        for d in found.dependencies
        if d.kind in kinds
    }


def chance(frame: pd.DataFrame, columns: tuple[str, ...]) -> float:
    first, *others = sorted((frame[c].nunique() for c in columns), reverse=True)
    return float(first * repeats(len(frame) / first, float(np.prod(others))))


def all_keys(frame: pd.DataFrame, share: float = 0.01) -> dict[Any, int]:
    """Return every minimal key and near-key of up to three columns."""
    names = [c for c in frame if frame[c].nunique() > 1]
    keys: list[set[str]] = []
    near: list[set[str]] = []
    found = {}
    for size in (1, 2, 3):
        for columns in combinations(names, size):
            if any(k <= {*columns} for k in keys):
                continue
            broken = len(frame) - len(frame[list(columns)].dropna().drop_duplicates())
            if broken == 0:
                keys.append({*columns})
                found["key", columns, None] = 0
            elif broken <= share * len(frame) and not any(k <= {*columns} for k in near):
                if size > 1 and broken * 10 > chance(frame, columns):
                    continue
                near.append({*columns})
                found["near_key", columns, None] = broken
    return found


def all_dependencies(
    frame: pd.DataFrame, keys: list[set[str]], *, least: float = 0.0, share: float = 0.01
) -> dict[Any, int]:
    """Return every minimal dependency of one or two columns, by counting."""
    names = [c for c in frame if frame[c].nunique() > 1]
    found: dict[Any, int] = {}
    repeating = [
        c
        for c in names
        if frame[c].count() - frame[c].nunique() >= share * frame[c].count()
    ]
    for size in (1, 2):
        for x in combinations(repeating, size):
            if any(k <= {*x} for k in keys):
                continue
            for y in repeating:
                if y in x or any(((("functional"), (part,), y) in found) for part in x):
                    continue
                rows = frame[[*x, y]].dropna()
                groups: dict[Any, Counter[Any]] = {}
                for *key, value in rows.itertuples(index=False):
                    groups.setdefault(tuple(key), Counter())[value] += 1
                n = len(rows)
                broken = sum(sum(c.values()) - max(c.values()) for c in groups.values())
                again = n - len(groups)
                usual = frame[y].dropna().value_counts(normalize=True).max()
                expected = again * (1 - usual)
                if again < 1 or again < share * n or expected <= 0 or expected < least:
                    continue
                if broken <= share * n and broken * 10 <= expected:
                    found["functional", x, y] = broken
    # What decides one half of a pair decides with it no more than alone.
    return {
        (kind, x, y): n
        for (kind, x, y), n in found.items()
        if len(x) == 1 or not any((kind, (a,), b) in found for a, b in (x, x[::-1]))
    }


def random_table(seed: int) -> pd.DataFrame:
    """Return a table with planted keys and dependencies, some broken, and gaps."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 400))
    a = rng.integers(0, max(1, n // int(rng.integers(1, 12))) + 1, n)
    b = a // int(rng.integers(1, 4)) % int(rng.integers(1, 40))
    c = rng.integers(0, int(rng.integers(1, 30)), n)
    d = (a * 7 + c) % int(rng.integers(2, 25))
    e = rng.permutation(n)
    columns = [a, b, c, d, e]
    frame = pd.DataFrame(dict(zip(NAMES, columns, strict=True)), dtype="Int64")
    for name in NAMES:
        if n and rng.random() < 0.5:
            i = rng.integers(0, n, int(rng.integers(0, 1 + n // 60)))
            frame.loc[i, name] = rng.choice(frame[name].dropna().to_numpy(), len(i))
        if n and rng.random() < 0.3:
            frame.loc[rng.random(n) < rng.choice([0.003, 0.3]), name] = pd.NA
    return frame


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_all_keys_and_dependencies_are_found(seed: int) -> None:
    frame = random_table(seed)
    engine = DuckEngine(threads=2)
    try:
        table = pa.Table.from_pandas(frame, preserve_index=False)
        found = found_in(engine, table, EXHAUSTIVE)
        keys = all_keys(frame) if len(frame) > 1 else {}
        assert of_kind(found, "key", "near_key") == keys
        exact = [{*x} for kind, x, _ in keys if kind == "key"]
        expected = all_dependencies(frame, exact) if len(frame) > 1 else {}
        assert of_kind(found, "functional") == expected
        for dependency in found.dependencies:
            proof = engine.rows(dependency.evidence_sql)[0]
            assert proof[0] == dependency.n_violations
            assert dependency.share == dependency.n_violations / dependency.n_rows
            if dependency.kind == "functional":
                broken = engine.rows(dependency.violations_sql)
                assert len(broken) == dependency.n_violations
        assert all(s.is_complete for s in found.searches)
    finally:
        engine.close()


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 2**31))
def test_a_sample_loses_nothing_that_is_exact(seed: int) -> None:
    """The same table searched by a sample of 300 rows and by all of its 6,000."""
    rng = np.random.default_rng(seed)
    n = 6_000
    product = rng.integers(0, 60, n)
    customer = rng.integers(0, 2_500, n)
    table = pa.table(
        {
            "line": np.arange(n) // 3,
            "item": np.arange(n) % 3,
            "product": product,
            "category": product % 8,
            "customer": customer,
            "city": customer % 35,
            "price": product * 40 + customer % 35,
            "noise": rng.integers(0, 50, n),
        }
    )
    engine = DuckEngine(threads=2)
    try:
        few = found_in(engine, table, Limits(sample_rows=300))
        every = found_in(engine, table, Limits(sample_rows=1 << 40))
    finally:
        engine.close()
    assert few.dependencies == every.dependencies
    assert {(d.determinant, d.dependent) for d in few.dependencies} >= {
        (("line", "item"), None),
        (("product",), "category"),
        (("customer",), "city"),
        (("product", "city"), "price"),
    }
    assert all(s.is_complete for s in few.searches)


def test_an_order_number_that_is_there_twice_is_nearly_a_key(engine: DuckEngine) -> None:
    ids: list[int | None] = [*range(398), 5, None]
    found = found_in(engine, pa.table({"id": ids, "v": [i % 7 for i in range(400)]}))
    (near,) = found.dependencies
    assert (near.kind, near.determinant, near.n_violations) == ("near_key", ("id",), 2)
    assert near.fix_hint == (
        "fill id in 1 row; remove or renumber 1 row with a repeated id, such as "
        "id = '5' (2 rows)"
    )
    assert sorted(engine.rows(near.violations_sql), key=str) == [
        (5, 5),
        (5, 398 % 7),
        (None, 399 % 7),
    ]


def test_a_broken_dependency_says_what_to_mend(engine: DuckEngine) -> None:
    product = [f"p{i % 900}" for i in range(9_000)]
    category = [f"c{i % 900 % 30}" for i in range(9_000)]
    for row in (3, 903, 1803, 40):
        category[row] = "wrong"
    found = found_in(engine, pa.table({"product": product, "category": category}))
    (dependency,) = [d for d in found.dependencies if d.dependent == "category"]
    assert (dependency.determinant, dependency.n_violations) == (("product",), 4)
    assert dependency.n_rows == 9_000
    assert dependency.fix_hint == (
        "set category to 'c3' where product = 'p3' (3 rows); "
        "set category to 'c10' where product = 'p40' (1 row)"
    )
    assert sorted(engine.rows(dependency.violations_sql)) == [
        *[("p3", "wrong")] * 3,
        ("p40", "wrong"),
    ]
    assert dependency.n_expected == pytest.approx((9_000 - 900) * (1 - 300 / 9_000))


def test_floats_are_keys_only_when_there_is_nothing_else(engine: DuckEngine) -> None:
    x = [i / 7 for i in range(50)]
    only = found_in(engine, pa.table({"x": x, "y": [1.5, 2.5] * 25}))
    assert [d.determinant for d in only.dependencies if d.kind == "key"] == [("x",)]
    both = found_in(engine, pa.table({"x": x, "n": [1, 2] * 25}))
    assert [d for d in both.dependencies if d.kind == "key"] == []


def test_dates_and_times_make_a_key(engine: DuckEngine) -> None:
    start = datetime(2024, 1, 1)  # noqa: DTZ001
    table = pa.table(
        {
            "day": [date(2024, 1, 1) + timedelta(days=i // 24) for i in range(480)],
            "hour": [(start + timedelta(hours=i % 24)).time() for i in range(480)],
            "is_open": [i % 2 == 0 for i in range(480)],
        }
    )
    found = found_in(engine, table)
    assert of_kind(found, "key") == {("key", ("day", "hour"), None): 0}
    assert of_kind(found, "functional") == {("functional", ("hour",), "is_open"): 0}


def test_limits_are_said(engine: DuckEngine) -> None:
    rng = np.random.default_rng(5)
    table = pa.table({f"c{i}": rng.integers(0, 30, 200) for i in range(20)})
    found = found_in(
        engine, table, Limits(key_columns=6, triple_columns=4, single_columns=9)
    )
    said = {s.search: (s.is_complete, s.reason) for s in found.searches}
    assert said == {
        "inclusion": (True, None),
        "missing": (True, None),
        "near_duplicates": (True, None),
        "key": (
            False,
            (
                "6 of 20 columns were combined by two; "
                "4 of 20 columns were combined by three"
            ),
        ),
        "functional": (False, "9 of 20 columns were tried as determinants"),
    }


def test_no_rows_have_no_structure(engine: DuckEngine) -> None:
    for n in (0, 1):
        found = found_in(engine, pa.table({"a": pa.array([1] * n, pa.int64())}))
        assert found.dependencies == ()


def test_a_sample_holds_whole_groups(engine: DuckEngine) -> None:
    rng = np.random.default_rng(3)
    customer = rng.integers(0, 4_000, 40_000)
    table = pa.table({"customer": customer, "n": rng.integers(0, 9, 40_000)})
    stored = engine.put(table, "data", schema="clean")
    columns = StatisticsEngine(engine).profile(stored).columns
    profiles = {c.column_name: c for c in columns}
    data = Data(engine, '"clean"."data"', profiles, Limits(sample_rows=2_000))
    drawn = sampling.draw(data, ["customer", "n"])
    sizes = Counter(drawn.parts["customer"]["customer"].tolist())
    hashed = engine.rows(
        "select xor(hash(customer), hash(null)), count(*) from clean.data group by 1"
    )
    assert sizes.items() <= dict(hashed).items()
    assert 1_000 < sum(sizes.values()) < 3_000
    assert 1_000 < len(drawn.parts[sampling.ROWS]["n"]) < 3_000


@pytest.mark.parametrize(
    ("n_rows", "n_values"), [(10, 3), (1_000, 700), (50_000, 4_000_000)]
)
def test_repetitions_by_chance(n_rows: int, n_values: int) -> None:
    rng = np.random.default_rng(1)
    trials = [
        n_rows - len(np.unique(rng.integers(0, n_values, n_rows))) for _ in range(200)
    ]
    error = np.std(trials) / np.sqrt(200)
    assert repeats(n_rows, n_values) == pytest.approx(np.mean(trials), abs=5 * error)


def test_the_same_structure_whatever_the_threads_and_the_order() -> None:
    rng = np.random.default_rng(11)
    n = 60_000
    product = rng.integers(0, 3_000, n)
    frame = pd.DataFrame(
        {
            "id": rng.permutation(n),
            "product": product,
            "category": np.where(rng.random(n) < 0.002, 99, product % 50),
            "shop": rng.integers(0, 40, n),
            "gap": pd.array(rng.integers(0, 9, n), dtype="Int64"),
        }
    )
    frame.loc[rng.random(n) < 0.2, "gap"] = pd.NA
    found = []
    for threads, rows in ((1, frame), (4, frame.sample(frac=1, random_state=3))):
        engine = DuckEngine(threads=threads)
        found.append(
            found_in(engine, pa.Table.from_pandas(rows, preserve_index=False)).records
        )
        engine.close()
    assert found[0] == found[1]
    kinds = {(type(r).__name__, getattr(r, "kind", "")) for r in found[0]}
    assert ("Dependency", "key") in kinds
    assert ("Dependency", "functional") in kinds


@pytest.mark.parametrize("held", [0, 250_000])
def test_keys_are_proved_by_hashes_held_or_not(
    held: int, engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_search, "HELD_ROWS", held)
    n = 30_000
    table = pa.table(
        {
            "shop": [i % 30 for i in range(n)],
            "day": [i // 30 % 100 for i in range(n)],
            "till": [i // 3_000 for i in range(n)],
            "ticket": [*range(n - 5), 1, 2, 3, 4, 5],
        }
    )
    found = found_in(engine, table, Limits(sample_rows=500))
    assert of_kind(found, "key", "near_key") == {
        ("near_key", ("ticket",), None): 5,
        ("key", ("shop", "day", "till"), None): 0,
    }


def test_a_table_of_many_columns_is_searched_within_limits(engine: DuckEngine) -> None:
    rng = np.random.default_rng(2)
    table = pa.table(
        {f"c{i}": rng.integers(0, 40 if i % 2 else 4_000, 300) for i in range(400)}
        | {"id": np.arange(300), "word": ["a", "A", "b"] * 100}
    )
    found = found_in(engine, table)
    assert ("key", ("id",), None) in of_kind(found, "key")
    said = {s.search: s for s in found.searches}
    assert said["key"].reason == (
        "30 of 402 columns were combined by two; 14 of 402 columns were combined by three"
    )
    assert str(said["inclusion"].reason).startswith("150 of 402 columns were compared")
    assert str(said["functional"].reason).startswith("60 of 402 columns were tried")
    assert [r.value for r in found.near_duplicates] == ["a"]
