"""Effects to plant, one function a kind; each writes down what it planted."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from planted.columns import Table

START = date(2022, 1, 3)
Z_FAINT = 8.0
"""Standard errors of a faint effect in a test of independent rows."""


def day(value: float) -> str:
    """Return the ISO date of a day number."""
    return (START + timedelta(days=int(value))).isoformat()


def size(t: Table, strength: str, clear: float, medium: float, per: float) -> float:
    """Return an effect size; the faint one has eight standard errors of 1 / per."""
    if strength == "clear":
        return clear
    if strength == "medium":
        return max(medium, 1.6 * Z_FAINT / per)
    return Z_FAINT / per


def note(t: Table, kind: str, columns: list[str], strength: str, **more: Any) -> None:
    """Write down an effect."""
    t.effects.append(
        {
            "id": f"e{len(t.effects) + 1}",
            "kind": kind,
            "columns": columns,
            "optional_columns": more.pop("optional", []),
            "segment": more.pop("segment", None),
            "time": more.pop("time", None),
            "time_tolerance_days": more.pop("tolerance", None),
            "period": more.pop("period", None),
            "lag": more.pop("lag", None),
            "direction": more.pop("direction", None),
            "strength": strength,
            "effect_size": more,
            "group": kind in ("clusters", "multicollinearity"),
            "on_target": t.target in columns,
        }
    )


def sign(t: Table) -> tuple[float, str]:
    """Return 1 or -1 with its direction."""
    return (1.0, "up") if t.rng.random() < 0.5 else (-1.0, "down")


def mix(t: Table, y: str, part: Any, r: float) -> None:
    """Let a standardised part explain r squared of a measure."""
    part = (part - part.mean()) / part.std()
    t.latent[y] = r * part + np.sqrt(max(0.0, 1 - r * r)) * t.latent[y]


def segment(t: Table) -> tuple[str, int, Any, dict[str, str]]:
    """Take a dimension and one of its larger values."""
    d = t.dimension()
    counts = np.bincount(t.codes[d], minlength=len(t.labels[d])) / t.n
    fit = np.flatnonzero((counts > 0.08) & (counts < 0.5))
    place = int(t.rng.choice(fit)) if len(fit) else int(counts.argmin())
    return d, place, t.codes[d] == place, {"column": d, "value": t.labels[d][place]}


def linear_driver(t: Table, s: str) -> None:
    """Plant that a measure moves the target."""
    x, (k, direction) = t.measure(), sign(t)
    t.used.add(t.target)
    r = size(t, s, 0.5, 0.2, np.sqrt(t.n) * (0.5 if t.is_event else 1))
    mix(t, t.target, t.latent[x], k * min(r, 0.6))
    note(t, "linear_driver", [x, t.target], s, direction=direction, r=r)


def nonlinear_driver(t: Table, s: str) -> None:
    """Plant that a measure moves the target along a U."""
    x = t.measure()
    t.used.add(t.target)
    r = size(t, s, 0.5, 0.3, np.sqrt(t.n) * (0.4 if t.is_event else 0.75))
    mix(t, t.target, t.latent[x] ** 2, min(r, 0.6))
    note(t, "nonlinear_driver", [x, t.target], s, direction="u_shape", r=r)


def interaction(t: Table, s: str) -> None:
    """Plant that two columns move the target only together."""
    t.used.add(t.target)
    r = size(t, s, 0.5, 0.25, np.sqrt(t.n) * (0.4 if t.is_event else 0.75))
    form = str(t.rng.choice(["num_num", "cat_num", "cat_cat"]))
    if form == "num_num":
        a, b = t.measure(), t.measure()
        part = t.latent[a] * t.latent[b]
    elif form == "cat_num":
        a, b = t.dimension(), t.measure()
        counts = np.bincount(t.codes[a], minlength=len(t.labels[a])) / t.n
        slope = t.rng.normal(size=len(counts))
        slope -= (counts * slope).sum()
        part = slope[t.codes[a]] * t.latent[b]
    else:
        a, b = t.dimension(), t.dimension()
        cells = t.rng.normal(size=(len(t.labels[a]), len(t.labels[b])))
        pa = np.bincount(t.codes[a], minlength=cells.shape[0]) / t.n
        pb = np.bincount(t.codes[b], minlength=cells.shape[1]) / t.n
        cells -= (cells @ pb)[:, None]
        cells -= (pa @ cells)[None]
        part = cells[t.codes[a], t.codes[b]]
        r *= 1.3 if s == "faint" else 1
    mix(t, t.target, part, min(r, 0.6))
    note(t, "interaction", [a, b, t.target], s, form=form, r=r)


def segment_outlier(t: Table, s: str) -> None:
    """Plant that one value stands out."""
    d, _, inside, where = segment(t)
    (y, _), (k, direction) = t.any_measure(), sign(t)
    p = inside.mean()
    effect = size(t, s, 1.2, 0.5, np.sqrt(t.n * p * (1 - p)))
    t.latent[y] = t.latent[y] + k * effect * inside
    note(t, "segment_outlier", [d, y], s, segment=where, direction=direction, d=effect)


def heteroscedasticity(t: Table, s: str) -> None:
    """Plant that one value spreads more."""
    d, _, inside, where = segment(t)
    y, _ = t.any_measure()
    p = inside.mean()
    ratio = 1 + size(t, s, 1.0, 0.5, np.sqrt(t.n * p * (1 - p)) * 1.2)
    t.latent[y] = t.latent[y] * np.where(inside, ratio, 1.0)
    note(t, "heteroscedasticity", [d, y], s, segment=where, direction="up", ratio=ratio)


def change_point(t: Table, s: str) -> None:
    """Plant that a level changes at a date."""
    (y, _), (k, direction) = t.any_measure(), sign(t)
    at = int(t.n_days * t.rng.uniform(0.25, 0.75))
    after = t.days >= at
    p = after.mean()
    effect = size(t, s, 0.9, 0.35, np.sqrt(t.n * p * (1 - p)))
    t.latent[y] = t.latent[y] + k * effect * after
    note(
        t,
        "change_point",
        [y],
        s,
        optional=["when"],
        time=day(at),
        tolerance={"clear": 7, "medium": 14, "faint": 40}[s],
        direction=direction,
        d=effect,
    )


def segment_change_point(t: Table, s: str) -> None:
    """Plant that a level changes at a date in one value."""
    d, _, inside, where = segment(t)
    (y, _), (k, direction) = t.any_measure(), sign(t)
    at = int(t.n_days * t.rng.uniform(0.3, 0.7))
    after = t.days >= at
    p = after.mean()
    effect = size(t, s, 1.2, 0.55, np.sqrt(inside.sum() * p * (1 - p)))
    t.latent[y] = t.latent[y] + k * effect * (inside & after)
    note(
        t,
        "segment_change_point",
        [d, y],
        s,
        optional=["when"],
        segment=where,
        time=day(at),
        tolerance={"clear": 7, "medium": 20, "faint": 50}[s],
        direction=direction,
        d=effect,
    )


def trend(t: Table, s: str) -> None:
    """Plant that a measure moves with time."""
    (y, _), (k, direction) = t.any_measure(), sign(t)
    r = size(t, s, 0.4, 0.16, np.sqrt(t.n))
    mix(t, y, t.days.astype(float), k * min(r, 0.6))
    note(t, "trend", [y], s, optional=["when"], direction=direction, r=r)


def seasonality(t: Table, s: str) -> None:
    """Plant that a measure goes by the week or the year."""
    y, _ = t.any_measure()
    is_week = t.rng.random() < 0.5 or t.n_days < 500
    length = 7.0 if is_week else 365.25
    r = size(t, s, 0.4, 0.17, np.sqrt(t.n) * 0.8)
    phase = t.rng.uniform(0, 2 * np.pi)
    wave = np.sin(2 * np.pi * t.days / length + phase)
    mix(t, y, wave, min(r, 0.6))
    period = "weekly" if is_week else "yearly"
    note(t, "seasonality", [y], s, optional=["when"], period=period, r=r)


def point_anomaly(t: Table, s: str) -> None:
    """Plant that one day is out of line."""
    (y, _), (k, direction) = t.any_measure(), sign(t)
    at = int(t.rng.choice(t.days[(t.days > 20) & (t.days < t.n_days - 20)]))
    inside = t.days == at
    z = {"clear": 16.0, "medium": 11.0, "faint": 9.0}[s]
    t.latent[y] = t.latent[y] + k * z / np.sqrt(inside.sum()) * inside
    more = {"time": day(at), "tolerance": 1, "direction": direction, "z": z}
    note(t, "point_anomaly", [y], s, optional=["when"], **more)


def simpsons_paradox(t: Table, s: str) -> None:
    """Plant that a relation turns round within values."""
    d, x = t.dimension(), t.measure()
    t.used.add(t.target)
    k = len(t.labels[d])
    level = np.linspace(-1, 1, k)[t.rng.permutation(k)][t.codes[d]]
    level = (level - level.mean()) / level.std()
    within = {"clear": 0.45, "medium": 0.25, "faint": 0.15}[s]
    e = t.latent[t.target]
    t.latent[x] = 0.8 * level + 0.6 * t.latent[x]
    t.latent[t.target] = -0.75 * level + within * t.latent[x] * 0.9 + 0.6 * e
    note(
        t,
        "simpsons_paradox",
        [x, t.target, d],
        s,
        direction="down_overall_up_within",
    )


def bimodal(t: Table, s: str) -> None:
    """Plant that a measure has two peaks."""
    y = t.measure(shapes=("normal",))
    half = {"clear": 2.4, "medium": 1.8, "faint": 1.5}[s]
    t.latent[y] = (t.latent[y] + np.where(t.rng.random(t.n) < 0.5, half, -half)) / 2
    note(t, "bimodal", [y], s, half=half)


def dominance(t: Table, s: str) -> None:
    """Plant that one customer carries much of a total."""
    y = t.measure(shapes=("lognormal", "gamma"))
    t.used.add("customer")
    place = int(np.bincount(t.codes["customer"]).argmax())
    inside = t.codes["customer"] == place
    times = {"clear": 12.0, "medium": 8.0, "faint": 6.0}[s]
    inside = inside | (t.rng.random(t.n) < 0.02)
    t.codes["customer"] = np.where(inside, place, t.codes["customer"])
    t.scaled[y] = np.where(inside, times, 1.0)
    where = {"column": "customer", "value": t.labels["customer"][place]}
    note(t, "dominance", ["customer", y], s, segment=where, direction="up", times=times)


def clusters(t: Table, s: str) -> None:
    """Plant that rows form groups in three measures."""
    names = [t.measure() for _ in range(3)]
    k = int(t.rng.integers(2, 5))
    away = {"clear": 4.0, "medium": 3.2, "faint": 2.6}[s]
    corners = np.vstack([np.eye(3), np.full(3, -1 / 3)])[:k]
    corners = (corners - corners.mean(axis=0)) * away / np.sqrt(2)
    turn, _ = np.linalg.qr(t.rng.normal(size=(3, 3)))
    corners = corners @ turn
    group = t.rng.integers(0, k, t.n)
    for i, name in enumerate(names):
        value = t.latent[name] + corners[group, i]
        t.latent[name] = (value - value.mean()) / value.std()
    note(t, "clusters", names, s, k=k, distance=away)


def imbalance_driver(t: Table, s: str) -> None:
    """Plant that one value raises a rare event."""
    if not t.is_event:
        raise LookupError("the target is no event")
    t.used.add(t.target)
    d, _, inside, where = segment(t)
    p = inside.mean()
    shift = size(t, s, 0.7, 0.4, np.sqrt(t.n * p * (1 - p)) * 0.5)
    t.latent[t.target] = t.latent[t.target] + shift * inside
    note(t, "imbalance_driver", [d, t.target], s, segment=where, direction="up")


def multicollinearity(t: Table, s: str) -> None:
    """Plant that measures say the same."""
    names = [t.measure() for _ in range(int(t.rng.integers(3, 5)))]
    r = {"clear": 0.95, "medium": 0.85, "faint": 0.75}[s]
    shared = t.rng.normal(size=t.n)
    for name in names:
        t.latent[name] = np.sqrt(r) * shared + np.sqrt(1 - r) * t.latent[name]
    note(t, "multicollinearity", names, s, r=r)


def lagged(t: Table, s: str) -> None:
    """Plant that one series leads another."""
    x = t.measure()
    (y, _), (k, direction) = t.any_measure(), sign(t)
    lag = int(t.rng.integers(2, 21))
    wave = t.rng.normal(size=t.n_days + lag)
    per_day = np.sqrt(t.n / t.n_days)
    loading = {"clear": 2.5, "medium": 1.4, "faint": 1.0}[s] / per_day
    t.latent[x] = t.latent[x] + loading * wave[t.days + lag]
    t.latent[y] = t.latent[y] + k * loading * wave[t.days]
    more = {"lag": lag, "direction": direction, "loading": loading}
    note(t, "lagged", [x, y], s, optional=["when"], **more)


def drift(t: Table, s: str) -> None:
    """Plant that spread or mix differs between halves."""
    half = int(np.median(t.days))
    late = t.days > half
    tolerance = t.n_days // 8
    more = {"time": day(half), "tolerance": tolerance}
    if t.rng.random() < 0.5:
        y, _ = t.any_measure()
        ratio = 1 + size(t, s, 0.6, 0.25, np.sqrt(t.n / 4) * 1.2)
        t.latent[y] = t.latent[y] * np.where(late, ratio, 1.0)
        note(t, "drift", [y], s, optional=["when"], direction="wider", **more)
        return
    d, place, inside, where = segment(t)
    gain = size(t, s, 0.2, 0.08, np.sqrt(t.n / 4 / 0.15))
    moved = late & ~inside & (t.rng.random(t.n) < gain / (1 - inside.mean()))
    t.codes[d] = np.where(moved, place, t.codes[d])
    more |= {"segment": where, "direction": "up"}
    note(t, "drift", [d], s, optional=["when"], **more)
