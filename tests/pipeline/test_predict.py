"""`predict`: new rows through the model of a run, in order, with warnings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import dsp
from dsp.cli.predict import command
from dsp.errors import ColumnNotFoundError, DspError, SettingError

N = 400


def rows(seed: int, n: int = N) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=n) * 10
    place = rng.choice(["North", "South", "it's"], n)
    y = 2 * x + 30 * (place == "North") + rng.normal(size=n)
    return {"x": x, "place": place.tolist(), "late": x > 5, "y": y}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "out.dsp"
    settings: dict[str, Any] = {"generate_dashboard": False, "ml_fits": 30}
    dsp.analyze(pa.table(rows(0)), target="y", output_dir=folder, **settings).close()
    return folder


def test_predictions_are_near_and_keep_the_order(run: Path, tmp_path: Path) -> None:
    new = rows(1)
    output = tmp_path / "out.parquet"
    report = dsp.predict(run, pa.table(new), output=output)
    found = pq.read_table(output).to_pydict()
    assert found["x"] == new["x"].tolist()
    assert list(found) == ["x", "place", "late", "y", "prediction", "low", "high"]
    rest = np.array(found["prediction"]) - new["y"]
    assert np.sqrt((rest**2).mean()) < 2.0
    inside = (new["y"] >= found["low"]) & (new["y"] <= found["high"])
    assert 0.8 < inside.mean() <= 1.0
    assert report.n_rows == N
    assert report.warnings == ()


def test_the_macro_in_the_database_says_the_same(run: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.parquet"
    dsp.predict(run, pa.table(rows(2)), output=output)
    with duckdb.connect(str(run / "results.duckdb"), read_only=True) as con:
        con.execute(f"create temp view fresh as from '{output}'")
        con.execute("create temp view bare as select x, place, late from fresh")
        found = con.execute(
            "select count(*), max(abs(p.prediction - f.prediction)) "
            "from predict('bare') as p join fresh as f using (x)"
        ).fetchall()
    assert found[0][0] == N
    assert found[0][1] < 1e-9


def test_stored_predictions_of_new_rows_are_those_of_the_model(tmp_path: Path) -> None:
    data = rows(3)
    data["y"] = [None if i % 10 == 0 else v for i, v in enumerate(data["y"])]
    settings: dict[str, Any] = {"generate_dashboard": False, "ml_fits": 12}
    with dsp.analyze(
        pa.table(data), target="y", output_dir=tmp_path / "o.dsp", **settings
    ) as run:
        found = run.sql(
            "select p.split, count(*) as n, count(p.actual_number) as known, "
            "max(abs(p.predicted_number - q.prediction)) as gap "
            "from predictions as p join (select *, row_number() over () as row_number "
            "from predict('clean.data')) as q using (row_number) "
            "where p.split = 'new' group by all"
        ).to_pylist()
    # Rows without a target were not fitted on, and are predicted all the same.
    assert found == [{"split": "new", "n": 40, "known": 0, "gap": 0.0}]


def test_bad_values_and_moved_columns_are_said(run: Path) -> None:
    new = rows(4)
    new["x"] = ["n/a" if i < 30 else str(v + 500) for i, v in enumerate(new["x"])]
    new["place"] = ["West"] * N
    report = dsp.predict(run, pa.table(new))
    text = "\n".join(report.warnings)
    assert "30 values of x are no numbers and count as missing" in text
    assert "x has moved" in text
    assert "100.0% not seen before" in text or "100% not seen before" in text
    assert "late has moved" not in text
    assert all(np.isfinite(row["prediction"]) for row in report.head)


def test_steps_that_mend_values_are_repeated(tmp_path: Path) -> None:
    data = rows(5)
    data["place"] = [f"  {name} " for name in data["place"]]
    folder = tmp_path / "o.dsp"
    settings: dict[str, Any] = {"generate_dashboard": False, "ml_fits": 12}
    dsp.analyze(pa.table(data), target="y", output_dir=folder, **settings).close()
    clean = {**data, "place": [name.strip() for name in data["place"]]}
    one = dsp.predict(folder, pa.table(data))
    two = dsp.predict(folder, pa.table(clean))
    pairs = zip(one.head, two.head, strict=True)
    assert all(a["prediction"] == b["prediction"] for a, b in pairs)
    assert one.head[0]["place"] == data["place"][0]  # the row as it came


def test_columns_called_like_ours_stay(run: Path) -> None:
    new = {**rows(6), "prediction": list(range(N)), "Low": ["z"] * N}
    report = dsp.predict(run, pa.table(new))
    assert report.columns == ("prediction_", "low_", "high")
    assert report.head[0]["prediction"] == 0


def test_what_is_missing_is_named(run: Path, tmp_path: Path) -> None:
    new = rows(7)
    del new["place"]
    with pytest.raises(ColumnNotFoundError, match='no column "place", which the model'):
        dsp.predict(run, pa.table(new))
    output = tmp_path / "out.csv"
    output.write_text("mine")
    with pytest.raises(SettingError, match="exists already"):
        dsp.predict(run, pa.table(rows(7)), output=output)
    with pytest.raises(SettingError, match="no format for the suffix"):
        dsp.predict(run, pa.table(rows(7)), output=tmp_path / "out.txt")
    assert output.read_text() == "mine"


def test_a_run_without_a_model_says_how_to_get_one(tmp_path: Path) -> None:
    folder = tmp_path / "o.dsp"
    dsp.analyze(
        pa.table(rows(8)), ml_enabled=False, generate_dashboard=False, output_dir=folder
    ).close()
    with pytest.raises(DspError, match="has no model"):
        dsp.predict(folder, pa.table(rows(8)))


def test_the_command_writes_warns_and_suggests(run: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "new.csv", tmp_path / "out.csv"
    new = rows(9, n=50)
    each = zip(new["x"], new["place"], new["late"], strict=True)
    lines = [f"{x},{place},{late}" for x, place, late in each]
    source.write_text("\n".join(["x,place,late", *lines]))
    words = [str(run), str(source), "-o", str(output), "--json"]
    done = CliRunner().invoke(command, words, catch_exceptions=False)
    assert done.exit_code == 0
    document = json.loads(done.stdout)
    assert (document["n_rows"], document["target"]) == (50, "y")
    assert len(output.read_text().splitlines()) == 51


def test_classes_come_with_probabilities_and_sets(tmp_path: Path) -> None:
    data = rows(10)
    data["y"] = np.where(np.array(data["y"]) > 10, "hi", "it's low").tolist()
    folder = tmp_path / "o.dsp"
    settings: dict[str, Any] = {"generate_dashboard": False, "ml_fits": 12}
    dsp.analyze(pa.table(data), target="y", output_dir=folder, **settings).close()
    report = dsp.predict(folder, pa.table(data))
    assert report.columns == (
        "prediction",
        "probability",
        "probability_hi",
        "probability_it's low",
        "likely",
    )
    for row in report.head:
        both = row["probability_hi"] + row["probability_it's low"]
        assert both == pytest.approx(1.0)
        assert row["prediction"] in row["likely"]


@pytest.mark.parametrize(("no", "yes"), [("No", "Yes"), (" <=50K", " >50K")])
def test_labels_are_said_as_in_the_source(tmp_path: Path, no: str, yes: str) -> None:
    data = rows(11)
    data["y"] = np.where(np.array(data["y"]) > 10, yes, no).tolist()
    folder = tmp_path / "o.dsp"
    settings: dict[str, Any] = {"generate_dashboard": False, "ml_fits": 12}
    dsp.analyze(pa.table(data), target="y", output_dir=folder, **settings).close()
    report = dsp.predict(folder, pa.table(data))
    assert report.columns[2:4] == (f"probability_{no}", f"probability_{yes}")
    for row in report.head:
        assert row["prediction"] in (no, yes)
        assert set(row["likely"]) <= {no, yes}
        assert (row["prediction"] == yes) == (row[f"probability_{yes}"] > 0.5)
