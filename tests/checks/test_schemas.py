"""Schemas of other tools as rules: what fails there fails here.

The second route is jsonschema and pydantic on the rows one by one.
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from enum import Enum
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any, Literal

import jsonschema
import pyarrow as pa
import pytest
import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

import dsp
from dsp.checks import DataValidator, Rules
from dsp.cli.entry import run
from dsp.engine import DuckEngine, StoredTable
from dsp.errors import RuleError

if TYPE_CHECKING:
    from pathlib import Path


def failing_rows(rules: Rules, table: pa.Table) -> set[int]:
    """Return the rows (at most ten a rule) that any rule fails."""
    engine = DuckEngine(threads=1)
    engine.put(table, "data")
    found = DataValidator(engine).validate(StoredTable(engine, "data"), rules=rules)
    engine.close()
    assert found.problems == ()
    assert not [r for r in found.results if r.outcome == "failed" and r.n_rows == 1]
    return {f.row_number or 0 for f in found.failures}


SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "array",
    "minItems": 2,
    "items": {"$ref": "#/$defs/order"},
    "$defs": {
        "order": {
            "type": "object",
            "required": ["id", "price", "note"],
            "additionalProperties": False,
            "dependentRequired": {"town": ["zip"]},
            "properties": {
                "id": {"type": "integer", "minimum": 1, "exclusiveMaximum": 9},
                "price": {
                    "allOf": [{"$ref": "#/$defs/money"}, {"maximum": 100}],
                    "multipleOf": 0.5,
                },
                "note": {"type": ["string", "null"], "maxLength": 4},
                "code": {"type": "string", "pattern": "[A-Z]\\d", "minLength": 3},
                "state": {"anyOf": [{"enum": ["a", "b"]}, {"type": "null"}]},
                "kind": {"const": "x"},
                "bad": {"not": {"enum": ["n/a"]}, "type": "string"},
                "zip": {"type": "string"},
                "town": {"type": "string", "title": "Town"},
                "flag": {"type": "boolean"},
            },
        },
        "money": {"type": "number", "exclusiveMinimum": 0},
    },
}
ROWS: dict[str, list[Any]] = {
    "id": [1, 8, 9, 0, None, 2, 3, 4, 5, 6],
    "price": [0.5, 100.0, 1.0, 1.0, 1.0, 0.0, 100.5, 0.7, None, 2.0],
    "note": ["", None, "four", "a", "a", "a", "a", "a", "a", "fives"],
    "code": ["xA1", None, "A1", "A1x", "abc", "A12", "B23", None, None, None],
    "state": ["a", None, "b", "b", "b", "a", "c", "a", "a", "a"],
    "kind": ["x", None, "x", "x", "x", "x", "x", "y", "x", "x"],
    "bad": ["ok", "ok", None, "ok", "ok", "ok", "ok", "ok", "n/a", "ok"],
    "zip": ["1", None, None, "1", "1", "1", "1", "1", "1", "1"],
    "town": ["t", None, "t", "t", None, "t", "t", "t", "t", "t"],
    "flag": [True, False, None, True, True, True, True, True, True, True],
}


def test_a_json_schema_fails_the_rows_that_jsonschema_fails():
    names = list(ROWS)
    item = {**SCHEMA["$defs"]["order"], "$defs": SCHEMA["$defs"]}
    validator = jsonschema.Draft202012Validator(item)
    wrong = set()
    for i, values in enumerate(zip(*ROWS.values(), strict=True), 1):
        row = dict(zip(names, values, strict=True))
        kept = {k: v for k, v in row.items() if v is not None or k == "note"}
        if not validator.is_valid(kept):
            wrong.add(i)
    rules = Rules.from_json_schema(SCHEMA)
    assert rules.untranslated == ()
    assert failing_rows(rules, pa.table(ROWS)) == wrong
    assert 1 not in wrong
    assert 2 not in wrong
    assert len(wrong) == 8


def test_what_a_json_schema_says_beyond_rules_is_listed():
    schema = {
        "type": "array",
        "contains": {},
        "items": {
            "type": "object",
            "patternProperties": {},
            "properties": {
                "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 2},
                "mixed": {"type": ["string", "number"]},
                "either": {"anyOf": [{"type": "string"}, {"type": "number"}]},
                "format": {"type": "string", "format": "idn-email"},
                "any": True,
                "none": False,
                "step": {"type": "number", "multipleOf": "x"},
            },
        },
    }
    assert Rules.from_json_schema(schema).untranslated == (
        "the array: contains is not translated",
        "tags: items is not translated",
        "mixed: type is not translated",
        "either: anyOf is not translated",
        "format: format is not translated",
        "none: False is not translated",
        "step: step of multiple_of must be a number, not 'x'",
        "the object: patternProperties is not translated",
    )


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "string"}, "describes no objects"),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/a"}}}, "in a circle"),
        ({"$ref": "#/$defs/b"}, "has no definition #/"),
        ({"$ref": "other.json"}, "refers to another file"),
        ({"properties": 3}, "is not well formed: AttributeError"),
        ({"properties": {"a": {"enum": 3}}}, "is not well formed: TypeError"),
    ],
)
def test_a_json_schema_of_no_table_is_refused(schema: dict[str, Any], message: str):
    with pytest.raises(RuleError, match=message):
        Rules.from_json_schema(schema)


class State(Enum):
    PAID = "paid"
    OPEN = "open"


def _even(value: int) -> int:
    return value


class Order(BaseModel):
    id: int = Field(ge=1, lt=9, alias="Id")
    price: Decimal = Field(gt=0, decimal_places=2)
    discount: Annotated[float, Field(le=0.5)] | None = None
    state: State
    kind: Literal["x", "y"] | None
    code: str = Field(pattern="^[A-Z]+$", min_length=2, max_length=3)
    day: date
    units: int = Field(default=1, multiple_of=2)


class Checked(Order):
    even: Annotated[int, AfterValidator(_even)]
    tags: list[str]

    @field_validator("code", "state")
    @classmethod
    def known(cls, value: str) -> str:
        return value

    @model_validator(mode="after")
    def whole(self) -> Checked:
        return self


ORDERS: dict[str, list[Any]] = {
    "Id": [1, 8, 0, 9, None, 2, 2, 2, 2, 2, 2],
    "price": [
        Decimal(v) if v else None
        for v in ("1.250", "0.01", "1", "1", "1", "0", "1.255", None, "1", "1", "1")
    ],
    "discount": [0.5, None, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.6, 0.1, 0.1],
    "state": ["paid", "open", "open", "open", "open", "open", "open", "open", "open",
              "Paid", "open"],
    "kind": ["x", None, "y", "y", "y", "y", "y", "y", "y", "y", "z"],
    "code": ["AB", "ABC", "AB", "AB", "AB", "AB", "AB", "AB", "AB", "A", "AbC"],
    "day": [date(1969, 1, 1), date(2024, 2, 29), *[date(2024, 1, 1)] * 9],
    "units": [2, 4, 2, 2, 2, 2, 2, 2, 2, 2, 3],
}  # fmt: skip


def test_a_pydantic_model_fails_the_rows_that_pydantic_fails():
    table = pa.table(ORDERS)
    wrong = set()
    for i, row in enumerate(table.to_pylist(), 1):
        normal = row["price"].normalize() if row["price"] is not None else None
        try:
            Order.model_validate({**row, "price": normal})
        except ValidationError:
            wrong.add(i)
    rules = Rules.of(Order)
    assert rules.untranslated == ()
    assert failing_rows(rules, table) == wrong == set(range(3, 12))


def test_functions_of_a_pydantic_model_are_listed():
    assert Rules.from_pydantic(Checked, severity="warning").untranslated == (
        "tags: items is not translated",
        "even: a validator that is a function is not translated",
        "code, state: the validator known is not translated",
        "the object: the validator whole is not translated",
    )


def test_what_is_no_model_is_refused():
    with pytest.raises(RuleError, match="is no pydantic model"):
        Rules.from_pydantic(State)

    class Strange(BaseModel):
        model_config = {"arbitrary_types_allowed": True}
        thing: RuleError

    with pytest.raises(RuleError, match="Strange has no JSON Schema"):
        Rules.from_pydantic(Strange)


# As pandera 0.35 writes it.
PANDERA = """\
schema_type: dataframe
api: pandas
columns:
  id: {dtype: int64, unique: true}
  price: {dtype: float64, nullable: true, greater_than_or_equal_to: 0, less_than: 100}
  status: {dtype: "string[pyarrow]", required: false, isin: [a, b]}
  code:
    dtype: string[pyarrow]
    str_matches: '[A-Z]+'
    str_length: {min_value: 2, max_value: 5, exact_value: null}
    notin: [Q]
  day:
    dtype: datetime64[ns]
    in_range: {min_value: '2020-01-01', max_value: '2021-01-01', include_min: true,
      include_max: false}
  n: {dtype: int64, greater_than: {min_value: 1, raise_warning: true}, odd: 3}
  c.*: {dtype: int64, regex: true}
  span: {dtype: "timedelta64[ns]", nullable: true}
checks: {table_check: {}}
index: null
coerce: true
strict: false
unique: [id, code]
"""
TRANSLATED = [
    dsp.rule(
        "columns",
        names=["id", "price", "code", "day", "n", "span"],
        others=True,
        ordered=False,
        may_be=["status"],
    ),
    dsp.rule("no_duplicate_rows", "id", "code"),
    dsp.rule("column_type", "id", type="integer"),
    dsp.rule("not_null", "id"),
    dsp.rule("unique", "id"),
    dsp.rule("column_type", "price", type="float"),
    dsp.rule("in_range", "price", min=0),
    dsp.rule("in_range", "price", below=100, rule_id="in_range.price-2"),
    dsp.rule("column_type", "status", type="text", optional=True),
    dsp.rule("not_null", "status", optional=True),
    dsp.rule("one_of", "status", values=["a", "b"], optional=True),
    dsp.rule("column_type", "code", type="text"),
    dsp.rule("not_null", "code"),
    dsp.rule("matches", "code", pattern="^(?:[A-Z]+)", part=True),
    dsp.rule("length", "code", min=2, max=5),
    dsp.rule("not_one_of", "code", values=["Q"]),
    dsp.rule("column_type", "day", type="timestamp"),
    dsp.rule("not_null", "day"),
    dsp.rule("in_range", "day", min="2020-01-01", below="2021-01-01"),
    dsp.rule("column_type", "n", type="integer"),
    dsp.rule("not_null", "n"),
    dsp.rule("in_range", "n", above=1, severity="warning"),
]
NOT_TRANSLATED = (
    "the table: coerce is no check; types are as they were read",
    "n: the check odd is not translated",
    "c.*: columns by pattern are not translated",
    "span: the type timedelta64[ns] is not translated",
    "the table: the check table_check is not translated",
)


def test_what_pandera_writes_is_read(tmp_path: Path):
    path = tmp_path / "schema.yaml"
    path.write_text(PANDERA, encoding="utf-8")
    for rules in (Rules.of(path), Rules.from_pandera(path)):
        assert list(rules) == TRANSLATED
        assert rules.untranslated == NOT_TRANSLATED


def _check(name: str, statistics: dict[str, Any], *, warns: bool = False) -> Any:
    return SimpleNamespace(name=name, statistics=statistics, raise_warning=warns)


def test_objects_like_those_of_pandera_are_read():
    """Their attributes are those of pandera 0.35."""
    known = {"dtype", "nullable", "unique", "required", "regex"}
    columns = {}
    for name, told in yaml.safe_load(PANDERA)["columns"].items():
        plain = {"nullable": False, "unique": False, "required": True, "regex": False}
        checks = [
            _check(check, value if isinstance(value, dict) else {"value": value})
            for check, value in told.items()
            if check not in known
        ]
        given = {key: value for key, value in told.items() if key in known}
        columns[name] = SimpleNamespace(**{**plain, **given}, checks=checks)
    columns["n"].checks[0] = _check("greater_than", {"min_value": 1}, warns=True)
    schema = SimpleNamespace(
        columns=columns,
        strict=False,
        ordered=False,
        unique=["id", "code"],
        coerce=True,
        index=None,
        checks=[_check("table_check", {})],
    )
    model = SimpleNamespace(to_schema=lambda: schema)
    for rules in (Rules.of(schema), Rules.from_pandera(model)):
        assert list(rules) == TRANSLATED
        assert rules.untranslated == NOT_TRANSLATED


def test_what_is_no_pandera_schema_is_refused():
    with pytest.raises(RuleError, match="int is no pandera schema"):
        Rules.from_pandera(3)
    with pytest.raises(RuleError, match="the pandera schema is not well formed"):
        Rules.from_pandera({"schema_type": "dataframe", "columns": [3]})


def test_the_command_takes_a_json_schema(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    schema = {
        "type": "object",
        "properties": {
            "id": {"type": "integer", "minimum": 2},
            "gone": {"type": "string", "if": {}},
        },
        "required": ["id"],
    }
    (tmp_path / "schema.json").write_text(json.dumps(schema), encoding="utf-8")
    (tmp_path / "data.csv").write_text("id,x\n1,a\n2,b\n", encoding="utf-8")
    words = ["--rules", str(tmp_path / "schema.json")]
    assert run(["validate", str(tmp_path / "data.csv"), *words]) == 1
    assert "not checked: gone: if is not translated" in capsys.readouterr().err
    assert run(["validate", str(tmp_path / "data.csv"), *words, "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    outcomes = {c["rule_id"]: c["outcome"] for c in document["checks"]}
    assert outcomes == {
        "columns": "passed",
        "not_null.id": "passed",
        "column_type.id": "passed",
        "whole.id": "passed",
        "in_range.id": "failed",
        "column_type.gone": "not_evaluated",
    }
    assert document["problems"] == []
