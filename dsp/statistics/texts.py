"""Texts: lengths, characters and words, and the patterns in which they are written.

Columns whose values repeat are counted by value first, so that every expression runs once
a value; the others are read once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from dsp.engine.duckdb_engine import DuckEngine, literal
from dsp.records import ColumnProfile, TextPattern, TextProfile
from dsp.statistics.base import Column

SAMPLE_VALUES = 20_000
"""Values, about, whose patterns are looked at; the others are left out by their hash."""
MANY_ROWS = 200_000
"""Rows from which on it pays to keep counts of values for the next who asks."""
MOST_PATTERNS = 10
"""Patterns kept for a column."""
MOST_SHAPES = 20
"""Above this many shapes, runs of one class are written as one."""
LONGEST = 60
"""Characters of a text that its pattern describes."""

BLANKS = " \t\n\r\v\f\u00a0"
_CODES = ", ".join(str(ord(letter)) for letter in BLANKS)
_WHITE = r" \t\n\r\x0b\x0c\x{00A0}"
_NUMBER = (
    f"[{_WHITE}]*"
    r"[+-]?([0-9]{1,3}(,[0-9]{3})+([.][0-9]+)?|[0-9]+([.,][0-9]*)?|[.,][0-9]+)"
    rf"([eE][+-]?[0-9]+)?[{_WHITE}]*"
)
_DATE = (
    f"[{_WHITE}]*([0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}|"
    "[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}|[0-9]{2}))"
    f"([T ][0-9]{{1,2}}:[0-9]{{2}}[0-9:.,+Z -]*)?[{_WHITE}]*"
)
_CLASSES = ((r"\p{Lu}", "A"), (r"[\p{Ll}\p{Lt}\p{Lm}\p{Lo}]", "a"), (r"\p{Nd}", "9"))
_RUNS = (("A{2,}", "A+"), ("a{2,}", "a+"), ("9{2,}", "9+"), (" {2,}", " +"))


def _has(pattern: str) -> str:
    return f"regexp_matches(t, {literal(pattern)})"


_IS_BLANK = (
    f"case when list_contains([{_CODES}], unicode(t)) "
    f"then trim(t, {literal(BLANKS)}) = '' else false end"
)
_IS_PADDED = (
    f"list_contains([{_CODES}], unicode(t)) "
    f"or list_contains([{_CODES}], unicode(right(t, 1)))"
)
# Splitting at single blanks is four times as fast as looking for words.
_OTHER_WHITE = " or ".join(
    f"contains(t, chr({ord(letter)}))" for letter in BLANKS if letter != " "
)
_WORDS = (
    "case when t = '' then 0 when contains(t, '  ') or starts_with(t, ' ') "
    f"or ends_with(t, ' ') or {_OTHER_WHITE} "
    f"then len(regexp_extract_all(t, {literal(f'[^{_WHITE}]+')})) "
    "when contains(t, ' ') then len(string_split(t, ' ')) else 1 end"
)
_FACETS = (
    "length(t) as l, lower(t) as low, upper(t) as up, length(t) = strlen(t) as plain, "
    f"{_WORDS} as words"
)
# In plain ASCII, changing case is five times as fast as looking for classes.
_CAPITAL, _SMALL, _TITLE, _LETTERS = (
    f"case when plain then {simple} else {_has(pattern)} end"
    for simple, pattern in (
        ("t <> low", r"\p{Lu}"),
        ("t <> up", r"\p{Ll}"),
        ("false", r"\p{Lt}"),
        ("t <> low or t <> up", r"\p{L}"),
    )
)
_CASES = f"({_CAPITAL}) as has_capital, ({_SMALL}) as has_small, ({_TITLE}) as has_title"
_LENGTHS = (
    "select l, sum(n) over (order by l) as up_to, sum(n) over () as n_all "
    "from (select length(t) as l, sum(n) as n from v group by 1)"
)
FLAGS = {
    "n_empty": "t = ''",
    "n_blank": _IS_BLANK,
    "n_padded": f"({_IS_PADDED}) and not {_IS_BLANK}",
    "n_control": _has(r"[\x00-\x1f\x7f-\x{9f}]"),
    "n_multiline": "contains(t, chr(10)) or contains(t, chr(13))",
    "n_non_ascii": "not plain",
    "n_upper": "has_capital and not has_small and not has_title",
    "n_lower": "has_small and not has_capital and not has_title",
    "n_with_letters": _LETTERS,
    "n_with_digits": _has("[0-9]"),
    "n_with_punctuation": _has(r"[\p{P}\p{S}]"),
    "n_digits_only": f"regexp_full_match(t, {literal('[0-9]+')})",
    "n_number_like": f"regexp_full_match(t, {literal(_NUMBER)})",
    "n_date_like": f"regexp_full_match(t, {literal(_DATE)})",
}
"""What is counted of a text `t` with its facets, as SQL."""


@contextmanager
def counted_texts(
    engine: DuckEngine, source: str, columns: Sequence[ColumnProfile]
) -> Iterator[dict[str, str]]:
    """Count the values of texts that repeat in big tables once, for all who ask.

    Yields
    ------
    dict
        By the query that counts the values of a column, the query that reads the counts.
    """
    stored: dict[str, str] = {}
    for i, profile in enumerate(columns):
        column = Column(profile.column_name, profile.data_type, profile.position)
        if profile.n_rows >= MANY_ROWS and repeats(profile):
            query = values_sql(column, source, is_grouped=True)
            engine.execute(f"create or replace temp table dsp_texts_{i} as {query}")
            stored[query] = f"from temp.dsp_texts_{i}"
    try:
        yield stored
    finally:
        for read in stored.values():
            engine.execute(f"drop table if exists {read.removeprefix('from ')}")


def reading(query: str, stored: Mapping[str, str]) -> str:
    """Return a query that reads the counts of values where they are stored."""
    for counting, read in stored.items():
        if counting in query:
            return query.replace(counting, read)
    return query


def text_profiles(
    engine: DuckEngine,
    source: str,
    columns: Sequence[ColumnProfile],
    stored: Mapping[str, str],
) -> Iterator[TextProfile]:
    """Yield lengths, characters and words of every column of texts, all exact.

    Quantiles of lengths are the discrete ones. White space is blank, tab, line and page
    breaks and the no-break blank; a text is in upper case when it has capitals and no
    small letters.

    References
    ----------
    Classes of characters: Unicode general categories, as RE2 knows them.
    """
    for profile in columns:
        column = Column(profile.column_name, profile.data_type, profile.position)
        query = _profile_query(column, source, is_grouped=repeats(profile))
        figures = engine.sql(reading(query, stored)).to_pylist()[0]
        n = figures["n_values"]
        yield TextProfile(
            column_name=profile.column_name,
            **figures,
            reason=None if n else "no values",
            profile_sql=query,
        )


def text_patterns(
    engine: DuckEngine,
    source: str,
    columns: Sequence[ColumnProfile],
    stored: Mapping[str, str],
) -> Iterator[TextPattern]:
    """Yield the most frequent patterns of every column of texts.

    Capitals are written A, other letters a, digits 9 and all else as it is; where that
    leaves more than `MOST_SHAPES` patterns, runs are written A+, a+ and 9+. Of columns
    with many values only those whose hash is divisible are looked at, which is said.
    """
    for profile in columns:
        column = Column(profile.column_name, profile.data_type, profile.position)
        every = 1
        if profile.n_distinct > 2 * SAMPLE_VALUES:
            every = profile.n_distinct // SAMPLE_VALUES
        shapes = _shapes(column, source, every=every, is_grouped=repeats(profile))
        n_shapes = f"(select count(*) from (from shapes limit {MOST_SHAPES + 1}))"
        query = (
            f"{shapes}, runs as ({_collapsed('shapes')})\n"
            f"(select false, *, {n_shapes} <= {MOST_SHAPES} from {_ranked('shapes')})"
            f" union all (select true, *, {n_shapes} > {MOST_SHAPES} "
            f"from {_ranked('runs')})"
        )
        rows = engine.rows(reading(query, stored))
        chosen = sorted((r for r in rows if r[-1]), key=lambda r: (-r[2], r[1]))
        for rank, (is_collapsed, pattern, n, example, n_all, _) in enumerate(chosen, 1):
            listed = _collapsed("shapes") if is_collapsed else "from shapes"
            yield TextPattern(
                column_name=profile.column_name,
                rank=rank,
                pattern=pattern,
                is_collapsed=is_collapsed,
                n_rows=n,
                fraction=n / n_all,
                n_values=n_all,
                is_sampled=every > 1,
                example=example,
                profile_sql=f"{shapes}\nselect pattern, n_rows, example from ({listed})\n"
                f"order by n_rows desc, pattern\nlimit {MOST_PATTERNS}",
            )


def repeats(profile: ColumnProfile) -> bool:
    """Tell whether it pays to look at each value once, and not at each row."""
    return 4 * profile.n_distinct <= profile.n_rows - profile.n_null


def values_sql(column: Column, source: str, *, is_grouped: bool, where: str = "") -> str:
    """Return a query of texts `t` and how many rows `n` have each."""
    text = column.text
    picked = f"from {source} where {column.sql} is not null{where}"
    if is_grouped:
        return f"select {text} as t, count(*) as n {picked} group by 1"
    return f"select {text} as t, 1 as n {picked}"


def _profile_query(column: Column, source: str, *, is_grouped: bool) -> str:
    values = values_sql(column, source, is_grouped=is_grouped)
    counted = "cast(sum({}) as bigint)" if is_grouped else "count(*)"
    terms = [f"coalesce({counted.format('n')}, 0) as n_values"]
    for name, sql in FLAGS.items():
        flag = f"sum(n) filter (where {sql})" if is_grouped else f"count_if({sql})"
        terms.append(f"cast(coalesce({flag}, 0) as bigint) as {name}")
    times, n = ("* n", "sum(n)") if is_grouped else ("", "count(*)")
    terms += [
        "min(l) as length_min",
        f"sum(l {times}) / {n} as length_mean",
        *(
            f"{_quantile(share, is_grouped=is_grouped)} as length_q{share}"
            for share in (50, 95)
        ),
        "max(l) as length_max",
        f"sum(words {times}) / {n} as words_mean",
        "max(words) as words_max",
    ]
    listed = ",\n    ".join(terms)
    lengths = f",\nc as ({_LENGTHS})" if is_grouped else ""
    return (
        f"with v as (\n    {values}\n){lengths}\nselect\n    {listed}\n"
        f"from (select *, {_CASES}\n    from (select *, {_FACETS} from v))"
    )


def _quantile(share: int, *, is_grouped: bool) -> str:
    """Return SQL of a discrete quantile of the lengths."""
    if not is_grouped:
        return f"quantile_disc(l, 0.{share})"
    return f"(select min(l) from c where up_to * 100 >= {share} * n_all)"


def _shapes(column: Column, source: str, *, every: int, is_grouped: bool) -> str:
    shape = f"left(t, {LONGEST})"
    for pattern, mark in _CLASSES:
        shape = f"regexp_replace({shape}, {literal(pattern)}, '{mark}', 'g')"
    rest = f"case when length(t) > {LONGEST} then '…' else '' end"
    values = values_sql(column, source, is_grouped=is_grouped)
    where = f" where hash(t) % {every} = 0" if every > 1 else ""
    return (
        f"with v as (\n    {values}\n),\nshapes as (\n    select {shape} || {rest} as "
        "pattern, cast(sum(n) as bigint) as n_rows, min(left(t, 200)) as example\n"
        f"    from v{where} group by 1\n)"
    )


def _collapsed(shapes: str) -> str:
    run = "pattern"
    for pattern, mark in _RUNS:
        run = f"regexp_replace({run}, '{pattern}', '{mark}', 'g')"
    return (
        f"select {run} as pattern, cast(sum(n_rows) as bigint) as n_rows, "
        f"min(example) as example from {shapes} group by 1"
    )


def _ranked(shapes: str) -> str:
    return (
        f"(select *, cast(sum(n_rows) over () as bigint) as n_all from {shapes} "
        f"order by n_rows desc, pattern limit {MOST_PATTERNS})"
    )
