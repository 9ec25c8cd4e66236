"""Columns of planted tables: a latent normal number each, made real at the end."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.special import gammaincinv, ndtr

SHAPES = ("normal", "lognormal", "gamma", "uniform", "count", "share")
_NAMES = (
    "price cost weight length speed height volume pressure humidity voltage income age "
    "score distance minutes stock energy flow"
)
MEASURES = tuple(_NAMES.split())
DIMENSIONS = (
    ("region", "North South East West Centre"),
    ("channel", "Web Store Phone Partner"),
    ("tier", "Gold Silver Bronze"),
    ("product", "Alpha Beta Gamma Delta Epsilon Zeta"),
    ("crew", "Red Blue Green"),
    ("method", "Card Cash Wallet Invoice"),
    ("zone", "Z1 Z2 Z3 Z4 Z5 Z6 Z7"),
)


@dataclass
class Table:
    """A table on its way: latent numbers, codes, days and what was planted.

    Attributes
    ----------
    latent
        Per measure: a standard normal number a row.
    codes, labels
        Per dimension: place of each row's value, and the values.
    days
        Day of each row, from 0.
    missing
        Per column: which rows have no value.
    effects
        What was planted, in the words of the truth file.
    """

    n: int
    rng: Any
    target: str = ""
    is_event: bool = False
    latent: dict[str, Any] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    codes: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, list[str]] = field(default_factory=dict)
    days: Any = None
    n_days: int = 0
    missing: dict[str, Any] = field(default_factory=dict)
    scaled: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    copies: tuple[int, int] | None = None
    effects: list[dict[str, Any]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def measure(self, *, shapes: tuple[str, ...] = SHAPES) -> str:
        """Take a measure that nothing speaks of yet."""
        free = [
            m
            for m in self.latent
            if m not in self.used and m != self.target and self.shapes[m] in shapes
        ]
        return self._take(free)

    def dimension(self) -> str:
        """Take a dimension of few values that nothing speaks of yet."""
        return self._take(
            [d for d in self.codes if d not in self.used and len(self.labels[d]) < 8]
        )

    def _take(self, free: list[str]) -> str:
        if not free:
            raise LookupError("no column is left to plant in")
        name = str(self.rng.choice(free))
        self.used.add(name)
        return name

    def any_measure(self) -> tuple[str, bool]:
        """Take the target half of the time, where nothing speaks of it yet."""
        if self.target not in self.used and not self.is_event and self.rng.random() < 0.6:
            self.used.add(self.target)
            return self.target, True
        return self.measure(), False


def made(rng: Any, *, is_hard: bool) -> Table:
    """Return a table in which nothing goes with anything."""
    n = int(np.exp(rng.uniform(np.log(4_000 if is_hard else 7_000), np.log(120_000))))
    table = Table(n=n, rng=rng)
    count = 14 if is_hard else int(rng.integers(7, 11))
    for name in rng.choice(MEASURES, count, replace=False):
        table.latent[str(name)] = rng.normal(size=n)
        table.shapes[str(name)] = str(rng.choice(SHAPES))
    picked = rng.permutation(len(DIMENSIONS))[: 6 if is_hard else int(rng.integers(4, 6))]
    for place in picked:
        name, values = DIMENSIONS[place]
        _add_dimension(table, name, values.split(), alpha=2 if is_hard else 6)
    many = [f"S{i:02d}" for i in range(int(rng.integers(20, 40)))]
    _add_dimension(table, "shop", many, alpha=6)
    owners = [f"CU-{i:04d}" for i in rng.choice(9000, 250, replace=False)]
    _add_dimension(table, "customer", owners, alpha=20)
    table.n_days = int(rng.integers(400, 900))
    table.days = np.sort(rng.integers(0, table.n_days, n))
    if is_hard:
        kept = np.flatnonzero(rng.random(table.n_days) > 0.03)
        table.days = np.sort(rng.choice(kept, n))
    table.target = next(iter(table.latent))
    table.is_event = bool(rng.random() < 0.25)
    share = 0.15 if is_hard else 0.05
    for name in list(table.latent)[1:]:
        if rng.random() < 0.25:
            table.missing[name] = rng.random(n) < rng.uniform(0.02, share)
    return table


def _add_dimension(table: Table, name: str, values: list[str], *, alpha: float) -> None:
    chance = table.rng.dirichlet([alpha] * len(values))
    chance = (chance + 0.3 / len(values)) / 1.3
    table.codes[name] = table.rng.choice(len(values), table.n, p=chance / chance.sum())
    table.labels[name] = values


def real(table: Table, name: str) -> Any:
    """Return the values of a measure from its latent number."""
    u = table.latent[name]
    if name == table.target and table.is_event:
        return (u > np.quantile(u, 1 - table.extra.get("base", 0.06))).astype(np.int64)
    shape = table.shapes[name]
    p = np.clip(ndtr(u), 1e-9, 1 - 1e-9)
    if shape == "lognormal":
        return np.round(np.exp(3 + 0.7 * u), 2)
    if shape == "gamma":
        return np.round(gammaincinv(2.0, p) * 20, 1)
    if shape == "uniform":
        return np.round(p * 900, 0).astype(np.int64)
    if shape == "count":
        return np.floor(gammaincinv(4.0, p) * 2).astype(np.int64)
    if shape == "share":
        return np.round(100 / (1 + np.exp(-0.9 * u)), 1)
    return np.round(50 + 9 * u, 2)
