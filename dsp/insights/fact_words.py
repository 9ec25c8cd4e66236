"""Sentences about single columns and the table: facts, not relations."""

from __future__ import annotations

from dsp.detectors import Candidate
from dsp.detectors.base import Words
from dsp.detectors.words import first, name, rows
from dsp.numbers import agreeing, amount, counted, share


def missing_values(c: Candidate) -> Words:
    """Return the sentences of missing values."""
    column = name(c.columns[0])
    return Words(
        f"{first(column)} is missing in {share(c.value)} of rows",
        f"{first(column)} has no value in {rows(c.n_rows)}, {share(c.value)} of all.",
        f"Find out why {column} is missing before using it.",
    )


def constant(c: Candidate) -> Words:
    """Return the sentences of constant."""
    column = name(c.columns[0])
    if not c.value:
        title, said = "holds no value at all", "holds no value in any row"
    else:
        gaps = " or nothing" if c.facts["n_missing"] else ""
        title = "holds one value only"
        said = f"holds one value only ({name(str(c.facts['only']))}){gaps}"
    return Words(
        f"{first(column)} {title}",
        f"{first(column)} {said}, over {rows(c.n_rows)}.",
        f"Leave {column} out of comparisons.",
    )


def identifier(c: Candidate) -> Words:
    """Return the sentences of identifier."""
    column = name(c.columns[0])
    return Words(
        f"{first(column)} identifies the rows",
        f"{first(column)} has a different value in each of {rows(c.n_rows)}.",
        f"Use {column} to join and to look up rows, not to explain.",
    )


def heavy_tail(c: Candidate) -> Words:
    """Return the sentences of heavy tail."""
    column = name(c.columns[0])
    return Words(
        f"{first(column)} has a long tail: mean {amount(c.value)}, "
        f"median {amount(c.baseline)}",
        f"{first(column)} has a long right tail: the mean is {amount(c.value)}, the "
        f"median {amount(c.baseline)}, skewness {amount(c.effect)}. Few rows carry much "
        "of the total.",
        f"Report the median of {column} beside the mean.",
    )


def outlier_values(c: Candidate) -> Words:
    """Return the sentences of outlier values."""
    column = name(c.columns[0])
    low, high = amount(c.facts["low"]), amount(c.facts["high"])
    return Words(
        f"{first(column)} has {counted(c.n_rows, 'extreme value', is_compact=True)}",
        f"{first(column)} lies outside {low} to {high} in {rows(c.n_rows)} "
        f"({share(c.value)}), ten quartile ranges beyond the quartiles.",
        "Look at these rows; errors among them would distort averages.",
    )


def duplicates(c: Candidate) -> Words:
    """Return the sentences of duplicates."""
    n = c.n_rows
    return Words(
        f"{rows(n)} {agreeing(n, 'is a copy', 'are copies')} of others "
        f"({share(c.value)})",
        f"{rows(n)} ({share(c.value)}) {agreeing(n, 'equals', 'equal')} an earlier row "
        f"in every column.",
        "Find out whether rows were loaded twice; copies count double in every figure.",
    )
