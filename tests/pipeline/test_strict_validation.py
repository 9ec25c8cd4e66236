from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

import dsp
from dsp.cli.entry import run
from dsp.errors import SettingError, ValidationFailedError
from dsp.events import PipelineStatus

if TYPE_CHECKING:
    from pathlib import Path

RULES = """\
[columns.price]
min = 0
not_null = true
[[rules]]
kind = "foreign_key"
column = "customer"
to = "customers.csv"
to_columns = ["id"]
severity = "warning"
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    good = "".join(f"{i},{i}.5,{i % 2 + 1}\n" for i in range(40))
    (tmp_path / "good.csv").write_text("id,price,customer\n" + good)
    (tmp_path / "bad.csv").write_text("id,price,customer\n1,5,1\n2,-3,9\n3,-1,2\n")
    (tmp_path / "customers.csv").write_text("id,name\n1,Ann\n2,Bob\n2,Bea\n")
    (tmp_path / "rules.toml").write_text(RULES)
    return tmp_path


def analyze(folder: Path, source: str) -> int:
    words = ["--rules", "rules.toml", "--strict-validation", "--no-ml", "--no-dashboard"]
    return run(["analyze", source, *words, "-o", str(folder / "out"), "--force", "-q"])


def test_a_stopped_run_keeps_its_checks(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert analyze(folder, "bad.csv") == 1
    error = capsys.readouterr().err
    assert "strict validation: 1 check failed: 2 of 3 rows (66.7%) fail: price" in error
    assert "out/failed_validation checks" in error
    assert sorted(p.name for p in (folder / "out").rglob("*")) == [
        "failed_validation",
        "results.duckdb",
    ]
    assert run(["show", str(folder / "out"), "checks"]) == 0
    assert "price is at least 0" in capsys.readouterr().out
    with dsp.open_run(folder / "out" / "failed_validation") as stopped:
        assert stopped.status is PipelineStatus.FAILED_VALIDATION
        rows = stopped.sql(
            "select rule_id, outcome, n_failed from checks where rule_id is not null"
        ).to_pylist()
        stages = stopped.sql("select stage from stages order by position").to_pylist()
        failing = stopped.sql(
            "select row_number from failures join checks using (check_id) "
            "where rule_id = 'in_range.price' order by sample"
        ).to_pylist()
        evidence = stopped.sql(
            "select evidence_sql from checks where rule_id = 'foreign_key.customer'"
        ).to_pylist()[0]["evidence_sql"]
        counted = stopped.sql(evidence).to_pylist()
    assert [tuple(row.values()) for row in rows] == [
        ("not_null.price", "passed", 0),
        ("in_range.price", "failed", 2),
        ("foreign_key.customer", "failed", 1),
    ]
    assert [s["stage"] for s in stages] == [
        "initialization",
        "data_loading",
        "validation",
    ]
    assert [f["row_number"] for f in failing] == [2, 3]
    assert counted == [{"n_failed": 1}]


def test_earlier_results_stay_and_later_ones_clear_the_failure(folder: Path):
    assert analyze(folder, "good.csv") == 0
    (folder / "keep.csv").write_bytes((folder / "good.csv").read_bytes())
    (folder / "good.csv").write_bytes((folder / "bad.csv").read_bytes())
    assert analyze(folder, "good.csv") == 1
    with dsp.open_run(folder / "out") as before:
        assert before.sql("select n_rows, status from runs").to_pylist() == [
            {"n_rows": 40, "status": "complete"}
        ]
    assert (folder / "out" / "failed_validation" / "results.duckdb").exists()
    (folder / "good.csv").write_bytes((folder / "keep.csv").read_bytes())
    assert analyze(folder, "good.csv") == 0
    assert not (folder / "out" / "failed_validation").exists()


def test_a_pipeline_says_that_validation_stopped_it(tmp_path: Path):
    config = dsp.PipelineConfig(
        data_source=pa.table({"x": [1, -1]}),
        rules=[dsp.check("positive", lambda t: t.x > 0)],
        strict_validation=True,
        output_dir=tmp_path / "out",
    )
    pipeline = dsp.AnalyticsPipeline(config)
    with pytest.raises(ValidationFailedError, match=r"1 of 2 rows .* fails: positive"):
        pipeline.execute()
    assert pipeline.get_status() is PipelineStatus.FAILED_VALIDATION


def test_a_rule_that_cannot_be_evaluated_stops_it_too(tmp_path: Path):
    rule = dsp.rule("not_null", "gone")
    with pytest.raises(ValidationFailedError, match='no column named "gone"'):
        dsp.analyze(
            pa.table({"x": [1, 2]}),
            rules=[rule],
            strict_validation=True,
            output_dir=tmp_path / "out",
        )


def test_wrong_rules_are_refused_before_anything_is_read(tmp_path: Path):
    with pytest.raises(ValueError, match="there is no rules file"):
        dsp.analyze("gone.csv", rules=tmp_path / "rules.toml", output_dir=tmp_path / "o")
    assert list(tmp_path.iterdir()) == []


def test_a_lacking_reference_blocks_one_rule(folder: Path):
    (folder / "customers.csv").unlink()
    assert run(["analyze", "good.csv", "--rules", "rules.toml", "--no-ml", "-q"]) == 0
    with dsp.open_run("good.dsp") as done:
        rows = done.sql(
            "select rule_id, outcome, reason from checks where rule_id is not null"
        ).to_pylist()
        settings = done.sql("select config from runs").to_pylist()[0]["config"]
    outcomes = {r["rule_id"]: r["outcome"] for r in rows}
    assert outcomes == {
        "not_null.price": "passed",
        "in_range.price": "passed",
        "foreign_key.customer": "not_evaluated",
    }
    assert "customers.csv" in rows[2]["reason"]
    assert "in_range" in settings


def test_rules_are_a_setting():
    with pytest.raises(SettingError, match="unknown setting"):
        dsp.analyze("x.csv", rule=[])
