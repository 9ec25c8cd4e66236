"""Result databases for pages: real runs without models, and their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dsp import AnalyticsPipeline, PipelineConfig
from dsp.engine import DuckEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def run_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Return a function that analyses a table and returns the folder of the run."""

    def run(data: Any, target: str | None = None, **settings: Any) -> Path:
        folder = tmp_path_factory.mktemp("run")
        config = PipelineConfig(
            data_source=data,
            target_column=target,
            output_dir=folder,
            **({"ml_enabled": False} | settings),
        )
        with AnalyticsPipeline(config).execute():
            pass
        return folder

    return run


@pytest.fixture(scope="session")
def sales_run(run_of: Callable[..., Path], sales: Any) -> Path:
    return run_of(sales, "revenue", ml_enabled=True, ml_fits=25)


@pytest.fixture
def results(sales_run: Path) -> Iterator[DuckEngine]:
    made = DuckEngine(sales_run / "results.duckdb", read_only=True)
    yield made
    made.close()
