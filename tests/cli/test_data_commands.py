"""``dsp data`` and ``dsp schema``: files in, files and JSON out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from dsp.cli import data, schema
from dsp.engine import DuckEngine
from dsp.errors import DspError
from dsp.sources import DataReader

if TYPE_CHECKING:
    from pathlib import Path

CSV = "id,name,x\n00501,café,1.5\n00502,,\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "s.csv"
    path.write_text(CSV)
    return path


def run(group: object, *words: object) -> Result:
    return CliRunner().invoke(
        group, [str(word) for word in words], help_option_names=["-h", "--help"]
    )  # type: ignore[arg-type]


def test_load_writes_a_database(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "o.duckdb"
    result = run(data.command, "load", source, "--output", out, "--json")
    facts = json.loads(result.stdout)
    assert (facts["rows"], facts["columns"], facts["rejected"]) == (
        2,
        ["id", "name", "x"],
        0,
    )
    engine = DuckEngine(out, read_only=True)
    assert engine.rows("from data") == [("00501", "café", 1.5), ("00502", None, None)]
    engine.close()


def test_failed_load_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "e.csv").touch()
    result = run(data.command, "load", tmp_path / "e.csv", "-o", tmp_path / "o.duckdb")
    assert isinstance(result.exception, DspError)
    assert [path.name for path in tmp_path.iterdir()] == ["e.csv"]


@pytest.mark.parametrize("suffix", ["parquet", "csv", "tsv", "json", "ndjson", "arrow"])
def test_convert_keeps_the_values(source: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"it's [1].{suffix}"
    result = run(data.command, "convert", source, out)
    assert result.exit_code == 0, result.output
    table = DataReader().read(out).to_pyarrow()
    assert table.to_pylist() == [
        {"id": "00501", "name": "café", "x": 1.5},
        {"id": "00502", "name": None, "x": None},
    ]


def test_convert_never_overwrites_its_input(source: Path) -> None:
    result = run(data.command, "convert", source, source, "--force")
    assert "is the source itself" in str(result.exception)
    assert source.read_text() == CSV


def test_read_shows_rows(source: Path) -> None:
    result = run(data.command, "read", source, "--head", 1)
    assert result.stdout.splitlines() == ["id     name  x", "00501  café  1.5"]
    facts = json.loads(run(data.command, "read", source, "--json").stdout)
    assert facts["head"][1] == {"id": "00502", "name": None, "x": None}


def test_reader_options_are_passed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1;2\n3;4\n")
    words = ("read", tmp_path / "a.csv", "--json", "--option", "header=true")
    assert json.loads(run(data.command, *words).stdout)["columns"] == ["1", "2"]
    result = run(data.command, "read", tmp_path / "a.csv", "--option", "x")
    assert "is not of the form name=value" in str(result.exception)


def test_columns_are_shown_with_their_types(source: Path) -> None:
    found = json.loads(run(schema.command, "show", source, "--json").stdout)["columns"]
    assert found == [
        {"name": "id", "type": "VARCHAR", "nullable": False},
        {"name": "name", "type": "VARCHAR", "nullable": True},
        {"name": "x", "type": "DOUBLE", "nullable": True},
    ]


@pytest.mark.parametrize("suffix", ["toml", "json"])
def test_exported_schema_equals_its_source(
    source: Path, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"schema.{suffix}"
    assert run(schema.command, "export", source, "-o", out).exit_code == 0
    same = run(schema.command, "diff", source, out)
    assert (same.exit_code, same.stdout) == (0, "the columns are the same\n")


def test_diff_names_every_difference(source: Path, tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"id": [1], "x": [1.0], "new": ["a"]}), tmp_path / "b.parquet"
    )
    result = run(schema.command, "diff", source, tmp_path / "b.parquet", "--json")
    found = json.loads(result.stdout)["differences"]
    assert result.exit_code == 1
    assert [(row["column"], row["change"]) for row in found] == [
        ("id", "type"),
        ("name", "removed"),
        ("x", "nullable"),
        ("new", "added"),
    ]


def test_relations_of_two_files(tmp_path: Path) -> None:
    customers, orders = tmp_path / "customers.csv", tmp_path / "orders.csv"
    customers.write_text("id,city\n" + "".join(f"{i},c{i % 3}\n" for i in range(1, 61)))
    lines = [f"{900 + i},{1 + i // 4},{i % 8},{i % 4}\n" for i in range(240)]
    lines[7] = "907,99,7,3\n"
    lines[8] = "908,3,0,3\n"
    orders.write_text("order,customer_id,product,category\n" + "".join(lines))
    result = run(schema.command, "relations", customers, orders, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert found["schema"] == "dsp.relations/1"
    assert [t["name"] for t in found["tables"]] == ["customers", "orders"]
    dependencies = {
        (t["name"], d["kind"], *d["determinant"], d["dependent"]): d["n_violations"]
        for t in found["tables"]
        for d in t["dependencies"]
    }
    assert (
        dependencies.items()
        >= {
            ("customers", "key", "id", None): 0,
            ("orders", "key", "order", None): 0,
            ("orders", "functional", "product", "category"): 1,
        }.items()
    )
    (link,) = found["inclusions"]
    assert (link["column_a"], link["column_b"]) == ("customer_id", "id")
    assert (link["n_violations"], link["n_rows"]) == (1, 240)
    shown = run(schema.command, "relations", customers, orders).stdout
    assert "orders.customer_id  customers.id  1.00   1 of 240 rows" in shown
    assert "- set category to '0' where product = '0' (1 row)" in shown


def test_two_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder in ("old", "new"):
        (tmp_path / folder).mkdir()
        text = "id\n" + "".join(f"{i}\n" for i in range(40))
        (tmp_path / folder / "shops.csv").write_text(text)
    paths = [tmp_path / folder / "shops.csv" for folder in ("old", "new")]
    found = json.loads(run(schema.command, "relations", *paths, "--json").stdout)
    assert [t["name"] for t in found["tables"]] == ["shops", "shops (2)"]
    assert {(i["table_a"], i["table_b"]) for i in found["inclusions"]} == {
        ("shops", "shops (2)"),
        ("shops (2)", "shops"),
    }
