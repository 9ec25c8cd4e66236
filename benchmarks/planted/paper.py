"""Papers of planted tables, of noise, and of traps, with their truth."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

from planted.columns import Table, made, real
from planted.effects import START
from planted.kinds import EFFECTS

SKEWED = ("lognormal", "gamma", "count", "share")


def planted(seed: int, place: int, *, is_hard: bool) -> Table:
    """Return a table with one to three effects (three to five at the hard level)."""
    rng = np.random.default_rng([seed, place])
    table = made(rng, is_hard=is_hard)
    wanted = int(rng.integers(3, 6) if is_hard else rng.integers(1, 4))
    if is_hard:
        _background(table)
    kinds = list(EFFECTS)
    first = kinds[(place + 7 * seed) % len(kinds)]
    order = [first, *rng.permutation([k for k in kinds if k != first])]
    strengths = ("medium", "faint") if is_hard else ("clear", "medium", "faint")
    if first == "imbalance_driver":
        table.is_event = True
    for kind in order:
        if len(table.effects) == wanted:
            break
        if table.is_event and kind == "simpsons_paradox":
            continue
        before = set(table.used)
        try:
            EFFECTS[str(kind)](table, str(rng.choice(strengths)))
        except LookupError:
            table.used = before
    return table


def trap(seed: int, place: int) -> tuple[Table, dict[str, Any]]:
    """Return a table without effects whose rows do not vary independently."""
    rng = np.random.default_rng([seed, place, 1])
    table = made(rng, is_hard=False)
    table.is_event = False
    if place % 2:
        names = [table.target, *list(table.latent)[1:4]]
        rho = float(rng.uniform(0.7, 0.93))
        for name in names:
            table.latent[name] += _wander(rng, table.n_days, rho, 0.25)[table.days]
        return table, {"kind": "ar", "parameter": rho, "columns": names}
    names = ["customer", "product", "crew", table.target, list(table.latent)[1]]
    names = [n for n in names if n in table.codes or n in table.latent]
    owner = table.codes["customer"]
    k = len(table.labels["customer"])
    for name in names[1:]:
        if name in table.latent:
            own = rng.normal(size=k)[owner]
            table.latent[name] = 0.2**0.5 * own + 0.8**0.5 * table.latent[name]
        else:
            usual = rng.integers(0, len(table.labels[name]), k)[owner]
            kept = rng.random(table.n) < 0.45
            table.codes[name] = np.where(kept, usual, table.codes[name])
    return table, {"kind": "cluster", "parameter": 0.2, "columns": names}


def _background(table: Table) -> None:
    """Let two measures wander and two go by customers: no effect, and no free rows."""
    rng, names = table.rng, list(table.latent)[1:]
    for name in names[:2]:
        table.latent[name] += _wander(rng, table.n_days, 0.8, 0.2)[table.days]
        table.used.add(name)
    for name in names[2:4]:
        own = rng.normal(size=len(table.labels["customer"]))
        table.latent[name] += 0.35 * own[table.codes["customer"]]
        table.used.add(name)
    table.extra["background"] = names[:4]


def _wander(rng: Any, n: int, rho: float, sd: float) -> Any:
    level = np.zeros(n)
    step = rng.normal(size=n) * sd * (1 - rho * rho) ** 0.5
    for i in range(1, n):
        level[i] = rho * level[i - 1] + step[i]
    return level


def arrow(table: Table) -> pa.Table:
    """Return the table itself."""
    rng, n = table.rng, table.n
    columns: dict[str, Any] = {"row_ref": [f"R{i:07d}" for i in range(n)]}
    columns["when"] = [START + timedelta(days=int(d)) for d in table.days]
    for name in table.latent:
        x = real(table, name)
        if name in table.scaled:
            x = np.round(x * table.scaled[name], 2)
        mask = table.missing.get(name)
        columns[name] = pa.array(x) if mask is None else pa.array(x, mask=mask)
    for name, code in table.codes.items():
        values = np.array(table.labels[name], dtype=object)[code]
        columns[name] = pa.array(values.tolist())
    target = np.asarray(columns[table.target]).astype(float)
    if "copy" in table.extra:
        name, noise = table.extra["copy"]
        spread = float(target.std()) * noise
        columns[name] = np.round(target * 1.0 + rng.normal(size=n) * spread, 2)
    if "late" in table.extra:
        name, there, low = table.extra["late"]
        filled = rng.random(n) < np.where(target > 0, there, low)
        words = rng.choice(["late", "price", "other"], n)
        columns[name] = [w if f else None for w, f in zip(words, filled, strict=True)]
    columns["ledger"] = ["L-01"] * n
    order = ["row_ref", *rng.permutation([c for c in columns if c != "row_ref"])]
    made_table = pa.table({str(c): columns[str(c)] for c in order})
    if table.copies is not None:
        start, count = table.copies
        copy = made_table.slice(start, count)
        made_table = pa.concat_tables([made_table, copy]).combine_chunks()
    return made_table


def truth_of(table: Table, data: pa.Table, **more: Any) -> dict[str, Any]:
    """Return the truth of a table in the words of the exam."""
    facts: list[dict[str, Any]] = [
        {"kind": "constant_column", "column": "ledger"},
        {"kind": "id_column", "column": "row_ref"},
    ]
    facts += [
        {"kind": "missing_values", "column": c}
        for c in data.column_names
        if data.column(c).null_count
    ]
    facts += [
        {
            "kind": "shape",
            "column": m,
            "shape": table.shapes[m],
            "skew": 1.0 if table.shapes[m] in SKEWED else 0.0,
        }
        for m in table.latent
    ]
    for d, code in table.codes.items():
        counts = np.bincount(code, minlength=len(table.labels[d]))
        best = int(counts.argmax())
        part = float(counts[best] / table.n)
        facts.append(
            {
                "kind": "top_share",
                "column": d,
                "value": table.labels[d][best],
                "share": part,
            }
        )
    components = [
        sorted({*e["columns"], *e["optional_columns"]})
        for e in table.effects
        if e["columns"]
    ]
    background = table.extra.get("background", [])
    components += [sorted([name, "when"]) for name in background[:2]]
    components += [sorted([name, "customer"]) for name in background[2:]]
    return {
        "format": "dsp-insight-exam/1",
        "level": "normal",
        "rows": data.num_rows,
        "columns": data.num_columns,
        "target": table.target,
        "time_column": "when",
        "column_names": data.column_names,
        "class": "planted",
        "is_noise": False,
        "trap": None,
        "effects": table.effects,
        "components": merged(components),
        "marginal_facts": facts,
        **more,
    }


def merged(groups: list[list[str]]) -> list[list[str]]:
    """Return groups of columns, those that share one joined (the time apart)."""
    found: list[set[str]] = []
    for group in groups:
        whole = set(group)
        touching = [g for g in found if (g & whole) - {"when"}]
        for other in touching:
            whole |= other
            found.remove(other)
        found.append(whole)
    return [sorted(g) for g in found]


def write(
    out: Path, seed: int, *, tables: int, noise: int, traps: int, hard: bool
) -> None:
    """Write a paper: data, index and truth."""
    index = []
    for place in range(tables + noise + traps):
        more: dict[str, Any] = {"seed": seed, "level": "hard" if hard else "normal"}
        if place < tables:
            table = planted(seed, place, is_hard=hard)
        elif place < tables + noise:
            table = made(np.random.default_rng([seed, place, 2]), is_hard=hard)
            more |= {"class": "noise", "is_noise": True}
        else:
            table, about = trap(seed, place)
            more |= {"class": "trap", "trap": about}
        data = arrow(table)
        truth = truth_of(table, data, **more)
        if more.get("trap") and more["trap"]["kind"] == "cluster":
            names = more["trap"]["columns"]
            truth["components"] = [sorted(["customer", n]) for n in names[1:]]
        name = f"t{place + 1:02d}"
        file = f"data/{name}.{'csv' if place % 3 == 1 else 'parquet'}"
        _save(data, out / file)
        folder = out / "truth" / name
        folder.mkdir(parents=True, exist_ok=True)
        truth |= {"dataset": name, "file": file}
        (folder / "truth.json").write_text(json.dumps(truth, default=float))
        keys = ("dataset", "file", "rows", "columns", "target")
        index.append({k: truth[k] for k in keys})
    (out / "index.json").write_text(json.dumps(index, indent=1))


def _save(data: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".csv":
        csv.write_csv(data, path)
    else:
        parquet.write_table(data, path)
