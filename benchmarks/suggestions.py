"""Ask how good proposed rules are: false alarms on new data, planted faults caught.

    python benchmarks/suggestions.py --data DIR

Every source is cut into a part that is seen and a part that is new: at random, and in the
order of its rows. Rules are inferred from the part that is seen, written to a file, and
the new part is validated with that file: as it is, then with one fault at a time. A fault
is caught when a rule fails that does not fail on the new part as it is.

What is planted is decided before anything is validated, from the clean data alone: see
``faults.py``.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from common import machine, show
from faults import FAULTS, Case
from sources import Source, all_sources

SPLITS = ("random", "order")
LEAST = 200
"""Rows that a source must have: with less, a part of it is a handful of rows."""


@dataclass
class Score:
    """What was counted."""

    rules: Counter[str] = field(default_factory=Counter)
    alarms: Counter[str] = field(default_factory=Counter)
    sets: Counter[str] = field(default_factory=Counter)
    alarmed: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    kind_alarms: Counter[str] = field(default_factory=Counter)
    planted: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def main() -> None:
    """Measure all sources, or those whose name holds a word."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="Folder of real data, if there is one.")
    parser.add_argument("--only", help="Sources whose name holds this.")
    parser.add_argument("--most", type=int, default=2, help="Columns a kind of fault.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--notes", action="store_true", help="List alarms and misses.")
    given = parser.parse_args()
    started = time.perf_counter()
    score = Score()
    for source in all_sources(given.data):
        if given.only is None or given.only in source.name:
            measure(source, score, most=given.most, seed=given.seed)
    report(score)
    if given.notes:
        print("\n".join(score.notes))
    print(f"{time.perf_counter() - started:.0f} s; {machine()}")


def measure(source: Source, score: Score, *, most: int, seed: int) -> None:
    """Count false alarms and caught faults of one source, in both splits."""
    from dsp.engine import DuckEngine

    engine = DuckEngine()
    try:
        table = source.load(engine)
        (n_rows,) = engine.rows(f"select count(*) from {table}")[0]
        if n_rows < LEAST:
            return
        for split in SPLITS:
            cut(engine, table, n_rows, split, seed)
            one_split(
                engine, f"{source.name}, {split}", split, score, most=most, seed=seed
            )
    finally:
        engine.close()


def cut(engine: Any, table: str, n_rows: int, split: str, seed: int) -> None:
    """Make the tables seen and new of a source."""
    first = (
        f"hash(n * 7919 + {seed}) % 2 = 0" if split == "random" else f"n < {n_rows // 2}"
    )
    for name, condition in (("seen", first), ("new", f"not ({first})")):
        engine.execute(
            f"create or replace table {name} as select * exclude (n) from "
            f"(select row_number() over () - 1 as n, * from {table}) "
            f"where {condition} order by n"
        )


def one_split(
    engine: Any, name: str, split: str, score: Score, *, most: int, seed: int
) -> None:
    """Infer from the part seen, validate the new part without and with faults."""
    from dsp.checks import Rules
    from dsp.checks.suggestions import document, suggest

    found = suggest(engine.table("seen"), today=day_after(engine, "seen"))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rules.toml"
        path.write_text(document(found), encoding="utf-8")
        rules = Rules.from_file(path)
    today = day_after(engine, "new")
    failing = validated(engine, "new", rules, today)
    score.rules[split] += len(rules)
    score.alarms[split] += len(failing)
    score.sets[split] += 1
    score.alarmed[split] += bool(failing)
    score.kinds.update(rule.kind for rule in rules)
    score.kind_alarms.update(name.split(".")[0] for name in failing)
    score.notes += [f"alarm: {name}: {said}" for said in failing.values()]
    case = Case(engine, split, random.Random(f"{name} {seed}"))
    for fault in FAULTS:
        for what, query in fault.plant(case, most):
            engine.execute(f"create or replace table faulty as {query}")
            caught = validated(engine, "faulty", rules, today).keys() - failing.keys()
            score.planted[fault.name] += 1
            score.caught[fault.name] += bool(caught)
            if not caught:
                score.notes.append(f"miss: {fault.name}: {name}: {what}")


def validated(engine: Any, table: str, rules: Any, today: date) -> dict[str, str]:
    """Return the rules that fail, or cannot be evaluated, with what they say."""
    from dsp.checks import DataValidator

    found = DataValidator(engine, today=today).validate(engine.table(table), rules=rules)
    return {
        r.rule_id: f"{r.rule_id}: {r.observed}"
        for r in found.results
        if r.outcome == "failed" or r.check_id in found.blocked
    }


def day_after(engine: Any, table: str) -> date:
    """Return the day after the latest date of a table, or today when it has none."""
    dated = [
        name
        for name, kind in engine.described(table)
        if kind.startswith(("DATE", "TIMESTAMP"))
    ]
    parts = ", ".join(f'max(cast("{name}" as date))' for name in dated)
    if not dated:
        return date(2026, 1, 1)
    latest = [d for d in engine.rows(f"select {parts} from {table}")[0] if d]
    return max(latest, default=date(2026, 1, 1)) + timedelta(days=1)


def report(score: Score) -> None:
    """Print the tables."""
    rows = [
        (
            split,
            score.rules[split],
            score.alarms[split],
            percent(score.alarms[split], score.rules[split]),
            f"{score.alarmed[split]} of {score.sets[split]}",
        )
        for split in SPLITS
    ]
    total = (sum(score.rules.values()), sum(score.alarms.values()))
    sets = f"{sum(score.alarmed.values())} of {sum(score.sets.values())}"
    rows.append(("all", *total, percent(total[1], total[0]), sets))
    show(("split", "rules", "false alarms", "share", "data sets with any"), rows)
    shown = [
        (kind, n, score.kind_alarms[kind], percent(score.kind_alarms[kind], n))
        for kind, n in score.kinds.most_common()
    ]
    show(("kind of rule", "rules", "false alarms", "share"), shown)
    faults = [
        (f.name, n, score.caught[f.name], percent(score.caught[f.name], n))
        for f in FAULTS
        if (n := score.planted[f.name])
    ]
    n, caught = sum(score.planted.values()), sum(score.caught.values())
    show(
        ("fault", "planted", "caught", "share"),
        [*faults, ("all", n, caught, percent(caught, n))],
    )


def percent(part: int, whole: int) -> str:
    """Return a share with two decimals."""
    return f"{100 * part / whole:.2f} %" if whole else "-"


if __name__ == "__main__":
    main()
