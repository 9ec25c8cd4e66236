"""Finds the type of text columns: a type is taken when every value agrees with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dsp.engine import DuckEngine
from dsp.engine.duckdb_engine import literal
from dsp.engine.words import MISSING

N_SAMPLE = 500
N_COLUMNS_A_QUERY = 100


@dataclass(frozen=True, slots=True)
class Kind:
    """A type that text may stand for.

    `valid` and `value` are SQL with ``{c}`` for the column: whether a text is a value of
    this type without loss, and that value. Two kinds of one `rival` group that both fit
    leave the column as text: the data does not say which is meant.
    """

    name: str
    valid: str
    value: str
    rival: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was decided for a column: the SQL that reads it, and why."""

    sql: str
    kind: str | None = None
    note: str | None = None


_PLAIN = "-?(0|[1-9][0-9]*)([.][0-9]+)?"
_DOUBLE = "try_cast({c} as double)"
_DIGITS = (
    "length(trim(replace(regexp_replace(lower({c}), 'e.*$', ''), '.', ''), '-0 ')) <= 17"
)
# Comparing whole texts is many times faster than cutting them into pieces.
_NO_ZEROS = "not ({c} between '00' and '09~' or {c} between '-00' and '-09~')"
_FAST = (
    f"strlen({{c}}) <= 17 and isfinite({_DOUBLE}) and {_DOUBLE} <> 0 "
    f"and {{c}} >= '-' and {{c}} < ':' and {_NO_ZEROS} and not contains({{c}}, '_')"
)
# No overflow to infinity, no underflow of things like 0e12345, no leading zeros or plus
# signs (those are codes), no digits lost.
_SLOW = (
    f"(isfinite({_DOUBLE}) or lower(trim({{c}})) in "
    "('nan', 'inf', '-inf', 'infinity', '-infinity')) "
    f"and not ({_DOUBLE} = 0 and contains(lower({{c}}), 'e')) "
    f"and {_NO_ZEROS.replace('{c}', 'trim({c})')} "
    "and not contains({c}, '_') and not starts_with(ltrim({c}), '+') "
    f"and case when length({{c}}) <= 17 then true else {_DIGITS} end"
)

BOOLEAN = Kind(
    "boolean",
    "lower(trim({c})) in ('true', 'false')",
    "lower(trim({c})) = 'true'",
)
INTEGER = Kind(
    "integer",
    "cast(try_cast({c} as bigint) as varchar) = trim({c})",
    "cast({c} as bigint)",
)
FLOAT = Kind(
    "float", f"case when {_FAST} then true else {_SLOW} end", "cast({c} as double)"
)
NUMBERS = (BOOLEAN, INTEGER, FLOAT)
# Words without digits, and long texts, are no dates: most columns stop here.
LOOKS = Kind("looks", "regexp_matches({c}, '[0-9].*[0-9]') and length({c}) < 40", "")
PLAIN = Kind("plain", f"regexp_full_match({{c}}, '{_PLAIN}')", "")


def _parsed(name: str, form: str, *, is_date: bool, rival: str = "") -> Kind:
    parse = f"try_strptime({{c}}, {literal(form)})"
    value = f"cast({parse} as date)" if is_date else parse
    # %Y also takes two digits and means the first century.
    return Kind(f"{name} {form}", f"year({parse}) between 1000 and 9999", value, rival)


def _standard() -> tuple[Kind, ...]:
    offset = "regexp_matches(substr(trim({c}), 11), '(Z|[+-][0-9]{2}(:?[0-9]{2})?)$')"
    dashes = "{c} like '____-__-__%'"
    return (
        Kind(
            "date",
            "try_cast({c} as date) is not null and {c} like '____-__-__'",
            "cast({c} as date)",
        ),
        Kind(
            "timestamp",
            f"try_cast({{c}} as timestamp) is not null and {dashes} "
            "and case when {c} like '____-__-_____:__:__' then true "
            f"else length(trim({{c}})) between 16 and 26 and not {offset} end",
            "cast({c} as timestamp)",
        ),
        Kind(
            "timestamptz",
            f"try_cast({{c}} as timestamptz) is not null and {dashes} "
            f"and length(trim({{c}})) between 17 and 32 and {offset}",
            "cast({c} as timestamptz)",
        ),
        Kind(
            "time",
            "try_cast({c} as time) is not null "
            "and regexp_matches(trim({c}), '^[0-2]?[0-9]:[0-5][0-9]:[0-5][0-9]')",
            "cast({c} as time)",
        ),
    )


def _written_otherwise() -> tuple[Kind, ...]:
    kinds: list[Kind] = []
    dates = ["%Y/%m/%d", "%Y.%m.%d", "%d.%m.%Y", "%b %d %Y", "%b %d, %Y", "%d %b %Y"]
    dates += ["%d-%b-%Y", "%B %d, %Y", "%B %d %Y", "%d %B %Y"]
    pairs = [("%m/%d/%Y", "%d/%m/%Y", "/"), ("%m-%d-%Y", "%d-%m-%Y", "-")]
    clocks = [" %H:%M:%S", " %H:%M", " %I:%M:%S %p", " %I:%M %p", "T%H:%M:%S"]
    for clock in ("", *clocks):
        name = "timestamp" if clock else "date"
        kinds += [_parsed(name, form + clock, is_date=not clock) for form in dates]
        for first, second, sign in pairs:
            kinds += [
                _parsed(name, form + clock, is_date=not clock, rival=sign + clock)
                for form in (first, second)
            ]
    return tuple(kinds)


STANDARD = _standard()
OTHER = _written_otherwise()


def choose(
    engine: DuckEngine, table: str, columns: Sequence[str], *, numbers: bool
) -> list[Choice]:
    """Return how to read each text column of a table.

    Kinds are proposed from a spread sample and proved over every row.

    Parameters
    ----------
    table, columns
        Quoted names; columns are text.
    numbers
        Also look for booleans and numbers, not only dates and times.
    """
    result: list[Choice] = []
    for start in range(0, len(columns), N_COLUMNS_A_QUERY):
        chunk = list(columns[start : start + N_COLUMNS_A_QUERY])
        result += _choose(engine, table, chunk, numbers=numbers)
    return result


def _choose(
    engine: DuckEngine, table: str, columns: list[str], *, numbers: bool
) -> list[Choice]:
    words = ", ".join(literal(word) for word in MISSING)
    bare = [f"case when {c} not in ({words}) then {c} end" for c in columns]
    n_rows = engine.rows(f"select count(*) from {table}")[0][0]
    step = max(1, n_rows // N_SAMPLE)
    listed = ", ".join(f"{c} as s{i}" for i, c in enumerate(bare))
    engine.execute(
        f"create or replace temp table dsp_sample as select {listed} from {table} "
        f"where rowid % {step} = 0"
    )
    proposed = _propose(engine, len(columns), numbers=numbers)
    engine.execute("drop table dsp_sample")
    is_open = [i for i, kinds in enumerate(proposed) if kinds]
    choices = [Choice(c) for c in columns]
    proofs = _count(
        engine, table, [columns[i] for i in is_open], [proposed[i] for i in is_open]
    )
    for i, (n, counts) in zip(is_open, proofs, strict=True):
        choices[i] = _decide(columns[i], proposed[i], n, counts)
    again = [i for i in is_open if choices[i].kind is None and choices[i].note is None]
    wider = [
        NUMBERS if numbers and proposed[i][0] in NUMBERS else proposed[i] for i in again
    ]
    proofs = _count(engine, table, [bare[i] for i in again], wider)
    for i, kinds, (n, counts) in zip(again, wider, proofs, strict=True):
        found = _decide(bare[i], kinds, n, counts)
        if found.kind is None and kinds is NUMBERS:
            found = _decimal(engine, table, bare[i])
        if found.kind is not None:
            said = f"{found.kind}; words such as NA are missing"
            choices[i] = Choice(found.sql, found.kind, said)
    return choices


def _propose(
    engine: DuckEngine, n_columns: int, *, numbers: bool
) -> list[tuple[Kind, ...]]:
    """Return the kinds that fit every value of a column's sample."""
    proposed: list[tuple[Kind, ...]] = [()] * n_columns

    def fits(
        rest: list[int], kinds: tuple[Kind, ...]
    ) -> list[tuple[int, tuple[Kind, ...]]]:
        columns = [f"s{i}" for i in rest]
        counted = _count(engine, "dsp_sample", columns, [kinds] * len(rest))
        return [
            (i, tuple(k for k, m in zip(kinds, counts, strict=True) if n and m == n))
            for i, (n, counts) in zip(rest, counted, strict=True)
        ]

    rest = list(range(n_columns))
    for i, found in fits(rest, NUMBERS if numbers else ()):
        proposed[i] = found[:1]
    rest = [i for i in rest if not proposed[i]]
    closer = []
    for i, found in fits(rest, (LOOKS, PLAIN)):
        if numbers and PLAIN in found:
            proposed[i] = (FLOAT,)
        elif LOOKS in found:
            closer.append(i)
    for kinds in (STANDARD, OTHER):
        closer = [i for i in closer if not proposed[i]]
        for i, found in fits(closer, kinds):
            proposed[i] = found
    if numbers:
        for i in closer:
            proposed[i] = proposed[i] or (FLOAT,)
    return proposed


def _count(
    engine: DuckEngine, table: str, columns: list[str], kinds: Sequence[Sequence[Kind]]
) -> list[tuple[int, list[int]]]:
    """Return values that are there, and how many of them fit each kind."""
    if not columns:
        return []
    parts: list[str] = []
    for column, tried in zip(columns, kinds, strict=True):
        parts.append(f"count({column})")
        parts += [f"count_if({kind.valid.replace('{c}', column)})" for kind in tried]
    row = iter(engine.rows(f"select {', '.join(parts)} from {table}")[0])
    return [(next(row), [next(row) for _ in tried]) for tried in kinds]


def _decide(column: str, kinds: Sequence[Kind], n: int, counts: list[int]) -> Choice:
    fits = [k for k, count in zip(kinds, counts, strict=True) if count == n]
    if not n or not fits:
        return Choice(column)
    first = fits[0]
    if first.rival and any(k.rival == first.rival for k in fits[1:]):
        return Choice(column, None, "text; fits day/month and month/day alike")
    note = first.name if " " in first.name else None
    return Choice(first.value.replace("{c}", column), first.name, note)


def _decimal(engine: DuckEngine, table: str, column: str) -> Choice:
    """Return an exact decimal for numbers with more digits than a double holds."""
    text = (
        f"select count({column}), "
        f"count_if(regexp_full_match({column}, '{_PLAIN}')), "
        f"max(length(ltrim(split_part({column}, '.', 1), '-'))), "
        f"max(length(split_part({column}, '.', 2))) from {table}"
    )
    n, n_plain, whole, fraction = engine.rows(text)[0]
    if not n or n != n_plain or whole + fraction > 38:
        return Choice(column)
    kind = f"decimal({whole + fraction}, {fraction})"
    return Choice(f"cast({column} as {kind})", kind)
