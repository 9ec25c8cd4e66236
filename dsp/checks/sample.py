"""Fetches a few failing rows of every failed check, all together."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from dsp.checks.base import Subject
from dsp.checks.judge import Judged
from dsp.engine.relation import CHUNK, Relation
from dsp.errors import QueryError
from dsp.records import FailureRow

ROWS = 10
HEAD = 200_000
"""Rows that are searched before all are."""
COLUMNS = 60
CHARACTERS = 200
NEAR, PARTS = 122_880, 40
"""Rows that DuckDB keeps together, and most parts that are read one by one."""


def failing_rows(
    subject: Subject, failed: Sequence[tuple[str, Judged]]
) -> list[FailureRow]:
    """Return the first failing rows of each check, in the order of the source.

    Parameters
    ----------
    subject
        The table.
    failed
        Check ids with what failed.

    Returns
    -------
    list of FailureRow
        At most ten a check; texts are cut after 200 characters, and of very wide tables
        a row shows the columns of the check and the first sixty. Rows of formats that
        have lines carry the line that they start at.
    """
    relation = subject.relation
    numbers = _numbers(relation, failed, subject.n_rows)
    wanted = sorted({n for found in numbers.values() for n in found})
    columns = [name for _, item in failed for name in item.plan.columns]
    rows = _rows(relation, wanted, columns) if wanted else {}
    lines = _lines(subject, wanted)
    found: list[FailureRow] = []
    for check_id, item in failed:
        for sample, n in enumerate(numbers.get(check_id, ()), 1):
            line, file = lines.get(n, (None, None))
            if n in rows:
                found.append(
                    FailureRow(
                        check_id=check_id,
                        sample=sample,
                        row_number=n,
                        row=rows[n],
                        line_number=line,
                        file=file,
                    )
                )
        if item.plan.rejects:
            found += _rejected(relation, check_id, item.plan.rejects)
    return found


def _lines(subject: Subject, wanted: list[int]) -> dict[int, tuple[int, str | None]]:
    """Return the line, and the file, that rows start at, where the reader knows."""
    lines = subject.beside.get("lines")
    if lines is None or not wanted:
        return {}
    listed = ", ".join(map(str, wanted))
    found = subject.relation.engine.rows(
        "select n, line_number + (n - row_number), file "
        f"from (select unnest([{listed}]) as n) asof join {lines} on n >= row_number",
        is_scan=False,
    )
    return {n: (line, file) for n, line, file in found}


def _rejected(relation: Relation, check_id: str, rejects: str) -> list[FailureRow]:
    """Return the first records that could not be read."""
    found = relation.engine.rows(
        f"select line_number, left(text, {CHARACTERS}), reason from {rejects} "
        f"order by line_number, byte_position limit {ROWS}",
        is_scan=False,
    )
    return [
        FailureRow(
            check_id=check_id,
            sample=sample,
            row=json.dumps({"text": text, "reason": reason}, ensure_ascii=False),
            line_number=line,
        )
        for sample, (line, text, reason) in enumerate(found, 1)
    ]


def _numbers(
    relation: Relation, failed: Sequence[tuple[str, Judged]], n_rows: int
) -> dict[str, list[int]]:
    """Return row numbers by check: the first rows are enough for most of them."""
    engine = relation.engine
    simple = {
        check_id: predicate
        for check_id, item in failed
        if (predicate := item.plan.predicate or item.plan.sample_predicate)
        and not (item.sample and item.plan.predicate)
    }
    found = _first(relation, simple, HEAD)
    rest = {i: p for i, p in simple.items() if len(found[i]) < ROWS}
    if rest and n_rows > HEAD:
        found |= _first(relation, rest)
    for check_id, item in failed:
        if item.sample:
            rows = [*item.sample, *found.get(check_id, ())]
            found[check_id] = sorted(set(rows))[:ROWS]
        elif item.plan.sample_sql and not item.plan.predicate:
            try:
                numbered = engine.rows(item.plan.sample_sql)
            except QueryError:
                continue
            found[check_id] = sorted(row[0] for row in numbered)[:ROWS]
    return found


def _first(
    relation: Relation, predicates: Mapping[str, str], n_rows: int | None = None
) -> dict[str, list[int]]:
    """Return the first failing rows among `n_rows`: a scan for each 200 predicates."""
    found: dict[str, list[int]] = {}
    listed = list(predicates.items())
    for start in range(0, len(listed), CHUNK):
        part = listed[start : start + CHUNK]
        items = ", ".join(
            f"min(case when {predicate} then dsp_row_number end, {ROWS})"
            for _, predicate in part
        )
        row = relation.engine.rows(f"select {items} from {relation.head_of(n_rows)}")[0]
        found |= {
            check_id: sorted(n or []) for (check_id, _), n in zip(part, row, strict=True)
        }
    return found


def _rows(relation: Relation, wanted: list[int], columns: list[str]) -> dict[int, str]:
    """Return rows as JSON by their number."""
    first = {c.name for c in relation.columns[:COLUMNS]} | set(columns[: 2 * COLUMNS])
    shown = [c for c in relation.columns if c.name in first]
    plain = ("integer", "boolean", "float")
    items = ", ".join(
        c.sql if c.family in plain else f"left(cast({c.sql} as varchar), {CHARACTERS})"
        for c in shown
    )
    if relation.is_table:
        query = " union all ".join(
            f"select rowid + 1, {items} from {relation.sql} as t "
            f"where rowid between {part[0] - 1} and {part[-1] - 1} "
            f"and rowid in ({', '.join(str(n - 1) for n in part)})"
            for part in _neighbours(wanted)
        )
    else:
        listed = ", ".join(map(str, wanted))
        query = (
            f"select dsp_row_number, {items} from {relation.head_of(wanted[-1])} "
            f"where dsp_row_number in ({listed}) limit {len(wanted)}"
        )
    return {
        row[0]: json.dumps(
            {c.name: _plain(v) for c, v in zip(shown, row[1:], strict=True)},
            ensure_ascii=False,
        )
        for row in relation.engine.rows(query, is_scan=not relation.is_table)
    }


def _neighbours(wanted: list[int]) -> list[list[int]]:
    """Return ascending row numbers in parts that lie close together.

    DuckDB passes by the groups of rows outside a range, and not those outside a list.
    """
    parts: list[list[int]] = [[wanted[0]]]
    for n in wanted[1:]:
        if n // NEAR == parts[-1][0] // NEAR or len(parts) == PARTS:
            parts[-1].append(n)
        else:
            parts.append([n])
    return parts


def _plain(value: Any) -> Any:
    """Return a value that JSON can hold: NaN and infinity as words."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
