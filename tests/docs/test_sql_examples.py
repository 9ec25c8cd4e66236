"""The example queries run on a finished run, through the door people use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow.parquet as pq
import pytest

import dsp
from dsp.engine import queries

if TYPE_CHECKING:
    import pyarrow as pa

NAMES = queries.names("examples")
PARAMETERS = {"correlated_pairs": {"least": 0.1}, "histogram": {"column": "revenue"}}
EMPTY_ALLOWED = {"cleaning_steps", "failing_rows", "not_claimed", "correlated_pairs"}


@pytest.fixture(scope="module")
def real_run(tmp_path_factory: pytest.TempPathFactory, sales: pa.Table) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    pq.write_table(sales, folder / "sales.parquet")
    run = dsp.analyze(
        folder / "sales.parquet",
        target="revenue",
        time="order_date",
        ml_fits=25,
        generate_dashboard=False,
        output_dir=folder / "sales.dsp",
    )
    run.close()
    return run.path


def test_there_are_at_least_ten() -> None:
    assert len(NAMES) >= 10


@pytest.mark.parametrize("name", NAMES)
def test_an_example_runs_on_a_handmade_run(name: str, finished_run: Path) -> None:
    with dsp.open_run(finished_run) as run:
        run.sql(queries.load(f"examples/{name}"), PARAMETERS.get(name))


@pytest.mark.parametrize("name", NAMES)
def test_an_example_answers_on_a_real_run(name: str, real_run: Path) -> None:
    with dsp.open_run(real_run) as run:
        found = run.sql(queries.load(f"examples/{name}"), PARAMETERS.get(name))
    assert name in EMPTY_ALLOWED or len(found) > 0


@pytest.mark.parametrize("name", queries.names("views"))
def test_a_view_can_be_read(name: str, real_run: Path) -> None:
    with dsp.open_run(real_run) as run:
        assert run.table(name).limit(1).to_pyarrow().num_columns > 0
