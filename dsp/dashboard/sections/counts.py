"""Counts that are stored as figures, as marks."""

from __future__ import annotations

from typing import Any

from dsp import numbers
from dsp.dashboard.content import Content
from dsp.dashboard.marks import counted, mark


def stored(content: Content, figure_id: str) -> float | None:
    """Return the value of a stored figure."""
    figure = content.figures.get(figure_id)
    return None if figure is None else figure.value


def stored_count(content: Content, figure_id: str, noun: str = "") -> Any:
    """Return a stored count as a mark, with its noun when there is one."""
    value = stored(content, figure_id)
    if noun:
        return counted(value, noun, "figures", "value", figure_id)
    return mark(numbers.count(value), value, "figures", "value", figure_id)
