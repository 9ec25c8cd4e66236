"""Sentences about single columns: facts, not relations."""

from __future__ import annotations

from dsp.detectors.base import Candidate, Rows, Words
from dsp.detectors.words import first, name, row_of, rows, total
from dsp.numbers import amount, counted, level, share


def missing_values(c: Candidate, found: Rows) -> Words:
    """Return the sentences of missing values."""
    column, value = name(c.columns[0]), found[0]["value"]
    return Words(
        f"{first(column)} is missing in {share(value)} of rows",
        f"{first(column)} has no value in {rows(int(found[0]['n_rows']))}, "
        f"{share(value)} of all.",
        f"Find out why {column} is missing before using it.",
        value=value,
    )


def constant(c: Candidate, found: Rows) -> Words:
    """Return the sentences of a constant column."""
    column = name(c.columns[0])
    row = found[0]
    if not row["value"]:
        title, said = "holds no value at all", "holds no value in any row"
    else:
        gaps = " or nothing" if row["n_missing"] else ""
        title = "holds one value only"
        said = f"holds one value only ({name(str(row['only']))}){gaps}"
    return Words(
        f"{first(column)} {title}",
        f"{first(column)} {said}, over {rows(int(row['n_rows']))}.",
        f"Leave {column} out of comparisons.",
        value=row["value"],
    )


def identifier(c: Candidate, found: Rows) -> Words:
    """Return the sentences of an identifier."""
    column = name(c.columns[0])
    return Words(
        f"{first(column)} identifies the rows",
        f"{first(column)} has a different value in each of "
        f"{rows(int(found[0]['n_rows']))}.",
        f"Use {column} to join and to look up rows, not to explain.",
        value=found[0]["value"],
    )


def heavy_tail(c: Candidate, found: Rows) -> Words:
    """Return the sentences of a heavy tail."""
    column, row = name(c.columns[0]), found[0]
    mean, median = amount(row["value"]), amount(row["baseline"])
    return Words(
        f"{first(column)} has a long tail: mean {mean}, median {median}",
        f"{first(column)} has a long right tail: the mean is {mean}, the median "
        f"{median}, skewness {amount(row['skewness'])}, over "
        f"{rows(int(row['n_rows']))}. Few rows carry much of the total.",
        f"Report the median of {column} beside the mean.",
        value=row["value"],
        baseline=row["baseline"],
    )


def outlier_values(c: Candidate, found: Rows) -> Words:
    """Return the sentences of extreme values."""
    column, row = name(c.columns[0]), found[0]
    n = int(row["n_rows"])
    low, high = amount(c.facts["low"]), amount(c.facts["high"])
    return Words(
        f"{first(column)} has {counted(n, 'extreme value', is_compact=True)}",
        f"{first(column)} lies outside {low} to {high} in {rows(n)} "
        f"({share(row['value'])}), ten quartile ranges beyond the quartiles.",
        "Look at these rows; errors among them would distort averages.",
        value=row["value"],
    )


def top_share(c: Candidate, found: Rows) -> Words:
    """Return the sentences of a value that most rows have."""
    column, label = name(c.columns[0]), name(c.segment_value)
    value = row_of(found, c.segment_value).get("value")
    return Words(
        f"{first(column)} is {label} in {share(value)} of rows",
        f"{first(column)} is {label} in {share(value)} of {rows(total(found))}, among "
        f"{counted(len(found), 'value')}.",
        f"Read averages over all rows as averages of {label} first.",
        value=value,
    )


def high_cardinality(c: Candidate, found: Rows) -> Words:
    """Return the sentences of a column of many values."""
    column, row = name(c.columns[0]), found[0]
    n = counted(int(row["value"]), "different value", is_compact=True)
    return Words(
        f"{first(column)} has {n}",
        f"{first(column)} has {n} in {rows(int(row['n_rows']))}.",
        f"Group {column} before comparing by it.",
        value=row["value"],
    )


def zero_inflated(c: Candidate, found: Rows) -> Words:
    """Return the sentences of a measure of many zeros."""
    column, row = name(c.columns[0]), found[0]
    return Words(
        f"{first(column)} is 0 in {share(row['value'])} of rows",
        f"{first(column)} is exactly 0 in {share(row['value'])} of "
        f"{rows(int(row['n_rows']))}; where it is not, its median is "
        f"{amount(row['baseline'])}.",
        f"Ask first whether {column} is 0 at all, then how large it is.",
        value=row["value"],
    )


def sentinel(c: Candidate, found: Rows) -> Words:
    """Return the sentences of a placeholder for missing values."""
    column, row = name(c.columns[0]), found[0]
    n, shown = int(row["n_rows"]), name(str(c.facts["shown"]))
    others = ""
    if row.get("low") is not None:
        others = f" All other values lie between {level(row['low'])} and "
        others += f"{level(row['high'])}."
    return Words(
        f"{first(column)} {shown} seems to stand for a missing value",
        f"{first(column)} is {shown} in {rows(n)} ({share(row['value'])}), which looks "
        f"like a placeholder for no value.{others}",
        f"Read {shown} in {column} as missing before any average.",
        value=row["value"],
    )
