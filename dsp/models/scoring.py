"""The query that predicts: every step of a model as a named part of one statement."""

from __future__ import annotations

from collections.abc import Sequence

from dsp.engine.duckdb_engine import literal, quote
from dsp.models.coding import Column, position_sql, value_sql
from dsp.models.conformal import NO_BANDS, Bands
from dsp.models.features import NUMBER
from dsp.models.portable import (
    IDENTITY,
    LOG,
    LOGIT,
    SHARE,
    SOFTMAX,
    Nearest,
    Portable,
    Trees,
    total,
)
from dsp.models.sql import number
from dsp.models.task import ORDINAL, Task

Members = Sequence[tuple[float, Portable]]


def scoring_sql(
    source: str,
    columns: Sequence[Column],
    members: Members,
    task: Task,
    *,
    bands: Bands = NO_BANDS,
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
    row = "given" if keep is None else f"{{{_struct(keep)}}}"
    used = {term.position for _, model in members for term in model.view.terms}
    read = [column for column in columns if used.intersection(column.positions)]
    values = [f"{value_sql(column)} as c{i}" for i, column in enumerate(read)]
    coded = [text for i, column in enumerate(read) for text in _coded(column, f"c{i}")]
    names, terms = _terms(members)
    steps = [model.steps(names[m]) for m, (_, model) in enumerate(members)]
    raws = [
        model.raw(names[m], [f"s{m}_{i}" for i in range(len(steps[m]))])
        for m, (_, model) in enumerate(members)
    ]
    outputs = _outputs(members, task)
    stages = [
        ("opened", [f"{row} as kept", *values]),
        ("coded", ["kept", *coded]),
        ("termed", ["*", *terms] if terms else []),
        ("shared", ["*", *_numbered("s", steps)] if any(steps) else []),
        ("summed", ["kept", *_numbered("r", raws)]),
        ("scored", ["kept", *(f"{text} as p{k}" for k, text in enumerate(outputs))]),
    ]
    parts, ahead = [], f"{source} as given"
    for name, columns_sql in stages:
        if columns_sql:
            parts.append(_part(name, columns_sql, ahead))
            ahead = name
    final = ["unnest(kept)", *_answers(task, len(outputs), bands, taken)]
    return f"with {', '.join(parts)}\nselect {_listed(final)}\nfrom scored"


def _numbered(letter: str, texts: Sequence[Sequence[str]]) -> list[str]:
    """Return SQL with names by model and place, as ``r0_1``."""
    return [
        f"{text} as {letter}{m}_{i}"
        for m, own in enumerate(texts)
        for i, text in enumerate(own)
    ]


def _coded(column: Column, value: str) -> list[str]:
    """Return SQL of the positions, and of numbers with those that count as missing."""
    found = []
    for p, text in zip(column.positions, position_sql(column, value), strict=True):
        found.append(f"{text} as x{p}")
        found.append(f"{value if column.kind == NUMBER else text} as v{p}")
    return found


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
    if isinstance(model, Trees):
        return len(model.bases)
    return len(model.targets if isinstance(model, Nearest) else model.intercepts)


def _margin(bands: Bands) -> str:
    """Return SQL of the half-width of the interval of a prediction."""
    *inner, last = (number(margin) for margin in bands.margins)
    if not inner:
        return last
    cases = " ".join(
        f"when p0 < {number(edge)} then {margin}"
        for edge, margin in zip(bands.edges, inner, strict=True)
    )
    return f"case {cases} else {last} end"


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
        if bands.margins:
            margin = _margin(bands)
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
