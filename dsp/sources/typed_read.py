"""Reads text tables with their types in one pass, where a sample makes them plain.

A sample of blocks spread over the files proposes the types. The pass that stores the
table reads every value as text, casts it and checks it, so what is stored is proved: one
value that is not exactly of its type leaves a mark, and the reading starts again with
that column as text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dsp.engine.duckdb_engine import literal
from dsp.sources.base import Job
from dsp.sources.choices import Choice, choose, sample_of
from dsp.sources.kinds import (
    BOOLEAN,
    DATE,
    FLOAT,
    HAS_FEW_DIGITS,
    INTEGER,
    IS_BELOW_2_53,
    TIMESTAMP,
    Kind,
)
from dsp.sources.plans import Plan, plan
from dsp.sources.wishes import Wishes

MIN_BYTES = 4 << 20
N_BLOCKS = 24
BLOCK = 32 << 10
ODD = "dsp_odd"
N_ODD = 1_000
MAX_RENAMED = 200
_MOMENT = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}")
_ROW = "\x1e"
_CELL = "\x1f"


@dataclass(frozen=True, slots=True)
class Quick:
    """A type that is checked while it is read.

    `value` and `exact` are SQL with ``{c}`` for the text and ``{v}`` for its value;
    `exact` is false for a text that is not exactly that value, and not false for NULL.
    """

    value: str
    exact: str


# Doubles hold 17 digits. Comparisons go first: they are many times cheaper than regular
# expressions, and most numbers begin with 1 to 9, or with a zero and a point. One
# comparison keeps out infinity, what became zero, and whole numbers that have changed.
_FINITE = "coalesce(isfinite({v}), false)"
_ABOVE_ONE = (
    "coalesce(abs({v}) between 1e-290 and 9007199254740991, false) "
    "and not contains({c}, '_') "
    "and (strlen({c}) <= 17 or contains({c}, '.'))"
)
_SHORT = (
    "({c} between '0.' and '0.:' and strlen({c}) <= 19 "
    f"or {{c}} between '-1' and '-:' and strlen({{c}}) <= 18 and {IS_BELOW_2_53} "
    "or {c} between '-0.' and '-0.:' and strlen({c}) <= 20)"
)
_OTHERS = (
    f"{_FINITE} and regexp_full_match({{c}}, "
    "'-?(0|[1-9][0-9]*)?([.][0-9]*)?([eE][+-]?[0-9]+)?') "
    f"and ({{v}} <> 0 or not regexp_matches({{c}}, '[eE]')) and {HAS_FEW_DIGITS} "
    f"and {IS_BELOW_2_53}"
)
_DOUBLE = (
    f"case when {{c}} is null then null when {{c}} >= '1' "
    f"then case when strlen({{c}}) <= 18 then {_ABOVE_ONE} else {_OTHERS} end "
    "when {c} in ('0', '0.0', '0.00') then true "
    f"when {{v}} <> 0 and {_SHORT} then {_FINITE} and not contains({{c}}, '_') "
    f"else {_OTHERS} end"
)
QUICK = {
    BOOLEAN: Quick(
        "{c} in ('true', 'TRUE', 'True')",
        "{c} in ('true', 'false', 'TRUE', 'FALSE', 'True', 'False')",
    ),
    INTEGER: Quick(
        "try_cast({c} as bigint)", "cast({v} as varchar) is not distinct from {c}"
    ),
    FLOAT: Quick("try_cast({c} as double)", _DOUBLE),
    DATE: Quick(
        "try_cast({c} as date)",
        "cast({v} as varchar) is not distinct from {c} and strlen({c}) = 10",
    ),
    TIMESTAMP: Quick(
        "try_cast({c} as timestamp)",
        "({v} is null) = ({c} is null) and {c} like '____-__-_____:__:__' "
        "and {c} >= '0' and not ends_with({c}, 'Z') and not ends_with({c}, 'z')",
    ),
}


@dataclass(frozen=True, slots=True)
class Stored:
    """A table that was read, its columns called c0, c1 and so on.

    Attributes
    ----------
    table
        Its quoted name.
    is_final
        It lies where the data belongs, and every column has its type.
    settled
        What was decided already, by the position of the column.
    """

    table: str
    is_final: bool = False
    settled: Mapping[int, Choice] = field(default_factory=dict)

    def choices(self, names: Sequence[str], wishes: Wishes, job: Job) -> list[Choice]:
        """Return what was decided for each column; the rest is decided now."""
        found = dict(self.settled)
        rest = [i for i in range(len(names)) if i not in found]
        if rest:
            chosen = choose(
                job.engine,
                self.table,
                [f"c{i}" for i in rest],
                numbers=True,
                names=[names[i] for i in rest],
                wishes=wishes,
            )
            found |= dict(zip(rest, chosen, strict=True))
        return [found[i] for i in range(len(names))]

    def final_for(self, names: Sequence[str]) -> str | None:
        """Return the table when it only has to be renamed to be the data."""
        columns = {f"c{i}" for i in range(len(names))}
        clashes = columns & {name.lower() for name in names}
        is_whole = self.is_final and len(names) == len(self.settled) <= MAX_RENAMED
        return self.table if is_whole and not clashes else None


def blocks_of(paths: Sequence[str], job: Job) -> str | None:
    """Return a file with whole lines from all over some files, None for small ones."""
    sizes = {path: Path(path).stat().st_size for path in paths}
    total = sum(sizes.values())
    if total < MIN_BYTES:
        return None
    target = job.scratch(".csv")
    with target.open("wb") as out:
        for path, size in sizes.items():
            for block in _blocks(path, size, round(N_BLOCKS * size / total)):
                out.write(block)
    return str(target)


def _blocks(path: str, size: int, n_blocks: int) -> Iterator[bytes]:
    """Yield whole lines at even distances; the head of the file has names, not values."""
    with Path(path).open("rb") as stream:
        for i in range(1, n_blocks + 1):
            stream.seek(i * (size - BLOCK) // n_blocks if size > BLOCK else 0)
            lines = stream.read(BLOCK)
            first, last = lines.find(b"\n") + 1, lines.rfind(b"\n") + 1
            yield lines[first:last]


def store(
    job: Job,
    read: str,
    sampled: str,
    names: Sequence[str],
    *,
    extra: Sequence[str] = (),
    wishes: Wishes | None = None,
) -> Stored:
    """Read a text table, every column with its type where that is plain.

    Parameters
    ----------
    read, sampled
        SQL that reads c0, c1 … as text from everything, and from `blocks_of` it; no
        sample leaves all types open.
    names
        Names of all columns.
    extra
        SQL of texts that are the last columns, the same in every row.
    wishes
        What the user asks; None leaves all types open.
    """
    n = len(names) - len(extra)
    plans: dict[int, Plan] = {}
    kinds: dict[int, Kind] = {}
    if sampled and wishes is not None and n:
        plans, kinds = _proposed(sampled, names[:n], wishes, job)
    while True:
        is_final = len(plans) == len(names)
        select = _select(read, n, extra, kinds)
        table = job.store(select) if is_final else job.stage(select)
        odd = _odd(table, kinds, job)
        if not odd:
            break
        job.drop(table)
        for i, texts in odd.items():
            if kinds[i] is INTEGER and FLOAT.fits(texts):
                # Whole numbers in the sample, and decimals beyond it.
                kinds[i] = FLOAT
            else:
                del kinds[i], plans[i]
    if kinds:
        job.engine.execute(f"alter table {table} drop column {ODD}")
    settled = {
        i: Choice(
            f"c{i}",
            kinds[i].name if i in kinds else None,
            found.note or None,
            suspect=found.suspect,
        )
        for i, found in plans.items()
    }
    return Stored(table, is_final, settled)


def _proposed(
    sampled: str, names: Sequence[str], wishes: Wishes, job: Job
) -> tuple[dict[int, Plan], dict[int, Kind]]:
    """Return the columns that a sample settles, and which of them have a type.

    Left open is what needs another look at every row: words for missing values, numbers
    and dates in other notations, and columns without a value.
    """
    n = len(names)
    table = job.stage(f"select * from {sampled}")
    samples = sample_of(job.engine, table, [f"c{i}" for i in range(n)])
    plans: dict[int, Plan] = {}
    kinds: dict[int, Kind] = {}
    for i, texts in enumerate(samples):
        if wishes.all_text or wishes.for_column(names[i]):
            continue
        found = plan(texts, wishes)
        kind = _quick(found, texts)
        if found.is_empty or (found.kinds and kind is None):
            continue
        plans[i] = found
        if kind is not None:
            kinds[i] = kind
    job.drop(table)
    return plans, kinds


def _quick(found: Plan, texts: Sequence[str]) -> Kind | None:
    """Return the type that can be checked while reading, if a plan has one."""
    if found.has_words or found.is_close or not found.kinds:
        return None
    if FLOAT in found.kinds:
        return FLOAT
    first = found.kinds[0]
    if first is TIMESTAMP and not all(_MOMENT.fullmatch(text) for text in texts):
        return None
    return first if first in QUICK else None


def _select(read: str, n: int, extra: Sequence[str], kinds: Mapping[int, Kind]) -> str:
    """Return SQL that reads, casts, and marks rows with a value that is not exact."""
    texts = [f"c{i}" for i in range(n)]
    if not kinds:
        return f"select {', '.join([*texts, *_extra(n, extra)])} from {read}"
    values = [
        f"{QUICK[kind].value.replace('{c}', f'c{i}')} as v{i}"
        for i, kind in kinds.items()
    ]
    exact = {i: f"({_exact(i, kind)})" for i, kind in kinds.items()}
    cells = ", ".join(
        f"case when not {sql} then {literal(str(i) + _CELL)} || left(c{i}, 99) end"
        for i, sql in exact.items()
    )
    odd = (
        f"case when not ({' and '.join(exact.values())}) "
        f"then concat_ws({literal(_ROW)}, {cells}) end as {ODD}"
    )
    listed = [f"v{i} as c{i}" if i in kinds else f"c{i}" for i in range(n)]
    return (
        f"select {', '.join([*listed, *_extra(n, extra), odd])} "
        f"from (select {', '.join([*texts, *values])} from {read})"
    )


def _extra(n: int, extra: Sequence[str]) -> list[str]:
    return [f"{sql} as c{i}" for i, sql in enumerate(extra, n)]


def _exact(i: int, kind: Kind) -> str:
    return QUICK[kind].exact.replace("{c}", f"c{i}").replace("{v}", f"v{i}")


def _odd(table: str, kinds: Mapping[int, Kind], job: Job) -> dict[int, list[str]]:
    """Return texts that are not exactly of the type of their column."""
    if not kinds:
        return {}
    rows = job.engine.rows(
        f"select distinct {ODD} from {table} where {ODD} is not null limit {N_ODD}"
    )
    found: dict[int, list[str]] = {}
    for (row,) in rows:
        for cell in row.split(_ROW):
            position, _, text = cell.partition(_CELL)
            found.setdefault(int(position), []).append(text.strip())
    return found
