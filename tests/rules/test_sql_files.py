"""Rules on the files of sql/: they parse, say what they are, and match their records."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from types import NoneType
from typing import TYPE_CHECKING, get_args, get_type_hints

import duckdb
import pytest

from dsp.engine.store import Store, kinds, table_of
from dsp.records import RECORDS
from dsp.records.comparison import COMPARISON_RECORDS

if TYPE_CHECKING:
    from dsp.engine import DuckEngine

SQL = Path(__file__).resolve().parents[2] / "sql"
FILES = sorted(SQL.rglob("*.sql"))
TYPES = {
    "str": {"VARCHAR", "JSON"},
    "int": {"BIGINT"},
    "float": {"DOUBLE"},
    "bool": {"BOOLEAN"},
    "list": {"VARCHAR[]"},
    "datetime": {"TIMESTAMP WITH TIME ZONE"},
}
KINDS = {
    "schema": duckdb.StatementType.CREATE,
    "comparison": duckdb.StatementType.CREATE,
    "views": duckdb.StatementType.CREATE,
    "macros": duckdb.StatementType.CREATE,
    "queries": duckdb.StatementType.SELECT,
    "examples": duckdb.StatementType.SELECT,
}
every_file = pytest.mark.parametrize(
    "path", FILES, ids=[str(p.relative_to(SQL)) for p in FILES]
)
FOLDERS = dict.fromkeys(RECORDS, "schema") | dict.fromkeys(
    COMPARISON_RECORDS, "comparison"
)
"""The folder of every record's file."""
every_record = pytest.mark.parametrize("record", FOLDERS, ids=table_of)


def header(path: Path) -> dict[str, str]:
    lines = path.read_text(encoding="utf-8").splitlines()[:3]
    pairs = (line.removeprefix("-- ").partition(": ") for line in lines)
    return {name: value for name, _, value in pairs}


@every_file
def test_a_file_says_purpose_parameters_and_rows(path: Path) -> None:
    described = header(path)
    assert list(described) == ["purpose", "parameters", "one row is"]
    assert all(described.values())


@every_file
def test_a_file_parses_to_what_its_folder_holds(path: Path) -> None:
    statements = duckdb.extract_statements(path.read_text(encoding="utf-8"))
    assert statements
    assert {s.type for s in statements} == {KINDS[path.relative_to(SQL).parts[0]]}


@every_file
def test_parameters_are_those_of_the_header(path: Path) -> None:
    listed = header(path)["parameters"]
    named = set(re.findall(r"\$(\w+)", listed))
    statements = duckdb.extract_statements(path.read_text(encoding="utf-8"))
    assert named == set().union(*(s.named_parameters for s in statements))
    assert named or listed == "none"


@every_file
def test_text_is_tidy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.endswith(";\n")
    assert "\t" not in text
    # Text in quotes and comments is free; keywords outside are lower case.
    code = re.sub(r"'[^']*'|\"[^\"]*\"|--[^\n]*", "", text)
    assert re.findall(r"\b(?:SELECT|FROM|WHERE|GROUP|ORDER|JOIN|CREATE)\b", code) == []


def test_every_schema_file_has_a_record_and_every_record_a_file() -> None:
    for folder in ("schema", "comparison"):
        assert {p.stem for p in (SQL / folder).glob("*.sql")} == {
            table_of(r) for r, home in FOLDERS.items() if home == folder
        }


@every_record
def test_table_and_record_agree_field_for_field(engine: DuckEngine, record: type) -> None:
    Store(engine).create()
    Store(engine).create_comparison()
    described = engine.rows(
        "select column_name, data_type, is_nullable = 'YES' "
        "from information_schema.columns "
        "where table_schema = 'main' and table_name = $name order by ordinal_position",
        {"name": table_of(record)},
    )
    hints = get_type_hints(record)
    kind = kinds(record)
    assert [name for name, _, _ in described] == [f.name for f in fields(record)]
    for name, data_type, is_nullable in described:
        assert data_type in TYPES[kind[name]], name
        assert is_nullable == (NoneType in get_args(hints[name])), name


@every_record
def test_every_column_of_a_table_is_explained(record: type) -> None:
    text = (SQL / FOLDERS[record] / f"{table_of(record)}.sql").read_text(encoding="utf-8")
    for name in (f.name for f in fields(record)):
        quoted = f'(?:{name}|"{name}")'
        assert re.search(rf"^    {quoted} [^\n]+  -- \S", text, re.MULTILINE), name
