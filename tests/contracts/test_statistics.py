"""The statistics room on every nasty table: all figures come again from their SQL."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import pytest

from dsp.engine import DuckEngine, Store
from dsp.records import (
    Association,
    ColumnCollinearity,
    Dependency,
    DistributionFit,
    StructureSearch,
)
from dsp.registry import plugins
from dsp.statistics import StatisticsEngine


def test_a_profile_equals_its_queries(engine: DuckEngine, nasty: tuple[str, Any]) -> None:
    table = engine.put(nasty[1], "data", schema="clean")
    profile = StatisticsEngine(engine).profile(table)
    assert [c.column_name for c in profile.columns] == nasty[1].column_names
    for column in profile.columns:
        for name, value in engine.sql(column.profile_sql).to_pylist()[0].items():
            figure = getattr(column, name)
            assert figure == value or figure == pytest.approx(value, rel=1e-9), name
    for item in profile.histograms:
        assert engine.rows(item.profile_sql) == [(item.n_rows,)]
    for value in profile.top_values:
        listed = engine.rows(value.profile_sql)
        assert listed[value.rank - 1] == (value.value, value.n_rows)


def test_details_equal_their_queries(engine: DuckEngine, nasty: tuple[str, Any]) -> None:
    table = engine.put(nasty[1], "data", schema="clean")
    statistics = StatisticsEngine(engine)
    records: list[Any] = [*statistics.details(table, statistics.profile(table).columns)]
    for record in records:
        if isinstance(record, DistributionFit):
            bins = engine.rows(record.evidence_sql)
            assert sum(n for _, n in bins) == record.n_rows
            continue
        rows = engine.sql(record.profile_sql).to_pylist()
        assert any(
            all(_is_same(getattr(record, name), value) for name, value in row.items())
            for row in rows
        ), record
    engine.execute("drop schema if exists clean cascade")
    store = Store(engine)
    store.create()
    store.insert(records)
    for kind in dict.fromkeys(map(type, records)):
        assert store.read(kind) == [r for r in records if type(r) is kind]


def _is_same(figure: Any, value: Any) -> bool:
    if isinstance(figure, float):
        return bool(figure == pytest.approx(value, rel=1e-9))
    return bool(figure == value)


def test_relations_equal_their_queries(
    engine: DuckEngine, nasty: tuple[str, Any]
) -> None:
    table = engine.put(nasty[1], "data", schema="clean")
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(table).columns
    found = statistics.relations(table, columns, target=columns[-1].column_name)
    every = statistics.relations(
        table,
        columns,
        target=columns[-1].column_name,
        measures=sorted(plugins("statistics")),
    )
    assert (found.problems, every.problems) == ((), ())
    assert {a.measure for a in every.associations} <= set(plugins("statistics"))
    for association in every.associations[:400]:
        if association.measure not in {a.measure for a in found.associations}:
            _evidence_agrees(engine, association)
    on_data = [a for a in found.associations if a.measure != "partial_correlation"]
    for association in on_data[:200]:
        _evidence_agrees(engine, association)
    stored = Store(engine)
    engine.execute("drop schema if exists clean cascade")
    stored.create()
    records = [*found.associations, *found.collinearity]
    stored.insert([*columns, *records])
    assert tuple(stored.read(Association)) == found.associations
    assert tuple(stored.read(ColumnCollinearity)) == found.collinearity
    on_results = [a for a in found.associations if a.measure == "partial_correlation"]
    for row in [*found.collinearity[:50], *on_results[:50]]:
        listed = engine.sql(row.evidence_sql).to_pylist()
        fewest = min((pair["n_rows"] for pair in listed), default=row.n_rows)
        assert fewest == row.n_rows


def test_structure_equals_its_queries(engine: DuckEngine, nasty: tuple[str, Any]) -> None:
    table = engine.put(nasty[1], "data", schema="clean")
    statistics = StatisticsEngine(engine)
    found = statistics.structure(table, statistics.profile(table).columns)
    for dependency in found.dependencies:
        assert engine.rows(dependency.evidence_sql)[0][0] == dependency.n_violations
        broken = engine.rows(dependency.violations_sql)
        if dependency.kind == "functional":
            assert len(broken) == dependency.n_violations
        else:
            assert len(broken) >= dependency.n_violations
    stored = Store(engine)
    engine.execute("drop schema if exists clean cascade")
    stored.create()
    stored.insert(found.records)
    assert tuple(stored.read(Dependency)) == found.dependencies
    assert tuple(stored.read(StructureSearch)) == found.searches


def _evidence_agrees(engine: DuckEngine, found: Association) -> None:
    rows = engine.sql(found.evidence_sql).to_pylist()
    assert sum(row["n_rows"] for row in rows) == found.n_rows
    assert found.value is not None or found.reason
    for figure in (found.value, found.low, found.high, found.statistic, found.p_value):
        assert figure is None or math.isfinite(figure)
    if found.measure in ("pearson", "spearman") and found.value is not None:
        assert rows[0]["value"] == pytest.approx(found.value, abs=1e-9)


def test_comparisons_equal_their_queries(
    engine: DuckEngine, nasty: tuple[str, Any]
) -> None:
    table = engine.put(nasty[1], "data", schema="clean")
    statistics = StatisticsEngine(engine)
    columns = statistics.profile(table).columns
    usable = [c for c in columns if c.family not in ("nested", "binary")][:4]
    for value, by in itertools.permutations([c.column_name for c in usable], 2):
        found = statistics.compare_groups(table, value, by)
        for row in (*found.tests, *found.groups):
            _is_finite(row)
        for sql in {row.evidence_sql for row in found.tests}:
            rows = engine.sql(sql).to_pylist()
            assert sum(row["n_rows"] for row in rows) == found.tests[0].n_rows
    for target in columns[: 1 if len(columns) > 100 else 5]:
        relations = statistics.relations(table, columns, target=target.column_name)
        for row in (*relations.group_tests[:60], *relations.group_summaries[:60]):
            _is_finite(row)
            assert sum(r["n_rows"] for r in engine.sql(row.evidence_sql).to_pylist())
        fitted = statistics.regress_target(table, columns, target.column_name)
        for record in (fitted.fit, *fitted.coefficients) if fitted else ():
            _is_finite(record)
        if fitted:
            again = engine.sql(fitted.fit.evidence_sql).to_pylist()[0]
            assert again["n_rows"] == fitted.fit.n_rows


def _is_finite(record: Any) -> None:
    for item in dataclasses.fields(record):
        figure = getattr(record, item.name)
        assert not isinstance(figure, float) or math.isfinite(figure), (item.name, record)
