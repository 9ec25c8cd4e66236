"""Compare model search with FLAML, AutoGluon and LightGBM on public data sets.

    make peers
    python benchmarks/automl.py --budget 60 --data ../shared/data

Every tool is a process of its own and gets the same rows: three quarters to fit, one
quarter to judge. What is done is kept in ``benchmarks/out/automl`` and not done again.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from pathlib import Path
from typing import Any

from common import DSP, HERE, OUT, environment

PEERS = ("lightgbm", "flaml", "autogluon")
FIGURES = {"regression": "r2", "binary": "auc", "multiclass": "auc ovr"}


def figure(task: str, truth: list[Any], found: dict[str, list[float]]) -> float:
    """Return R², the area under the ROC curve, or its mean over the classes."""
    import numpy as np
    from sklearn import metrics

    if task == "regression":
        return float(metrics.r2_score(np.array(truth), np.array(found["prediction"])))
    labels = sorted(set(truth))
    areas = []
    for label in labels[1:] if task == "binary" else labels:
        is_label = np.array([value == label for value in truth])
        share = np.array(found[f"probability_{label}"])
        areas.append(metrics.roc_auc_score(is_label, share))
    return float(np.mean(areas))


def normalized(scores: dict[str, float], dummy: float) -> dict[str, float]:
    """Return scores between the baseline (0) and the best tool (1), never below -1."""
    best = max(scores.values())
    if best <= dummy:
        return dict.fromkeys(scores, 0.0)
    return {k: max(-1.0, (v - dummy) / (best - dummy)) for k, v in scores.items()}


def run_tool(
    tool: str, sets: Path, name: str, about: dict[str, Any], budget: float
) -> Any:
    """Return score, seconds and what else is known of a tool on a set; kept on disk."""
    import pyarrow.parquet as pq

    kept = sets / f"{name}-{tool}-{budget:g}.json"
    if kept.is_file():
        return json.loads(kept.read_text())
    train, test = sets / f"{name}-train.parquet", sets / f"{name}-test.parquet"
    out = sets / f"{name}-{tool}-{budget:g}.parquet"
    began = time.perf_counter()
    row: dict[str, Any] = {}
    if tool == "dsp":
        row = run_dsp(train, test, about, budget, out)
    else:
        python = HERE / "peers" / f".venv-{tool}" / "bin" / "python"
        script = HERE / "peers" / f"automl_{tool}.py"
        words = [python, script, train, test, about["target"], about["task"], budget, out]
        done = subprocess.run(
            [str(word) for word in words],
            capture_output=True,
            text=True,
            env=environment(),
            check=False,
        )
        if done.returncode:
            print(f"{name} {tool}: {done.stderr.strip().splitlines()[-1:]}")
            return None
    row["seconds"] = time.perf_counter() - began
    truth = pq.read_table(test, columns=[about["target"]]).column(0).to_pylist()
    found = pq.read_table(out).to_pydict()
    row["score"] = figure(about["task"], truth, found)
    if "low" in found:
        each = zip(found["low"], truth, found["high"], strict=True)
        inside = [low <= y <= high for low, y, high in each]
        row["coverage"] = sum(inside) / len(inside)
    if "likely" in found:
        row["coverage"] = sum(
            y in labels for y, labels in zip(truth, found["likely"], strict=True)
        ) / len(truth)
    kept.write_text(json.dumps(row))
    return row


def run_dsp(
    train: Path, test: Path, about: dict[str, Any], budget: float, out: Path
) -> Any:
    """Analyse and predict with the command line; return what the run says of itself."""
    import duckdb

    folder = out.with_suffix(".dsp")
    words = [DSP, "analyze", train, "--target", about["target"]]
    words += ["--ml-task", about["task"], "--ml-time-limit", budget]
    words += ["-o", folder, "--force", "--no-dashboard", "-q"]
    for more in ([], [DSP, "predict", folder, test, "-o", out, "--force", "-q"]):
        subprocess.run(
            [str(word) for word in more or words],
            check=True,
            env=environment(),
            stdout=subprocess.DEVNULL,
        )
    with duckdb.connect(str(folder / "results.duckdb"), read_only=True) as con:
        said = con.execute(
            "select holdout, holdout_low, holdout_high, name, params, excluded, "
            "(select max(value) from model_scores as s where s.model_id = m.model_id "
            "and metric = 'coverage_nominal') from models as m where is_best"
        ).fetchone()
    names = ("holdout", "low", "high", "model", "params", "excluded", "nominal")
    return dict(zip(names, said or (), strict=True))


def show(rows: dict[str, Any], tools: list[str], sets: dict[str, Any]) -> None:
    """Print the table of a budget and its summary."""
    print(f"{'set':<11}{'rows':>7} {'task':<11}" + "".join(f"{t:>11}" for t in tools))
    totals: dict[str, list[float]] = {tool: [] for tool in tools}
    hits, covered = [], []
    for name, found in rows.items():
        about = sets[name]
        scores = {tool: one["score"] for tool, one in found.items() if one}
        dummy = 0.0 if about["task"] == "regression" else 0.5
        for tool, value in normalized(scores, dummy).items():
            totals[tool].append(value)
        cells = "".join(
            f"{scores[t]:>11.4f}" if t in scores else f"{'-':>11}" for t in tools
        )
        ours = found.get("dsp") or {}
        tail = ""
        if ours.get("low") is not None:
            inside = ours["low"] <= ours["score"] <= ours["high"]
            hits.append(inside)
            tail = "" if inside else "  outside"
            if about["rows"] > 2_000:
                covered.append(ours["coverage"] - ours["nominal"])
            tail += f"  {ours['seconds']:.0f} s {ours['coverage']:.3f} of "
            tail += f"{ours['nominal']:.2f} {ours['model']}"
        print(f"{name:<11}{about['rows']:>7} {about['task']:<11}{cells}{tail}")
    means = {t: sum(v) / len(v) for t, v in totals.items() if v}
    print("mean normalized: " + ", ".join(f"{t} {v:.4f}" for t, v in means.items()))
    if hits:
        print(f"score within its range: {sum(hits)} of {len(hits)}")
    if covered:
        far = max(abs(c) for c in covered)
        print(f"coverage, sets over 2,000 rows: furthest from nominal by {far:.3f}")


def main() -> None:
    """Run the tools that are asked for on every set, and print what they reach."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", type=float, nargs="+", default=[60.0])
    parser.add_argument("--tools", nargs="+", default=["dsp", *PEERS])
    parser.add_argument("--sets", nargs="+")
    parser.add_argument("--data", default="-", help="folder of more data sets")
    parser.add_argument("--seed", type=int, default=0, help="seed of the split")
    asked = parser.parse_args()
    folder = OUT / "automl" / str(asked.seed)
    if not (folder / "sets.json").is_file():
        python = HERE / "peers" / ".venv-lightgbm" / "bin" / "python"
        script = HERE / "peers" / "automl_sets.py"
        words = [python, script, folder, asked.data, asked.seed]
        subprocess.run([str(word) for word in words], check=True, env=environment())
    sets = json.loads((folder / "sets.json").read_text())
    for budget in asked.budget:
        rows: dict[str, Any] = {}
        for name in asked.sets or sets:
            rows[name] = {
                tool: run_tool(tool, folder, name, sets[name], budget)
                for tool in asked.tools
            }
        print(f"\n{budget:g} seconds")
        show(rows, asked.tools, sets)


if __name__ == "__main__":
    main()
