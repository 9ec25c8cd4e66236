"""Basic and advanced use of dsp from Python, on data it makes itself.

Run it from anywhere: ``python examples/example_pipeline.py [FOLDER]``. Results go to the
folder, or to a temporary one that is named at the end.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from generate_sales import generate

import dsp


def basic(orders: Any, folder: Path) -> None:
    """Analyze a table in memory and read the results."""
    with dsp.analyze(orders, target="revenue", output_dir=folder / "basic.dsp") as run:
        print(f"{run.path}\n")
        for insight in run.insights:
            print(f"{insight.rank}. {insight.statement}")
            print(f"   {insight.recommendation}")
        # Every number is a row, and every row can be asked for.
        models = run.sql("select name, metric, holdout from models order by position")
        print(models.to_pylist())


def advanced(path: Path, folder: Path) -> None:
    """Configure a run, watch it, and go on from its tables."""
    config = dsp.PipelineConfig(
        data_source=path,
        target_column="revenue",
        time_column="order_date",
        business_context="Orders of a shop; a stock-out is known for March 2024.",
        ml_enabled=False,
        export_formats=("json", "csv"),
        output_dir=folder / "advanced.dsp",
        seed=1,
    )
    pipeline = dsp.AnalyticsPipeline(config)
    pipeline.add_progress_callback(show)
    with pipeline.execute() as run:
        print(f"\n{pipeline.get_status().value}: {run.path}")
        monthly = """
            select date_trunc('month', order_date) as month, sum(revenue) as revenue
            from clean.data
            group by all
            order by month desc
            limit 3
        """
        print(run.sql(monthly).to_pylist())
        data = run.data  # an Ibis table
        by_region = data.group_by("region").aggregate(discount=data["discount"].mean())
        print(by_region.order_by("region").to_pyarrow().to_pylist())

    # The folder is all there is to keep: open it again whenever.
    with dsp.open_run(folder / "advanced.dsp") as again:
        print([column.column_name for column in again.profile if column.n_null])


def show(event: dsp.PipelineProgress) -> None:
    """Print one line when a stage ends."""
    if event.state in ("done", "skipped"):
        print(f"[{event.stage.position}/7] {event.stage.label}: {event.message}")


def piece_by_piece(path: Path) -> None:
    """Use the rooms of the pipeline on their own, each on an Ibis table."""
    table = dsp.DataReader().read(str(path))
    checks = dsp.DataValidator().validate(table).results
    failed = [check.name for check in checks if check.outcome == "failed"]
    print(f"\nfailed checks: {failed}")
    profile = dsp.StatisticsEngine().profile(table, target="revenue")
    for column in profile.columns[:3]:
        print(f"{column.column_name}: {column.semantic_type}, {column.n_distinct} values")


def main() -> None:
    """Run every example."""
    import pyarrow.parquet as pq

    chosen = sys.argv[1:2] or [tempfile.mkdtemp(prefix="dsp-example-")]
    folder = Path(chosen[0])
    folder.mkdir(parents=True, exist_ok=True)
    orders = generate(2_000)
    path = folder / "orders.parquet"
    pq.write_table(orders, path)

    basic(orders, folder)
    advanced(path, folder)
    piece_by_piece(path)
    print(f"\nDashboards: {folder}/*.dsp/dashboard.html")


if __name__ == "__main__":
    main()
