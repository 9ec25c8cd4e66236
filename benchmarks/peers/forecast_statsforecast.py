"""Forecast the series of a job with statsforecast: ``forecast_statsforecast.py JOB``."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import numpy as np


def models(season: int) -> dict[str, Any]:
    """Return the models by name, told the season."""
    from statsforecast.models import AutoARIMA, AutoETS, AutoTheta, SeasonalNaive

    return {
        "AutoETS": AutoETS(season_length=season),
        "AutoARIMA": AutoARIMA(season_length=season),
        "AutoTheta": AutoTheta(season_length=season),
        "SeasonalNaive": SeasonalNaive(season_length=season),
    }


def main() -> None:
    """Print forecasts, intervals and seconds by model as JSON."""
    with open(sys.argv[1], encoding="utf-8") as stream:  # noqa: PTH123 - a script
        job = json.load(stream)
    level = round(100 * job["level"])
    found: dict[str, Any] = {}
    for name in job["models"]:
        started, values = time.perf_counter(), {}
        for series in job["series"]:
            history = np.array(series["history"], dtype=float)
            model = models(series["season"])[name]
            try:
                said = model.forecast(history, h=series["horizon"], level=[level])
            except Exception:  # noqa: BLE001 - a model that fails gets the naive value
                flat = [float(history[-1])] * series["horizon"]
                said = {"mean": flat, f"lo-{level}": flat, f"hi-{level}": flat}
            parts = (said["mean"], said[f"lo-{level}"], said[f"hi-{level}"])
            values[series["name"]] = np.array(parts, dtype=float).T.tolist()
        found[name] = {"seconds": time.perf_counter() - started, "found": values}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
