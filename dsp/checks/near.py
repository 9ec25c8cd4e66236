"""Texts that are nearly the same: folded, and within one or two edits of each other.

Two texts that differ by `n` edits become equal when at most `n` letters are dropped from
each: only texts that share such a shorter text are compared letter by letter. This finds
every pair, and costs what the shorter texts cost.
"""

from __future__ import annotations

from collections.abc import Sequence

from dsp.engine.relation import Relation

SHORTEST, LONGEST = 5, 60
"""Letters of texts whose typos are looked for."""
MOST_KEYS = {1: 100_000, 2: 5_000}
"""Different texts among which typos are looked for, by edits."""
ROWS = 10


def written(columns: Sequence[str]) -> str:
    """Return SQL of several columns as one text; null when one of them is."""
    return " || ' ' || ".join(f"cast({column} as varchar)" for column in columns)


def folded(text: str) -> str:
    """Return SQL of a text in lower case, without accents, blanks and marks."""
    return f"regexp_replace(lower(strip_accents({text})), '[^\\pL\\pN]+', '', 'g')"


def count_near(relation: Relation, key: str, text: str, edits: int) -> str:
    """Return the query that counts rows whose text is nearly a more frequent one.

    Parameters
    ----------
    relation
        The table.
    key, text
        SQL of the folded text and of the text.
    edits
        Letters that may differ, 1 or 2.
    """
    steps = _worse(relation, key, text, edits)
    return f"{steps}\nselect coalesce(sum(n), 0) as n_failed from worse"


def near_rows(relation: Relation, key: str, text: str, edits: int) -> str:
    """Return the query of the first rows whose text is nearly a more frequent one."""
    steps = _worse(relation, key, text, edits)
    return (
        f"{steps}\nselect dsp_row_number from {relation.numbered} as t "
        f"where {key} is not null and {text} in (select x from worse) "
        f"order by 1 limit {ROWS}"
    )


def _shorter(text: str) -> str:
    drop = f"lambda i: left({text}, i - 1) || substr({text}, i + 1)"
    places = f"range(1, cast(length({text}) as bigint) + 1)"
    return f"list_transform({places}, {drop})"


def _worse(relation: Relation, key: str, text: str, edits: int) -> str:
    """Return the steps to `worse`: texts that are nearly another, with their rows."""
    variants = f"list_append({_shorter('k')}, k)"
    if edits > 1:
        again = _shorter("v").replace("lambda i", "lambda j").replace("i -", "j -")
        again = again.replace("i +", "j +")
        variants = (
            f"flatten(list_transform({variants}, lambda v: list_append({again}, v)))"
        )
    return f"""with texts as materialized (
    select {key} as k, {text} as x, count(*) as n
    from {relation.sql} as t where {key} is not null group by all
),
keys as (
    select k, sum(n) as n, regexp_replace(k, '[^0-9]+', '', 'g') as digits
    from texts group by k having length(k) between {SHORTEST} and {LONGEST}
),
variants as (
    select distinct k, n, digits, unnest({variants}) as v from keys
),
near as (
    select distinct a.k
    from variants as a join variants as b on a.v = b.v and a.digits = b.digits
    where a.k <> b.k and (b.n > a.n or (b.n = a.n and b.k < a.k))
        and damerau_levenshtein(a.k, b.k) <= {edits}
),
ranked as (
    select k, x, n, row_number() over (partition by k order by n desc, x) as place
    from texts
),
worse as (
    select x, n from ranked where place > 1 or k in (select k from near)
)"""
