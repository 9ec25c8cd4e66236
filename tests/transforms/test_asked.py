"""What is asked for is done: full expected tables, computed by hand."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import ibis
import pyarrow as pa
import pytest

from dsp.errors import ColumnNotFoundError, SettingError


def test_missing_numbers_get_the_median_and_a_flag(asked):
    found = asked(
        {"age": [10, None, 30, 20, None], "x": [1.0, 2.0, None, 5.0, 8.0]},
        missing={"age": "median", "x": "median"},
    )
    assert found.columns == {
        "age": [10, 20, 30, 20, 20],
        "x": [1.0, 2.0, 3.5, 5.0, 8.0],
        "age_missing": [False, True, False, False, True],
        "x_missing": [False, False, True, False, False],
    }
    assert found.steps == [
        ("missing", ("age_missing",), 2),
        ("missing", ("age",), 2),
        ("missing", ("x_missing",), 1),
        ("missing", ("x",), 1),
    ]
    assert found.step(2).sql == (
        'select * replace (coalesce("age", cast(\'20\' as BIGINT)) as "age") from input'
    )


def test_filled_values_can_be_taken_back(asked, engine):
    original = [3, None, 9, None, 1]
    found = asked({"n": original}, missing={"n": ("constant", 0)})
    assert found.columns["n"] == [3, 0, 9, 0, 1]
    engine.create("clean", found.done.select)
    undone = engine.rows("select case when not n_missing then n end from clean")
    assert [value for (value,) in undone] == original


def test_a_median_between_two_whole_numbers_is_the_lower_one(asked):
    found = asked({"n": [1, 2, 5, 9, None]}, missing={"n": "median"})
    assert found.columns["n"] == [1, 2, 5, 9, 2]


def test_missing_decimals_and_dates_keep_their_type(asked):
    found = asked(
        {
            "d": pa.array([Decimal("1.10"), None, Decimal("2.30")], pa.decimal128(9, 2)),
            "day": [date(2024, 1, 5), date(2024, 1, 1), None],
        },
        missing={"d": "median", "day": "median"},
    )
    assert found.columns["d"] == [Decimal("1.10"), Decimal("1.70"), Decimal("2.30")]
    assert found.columns["day"] == [date(2024, 1, 5), date(2024, 1, 1), date(2024, 1, 1)]


def test_missing_texts_get_the_mode_the_smallest_of_equals(asked):
    found = asked(
        {"city": ["Rome", None, "Bern", "Rome", "Bern", ""]}, missing={"city": "mode"}
    )
    assert found.columns == {
        "city": ["Rome", "Bern", "Bern", "Rome", "Bern", "Bern"],
        "city_missing": [False, True, False, False, False, True],
    }


def test_missing_values_get_the_median_of_their_group(asked):
    found = asked(
        {
            "region": ["n", "s", "n", "s", None, "w", None, "n"],
            "income": [10.0, None, 20.0, 7.0, 50.0, None, None, None],
        },
        missing={"income": ("group", "region")},
    )
    assert found.columns["income"] == [10.0, 7.0, 20.0, 7.0, 50.0, None, 50.0, 15.0]
    assert found.steps == [
        ("missing", ("income_missing",), 4),
        ("missing", ("income",), 3),
    ]
    assert found.step(2).reason == (
        "3 missing values filled with the median of their region, as asked; "
        "1 left: their group has no value"
    )


def test_missing_texts_get_the_mode_of_two_columns(asked):
    found = asked(
        {
            "a": ["x", "x", "x", "y", "y", "x"],
            "b": [1, 1, 1, 1, 1, 1],
            "t": ["p", "q", None, None, "r", "q"],
        },
        missing={"t": "group:a,b"},
    )
    assert found.columns["t"] == ["p", "q", "q", "r", "r", "q"]


def test_a_flag_alone_and_none(asked):
    found = asked({"a": [1, None], "b": [None, 2]}, missing={"a": "flag", "b": "none"})
    assert found.columns == {"a": [1, None], "b": [None, 2], "a_missing": [False, True]}


def test_a_name_that_is_taken_gets_a_number(asked):
    found = asked({"A": [1, None], "a_missing": ["x", "y"]}, missing={"A": "flag"})
    assert found.table.column_names == ["A", "a_missing", "A_missing_2"]


def test_nothing_missing_is_no_step(asked):
    assert asked({"a": [1, 2]}, missing={"a": "median"}).steps == []


@pytest.mark.parametrize(
    ("columns", "wishes", "message"),
    [
        ({"a": ["x"]}, {"missing": {"a": "median"}}, None),
        ({"a": ["x", None]}, {"missing": {"a": "median"}}, "which has no median"),
        ({"a": [1, None]}, {"missing": {"a": "constant:x"}}, 'BIGINT, which "x" is not'),
        ({"a": pa.array([None], pa.int32())}, {"missing": {"a": "mode"}}, "no values"),
        ({"a": ["x"]}, {"outliers": {"a": "flag"}}, "only numbers lie far out"),
        ({"a": pa.array([None], pa.int32())}, {"outliers": {"a": "flag"}}, "no values"),
        ({"a": [1]}, {"fold": ["a"]}, "holds BIGINT, no categories"),
        ({"a": [1]}, {"date_parts": ["a"]}, "which has no date parts"),
        ({"a": ["1", "x", "y"]}, {"casts": {"a": "integer"}}, "2 of 3 values do not fit"),
        ({"a": [[1]]}, {"casts": {"a": "date"}}, r"holds BIGINT\[\], which is no date"),
        ({"a": [1], "b": [2]}, {"names": {"a": "B"}}, 'two columns the name "b"'),
        ({"a": [1]}, {"names": {"a": ""}}, "a column without a name"),
    ],
)
def test_what_cannot_be_done_is_said(asked, columns: Any, wishes: Any, message: str):
    with pytest.raises(SettingError, match=message or "no median"):
        asked(columns, **wishes)


@pytest.mark.parametrize(
    "wishes",
    [
        {"missing": {"agee": "flag"}},
        {"missing": {"age": ("group", "agee")}},
        {"outliers": {"agee": "flag"}},
        {"fold": ["agee"]},
        {"casts": {"agee": "text"}},
        {"date_parts": "agee"},
        {"duplicates": {"by": "agee"}},
        {"names": {"agee": "years"}},
    ],
)
def test_a_misspelt_column_is_said(asked, wishes: Any):
    with pytest.raises(ColumnNotFoundError, match='did you mean "age"') as caught:
        asked({"age": [1, None], "b": [1, 1]}, **wishes)
    assert 'no column named "agee"' in caught.value.as_line()


def test_the_target_is_not_filled(asked):
    with pytest.raises(SettingError, match='"y" is the target'):
        asked({"y": [1, None]}, target="y", missing={"y": "median"})


def test_far_values_are_flagged(asked):
    # Quartiles 2 and 6, so the fences are 2 - 3 * 4 and 6 + 3 * 4.
    values = [1, 2, 3, 4, 5, 6, 7, 100, None]
    found = asked({"fare": values}, outliers={"fare": "flag"})
    assert found.columns == {
        "fare": values,
        "fare_outlier": [False] * 7 + [True, False],
    }
    assert found.step(1).evidence == '{"low": "-10", "high": "18", "n_outside": 1}'


def test_far_values_are_drawn_in(asked):
    found = asked(
        {"fare": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 100.0, -50.0, None]},
        outliers={"fare": "winsorize:iqr:1.5"},
    )
    # Sorted: -50 1 2 3 4 5 6 7 100; quartiles 2 and 6, fences -4 and 12.
    assert found.columns == {
        "fare": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 12.0, -4.0, None],
        "fare_outlier": [False] * 7 + [True, True, False],
    }
    assert [s[:2] for s in found.steps] == [
        ("outliers", ("fare_outlier",)),
        ("outliers", ("fare",)),
    ]


def test_values_are_drawn_in_to_quantiles(asked):
    found = asked(
        {"n": pa.array(range(1, 101), pa.int16())},
        outliers={"n": ("winsorize", 0.05, 0.9)},
    )
    expected = [min(max(n, 5), 90) for n in range(1, 101)]
    assert found.columns["n"] == expected
    assert found.table.schema.field("n").type == pa.int16()
    assert sum(found.columns["n_outlier"]) == 4 + 10


def test_decimals_are_drawn_in_exactly(asked):
    values = [Decimal("1.10"), Decimal("1.20"), Decimal("1.30"), Decimal("9.99")]
    found = asked(
        {"d": pa.array(values, pa.decimal128(9, 2))}, outliers={"d": "winsorize:iqr:1"}
    )
    # Quartiles 1.10 and 1.30: fences 0.90 and 1.50.
    assert found.columns["d"] == [*values[:3], Decimal("1.50")]


def test_limits_leave_infinite_values_out_but_draw_them_in(asked):
    values = [1.0, 2.0, 3.0, 4.0, float("inf")]
    found = asked({"x": values}, outliers={"x": "winsorize"})
    assert found.columns["x"] == [1.0, 2.0, 3.0, 4.0, 9.0]


def test_the_target_gets_no_flag(asked):
    found = asked({"y": [1, 2, 3, 4, 99]}, target="y", outliers={"y": "winsorize"})
    assert found.columns == {"y": [1, 2, 3, 4, 10]}


def test_equal_rows_go_the_first_stays(asked):
    found = asked(
        {"a": ["x ", "y", "x", None, None], "n": [1, 2, 1, 3, 3]}, duplicates="drop"
    )
    assert found.columns == {"a": ["x", "y", None], "n": [1, 2, 3]}
    assert found.steps == [("trim", ("a",), 1), ("duplicates", (), 2)]
    assert (found.step(2).n_rows_before, found.step(2).n_rows_after) == (5, 3)


def test_rows_of_a_key_the_last_stays_and_unknown_keys_stay(asked, engine):
    found = asked(
        {"id": [1, 2, None, 1, 3, None, 2], "n": [10, 20, 30, 40, 50, 60, 70]},
        duplicates={"by": ["id"], "keep": "last"},
    )
    assert found.columns == {"id": [None, 1, 3, None, 2], "n": [30, 40, 50, 60, 70]}
    assert engine.rows(found.done.rows) == [(1, 3)]


def test_rows_say_which_input_rows_they_are(asked, engine):
    found = asked({"a": [1, 1, 2, 3, 3, 3, 4, 5]}, duplicates="drop")
    assert found.columns == {"a": [1, 2, 3, 4, 5]}
    assert engine.rows(found.done.rows) == [(1, 1), (2, 3), (4, 7)]


def test_no_equal_rows_is_no_step(asked):
    found = asked({"a": [1, 2, None]}, duplicates="drop")
    assert (found.steps, found.done.rows) == ([], None)


def test_many_rows_stay_in_order(asked, engine):
    n = 300_000
    values = [i // 2 for i in range(n)]
    found = asked(
        {"a": values, "g": [i % 7 for i in values], "x": [None] + [1.0] * (n - 1)},
        duplicates={"by": "a"},
        missing={"x": "group:g"},
    )
    assert found.columns["a"] == list(range(n // 2))
    assert found.columns["x"] == [1.0] * (n // 2)
    assert engine.rows(
        f"select count(*), max(input_row_number) from ({found.done.rows})"
    ) == [(n // 2, n - 1)]


def test_spellings_are_folded(asked):
    found = asked(
        {"city": ["Zürich", "zurich", "Zürich ", "ZÜRICH", "Bern", "St. Gallen", None]},
        fold=["city"],
    )
    assert found.columns["city"] == ["Zürich"] * 4 + ["Bern", "St. Gallen", None]
    assert found.steps == [("trim", ("city",), 1), ("fold", ("city",), 2)]
    assert found.step(2).sql == (
        "select * replace (case \"city\" when 'ZÜRICH' then 'Zürich' when 'zurich' then "
        '\'Zürich\' else "city" end as "city") from input'
    )
    assert found.step(2).evidence == (
        '{"n_groups": 1, "groups": {"Zürich": {"Zürich": 2, "ZÜRICH": 1, "zurich": 1}}}'
    )


def test_near_spellings_are_folded_when_near_is_asked_for(asked):
    texts = ["Berlin"] * 40 + ["Berln", "berlni", "Merlin"]
    found = asked({"city": texts}, fold={"city": "near"})
    assert found.columns["city"] == ["Berlin"] * 42 + ["Merlin"]
    assert asked({"city": texts}, fold="city").steps == []


def test_categories_are_mapped_as_given(asked):
    found = asked(
        {"c": ["US", "USA", "it's", "{value}", "x"]},
        fold={"c": {"USA": "US", "it's": "it''s", "{value}": "v", "none": "y"}},
    )
    assert found.columns["c"] == ["US", "US", "it''s", "v", "x"]


def test_casts_to_text_keep_what_would_be_numbers(asked):
    found = asked({"code": ["007", "12", " "], "n": [1, 22, None]}, casts={"n": "text"})
    assert found.columns == {"code": ["007", "12", None], "n": ["1", "22", None]}
    texts = {"n": ["1", "2"], "m": ["1", "2"]}
    assert asked(texts, casts={"n": "text"}).columns == {"n": ["1", "2"], "m": [1, 2]}


@pytest.mark.parametrize(
    ("values", "cast", "expected"),
    [
        (["1", "x", "3.0", None], "integer:or null", [1, None, 3, None]),
        ([1.0, 2.0, None], "integer", [1, 2, None]),
        (["1.5", "2"], "number", [1.5, 2.0]),
        (["1,500", "2,250"], "number", [1500.0, 2250.0]),
        (["yes", "N", "1", None], "boolean", [True, False, True, None]),
        ([1, 0, None], "boolean", [True, False, None]),
        ([True, False, None], "integer", [1, 0, None]),
        (
            ["01/02/2024", "03/04/2024"],
            "date:%d/%m/%Y",
            [date(2024, 2, 1), date(2024, 4, 3)],
        ),
        (["2024-01-02", "no"], ("date", "or null"), [date(2024, 1, 2), None]),
        ([datetime(2024, 1, 2), None], "date", [date(2024, 1, 2), None]),  # noqa: DTZ001
        ([date(2024, 1, 2)], "timestamp", [datetime(2024, 1, 2)]),  # noqa: DTZ001
    ],
)
def test_casts(asked, values: list[Any], cast: Any, expected: list[Any]):
    found = asked({"c": values}, casts={"c": cast})
    assert found.columns["c"] == expected
    assert found.step(len(found.done.steps)).transform == "cast"


def test_a_time_of_day_is_not_cut_off(asked):
    moments = [datetime(2024, 1, 2, 13)]  # noqa: DTZ001
    with pytest.raises(
        SettingError, match="1 of 1 value do not fit, such as '2024-01-02 13"
    ):
        asked({"at": moments}, casts={"at": "date"})


def test_dates_get_the_parts_they_need(asked):
    days = [date(2023, 12, 31), date(2024, 1, 1), None]
    found = asked({"when": days}, date_parts=["when"])
    assert found.columns == {
        "when": days,
        "when_year": [2023, 2024, None],
        "when_quarter": [4, 1, None],
        "when_month": [12, 1, None],
        "when_week": [52, 1, None],
        "when_weekday": [7, 1, None],
        "when_is_weekend": [True, False, None],
    }


def test_months_of_a_year_need_no_days_and_no_year(asked):
    found = asked({"m": [date(2024, 1, 1), date(2024, 5, 1)]}, date_parts="m")
    assert list(found.columns) == ["m", "m_quarter", "m_month"]


def test_moments_get_hours_and_named_parts_win(asked):
    at = [datetime(2024, 1, 1, 5), datetime(2024, 1, 2, 23, 30)]  # noqa: DTZ001
    found = asked({"at": at, "b": at}, date_parts={"at": (), "b": "hour,year"})
    assert list(found.columns)[2:] == [
        "at_week",
        "at_weekday",
        "at_is_weekend",
        "at_hour",
        "b_hour",
        "b_year",
    ]
    assert found.columns["at_hour"] == [5, 23]


def test_columns_are_derived_in_order(asked):
    found = asked(
        {"revenue": [10.0, 20.0, None], "cost": [4.0, 5.0, 6.0]},
        derive={
            "margin": lambda t: t.revenue - t.cost,
            "rate": lambda t: t.margin / t.revenue,
            "big": ibis._.cost > 4.5,
            "one": lambda t: 1,
            "cost": "cost * 100",
        },
    )
    assert found.columns == {
        "revenue": [10.0, 20.0, None],
        "cost": [400.0, 500.0, 600.0],
        "margin": [6.0, 15.0, None],
        "rate": [0.6, 0.75, None],
        "big": [False, True, True],
        "one": [1, 1, 1],
    }
    assert [s[2] for s in found.steps] == [2, 2, 3, 3, 3]


def test_expressions_over_other_rows_keep_the_order(asked):
    n = 50_000
    found = asked(
        {"g": [i % 3 for i in range(n)], "x": list(range(n))},
        derive={
            "share": lambda t: t.x / t.x.sum().over(group_by=t.g),
            "before": lambda t: t.x.lag().over(group_by=t.g, order_by=t.x),
            "total": "sum(x) over ()",
        },
    )
    columns = found.columns
    assert columns["x"] == list(range(n))
    assert columns["before"] == [i - 3 if i >= 3 else None for i in range(n)]
    assert columns["total"] == [sum(range(n))] * n
    sums = [sum(range(g, n, 3)) for g in range(3)]
    assert columns["share"] == [i / sums[i % 3] for i in range(n)]


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (lambda t: t.nothing, 'derive "m": AttributeError: .*nothing'),
        (lambda t: t.x + t.s, 'derive "m": SignatureValidationError'),
        (lambda t: 1 / 0, 'derive "m": ZeroDivisionError: division by zero'),
        (lambda t: ibis.random(), 'derive "m": random gives another value each time'),
        (lambda t: t.s.cast("int"), 'derive "m": .*Could not convert string'),
        ("x +", 'derive "m": Parser Error'),
        ("nothing + 1", 'derive "m": Binder Error: .*nothing'),
        ("random()", 'derive "m": random gives another value each time'),
        ("current_date", 'derive "m": current_date gives another'),
        ("x) as a, (x", 'derive "m": it is not one expression'),
        ("x); drop table data; --", 'derive "m": Parser Error'),
        ("sum(x)", 'derive "m": Binder Error'),
    ],
)
def test_what_cannot_be_derived_names_the_column(asked, expression: Any, message: str):
    with pytest.raises(SettingError, match=message) as caught:
        asked({"x": [1, 2], "s": ["a", "b"]}, derive={"m": expression})
    assert "\n" not in caught.value.as_line()
    assert "columns: x, s" in caught.value.hint


def test_names_are_written_in_snake_case(asked):
    found = asked(
        {"Unit Price": [1], "unit_price": [2], "customerID": [3], "🦆": [4], "2 b": [5]},
        names="snake",
    )
    assert found.columns == {
        "unit_price_2": [1],
        "unit_price": [2],
        "customer_id": [3],
        "column_4": [4],
        "x2_b": [5],
    }
    assert found.done.origins == {
        "unit_price_2": "Unit Price",
        "unit_price": "unit_price",
        "customer_id": "customerID",
        "column_4": "🦆",
        "x2_b": "2 b",
    }


def test_names_are_given_after_everything_else(asked):
    found = asked(
        {"Old Name": [1, None, 3, 4], "b": [1, 1, 2, 3]},
        names={"Old Name": "new", "b": 'it\'s "b"'},
        missing={"Old Name": "median"},
        derive={"twice": "b * 2"},
    )
    assert found.columns == {
        "new": [1, 3, 3, 4],
        'it\'s "b"': [1, 1, 2, 3],
        "Old Name_missing": [False, True, False, False],
        "twice": [2, 2, 4, 6],
    }


def test_everything_together(asked, engine):
    found = asked(
        {
            "Shop Name": ["A-Mart", "a mart", "B", "B", "A-Mart", "A-Mart "],
            "Zip": ["01", "02", "03", "03", "04", "05"],
            "When": [
                "Jan 2 2000",
                "Feb 1 2000",
                "Mar 4 2000",
                "Mar 4 2000",
                "",
                "Jan 2 2001",
            ],
            "Fare": [1.0, 2.0, None, None, 3.0, 500.0],
        },
        names="snake",
        casts={"Zip": "integer"},
        fold="Shop Name",
        duplicates="drop",
        missing={"Fare": "median", "When": "flag"},
        outliers={"Fare": "winsorize"},
        date_parts={"When": "year,month"},
        derive={"double": lambda t: t.Fare * 2},
    )
    # After equal rows have gone: fares 1, 2, null, 3, 500; quartiles 1 and 3, median 2.5.
    assert found.columns == {
        "shop_name": ["A-Mart", "A-Mart", "B", "A-Mart", "A-Mart"],
        "zip": [1, 2, 3, 4, 5],
        "when": [
            date(2000, 1, 2),
            date(2000, 2, 1),
            date(2000, 3, 4),
            None,
            date(2001, 1, 2),
        ],
        "fare": [1.0, 2.0, 2.5, 3.0, 9.0],
        "fare_missing": [False, False, True, False, False],
        "when_missing": [False, False, False, True, False],
        "fare_outlier": [False, False, False, False, True],
        "when_year": [2000, 2000, 2000, None, 2001],
        "when_month": [1, 2, 3, None, 1],
        "double": [2.0, 4.0, 5.0, 6.0, 18.0],
    }
    assert engine.rows(found.done.rows) == [(1, 1), (4, 5)]
    assert {step.setting for step in found.done.steps if step.transform == "cast"} == {
        "casts.Zip=integer"
    }
