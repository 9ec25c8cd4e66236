"""Fixtures that every room uses: an engine, a small sales table, nasty tables."""

from __future__ import annotations

import math
import os
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import settings

from dsp.engine import DuckEngine, Store
from dsp.records import (
    CheckResult,
    ColumnProfile,
    DetectorTests,
    Figure,
    Importance,
    Insight,
    ModelRow,
    Problem,
    RunRow,
    StageRow,
    Step,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

# The same examples each time: a change is judged by what it changes. New ones are looked
# for with HYPOTHESIS_PROFILE=explore.
settings.register_profile("steady", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

SHARED = Path(__file__).resolve().parents[2] / "shared"
CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--font-render-hinting=none",
]
HOSTILE_NAMES = [
    "it's",
    'a "quoted" name',
    "select",
    "🦆 emoji",
    "</script><script>alert(1)</script>",
    "n" * 300,
    "semi;colon -- comment",
    "dot.ted $name {brace} %s",
    "café Ünïcode 名前",
    "=1+1",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip tests on shared data where that folder is not beside the project."""
    if not (SHARED / "data").is_dir():
        skip = pytest.mark.skip(reason="needs ../shared/data beside the project")
        for item in items:
            if "shared" in item.keywords:
                item.add_marker(skip)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """Return a started browser; there can be one at a time in a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=str(CHROMIUM), args=CHROMIUM_ARGUMENTS
        )
        yield browser
        browser.close()


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    """Return an empty database in memory."""
    made = DuckEngine(threads=2)
    yield made
    made.close()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Return the folder of real data sets (mark the test ``shared``)."""
    return SHARED / "data"


@pytest.fixture(scope="session")
def sales() -> pa.Table:
    """Return 2,000 orders with planted stories.

    Revenue is units x price less discount; region West sells at 60 % of the price; Friday
    and Saturday bring 1.5 times the units; units rise over time; ratings miss at random.
    """
    rng = np.random.default_rng(7)
    n = 2_000
    start = date(2024, 1, 1)
    days = np.sort(rng.integers(0, 364, n))
    dates = [start + timedelta(days=int(day)) for day in days]
    region = rng.choice(["North", "South", "East", "West"], n)
    channel = rng.choice(["Online", "Retail", "Partner"], n, p=[0.6, 0.3, 0.1])
    weekend = np.array([day.weekday() in (4, 5) for day in dates])
    units = rng.poisson(3 + 3 * days / 364 + 2 * weekend) + 1
    price = rng.gamma(4, 10, n).round(2)
    price = np.where(region == "West", price * 0.6, price).round(2)
    discount = rng.choice([0.0, 0.1, 0.2], n, p=[0.7, 0.2, 0.1])
    revenue = (units * price * (1 - discount)).round(2)
    rating = [None if rng.random() < 0.15 else int(rng.integers(1, 6)) for _ in range(n)]
    return pa.table(
        {
            "order_id": pa.array(range(1, n + 1), pa.int64()),
            "order_date": pa.array(dates, pa.date32()),
            "region": region.tolist(),
            "channel": channel.tolist(),
            "units": pa.array(units, pa.int64()),
            "unit_price": price,
            "discount": discount,
            "revenue": revenue,
            "rating": pa.array(rating, pa.int64()),
            "returned": (rng.random(n) < 0.08).tolist(),
        }
    )


@pytest.fixture(scope="session")
def reference_sales() -> pa.Table:
    """Return 59,746 orders of two years with the effects that `PLANTED` tells."""
    from tests.reference_sales import reference_sales as make

    return make()


def _nasty() -> dict[str, pa.Table]:
    utc = UTC
    moments = [datetime(2024, 1, 1, tzinfo=utc) + timedelta(hours=i) for i in range(40)]
    mixed = {
        "f": [1.5, float("nan"), math.inf, -math.inf, None] * 8,
        "big": pa.array([2**62, -(2**62), 0, None, 1] * 8, pa.int64()),
        "dec": pa.array(
            [Decimal("12345678901234.5678"), None] * 20, pa.decimal128(38, 4)
        ),
        "t": ["", "  ", "ß", "</script>", None, "a\x00b", "🦆", "=1+1"] * 5,
        "flag": [True, False, None, True] * 10,
        "at": pa.array(moments, pa.timestamp("us", tz="Europe/Zurich")),
        "nested": pa.array([[1, 2], [], None, [3]] * 10, pa.list_(pa.int64())),
        "blob": pa.array([b"\x00\xff", None] * 20, pa.binary()),
    }
    return {
        "hostile_names": pa.table(
            {name: [1.0, 2.0, 3.5, None] * 10 for name in HOSTILE_NAMES[:5]}
            | {name: ["x", "it's", "</script>", None] * 10 for name in HOSTILE_NAMES[5:]}
        ),
        "mixed_types": pa.table(mixed),
        "no_rows": pa.table(
            {"a": pa.array([], pa.int64()), "b": pa.array([], pa.string())}
        ),
        "one_row": pa.table({"a": [1], "b": ["x"], "c": [1.5], "d": [date(2024, 1, 1)]}),
        "all_null": pa.table(
            {"a": pa.nulls(30, pa.float64()), "b": pa.nulls(30, pa.string())}
        ),
        "constant": pa.table({"a": [7] * 30, "b": ["same"] * 30, "c": [0.1] * 30}),
        "all_unique": pa.table({"a": list(range(50)), "b": [f"k{i}" for i in range(50)]}),
        "one_column": pa.table({"only": [3, 1, 2] * 10}),
        "wide": pa.table({f"c{i}": [i, i + 1, None, i * 2] * 5 for i in range(120)}),
        "huge_values": pa.table(
            {"a": [1e308, -1e308, 1e-308, 0.0] * 10, "b": [1e16 + i for i in range(40)]}
        ),
    }


NASTY = _nasty()


@pytest.fixture(params=sorted(NASTY))
def nasty(request: pytest.FixtureRequest) -> tuple[str, Any]:
    """Return the name and content of one nasty table; runs the test for each."""
    return request.param, NASTY[request.param]


HOSTILE_TEXT = "=1+1 </script><img src=x> | *bold* `tick` $x$"


@pytest.fixture(scope="session")
def finished_run(tmp_path_factory: pytest.TempPathFactory, sales: pa.Table) -> Path:
    """Return the folder of a finished run, written by hand: no room took part in it."""
    folder = tmp_path_factory.mktemp("finished") / "sales.dsp"
    folder.mkdir()
    made = DuckEngine(folder / "results.duckdb", threads=2)
    store = Store(made)
    store.create()
    made.put(sales, "data", schema="raw")
    made.create("data", 'from "raw"."data"', schema="clean", kind="view")
    every = "select 1::bigint as row_number, 1::bigint as raw_row_number"
    made.create("rows", every, schema="clean")
    store.insert(handmade_records(sales.num_rows, sales.num_columns))
    made.checkpoint()
    made.close()
    (folder / "dashboard.html").write_text("<!doctype html></html>", encoding="utf-8")
    (folder / "report.md").write_text("# sales\n", encoding="utf-8")
    return folder


def handmade_records(n_rows: int, n_columns: int) -> list[object]:
    """Return one or more records of most result tables, with hostile names and texts."""
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)

    def column(position: int, name: str, **values: Any) -> ColumnProfile:
        base = {
            "column_name": name,
            "position": position,
            "source_name": name,
            "data_type": "DOUBLE",
            "family": "float",
            "semantic_type": "number",
            "role": "measure",
            "n_rows": n_rows,
            "distinct_exact": True,
            "quantiles_exact": True,
            "is_unique": False,
            "is_constant": False,
            "profile_sql": "select count(*) from clean.data",
        }
        counts = ("null", "nan", "infinite", "empty", "zero", "negative", "distinct")
        zeros = {f"n_{count}": 0 for count in counts}
        return ColumnProfile(**(base | zeros | values))

    def check(name: str, outcome: str, severity: str, n_failed: int) -> CheckResult:
        return CheckResult(
            check_id=name,
            kind=name,
            name=name,
            columns=("rating", HOSTILE_TEXT),
            dimension="completeness",
            severity=severity,
            outcome=outcome,
            expectation="every value is there",
            observed=f"{n_failed} values are missing in {HOSTILE_TEXT}",
            n_rows=n_rows,
            n_failed=n_failed,
            failed_fraction=n_failed / n_rows,
            tolerance=0.0,
            action="find out why ratings are missing" if n_failed else "",
            evidence_sql="select count(*) from clean.data where rating is null",
        )

    def insight(
        rank: int, title: str, *, asserted: bool, cause: str | None = None
    ) -> Insight:
        return Insight(
            insight_id=f"i{rank}",
            rank=rank,
            score=1 / rank,
            asserted=asserted,
            kind="segment_difference",
            title=title,
            columns=("region", "revenue"),
            target="revenue",
            effect_name="difference",
            effect=-12.5,
            effect_low=-15.0,
            effect_high=-10.0,
            n_rows=n_rows,
            test="welch",
            unit="row",
            statistic=-8.1,
            p_value=1e-9,
            q_value=4e-9,
            n_tests=12,
            correction="Benjamini-Hochberg",
            explained_by=cause,
            severity="important",
            statement=f"{title}. An association, not proof of cause.",
            recommendation="look at prices in West",
            evidence_sql="select region, avg(revenue) from clean.data group by all",
            detector="segment_outlier",
        )

    def model(position: int, name: str, holdout: float, *, is_best: bool) -> ModelRow:
        return ModelRow(
            model_id=f"m{position}",
            position=position,
            name=name,
            task="regression",
            target="revenue",
            is_baseline=not is_best,
            is_best=is_best,
            metric="r2",
            cv_mean=holdout,
            cv_sd=0.01,
            holdout=holdout,
            n_train=1600,
            n_holdout=400,
            split="random",
            features=("units", "unit_price"),
            excluded='{"order_id": "identifies rows"}',
            params='{"depth": 3}',
            note=f"{name} explains {holdout:.0%} of revenue",
        )

    return [
        RunRow(
            run_id="00ff",
            status="complete",
            version="0.1.0",
            source="sales.parquet",
            source_name="sales.parquet",
            source_format="parquet",
            source_files=("/nowhere/sales.parquet",),
            source_bytes=1234,
            source_fingerprint="ab" * 32,
            read_decisions="{}",
            is_materialized=True,
            n_rows=n_rows,
            n_columns=n_columns,
            n_rejected=0,
            target="revenue",
            time_column="order_date",
            config='{"seed": 0}',
            seed=0,
            engine="duckdb",
            started_at=at,
            finished_at=at + timedelta(seconds=2),
            elapsed_ms=2000.0,
        ),
        StageRow(
            stage="data_loading",
            position=2,
            status="done",
            n_rows_out=n_rows,
            n_scans=1,
            bytes_fetched=10,
            message=f"{n_rows:,} rows",
            started_at=at,
            finished_at=at,
            elapsed_ms=12.5,
        ),
        column(1, "revenue", mean=120.5, max_number=9.5, n_null=0, n_distinct=900),
        column(2, "rating", n_null=301, role="dimension", n_distinct=5),
        column(3, HOSTILE_TEXT, role="text", n_distinct=7),
        check("missing_values", "failed", "warning", 301),
        check("duplicates", "passed", "info", 0),
        insight(1, "Revenue in West is 12.5 lower", asserted=True),
        insight(2, HOSTILE_TEXT, asserted=True),
        insight(3, "Revenue moves with the moon", asserted=False),
        insight(4, "Revenue differs by region", asserted=True, cause="i1"),
        DetectorTests(
            detector="segment_outlier",
            n_tests=12,
            n_found=2,
            n_explained=1,
            n_set_aside=1,
            smallest_p=1e-9,
            smallest_q=4e-9,
            n_rows=n_rows - 500,
        ),
        model(1, "mean", 0.0, is_best=False),
        model(2, "gradient boosting", 0.93, is_best=True),
        Importance(
            model_id="m2",
            feature="unit_price",
            rank=1,
            method="permutation",
            metric="r2",
            mean=0.6,
            sd=0.02,
            low=0.56,
            high=0.64,
            n_repeats=5,
        ),
        Step(
            position=1,
            transform="trim_text",
            columns=("region",),
            reason="spaces around text",
            sql="trim(region)",
            n_rows_before=n_rows,
            n_rows_after=n_rows,
            n_changed=3,
            is_reversible=False,
        ),
        Problem(
            problem_id=1,
            stage="analysis",
            plugin="seasonality",
            error="the series is too short",
            hint="give at least two periods",
        ),
        Figure(
            figure_id="rows",
            position=1,
            label="Rows",
            value=float(n_rows),
            format="integer",
            polarity="neutral",
            evidence_sql="select count(*) from clean.data",
        ),
    ]
