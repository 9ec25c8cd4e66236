from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from dsp.engine import DuckEngine, Store
from dsp.errors import DspError
from dsp.records import Insight, Problem, RunRow
from dsp.server import create_app, models
from dsp.settings import PipelineConfig

if TYPE_CHECKING:
    from pathlib import Path

    from pydantic import BaseModel

RUN_ID = "a" * 32
MODELS = [
    getattr(models, name) for name in sorted(vars(models)) if name.endswith("Response")
]


def run_row(run_id: str, day: int) -> RunRow:
    return RunRow(
        run_id=run_id,
        status="complete",
        version="0",
        source="s.csv",
        source_name="it's </script>",
        source_format="csv",
        source_files=(),
        source_fingerprint="f",
        read_decisions="{}",
        is_materialized=True,
        n_rows=10,
        n_columns=2,
        n_rejected=0,
        config="{}",
        seed=0,
        engine="duckdb",
        finished_at=datetime(2026, 1, day, tzinfo=UTC),
    )


def insight(rank: int, *, asserted: bool) -> Insight:
    return Insight(
        insight_id=f"i{rank}",
        rank=rank,
        score=1.0,
        asserted=asserted,
        kind="trend",
        title=f"title {rank}",
        columns=("a", "b"),
        n_rows=10,
        unit="row",
        n_tests=1,
        correction="none",
        severity="info",
        statement="s",
        recommendation="r",
        evidence_sql="select 1",
    )


def make_run(folder: Path, run_id: str, day: int, *records: object) -> None:
    folder.mkdir()
    engine = DuckEngine(folder / "results.duckdb")
    store = Store(engine)
    store.create()
    store.insert([run_row(run_id, day), *records])
    engine.close()
    (folder / "dashboard.html").write_text("<!doctype html><p>hello", encoding="utf-8")


@pytest.fixture
def client(tmp_path: Path) -> TestClient:
    make_run(tmp_path / "old.dsp", "b" * 32, 1)
    make_run(
        tmp_path / "new.dsp",
        RUN_ID,
        2,
        insight(2, asserted=True),
        insight(1, asserted=True),
        insight(3, asserted=False),
        Problem(problem_id=1, stage="analysis", plugin="p", error="e", hint="h"),
    )
    (tmp_path / "empty").mkdir()
    broken = tmp_path / "broken.dsp"
    broken.mkdir()
    (broken / "results.duckdb").write_text("no database")
    return TestClient(create_app(tmp_path), base_url="http://127.0.0.1")


def test_health_answers(client: TestClient) -> None:
    assert client.get("/health").json()["status"] == "ok"


def test_config_lists_every_setting(client: TestClient) -> None:
    answer = models.ConfigurationResponse.model_validate(client.get("/config").json())
    assert [s.name for s in answer.settings] == list(PipelineConfig.model_fields)
    assert all(s.description for s in answer.settings)
    assert {s.name: s.type for s in answer.settings}["seed"] == "integer"


def test_pipelines_are_newest_first_and_broken_ones_counted(client: TestClient) -> None:
    answer = client.get("/pipelines").json()
    assert [run["run_id"] for run in answer["runs"]] == [RUN_ID, "b" * 32]
    assert answer["n_unreadable"] == 1
    newest = answer["runs"][0]
    assert (newest["n_insights"], newest["n_problems"]) == (2, 1)
    assert newest["name"] == "it's </script>"


def test_insights_are_the_claimed_ones_by_rank(client: TestClient) -> None:
    answer = client.get(f"/analyze/{RUN_ID}/insights").json()
    assert [i["rank"] for i in answer["insights"]] == [1, 2]
    assert answer["insights"][0]["columns"] == ["a", "b"]


def test_dashboard_is_the_file_of_the_run(client: TestClient) -> None:
    listed = client.get("/pipelines").json()["runs"][0]
    answer = client.get(listed["dashboard"])
    assert answer.text == "<!doctype html><p>hello"
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_run_without_dashboard_says_so(client: TestClient, tmp_path: Path) -> None:
    (tmp_path / "new.dsp" / "dashboard.html").unlink()
    answer = client.get(f"/analyze/{RUN_ID}/dashboard")
    assert answer.status_code == 404
    assert "no dashboard" in answer.json()["message"]


@pytest.mark.parametrize("run_id", ["nothing", "..%2F..%2Fetc", "x" * 5_000, "%00"])
@pytest.mark.parametrize("what", ["dashboard", "insights"])
def test_unknown_run_is_a_404_in_our_shape(
    client: TestClient, run_id: str, what: str
) -> None:
    answer = client.get(f"/analyze/{run_id}/{what}")
    assert answer.status_code == 404
    assert models.ErrorResponse.model_validate(answer.json()).hint


def test_unknown_path_and_method_are_in_our_shape(client: TestClient) -> None:
    for answer in (client.get("/nothing"), client.post("/health")):
        assert answer.status_code in (404, 405)
        assert models.ErrorResponse.model_validate(answer.json()).code == "http"


def test_other_host_names_are_refused(tmp_path: Path) -> None:
    stranger = TestClient(create_app(tmp_path), base_url="http://evil.example")
    answer = stranger.get("/pipelines")
    assert answer.status_code == 400
    assert models.ErrorResponse.model_validate(answer.json()).code == "host"


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DspError, match="is not a folder"):
        create_app(tmp_path / "nothing")


def test_openapi_names_nothing_on_the_network(client: TestClient) -> None:
    assert client.get("/docs").status_code == 404
    assert "/pipelines" in client.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize("model", [*MODELS, models.AnalysisRequest])
def test_every_model_describes_its_fields_and_its_example_is_valid(
    model: type[BaseModel],
) -> None:
    schema = model.model_json_schema()
    assert all("description" in field for field in schema["properties"].values())
    for example in schema["examples"]:
        assert model.model_validate(example).model_dump(mode="json") is not None
