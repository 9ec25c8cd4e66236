"""``dsp compare`` and ``dsp.compare``: what people, programs and databases get of it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

import dsp
from dsp.cli import compare as module
from dsp.engine import DuckEngine
from dsp.errors import ColumnNotFoundError, DspError, SettingError
from tests.conftest import HOSTILE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

OLD = {
    "id": [1, 2, 3, 4],
    "price": [10.0, 20.0, 30.0, 40.0],
    "city": ["Bern", "Basel", "Bern", None],
    "gone": ["x"] * 4,
}
NEW = {
    "id": [2, 3, 4, 5],
    "price": [20.0, 33.0, 40.0, 50.0],
    "city": ["Basel", "Genf", None, "Bern"],
    "new": [1, 2, 3, 4],
}


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    paths = (tmp_path / "old.parquet", tmp_path / "new.parquet")
    for path, data in zip(paths, (OLD, NEW), strict=True):
        pq.write_table(pa.table(data), path)
    return paths


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """Return a source of orders of January to March, in two regions."""
    days = [date(2024, 1, 1) + timedelta(days=i) for i in range(91)]
    path = tmp_path / "orders.parquet"
    data = {
        "day": [*days, None],
        "region": ["North", "West"] * 46,
        "units": [i + i % 2 for i in range(92)],
    }
    pq.write_table(pa.table(data), path)
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(
        module.command,
        [str(word) for word in words],
        env={"COLUMNS": "120"},
        standalone_mode=False,
        help_option_names=["-h", "--help"],
    )


def document(*words: object) -> Any:
    result = run(*words, "--json")
    assert result.exception is None, result.exception

    def refuse(word: str) -> None:
        raise AssertionError(word)

    return json.loads(result.stdout, parse_constant=refuse)


def test_the_first_line_says_what_differs(pair: tuple[Path, Path]) -> None:
    result = run(*pair, "--by", "id")
    assert result.return_value == 0
    first, a, b, rows, *rest = result.stdout.splitlines()
    assert first == (
        "1 column added, 1 column removed, 1 row changed, 1 row only in A, "
        "1 row only in B"
    )
    assert a == f"A  {pair[0]}: 4 rows, 4 columns"
    assert b == f"B  {pair[1]}: 4 rows, 4 columns"
    assert rows == (
        "Rows matched by id: 2 the same, 1 changed, 1 only in A, 1 only in B."
    )
    text = "\n".join(line.rstrip() for line in rest)
    assert "  id 3: price 30.0 → 33.0, city Bern → Genf" in text
    assert "  id 1: price 10.0, city Bern" in text
    assert result.stderr.splitlines() == [
        f"Next   dsp compare {pair[0]} {pair[1]} --report report.html"
    ]


def test_the_document_is_strict_json(pair: tuple[Path, Path]) -> None:
    found = document(*pair, "--by", "id")
    assert found["schema"] == "dsp.comparison/1"
    assert found["comparison"] | {"n_changed": 1, "key": ["id"]} == found["comparison"]
    assert [d["change"] for d in found["schema_differences"]] == ["removed", "added"]
    changed = [r for r in found["row_differences"] if r["kind"] == "changed"]
    assert changed == [
        {
            "kind": "changed",
            "sample": 1,
            "key": {"id": "3"},
            "columns": ["price", "city"],
            "row_a": {"price": "30.0", "city": "Bern"},
            "row_b": {"price": "33.0", "city": "Genf"},
            "n_a": 1,
            "n_b": 1,
        }
    ]
    price = next(c for c in found["columns"] if c["column_name"] == "price")
    assert price["drift"]["ks"]["value"] == 0.5
    assert sum(b["n_a"] for b in price["bins"]) == 4


@pytest.mark.parametrize(
    ("fail_on", "code"),
    [("drift", 0), ("large", 0), ("schema", 1), ("rows", 1), ("any", 1)],
)
def test_a_pipeline_can_fail(pair: tuple[Path, Path], fail_on: str, code: int) -> None:
    assert run(*pair, "--by", "id", "--fail-on", fail_on).return_value == code
    same = run(pair[0], pair[0], "--fail-on", fail_on)
    assert same.return_value == 0
    assert same.stdout.startswith("no differences found\n")


def test_the_output_holds_everything(pair: tuple[Path, Path], tmp_path: Path) -> None:
    output = tmp_path / "diff.duckdb"
    found = dsp.compare(*pair, by="id", output=output)
    with dsp.open_run(output) as held:
        assert held.sql("select summary from comparison").to_pylist() == [
            {"summary": found.summary}
        ]
        assert held.sql(
            "select id, changed_column, value_a, value_b from changed_values order by all"
        ).to_pylist() == [
            {"id": 3, "changed_column": "city", "value_a": "Bern", "value_b": "Genf"},
            {"id": 3, "changed_column": "price", "value_a": "30.0", "value_b": "33.0"},
        ]
        assert held.sql("select id, gone from only_in_a").to_pylist() == [
            {"id": 1, "gone": "x"}
        ]
        assert held.sql("select id, new from only_in_b").to_pylist() == [
            {"id": 5, "new": 4}
        ]
        for measure in held.sql("select * from drift").to_pylist():
            value = held.sql(measure["evidence_sql"]).to_pylist()[0]["value"]
            if measure["value"] is not None:
                assert value == pytest.approx(measure["value"]), measure["measure"]
        count = held.sql("select evidence_sql from comparison").to_pylist()[0]
        assert held.sql(count["evidence_sql"]).to_pylist()[0]["n_changed"] == 1
    folder = tmp_path / "diff"
    dsp.compare(*pair, by="id", output=folder)
    assert {path.name for path in folder.iterdir()} == {
        "comparison.duckdb",
        *(
            f"{name}.parquet"
            for name in (
                "comparison",
                "schema_differences",
                "compared_columns",
                "drift",
                "drift_bins",
                "row_differences",
                "only_in_a",
                "only_in_b",
                "changed_values",
                "duplicated_keys",
            )
        ),
    }
    assert pq.read_table(folder / "only_in_b.parquet").to_pylist() == [
        {"id": 5, "price": 50.0, "city": "Bern", "new": 4}
    ]
    with pytest.raises(SettingError, match="is a file, but no database"):
        dsp.compare(*pair, output=pair[0])
    before = output.read_bytes()
    with pytest.raises(SettingError, match="is a source itself"):
        dsp.compare(f"{output}::b.data", NEW, output=output)
    assert output.read_bytes() == before


def test_runs_tables_and_files_compare(pair: tuple[Path, Path], tmp_path: Path) -> None:
    folder = tmp_path / "old.dsp"
    run_of = dsp.analyze(
        pair[0], ml_enabled=False, generate_dashboard=False, output_dir=folder
    )
    database = tmp_path / "data.duckdb"
    engine = DuckEngine(database)
    engine.put(pa.table(NEW), "orders")
    engine.close()
    wanted = dsp.compare(OLD, NEW, by=["id"]).summary
    for a, b in (
        (folder, f"{database}::orders"),
        (str(folder), NEW),
        (run_of, pair[1]),
    ):
        assert dsp.compare(a, b, by="id").summary == wanted
    run_of.close()


def test_one_source_is_taken_apart(orders: Path) -> None:
    def parts(*words: str) -> tuple[int, int, str, str, list[str]]:
        row = document(orders, *words)["comparison"]
        names = (row["source_a"], row["source_b"])
        a, b = (name.partition(", ")[2] for name in names)
        return row["n_rows_a"], row["n_rows_b"], a, b, row["notes"]

    left = ["1 rows are in neither part, 1 of them without day"]
    assert parts("--split", "day=2024-03-01") == (
        60,
        31,
        "day before 2024-03-01",
        "day from 2024-03-01 on",
        left,
    )
    assert parts("--split", "units>=90") == (
        89,
        3,
        "units below 90",
        "units from 90 on",
        [],
    )
    assert parts("--split", "region=West") == (
        46,
        46,
        "region other than West",
        "region = West",
        [],
    )
    assert parts("--periods", "day", "month") == (
        29,
        31,
        "day in 2024-02",
        "day in 2024-03",
        ["32 rows are in neither part, 1 of them without day"],
    )
    found = dsp.compare(orders, split="day=2024-03-01")
    assert found.column("units").verdict == "large"
    assert found.column("day").reason == "the parts were split by it"
    assert found.row.rows_reason == (
        "both are parts of one source; give by to match rows"
    )
    assert found.schema == ()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "one source alone is nothing to compare"),
        ({"b": OLD, "split": "id=1"}, "exclude each other"),
        ({"split": "id"}, "says not where to split"),
        ({"split": "nothing=1"}, 'no column named "nothing"'),
        ({"split": "id=x"}, '"x" is no value of "id"'),
        ({"split": "city=Brn"}, 'no row has city = "Brn"'),
        ({"split": "city>=B"}, "which has no order to split by"),
        ({"periods": ("id", "month")}, "no dates"),
        ({"periods": ("id", "hour")}, 'no period "hour"'),
        ({"b": NEW, "by": "nothing"}, "nothing"),
        ({"b": NEW, "by": "gone"}, "gone"),
        ({"b": NEW, "tolerance": "much"}, "is no tolerance"),
        ({"b": NEW, "threshold": 0.0}, "a threshold of 0.0 is none"),
        ({"b": "nowhere.csv"}, "no such file"),
    ],
)
def test_what_cannot_be_compared_is_said(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(DspError, match=words) as caught:
        dsp.compare(OLD, **asked)
    assert caught.value.as_line()


def test_a_wrong_value_or_column_names_the_near_ones() -> None:
    with pytest.raises(SettingError, match="Hint: values: Bern"):
        dsp.compare(OLD, split="city=Brn")
    with pytest.raises(ColumnNotFoundError, match='did you mean "price"'):
        dsp.compare(OLD, NEW, by="prise")


def test_columns_are_renamed_on_the_command_line(tmp_path: Path) -> None:
    for name, column in (("a", "old"), ("b", "new")):
        pq.write_table(
            pa.table({"k": [1, 2], column: [5, 6]}), tmp_path / f"{name}.parquet"
        )
    paths = tmp_path / "a.parquet", tmp_path / "b.parquet"
    found = document(*paths, "--by", "k", "--rename", "old=new")
    assert found["summary"] == "1 column renamed"
    result = run(*paths, "--rename", "old")
    assert isinstance(result.exception, SettingError)
    assert str(result.exception).startswith('"old" is no rename')


def test_split_takes_the_longest_name_that_fits() -> None:
    data = {"a": [1, 2, 3], "a=b": ["x", "y", "y"]}
    row = dsp.compare(data, split="a=b=y").row
    assert (row.n_rows_a, row.n_rows_b) == (1, 2)


def test_a_terminal_gets_no_control_characters(tmp_path: Path) -> None:
    names = [*HOSTILE_NAMES, "esc\x1b[31m"]
    a = pa.table({name: ["\x1b[2J", "b", "c"] for name in names} | {"k": [1, 2, 3]})
    b = pa.table({name: ["x\x07", "b", "\x9b"] for name in names} | {"k": [1, 2, 3]})
    paths = tmp_path / "a.parquet", tmp_path / "b.parquet"
    for path, table in zip(paths, (a, b), strict=True):
        pq.write_table(table, path)
    for columns in ("30", "80", "200"):
        result = CliRunner().invoke(
            module.command,
            [*map(str, paths), "--by", "k"],
            env={"COLUMNS": columns, "NO_COLOR": "1"},
        )
        assert result.exception is None or isinstance(result.exception, SystemExit)
        assert not set(result.output) & {"\x1b", "\x07", "\x9b"}
        assert result.output.startswith("2 rows changed\n")


def test_the_same_whatever_the_number_of_threads(sales: pa.Table) -> None:
    a, b = sales.slice(0, 1200), sales.slice(700)
    found = [dsp.compare(a, b, threads=n) for n in (1, 2)]
    one, two = (
        [r for r in f.records if r is not f.row and not hasattr(r, "statistic")]
        for f in found
    )
    assert one == two
    for first, second in zip(found[0].drift, found[1].drift, strict=True):
        assert first.measure == second.measure
        assert first.value == pytest.approx(second.value, rel=1e-12)
        assert (first.p_value is None) == (second.p_value is None)
        assert first.p_value is None or first.p_value == pytest.approx(
            second.p_value, rel=1e-9
        )
