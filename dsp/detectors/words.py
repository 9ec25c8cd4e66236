"""Pieces of sentences that all detectors use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dsp.numbers import NBSP, amount, counted, share

MAX_NAME = 32
LIMIT = "This is an association, not proof of cause."


def name(text: str | None, limit: int = MAX_NAME) -> str:
    """Return a column name or value on one line, shortened."""
    line = " ".join((text or "").split()) or "(blank)"
    return line if len(line) <= limit else line[: limit - 1] + "…"


def rows(n: int) -> str:
    """Return a number of rows in words."""
    return counted(n, "row", is_compact=True)


def first(text: str) -> str:
    """Return a sentence start; column names keep their spelling."""
    for start in ("the ", "share ", "average ", "median ", "typical "):
        if text.startswith(start):
            return text[0].upper() + text[1:]
    return text


def subject(column: str, event: str | None) -> str:
    """Return what a number is called: the column, or the share of its event."""
    return f"share of {pair(column, event)}" if event is not None else name(column)


def pair(column: str, value: str | None) -> str:
    """Return a column with one of its values."""
    return f"{name(column)}{NBSP}={NBSP}{name(value)}"


def figure(event: str | None) -> Callable[[float | None], str]:
    """Return how a number is written: shares of an event as percent."""
    return amount if event is None else share


def total(rows_of: Any) -> int:
    """Return the rows behind all rows of an evidence query."""
    return sum(int(r["n_rows"] or 0) for r in rows_of)


def row_of(rows_of: Any, label: str | None) -> Mapping[str, Any]:
    """Return the evidence row of one label; an empty one where it is not there."""
    return next((r for r in rows_of if r["label"] == label), {})


def extremes(rows_of: Any, *, least: float = 0.01) -> tuple[Any, Any]:
    """Return the evidence rows with the highest and the lowest value.

    Among labels that hold at least 1 % of the rows, where there are two of them.
    """
    n = total(rows_of)
    known = [r for r in rows_of if r["value"] is not None]
    kept = [r for r in known if r["n_rows"] >= least * n]
    kept = kept if len(kept) > 1 else known
    by_value = sorted(kept, key=lambda r: (r["value"], str(r["label"])))
    return by_value[-1], by_value[0]
