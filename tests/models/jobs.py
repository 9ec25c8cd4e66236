"""Jobs of searches as the model process gets them: rows as Arrow, and settings."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pyarrow as pa

FITS = 60


def spec(
    task: str, n_features: int, *, n_classes: int = 0, fits: int = FITS, threads: int = 1
) -> dict[str, Any]:
    """Return settings of a search whose time begins now."""
    return {
        "task": task,
        "n_classes": n_classes,
        "classes": [str(k) for k in range(n_classes)],
        "quantile": 0.5,
        "seed": 0,
        "threads": threads,
        "is_ordered": False,
        "seconds": 600.0,
        "fits": fits,
        "costs": [1.0, 1.0],
        "taken": [],
        "started": time.monotonic(),
        "features": [[f"column {i}", "number"] for i in range(n_features)],
    }


def rows(y: Any, X: Any) -> pa.Table:
    """Return numbers [n, columns] and what they are to predict, without entities."""
    n, n_columns = X.shape
    columns: dict[str, Any] = {"row_number": np.arange(1, n + 1), "y": y}
    columns["entity"] = pa.nulls(n, pa.int64())
    return pa.table(columns | {f"f{i}": X[:, i] for i in range(n_columns)})
