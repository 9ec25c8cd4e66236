"""Forecasts of real and simulated series, beside statsforecast.

Goal: a mean absolute scaled error (MASE) below that of AutoETS.

The last points of every series are held out. All tools get the same histories; the error
is scaled by the seasonal naive error inside the history. Real series come with
statsmodels; simulated ones are seeded. Methods were tuned with ``--tune``: other seeds,
and real series cut before the points that are held out otherwise.

dsp finds seasons and chooses a method by itself; the peers are told the season.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from common import HERE, machine, run_process, show

PEER = (
    HERE / "peers/.venv-statsforecast/bin/python",
    HERE / "peers/forecast_statsforecast.py",
)
LEVEL = 0.9
SEED, TUNING_SEED = 20_261, 77
HORIZONS = {1: 6, 4: 8, 5: 10, 7: 14, 12: 12, 24: 48}
STEPS = {1: "year", 4: "quarter", 5: "business day", 7: "day", 12: "month", 24: "hour"}


@dataclass(frozen=True)
class Series:
    """A series with its season; `group` is what results are shown by."""

    group: str
    name: str
    season: int
    values: np.ndarray[Any, Any]

    @property
    def horizon(self) -> int:
        """Points that are held out."""
        return min(HORIZONS[self.season], max(2, len(self.values) // 5))

    @property
    def history(self) -> np.ndarray[Any, Any]:
        """What tools may see."""
        return self.values[: -self.horizon]

    @property
    def scale(self) -> float:
        """Mean seasonal change inside the history."""
        lag = self.season if len(self.history) > self.season else 1
        return float(np.abs(self.history[lag:] - self.history[:-lag]).mean())


def real() -> Iterator[Series]:
    """Yield the series that come with statsmodels."""
    from statsmodels import datasets

    co2 = datasets.co2.load_pandas().data["co2"].resample("MS").mean().interpolate()
    yield Series("real monthly", "co2", 12, co2.to_numpy())
    elnino = datasets.elnino.load_pandas().data.set_index("YEAR")
    yield Series("real monthly", "elnino", 12, elnino.to_numpy().ravel())
    for name in ("sunspots", "nile"):
        data = getattr(datasets, name).load_pandas().data
        yield Series("real yearly", name, 1, data.iloc[:, 1].to_numpy(float))
    macro = datasets.macrodata.load_pandas().data.drop(columns=["year", "quarter"])
    for name in macro:
        yield Series("real quarterly", str(name), 4, macro[name].to_numpy(float))
    inflation = datasets.interest_inflation.load_pandas().data[["Dp", "R"]]
    danish = datasets.danish_data.load_pandas().data[["lrm", "lry", "ibo", "ide"]]
    for frame in (inflation, danish):
        for name in frame:
            yield Series("real quarterly", str(name), 4, frame[name].to_numpy(float))
    copper = datasets.copper.load_pandas().data
    for name in ("WORLDCONSUMPTION", "COPPERPRICE", "INCOMEINDEX", "ALUMPRICE"):
        yield Series("real yearly", name, 1, copper[name].to_numpy(float))
    grunfeld = datasets.grunfeld.load_pandas().data
    for firm, part in grunfeld.groupby("firm"):
        for name in ("invest", "value", "capital"):
            values = part[name].to_numpy(float)
            yield Series("real yearly, 20 points", f"{firm} {name}", 1, values)


def simulated(seed: int, n: int) -> Iterator[Series]:
    """Yield `n` series of every kind."""
    rng = np.random.default_rng(seed)
    kinds = {
        "additive": 12,
        "multiplicative": 12,
        "level shifts": 12,
        "drifting season": 12,
        "no season": 12,
        "quarterly": 4,
        "yearly": 1,
        "daily": 7,
    }
    for kind, season in kinds.items():
        for i in range(n):
            values = _one(rng, kind, season)
            yield Series(f"simulated {kind}", f"{kind} {i}", season, values)


def _one(rng: np.random.Generator, kind: str, season: int) -> np.ndarray[Any, Any]:
    n = {1: 40, 4: 64, 7: 240, 12: 120}[season] + HORIZONS[season]
    t = np.arange(n)
    noise = rng.normal(0, 1, n)
    steps = rng.normal(0, 1, n)
    shape = rng.normal(0, 1, max(season, 1))
    shape = (shape - shape.mean()) * rng.uniform(1, 4)
    slope = rng.normal(0, 0.08)
    level = 30 + slope * t + np.cumsum(steps) * rng.choice([0.0, 0.15, 0.5])
    if kind == "multiplicative":
        growth = np.exp(rng.normal(0.003, 0.003) * t + np.cumsum(steps) * 0.008)
        factor = 1 + (shape / np.abs(shape).max()) * rng.uniform(0.1, 0.5)
        return 50 * growth * factor[t % season] * np.exp(0.04 * noise)
    if kind == "level shifts":
        for at in rng.integers(10, n, 2):
            level = level + rng.normal(0, 6) * (t >= at)
    if kind == "drifting season":
        moved = shape[:, None] + np.cumsum(
            rng.normal(0, 0.25, (season, n // season + 1)), axis=1
        )
        return level + moved[t % season, t // season] + noise
    if kind == "no season":
        ar = np.zeros(n)
        phi = rng.uniform(0.3, 0.95)
        for k in range(1, n):
            ar[k] = phi * ar[k - 1] + noise[k]
        return level + ar
    if kind == "yearly":
        drift = np.cumsum(rng.normal(rng.normal(0.5, 0.6), 1.5, n))
        return 60 + drift + noise
    return level + (shape[t % season] if season > 1 else 0) + noise


def dates(season: int, n: int) -> list[date]:
    """Return `n` dates of the step that goes with a season."""
    if season == 7:
        return [date(2018, 1, 1) + timedelta(days=i) for i in range(n)]
    months = {12: 1, 4: 3, 1: 12}[season]
    first = 1700 * 12
    numbers = range(first, first + months * n, months)
    return [date(month // 12, month % 12 + 1, 1) for month in numbers]


def by_dsp(series: list[Series]) -> tuple[dict[str, Any], float]:
    """Return values with intervals by series, and seconds; a group is one panel."""
    import pyarrow as pa

    import dsp

    found: dict[str, Any] = {}
    panels: dict[tuple[str, int, int], list[Series]] = {}
    for one in series:
        # Real series have nothing to do with each other.
        alone = one.name if one.group.startswith("real") else ""
        panels.setdefault((one.group + alone, one.season, one.horizon), []).append(one)
    started = time.perf_counter()
    for (_, season, horizon), panel in panels.items():
        table = pa.table(
            {
                "name": [s.name for s in panel for _ in s.history],
                "ts": [d for s in panel for d in dates(season, len(s.history))],
                "y": np.concatenate([s.history for s in panel]),
            }
        )
        report = dsp.forecast(
            table,
            time="ts",
            target="y",
            by="name",
            horizon=horizon,
            level=LEVEL,
            frequency=STEPS[season],
        )
        for row in report:
            points = report.of(row.series)
            found[row.series] = [[p.value, p.low, p.high] for p in points]
            found[f"{row.series} method"] = row.method
    return found, time.perf_counter() - started


def by_peer(series: list[Series], models: Sequence[str]) -> dict[str, Any]:
    """Return what every model of statsforecast says, with its seconds."""
    job = [
        {
            "name": s.name,
            "season": s.season,
            "horizon": s.horizon,
            "history": s.history.tolist(),
        }
        for s in series
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "job.json"
        path.write_text(
            json.dumps({"level": LEVEL, "models": models, "series": job}),
            encoding="utf-8",
        )
        _, _, output = run_process([*PEER, path])
    return dict(json.loads(output.splitlines()[-1]))


def judged(series: Series, found: list[list[float]]) -> tuple[float, float]:
    """Return MASE and the share of values inside the interval."""
    actual = series.values[-series.horizon :]
    value, low, high = np.array(found, dtype=float).T
    mase = float(np.abs(value - actual).mean() / series.scale)
    return mase, float(((low <= actual) & (actual <= high)).mean())


def measure(series: list[Series], models: Sequence[str]) -> None:
    """Print MASE by group and tool, coverage and seconds."""
    ours, seconds = by_dsp(series)
    tools: dict[str, tuple[Any, float]] = {"dsp": (ours, seconds)}
    if models:
        for name, part in by_peer(series, models).items():
            tools[name] = (part["found"], part["seconds"])
    results = {
        tool: {s.name: judged(s, found[s.name]) for s in series}
        for tool, (found, _) in tools.items()
    }
    groups = list(dict.fromkeys(s.group for s in series))
    rows = []
    for group in (*groups, "all"):
        names = [s.name for s in series if group in (s.group, "all")]
        means = [np.mean([results[tool][n][0] for n in names]) for tool in tools]
        rows.append([group, str(len(names)), *(f"{m:.3f}" for m in means)])
    inside = [np.mean([v[1] for v in results[tool].values()]) for tool in tools]
    rows.append([f"inside {LEVEL:.0%} intervals", "", *(f"{x:.1%}" for x in inside)])
    rows.append(["seconds", "", *(f"{s:.1f}" for _, s in tools.values())])
    show(["mean MASE", "series", *tools], rows)


def panel(n: int) -> None:
    """Print what a panel of monthly series of 120 points costs."""
    rng = np.random.default_rng(SEED)
    made = [Series("panel", f"s{i}", 12, _one(rng, "additive", 12)) for i in range(n)]
    _, seconds = by_dsp(made)
    show(["panel", "seconds"], [[f"{n:,} series x 120 months", f"{seconds:.1f}"]])


def main() -> None:
    """Read the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--series", type=int, default=40, help="simulated of each kind")
    parser.add_argument("--tune", action="store_true", help="other seeds, earlier ends")
    parser.add_argument(
        "--models",
        nargs="*",
        default=["AutoETS", "AutoARIMA", "AutoTheta", "SeasonalNaive"],
        help="models of statsforecast; none for dsp alone",
    )
    parser.add_argument("--panel", type=int, help="only time a panel of N series")
    given = parser.parse_args()
    print(machine())
    if given.panel:
        panel(given.panel)
        return
    series = list(real())
    if given.tune:
        series = [
            Series(s.group, s.name, s.season, s.values[: -s.horizon]) for s in series
        ]
    seed = TUNING_SEED if given.tune else SEED
    series += simulated(seed, given.series)
    measure(series, given.models)


if __name__ == "__main__":
    main()
