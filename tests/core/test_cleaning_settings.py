"""What cleaning can be asked for, in words and in Python: one form, clear errors."""

from __future__ import annotations

import json
from typing import Any

import pytest

from dsp.cleaning import (
    Cast,
    Duplicates,
    Fence,
    Filling,
    TransformSettings,
    asked_in_words,
    transform_settings,
)
from dsp.errors import SettingError
from dsp.settings import PipelineConfig, build, resolve

WORDS = (
    "names=snake",
    "casts.zip=text",
    "casts.day=date:%d/%m/%Y",
    "casts.n=integer:or null",
    "fold=city, country",
    "duplicates.by=id,day",
    "duplicates.keep=last",
    "missing.age=median",
    "missing.income=group:region,year",
    "missing.note=constant:a:b=c",
    "outliers.fare=winsorize",
    "outliers.tip=flag:iqr:1.5",
    "outliers.tax=winsorize:0.01:0.99",
    "date_parts.when=year,hour",
    "derive.margin=revenue - cost",
)
PYTHON: dict[str, Any] = {
    "names": "snake",
    "casts": {"zip": "text", "day": ("date", "%d/%m/%Y"), "n": ("integer", "or null")},
    "fold": ["city", "country"],
    "duplicates": {"by": ["id", "day"], "keep": "last"},
    "missing": {
        "age": "median",
        "income": ("group", "region", "year"),
        "note": ("constant", "a:b=c"),
    },
    "outliers": {
        "fare": "winsorize",
        "tip": ("flag", "iqr", 1.5),
        "tax": ("winsorize", 0.01, 0.99),
    },
    "date_parts": {"when": ["year", "hour"]},
    "derive": {"margin": "revenue - cost"},
}


def test_words_and_python_ask_for_the_same():
    asked = transform_settings(**asked_in_words(*WORDS))
    assert asked == transform_settings(**PYTHON)
    assert asked == TransformSettings(
        names="snake",
        casts={
            "zip": Cast(kind="text"),
            "day": Cast(kind="date", format="%d/%m/%Y"),
            "n": Cast(kind="integer", or_null=True),
        },
        fold={"city": "same", "country": "same"},
        duplicates=Duplicates(by=("id", "day"), keep="last"),
        missing={
            "age": Filling(method="median"),
            "income": Filling(method="group", by=("region", "year")),
            "note": Filling(method="constant", value="a:b=c"),
        },
        outliers={
            "fare": Fence(action="winsorize"),
            "tip": Fence(action="flag", reach=1.5),
            "tax": Fence(action="winsorize", low=0.01, high=0.99),
        },
        date_parts={"when": ("year", "hour")},
        derive={"margin": "revenue - cost"},
    )
    assert asked.columns == (
        *("zip", "day", "n", "city", "country", "age", "income", "note"),
        *("fare", "tip", "tax", "when", "id", "region", "year"),
    )


def test_what_is_stored_reads_as_the_same_and_names_no_default():
    config = build({"transforms": PYTHON})
    stored = json.loads(json.dumps(config.stored()))["transforms"]
    assert stored["missing"]["age"] == {"method": "median"}
    assert build({"transforms": stored}).transforms == config.transforms
    assert PipelineConfig().stored()["transforms"] == {}


def test_functions_are_stored_in_words_and_cannot_be_compared():
    asked = transform_settings(derive={"a": lambda t: t.x, "b": "x + 1"})
    assert asked.model_dump(mode="json") == {
        "derive": {"a": "an expression of Python", "b": "x + 1"}
    }
    assert (asked.is_text, transform_settings(derive={"b": "x"}).is_text) == (False, True)


def test_settings_come_from_the_environment():
    environment = {"DSP_TRANSFORMS": "names=snake; missing.age=median;"}
    config = resolve({"data_source": "x"}, environment=environment).config
    assert config.transforms == transform_settings(
        names="snake", missing={"age": "median"}
    )


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"name": "snake"},
            r'no transform is called "name"\n\nHint: did you mean "names"',
        ),
        ({"missing": {"a": "medium"}}, 'did you mean "median"'),
        ({"missing": {"a": "median:b"}}, "median takes nothing behind it"),
        ({"missing": {"a": "group"}}, "a group needs its columns"),
        ({"missing": {"a": "constant"}}, "a constant needs its value"),
        ({"missing": "median"}, "missing cannot be 'median'"),
        ({"outliers": {"a": "flag:0.9:0.1"}}, "the lower one first"),
        ({"outliers": {"a": "flag:low"}}, "limits are two quantiles"),
        ({"outliers": {"a": "flag:iqr:-1"}}, "greater than 0"),
        ({"outliers": {"a": "drop"}}, '"drop" is not known; there are flag, winsorize'),
        ({"casts": {"a": "int"}}, 'did you mean "integer"'),
        ({"casts": {"a": "integer:%d"}}, "only dates and timestamps have a format"),
        ({"duplicates": "dropp"}, '"dropp" is neither keep nor drop'),
        ({"duplicates": {"keep": "any"}}, "duplicates.keep cannot be 'any'"),
        ({"date_parts": {"a": "years"}}, 'did you mean "year"'),
        ({"derive": {"a": 1}}, '"a" is neither SQL nor a function'),
        ({"names": "camel"}, "names.* cannot be 'camel'"),
    ],
)
def test_what_cannot_be_asked_for_is_said(asked: Any, message: str):
    with pytest.raises(SettingError, match=message) as caught:
        transform_settings(**asked)
    assert "\n" not in caught.value.as_line()
    with pytest.raises(SettingError, match="transforms"):
        build({"transforms": asked})


@pytest.mark.parametrize("word", ["names", "=x", ".age=median"])
def test_words_without_a_name_or_a_value_are_said(word: str):
    with pytest.raises(SettingError, match="not of the form name=value"):
        asked_in_words(word)


def test_a_part_on_top_of_the_whole_is_said():
    with pytest.raises(SettingError, match="comes on top of"):
        asked_in_words("fold=a", "fold.b=near")
