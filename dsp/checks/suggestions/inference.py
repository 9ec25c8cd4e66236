"""From a table to rules that are likely to hold on new data of the same source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from typing import Any

from dsp.checks.base import Field
from dsp.checks.rule import rule
from dsp.checks.rules.column_type import FAMILIES
from dsp.checks.suggestions import keys, pairs, texts, values
from dsp.checks.suggestions.bulk import bulk
from dsp.checks.suggestions.ranges import lengths, ranges
from dsp.checks.suggestions.record import Seen, Suggestion
from dsp.checks.suggestions.summaries import Blocks, Measure, divisions
from dsp.checks.suggestions.words import Words
from dsp.engine import engine_for
from dsp.engine.relation import Figures, Relation
from dsp.events import Tick, no_tick

SAMPLE = 2_000
"""Rows from all over the table that may refute a guess."""
LEAST = 20
"""Rows below which only columns and types are proposed."""
FEW = 120
"""Different values, roughly counted, up to which all are counted by blocks."""
VARIED = 50
"""Different texts, roughly counted, below which their lengths are not learned."""
BOUNDED = ("integer", "decimal", "float", "date", "timestamp")


def suggest(
    table: Any, *, today: date | None = None, tick: Tick = no_tick
) -> tuple[Suggestion, ...]:
    """Return rules that a table keeps, and that new data of its source should keep.

    What has parameters is learned on some blocks of rows and tested on others, in the
    order of the rows, in the order of time and at random; only what holds on all of them
    is proposed.

    Parameters
    ----------
    table
        An `ibis.Table`.
    today
        The day (UTC) of the proposal; the current one when None.
    tick
        Called between units of work.

    Returns
    -------
    tuple
        Suggestions: those of columns first, then of the table, then between columns.
        The same table gives the same ones.
    """
    engine = engine_for(table)
    relation = Relation.of(table, engine)
    seen, pairs_found, triples, risen = _counted(
        relation, today or datetime.now(UTC).date(), tick
    )
    found = [s for column in seen.columns for s in _of_column(seen, column, risen)]
    found += _of_table(seen)
    if seen.n_rows >= LEAST:
        found += _between(seen, pairs_found, triples, risen)
    return _in_file_order(found)


def _counted(relation: Relation, today: date, tick: Tick) -> tuple[Any, ...]:
    """Count all that proposals need, in few scans."""
    figures = Figures(relation, tick=tick)
    columns = relation.columns
    figures.ask(["count(*)", *(f"count({c.sql})" for c in columns)])
    figures.ask(
        f"approx_count_distinct({c.sql})" for c in columns if c.family != "nested"
    )
    n_rows = int(figures.get("count(*)") or 0)
    sample = _sample(relation, n_rows)
    bounded = [c for c in columns if c.family in BOUNDED]
    arrays = {c.name: pairs.numbers(sample[c.name]) for c in bounded}
    ordered = pairs.ordered_pairs(bounded, arrays)
    triples = pairs.sums_of(bounded, arrays)
    time = next((c.name for c in bounded if c.is_temporal), None)
    division = divisions(relation, n_rows, time) if n_rows >= LEAST else {}
    blocks, words = Blocks(tuple(division)), Words()
    seen = Seen(relation, n_rows, figures, blocks, words, sample, today)
    if not division:
        return seen, (), (), {}
    blocks.add(relation, division, _measures(columns, ordered))
    words.add(relation, division, _items(seen))
    figures.ask(_proofs(seen, triples))
    return seen, ordered, triples, _steps(seen)


def _measures(
    columns: Sequence[Field], ordered: Sequence[tuple[Field, Field]]
) -> list[Measure]:
    found = []
    for c in columns:
        if c.family in BOUNDED:
            found.append(Measure((c.name,), _double(c)))
        else:
            missing = f"cast(({c.sql} is null) as integer)::double"
            found.append(Measure(("missing", c.name), missing))
        if c.family == "text":
            found.append(Measure(("length", c.name), f"length({c.sql})::double"))
    for a, b in ordered:
        key = ("difference", a.name, b.name)
        found.append(Measure(key, f"({_double(b)} - {_double(a)})"))
    return found


def _items(seen: Seen) -> dict[str, str]:
    """Return what is counted by value: columns of few values, shapes of texts."""
    found = {}
    for c in seen.columns:
        n = seen.count(f"approx_count_distinct({c.sql})")
        if n <= FEW and c.family in ("text", "enum", "integer", "boolean"):
            found[c.name] = values.value_sql(c)
        elif c.family == "text":
            sample = [v for v in seen.sample[c.name] if v is not None]
            if sample and not texts.is_free_text(sample):
                found[texts.shape_key(c)] = texts.shape_sql(c)
    return found


def _proofs(seen: Seen, triples: Sequence[tuple[Field, ...]]) -> Iterator[str]:
    """Yield the aggregates of all rows that prove what the sample leaves open."""
    for c in seen.columns:
        if c.family == "text":
            yield from texts.flags(c).values()
            yield from (f"{end}(cast({c.sql} as varchar))" for end in ("min", "max"))
            for name in texts.semantic_types(seen, c):
                yield texts.semantic_flag(c, name)
    for a, b, c in triples:
        yield pairs.off_sql(a, b, c)
    for column in keys.near_unique(seen):
        yield keys.distinct_sql([column])
    for first, second in keys.key_pairs(seen):
        yield keys.distinct_sql([first, second])
    for first, second in keys.determined(seen):
        yield keys.distinct_sql([first])
        yield keys.distinct_sql([first, second])
    if not any(c.family == "nested" for c in seen.columns):
        yield keys.rows_sql(seen)


def _steps(seen: Seen) -> dict[str, tuple[int, int]]:
    """Return falls and repetitions of the columns that may rise from row to row."""
    columns = keys.rising(seen)
    if not columns:
        return {}
    query = keys.steps_sql(columns, seen.relation.sql)
    row = seen.relation.engine.rows(query)[0]
    return {c.name: (row[2 * i], row[2 * i + 1]) for i, c in enumerate(columns)}


def _of_column(
    seen: Seen, column: Field, risen: dict[str, tuple[int, int]]
) -> Iterator[Suggestion]:
    n = seen.n_values(column)
    if n and column.family in (*FAMILIES, "decimal", "float"):
        numeric = column.family in ("decimal", "float")
        kind = "number" if numeric else column.family
        yield Suggestion(rule("column_type", column.name, type=kind), f"all {n:,} values")
    if seen.n_rows < LEAST:
        return
    yield from values.missing(seen, column)
    yield from values.variety(seen, column)
    if column.family in ("nested", "binary", "json", "other", "time"):
        return
    closed = values.closed(seen, column)
    if closed is not None and column.family != "boolean":
        yield values.lists(seen, column, *closed)
    if closed is not None:
        yield from values.shares(seen, column)
    if column.family in BOUNDED:
        yield from _of_numbers(seen, column, risen, is_closed=closed is not None)
    elif column.family == "text":
        yield from _of_texts(seen, column, is_closed=closed is not None)


def _of_numbers(
    seen: Seen, column: Field, risen: dict[str, tuple[int, int]], *, is_closed: bool
) -> Iterator[Suggestion]:
    is_rising = risen.get(column.name, (1, 1))[0] == 0
    found = [] if is_closed else list(ranges(seen, column, is_rising=is_rising))
    yield from found
    is_open = not any({"min", "max"} <= set(s.rule.parameters) for s in found)
    if is_open and not (is_closed or is_rising or column.is_temporal):
        yield from bulk(seen, column)
    if column.is_temporal:
        yield from _dates(seen, column)
    elif not is_rising and not is_closed:
        yield from values.means(seen, column, (column.name,))


def _dates(seen: Seen, column: Field) -> Iterator[Suggestion]:
    """Propose that dates do not lie in the future, and that no usual stand-in is met."""
    whole = seen.blocks.all((column.name,))
    midnight = datetime(
        seen.today.year, seen.today.month, seen.today.day, tzinfo=UTC
    ).timestamp()
    if whole.n >= LEAST and whole.high[0] < midnight + 86_400:
        yield Suggestion(
            rule("not_in_future", column.name, days=1),
            f"0 of {whole.n:,} dates lie after {seen.today.isoformat()}",
        )
        yield from _fresh(column, midnight + 86_400 - whole.high[0], whole)


def _fresh(column: Field, age: float, whole: Any) -> Iterator[Suggestion]:
    """Propose freshness where the data reaches up to the day of the proposal.

    The latest date is then younger than a tenth of what the data spans, and three times
    its age is allowed.
    """
    span = whole.high[0] - whole.low[0]
    days = max(1, round(age / 86_400))
    if age < 0.1 * span and age <= 35 * 86_400:
        yield Suggestion(
            rule("fresh", column.name, max_age=f"{3 * days + 1} days"),
            f"the latest of {whole.n:,} dates was {days} days old",
        )


def _of_texts(seen: Seen, column: Field, *, is_closed: bool) -> Iterator[Suggestion]:
    if is_closed:
        return
    yield from texts.tidy(seen, column)
    semantic = list(texts.semantics(seen, column))
    yield from semantic
    found = [] if semantic else list(texts.patterns(seen, column))
    yield from found
    # Rows that repeat a few texts say nothing on the length of the next text.
    if seen.count(f"approx_count_distinct({column.sql})") >= VARIED:
        yield from lengths(seen, column)
        yield from values.means(seen, column, ("length", column.name))


def _of_table(seen: Seen) -> Iterator[Suggestion]:
    names = [c.name for c in seen.columns]
    if names:
        yield Suggestion(
            rule("columns", names=names, ordered=True), f"the {len(names):,} columns"
        )
    yield from keys.repeated_rows(seen)


def _between(
    seen: Seen,
    ordered: Sequence[tuple[Field, Field]],
    triples: Sequence[tuple[Field, ...]],
    risen: dict[str, tuple[int, int]],
) -> Iterator[Suggestion]:
    yield from keys.keys(seen, risen)
    yield from keys.order_of_rows(seen, risen)
    yield from pairs.orders(seen, ordered)
    yield from pairs.sums(seen, triples)
    yield from keys.dependencies(seen)


def _in_file_order(found: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
    """Return suggestions as a rules file lists them: columns, table, between columns."""

    def place(suggestion: Suggestion) -> int:
        n = len(suggestion.rule.columns)
        return 0 if n == 1 and suggestion.rule.kind not in LISTED else 1 if n == 0 else 2

    order: dict[str, int] = {}
    kinds: dict[tuple[str, ...], int] = {}
    for suggestion in found:
        for name in suggestion.rule.columns[:1]:
            order.setdefault(name, len(order))
        kinds.setdefault((suggestion.rule.kind, *suggestion.rule.columns), len(kinds))
    return tuple(
        sorted(
            found,
            key=lambda s: (
                place(s),
                order.get(s.rule.columns[0], 0) if place(s) == 0 else 0,
                # Rules of one kind on one column stand together: one key holds them.
                kinds[s.rule.kind, *s.rule.columns] if place(s) == 0 else 0,
            ),
        )
    )


LISTED = ("adds_up", "determines")
"""Kinds of one column and others beside it, which are written as a list."""


def _sample(relation: Relation, n_rows: int) -> dict[str, list[Any]]:
    step = max(1, n_rows // SAMPLE)
    items = ", ".join(
        f"left({c.sql}, 200) as {c.sql}"
        if c.family == "text"
        else f"{_double(c) if c.family in BOUNDED else c.sql} as {c.sql}"
        for c in relation.columns
        if c.family not in ("nested", "binary")
    )
    if not items:
        return {}
    query = (
        f"select {items} from {relation.numbered} as t "
        f"where dsp_row_number % {step} = 0 order by dsp_row_number"
    )
    found = relation.engine.sql(query)
    return {name: found.column(name).to_pylist() for name in found.column_names}


def _double(column: Field) -> str:
    if column.is_temporal:
        return f"case when isfinite({column.sql}) then epoch({column.sql}) end::double"
    if column.family == "float":
        finite = f"case when isfinite({column.sql}) then {column.sql} end"
        return f"cast({finite} as double)"
    return f"cast({column.sql} as double)"
