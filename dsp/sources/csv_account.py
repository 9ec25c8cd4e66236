"""Says what was assumed when text tables were read, and where every line went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Protocol

from dsp.engine.duckdb_engine import literal
from dsp.numbers import counted
from dsp.sources.base import Job
from dsp.sources.csv_ledger import Ledger
from dsp.sources.csv_pass import AGAIN, BELOW, OTHER_TABLE
from dsp.sources.dialect import Dialect
from dsp.sources.dialect_cells import is_total

MAX_VALUES = 1_000
"""Entries that are written as SQL: DuckDB loads pandas at the first table it is lent."""
_NONE = (
    "select null::bigint as row_number, null::varchar as file, "
    "null::bigint as line_number where false"
)


class Read(Protocol):
    """A text table that was read."""

    @property
    def encoding(self) -> str:
        """Return the encoding of the file."""
        ...

    @property
    def written(self) -> Dialect:
        """Return how the file is written."""
        ...

    @property
    def ledger(self) -> Ledger | None:
        """Return the accounts of the file."""
        ...


def as_facts(files: Sequence[Read], last: Sequence[str]) -> dict[str, Any]:
    """Return decisions on files that were read, the first one's signs standing for all.

    Parameters
    ----------
    last
        Cells of the last record.
    """
    first = files[0]
    facts = first.written.facts() | {"encoding": first.encoding}
    if len(files) > 1:
        facts["files"] = len(files)
    counts: Counter[str] = Counter()
    repairs: Counter[str] = Counter()
    warnings = [text for file in files for text in file.written.warnings]
    for file in files:
        if file.ledger is not None:
            counts.update(file.ledger.counts)
            repairs.update(file.ledger.repairs)
            warnings += _said(file.ledger, named=len(files) > 1)
    facts |= {name: n for name, n in counts.items() if n}
    if repairs:
        facts["repaired"] = dict(repairs)
    if is_total(last):
        warnings.append(
            f'the last record looks like a total ("{_short(last)}"): it is kept as data; '
            "footer=1 leaves it out"
        )
    if warnings:
        facts["warnings"] = list(dict.fromkeys(warnings))
    return facts


def _short(cells: Sequence[str]) -> str:
    return ", ".join(cells)[:60]


def _said(ledger: Ledger, *, named: bool) -> list[str]:
    """Say what was read otherwise than it is written, with the first such lines."""
    where = f"{ledger.file}: " if named else ""
    said = []
    for kind, n in ledger.repairs.items():
        lines = _listed(ledger.shown[kind], n)
        said.append(f"{where}{n:,} {_singular(kind) if n == 1 else kind} ({lines})")
    if n := ledger.counts[AGAIN]:
        lines = _listed(ledger.shown[AGAIN], n)
        times = "once more" if n == 1 else f"{n:,} times more"
        said.append(f"{where}the header stands {times} in the file: left out ({lines})")
    said += [
        f"{where}another table begins at line {line}: it is in the rejects; "
        f"skip={line - 1} reads that one"
        for line in ledger.shown.get(OTHER_TABLE, [])
    ]
    total = ledger.n_rows + ledger.n_rejected
    n_failed = ledger.n_rejected - ledger.counts[BELOW]
    if n_failed * 10 > total and ledger.n_rows and OTHER_TABLE not in ledger.shown:
        said.append(
            f"{where}{counted(n_failed, 'record')} of {total:,} could not be read: "
            "check the options delimiter, quote, header and columns"
        )
    return said


def _singular(kind: str) -> str:
    return kind.replace("records", "record", 1)


def _listed(lines: Sequence[int], n: int) -> str:
    shown = ", ".join(str(line) for line in lines)
    more = ", …" if n > len(lines) else ""
    return f"{'line' if n == 1 else 'lines'} {shown}{more}"


def as_rejects(files: Sequence[Read], job: Job) -> str:
    """Return SQL for the records that were set aside."""
    parts = []
    for file in files:
        found = file.ledger.rejects(job) if file.ledger else None
        if found is not None and file.ledger:
            columns = "line_number, byte_position, text, reason"
            parts.append(
                f"select {columns}, {literal(file.ledger.file)} as file from ({found})"
            )
    none = (
        "select null::bigint as line_number, null::bigint as byte_position, "
        "null::varchar as text, null::varchar as reason, null::varchar as file "
        "where false"
    )
    return " union all ".join([none, *parts])


def as_lines(files: Sequence[Read], job: Job) -> str:
    """Return SQL that leads from rows of the table to lines of the files."""
    n_before = 0
    parts = [_NONE]
    kept: list[tuple[int, str, int]] = []
    for file in files:
        ledger = file.ledger
        if ledger is None:
            continue
        for row, line in ledger.entries:
            kept.append((n_before + row, ledger.file, line))
        if (found := ledger.stored("lines")) is not None:
            parts.append(
                f"select row_number + {n_before}, {literal(ledger.file)}, line_number "
                f"from ({found})"
            )
        n_before += ledger.n_rows
    if len(kept) > MAX_VALUES:
        parts.append(f"select * from {job.lend(_as_table(kept))}")
    elif kept:
        parts.append(_as_values(kept))
    return f"select * from ({' union all '.join(parts)}) order by row_number"


def _as_values(kept: list[tuple[int, str, int]]) -> str:
    rows = ", ".join(f"({row}, {literal(file)}, {line})" for row, file, line in kept)
    return f"select * from (values {rows})"


def _as_table(kept: list[tuple[int, str, int]]) -> Any:
    import pyarrow as pa

    rows, files, lines = zip(*kept, strict=True)
    return pa.table(
        {
            "row_number": pa.array(rows, pa.int64()),
            "file": pa.array(files, pa.string()),
            "line_number": pa.array(lines, pa.int64()),
        }
    )
