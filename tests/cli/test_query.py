"""``dsp query``: formats, sources of the query, refusals."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dsp.cli.entry import run

if TYPE_CHECKING:
    from tests.cli.conftest import Dsp

TEXT = "select rank, title from insights order by rank"


def test_a_table_for_people(
    finished_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["query", str(finished_run), TEXT]) == 0
    out, err = capsys.readouterr()
    assert "Revenue in West is 12.5 lower" in out
    assert "\x1b" not in out
    assert err.startswith("4 rows\nNext")


@pytest.mark.parametrize("form", ["csv", "json", "jsonl", "markdown"])
def test_text_formats_hold_every_row(command: Dsp, finished_run: Path, form: str) -> None:
    done = command("query", finished_run, TEXT, "--format", form, "--quiet")
    assert done.returncode == 0
    assert done.stderr == ""
    found = {
        "csv": lambda t: [int(r["rank"]) for r in csv.DictReader(io.StringIO(t))],
        "json": lambda t: [r["rank"] for r in json.loads(t)],
        "jsonl": lambda t: [json.loads(line)["rank"] for line in t.splitlines()],
        "markdown": lambda t: [int(line.split("|")[1]) for line in t.splitlines()[2:]],
    }[form](done.stdout)
    assert found == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["x.parquet", "x.arrow", "x.csv", "x.jsonl"])
def test_the_suffix_of_the_output_chooses(
    finished_run: Path, tmp_path: Path, name: str
) -> None:
    path = tmp_path / name
    assert run(["query", str(finished_run), TEXT, "-o", str(path)]) == 0
    if name == "x.parquet":
        assert pq.read_table(path)["rank"].to_pylist() == [1, 2, 3, 4]
    elif name == "x.arrow":
        with pa.ipc.open_stream(path) as reader:
            assert reader.read_all()["rank"].to_pylist() == [1, 2, 3, 4]
    else:
        assert "Revenue moves with the moon" in path.read_text(encoding="utf-8")
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_the_query_comes_from_a_pipe_or_a_file(
    command: Dsp, finished_run: Path, tmp_path: Path
) -> None:
    (tmp_path / "q.sql").write_text("select 42 as x", encoding="utf-8")
    piped = command("query", finished_run, "--format", "csv", input="select 42 as x")
    dashed = command(
        "query", finished_run, "-", "--format", "csv", input="select 42 as x"
    )
    filed = command("query", finished_run, "-f", tmp_path / "q.sql", "--format", "csv")
    assert piped.stdout == dashed.stdout == filed.stdout == '"x"\n42\n'


def test_parameters_limit_and_json(
    finished_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "select rank from insights where rank >= $low order by rank"
    words = [
        "query",
        str(finished_run),
        text,
        "--param",
        "low=2",
        "--limit",
        "1",
        "--json",
    ]
    assert run(words) == 0
    assert json.loads(capsys.readouterr().out) == [{"rank": 2}]


def test_two_columns_of_one_name_are_both_written(
    finished_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["query", str(finished_run), "select 1 as a, 2 as a", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)[0].values()) == [1, 2]


def test_no_rows_are_still_a_document(command: Dsp, finished_run: Path) -> None:
    text = "select 1 as a where false"
    assert json.loads(command("query", finished_run, text, "--json").stdout) == []
    assert command("query", finished_run, text, "--format", "csv").stdout == '"a"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("copy insights to 'x.csv'", "a COPY statement is refused"),
        ("attach 'x.db'", "an ATTACH statement is refused"),
        ("select * from read_csv('/etc/passwd')", "Permission Error"),
        ("set threads = 1", "a SET statement is refused"),
        ("install httpfs", "statement is refused"),
        ("call pragma_version()", "a CALL statement is refused"),
        ("select 1; drop table insights", "a DROP statement is refused"),
        ("select getenv('HOME')", "getenv does not exist"),
        ("selec 1", "syntax error"),
        ("select nothing from insights", "not found"),
        ("", "the query is empty"),
    ],
)
def test_hostile_and_wrong_queries_end_in_one_error(
    finished_run: Path, capsys: pytest.CaptureFixture[str], text: str, expected: str
) -> None:
    assert run(["query", str(finished_run), text]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert expected in err


def test_a_data_file_is_table_data(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"a": [1, 2, None]}), path)
    words = ["query", str(path), "select count(a) as n from data", "--json"]
    assert run(words) == 0
    assert json.loads(capsys.readouterr().out) == [{"n": 2}]


def test_a_query_on_a_file_reaches_no_other_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("x.parquet", "secret.parquet"):
        pq.write_table(pa.table({"a": [1]}), tmp_path / name)
    text = f"from '{tmp_path / 'secret.parquet'}'"
    assert run(["query", str(tmp_path / "x.parquet"), text]) == 2
    assert "Error" in capsys.readouterr().err


def test_a_missing_file_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["query", str(tmp_path / "no.csv"), "from data"]) == 2
    assert capsys.readouterr().err.startswith("error: ")


# The first has no rows to write; the last stops answering interrupts after its first.
ENDLESS = {
    "a sum": "select sum(a.i * b.i) from range(9_000_000) a(i), range(9_000_000) b(i)",
    "rows": "select a.i, b.i from range(9_000_000) a(i), range(9_000_000) b(i)",
    "slow rows": (
        "select i, list_sum(list_transform(range(if(i < 500_000, 1, 2_000_000)), "
        "lambda x: x + i)) as n from range(9_000_000) a(i)"
    ),
}


@pytest.mark.parametrize(
    ("name", "output"),
    [
        ("a sum", None),
        ("a sum", "rows.csv"),
        ("rows", "rows.csv"),
        ("slow rows", "rows.parquet"),
    ],
)
def test_ctrl_c_stops_a_query(
    finished_run: Path, tmp_path: Path, name: str, output: str | None
) -> None:
    words = ["query", finished_run, ENDLESS[name], "--limit", "0"]
    words += ["--format", "csv"] if output is None else ["-o", output]
    process = subprocess.Popen(
        [sys.executable, "-m", "dsp", *map(str, words)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        text=True,
    )
    wait_for_rows = output is not None and name != "a sum"
    deadline = time.monotonic() + 20
    while wait_for_rows and not any(tmp_path.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.startswith("error: cancelled")
    assert not list(tmp_path.iterdir())
