"""Personal data is found, and then nowhere to be seen."""

from __future__ import annotations

import random
import re
from dataclasses import fields
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest  # noqa: TC002 - annotations of fixtures

from dsp.checks import DataValidator
from dsp.engine import DuckEngine, Store, StoredTable
from dsp.records import (
    ColumnProfile,
    FailureRow,
    HistogramBin,
    Insight,
    PersonalData,
    TextPattern,
    TopValue,
)
from dsp.semantic import TYPES
from dsp.semantic.redaction import HIDDEN, hidden_columns, masked, redacted
from dsp.statistics import StatisticsEngine, details, personal

N = 240
RANDOM = random.Random(5)


def card(i: int) -> str:
    """Return a number with 16 digits, the last one by Luhn."""
    digits = f"4{i:014}"
    total = sum(
        int(d) if k % 2 else sum(divmod(2 * int(d), 10)) for k, d in enumerate(digits)
    )
    return digits + str(-total % 10)


PEOPLE: dict[str, list[Any]] = {
    "row": list(range(N)),
    "Last Name": [
        RANDOM.choice(["Zwetschke", "Quint-Ohm", "Xylander"]) for _ in range(N)
    ],
    "contact": [f"user{i:05}@mail.example" for i in range(N)],
    "note": [
        f"call +49 30 55{i:05} now" if i % 3 == 0 else "nothing to say" for i in range(N)
    ],
    "payment": [f"paid with {card(770_000 + i)}" for i in range(N)],
    "host": [f"10.77.{i % 200}.{i % 9 + 11}" for i in range(N)],
    "birth_date": [date(1951, 3, 7) + timedelta(days=61 * i) for i in range(N)],
    "salary": [41_234.57 + 13.37 * i for i in range(N)],
    "city": [RANDOM.choice(["Bern", "Basel"]) for _ in range(N)],
    "units": [RANDOM.randint(1, 30) for _ in range(N)],
}


def profiled(
    engine: DuckEngine, columns: dict[str, Any]
) -> tuple[list[object], list[PersonalData]]:
    engine.put(pa.table(columns), "data", schema="clean")
    stored = StoredTable(engine, "data", "clean")
    room = StatisticsEngine(engine)
    profile = room.profile(stored)
    details = room.details(stored, profile.columns)
    relations = room.relations(stored, profile.columns)
    structure = room.structure(stored, profile.columns)
    records: list[object] = [
        *profile.columns,
        *profile.histograms,
        *profile.top_values,
        *details,
        *relations.associations,
        *structure.dependencies,
    ]
    return records, [d for d in details if isinstance(d, PersonalData)]


def found_in(engine: DuckEngine, columns: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    _, found = profiled(engine, columns)
    for row in found:
        counted = engine.rows(row.evidence_sql)[0][0]
        assert counted == (row.n_rows if row.n_found is None else row.n_found)
        assert row.fraction is None or row.fraction == counted / row.n_rows
    return {r.column_name: (r.kind, r.basis, r.confidence, r.n_found) for r in found}


def test_every_kind_is_found_with_its_count(engine: DuckEngine) -> None:
    assert found_in(engine, PEOPLE) == {
        "Last Name": ("name", "name", 0.6, None),
        "contact": ("email", "values", 0.9, N),
        "note": ("phone", "values", 0.9, N // 3),
        "payment": ("payment_card", "values", 0.9, N),
        "host": ("ip_address", "values", 0.9, N),
        "birth_date": ("birth_date", "name", 0.6, None),
        "salary": ("income", "name", 0.6, None),
    }


def test_name_and_values_together_are_surer(engine: DuckEngine) -> None:
    columns = {
        "email": PEOPLE["contact"],
        "card number": [card(i) for i in range(N)],
        "phone": [2_000_000_000 + 17 * i for i in range(N)],
        "mobile": ["yes", "no"] * (N // 2),
    }
    assert found_in(engine, columns) == {
        "email": ("email", "both", 0.99, N),
        "card number": ("payment_card", "both", 0.99, N),
        "phone": ("phone", "both", 0.99, N),
        "mobile": ("phone", "name", 0.6, None),
    }


def test_types_that_do_not_fit_a_name_refute_it(engine: DuckEngine) -> None:
    columns = {"surname": list(range(N)), "salary": ["high", "low"] * (N // 2)}
    assert found_in(engine, columns) == {}
    assert found_in(engine, {"surname": pa.array([None] * N, pa.string())}) == {}


def test_numbers_with_check_digits_by_chance_are_no_cards(engine: DuckEngine) -> None:
    orders = [f"order 4{RANDOM.randint(0, 10**15 - 1):015}" for _ in range(N)]
    right = sum(card(int(o[7:-1])) == o[6:] for o in orders)
    assert 5 < right < N / 4
    assert found_in(engine, {"order": orders}) == {}


def test_positions_need_both_coordinates(engine: DuckEngine) -> None:
    latitude = [47 + i / 777 for i in range(N)]
    assert found_in(engine, {"latitude": latitude}) == {}
    assert found_in(engine, {"latitude": latitude, "home_lng": latitude}) == {
        "latitude": ("position", "name", 0.3, None),
        "home_lng": ("position", "name", 0.6, None),
    }


def test_names_speak_for_columns_beyond_those_that_are_searched(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(details, "MOST_COLUMNS", 1)
    columns = {n: PEOPLE[n] for n in ("city", "note", "Last Name", "contact")}
    assert found_in(engine, columns) == {
        "Last Name": ("name", "name", 0.6, None),
        "contact": ("email", "values", 0.9, N),
    }


def test_many_values_are_sampled_and_that_is_said(
    engine: DuckEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(personal, "SAMPLE_VALUES", 40)
    _, found = profiled(engine, {"contact": PEOPLE["contact"]})
    assert found[0].is_sampled
    assert found[0].n_found == found[0].n_rows
    assert 15 <= found[0].n_rows <= 80
    assert engine.rows(found[0].evidence_sql) == [(found[0].n_found,)]


def everything_in(records: Any) -> str:
    return "\n".join(
        f"{getattr(record, field.name)!r}"
        for record in records
        for field in fields(record)
    )


def test_no_value_of_a_personal_column_is_left(engine: DuckEngine) -> None:
    records, found = profiled(engine, PEOPLE)
    hidden = hidden_columns(found)
    assert hidden == set(PEOPLE) - {"row", "city", "units"}
    raw = {str(v) for name in hidden for v in PEOPLE[name]} - {"nothing to say"}
    before = everything_in(records)
    assert sum(value in before for value in raw) > 40
    shown = redacted(records, hidden_columns(found))
    after = everything_in(shown)
    assert [value for value in raw if value in after] == []
    assert "nothing to say" not in after
    for text in ("Bern", "Basel", "••••••••@••••.•••••••", "aaaa99999@aaaa.aaaaaaa"):
        assert text in after or "aaaa" in text
    # What is not personal stays as it is.
    kept = [r for r in records if getattr(r, "column_name", None) in ("city", "units")]
    assert set(kept) <= set(shown)
    assert len(shown) < len(records)


def test_fields_of_a_personal_column(engine: DuckEngine) -> None:
    records, found = profiled(engine, PEOPLE)
    shown = redacted(records, hidden_columns(found))
    column = next(
        r for r in shown if isinstance(r, ColumnProfile) and r.column_name == "salary"
    )
    assert (column.min_number, column.q50, column.max_number) == (None, None, None)
    assert (column.min_value, column.reason) == ("•••••.••", HIDDEN)
    assert column.mean is not None
    bins = {r.column_name for r in shown if isinstance(r, HistogramBin)}
    assert bins.isdisjoint({"salary", "birth_date"})
    assert "units" in bins
    top = [r for r in shown if isinstance(r, TopValue) and r.column_name == "Last Name"]
    assert {r.value for r in top} == {"•••••••••", "•••••-•••", "••••••••"}
    assert sum(r.n_rows for r in top) == N
    patterns = [
        r for r in shown if isinstance(r, TextPattern) and r.column_name == "contact"
    ]
    assert [(r.pattern, r.example) for r in patterns] == [
        ("aaaa99999@aaaa.aaaaaaa", "•••••••••@••••.•••••••")
    ]
    engine.execute("drop schema clean cascade")
    store = Store(engine)
    store.create()
    store.insert(shown)


def test_values_are_hidden_in_statements_and_failing_rows(engine: DuckEngine) -> None:
    records, found = profiled(engine, PEOPLE)
    failure = FailureRow(
        check_id="c1", sample=1, row='{"Last Name": "Xylander", "city": "Bern", "row": 3}'
    )
    secret = PEOPLE["contact"][0]
    insight = {f.name: None for f in fields(Insight)} | {
        "insight_id": "i1",
        "kind": "dominance",
        "columns": ("contact", "units"),
        "segment_value": secret,
        "statement": f"{secret} leads, before Xylander",
        "evidence_sql": f"select '{secret}'",
    }
    shown = redacted([*records, failure, Insight(**insight)], hidden_columns(found))
    hidden = next(r for r in shown if isinstance(r, FailureRow))
    assert hidden.row == '{"Last Name": "••••••••", "city": "Bern", "row": 3}'
    said = next(r for r in shown if isinstance(r, Insight))
    assert said.statement == f"{masked(secret)} leads, before ••••••••"
    assert said.evidence_sql == f"select '{masked(secret)}'"
    assert said.segment_value == masked(secret)


def test_only_fields_that_name_columns_are_read_as_names(engine: DuckEngine) -> None:
    # A column with the name of a type or role does not hide those who have it.
    columns = {"number": PEOPLE["contact"], "units": PEOPLE["units"]}
    records, _ = profiled(engine, columns)
    shown = redacted(records, {"number"})
    kept = [r for r in records if getattr(r, "column_name", None) == "units"]
    assert set(kept) <= set(shown)
    assert not re.search(r"user\d", everything_in(shown))


def test_nothing_is_hidden_without_personal_data(engine: DuckEngine) -> None:
    records, found = profiled(engine, {"city": PEOPLE["city"], "units": PEOPLE["units"]})
    assert found == []
    assert redacted(records, ()) == tuple(records)


def test_the_check_and_the_profile_agree(engine: DuckEngine) -> None:
    """The rule and the table look for the same types in texts."""
    from dsp import rule

    columns = {
        name: list(TYPES[name].valid) * 20
        for name in ("email", "iban", "payment_card", "ssn", "ipv4", "phone_e164")
    }
    for name, values in columns.items():
        table = engine.put(pa.table({"held": values}), "held")
        checked = DataValidator(engine).validate(
            table, rules=[rule("no_personal_data", by_name=False)]
        )
        failed = [c.n_failed for c in checked.results if c.kind == "no_personal_data"]
        _, found = profiled(engine, {"held": values})
        assert failed == [max(f.n_found or 0 for f in found)], name
        assert re.fullmatch("[a-z_]+", found[0].kind)
