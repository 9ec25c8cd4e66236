"""Faults to plant: leaks, gaps, copies, broken rules and other units."""

from __future__ import annotations

import numpy as np

from planted.columns import Table
from planted.effects import day, note, segment, size


def leakage(t: Table, s: str) -> None:
    """Plant that a column copies the target, or is filled after it."""
    t.used.add(t.target)
    if t.is_event:
        low = {"clear": 0.0004, "medium": 0.01, "faint": 0.03}[s]
        t.extra["late"] = (
            "outcome_reason",
            {"clear": 1.0, "medium": 0.9}.get(s, 0.8),
            low,
        )
        note(t, "leakage", ["outcome_reason", t.target], s, direction="up")
    else:
        t.extra["copy"] = ("booked_value", {"clear": 0.02, "medium": 0.06}.get(s, 0.1))
        note(t, "leakage", ["booked_value", t.target], s, direction="up")


def missing_dependent(t: Table, s: str) -> None:
    """Plant that missingness depends on a value."""
    d, _, inside, where = segment(t)
    y = t.measure()
    p = inside.mean()
    gain = size(t, s, 0.3, 0.12, np.sqrt(t.n * p * (1 - p) / 0.06))
    t.missing[y] = t.rng.random(t.n) < np.where(inside, 0.05 + gain, 0.05)
    note(t, "missing_dependent", [y, d], s, segment=where, direction="up", gain=gain)


def quality_break(t: Table, s: str) -> None:
    """Plant that missingness breaks at a date."""
    y = t.measure()
    at = int(t.n_days * t.rng.uniform(0.3, 0.8))
    after = t.days >= at
    p = after.mean()
    gain = size(t, s, 0.5, 0.2, np.sqrt(t.n * p * (1 - p) / 0.05))
    t.missing[y] = t.rng.random(t.n) < np.where(after, 0.03 + gain, 0.03)
    more = {"time": day(at), "tolerance": 30, "direction": "up", "gain": gain}
    note(t, "quality_break", [y], s, optional=["when"], **more)


def duplicate_rows(t: Table, s: str) -> None:
    """Plant that a block is loaded twice."""
    count = int(t.n * {"clear": 0.05, "medium": 0.02, "faint": 0.005}[s])
    start = int(t.rng.integers(0, t.n - count))
    t.copies = (start, count)
    note(t, "duplicate_rows", [], s, optional=["when"], time=day(t.days[start]))


def near_fd(t: Table, s: str) -> None:
    """Plant that one column decides another, nearly."""
    d = t.dimension()
    t.used.add("shop")
    rule = t.rng.integers(0, len(t.labels[d]), len(t.labels["shop"]))
    broken = t.rng.random(t.n) < {"clear": 0.002, "medium": 0.007, "faint": 0.015}[s]
    t.codes[d] = np.where(broken, t.codes[d], rule[t.codes["shop"]])
    note(t, "near_fd", ["shop", d], s)


def unit_mixup(t: Table, s: str) -> None:
    """Plant that a value reports in another unit."""
    d, _, inside, where = segment(t)
    y = t.measure(shapes=("normal", "lognormal"))
    factor = {"clear": 100.0, "medium": 1000.0}.get(s, 10.0)
    part = inside & (t.rng.random(t.n) < {"clear": 1.0, "medium": 0.6}.get(s, 1.0))
    t.scaled[y] = np.where(part, factor, 1.0)
    note(t, "unit_mixup", [d, y], s, segment=where, direction="up", factor=factor)
