"""What is proposed: planted faults are found with their figures, clean data is left."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from dsp.checks import DataValidator
from dsp.cleaning import asked_in_words
from dsp.semantic.spelling import folded, near, same
from dsp.transforms import DataTransformer

if TYPE_CHECKING:
    from dsp.engine import DuckEngine
    from dsp.records import Step


@pytest.fixture
def proposed(engine: DuckEngine):
    """Return a function from columns to the proposals, by their settings."""

    def run(columns: dict[str, Any], **known: Any) -> dict[str, Step]:
        table = engine.put(pa.table(columns), "data", schema="raw")
        found = DataTransformer(engine).propose(table, **known)
        assert found.problems == ()
        assert {step.status for step in found.steps} <= {"proposed"}
        return {step.setting or "": step for step in found.steps}

    return run


def outcome(engine: DuckEngine, step: Step) -> dict[str, list[Any]]:
    """Run the SQL of a proposal on the table it was made for."""
    engine.execute("create or replace view input as from raw.data")
    return engine.sql(step.sql).to_pydict()


def test_what_is_asked_for_is_what_was_proposed(proposed, engine):
    columns = {
        "city": ["Rome", "rome", "ROME.", "Bern"] * 10 + [None] * 3,
        "n": [1, 2, 3, None] * 10 + [4, 4, 4],
        "Big Id": [*range(40), 40, 41, 41],
        "x": [1.0, 2.0, 3.0, 4.0, 5.0] * 8 + [2.0, 3.0, 3.0],
    }
    found = proposed(columns)
    assert set(found) == {
        *("fold.city=same", "missing.city=mode", "missing.n=median"),
        *("duplicates=drop", "names=snake"),
    }
    table = engine.table("data", schema="raw")
    for setting, step in found.items():
        done = DataTransformer(engine).transform(table, **asked_in_words(setting))
        assert outcome(engine, step) == engine.fetch(done.table).to_pydict()
        assert step.n_rows_after == done.n_rows
    assert {setting: step.n_changed for setting, step in found.items()} == {
        "fold.city=same": 20,
        "missing.city=mode": 3,
        "missing.n=median": 10,
        "duplicates=drop": 1,
        "names=snake": 1,
    }
    evidence = json.loads(found["fold.city=same"].evidence or "")
    # Of spellings that occur equally often, the first in order stays.
    assert evidence == {
        "n_groups": 1,
        "groups": {"ROME.": {"ROME.": 10, "Rome": 10, "rome": 10}},
    }


def test_columns_with_a_role_and_columns_half_empty_are_not_filled(proposed):
    columns = {"y": [1, None, 3], "gone": [None, None, 1], "z": [1, None, 4]}
    assert set(proposed(columns, target="y")) == {"missing.z=median"}


def test_what_was_asked_for_is_not_proposed_again(proposed):
    from dsp.cleaning import transform_settings

    asked = transform_settings(missing={"z": "none"}, names="snake", duplicates="keep")
    assert proposed({"z": [1, None, 4, 5]}, settings=asked) == {}


def test_rare_values_far_out_are_proposed_where_checks_found_them(proposed, engine):
    values = [float(i % 10) for i in range(500)] + [1000.0, -900.0]
    table = pa.table({"fare": values, "id": range(502)})
    checks = DataValidator(engine).validate(engine.put(table, "data", schema="raw"))
    found = proposed({"fare": values, "id": range(502)}, checks=checks.results)
    (step,) = found.values()
    # Quartiles 2 and 7: fences 2 - 15 and 7 + 15.
    assert step.setting == "outliers.fare=winsorize"
    assert json.loads(step.evidence or "") == {
        "low": "-13.0",
        "high": "22.0",
        "n_outside": 2,
    }
    result = outcome(engine, step)
    assert result["fare"][-3:] == [9.0, 22.0, -13.0]
    assert result["fare_outlier"] == [False] * 500 + [True, True]


def test_figures_that_are_known_spare_the_scans(engine):
    rng = random.Random(3)
    columns = {
        "city": [rng.choice(["Rome", "Bern", "Oslo"]) for _ in range(3000)],
        "x": [rng.random() for _ in range(3000)],
    }
    table = engine.put(pa.table(columns), "data", schema="raw")
    checked = DataValidator(engine).validate(table)
    transformer = DataTransformer(engine)
    scans = []
    for known in ({}, checked.figures):
        before = engine.n_scans
        done = transformer.transform(table, known=known)
        proposal = transformer.propose(table, checks=checked.results, known=known)
        scans.append(engine.n_scans - before)
        assert (done.steps, proposal.steps) == ((), ())
    assert scans[1] < scans[0]


def units(found: dict[str, Step]) -> list[Step]:
    """Return the proposals that are about units: rows may repeat too."""
    return [step for step in found.values() if step.transform == "units"]


def weights(n: int = 400) -> list[float]:
    rng = random.Random(5)
    return [round(rng.lognormvariate(4.2, 0.2), 2) for _ in range(n)]


def test_grams_among_kilograms(proposed, engine):
    values = weights()
    mixed = [v * 1000 if i % 8 == 0 else v for i, v in enumerate(values)]
    found = proposed({"weight": mixed, "y": values[::-1]})
    (step,) = found.values()
    assert (step.transform, step.n_changed) == ("units", 50)
    assert json.loads(step.evidence or "")["repair"] == "divided by 1000"
    assert outcome(engine, step)["weight"] == pytest.approx(values)
    table = engine.table("data", schema="raw")
    asked = asked_in_words(step.setting or "")
    done = DataTransformer(engine).transform(table, **asked)
    assert engine.fetch(done.table)["weight"].to_pylist() == pytest.approx(values)


def test_a_repair_is_asked_for_by_the_names_as_loaded(engine):
    values = weights()
    mixed = [v * 1000 if i % 8 == 0 else v for i, v in enumerate(values)]
    table = engine.put(pa.table({"Body Weight": mixed}), "data", schema="raw")
    transformer = DataTransformer(engine)
    done = transformer.transform(table, names="snake")
    engine.create("data", done.select, schema="clean")
    found = transformer.propose(
        engine.table("data", schema="clean"), origins=done.origins
    )
    (step,) = [s for s in found.steps if s.transform == "units"]
    asked = asked_in_words(step.setting or "")
    again = transformer.transform(table, names="snake", **asked)
    assert engine.fetch(again.table)["body_weight"].to_pylist() == pytest.approx(values)


def test_euros_among_cents(proposed, engine):
    values = [int(v * 100) for v in weights()]
    mixed = [v / 100 if i % 5 == 0 else float(v) for i, v in enumerate(values)]
    (step,) = units(proposed({"price": mixed}))
    assert json.loads(step.evidence or "")["repair"] == "times 100"
    assert outcome(engine, step)["price"] == pytest.approx(values)


def test_fahrenheit_among_celsius(proposed, engine):
    rng = random.Random(7)
    celsius = [round(rng.uniform(36.0, 40.0), 1) for _ in range(300)]
    mixed = [c * 1.8 + 32 if i % 6 == 0 else c for i, c in enumerate(celsius)]
    (step,) = units(proposed({"temperature": mixed}))
    assert json.loads(step.evidence or "")["repair"] == "from °F to °C"
    assert outcome(engine, step)["temperature"] == pytest.approx(celsius)
    # Nothing says that these are temperatures.
    assert units(proposed({"score": mixed})) == []


def test_a_segment_in_pounds(proposed, engine):
    values, shops = weights(900), ["a", "b", "it's"] * 300
    mixed = [
        v * 2.20462 if s == "it's" else v for v, s in zip(values, shops, strict=True)
    ]
    (step,) = units(proposed({"weight_kg": mixed, "shop": shops}))
    assert (step.n_changed, step.columns) == (300, ("weight_kg",))
    assert "where shop it's would be like the other 600" in step.reason
    assert outcome(engine, step)["weight_kg"] == pytest.approx(values)
    # A shop may well be dearer.
    assert units(proposed({"price": mixed, "shop": shops})) == []


def test_no_units_are_seen_in_ordinary_numbers(proposed):
    rng = random.Random(11)
    n = 2_000
    columns = {
        "height": [rng.gauss(170, 12) for _ in range(n)],
        "income": [rng.lognormvariate(10, 1.2) for _ in range(n)],
        "size": [rng.choice([1, 10, 100]) for _ in range(n)],
        "count": [rng.randint(0, 9) ** 4 for _ in range(n)],
        "temp": [rng.gauss(15, 9) for _ in range(n)],
        "group": [rng.choice("abcdefgh") for _ in range(n)],
    }
    assert units(proposed(columns)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A+", "A-"),
        ("1.5", "15"),
        ("1-5", "15"),
        ("C++", "C"),
        ("v1", "v2"),
        ("-", ""),
        ("Zürich", "Zug"),
    ],
)
def test_what_differs_in_meaning_is_kept_apart(one: str, other: str):
    assert folded(one) != folded(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("New-York", "new york"),
        ("O'Brien", "OBrien"),
        ("Sao Paulo", "São  Paulo"),
        ("Inc.", "inc"),
        ("STRASSE", "Straße"),
        ("home_office", "Home Office "),
    ],
)
def test_spellings_of_one_category_are_joined(one: str, other: str):
    assert folded(one) == folded(other)


def test_near_spellings_need_a_frequent_one_and_no_digits():
    counts = {
        "Furniture": 100,
        "Furnitur": 2,
        "Furnitures": 9,
        "Model 1": 100,
        "Model 2": 1,
    }
    assert near(counts) == {"Furnitur": "Furniture"}
    assert near({"Gambia": 500, "Zambia": 2}) == {}
    assert near({"Toys": 500, "Toy": 2}) == {}
    # Two frequent ones are equally near: nobody knows which is meant.
    assert near({"Marta": 100, "Maria": 100, "Marxa": 1}) == {}
    assert same({"a": 1, "A": 1, "b": 3}) == {"a": "A"}
