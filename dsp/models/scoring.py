"""The query that predicts: every step of a model as a named part of one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dsp.engine.duckdb_engine import literal, quote
from dsp.models.coding import Column, position_sql
from dsp.models.portable import IDENTITY, LOG, LOGIT, SHARE, SOFTMAX, Portable, total
from dsp.models.sql import number
from dsp.models.task import ORDINAL, Task

Members = Sequence[tuple[float, Portable]]


@dataclass(frozen=True, slots=True)
class Bands:
    """How far predictions may be off.

    Attributes
    ----------
    margin
        Half-width of the interval of numbers, or None.
    threshold
        Least probability of a class to be in the set of likely ones, or None.
    """

    margin: float | None = None
    threshold: float | None = None


def scoring_sql(
    source: str,
    columns: Sequence[Column],
    members: Members,
    task: Task,
    *,
    bands: Bands = Bands(),
    keep: Sequence[str] | None = None,
    taken: Sequence[str] = (),
) -> str:
    """Return a query that adds predictions to the rows of a source.

    Columns: ``prediction`` (a number or a label); for numbers ``low`` and ``high``; for
    classes ``probability`` (of the predicted one), ``probability_<label>`` for each, and
    ``likely`` (the labels that are not ruled out).

    Parameters
    ----------
    source
        SQL that can stand after ``from``.
    keep
        Columns of the source to keep; all when None.
    taken
        Names of the source's columns, which new ones avoid.
    """
    used = {term.position for _, model in members for term in model.view.terms}
    coded = [
        f"{text} as x{place}"
        for column in columns
        for place, text in zip(column.positions, position_sql(column), strict=True)
        if place in used
    ]
    row = "given" if keep is None else f"{{{_struct(keep)}}}"
    parts = [_part("coded", [f"{row} as kept", *coded], f"{source} as given")]
    names, terms = _terms(members)
    ahead = "coded"
    if terms:
        parts.append(_part("termed", ["*", *terms], ahead))
        ahead = "termed"
    raws = [
        f"{text} as r{m}_{k}"
        for m, (_, model) in enumerate(members)
        for k, text in enumerate(model.raw(names[m]))
    ]
    if raws:
        parts.append(_part("summed", ["kept", *raws], ahead))
        ahead = "summed"
    outputs = _outputs(members, task)
    listed = [f"{text} as p{k}" for k, text in enumerate(outputs)]
    parts.append(_part("scored", ["kept", *listed], ahead))
    final = ["unnest(kept)", *_answers(task, len(outputs), bands, taken)]
    return f"with {', '.join(parts)}\nselect {_listed(final)}\nfrom scored"


def _struct(keep: Sequence[str]) -> str:
    return ", ".join(f"{quote(name)}: given.{quote(name)}" for name in keep)


def _part(name: str, columns: Sequence[str], source: str) -> str:
    # Kept as a table a part would lose the order of rows, and take memory for them all.
    inside = f"select {_listed(columns)}\n    from {source}"
    return f"{name} as not materialized (\n    {inside}\n)"


def _listed(columns: Sequence[str]) -> str:
    return ",\n        ".join(columns)


def _terms(members: Members) -> tuple[list[list[str]], list[str]]:
    """Return the names of every model's terms, and the ones to be worked out."""
    known: dict[str, str] = {}
    names = []
    for _, model in members:
        own = []
        for text in model.terms:
            plain = text[1:].isdigit() and text[0] == "x"
            if not plain and text not in known:
                known[text] = f"t{len(known)}"
            own.append(text if plain else known[text])
        names.append(own)
    return names, [f"{text} as {name}" for text, name in known.items()]


def _outputs(members: Members, task: Task) -> list[str]:
    """Return SQL of the number, or of every probability."""
    n = 1 if task.is_number else len(task.classes)
    sums: list[list[str]] = [[] for _ in range(n)]
    for m, (weight, model) in enumerate(members):
        for k, text in enumerate(_linked(model, m, n)):
            factor = "" if weight == 1.0 else f"{number(weight)} * "
            sums[k].append(f"{factor}{text}")
    return [total(parts) for parts in sums]


def _linked(model: Portable, m: int, n: int) -> list[str]:
    raw = [f"r{m}_{k}" for k in range(n)]
    if model.link == IDENTITY:
        return [raw[0]]
    if model.link == LOG:
        return [f"exp(greatest(least({raw[0]}, 700e0), -700e0))"]
    if model.link == LOGIT:
        return [f"(1e0 / (1e0 + exp({raw[0]})))", f"(1e0 / (1e0 + exp(-{raw[0]})))"]
    if model.link == SOFTMAX:
        top = f"greatest({', '.join(raw)})"
        powers = [f"exp({one} - {top})" for one in raw]
        return [f"({power} / ({' + '.join(powers)}))" for power in powers]
    if model.link == SHARE and n == 2 and _n_outputs(model) == 1:
        return [f"(1e0 - {raw[0]})", raw[0]]
    return raw


def _n_outputs(model: Portable) -> int:
    found: Any = getattr(model, "trees", None)
    if found is None:
        found = getattr(model, "intercepts", None)
    if found is None:
        found = model.targets  # type: ignore[union-attr]
    return len(found)


def _answers(task: Task, n: int, bands: Bands, taken: Sequence[str]) -> list[str]:
    names = {name.lower() for name in taken}

    def called(name: str) -> str:
        while name.lower() in names:
            name += "_"
        names.add(name.lower())
        return quote(name)

    if task.kind == ORDINAL:
        labels = ", ".join(literal(label) for label in task.classes)
        place = f"least(greatest(round_even(p0, 0), 0), {len(task.classes) - 1})::int + 1"
        return [
            f"list_extract([{labels}], {place}) as {called('prediction')}",
            f"p0 as {called('score')}",
        ]
    if task.is_number:
        found = [f"p0 as {called('prediction')}"]
        if bands.margin is not None:
            margin = number(bands.margin)
            found.append(f"p0 - {margin} as {called('low')}")
            found.append(f"p0 + {margin} as {called('high')}")
        return found
    shares = [f"p{k}" for k in range(n)]
    listed = f"[{', '.join(shares)}]"
    labels = f"[{', '.join(literal(label) for label in task.classes)}]"
    top = f"list_position({listed}, list_max({listed}))"
    found = [
        f"list_extract({labels}, {top}) as {called('prediction')}",
        f"list_max({listed}) as {called('probability')}",
    ]
    found += [
        f"{share} as {called(f'probability_{label}')}"
        for share, label in zip(shares, task.classes, strict=True)
    ]
    if bands.threshold is not None:
        least = f"least({number(bands.threshold)}, list_max({listed}))"
        found.append(
            f"list_filter({labels}, lambda label, i: list_extract({listed}, i) >= {least}"
            f") as {called('likely')}"
        )
    return found
