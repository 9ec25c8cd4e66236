"""Keeps account of a text table: records set aside, and the lines that rows stand on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dsp.sources.base import Job, literals
from dsp.sources.base import shown as as_text

N_KEPT = 50_000
N_SHOWN = 10


@dataclass
class Ledger:
    """Accounts of one file, written to scratch space when they grow.

    Attributes
    ----------
    file
        The file as the user knows it.
    scratch
        Gives paths in scratch space.
    n_rows
        Records that are rows of the table.
    counts
        Lines that are neither rows nor set aside: blank, comments, names again.
    repairs
        Lines of records that were read otherwise than they are written, by kind.
    """

    file: str
    scratch: Callable[[str], Path]
    n_rows: int = 0
    n_rejected: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    repairs: Counter[str] = field(default_factory=Counter)
    shown: dict[str, list[int]] = field(default_factory=dict)
    _rejects: list[tuple[int, int, str, str]] = field(default_factory=list)
    _lines: list[tuple[int, int]] = field(default_factory=list)
    _parts: dict[str, list[Path]] = field(default_factory=dict)
    _next_line: int = -1

    def __post_init__(self) -> None:
        self.file = as_text(self.file)

    def rows(self, n_rows: int, line: int, n_lines: int) -> None:
        """Count rows that stand on lines of their own, from one line on."""
        if line != self._next_line:
            self._lines.append((self.n_rows + 1, line))
            if len(self._lines) >= N_KEPT:
                self._flush("lines")
        self.n_rows += n_rows
        self._next_line = line + n_rows if n_lines == n_rows else -1

    def reject(self, line: int, position: int, text: bytes, reason: str) -> None:
        """Set a record aside."""
        self.n_rejected += 1
        shown = text.rstrip(b"\r\n").decode(errors="replace")
        self._rejects.append((line, position, shown, reason))
        if len(self._rejects) >= N_KEPT:
            self._flush("rejects")

    def repaired(self, line: int, kind: str) -> None:
        """Note a record that is read otherwise than it is written."""
        self.repairs[kind] += 1
        self.note(kind, line)

    def note(self, kind: str, line: int) -> None:
        """Keep the first lines of a kind, to show them."""
        lines = self.shown.setdefault(kind, [])
        if len(lines) < N_SHOWN:
            lines.append(line)

    @property
    def entries(self) -> list[tuple[int, int]]:
        """Return rows and the lines they stand on, as far as they are in memory."""
        return self._lines

    def stored(self, name: str) -> str | None:
        """Return SQL for what of ``rejects`` or ``lines`` is in scratch space."""
        if not self._parts.get(name):
            return None
        paths = literals(str(path) for path in self._parts[name])
        return f"select * from read_parquet({paths})"

    def rejects(self, job: Job) -> str | None:
        """Return SQL for the records that were set aside; None when there are none."""
        parts = [self.stored("rejects")] if self._parts.get("rejects") else []
        if self._rejects:
            lent = job.lend(_table("rejects", self._rejects))
            parts.append(f"select * from {lent}")
        return " union all ".join(part for part in parts if part) or None

    def _entries(self, name: str) -> list[Any]:
        return self._rejects if name == "rejects" else self._lines

    def _flush(self, name: str) -> None:
        import pyarrow.parquet as pq

        entries = self._entries(name)
        path = self.scratch(".parquet")
        pq.write_table(_table(name, entries), path)
        self._parts.setdefault(name, []).append(path)
        entries.clear()


def _table(name: str, entries: list[Any]) -> Any:
    import pyarrow as pa

    schema = pa.schema(
        [
            ("line_number", pa.int64()),
            ("byte_position", pa.int64()),
            ("text", pa.large_string()),
            ("reason", pa.string()),
        ]
        if name == "rejects"
        else [("row_number", pa.int64()), ("line_number", pa.int64())]
    )
    columns = zip(*entries, strict=True)
    arrays = [pa.array(c, f.type) for c, f in zip(columns, schema, strict=True)]
    return pa.table(arrays, schema=schema)
