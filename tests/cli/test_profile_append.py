"""``dsp profile --append``: a growing folder, read once and never again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import dsp
from dsp.cli import profile as module
from dsp.engine import DuckEngine
from dsp.errors import ColumnNotFoundError, DspError, SettingError
from dsp.pipeline import appending
from dsp.pipeline.appending import append_profile

KEPT = ("n_rows", "n_null", "n_distinct", "mean", "sd", "q50", "min_value", "max_value")


def write(folder: Path, name: str, rows: range, head: str = "n,x,city") -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    lines = (f"{i},{i * 0.37 - 5},{'abc'[i % 3]}" for i in rows)
    path.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
    return path


def run(*words: object) -> Result:
    return CliRunner().invoke(
        module.command,
        [str(word) for word in words],
        env={"COLUMNS": "120"},
        help_option_names=["-h", "--help"],
    )


def figures(document: Any) -> list[tuple[Any, ...]]:
    return [(c["column_name"], *(c[k] for k in KEPT)) for c in document["columns"]]


def test_a_growing_folder_gives_the_profile_of_all(tmp_path: Path) -> None:
    folder, state = tmp_path / "in", tmp_path / "s.duckdb"
    first = write(folder, "1.csv", range(40))
    document = json.loads(run(folder, "--append", state, "--json").stdout)
    assert document["state"] == {
        "file": str(state),
        "n_files": 1,
        "n_new": 1,
        "n_gone": 0,
    }
    # What is gone cannot be read again.
    first.unlink()
    write(folder, "2.csv", range(40, 100))
    result = run(folder, "--append", state, "--json")
    document = json.loads(result.stdout)
    assert document["state"] | {"file": ""} == {
        "file": "",
        "n_files": 2,
        "n_new": 1,
        "n_gone": 1,
    }
    whole = dsp.profile(write(tmp_path, "all.csv", range(100)), relations=False)
    for found, expected in zip(figures(document), whole.columns, strict=True):
        wanted = (expected.column_name, *(getattr(expected, k) for k in KEPT))
        assert found == tuple(
            pytest.approx(v, rel=1e-12) if isinstance(v, float) else v for v in wanted
        )


def test_only_new_files_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, state = tmp_path / "in", tmp_path / "s.duckdb"
    for i in range(3):
        write(folder, f"{i}.csv", range(10 * i, 10 * i + 10))
    append_profile(state, folder)
    write(folder, "new.csv", range(30, 40))
    read: list[str] = []
    add = appending._add
    monkeypatch.setattr(
        appending, "_add", lambda *words: (read.append(Path(words[3]).name), add(*words))
    )
    assert append_profile(state, folder).n_rows == 40
    assert append_profile(state, folder).n_rows == 40
    assert read == ["new.csv"]


def test_words_say_what_was_read(tmp_path: Path) -> None:
    folder, state = tmp_path / "in", tmp_path / "s.duckdb"
    write(folder, "1.csv", range(4))
    assert f"{state}: 1 new file read, 0 known\n" in run(folder, "--append", state).stderr
    again = run(folder, "--append", state)
    assert f"{state}: no new file read, 1 known\n" in again.stderr
    assert "4 rows, 3 columns" in again.stdout


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    folder, state = tmp_path / "in", tmp_path / "s.duckdb"
    path = write(folder, "1.csv", range(4))
    append_profile(state, folder)
    before = state.read_bytes()
    write(folder, "1.csv", range(5))
    with pytest.raises(DspError, match=rf"{path} has changed since it was added"):
        append_profile(state, folder)
    assert state.read_bytes() == before


def test_columns_may_come_but_not_change_their_kind(tmp_path: Path) -> None:
    folder, state = tmp_path / "in", tmp_path / "s.duckdb"
    write(folder, "1.csv", range(4))
    append_profile(state, folder)
    write(folder, "2.csv", range(4), head="n,new,city")
    found = append_profile(state, folder)
    assert [(c.column_name, c.n_null) for c in found.columns] == [
        ("n", 0),
        ("x", 4),
        ("city", 0),
        ("new", 4),
    ]
    write(folder, "3.csv", range(4), head="city,x,n")
    with pytest.raises(DspError, match=r'3\.csv: column "city" is BIGINT, but VARCHAR'):
        append_profile(state, folder)
    assert DuckEngine(state, read_only=True).rows("select count(*) from state_files") == [
        (2,)
    ]


def test_what_is_no_state_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    path = write(folder, "1.csv", range(4))
    other = tmp_path / "other.duckdb"
    engine = DuckEngine(other)
    engine.execute("create table mine as select 1 as a")
    engine.close()
    with pytest.raises(DspError, match="is a database, but no state"):
        append_profile(other, folder)
    (tmp_path / "text.duckdb").write_text("no database " * 2_000)
    with pytest.raises(DspError, match="cannot be opened as a state"):
        append_profile(tmp_path / "text.duckdb", folder)
    with pytest.raises(SettingError, match="is a file of the source"):
        append_profile(path, folder)
    with pytest.raises(SettingError, match="not of a table in memory"):
        append_profile(tmp_path / "s.duckdb", {"a": [1]})
    with pytest.raises(ColumnNotFoundError, match='no column named "price"'):
        append_profile(tmp_path / "s.duckdb", folder, target="price")
    assert "--append goes without" in str(
        run(folder, "--append", tmp_path / "s.duckdb", "--exact").output
    )


def test_a_state_of_other_hashes_is_refused(tmp_path: Path) -> None:
    folder, state = tmp_path / "in", tmp_path / "s.duckdb"
    write(folder, "1.csv", range(4))
    append_profile(state, folder)
    engine = DuckEngine(state)
    engine.execute("update state_meta set value = '1 2 3' where name = 'hash'")
    engine.close()
    with pytest.raises(DspError, match="made by a version of dsp whose states differ"):
        append_profile(state, folder)


def test_a_failure_while_writing_keeps_the_old_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, state = tmp_path / "in", tmp_path / "s.duckdb"
    write(folder, "1.csv", range(4))
    append_profile(state, folder)
    write(folder, "2.csv", range(4, 9))
    execute = DuckEngine.execute

    def failing(self: DuckEngine, text: str, *words: Any) -> None:
        if "state_meta as from" in text:
            raise OSError("no room")
        execute(self, text, *words)

    with monkeypatch.context() as patch:
        patch.setattr(DuckEngine, "execute", failing)
        with pytest.raises(OSError, match="no room"):
            append_profile(state, folder)
    engine = DuckEngine(state, read_only=True)
    assert engine.rows("select sum(n_rows) from state_files") == [(4,)]
    assert engine.rows("select max(n_rows) from state_columns") == [(4,)]
    engine.close()
    assert append_profile(state, folder).n_rows == 9


def test_a_killed_append_leaves_the_old_or_the_new_state(tmp_path: Path) -> None:
    folder, state = tmp_path / "in", tmp_path / "s.duckdb"
    write(folder, "0.csv", range(10))
    append_profile(state, folder)
    known = 10
    words = ["profile", str(folder), "--append", str(state)]
    code = f"import dsp.cli; dsp.cli.main({words!r})"
    env = os.environ | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    for i, delay in enumerate((0.5, 0.8, 1.1), 1):
        write(folder, f"{i}.csv", range(10 * i, 10 * i + 10))
        with subprocess.Popen(
            [sys.executable, "-c", code],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            time.sleep(delay)
            process.kill()
        engine = DuckEngine(state)
        files = engine.rows("select sum(n_rows) from state_files")[0][0]
        rows = engine.rows("select min(n_rows), max(n_rows) from state_columns")[0]
        engine.close()
        assert rows == (files, files)
        assert known <= files <= 10 * (i + 1)
        known = files
    assert append_profile(state, folder).n_rows == 40


def test_partitions_are_columns_of_new_files_too(tmp_path: Path) -> None:
    state = tmp_path / "s.duckdb"
    for year in (2023, 2024):
        (tmp_path / "in").mkdir(exist_ok=True)
        write(tmp_path / "in" / f"year={year}", "a.csv", range(5))
        found = append_profile(state, tmp_path / "in")
    years = [v.value for v in found.top_values["year"]]
    assert years == ["2023", "2024"]
