"""Every kind of rule runs its example, and meets every nasty table."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

import dsp
from dsp.checks import DataValidator, Rules
from dsp.checks.parameters import TYPES
from dsp.registry import plugins

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dsp.checks.kind import Example
    from dsp.engine import DuckEngine

TODAY = date(2026, 1, 1)
KINDS = plugins("checks.rules")
DIMENSIONS = {"completeness", "validity", "uniqueness", "consistency", "freshness"}
every_kind = pytest.mark.parametrize("name", sorted(KINDS))


def rules_in(name: str) -> list[Any]:
    example = KINDS[name].example
    if not example.toml:
        return [dsp.check("margin", lambda t: t.revenue >= t.cost)]
    return list(Rules.of(tomllib.loads(example.toml)))


def put(
    engine: DuckEngine,
    columns: Mapping[str, Sequence[Any]],
    name: str,
    types: Mapping[str, str] | None,
) -> Any:
    engine.put(pa.table({c: list(v) for c, v in columns.items()}), f"{name}_plain")
    items = ", ".join(
        f'cast("{c}" as {types[c]}) as "{c}"' if types and c in types else f'"{c}"'
        for c in columns
    )
    engine.create(name, f'select {items} from "{name}_plain"')
    return engine.table(name)


def found(engine: DuckEngine, name: str, columns: Mapping[str, Sequence[Any]]) -> Any:
    example: Example = KINDS[name].example
    references = {
        source: put(engine, table, f"reference_{i}", None)
        for i, (source, table) in enumerate((example.references or {}).items())
    }
    table = put(engine, columns, "data", example.types)
    validator = DataValidator(engine, today=TODAY)
    return validator.validate(table, rules=rules_in(name), references=references)


@every_kind
def test_a_kind_is_documented(name: str):
    kind = KINDS[name]
    assert kind.title
    assert kind.nulls
    assert kind.dimension in DIMENSIONS
    assert [p.name for p in kind.parameters if p.type not in TYPES] == []
    assert all(p.description.endswith(".") for p in kind.parameters)
    known = {p.name for p in kind.parameters}
    assert kind.primary is None or kind.primary in known


@every_kind
def test_the_passing_example_passes(name: str, engine: DuckEngine):
    validation = found(engine, name, KINDS[name].example.passing)
    assert validation.problems == ()
    outcomes = {(r.kind, r.outcome, r.n_failed) for r in validation.results}
    assert outcomes == {(name, "passed", 0)}


@pytest.mark.parametrize("name", sorted(set(KINDS) - {"no_rejects"}))
def test_the_failing_example_fails_by_its_count(name: str, engine: DuckEngine):
    validation = found(engine, name, KINDS[name].example.failing)
    assert validation.problems == ()
    (result,) = validation.results
    assert (result.outcome, result.n_failed) == ("failed", KINDS[name].example.n_failed)
    assert engine.rows(result.evidence_sql) == [(result.n_failed,)]
    assert re.search(r"\{(n|rows|percent)[:}]", result.observed) is None
    sampled = {f.row_number for f in validation.failures}
    assert len(sampled) <= result.n_failed


@every_kind
def test_no_rows_are_not_evaluated_or_a_figure(name: str, engine: DuckEngine):
    example = KINDS[name].example
    types = {c: (example.types or {}).get(c) for c in example.passing}
    full = put(engine, example.passing, "data", {c: t for c, t in types.items() if t})
    references = {
        source: put(engine, table, f"reference_{i}", None)
        for i, (source, table) in enumerate((example.references or {}).items())
    }
    validation = DataValidator(engine, today=TODAY).validate(
        full.limit(0), rules=rules_in(name), references=references
    )
    assert validation.problems == ()
    for result in validation.results:
        is_figure = result.n_rows == 1 or name in {"columns", "no_rejects"}
        assert (result.outcome == "not_evaluated") != is_figure, result
        assert engine.rows(result.evidence_sql) == [(result.n_failed,)]


@every_kind
def test_a_missing_column_blocks_one_rule_alone(name: str, engine: DuckEngine):
    rules = [r for r in rules_in(name) if r.columns]
    table = engine.put(pa.table({"unrelated": [1]}), "data")
    healthy = dsp.rule("row_count", exactly=1)
    validation = DataValidator(engine).validate(table, rules=[*rules, healthy])
    outcomes = [r.outcome for r in validation.results]
    assert outcomes == ["not_evaluated"] * len(rules) + ["passed"]
    assert len(validation.blocked) == len(validation.problems) == len(rules)


def test_all_kinds_together_meet_nasty_tables(nasty: tuple[str, Any], engine: DuckEngine):
    _, table = nasty
    data = engine.put(table, "data")
    names = table.column_names[:8]
    rules = []
    for name in sorted(KINDS):
        (example, *_) = rules_in(name)
        n = len(example.columns)
        starts = range(0, len(names) - n + 1, 1 if n else len(names))
        rules += [example.but(columns=tuple(names[i : i + n])) for i in starts]
    validation = DataValidator(engine, today=TODAY).validate(data, rules=rules)
    assert [r.rule_id for r in validation.results] == [r.known_as for r in rules]
    assert len(validation.blocked) == len(validation.problems)
    for result in validation.results:
        assert engine.rows(result.evidence_sql) == [(result.n_failed,)], result
