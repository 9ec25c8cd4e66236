"""What a reader of a profile should know first, from the records alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from dsp.exports.profile.words import measure_name
from dsp.numbers import correlation, counted, number, share
from dsp.records import Association, ColumnProfile, TopValue

MOSTLY = 0.5
"""Share of rows from which something holds mostly."""
MUCH_MISSING = 0.05
"""Share of missing values from which they are worth a word."""
ONE_VALUE = 0.95
"""Share of one value from which a column hardly varies."""
SKEWED = 2.0
"""Size of the skewness from which a column is skewed."""
SAME = 0.95
"""Size of a correlation from which two columns say the same."""
KINDS = (
    *("all_missing", "constant", "mostly_missing", "infinite", "nan", "duplicate_rows"),
    *(
        "rejected_rows",
        "personal",
        "same_content",
        "blank",
        "missing",
        "one_value",
        "zeros",
    ),
    *("skewed", "unique"),
)
"""From the most to the least urgent."""
_NOTES = ("one_value", "zeros", "skewed", "unique", "missing", "same_content")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """Something to know about a column before it is used.

    Attributes
    ----------
    kind
        One of `KINDS`.
    severity
        ``warning`` or ``info``.
    column_name
        The column; None where it is about the table.
    value
        The figure behind it, in the unit that `text` says.
    text
        What is the case, without the name of the column.
    other
        Another column that it is about.
    """

    kind: str
    severity: str
    column_name: str | None
    value: float | None
    text: str
    other: str | None = None


def alerts(
    columns: Sequence[ColumnProfile],
    top_values: Sequence[TopValue] = (),
    associations: Sequence[Association] = (),
    *,
    personal: Mapping[str, str] | None = None,
    n_rejected: int = 0,
    n_duplicate_rows: int | None = None,
) -> tuple[Alert, ...]:
    """Return what to know first, the most urgent kinds first, then by column.

    Parameters
    ----------
    columns, top_values, associations
        Records of the profile.
    personal
        Kind of personal data of the columns that hold some.
    n_rejected
        Records of the source that could not be read.
    n_duplicate_rows
        Rows that repeat an earlier one, where they were counted.
    """
    most = {v.column_name: v for v in top_values if v.rank == 1}
    found = [alert for c in columns for alert in _of_column(c, most.get(c.column_name))]
    found += _same(associations)
    found += [
        _alert("personal", name, None, f"may tell who somebody is ({kind})")
        for name, kind in (personal or {}).items()
    ]
    if n_duplicate_rows:
        text = f"{counted(n_duplicate_rows, 'row')} repeat an earlier one"
        found.append(_alert("duplicate_rows", None, n_duplicate_rows, text))
    if n_rejected:
        text = f"{counted(n_rejected, 'record')} could not be read"
        found.append(_alert("rejected_rows", None, n_rejected, text))
    order = {kind: i for i, kind in enumerate(KINDS)}
    return tuple(sorted(found, key=lambda alert: order[alert.kind]))


def _of_column(column: ColumnProfile, top: TopValue | None) -> Iterator[Alert]:
    name, n_rows = column.column_name, column.n_rows
    if not n_rows:
        return
    n_missing = column.n_null + column.n_nan
    missing = n_missing / n_rows
    if missing == 1:
        yield _alert("all_missing", name, missing, "no values")
        return
    if column.is_constant:
        yield _alert("constant", name, 1, "one value only")
    elif top is not None and top.n_rows / (n_rows - n_missing) >= ONE_VALUE:
        part = top.n_rows / (n_rows - n_missing)
        yield _alert("one_value", name, part, f"{share(part)} of the values are the same")
    if missing >= MUCH_MISSING:
        kind = "mostly_missing" if missing >= MOSTLY else "missing"
        yield _alert(kind, name, missing, f"{share(missing)} missing")
    if column.n_infinite:
        text = f"{counted(column.n_infinite, 'infinite value')}, left out of moments"
        yield _alert("infinite", name, column.n_infinite, text)
    if column.n_nan:
        text = f"{counted(column.n_nan, 'NaN value')}, taken as missing"
        yield _alert("nan", name, column.n_nan, text)
    if column.n_empty:
        text = f"{counted(column.n_empty, 'empty or blank text')}"
        yield _alert("blank", name, column.n_empty, text)
    zeros = column.n_zero / n_rows
    if zeros >= MOSTLY and not column.is_constant and column.role == "measure":
        yield _alert("zeros", name, zeros, f"{share(zeros)} zeros")
    if column.skewness is not None and abs(column.skewness) >= SKEWED:
        text = f"skewness {number(round(column.skewness, 2))}"
        if column.role in ("measure", "target") and column.n_distinct > 2:
            yield _alert("skewed", name, column.skewness, text)
    if column.is_unique and n_rows > 1 and column.role not in ("measure", "time"):
        yield _alert("unique", name, column.n_distinct, "every value is different")


def _same(associations: Sequence[Association]) -> list[Alert]:
    best: dict[tuple[str, str], Association] = {}
    for row in associations:
        pair = (row.column_a, row.column_b)
        if row.value is None or row.measure not in ("pearson", "spearman", "cramers_v"):
            continue
        if abs(row.value) >= SAME and (
            pair not in best or abs(row.value) > abs(best[pair].value or 0)
        ):
            best[pair] = row
    return [
        _alert(
            "same_content",
            a,
            row.value,
            f"nearly the same as {b} "
            f"({measure_name(row.measure)} {correlation(row.value or 0.0)})",
            other=b,
        )
        for (a, b), row in best.items()
    ]


def _alert(
    kind: str,
    name: str | None,
    value: float | None,
    text: str,
    *,
    other: str | None = None,
) -> Alert:
    return Alert(
        kind=kind,
        severity="info" if kind in _NOTES else "warning",
        column_name=name,
        value=value,
        text=text,
        other=other,
    )
