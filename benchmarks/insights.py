"""What findings cost, and how many are false where nothing holds.

Goals: 200,000 rows in 6 s and 10,000,000 in 60 s as a whole command; at most 2 false
claims in 40 tables whose columns have been shuffled, each on its own.

A shuffled table keeps every column as it is (its tails, gaps, groups and dates) and
breaks every relation, so that each claim about a relation in it is false. A claim that
is counted and not tested (one value has most of the rows, and so of a total) stays true.

A paper of planted tables (``plant.py``) tells what is missed as well.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import Any

from common import DSP, finish, machine, show
from generate import table
from planted.score import is_false, missed

SEED = 20_251
TARGETS = {
    "diamonds": "price",
    "github": "count",
    "movies": "IMDB Rating",
    "penguins": "body_mass_g",
    "seattle-weather": "temp_max",
    "stocks": "price",
    "taxis": "tip",
    "titanic": "survived",
}
"""Public data sets, and what to explain in them."""


def cost(rows: Iterable[int], target: str, repeats: int) -> None:
    """Print what the whole command takes, best of several turns."""
    taken = []
    for n in rows:
        words = [DSP, "insights", table(n), "--target", target, "--json"]
        turns = [finish(words) for _ in range(repeats)]
        best = min(turns, key=lambda turn: turn.seconds)
        peak = max(turn.peak_bytes for turn in turns)
        taken.append((f"{n:,}", best.seconds, best.cpu_seconds, f"{peak / 1e6:.0f}"))
    print("## Cost of `dsp insights`\n")
    show(("rows", "s", "cpu s", "peak MB"), taken)


def shuffled(data: Any, seed: int) -> Any:
    """Return a table with the values of every column in an order of their own."""
    import numpy as np
    import pyarrow as pa

    draw = np.random.default_rng(seed)
    columns = [
        column.combine_chunks().take(pa.array(draw.permutation(data.num_rows)))
        for column in data.columns
    ]
    return pa.table(columns, names=data.column_names)


def false_claims(path: Path, target: str, seeds: Iterable[int]) -> list[str]:
    """Return the kinds of claims about relations in shuffled copies of a file."""
    import dsp
    from dsp.detectors.kinds import RELATIONS
    from dsp.engine import DuckEngine
    from dsp.sources import DataReader

    engine, reader = DuckEngine(), DataReader()
    reader.load(reader.locate(path), engine)
    data = engine.sql("from raw.data")
    engine.close()
    return [
        insight.kind
        for seed in seeds
        for insight in dsp.find_insights(shuffled(data, seed), target=target)
        if insight.kind in RELATIONS and insight.p_value is not None
    ]


def noise(folder: Path, n_seeds: int) -> int:
    """Print how many false claims shuffled tables get, and return the number."""
    rows, total, n_tables = [], 0, 0
    for name, target in TARGETS.items():
        for path in sorted(folder.glob(f"{name}.*")):
            kinds = false_claims(path, target, range(SEED, SEED + n_seeds))
            listed = ", ".join(f"{k} {n}" for k, n in Counter(kinds).most_common())
            rows.append((path.name, n_seeds, len(kinds), listed or "–"))
            total += len(kinds)
            n_tables += n_seeds
    print("## False claims in shuffled tables\n")
    show(("data", "tables", "false claims", "kinds"), rows)
    print(f"{total} false claims in {n_tables} tables\n")
    return total


def paper(folder: Path) -> None:
    """Print what is found of planted effects by strength, and what is made up."""
    import dsp
    from dsp.exports.insights import document

    planted: Counter[str] = Counter()
    found: Counter[str] = Counter()
    false: Counter[str] = Counter()
    n_tables: Counter[str] = Counter()
    seconds = []
    for path in sorted(folder.glob("truth/*/truth.json")):
        truth = json.loads(path.read_text())
        began = time.perf_counter()
        said = dsp.find_insights(folder / truth["file"], target=truth["target"])
        seconds.append(time.perf_counter() - began)
        claims = document(said)
        lost = {e["id"] for e in missed(claims, truth)}
        n_tables[truth["class"]] += 1
        false[truth["class"]] += sum(is_false(c, truth) for c in claims)
        for effect in truth["effects"]:
            planted[effect["strength"]] += 1
            found[effect["strength"]] += effect["id"] not in lost
    print(f"## {folder.name}: planted effects found\n")
    rows = [(s, n, found[s], f"{found[s] / n:.3f}") for s, n in planted.items()]
    show(("strength", "planted", "found", "recall"), rows)
    print("## False claims\n")
    show(("tables", "number", "false"), [(c, n, false[c]) for c, n in n_tables.items()])
    print(f"median {median(seconds):.2f} s a table, slowest {max(seconds):.2f} s\n")


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[30_000, 200_000])
    parser.add_argument("--target", default="revenue")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--data", type=Path, help="folder of the public data sets")
    parser.add_argument("--seeds", type=int, default=5, help="shuffles of each data set")
    parser.add_argument("--paper", type=Path, help="folder that plant.py has written")
    given = parser.parse_args()
    if given.paper is not None:
        paper(given.paper)
        return
    print(machine(), end="\n\n")
    cost(given.rows, given.target, given.repeats)
    if given.data is not None:
        noise(given.data, given.seeds)


if __name__ == "__main__":
    main()
